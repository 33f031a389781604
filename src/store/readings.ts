import type { Database as Connection, Statement } from 'better-sqlite3';
import type { ObservationRow, Reading, ReadingHistory, ReadingStart, StatementRow } from './rows.ts';
import { keepNames, type SealedName } from './persons.ts';
import { stage, stagingStatement, stagingTable } from './staging.ts';

/** Gaps of one place, reason and permission are one line of the ledger; what a further one says is added up to this length. */
const LONGEST_EFFECT = 600;

/** What was stated since the last batch. */
export interface Batch {
  rows: readonly ObservationRow[];
  statements: readonly StatementRow[];
  /** Behind the pseudonyms that the rows hold for the first time. */
  names?: readonly SealedName[];
  cursor?: string;
  sizes?: string;
}

/** What is written most often, with its statements prepared once. */
export function readingWriter(database: Connection) {
  const insert = database.prepare(
    `INSERT INTO statement (reading_id, scope, statement, reason, permission, effect, by_design, window_from, window_to, spot_check, stated_at)
     VALUES (@readingId, @scope, @statement, @reason, @permission, @effect, @byDesign, @windowFrom, @windowTo, @spotCheck, @statedAt)
     ON CONFLICT DO UPDATE SET effect = CASE
       WHEN statement <> 'gap' OR instr(effect, excluded.effect) > 0 OR length(effect) > ${LONGEST_EFFECT} THEN effect
       ELSE effect || '; ' || excluded.effect END`,
  );
  const staging = new Map<number, Statement>();
  const stagingOf = (readingId: number): Statement => {
    const prepared = staging.get(readingId) ?? stagingStatement(database, readingId);
    staging.set(readingId, prepared);
    return prepared;
  };
  const state = (readingId: number, rows: readonly StatementRow[]): void => {
    for (const row of rows)
      insert.run({
        ...row,
        readingId,
        permission: row.permission ?? '',
        byDesign: row.byDesign ? 1 : 0,
        spotCheck: row.spotCheck ? 1 : 0,
      });
  };
  return {
    commitBatch(reading: Reading, batch: Batch): void {
      stage(stagingOf(reading.id), reading, batch.rows);
      state(reading.id, batch.statements);
      if (batch.names) keepNames(database, reading.id, batch.names);
      if (batch.cursor === undefined) return;
      const keep = database.prepare('UPDATE reading SET cursor = ?, sizes = coalesce(?, sizes) WHERE id = ?');
      keep.run(batch.cursor, batch.sizes ?? null, reading.id);
    },
    endReading(reading: Reading, ended: Reading['state'], now: Date, instead: readonly StatementRow[] | undefined): void {
      if (instead) {
        database.prepare('DELETE FROM statement WHERE reading_id = ?').run(reading.id);
        state(reading.id, instead);
      }
      database.prepare('UPDATE reading SET state = ?, ended_at = ? WHERE id = ?').run(ended, now.toISOString(), reading.id);
    },
    /** The tables that were staged into are about to be dropped. */
    forget: () => staging.clear(),
  };
}

export function knownPlaces(database: Connection, collectorId: number, scope: string): string[] {
  // '0' is the character after '/': the range holds all that lies below the scope.
  const below = database
    .prepare(`SELECT DISTINCT scope FROM observation WHERE collector_id = ? AND state <> 'gone' AND scope >= ? AND scope < ?`)
    .pluck();
  return below.all(collectorId, `${scope}/`, `${scope}0`) as string[];
}

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

export function endedIn(database: Connection, scanId: number, connector: string, account: string): string[] {
  return database
    .prepare(
      `SELECT c.collector FROM reading r JOIN collector c ON c.id = r.collector_id
       WHERE r.scan_id = ? AND r.state = 'ended' AND c.connector = ? AND c.account = ?`,
    )
    .pluck()
    .all(scanId, connector, account) as string[];
}
