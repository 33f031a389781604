import type { Database as Connection } from 'better-sqlite3';
import { newsDesk } from './news.ts';
import type { ClassCounts, Reading } from './rows.ts';

/** How presence is concluded. The rules are src/scan's; the store only finds the candidates. */
export interface Judge {
  conclude(facts: {
    before: 'present' | 'unverified' | 'gone' | 'absent';
    seen: boolean;
    changed: boolean;
    deciding: 'covered' | 'unchanged' | 'gap' | 'none';
    mode: 'inventory' | 'log';
    readerChanged: boolean;
  }): { after: 'present' | 'unverified' | 'gone'; entry: string | undefined };
  /** The most specific statement about a place, given how to look up what was said at one scope. */
  said(place: string, lookup: (scope: string) => Said | undefined): Said | 'none';
  /** What that statement is worth, given what decided last. */
  worth(said: Said | 'none', last: () => Last | undefined): Said | 'none';
}

type Said = 'covered' | 'unchanged' | 'gap';
interface Last {
  said: Said | 'none';
  at: Date;
}

interface ReadingFacts {
  id: number;
  scan_id: number;
  collector_id: number;
  mode: 'inventory' | 'log';
  reader_changed: number;
  sweep: number;
}

/** What is stored of an observation, before it is concluded about. */
export interface Candidate {
  id: number;
  native: string;
  state: 'present' | 'unverified' | 'gone';
  place: string;
  app: string;
  holder: string | null;
  context: number;
}

const CANDIDATE = `o.id, o.native_id AS native, o.state, o.scope AS place, o.app_id AS app, o.principal_id AS holder,
  o.kind IN ('identity', 'control') AS context`;
/** Rows that leave the database at a time: a night on which everything changed costs time, and no memory. */
const PAGE = 1_000;

/** Entries of these classes are written down; what appeared is told by `first_scan`, and what persists is not news. */
const WRITTEN = new Set(['returned', 'changed', 'gone', 'unverified', 'verified', 'reader_changed']);

export function stagingTable(readingId: number): string {
  return `staged_${readingId}`;
}

/**
 * Turns what a reading staged into present state. Only keys that are new, missing or of another fingerprint leave the
 * database; the rest of a million unchanged rows costs one comparison of integers each.
 * Runs inside the caller's transaction.
 */
export function concludeReading(database: Connection, reading: ReadingFacts, judge: Judge): ClassCounts {
  const staged = stagingTable(reading.id);
  const counts: ClassCounts = {};
  const count = (entry: string | undefined, by = 1): void => {
    if (entry && by > 0) counts[entry] = (counts[entry] ?? 0) + by;
  };
  const readerChanged = reading.reader_changed === 1;
  const scan = reading.scan_id;
  database.exec(`CREATE INDEX ${staged}_known ON ${staged} (observation_id)`);

  const moveState = database.prepare('UPDATE observation SET state = ?, state_scan = ? WHERE id = ?');
  const keepOld = database.prepare(
    'INSERT INTO observation_version (observation_id, until_scan, from_scan, fingerprint, body) SELECT id, ?, body_scan, fingerprint, body FROM observation WHERE id = ? AND body_scan < ?',
  );
  const moveBody = database.prepare(
    'UPDATE observation SET thing = ?, kind = ?, scope = ?, app_id = ?, principal_id = ?, fingerprint = ?, body = ?, body_scan = ? WHERE id = ?',
  );
  const write = database.prepare('INSERT INTO diff_entry (scan_id, observation_id, class, state) VALUES (?, ?, ?, ?)');

  const tell = newsDesk(database, reading.collector_id);
  tell.staged(staged);

  function apply(candidate: Candidate, verdict: { after: string; entry: string | undefined }): void {
    if (verdict.after !== candidate.state) {
      moveState.run(verdict.after, scan, candidate.id);
      tell.moved(candidate);
    }
    const news = verdict.after !== candidate.state || verdict.entry === 'changed' || verdict.entry === 'reader_changed';
    if (verdict.entry && news && WRITTEN.has(verdict.entry)) write.run(scan, candidate.id, verdict.entry, verdict.after);
    count(verdict.entry);
  }

  // Seen before, and now different, or back from gone or unverified. A page read twice stages a key twice: the last one counts.
  const different = database.prepare(
    `SELECT ${CANDIDATE}, s.* FROM ${staged} s JOIN observation o ON o.id = s.observation_id
     WHERE s.observation_id > ? AND (s.body IS NOT NULL OR o.state <> 'present')
       AND s.rowid = (SELECT max(t.rowid) FROM ${staged} t WHERE t.observation_id = s.observation_id)
     ORDER BY s.observation_id LIMIT ${PAGE}`,
  );
  const known = database.prepare(`SELECT count(DISTINCT observation_id) FROM ${staged}`).pluck();
  const spots = spotChecks(database, reading.id, staged);
  let judged = 0;
  for (const row of paged<Candidate & StagedRow>((last) => different.all(last?.id ?? 0))) {
    judged++;
    const changed = row.body !== null;
    if (changed || row.state === 'gone') spots.differs(row.scope ?? row.place);
    const verdict = judge.conclude({ before: row.state, seen: true, changed, deciding: 'none', mode: reading.mode, readerChanged });
    if (changed) {
      keepOld.run(scan, row.id, scan);
      moveBody.run(row.thing, row.kind, row.scope, row.app_id, row.principal_id, row.fingerprint, row.body, scan, row.id);
    }
    apply(row, verdict);
  }
  count('persisting', Number(known.get()) - judged);

  // Neither seen nor known to be gone. What decides is asked once for each place.
  const missing = database.prepare(
    `SELECT ${CANDIDATE} FROM observation o
     WHERE o.collector_id = ? AND o.native_id > ? AND o.state <> 'gone' AND NOT EXISTS (SELECT 1 FROM ${staged} s WHERE s.observation_id = o.id)
     ORDER BY o.native_id LIMIT ${PAGE}`,
  );
  const deciding = decidingAt(database, reading, judge);
  const concludeMissing = (which: (decided: Deciding) => boolean): void => {
    for (const row of paged<Candidate>((last) => missing.all(reading.collector_id, last?.native ?? ''))) {
      const decided = deciding(row.place);
      if (!which(decided)) continue;
      if (decided === 'covered') spots.differs(row.place);
      const facts = { before: row.state, seen: false, changed: false, deciding: decided, mode: reading.mode, readerChanged };
      apply(row, judge.conclude(facts));
    }
  };
  // What a place that was read by chance looks like decides whether the log is believed about the others.
  concludeMissing((decided) => decided === 'covered');
  if (reading.sweep === 1) suspect(database, reading.id, spots.differing);
  else if (spots.differing.size > 0) deciding.withdraw();
  concludeMissing((decided) => decided !== 'covered');

  // Never seen before. One verdict serves all of them, so they need not leave the database.
  const fresh = judge.conclude({ before: 'absent', seen: true, changed: false, deciding: 'none', mode: reading.mode, readerChanged });
  // Keys are sorted without their bodies: the index grows in order, and memory stays flat.
  const inserted = database
    .prepare(
      `INSERT INTO observation (collector_id, native_id, thing, kind, scope, app_id, principal_id, state, first_scan, state_scan, body_scan, fingerprint, body, volatile)
       SELECT ?, s.native_id, s.thing, s.kind, s.scope, s.app_id, s.principal_id, ?, ?, ?, ?, s.fingerprint, s.body, s.volatile
       FROM (SELECT native_id, max(rowid) AS last FROM ${staged} WHERE observation_id IS NULL GROUP BY native_id) AS k
       CROSS JOIN ${staged} s ON s.rowid = k.last`,
    )
    .run(reading.collector_id, fresh.after, scan, scan, scan);
  count(fresh.entry, inserted.changes);

  // Of a key that was staged twice the last word counts, also when it is that nothing is said any more.
  database.exec(
    `UPDATE observation SET volatile = s.volatile FROM ${staged} s WHERE s.observation_id = observation.id AND s.moved = 1
       AND s.rowid = (SELECT max(t.rowid) FROM ${staged} t WHERE t.observation_id = s.observation_id)`,
  );
  database.exec(`DROP TABLE ${staged}`);
  return counts;
}

/** Rows page by page, each page asked for after the last row of the one before. */
function* paged<Row>(next: (last: Row | undefined) => unknown[]): Generator<Row> {
  let last: Row | undefined;
  do {
    const rows = next(last) as Row[];
    yield* rows;
    last = rows.at(-1);
  } while (last !== undefined);
}

interface StagedRow {
  thing: string;
  kind: string;
  /** NULL where the body is. */
  scope: string | null;
  app_id: string;
  principal_id: string | null;
  fingerprint: Uint8Array;
  body: string | null;
}

/** Places that were read although the log named no change there, and those of them that differ from what is stored. */
function spotChecks(database: Connection, readingId: number, staged: string) {
  const scopes = new Set(
    database.prepare('SELECT scope FROM statement WHERE reading_id = ? AND spot_check = 1').pluck().all(readingId) as string[],
  );
  const around = (place: string): string | undefined => {
    for (let scope = place; scope !== ''; scope = scope.slice(0, Math.max(0, scope.lastIndexOf('/')))) if (scopes.has(scope)) return scope;
    return undefined;
  };
  const differing = new Set<string>();
  const differs = (place: string): void => {
    const scope = scopes.size === 0 ? undefined : around(place);
    if (scope !== undefined) differing.add(scope);
  };
  if (scopes.size > 0) {
    const fresh = database.prepare(`SELECT DISTINCT scope FROM ${staged} WHERE observation_id IS NULL`).pluck();
    for (const scope of fresh.all() as string[]) differs(scope);
  }
  return { differs, differing };
}

/** A change of the last hours may not stand in the log yet: whether it misses changes is seen on the next night. */
function suspect(database: Connection, readingId: number, scopes: ReadonlySet<string>): void {
  const insert = database.prepare('INSERT INTO suspected_place (reading_id, scope) VALUES (?, ?)');
  for (const scope of scopes) insert.run(readingId, scope);
}

/**
 * Of places that the log names nothing of, those that it cannot vouch for: no reading is left that `unchanged` could renew.
 * All of them, where the log does not even now name a place that was found to differ the last time: it misses changes.
 */
export function unvouched(
  database: Connection,
  reading: Pick<Reading, 'id' | 'collectorId'>,
  places: readonly string[],
  judge: Judge,
): string[] {
  const scanId = Number(database.prepare('SELECT scan_id FROM reading WHERE id = ?').pluck().get(reading.id));
  const suspected = database
    .prepare(
      `SELECT scope FROM suspected_place WHERE reading_id = (SELECT max(id) FROM reading WHERE collector_id = ? AND scan_id < ? AND state = 'ended')`,
    )
    .pluck()
    .all(reading.collectorId, scanId) as string[];
  const unnamed = new Set(places);
  if (suspected.some((scope) => unnamed.has(scope))) {
    database.prepare('UPDATE reading SET withdrawn = 1 WHERE id = ?').run(reading.id);
    return [...places];
  }
  const { last } = statementsOf(database, { scan_id: scanId, collector_id: reading.collectorId }, judge);
  return places.filter((place) => judge.worth('unchanged', () => last(place)) !== 'unchanged');
}

type Deciding = 'covered' | 'unchanged' | 'gap' | 'none';

/** What was said about a place, in a reading and the last time before it that something decided. */
function statementsOf(database: Connection, reading: Pick<ReadingFacts, 'scan_id' | 'collector_id'>, judge: Judge) {
  const atScope = database
    .prepare(
      `SELECT statement FROM statement WHERE reading_id = ? AND scope = ?
       ORDER BY CASE statement WHEN 'gap' THEN 0 WHEN 'covered' THEN 1 ELSE 2 END LIMIT 1`,
    )
    .pluck();
  const earlier = database
    .prepare(`SELECT id, withdrawn FROM reading WHERE collector_id = ? AND scan_id < ? AND state <> 'running' ORDER BY scan_id DESC`)
    .all(reading.collector_id, reading.scan_id) as { id: number; withdrawn: number }[];
  const statedAt = database.prepare('SELECT max(stated_at) FROM statement WHERE reading_id = ?').pluck();
  const said = (id: number, place: string) => judge.said(place, (scope) => atScope.get(id, scope) as Said | undefined);
  const last = (place: string): Last | undefined => {
    for (const { id, withdrawn } of earlier) {
      const decided = said(id, place);
      if (decided !== 'unchanged') return { said: decided, at: new Date(String(statedAt.get(id))) };
      // The log was not believed that night: what it vouched for has to be read.
      if (withdrawn === 1) return undefined;
    }
    return undefined;
  };
  return { said, last };
}

/** What decides about a place in a reading; each is asked once. */
function decidingAt(database: Connection, reading: ReadingFacts, judge: Judge) {
  const { said, last } = statementsOf(database, reading, judge);
  const stale = database.prepare('INSERT INTO stale_place (reading_id, scope) VALUES (?, ?)');
  const memory = new Map<string, Deciding>();
  let believed = true;
  const deciding = (place: string): Deciding => {
    const before = memory.get(place);
    if (before) return before;
    const spoken = said(reading.id, place);
    const decided = spoken === 'unchanged' && !believed ? 'gap' : judge.worth(spoken, () => last(place));
    memory.set(place, decided);
    // The ledger says why a place that a log vouched for counts as unread.
    if (spoken === 'unchanged' && decided === 'gap') stale.run(reading.id, place);
    return decided;
  };
  return Object.assign(deciding, {
    /** The log missed a change: nothing that it vouched for is believed, and the next reading reads everything. */
    withdraw(): void {
      believed = false;
      for (const [place, decided] of memory) if (decided === 'unchanged') memory.delete(place);
      database.prepare('UPDATE reading SET withdrawn = 1 WHERE id = ?').run(reading.id);
    },
  });
}
