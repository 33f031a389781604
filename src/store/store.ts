import { setTimeout as wait } from 'node:timers/promises';
import type { Database as Connection, Statement } from 'better-sqlite3';
import { concludeReading, stagingTable, unvouched, type Judge } from './conclude.ts';
import { asStorageError, isBusy, openDatabase } from './database.ts';
import { writeJudgement, type FindingJudge } from './judgement.ts';
import type { ClassCounts, ObservationRow, Reading, ReadingHistory, ReadingStart, ScanStart, SourceResult, StatementRow } from './rows.ts';

/** Another process is scanning this tenant. */
export interface LeaseHolder {
  holder: string;
  pid: number;
  host: string;
  /** Tells the process from a later one of the same number; null where the system does not say. */
  processStart: string | null;
  beatAt: string;
}

/**
 * Everything that is remembered. Each method is one unit of work: it is done whole or not at all, and nothing of a
 * database transaction shows outside. Asynchronous in its signature, so that another database may stand behind it.
 */
export interface Store {
  /** Takes the lease of a tenant, or tells who holds it. `isDead` says whether a holder on this host still runs. */
  acquireLease(
    tenant: string,
    self: Omit<LeaseHolder, 'beatAt'>,
    now: Date,
    isDead: (holder: LeaseHolder) => boolean,
  ): Promise<LeaseHolder | undefined>;
  /** Shows a sign of life; false = the lease is no longer held. */
  beat(tenant: string, holder: string, now: Date): Promise<boolean>;
  releaseLease(tenant: string, holder: string): Promise<void>;

  /** The scan that was interrupted, if one was. */
  runningScan(tenant: string): Promise<(ScanStart & { id: number }) | undefined>;
  beginScan(start: ScanStart): Promise<number>;
  /** A scan that was interrupted is judged by the files of the day on which it ends. */
  judgeBy(scanId: number, by: Pick<ScanStart, 'catalogHash' | 'policyHash' | 'programVersion'>): Promise<void>;
  keepDocument(kind: 'config' | 'policy' | 'catalog', hash: string, content: string): Promise<void>;
  recordSource(result: SourceResult): Promise<void>;

  /** What earlier scans know of a collector's readings; undefined where it never read everything. */
  historyOf(start: Omit<ReadingStart, 'version' | 'startedAt'>): Promise<ReadingHistory | undefined>;
  /** Opens a collector's reading in this scan, or finds it again where the scan was interrupted. */
  openReading(start: ReadingStart): Promise<Reading>;
  /** Keeps what was stated since the last batch, together with the cursor where there is one. */
  commitBatch(
    reading: Reading,
    batch: { rows: readonly ObservationRow[]; statements: readonly StatementRow[]; cursor?: string; sizes?: string },
  ): Promise<void>;
  /** The collector has ended; what it staged waits for the end of the scan. Statements of a failed one are replaced. */
  endReading(
    reading: Reading,
    state: 'ended' | 'failed' | 'abandoned' | 'unread',
    now: Date,
    instead?: readonly StatementRow[],
  ): Promise<void>;
  /** Places below a scope where something is stored that is not gone. */
  knownPlaces(collectorId: number, scope: string): Promise<string[]>;
  /** Of these places, those of which no reading is left that `unchanged` could renew. */
  unvouched(reading: Reading, places: readonly string[], judge: Judge): Promise<string[]>;
  /** Collectors of the tenant that this scan has not opened, or opened before it was interrupted and never again. */
  unopened(scanId: number): Promise<ReadingStart[]>;
  /** Gaps that the readings of a source have stated in a scan, before an interruption too; what cannot be seen by design is none. */
  gapsOf(scanId: number, source: string): Promise<number>;
  recordRequests(
    scanId: number,
    source: string,
    collector: string,
    counts: ReadonlyMap<string, { first: number; repeats: number }>,
  ): Promise<void>;

  /** Concludes all readings of the scan at once, so that readers see whole scans only. */
  concludeScan(scanId: number, state: 'concluded' | 'abandoned', judge: Judge, now: Date): Promise<ClassCounts>;
  /** Scans whose facts are concluded and whose findings are not written yet. */
  unjudgedScan(tenant: string): Promise<number | undefined>;
  /** Streams the apps that have news with their observations, judges them, and writes integrations and findings in one unit. */
  judgeScan(scanId: number, judge: FindingJudge): Promise<void>;
  close(): Promise<void>;
}

/** How long another process may write before a unit of work gives up, in milliseconds. The conclusion of a large tenant takes minutes. */
const PATIENCE_MS = 10 * 60_000;
const BETWEEN_TRIES_MS = 25;

/**
 * Opens the store in a SQLite file, which is made when there is none. A unit of work waits its turn where another process
 * is writing, another tenant's scan for one; after `patience` milliseconds it fails with a StorageError, and has done nothing.
 */
export function openStore(file: string, { patience = PATIENCE_MS }: { patience?: number } = {}): Store {
  const database = openDatabase(file);
  // SQLite's own waiting would hold up all else that this process does: answers, its sign of life, an interrupt.
  database.pragma('busy_timeout = 0');

  /** Runs one unit of work, with SQLite's errors told as the user's. It has its turn before it begins, so nothing is done twice. */
  async function unit<Result>(work: () => Result): Promise<Result> {
    const asked = performance.now();
    for (;;) {
      try {
        return database.transaction(work).immediate();
      } catch (error) {
        if (!isBusy(error) || performance.now() - asked > patience) throw asStorageError(error, file);
      }
      await wait(BETWEEN_TRIES_MS);
    }
  }

  const insertStatement = database.prepare(
    `INSERT INTO statement (reading_id, scope, statement, reason, permission, effect, by_design, window_from, window_to, spot_check, stated_at)
     VALUES (@readingId, @scope, @statement, @reason, @permission, @effect, @byDesign, @windowFrom, @windowTo, @spotCheck, @statedAt)
     ON CONFLICT DO NOTHING`,
  );
  const staging = new Map<number, Statement>();
  const stagingOf = (readingId: number): Statement => {
    const prepared = staging.get(readingId) ?? stagingStatement(database, readingId);
    staging.set(readingId, prepared);
    return prepared;
  };
  const state = (readingId: number, row: StatementRow) =>
    insertStatement.run({ ...row, readingId, byDesign: row.byDesign ? 1 : 0, spotCheck: row.spotCheck ? 1 : 0 });

  return {
    acquireLease: (tenant, self, now, isDead) =>
      unit(() => {
        const held = database
          .prepare('SELECT holder, pid, host, process_start AS processStart, beat_at AS beatAt FROM lease WHERE tenant = ?')
          .get(tenant) as LeaseHolder | undefined;
        if (held && held.holder !== self.holder && !isDead(held)) return held;
        database
          .prepare('INSERT OR REPLACE INTO lease (tenant, holder, pid, host, process_start, beat_at) VALUES (?, ?, ?, ?, ?, ?)')
          .run(tenant, self.holder, self.pid, self.host, self.processStart, now.toISOString());
        return undefined;
      }),
    beat: (tenant, holder, now) =>
      unit(
        () =>
          database.prepare('UPDATE lease SET beat_at = ? WHERE tenant = ? AND holder = ?').run(now.toISOString(), tenant, holder)
            .changes === 1,
      ),
    releaseLease: (tenant, holder) =>
      unit(() => void database.prepare('DELETE FROM lease WHERE tenant = ? AND holder = ?').run(tenant, holder)),

    runningScan: (tenant) =>
      unit(() => {
        const row = database
          .prepare(
            `SELECT id, tenant, started_at AS startedAt, config_hash AS configHash, catalog_hash AS catalogHash, policy_hash AS policyHash,
                    program_version AS programVersion, partial FROM scan WHERE tenant = ? AND state = 'running'`,
          )
          .get(tenant) as (Omit<ScanStart, 'startedAt' | 'partial'> & { id: number; startedAt: string; partial: number }) | undefined;
        return row && { ...row, startedAt: new Date(row.startedAt), partial: row.partial === 1 };
      }),
    beginScan: (start) =>
      unit(() =>
        Number(
          database
            .prepare(
              `INSERT INTO scan (tenant, state, started_at, config_hash, catalog_hash, policy_hash, program_version, partial)
               VALUES (?, 'running', ?, ?, ?, ?, ?, ?)`,
            )
            .run(
              start.tenant,
              start.startedAt.toISOString(),
              start.configHash,
              start.catalogHash,
              start.policyHash,
              start.programVersion,
              start.partial ? 1 : 0,
            ).lastInsertRowid,
        ),
      ),
    judgeBy: (scanId, by) =>
      unit(
        () =>
          void database
            .prepare('UPDATE scan SET catalog_hash = ?, policy_hash = ?, program_version = ? WHERE id = ?')
            .run(by.catalogHash, by.policyHash, by.programVersion, scanId),
      ),
    keepDocument: (kind, hash, content) =>
      unit(() => void database.prepare('INSERT OR IGNORE INTO document (hash, kind, content) VALUES (?, ?, ?)').run(hash, kind, content)),
    recordSource: (result) =>
      unit(
        () =>
          void database
            .prepare(
              `INSERT OR REPLACE INTO source_result (scan_id, source, connector, account, account_name, state, message)
               VALUES (@scanId, @source, @connector, @account, @accountName, @state, @message)`,
            )
            .run(result),
      ),

    historyOf: (start) => unit(() => historyOf(database, start)),
    openReading: (start) => unit(() => openReading(database, start)),
    commitBatch: (reading, batch) =>
      unit(() => {
        stage(stagingOf(reading.id), reading, batch.rows);
        for (const row of batch.statements) state(reading.id, row);
        if (batch.cursor !== undefined)
          database
            .prepare('UPDATE reading SET cursor = ?, sizes = coalesce(?, sizes) WHERE id = ?')
            .run(batch.cursor, batch.sizes ?? null, reading.id);
      }),
    endReading: (reading, ended, now, instead) =>
      unit(() => {
        if (instead) {
          database.prepare('DELETE FROM statement WHERE reading_id = ?').run(reading.id);
          for (const row of instead) state(reading.id, row);
        }
        database.prepare('UPDATE reading SET state = ?, ended_at = ? WHERE id = ?').run(ended, now.toISOString(), reading.id);
      }),
    knownPlaces: (collectorId, scope) =>
      unit(
        () =>
          database
            .prepare(`SELECT DISTINCT scope FROM observation WHERE collector_id = ? AND state <> 'gone' AND scope >= ? AND scope < ?`)
            .pluck()
            // '0' is the character after '/': the range holds all that lies below the scope.
            .all(collectorId, `${scope}/`, `${scope}0`) as string[],
      ),
    unvouched: (reading, places, judge) => unit(() => unvouched(database, reading, places, judge)),
    unopened: (scanId) => unit(() => unopened(database, scanId)),
    gapsOf: (scanId, source) =>
      unit(() =>
        Number(
          database
            .prepare(
              `SELECT count(*) FROM statement t JOIN reading r ON r.id = t.reading_id
               WHERE r.scan_id = ? AND r.source = ? AND t.statement = 'gap' AND t.by_design = 0`,
            )
            .pluck()
            .get(scanId, source),
        ),
      ),
    recordRequests: (scanId, source, collector, counts) =>
      unit(() => {
        const add = database.prepare(
          `INSERT INTO request_count (scan_id, source, collector, operation, first, repeats) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET first = first + excluded.first, repeats = repeats + excluded.repeats`,
        );
        for (const [operation, { first, repeats }] of counts) add.run(scanId, source, collector, operation, first, repeats);
      }),

    concludeScan: (scanId, ended, judge, now) =>
      unit(() => {
        if (ended === 'abandoned') abandonReadings(database, scanId);
        const readings = database
          .prepare(
            `SELECT r.id, r.scan_id, r.collector_id, c.mode, r.reader_changed, r.sweep FROM reading r JOIN collector c ON c.id = r.collector_id
             WHERE r.scan_id = ? ORDER BY r.id`,
          )
          .all(scanId) as Parameters<typeof concludeReading>[1][];
        staging.clear();
        const totals: ClassCounts = {};
        for (const reading of readings) {
          for (const [entry, number] of Object.entries(concludeReading(database, reading, judge)))
            totals[entry] = (totals[entry] ?? 0) + (number ?? 0);
          dropImpliedClaims(database, reading.id, judge);
        }
        database.prepare('UPDATE scan SET state = ?, ended_at = ? WHERE id = ?').run(ended, now.toISOString(), scanId);
        return totals;
      }),
    unjudgedScan: (tenant) =>
      unit(
        () =>
          (database.prepare(`SELECT max(id) FROM scan WHERE tenant = ? AND state <> 'running' AND judged = 0`).pluck().get(tenant) as
            | number
            | undefined) ?? undefined,
      ),
    judgeScan: (scanId, judge) => unit(() => writeJudgement(database, scanId, judge)),
    close: async () => {
      database.close();
    },
  };
}

function openReading(database: Connection, start: ReadingStart): Reading {
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
      `INSERT INTO reading (scan_id, collector_id, source, version, state, started_at, reader_changed, first, delta_since, sweep) VALUES (?, ?, ?, ?, 'running', ?, ?, ?, ?, ?)`,
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
    );
  database.exec(
    `CREATE TABLE ${stagingTable(Number(inserted.lastInsertRowid))} (
       observation_id INTEGER, native_id TEXT, thing TEXT, kind TEXT, scope TEXT, app_id TEXT, principal_id TEXT,
       fingerprint BLOB, body TEXT, volatile TEXT, moved INTEGER NOT NULL) STRICT`,
  );
  return find.get(start.scanId, collectorId) as Reading;
}

function historyOf(database: Connection, start: Omit<ReadingStart, 'version' | 'startedAt'>): ReadingHistory | undefined {
  const ended = `SELECT r.started_at AS startedAt, r.version, s.catalog_hash AS catalogHash, r.withdrawn
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

/** A collector that failed before the scan was interrupted gets another try, from its beginning: its claims were dropped. */
function readAgain(database: Connection, reading: Reading): Reading {
  database.prepare('DELETE FROM statement WHERE reading_id = ?').run(reading.id);
  database.prepare(`UPDATE reading SET state = 'running', cursor = NULL, ended_at = NULL WHERE id = ?`).run(reading.id);
  return { ...reading, state: 'running', cursor: null };
}

/** What a collector had not concluded when its scan was given up claims nothing; what it saw stays. */
function abandonReadings(database: Connection, scanId: number): void {
  database
    .prepare(`DELETE FROM statement WHERE reading_id IN (SELECT id FROM reading WHERE scan_id = ? AND state = 'running')`)
    .run(scanId);
  database.prepare(`UPDATE reading SET state = 'abandoned' WHERE scan_id = ? AND state = 'running'`).run(scanId);
}

/**
 * The statement that keeps an observation aside until the scan is concluded. It finds by itself what is stored of it:
 * of what is known and unchanged, little more than its number is kept.
 */
function stagingStatement(database: Connection, readingId: number): Statement {
  const columns = ['native_id', 'thing', 'kind', 'scope', 'app_id', 'principal_id', 'fingerprint', 'body'];
  const unless = (column: string) => `CASE WHEN o.fingerprint IS v.fingerprint THEN NULL ELSE v.${column} END`;
  return database.prepare(
    `INSERT INTO ${stagingTable(readingId)} (observation_id, ${columns.join(', ')}, volatile, moved)
     SELECT o.id, ${columns.map(unless).join(', ')}, v.volatile, o.volatile IS NOT v.volatile
     FROM (SELECT ? AS collector_id, ${columns.map((column) => `? AS ${column}`).join(', ')}, ? AS volatile) AS v
     LEFT JOIN observation o ON o.collector_id = v.collector_id AND o.native_id = v.native_id`,
  );
}

function stage(insert: Statement, reading: Reading, rows: readonly ObservationRow[]): void {
  for (const row of rows) {
    const { nativeId, thing, kind, scope, appId, principalId, fingerprint, body, volatile } = row;
    insert.run(reading.collectorId, nativeId, thing, kind, scope, appId, principalId, fingerprint, body, volatile);
  }
}

function unopened(database: Connection, scanId: number): ReadingStart[] {
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

/** A place that is covered within a covered place adds nothing: the ledger stays small for a company of any size. */
function dropImpliedClaims(database: Connection, readingId: number, judge: Judge): void {
  const atScope = database
    .prepare(
      `SELECT statement FROM statement WHERE reading_id = ? AND scope = ?
       ORDER BY CASE statement WHEN 'gap' THEN 0 WHEN 'covered' THEN 1 ELSE 2 END LIMIT 1`,
    )
    .pluck();
  const drop = database.prepare(`DELETE FROM statement WHERE reading_id = ? AND scope = ? AND statement IN ('covered', 'unchanged')`);
  const covered = database
    .prepare(
      `SELECT scope FROM statement WHERE reading_id = ? AND statement = 'covered' AND window_from IS NULL ORDER BY length(scope) DESC`,
    )
    .pluck()
    .all(readingId) as string[];
  for (const scope of covered) {
    const around = scope.lastIndexOf('/');
    if (around < 0 || atScope.get(readingId, scope) !== 'covered') continue;
    const outer = judge.said(scope.slice(0, around), (place) => atScope.get(readingId, place) as 'covered' | undefined);
    if (outer === 'covered') drop.run(readingId, scope);
  }
}
