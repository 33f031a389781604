import type { Database as Connection } from 'better-sqlite3';

/** A place that a scan could not read. */
export interface GapRow {
  source: string;
  connector: string;
  account: string;
  collector: string;
  scope: string;
  reason: string;
  permission: string | null;
  effect: string;
  byDesign: number;
  /** Start of the scan since which the same gap has stood without a break. */
  since: string;
  /** Was it there in the scan before? */
  known: number;
}

/** The gaps of a scan. A gap is the same as last time when collector, place, reason and permission are. */
export function readGaps(database: Connection, scanId: number): GapRow[] {
  return standingGaps(database, scanId).map(({ collectorId: _ofTheStore, ...gap }) => gap);
}

/** The same, each with its collector. What stood already in the last scan that was pruned stands since the date that was kept of it. */
export function standingGaps(database: Connection, scanId: number): (GapRow & { collectorId: number })[] {
  const rows = database
    .prepare(
      `SELECT r.source, c.connector, c.account, c.collector, t.scope, t.reason, t.permission, t.effect, t.by_design AS byDesign, r.collector_id AS collectorId
       FROM gap_of_reading t JOIN reading r ON r.id = t.reading_id JOIN collector c ON c.id = r.collector_id
       WHERE r.scan_id = ? ORDER BY r.source, c.collector, t.scope`,
    )
    .all(scanId) as (Omit<GapRow, 'since' | 'known'> & { collectorId: number })[];
  const earlier = database.prepare(
    `SELECT s.started_at AS startedAt, iif(s.pruned_at IS NULL, NULL, (
         SELECT e.since FROM earlier_gap e WHERE e.collector_id = r.collector_id AND e.scope = @scope AND e.reason = @reason
           AND e.permission = coalesce(@permission, ''))) AS kept, EXISTS (
         SELECT 1 FROM gap_of_reading t WHERE t.reading_id = r.id AND t.scope = @scope AND t.reason = @reason AND t.permission IS @permission) AS gap
       FROM reading r JOIN scan s ON s.id = r.scan_id WHERE r.collector_id = @collectorId AND r.scan_id < @scanId AND s.state = 'concluded' ORDER BY r.scan_id DESC`,
  );
  const startedAt = String(database.prepare('SELECT started_at FROM scan WHERE id = ?').pluck().get(scanId));
  return rows.map((row) => {
    let since = startedAt;
    let known = 0;
    for (const before of earlier.iterate({
      scope: row.scope,
      reason: row.reason,
      permission: row.permission,
      collectorId: row.collectorId,
      scanId,
    }) as IterableIterator<{
      startedAt: string;
      kept: string | null;
      gap: number;
    }>) {
      if (before.kept !== null) {
        since = before.kept;
        known = 1;
      }
      if (before.kept !== null || before.gap === 0) break;
      since = before.startedAt;
      known = 1;
    }
    return { ...row, since, known };
  });
}
