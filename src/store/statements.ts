import type { Database as Connection } from 'better-sqlite3';
import type { StatementRow } from './rows.ts';

/** How presence is concluded. The rules are src/scan's; the store only finds the candidates. */
export interface Judge {
  conclude(facts: {
    before: 'present' | 'unverified' | 'gone' | 'absent';
    seen: boolean;
    changed: boolean;
    deciding: Deciding;
    mode: 'inventory' | 'log';
    readerChanged: boolean;
  }): { after: 'present' | 'unverified' | 'gone'; entry: string | undefined };
  /** The most specific statement about a place, given how to look up what was said at one scope. */
  said(place: string, lookup: (scope: string) => Said | undefined): Deciding;
  /** What that statement is worth, given what decided last. */
  worth(said: Deciding, last: () => Last | undefined): Deciding;
  /** Do two bodies differ in names alone? */
  isRenamed(before: string, after: string): boolean;
}

/** What a statement says of the places it decides. */
export type Said = StatementRow['statement'];

/** What decides about a place in a scan; `none` = nobody said anything, so it is unread. */
export type Deciding = Said | 'none';

interface Last {
  said: Deciding;
  at: Date;
  /** The reading that said it. */
  reading: number;
}

export interface ReadingFacts {
  id: number;
  scan_id: number;
  collector_id: number;
  mode: 'inventory' | 'log';
  reader_changed: number;
  sweep: number;
  state: string;
  /** 1 = a change log was asked what has to be read. */
  delta: number;
}

/** That a reading `r` left nothing unread that could have been read. */
export const WITHOUT_GAP = `NOT EXISTS (SELECT 1 FROM statement g WHERE g.reading_id = r.id AND g.statement = 'gap' AND g.by_design = 0)`;

/** What a reading said at one scope itself; a gap stands before all else. */
export function statementAt(database: Connection): (readingId: number, scope: string) => Said | undefined {
  const found = database
    .prepare(
      `SELECT statement FROM statement WHERE reading_id = ? AND scope = ?
       ORDER BY CASE statement WHEN 'gap' THEN 0 WHEN 'covered' THEN 1 ELSE 2 END LIMIT 1`,
    )
    .pluck();
  return (readingId, scope) => found.get(readingId, scope) as Said | undefined;
}

/** What was said about a place, in a reading and the last time before it that something decided. */
export function statementsOf(database: Connection, reading: Pick<ReadingFacts, 'scan_id' | 'collector_id'>, judge: Judge) {
  const atScope = statementAt(database);
  const earlier = database
    .prepare(`SELECT id, withdrawn FROM reading WHERE collector_id = ? AND scan_id < ? AND state <> 'running' ORDER BY scan_id DESC`)
    .all(reading.collector_id, reading.scan_id) as { id: number; withdrawn: number }[];
  const statedAt = database.prepare('SELECT max(stated_at) FROM statement WHERE reading_id = ?').pluck();
  const said = (id: number, place: string) => judge.said(place, (scope) => atScope(id, scope));
  const last = (place: string): Last | undefined => {
    for (const { id, withdrawn } of earlier) {
      const decided = said(id, place);
      if (decided !== 'unchanged') return { said: decided, at: new Date(String(statedAt.get(id))), reading: id };
      // The log was not believed that night: what it vouched for has to be read.
      if (withdrawn === 1) return undefined;
    }
    return undefined;
  };
  return { said, last };
}

/** What decides about a place in a reading; each is asked once. */
export function decidingAt(database: Connection, reading: ReadingFacts, judge: Judge) {
  const { said, last } = statementsOf(database, reading, judge);
  const stale = database.prepare('INSERT INTO stale_place (reading_id, scope, unsaid) VALUES (?, ?, ?)');
  const memory = new Map<string, Deciding>();
  let believed = true;
  const deciding = (place: string): Deciding => {
    const before = memory.get(place);
    if (before) return before;
    const spoken = said(reading.id, place);
    const decided = spoken === 'unchanged' && !believed ? 'gap' : judge.worth(spoken, () => last(place));
    memory.set(place, decided);
    // The ledger says why a place counts as unread that a log vouched for, or that nobody spoke of.
    const unsaid = decided === 'none' && reading.mode === 'inventory' && reading.state === 'ended';
    if ((spoken === 'unchanged' && decided === 'gap') || unsaid) stale.run(reading.id, place, unsaid && reading.delta === 0 ? 1 : 0);
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

/** What was called unchanged so long ago can renew nothing any more: the ledger stays small for a company of any size. */
export function dropOldClaims(database: Connection, collectorId: number, before: Date): void {
  database
    .prepare(
      `DELETE FROM statement WHERE statement = 'unchanged' AND reading_id IN (SELECT id FROM reading WHERE collector_id = ? AND started_at < ?)`,
    )
    .run(collectorId, before.toISOString());
}

/** A place that is covered within a covered place adds nothing: the ledger stays small for a company of any size. */
export function dropImpliedClaims(database: Connection, readingId: number, judge: Judge): void {
  const atScope = statementAt(database);
  const drop = database.prepare(`DELETE FROM statement WHERE reading_id = ? AND scope = ? AND statement IN ('covered', 'unchanged')`);
  const covered = database
    .prepare(
      `SELECT scope FROM statement WHERE reading_id = ? AND statement = 'covered' AND window_from IS NULL ORDER BY length(scope) DESC`,
    )
    .pluck()
    .all(readingId) as string[];
  for (const scope of covered) {
    const around = scope.lastIndexOf('/');
    if (around < 0 || atScope(readingId, scope) !== 'covered') continue;
    const outer = judge.said(scope.slice(0, around), (place) => atScope(readingId, place));
    if (outer === 'covered') drop.run(readingId, scope);
  }
}
