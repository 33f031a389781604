import type { Database as Connection } from 'better-sqlite3';
import type { HeldIn } from '../policy/integration.ts';
import type { AppKey } from './rows.ts';

/**
 * That a reading `r` read everything, and not only what a log names: no gap of any kind lies in it. What was left out by design may be read
 * one day, and who is found there then has not come since.
 */
export const READ_ALL = `r.state = 'ended' AND (r.delta_since IS NULL OR r.sweep = 1)
  AND EXISTS (SELECT 1 FROM statement t WHERE t.reading_id = r.id AND t.statement = 'covered')
  AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.reading_id = r.id AND t.statement = 'gap')
  AND NOT EXISTS (SELECT 1 FROM stale_place p WHERE p.reading_id = r.id)`;

/**
 * How many held an app, by each list that has its holders, up to a scan. Whoever held it up to a night counts for that night, whether he still
 * did or not: that is never less than there were, and is known for as long as there are facts. Another version of a list sees others.
 */
export function heldReader(database: Connection, scanId: number): (app: AppKey) => HeldIn[] {
  const come = database.prepare(
    `SELECT collector, first, count(*) AS holders FROM (
       SELECT o.collector_id AS collector, min(o.first_scan) AS first FROM observation o JOIN collector c ON c.id = o.collector_id
       WHERE o.app_id = @appId AND c.tenant = @tenant AND c.connector = @connector AND c.account = @account AND c.mode = 'inventory'
         AND o.kind NOT IN ('identity', 'control') AND o.principal_id IS NOT NULL AND o.first_scan <= @scanId
       GROUP BY o.collector_id, o.principal_id)
     GROUP BY collector, first ORDER BY collector, first`,
  );
  const readings = database.prepare(
    `SELECT r.scan_id AS scan, r.version FROM reading r WHERE r.collector_id = ? AND r.scan_id <= ? AND ${READ_ALL} ORDER BY r.scan_id`,
  );
  const after = database.prepare('SELECT started_at FROM scan WHERE tenant = ? AND id > ? ORDER BY id LIMIT 1').pluck();
  const memory = new Map<number, number[]>();
  /** The scans that read a list whole as the last of them did. */
  const wholeOf = (collector: number): number[] => {
    const known = memory.get(collector);
    if (known) return known;
    const all = readings.all(collector, scanId) as { scan: number; version: number }[];
    const alike = all.filter(({ version }) => version === all.at(-1)!.version).map(({ scan }) => scan);
    memory.set(collector, alike);
    return alike;
  };
  return (app) => {
    const rows = come.all({ ...app, scanId }) as Arrived[];
    return [...Map.groupBy(rows, ({ collector }) => collector)].flatMap(([collector, arrived]): HeldIn[] => {
      const whole = wholeOf(collector);
      const counts = countsAt(whole, arrived);
      const most = counts.at(-1);
      if (most === undefined) return [];
      // Of nights with one count the last tells until when it was that.
      const before = counts.flatMap((count, index) =>
        count > 0 && count < most && counts[index + 1] !== count ? [{ until: String(after.get(app.tenant, whole[index])), count }] : [],
      );
      return before.length > 0 ? [{ most, before }] : [];
    });
  };
}

interface Arrived {
  collector: number;
  first: number;
  holders: number;
}

/** How many had come by each scan; both are in the order of scans. */
function countsAt(scans: readonly number[], arrived: readonly Arrived[]): number[] {
  let [count, next] = [0, 0];
  return scans.map((scan) => {
    for (; next < arrived.length && arrived[next]!.first <= scan; next++) count += arrived[next]!.holders;
    return count;
  });
}

/** Accounts of which a list was read whole in a scan, and not in the one before: who came in between is counted now. */
export function countedAnew(database: Connection, tenant: string, scanId: number, last: number): { connector: string; account: string }[] {
  const isWhole = (scan: string) => `EXISTS (SELECT 1 FROM reading r WHERE r.collector_id = c.id AND r.scan_id = ${scan} AND ${READ_ALL})`;
  return database
    .prepare(
      `SELECT DISTINCT c.connector, c.account FROM collector c
       WHERE c.tenant = @tenant AND c.mode = 'inventory' AND ${isWhole('@scanId')} AND NOT ${isWhole('@last')}`,
    )
    .all({ tenant, scanId, last }) as { connector: string; account: string }[];
}
