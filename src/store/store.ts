import { setTimeout as wait } from 'node:timers/promises';
import type { Statement } from 'better-sqlite3';
import { concludeReading } from './conclude.ts';
import { asStorageError, isBusy, LeaseLost, openDatabase } from './database.ts';
import { writeJudgement, type FindingJudge } from './judgement.ts';
import { abandonReadings, historyOf, openReading, unopened } from './readings.ts';
import type { ClassCounts, ObservationRow, Reading, ReadingHistory, ReadingStart, ScanStart, SourceResult, StatementRow } from './rows.ts';
import { stage, stagingStatement } from './staging.ts';
import { dropImpliedClaims, dropOldClaims, readAt, unvouched, type Judge, type Tonight } from './statements.ts';

/** Longer than a log may vouch for a place. */
const KEEP_UNCHANGED_MS = 30 * 86_400_000;

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
  /**
   * Of these places, those of which no reading is left that `unchanged` could renew, or whose stored facts have another holder than
   * tonight; and gaps below others that are still closed.
   */
  unvouched(
    reading: Reading,
    places: readonly string[],
    judge: Judge,
    tonight: Tonight,
  ): Promise<{ unvouched: string[]; closed: string[] }>;
  /** When each of these places was last read in an earlier scan. */
  readAt(reading: Reading, places: readonly string[], judge: Judge): Promise<Map<string, Date>>;
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
/** A source that seemed read whole may turn out to have left places unread: only the conclusion knows them. */
const PARTLY_READ = `UPDATE source_result SET state = 'partly' WHERE scan_id = @scanId AND state = 'read' AND EXISTS (
  SELECT 1 FROM gap_of_reading t JOIN reading r ON r.id = t.reading_id
  WHERE r.scan_id = @scanId AND r.source = source_result.source AND t.by_design = 0)`;
/** Gaps of one place, reason and permission are one line of the ledger; what a further one says is added up to this length. */
const LONGEST_EFFECT = 600;

/**
 * Opens the store in a SQLite file, which is made when there is none. A unit of work waits its turn where another process
 * is writing, another tenant's scan for one; after `patience` milliseconds it fails with a StorageError, and has done nothing.
 * A `signal` that is aborted ends the waiting, not the work: its reason is thrown where a unit would have to wait.
 */
export function openStore(file: string, { patience = PATIENCE_MS, signal }: { patience?: number; signal?: AbortSignal } = {}): Store {
  const database = openDatabase(file);
  // SQLite's own waiting would hold up all else that this process does: answers, its sign of life, an interrupt.
  database.pragma('busy_timeout = 0');

  /** Leases under which this store writes, by holder. Whoever lost one may not write another word. */
  const fences = new Map<string, string>();
  const holds = database.prepare('SELECT 1 FROM lease WHERE tenant = ? AND holder = ?');
  const fenced =
    <Result>(work: () => Result) =>
    () => {
      for (const [holder, tenant] of fences) if (!holds.get(tenant, holder)) throw new LeaseLost();
      return work();
    };

  /** Runs one unit of work, with SQLite's errors told as the user's. It has its turn before it begins, so nothing is done twice. */
  async function unit<Result>(work: () => Result): Promise<Result> {
    return inTurn(fenced(work));
  }

  async function inTurn<Result>(work: () => Result): Promise<Result> {
    const asked = performance.now();
    for (;;) {
      try {
        return database.transaction(work).immediate();
      } catch (error) {
        if (!isBusy(error) || performance.now() - asked > patience) throw asStorageError(error, file);
        signal?.throwIfAborted();
      }
      await wait(BETWEEN_TRIES_MS);
    }
  }

  const insertStatement = database.prepare(
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
  const state = (readingId: number, row: StatementRow) =>
    insertStatement.run({
      ...row,
      readingId,
      permission: row.permission ?? '',
      byDesign: row.byDesign ? 1 : 0,
      spotCheck: row.spotCheck ? 1 : 0,
    });

  return {
    acquireLease: (tenant, self, now, isDead) =>
      inTurn(() => {
        const held = database
          .prepare('SELECT holder, pid, host, process_start AS processStart, beat_at AS beatAt FROM lease WHERE tenant = ?')
          .get(tenant) as LeaseHolder | undefined;
        if (held && held.holder !== self.holder && !isDead(held)) return held;
        database
          .prepare('INSERT OR REPLACE INTO lease (tenant, holder, pid, host, process_start, beat_at) VALUES (?, ?, ?, ?, ?, ?)')
          .run(tenant, self.holder, self.pid, self.host, self.processStart, now.toISOString());
        fences.set(self.holder, tenant);
        return undefined;
      }),
    beat: (tenant, holder, now) =>
      inTurn(
        () =>
          database.prepare('UPDATE lease SET beat_at = ? WHERE tenant = ? AND holder = ?').run(now.toISOString(), tenant, holder)
            .changes === 1,
      ),
    releaseLease: (tenant, holder) =>
      inTurn(() => {
        fences.delete(holder);
        database.prepare('DELETE FROM lease WHERE tenant = ? AND holder = ?').run(tenant, holder);
      }),

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
    unvouched: (reading, places, judge, tonight) => unit(() => unvouched(database, reading, places, judge, tonight)),
    readAt: (reading, places, judge) => unit(() => readAt(database, reading, places, judge)),
    unopened: (scanId) => unit(() => unopened(database, scanId)),
    gapsOf: (scanId, source) =>
      unit(() =>
        Number(
          database
            .prepare(
              `SELECT count(*) FROM gap_of_reading t JOIN reading r ON r.id = t.reading_id WHERE r.scan_id = ? AND r.source = ? AND t.by_design = 0`,
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
            `SELECT r.id, r.scan_id, r.collector_id, c.mode, r.reader_changed, r.sweep, r.state, r.delta_since IS NOT NULL AS delta FROM reading r JOIN collector c ON c.id = r.collector_id
             WHERE r.scan_id = ? ORDER BY r.id`,
          )
          .all(scanId) as Parameters<typeof concludeReading>[1][];
        staging.clear();
        const totals: ClassCounts = {};
        for (const reading of readings) {
          for (const [entry, number] of Object.entries(concludeReading(database, reading, judge)))
            totals[entry] = (totals[entry] ?? 0) + (number ?? 0);
          dropImpliedClaims(database, reading.id, judge);
          dropOldClaims(database, reading.collector_id, new Date(now.getTime() - KEEP_UNCHANGED_MS));
        }
        database.prepare(PARTLY_READ).run({ scanId });
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
