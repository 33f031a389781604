import type { Database as Connection } from 'better-sqlite3';
import { asStorageError, openReadOnly } from './database.ts';
import type { FindingState } from '../policy/judged.ts';

/** What analysts see: concluded scans only, over a connection that cannot write. */
export interface Reader {
  scans(tenant: string, limit: number): ScanRow[];
  sources(scanId: number): SourceRow[];
  readings(scanId: number): ReadingRow[];
  gaps(scanId: number): GapRow[];
  requests(scanId: number): RequestRow[];
  findings(query: FindingQuery): FoundFinding[];
  /** Findings whose key starts so. */
  findingsByPrefix(tenant: string, prefix: string): FoundFinding[];
  observationsOfApp(tenant: string, connector: string, account: string, appId: string, limit: number): ObservationView[];
  /** What differs between two scans, of inventories; `from` undefined = before the first. */
  diff(tenant: string, from: number | undefined, to: number): DiffRow[];
  /** Observations of inventories that were present in a scan. */
  presentAt(tenant: string, scanId: number): number;
  /** Sizes that the collectors of a source counted last. */
  lastSizes(tenant: string, source: string): Record<string, number>;
  close(): void;
}

export interface ScanRow {
  id: number;
  state: 'concluded' | 'abandoned';
  startedAt: string;
  endedAt: string;
}

export interface SourceRow {
  source: string;
  connector: string;
  account: string | null;
  accountName: string | null;
  state: 'running' | 'read' | 'partly' | 'unread';
  message: string | null;
}

export interface ReadingRow {
  source: string;
  connector: string;
  account: string;
  collector: string;
  state: string;
  first: number;
  readerChanged: number;
}

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

export interface RequestRow {
  source: string;
  collector: string;
  operation: string;
  first: number;
  repeats: number;
}

export interface FindingQuery {
  tenant: string;
  states?: readonly FindingState[];
  rule?: string | undefined;
  severity?: string | undefined;
  product?: string | undefined;
  connector?: string | undefined;
  app?: string | undefined;
  limit: number;
}

export interface FoundFinding {
  key: string;
  connector: string;
  account: string;
  rule: string;
  appId: string;
  credentialId: string | null;
  product: string | null;
  severity: string;
  state: FindingState;
  title: string;
  body: string;
  firstSeen: string;
  firstScan: number;
  unverifiedSince: string | null;
  name: string;
}

export interface ObservationView {
  collector: string;
  mode: 'inventory' | 'log';
  thing: string;
  kind: string;
  state: string;
  body: string;
  volatile: string | null;
  firstSeen: string;
}

export interface DiffRow {
  class: 'appeared' | 'returned' | 'changed' | 'gone' | 'unverified';
  connector: string;
  account: string;
  collector: string;
  kind: string;
  thing: string;
  appId: string;
  body: string;
  /** What it said before, where it says something else now. */
  before: string | null;
  /** 1 when the account was read for the first time: newly seen, not new. */
  first: number;
}

const FINDING = `SELECT f.key, f.connector, f.account, f.rule, f.app_id AS appId, f.credential_id AS credentialId, f.product, f.severity, f.state,
  f.title, f.body, s.started_at AS firstSeen, f.first_scan AS firstScan,
  (SELECT started_at FROM scan WHERE id = f.unverified_scan) AS unverifiedSince, i.name
  FROM finding f JOIN scan s ON s.id = f.first_scan
  JOIN integration i ON i.tenant = f.tenant AND i.connector = f.connector AND i.account = f.account AND i.app_id = f.app_id`;

export function openReader(file: string): Reader {
  const database = openReadOnly(file);
  return tellingStorageErrors(file, {
    scans: (tenant, limit) =>
      database
        .prepare(
          `SELECT id, state, started_at AS startedAt, ended_at AS endedAt FROM scan WHERE tenant = ? AND state = 'concluded' ORDER BY id DESC LIMIT ?`,
        )
        .all(tenant, limit) as ScanRow[],
    sources: (scanId) =>
      database
        .prepare(
          'SELECT source, connector, account, account_name AS accountName, state, message FROM source_result WHERE scan_id = ? ORDER BY source',
        )
        .all(scanId) as SourceRow[],
    readings: (scanId) =>
      database
        .prepare(
          `SELECT r.source, c.connector, c.account, c.collector, r.state, r.first, r.reader_changed AS readerChanged
           FROM reading r JOIN collector c ON c.id = r.collector_id WHERE r.scan_id = ? ORDER BY r.source, r.id`,
        )
        .all(scanId) as ReadingRow[],
    gaps: (scanId) => gaps(database, scanId),
    requests: (scanId) =>
      database
        .prepare(
          'SELECT source, collector, operation, first, repeats FROM request_count WHERE scan_id = ? ORDER BY source, collector, operation',
        )
        .all(scanId) as RequestRow[],
    findings: (query) => findings(database, query),
    findingsByPrefix: (tenant, prefix) =>
      database
        .prepare(`${FINDING} WHERE f.tenant = ? AND f.key >= ? AND f.key < ? ORDER BY f.key LIMIT 20`)
        .all(tenant, prefix, `${prefix}g`) as FoundFinding[],
    observationsOfApp: (tenant, connector, account, appId, limit) =>
      database
        .prepare(
          `SELECT c.collector, c.mode, o.thing, o.kind, o.state, o.body, o.volatile, s.started_at AS firstSeen
           FROM observation o JOIN collector c ON c.id = o.collector_id JOIN scan s ON s.id = o.first_scan
           WHERE o.app_id = ? AND c.tenant = ? AND c.connector = ? AND c.account = ? ORDER BY o.state = 'gone', c.mode, o.thing LIMIT ?`,
        )
        .all(appId, tenant, connector, account, limit) as ObservationView[],
    diff: (tenant, from, to) => diff(database, tenant, from ?? 0, to),
    presentAt: (tenant, scanId) =>
      Number(
        database
          .prepare(
            `SELECT (SELECT count(*) FROM observation o JOIN collector c ON c.id = o.collector_id
                     WHERE c.tenant = @tenant AND c.mode = 'inventory' AND o.first_scan <= @scanId)
              - (SELECT count(*) FROM diff_entry d JOIN observation o ON o.id = d.observation_id JOIN collector c ON c.id = o.collector_id
                 WHERE c.tenant = @tenant AND c.mode = 'inventory' AND d.scan_id <= @scanId AND d.state <> 'present'
                   AND NOT EXISTS (SELECT 1 FROM diff_entry n WHERE n.observation_id = d.observation_id AND n.scan_id > d.scan_id AND n.scan_id <= @scanId))`,
          )
          .pluck()
          .get({ tenant, scanId }),
      ),
    lastSizes: (tenant, source) => {
      const rows = database
        .prepare(
          `SELECT r.sizes FROM reading r JOIN scan s ON s.id = r.scan_id
           WHERE s.tenant = ? AND r.source = ? AND r.state = 'ended'
             AND r.scan_id = (SELECT max(l.scan_id) FROM reading l WHERE l.collector_id = r.collector_id AND l.state = 'ended')`,
        )
        .pluck()
        .all(tenant, source) as string[];
      return Object.assign({}, ...rows.map((text) => JSON.parse(text) as Record<string, number>)) as Record<string, number>;
    },
    close: () => void database.close(),
  });
}

/** A database that breaks while it is read is told as one that cannot be opened: what is wrong, and what to do. */
function tellingStorageErrors(file: string, reader: Reader): Reader {
  const told = Object.entries(reader).map(([name, ask]) => [
    name,
    (...values: unknown[]) => {
      try {
        return (ask as (...values: unknown[]) => unknown)(...values);
      } catch (error) {
        throw asStorageError(error, file);
      }
    },
  ]);
  return Object.fromEntries(told) as Reader;
}

function findings(database: Connection, query: FindingQuery): FoundFinding[] {
  const where = ['f.tenant = @tenant', 'f.state IN (SELECT value FROM json_each(@states))'];
  for (const [column, key] of [
    ['f.rule', 'rule'],
    ['f.severity', 'severity'],
    ['f.product', 'product'],
    ['f.connector', 'connector'],
    ['f.app_id', 'app'],
  ] as const)
    if (query[key] !== undefined) where.push(`${column} = @${key}`);
  const bound = { ...query, states: JSON.stringify(query.states ?? ['open', 'acknowledged']) };
  const values = Object.fromEntries(Object.entries(bound).filter(([, value]) => value !== undefined));
  return database.prepare(`${FINDING} WHERE ${where.join(' AND ')} ORDER BY f.rank DESC, f.key LIMIT @limit`).all(values) as FoundFinding[];
}

/** The gaps of a scan. A gap is the same as last time when collector, place, reason and permission are. */
function gaps(database: Connection, scanId: number): GapRow[] {
  const rows = database
    .prepare(
      `SELECT r.source, c.connector, c.account, c.collector, t.scope, t.reason, t.permission, t.effect, t.by_design AS byDesign, r.collector_id AS collectorId
       FROM statement t JOIN reading r ON r.id = t.reading_id JOIN collector c ON c.id = r.collector_id
       WHERE r.scan_id = ? AND t.statement = 'gap' ORDER BY r.source, c.collector, t.scope`,
    )
    .all(scanId) as (Omit<GapRow, 'since' | 'known'> & { collectorId: number })[];
  const earlier = database.prepare(
    `SELECT s.started_at AS startedAt, EXISTS (
         SELECT 1 FROM statement t WHERE t.reading_id = r.id AND t.scope = @scope AND t.statement = 'gap' AND t.reason = @reason AND t.permission IS @permission) AS gap
       FROM reading r JOIN scan s ON s.id = r.scan_id WHERE r.collector_id = @collectorId AND r.scan_id < @scanId AND s.state = 'concluded' ORDER BY r.scan_id DESC`,
  );
  const startedAt = String(database.prepare('SELECT started_at FROM scan WHERE id = ?').pluck().get(scanId));
  return rows.map(({ collectorId, ...row }) => {
    let since = startedAt;
    let known = 0;
    for (const before of earlier.iterate({
      scope: row.scope,
      reason: row.reason,
      permission: row.permission,
      collectorId,
      scanId,
    }) as IterableIterator<{
      startedAt: string;
      gap: number;
    }>) {
      if (before.gap === 0) break;
      since = before.startedAt;
      known = 1;
    }
    return { ...row, since, known };
  });
}

/** State and body of an observation at two scans, and what happened between them. Only what has an entry is looked at. */
function diff(database: Connection, tenant: string, from: number, to: number): DiffRow[] {
  const stateAt = (scan: string) =>
    `coalesce((SELECT d.state FROM diff_entry d WHERE d.observation_id = o.id AND d.scan_id <= ${scan} ORDER BY d.scan_id DESC LIMIT 1), 'present')`;
  const at = (scan: string, column: string) =>
    `coalesce((SELECT v.${column} FROM observation_version v WHERE v.observation_id = o.id AND v.until_scan > ${scan} ORDER BY v.until_scan LIMIT 1), o.${column})`;
  const rows = database
    .prepare(
      `WITH touched AS (
         SELECT observation_id AS id FROM diff_entry WHERE scan_id > @from AND scan_id <= @to
         UNION SELECT o.id FROM observation o WHERE o.first_scan > @from AND o.first_scan <= @to
         UNION SELECT d.observation_id FROM diff_entry d WHERE d.state = 'unverified' AND d.scan_id <= @to
           AND NOT EXISTS (SELECT 1 FROM diff_entry n WHERE n.observation_id = d.observation_id AND n.scan_id > d.scan_id AND n.scan_id <= @to)
       )
       SELECT c.connector, c.account, c.collector, o.kind, o.thing, o.app_id AS appId, o.first_scan AS firstScan,
         ${stateAt('@from')} AS stateBefore, ${stateAt('@to')} AS stateAfter,
         ${at('@to', 'body')} AS body, ${at('@from', 'body')} AS before,
         ${at('@to', 'fingerprint')} <> ${at('@from', 'fingerprint')} AS differs,
         (SELECT group_concat(d.class) FROM diff_entry d WHERE d.observation_id = o.id AND d.scan_id > @from AND d.scan_id <= @to) AS classes,
         coalesce((SELECT r.first FROM reading r WHERE r.collector_id = o.collector_id AND r.scan_id = o.first_scan), 0) AS first,
         coalesce((SELECT r.reader_changed FROM reading r WHERE r.collector_id = o.collector_id AND r.scan_id = o.first_scan), 0) AS readerChanged
       FROM touched JOIN observation o ON o.id = touched.id JOIN collector c ON c.id = o.collector_id
       WHERE c.tenant = @tenant AND c.mode = 'inventory' AND o.first_scan <= @to
       ORDER BY c.connector, c.account, o.kind, o.thing`,
    )
    .all({ tenant, from, to }) as (Omit<DiffRow, 'class'> & Moment)[];
  return rows.flatMap(({ firstScan, stateBefore, stateAfter, differs, classes, readerChanged, ...row }) => {
    const found = classOf({ firstScan, stateBefore, stateAfter, differs, classes, readerChanged }, from);
    return found ? [{ ...row, class: found, before: found === 'changed' ? row.before : null }] : [];
  });
}

interface Moment {
  firstScan: number;
  stateBefore: string;
  stateAfter: string;
  differs: number;
  classes: string | null;
  readerChanged: number;
}

function classOf(moment: Moment, from: number): DiffRow['class'] | undefined {
  const { stateAfter } = moment;
  const before = moment.firstScan > from ? 'absent' : moment.stateBefore;
  const happened = new Set(moment.classes?.split(',') ?? []);
  if (before === 'absent' && moment.readerChanged === 1) return undefined;
  if (happened.has('reader_changed') && happened.size === 1) return undefined;
  if (stateAfter === 'unverified') return 'unverified';
  if (stateAfter === 'gone') return before === 'absent' || before === 'gone' ? undefined : 'gone';
  if (before === 'absent') return 'appeared';
  if (before === 'gone' || happened.has('returned')) return 'returned';
  return moment.differs === 1 ? 'changed' : undefined;
}
