import type { Database as Connection } from 'better-sqlite3';
import type { Reading, ReadingHistory, ReadingStart } from './rows.ts';
import { stagingTable } from './staging.ts';

export function openReading(database: Connection, start: ReadingStart): Reading {
  const tenant = String(database.prepare('SELECT tenant FROM scan WHERE id = ?').pluck().get(start.scanId));
  database
    .prepare(
      `INSERT INTO collector (tenant, connector, account, account_scope, collector, mode) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET mode = excluded.mode`,
    )
    .run(tenant, start.connector, start.account, start.accountScope, start.collector, start.mode);
  const collectorId = Number(
    database
      .prepare('SELECT id FROM collector WHERE tenant = ? AND connector = ? AND account = ? AND collector = ?')
      .pluck()
      .get(tenant, start.connector, start.account, start.collector),
  );
  const find = database.prepare(
    `SELECT id, collector_id AS collectorId, state, started_at AS startedAt, cursor, sizes, delta_since AS deltaSince, sweep
     FROM reading WHERE scan_id = ? AND collector_id = ?`,
  );
  const found = find.get(start.scanId, collectorId) as Reading | undefined;
  if (found?.state === 'failed') return readAgain(database, found);
  if (found) return found;
  // Only a reading that came to claim something counts as one: a night of refusals has read nothing yet.
  const last = database
    .prepare(
      `SELECT r.version FROM reading r WHERE r.collector_id = ? AND r.state = 'ended'
         AND EXISTS (SELECT 1 FROM statement t WHERE t.reading_id = r.id AND (t.statement = 'covered' OR t.by_design = 1))
       ORDER BY r.scan_id DESC LIMIT 1`,
    )
    .pluck()
    .get(collectorId) as number | undefined;
  const inserted = database
    .prepare(
      `INSERT INTO reading (scan_id, collector_id, source, version, state, started_at, reader_changed, first, delta_since, sweep, catalog_hash)
       VALUES (?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, (SELECT catalog_hash FROM scan WHERE id = ?))`,
    )
    .run(
      start.scanId,
      collectorId,
      start.source,
      start.version,
      start.startedAt.toISOString(),
      last !== undefined && last < start.version ? 1 : 0,
      last === undefined ? 1 : 0,
      start.delta?.since.toISOString() ?? null,
      start.delta?.sweep ? 1 : 0,
      start.scanId,
    );
  database.exec(
    `CREATE TABLE ${stagingTable(Number(inserted.lastInsertRowid))} (
       observation_id INTEGER, native_id TEXT, thing TEXT, kind TEXT, scope TEXT, app_id TEXT, principal_id TEXT,
       fingerprint BLOB, body TEXT, volatile TEXT, moved INTEGER NOT NULL) STRICT`,
  );
  return find.get(start.scanId, collectorId) as Reading;
}

/** A collector that failed before the scan was interrupted gets another try, from its beginning: its claims were dropped. */
function readAgain(database: Connection, reading: Reading): Reading {
  database.prepare('DELETE FROM statement WHERE reading_id = ?').run(reading.id);
  database.prepare(`UPDATE reading SET state = 'running', cursor = NULL, ended_at = NULL WHERE id = ?`).run(reading.id);
  return { ...reading, state: 'running', cursor: null };
}

export function historyOf(database: Connection, start: Omit<ReadingStart, 'version' | 'startedAt'>): ReadingHistory | undefined {
  const ended = `SELECT r.started_at AS startedAt, r.version, r.catalog_hash AS catalogHash, r.withdrawn
    FROM reading r JOIN scan s ON s.id = r.scan_id JOIN collector c ON c.id = r.collector_id AND c.tenant = s.tenant
    WHERE s.tenant = (SELECT tenant FROM scan WHERE id = @scanId) AND c.connector = @connector AND c.account = @account
      AND c.collector = @collector AND r.scan_id < @scanId AND r.state = 'ended'`;
  const { scanId, connector, account, collector } = start;
  const newest = (more: string) =>
    database.prepare(`${ended} ${more} ORDER BY r.scan_id DESC LIMIT 1`).get({ scanId, connector, account, collector }) as
      | { startedAt: string; version: number; catalogHash: string; withdrawn: number }
      | undefined;
  const last = newest('');
  const whole = newest(
    `AND (r.delta_since IS NULL OR r.sweep = 1) AND EXISTS (SELECT 1 FROM statement t WHERE t.reading_id = r.id AND t.statement = 'covered')`,
  );
  if (!last || !whole) return undefined;
  return {
    last: { ...last, startedAt: new Date(last.startedAt), withdrawn: last.withdrawn === 1 },
    wholeAt: new Date(whole.startedAt),
  };
}

/** What a collector had not concluded when its scan was given up claims nothing; what it saw stays. */
export function abandonReadings(database: Connection, scanId: number): void {
  database
    .prepare(`DELETE FROM statement WHERE reading_id IN (SELECT id FROM reading WHERE scan_id = ? AND state = 'running')`)
    .run(scanId);
  database.prepare(`UPDATE reading SET state = 'abandoned' WHERE scan_id = ? AND state = 'running'`).run(scanId);
}

export function unopened(database: Connection, scanId: number): ReadingStart[] {
  return (
    database
      .prepare(
        `SELECT c.connector, c.account, c.account_scope AS accountScope, c.collector, c.mode,
                (SELECT source FROM reading r WHERE r.collector_id = c.id ORDER BY r.scan_id DESC LIMIT 1) AS source,
                (SELECT version FROM reading r WHERE r.collector_id = c.id ORDER BY r.scan_id DESC LIMIT 1) AS version
         FROM collector c JOIN scan s ON s.id = ? AND s.tenant = c.tenant
         WHERE NOT EXISTS (SELECT 1 FROM reading r WHERE r.scan_id = s.id AND r.collector_id = c.id AND r.state <> 'running')
         ORDER BY c.id`,
      )
      .all(scanId) as Omit<ReadingStart, 'scanId' | 'startedAt'>[]
  ).map((row) => ({ ...row, scanId, startedAt: new Date(0) }));
}
