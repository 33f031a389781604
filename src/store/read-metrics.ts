import type { Database as Connection } from 'better-sqlite3';
import type { Access, DataClass } from '../connector/index.ts';
import type { Basis, Ended, EndedApp } from '../policy/ending.ts';
import type { Turning } from '../policy/settling.ts';
import type { Supervision } from '../policy/supervision.ts';
import { integrationsAt, observationsAt, stateAt } from './past.ts';

/** An AI integration that was there, with what watches over it. */
export interface SupervisedRow {
  connector: string;
  account: string;
  appId: string;
  name: string;
  product: string | null;
  /** Start of the first scan that saw it, ISO 8601. */
  firstSeen: string;
  /** What it can do to which class of data. */
  reach: readonly { dataClass: DataClass; access: Access; known: boolean }[];
  /** Absent where an earlier program judged it. */
  supervision?: Supervision;
}

/** The AI integrations of a tenant that were there in a scan, or that are there; as they were judged. */
export function readSupervised(database: Connection, tenant: string, asOf: number | undefined): SupervisedRow[] {
  const rows = database
    .prepare(
      `SELECT i.connector, i.account, i.app_id AS appId, i.name, i.product, s.started_at AS firstSeen, i.body -> '$.reach' AS reach, i.body ->> '$.supervision' AS supervision
       FROM ${integrationsAt(asOf)} i JOIN scan s ON s.id = i.first_scan
       WHERE i.tenant = ? AND i.verdict = 'ai' AND i.state <> 'gone' ORDER BY i.connector, i.account, i.app_id`,
    )
    .all(tenant) as (Omit<SupervisedRow, 'supervision' | 'reach'> & {
    reach: string;
    supervision: string | null;
  })[];
  return rows.map(({ reach, supervision, ...row }) => ({
    ...row,
    reach: (JSON.parse(reach) as SupervisedRow['reach']).map(({ dataClass, access, known }) => ({ dataClass, access, known })),
    ...(supervision !== null && { supervision: JSON.parse(supervision) as Supervision }),
  }));
}

/** How many places (lists and logs) of an account there are, and how many of them were not read whole. */
export interface UnreadRow {
  connector: string;
  account: string;
  unread: number;
  of: number;
}

/** Of each account of the tenant, by scan up to it, the places that were not read whole in it. */
export function readUnread(database: Connection, tenant: string, scanId: number): UnreadRow[] {
  return database
    .prepare(
      `SELECT c.connector, c.account, count(*) AS "of", count(*) FILTER (WHERE NOT ${isWhole('@scanId')}) AS unread
       FROM collector c WHERE c.tenant = @tenant AND ${isKnown('@scanId')}
       GROUP BY c.connector, c.account ORDER BY c.connector, c.account`,
    )
    .all({ tenant, scanId }) as UnreadRow[];
}

/** Which source read each account of the tenant last, by scan up to it. */
export function readSourceOf(database: Connection, tenant: string, scanId: number): SourceOfAccount[] {
  return database
    .prepare(
      `SELECT connector, account, source FROM (
         SELECT c.connector, c.account, r.source, row_number() OVER (PARTITION BY c.connector, c.account ORDER BY r.scan_id DESC, r.id DESC) AS back
         FROM reading r JOIN collector c ON c.id = r.collector_id WHERE c.tenant = ? AND r.scan_id <= ?)
       WHERE back = 1 ORDER BY connector, account`,
    )
    .all(tenant, scanId) as SourceOfAccount[];
}

export interface SourceOfAccount {
  connector: string;
  account: string;
  source: string;
}

/** Scans up to one of which the history is kept, and how many of them did not read all that was known by then. */
export function readUnreadNights(database: Connection, tenant: string, scanId: number): Pick<UnreadRow, 'unread' | 'of'> {
  return database
    .prepare(
      `SELECT count(*) AS "of", count(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM collector c WHERE c.tenant = @tenant AND ${isKnown('s.id')} AND NOT ${isWhole('s.id')})) AS unread
       FROM scan s WHERE s.tenant = @tenant AND s.id <= @scanId AND s.state = 'concluded' AND s.judged = 1 AND s.pruned_at IS NULL`,
    )
    .get({ tenant, scanId }) as Pick<UnreadRow, 'unread' | 'of'>;
}

/** Did a scan read the list or log `c` whole? */
function isWhole(scan: string): string {
  return `EXISTS (SELECT 1 FROM reading r WHERE r.collector_id = c.id AND r.scan_id = ${scan} AND r.state = 'ended'
    AND NOT EXISTS (SELECT 1 FROM gap_of_reading g WHERE g.reading_id = r.id AND g.by_design = 0))`;
}

/** Had anything begun to read it by then? */
function isKnown(scan: string): string {
  return `EXISTS (SELECT 1 FROM reading e WHERE e.collector_id = c.id AND e.scan_id <= ${scan})`;
}

/** When findings began and were settled, up to a scan, in the order of time. An exception settles one: somebody decided; `readEnded` tells what did. */
export function readTurnings(database: Connection, tenant: string, scanId: number): Turning[] {
  return database
    .prepare(
      `SELECT e.key, f.rule, iif(e.event IN ('resolved', 'excepted'), 'settled', 'began') AS event, s.started_at AS at, e.scan_id AS scan
       FROM finding_event e JOIN finding f ON f.key = e.key JOIN scan s ON s.id = e.scan_id
       WHERE f.tenant = ? AND e.scan_id <= ? AND e.event IN ('opened', 'returned', 'reopened', 'resolved', 'excepted')
       ORDER BY e.scan_id, event, e.key`,
    )
    .all(tenant, scanId) as Turning[];
}

/** What is stored of each scan that settled a finding; of scans of which the history was taken away nothing is told of the app. */
export function readEnded(database: Connection, tenant: string, scanId: number): Ended[] {
  const ofApp = `o.app_id = f.app_id AND c.tenant = f.tenant AND c.connector = f.connector AND c.account = f.account AND c.mode = 'inventory'`;
  const isCredential = `f.credential_id IN (o.thing, o.body ->> '$.subject.credential')`;
  const rows = database
    .prepare(
      `WITH app AS (
         SELECT id, tenant, connector, account, app_id, body_scan AS from_scan, 9e15 AS until_scan, first_scan, product, grade, verdict, state, body FROM integration
         UNION ALL SELECT i.id, i.tenant, i.connector, i.account, i.app_id, v.from_scan, v.until_scan, i.first_scan, v.product, v.grade, v.verdict, v.state, v.body
         FROM integration_version v JOIN integration i ON i.id = v.integration_id)
       SELECT e.key, e.scan_id AS scan, e.event, f.rule, f.connector, f.account, f.app_id AS appId,
         a.state, a.product, a.grade, a.body ->> '$.supervision.sanctioned' AS sanctioned, a.body ->> '$.supervision.denied' AS denied,
         iif(a.from_scan < e.scan_id, a.state, b.state) = 'gone' AS wasGone,
         a.from_scan = e.scan_id AND (a.verdict <> b.verdict OR a.product IS NOT b.product) AS isAnother,
         coalesce(iif(a.from_scan < e.scan_id, a.body, b.body) ->> '$.turnsAt' <= s.judged_at, 0) AS turned,
         s.pruned_at IS NULL AND (a.from_scan < e.scan_id OR b.id IS NOT NULL) AS kept,
         EXISTS (SELECT 1 FROM observation o JOIN collector c ON c.id = o.collector_id WHERE ${ofApp}) AS isStated,
         (SELECT iif(min(${stateAt('e.scan_id')} = 'gone'), 'gone', 'there') FROM observation o JOIN collector c ON c.id = o.collector_id
          WHERE ${ofApp} AND ${isCredential} AND o.first_scan <= e.scan_id HAVING count(*) > 0) AS credential,
         EXISTS (SELECT 1 FROM observation o JOIN collector c ON c.id = o.collector_id JOIN diff_entry d ON d.observation_id = o.id
          WHERE ${ofApp} AND d.scan_id = e.scan_id AND d.state = 'gone') AS went,
         coalesce((SELECT v.body FROM finding_version v WHERE v.key = f.key AND v.until_scan > e.scan_id ORDER BY v.until_scan LIMIT 1), f.body) -> '$.settledBy' AS settledBy
       FROM finding_event e JOIN finding f ON f.key = e.key JOIN scan s ON s.id = e.scan_id
       LEFT JOIN app a ON a.tenant = f.tenant AND a.connector = f.connector AND a.account = f.account AND a.app_id = f.app_id
         AND a.from_scan <= e.scan_id AND a.until_scan > e.scan_id
       LEFT JOIN app b ON b.id = a.id AND b.until_scan = e.scan_id
       WHERE f.tenant = ? AND e.scan_id <= ? AND e.event IN ('resolved', 'excepted') ORDER BY e.scan_id, e.key`,
    )
    .all(tenant, scanId) as EndedRow[];
  return rows.map(({ state, product, grade, sanctioned, denied, wasGone, isAnother, turned, kept, isStated, went, settledBy, ...row }) => ({
    ...row,
    app: kept
      ? {
          state,
          product,
          grade,
          sanctioned: sanctioned === null ? null : sanctioned === 1,
          denied: denied === 1,
          wasGone: wasGone === 1,
          isAnother: isAnother === 1,
          turned: turned === 1,
        }
      : null,
    isStated: isStated === 1,
    went: went === 1,
    settledBy: settledBy === null ? null : (JSON.parse(settledBy) as Ended['settledBy']),
  }));
}

type Stored<Row> = { [Field in keyof Row]: boolean extends Row[Field] ? number | Extract<Row[Field], null> : Row[Field] };
type EndedRow = Stored<Omit<Ended, 'app' | 'settledBy'> & EndedApp> & { settledBy: string | null; kept: number | null };

/** What each scan up to one was judged by, in their order. */
export function readBases(database: Connection, tenant: string, scanId: number): BasisRow[] {
  return database
    .prepare(
      `SELECT id AS scan, judged_at AS at, policy_hash AS policyHash FROM scan
       WHERE tenant = ? AND id <= ? AND judged_at IS NOT NULL ORDER BY id`,
    )
    .all(tenant, scanId) as BasisRow[];
}

export type BasisRow = Omit<Basis, 'policy'> & { scan: number };

/** Who holds an AI integration that is there. */
export interface HolderRow {
  connector: string;
  account: string;
  appId: string;
  id: string;
  name: string;
}

/** Holders of AI integrations, as lists state them, once for each integration; in a scan, or as things stand. */
export function readHolders(database: Connection, tenant: string, asOf: number | undefined): HolderRow[] {
  const [source, app, kind] =
    asOf === undefined
      ? ['observation', 'o.app_id', 'o.kind']
      : [observationsAt(asOf), `o.body ->> '$.subject.app'`, `o.body ->> '$.kind'`];
  return database
    .prepare(
      `SELECT i.connector, i.account, i.app_id AS appId, o.body ->> '$.principal.id' AS id, min(o.body ->> '$.principal.name') AS name
       FROM ${integrationsAt(asOf)} i JOIN ${source} o ON ${app} = i.app_id
       JOIN collector c ON c.id = o.collector_id AND c.tenant = i.tenant AND c.connector = i.connector AND c.account = i.account
       WHERE i.tenant = ? AND i.verdict = 'ai' AND i.state <> 'gone' AND c.mode = 'inventory' AND o.state <> 'gone'
         AND ${kind} NOT IN ('identity', 'control') AND o.body ->> '$.principal.id' IS NOT NULL
       GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    )
    .all(tenant) as HolderRow[];
}
