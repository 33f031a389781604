import type { Database as Connection } from 'better-sqlite3';
import type { Reading } from './rows.ts';
import { statementsOf, type Judge } from './statements.ts';

/** What is known tonight of places that the log names nothing of. */
export interface Tonight {
  /** What lies below every place and was refused again, as the part of its scope after the place. */
  stillClosed: readonly string[];
  /** Who holds the things of a place, as the text in which a holder is kept; absent = nobody says. */
  holderAt?(place: string): string | undefined;
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
  { stillClosed, holderAt }: Tonight,
): { unvouched: string[]; closed: string[] } {
  const scanId = scanOf(database, reading);
  const suspected = database
    .prepare(
      `SELECT scope FROM suspected_place WHERE reading_id = (SELECT max(id) FROM reading WHERE collector_id = ? AND scan_id < ? AND state = 'ended')`,
    )
    .pluck()
    .all(reading.collectorId, scanId) as string[];
  const doubted = new Set(suspected);
  if (places.some((place) => doubted.has(place))) {
    database.prepare('UPDATE reading SET withdrawn = 1 WHERE id = ?').run(reading.id);
    return { unvouched: [...places], closed: [] };
  }
  const { last } = statementsOf(database, { scan_id: scanId, collector_id: reading.collectorId }, judge);
  // What could not be read below a place then is asked for again, or its gap would vanish from the ledger.
  const gapsBelow = gapsBelowOf(database);
  const moved = withAnotherHolder(database, reading.collectorId, holderAt);
  const emptied = emptiedLastTime(database, reading.collectorId, scanId);
  const closed: string[] = [];
  const unvouched = places.filter((place) => {
    if (moved.has(place) || emptied.has(place)) return true;
    const renewed = last(place);
    if (judge.worth('unchanged', () => renewed) !== 'unchanged') return true;
    const gaps = gapsBelow(renewed!.reading, place);
    if (gaps.some((scope) => !stillClosed.includes(scope.slice(place.length + 1)))) return true;
    closed.push(...gaps);
    return false;
  });
  return { unvouched, closed };
}

/** So many readings are looked back on for the last that read a place. */
const LOOK_BACK = 60;

/**
 * When each of these places was last read. A place that nobody has read in the last readings is absent; with `whole`, also one below
 * which something could not be read the last time.
 */
export function readAt(
  database: Connection,
  reading: Pick<Reading, 'id' | 'collectorId'>,
  places: readonly string[],
  judge: Judge,
  { whole = false }: { whole?: boolean } = {},
): Map<string, Date> {
  const { said } = statementsOf(database, { scan_id: scanOf(database, reading), collector_id: reading.collectorId }, judge);
  const earlier = database
    .prepare(
      `SELECT id, started_at AS at FROM reading
       WHERE collector_id = ? AND scan_id < (SELECT scan_id FROM reading WHERE id = ?) AND state = 'ended' ORDER BY scan_id DESC LIMIT ?`,
    )
    .all(reading.collectorId, reading.id, LOOK_BACK) as { id: number; at: string }[];
  const gapsBelow = gapsBelowOf(database);
  const found = new Map<string, Date>();
  const open = new Set(places);
  for (const { id, at } of earlier)
    for (const place of open) {
      if (said(id, place) !== 'covered') continue;
      open.delete(place);
      if (!whole || gapsBelow(id, place).length === 0) found.set(place, new Date(at));
    }
  return found;
}

/** What could not be read below a place in a reading, and was not left out by design. */
function gapsBelowOf(database: Connection): (reading: number, place: string) => string[] {
  const scopes = database
    .prepare(
      `SELECT DISTINCT scope FROM statement WHERE reading_id = @reading AND statement = 'gap' AND by_design = 0 AND scope > @place || '/' AND scope < @place || '0'`,
    )
    .pluck();
  return (reading, place) => scopes.all({ reading, place }) as string[];
}

function scanOf(database: Connection, { id }: Pick<Reading, 'id'>): number {
  return Number(database.prepare('SELECT scan_id FROM reading WHERE id = ?').pluck().get(id));
}

/** Places with a fact whose holder is kept otherwise than expected. */
function withAnotherHolder(database: Connection, collectorId: number, holderAt: Tonight['holderAt']): Set<string> {
  const moved = new Set<string>();
  if (!holderAt) return moved;
  const kept = database
    .prepare(`SELECT scope, body ->> '$.principal' AS holder FROM observation WHERE collector_id = ? AND state <> 'gone'`)
    .iterate(collectorId) as IterableIterator<{ scope: string; holder: string | null }>;
  for (const { scope, holder } of kept) {
    const expected = holderAt(scope);
    if (expected !== undefined && holder !== null && expected !== holder) moved.add(scope);
  }
  return moved;
}

/** Places where the last reading found that nothing is left: what is listed again after that came back without a word of the log. */
function emptiedLastTime(database: Connection, collectorId: number, scanId: number): Set<string> {
  const scopes = database
    .prepare(
      `SELECT scope FROM observation WHERE collector_id = @collectorId GROUP BY scope HAVING min(state = 'gone') = 1 AND max(state_scan) =
         (SELECT max(scan_id) FROM reading WHERE collector_id = @collectorId AND scan_id < @scanId AND state = 'ended')`,
    )
    .pluck();
  return new Set(scopes.all({ collectorId, scanId }) as string[]);
}

/** Places that were read although the log named no change there, and those of them that differ from what is stored. */
export function spotChecks(database: Connection, readingId: number, staged: string) {
  const scopes = new Set(
    database.prepare('SELECT scope FROM statement WHERE reading_id = ? AND spot_check = 1').pluck().all(readingId) as string[],
  );
  const around = (place: string): string | undefined => {
    if (scopes.size === 0) return undefined;
    for (let scope = place; scope !== ''; scope = scope.slice(0, Math.max(0, scope.lastIndexOf('/')))) if (scopes.has(scope)) return scope;
    return undefined;
  };
  const differing = new Set<string>();
  const differs = (place: string): void => {
    const scope = around(place);
    if (scope !== undefined) differing.add(scope);
  };
  if (scopes.size > 0) {
    const fresh = database.prepare(`SELECT DISTINCT scope FROM ${staged} WHERE observation_id IS NULL`).pluck();
    for (const scope of fresh.all() as string[]) differs(scope);
  }
  return { differs, differing, holds: (place: string) => around(place) !== undefined };
}

/** A change of the last hours may not stand in the log yet: whether it misses changes is seen on the next night. */
export function suspect(database: Connection, readingId: number, scopes: ReadonlySet<string>): void {
  const insert = database.prepare('INSERT INTO suspected_place (reading_id, scope) VALUES (?, ?)');
  for (const scope of scopes) insert.run(readingId, scope);
}
