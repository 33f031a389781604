import type { Database as Connection } from 'better-sqlite3';
import { concludeReading } from './conclude.ts';
import { dropCursors } from './persons.ts';
import { abandonReadings } from './readings.ts';
import type { ClassCounts, ScanStart, SourceResult } from './rows.ts';
import { dropImpliedClaims, dropOldClaims, type Judge, type ReadingFacts } from './statements.ts';

/** Longer than a log may vouch for a place. */
const KEEP_UNCHANGED_MS = 30 * 86_400_000;

/** A source that seemed read whole may turn out to have left places unread: only the conclusion knows them. */
const PARTLY_READ = `UPDATE source_result SET state = 'partly' WHERE scan_id = @scanId AND state = 'read' AND EXISTS (
  SELECT 1 FROM gap_of_reading t JOIN reading r ON r.id = t.reading_id
  WHERE r.scan_id = @scanId AND r.source = source_result.source AND t.by_design = 0)`;

export function runningScan(database: Connection, tenant: string): (ScanStart & { id: number }) | undefined {
  const row = database
    .prepare(
      `SELECT id, tenant, started_at AS startedAt, config_hash AS configHash, catalog_hash AS catalogHash, policy_hash AS policyHash,
              program_version AS programVersion, partial, coalesce(actor, 'unknown') AS actor FROM scan WHERE tenant = ? AND state = 'running'`,
    )
    .get(tenant) as (Omit<ScanStart, 'startedAt' | 'partial'> & { id: number; startedAt: string; partial: number }) | undefined;
  return row && { ...row, startedAt: new Date(row.startedAt), partial: row.partial === 1 };
}

export function tenantOf(database: Connection, scanId: number): string {
  return String(database.prepare('SELECT tenant FROM scan WHERE id = ?').pluck().get(scanId));
}

export function beginScan(database: Connection, start: ScanStart): number {
  const inserted = database
    .prepare(
      `INSERT INTO scan (tenant, state, started_at, config_hash, catalog_hash, policy_hash, program_version, partial, actor)
       VALUES (@tenant, 'running', @startedAt, @configHash, @catalogHash, @policyHash, @programVersion, @partial, @actor)`,
    )
    .run({ ...start, startedAt: start.startedAt.toISOString(), partial: start.partial ? 1 : 0 });
  return Number(inserted.lastInsertRowid);
}

export function recordSource(database: Connection, result: SourceResult): void {
  database
    .prepare(
      `INSERT OR REPLACE INTO source_result (scan_id, source, connector, account, account_name, state, message)
       VALUES (@scanId, @source, @connector, @account, @accountName, @state, @message)`,
    )
    .run(result);
}

/** Gaps of a scan, or of one of its sources. */
export function gapsOf(database: Connection, scanId: number, source: string | null = null): number {
  const count = database
    .prepare(
      `SELECT count(*) FROM gap_of_reading t JOIN reading r ON r.id = t.reading_id
       WHERE r.scan_id = @scanId AND (@source IS NULL OR r.source = @source) AND t.by_design = 0`,
    )
    .pluck();
  return Number(count.get({ scanId, source }));
}

export function recordRequests(
  database: Connection,
  scanId: number,
  source: string,
  collector: string,
  counts: ReadonlyMap<string, { first: number; repeats: number }>,
): void {
  const add = database.prepare(
    `INSERT INTO request_count (scan_id, source, collector, operation, first, repeats) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET first = first + excluded.first, repeats = repeats + excluded.repeats`,
  );
  for (const [operation, { first, repeats }] of counts) add.run(scanId, source, collector, operation, first, repeats);
}

export function concludeScan(database: Connection, scanId: number, ended: 'concluded' | 'abandoned', judge: Judge, now: Date): ClassCounts {
  if (ended === 'abandoned') abandonReadings(database, scanId);
  const readings = database
    .prepare(
      `SELECT r.id, r.scan_id, r.collector_id, c.mode, r.reader_changed, r.sweep, r.state, r.delta_since IS NOT NULL AS delta
       FROM reading r JOIN collector c ON c.id = r.collector_id WHERE r.scan_id = ? ORDER BY r.id`,
    )
    .all(scanId) as ReadingFacts[];
  const totals: ClassCounts = {};
  for (const reading of readings) {
    for (const [entry, number] of Object.entries(concludeReading(database, reading, judge)))
      totals[entry] = (totals[entry] ?? 0) + (number ?? 0);
    dropImpliedClaims(database, reading.id, judge);
    dropOldClaims(database, reading.collector_id, new Date(now.getTime() - KEEP_UNCHANGED_MS));
  }
  dropCursors(database, scanId);
  database.prepare(PARTLY_READ).run({ scanId });
  database.prepare('UPDATE scan SET state = ?, ended_at = ? WHERE id = ?').run(ended, now.toISOString(), scanId);
  return totals;
}

export function unjudgedScan(database: Connection, tenant: string): number | undefined {
  const newest = database.prepare(`SELECT max(id) FROM scan WHERE tenant = ? AND state <> 'running' AND judged = 0`).pluck();
  return (newest.get(tenant) as number | null) ?? undefined;
}

/** The scans that a judgement of this one judges: itself, and those of the tenant before it that nobody has judged. */
export function unjudgedUntil(database: Connection, scanId: number): number[] {
  const ids = database
    .prepare(
      `SELECT s.id FROM scan s JOIN scan me ON me.id = ? AND me.tenant = s.tenant
       WHERE s.id <= me.id AND s.state <> 'running' AND s.judged = 0 ORDER BY s.id`,
    )
    .pluck();
  return ids.all(scanId) as number[];
}
