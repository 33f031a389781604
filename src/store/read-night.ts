import type { Database as Connection } from 'better-sqlite3';

/** What scans did to findings. */
export interface NightFindings {
  /** How many met with which event. */
  events: Record<string, number>;
  /** How many opened or came back and still need somebody; each counts once, whatever it met with. */
  freshCount: number;
  /** Those that opened or came back and still need somebody, the most powerful first. */
  fresh: { finding: string; severity: string; event: string; title: string }[];
}

/** What became of findings in the scans after one and up to another. */
export function readNight(database: Connection, tenant: string, since: number, scanId: number, limit: number): NightFindings {
  const of =
    'FROM finding_event e JOIN finding f ON f.key = e.key WHERE f.tenant = @tenant AND e.scan_id > @since AND e.scan_id <= @scanId';
  const counts = database.prepare(`SELECT e.event, count(DISTINCT e.key) AS count ${of} GROUP BY e.event`).all({ tenant, since, scanId });
  const needing = `${of} AND e.event IN ('opened', 'returned', 'reopened') AND f.state IN ('open', 'acknowledged')`;
  const freshCount = database.prepare(`SELECT count(DISTINCT f.key) ${needing}`).pluck().get({ tenant, since, scanId });
  const fresh = database
    .prepare(`SELECT f.key AS finding, f.severity, e.event, f.title ${needing} GROUP BY f.key ORDER BY f.rank DESC, f.key LIMIT @limit`)
    .all({ tenant, since, scanId, limit });
  return {
    events: Object.fromEntries((counts as { event: string; count: number }[]).map(({ event, count }) => [event, count])),
    freshCount: freshCount as number,
    fresh: fresh as NightFindings['fresh'],
  };
}

/** A source in several scans, of which the last that asked it says how things stand. */
export interface NightSource {
  source: string;
  /** The last scan that asked it. */
  scan: number;
  /** The last scan in which nothing of it was read, and why; null = there was none. */
  unreadIn: number | null;
  message: string | null;
}

/** How sources fared in the scans after one and up to another. A scan of some sources says nothing of the others. */
export function readNightSources(database: Connection, tenant: string, since: number, scanId: number): NightSource[] {
  return database
    .prepare(
      `WITH asked AS (SELECT r.source, r.scan_id, r.state, r.message FROM source_result r JOIN scan s ON s.id = r.scan_id
         WHERE s.tenant = @tenant AND s.id > @since AND s.id <= @scanId AND s.state <> 'running'),
       last AS (SELECT source, max(scan_id) AS scan, max(scan_id) FILTER (WHERE state = 'unread') AS unreadIn FROM asked GROUP BY source)
       SELECT l.source, l.scan, l.unreadIn, a.message FROM last l LEFT JOIN asked a ON a.source = l.source AND a.scan_id = l.unreadIn ORDER BY l.source`,
    )
    .all({ tenant, since, scanId }) as NightSource[];
}

/** When the last scan of all sources began that was concluded; undefined = there was none. */
export function lastNightOf(database: Connection, tenant: string): string | undefined {
  const last = database.prepare(`SELECT max(started_at) FROM scan WHERE tenant = ? AND state = 'concluded' AND partial = 0`).pluck();
  return (last.get(tenant) as string | null) ?? undefined;
}

/** What trackers were asked before a scan, and have not done: with the scan itself, writing begins anew. */
export function readUnwrittenTickets(
  database: Connection,
  tenant: string,
  sinks: readonly string[],
  scanId: number,
): { waiting: number; refused: number } {
  return database
    .prepare(
      `SELECT count(*) FILTER (WHERE state <> 'dead') AS waiting, count(*) FILTER (WHERE state = 'dead') AS refused
       FROM outbox WHERE tenant = ? AND sink IN (SELECT value FROM json_each(?)) AND state <> 'done' AND scan_id < ?`,
    )
    .get(tenant, JSON.stringify(sinks), scanId) as { waiting: number; refused: number };
}
