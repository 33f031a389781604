import type { Database as Connection, Statement } from 'better-sqlite3';
import type { ObservationRow, Reading } from './rows.ts';

/** Where a reading keeps its observations until the scan is concluded. */
export function stagingTable(readingId: number): string {
  return `staged_${readingId}`;
}

/**
 * The statement that keeps an observation aside until the scan is concluded. It finds by itself what is stored of it:
 * of what is known and unchanged, little more than its number is kept.
 */
export function stagingStatement(database: Connection, readingId: number): Statement {
  const columns = ['native_id', 'thing', 'kind', 'scope', 'app_id', 'principal_id', 'fingerprint', 'body'];
  const unless = (column: string) => `CASE WHEN o.fingerprint IS v.fingerprint THEN NULL ELSE v.${column} END`;
  return database.prepare(
    `INSERT INTO ${stagingTable(readingId)} (observation_id, ${columns.join(', ')}, volatile, moved)
     SELECT o.id, ${columns.map(unless).join(', ')}, v.volatile, o.volatile IS NOT v.volatile
     FROM (SELECT ? AS collector_id, ${columns.map((column) => `? AS ${column}`).join(', ')}, ? AS volatile) AS v
     LEFT JOIN observation o ON o.collector_id = v.collector_id AND o.native_id = v.native_id`,
  );
}

export function stage(insert: Statement, reading: Reading, rows: readonly ObservationRow[]): void {
  for (const row of rows) {
    const { nativeId, thing, kind, scope, appId, principalId, fingerprint, body, volatile } = row;
    insert.run(reading.collectorId, nativeId, thing, kind, scope, appId, principalId, fingerprint, body, volatile);
  }
}
