import type { Database as Connection } from 'better-sqlite3';
import type { Access, DataClass } from '../connector/index.ts';
import type { Turning } from '../policy/settling.ts';
import type { Supervision } from '../policy/supervision.ts';
import { integrationsAt, observationsAt } from './past.ts';

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

/** When findings began and were settled, up to a scan, in the order of time. An exception settles one: somebody decided. */
export function readTurnings(database: Connection, tenant: string, scanId: number): Turning[] {
  return database
    .prepare(
      `SELECT e.key, f.rule, iif(e.event IN ('resolved', 'excepted'), 'settled', 'began') AS event, s.started_at AS at
       FROM finding_event e JOIN finding f ON f.key = e.key JOIN scan s ON s.id = e.scan_id
       WHERE f.tenant = ? AND e.scan_id <= ? AND e.event IN ('opened', 'returned', 'reopened', 'resolved', 'excepted')
       ORDER BY e.scan_id, event, e.key`,
    )
    .all(tenant, scanId) as Turning[];
}

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
