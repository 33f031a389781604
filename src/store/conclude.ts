import type { Database as Connection } from 'better-sqlite3';
import { newsDesk } from './news.ts';
import { MOVED_SCAN } from './past.ts';
import { stagingTable } from './staging.ts';
import { spotChecks, suspect } from './log-nights.ts';
import { decidingAt, type Deciding, type Judge, type ReadingFacts } from './statements.ts';
import type { ClassCounts } from './rows.ts';

/** What is stored of an observation, before it is concluded about. */
export interface Candidate {
  id: number;
  native: string;
  state: 'present' | 'unverified' | 'gone';
  place: string;
  app: string;
  holder: string | null;
  /** Its kind, as it was before. */
  sort: string;
}

const CANDIDATE = `o.id, o.native_id AS native, o.state, o.scope AS place, o.app_id AS app, o.principal_id AS holder, o.kind AS sort`;
/** Rows that leave the database at a time: a night on which everything changed costs time, and no memory. */
const PAGE = 1_000;

/** Entries of these classes are written down; what appeared is told by `first_scan`, and what persists is not news. */
const WRITTEN = new Set(['returned', 'changed', 'gone', 'unverified', 'verified', 'reader_changed']);

/**
 * Turns what a reading staged into present state. Only keys that are new, missing or of another fingerprint leave the
 * database; the rest of a million unchanged rows costs one comparison of integers each.
 * Runs inside the caller's transaction.
 */
export function concludeReading(database: Connection, reading: ReadingFacts, judge: Judge): ClassCounts {
  const staged = stagingTable(reading.id);
  database.exec(`CREATE INDEX ${staged}_known ON ${staged} (observation_id)`);
  const work: Work = {
    database,
    reading,
    judge,
    staged,
    spots: spotChecks(database, reading.id, staged),
    ...entriesOf(database, reading, staged),
  };
  // By what an app was taken for: a fact that is seen may be of another app from now on.
  moveVolatile(work);
  concludeSeen(work);
  // A log resolves nothing, and keeps events for ever.
  if (reading.mode === 'inventory') concludeMissing(work);
  concludeNew(work);
  database.exec(`DROP TABLE ${staged}`);
  return work.counts;
}

/** What the steps of a conclusion share. */
interface Work {
  database: Connection;
  reading: ReadingFacts;
  judge: Judge;
  /** The table that the reading staged into. */
  staged: string;
  spots: ReturnType<typeof spotChecks>;
  counts: ClassCounts;
  count(entry: string | undefined, by?: number): void;
  /** Writes the verdict about something that is stored, and that it is news where it is. */
  apply(candidate: Candidate, verdict: ReturnType<Judge['conclude']>): void;
}

function entriesOf(database: Connection, reading: ReadingFacts, staged: string): Pick<Work, 'counts' | 'count' | 'apply'> {
  const move = database.prepare('UPDATE observation SET state = ?, state_scan = ? WHERE id = ?');
  const write = database.prepare('INSERT INTO diff_entry (scan_id, observation_id, class, state) VALUES (?, ?, ?, ?)');
  const tell = newsDesk(database, reading.collector_id);
  tell.staged(staged);
  const counts: ClassCounts = {};
  const count = (entry: string | undefined, by = 1): void => {
    if (entry && by > 0) counts[entry] = (counts[entry] ?? 0) + by;
  };
  const apply: Work['apply'] = (candidate, { after, entry }) => {
    const moved = after !== candidate.state;
    if (moved) {
      move.run(after, reading.scan_id, candidate.id);
      tell.moved(candidate);
    }
    const news = moved || entry === 'changed' || entry === 'reader_changed';
    if (entry && news && WRITTEN.has(entry)) write.run(reading.scan_id, candidate.id, entry, after);
    count(entry);
  };
  return { counts, count, apply };
}

/** Seen before, and now different, or back from gone or unverified. A page read twice stages a key twice: the last one counts. */
function concludeSeen({ database, reading, judge, staged, spots, count, apply }: Work): void {
  const scan = reading.scan_id;
  const keepOld = database.prepare(
    'INSERT INTO observation_version (observation_id, until_scan, from_scan, fingerprint, body) SELECT id, ?, body_scan, fingerprint, body FROM observation WHERE id = ? AND body_scan < ?',
  );
  const moveBody = database.prepare(
    'UPDATE observation SET thing = ?, kind = ?, scope = ?, app_id = ?, principal_id = ?, fingerprint = ?, body = ?, body_scan = ? WHERE id = ?',
  );
  const different = database.prepare(
    `SELECT ${CANDIDATE}, s.* FROM ${staged} s JOIN observation o ON o.id = s.observation_id
     WHERE s.observation_id > ? AND (s.body IS NOT NULL OR o.state <> 'present')
       AND s.rowid = (SELECT max(t.rowid) FROM ${staged} t WHERE t.observation_id = s.observation_id)
     ORDER BY s.observation_id LIMIT ${PAGE}`,
  );
  const bodyOf = database.prepare('SELECT body FROM observation WHERE id = ?').pluck();
  const readerChanged = reading.reader_changed === 1;
  let judged = 0;
  for (const row of paged<Candidate & StagedRow>((last) => different.all(last?.id ?? 0))) {
    judged++;
    const changed = row.body !== null;
    const place = row.scope ?? row.place;
    if (spots.holds(place) && (row.state === 'gone' || (changed && !judge.isRenamed(String(bodyOf.get(row.id)), row.body!))))
      spots.differs(place);
    const verdict = judge.conclude({ before: row.state, seen: true, changed, deciding: 'none', mode: reading.mode, readerChanged });
    if (changed) {
      keepOld.run(scan, row.id, scan);
      moveBody.run(row.thing, row.kind, row.scope, row.app_id, row.principal_id, row.fingerprint, row.body, scan, row.id);
    }
    apply(row, verdict);
  }
  const known = database.prepare(`SELECT count(DISTINCT observation_id) FROM ${staged}`).pluck();
  count('persisting', Number(known.get()) - judged);
}

/** Neither seen nor known to be gone. What decides is asked once for each place. */
function concludeMissing({ database, reading, judge, staged, spots, apply }: Work): void {
  const missing = database.prepare(
    `SELECT ${CANDIDATE} FROM observation o
     WHERE o.collector_id = ? AND o.native_id > ? AND o.state <> 'gone' AND NOT EXISTS (SELECT 1 FROM ${staged} s WHERE s.observation_id = o.id)
     ORDER BY o.native_id LIMIT ${PAGE}`,
  );
  const deciding = decidingAt(database, reading, judge);
  const readerChanged = reading.reader_changed === 1;
  const concludeWhere = (which: (decided: Deciding) => boolean): void => {
    for (const row of paged<Candidate>((last) => missing.all(reading.collector_id, last?.native ?? ''))) {
      const decided = deciding(row.place);
      if (!which(decided)) continue;
      if (decided === 'covered') spots.differs(row.place);
      const facts = { before: row.state, seen: false, changed: false, deciding: decided, mode: reading.mode, readerChanged };
      apply(row, judge.conclude(facts));
    }
  };
  // What a place that was read by chance looks like decides whether the log is believed about the others.
  concludeWhere((decided) => decided === 'covered');
  if (reading.sweep === 1) suspect(database, reading.id, spots.differing);
  else if (spots.differing.size > 0) deciding.withdraw();
  concludeWhere((decided) => decided !== 'covered');
}

/** Never seen before. One verdict serves all of them, so they need not leave the database. */
function concludeNew({ database, reading, judge, staged, count }: Work): void {
  const scan = reading.scan_id;
  const readerChanged = reading.reader_changed === 1;
  const fresh = judge.conclude({ before: 'absent', seen: true, changed: false, deciding: 'none', mode: reading.mode, readerChanged });
  // Keys are sorted without their bodies: the index grows in order, and memory stays flat.
  const inserted = database
    .prepare(
      `INSERT INTO observation (collector_id, native_id, thing, kind, scope, app_id, principal_id, state, first_scan, state_scan, body_scan, fingerprint, body, volatile, volatile_scan)
       SELECT ?, s.native_id, s.thing, s.kind, s.scope, s.app_id, s.principal_id, ?, ?, ?, ?, s.fingerprint, s.body, s.volatile, ?
       FROM (SELECT native_id, max(rowid) AS last FROM ${staged} WHERE observation_id IS NULL GROUP BY native_id) AS k
       CROSS JOIN ${staged} s ON s.rowid = k.last`,
    )
    .run(reading.collector_id, fresh.after, scan, scan, scan, scan);
  count(fresh.entry, inserted.changes);
}

/** AI, and whatever was found: of anything else nobody asks how it moved. */
const KEEPS_WHAT_MOVED = `EXISTS (SELECT 1 FROM collector c WHERE c.id = o.collector_id AND (
    EXISTS (SELECT 1 FROM integration i WHERE i.tenant = c.tenant AND i.connector = c.connector AND i.account = c.account AND i.app_id = o.app_id
      AND i.verdict IN ('ai', 'ai_feature', 'suspected'))
    OR EXISTS (SELECT 1 FROM finding f INDEXED BY finding_of_app WHERE f.app_id = o.app_id AND f.tenant = c.tenant AND f.connector = c.connector AND f.account = c.account)))`;

/** Of a key that was staged twice the last word counts, also when it is that nothing is said any more. */
function moveVolatile({ database, reading, staged }: Work): void {
  const moved = `s.observation_id = o.id AND s.moved = 1
    AND s.rowid = (SELECT max(t.rowid) FROM ${staged} t WHERE t.observation_id = s.observation_id)`;
  const scan = reading.scan_id;
  database
    .prepare(
      `INSERT INTO volatile_version (observation_id, until_scan, from_scan, volatile)
       SELECT o.id, @scan, ${MOVED_SCAN}, o.volatile FROM ${staged} s CROSS JOIN observation o
       WHERE ${moved} AND o.volatile IS NOT NULL AND ${MOVED_SCAN} < @scan AND ${KEEPS_WHAT_MOVED}`,
    )
    .run({ scan });
  database.prepare(`UPDATE observation AS o SET volatile = s.volatile, volatile_scan = ? FROM ${staged} s WHERE ${moved}`).run(scan);
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
