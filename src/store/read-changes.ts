import type { Database as Connection } from 'better-sqlite3';
import { boundOf, isOfVendors, isOneOf, type OneOf } from './one-of.ts';

/** What happened to a fact or to a finding. */
export const CHANGES = [
  'appeared',
  'newly_seen',
  'returned',
  'changed',
  'gone',
  'unverified',
  'verified',
  'opened',
  'resolved',
  'excepted',
  'reopened',
] as const;
export type Change = (typeof CHANGES)[number];

export interface ChangeQuery {
  tenant: string;
  /** After this scan, up to that one. */
  since: number;
  until: number;
  about?: 'fact' | 'finding' | undefined;
  changes?: readonly Change[] | undefined;
  /** Of facts: a kind; of findings: a rule. */
  kind?: string | undefined;
  connector?: OneOf | undefined;
  account?: string | undefined;
  app?: string | undefined;
  /** As findings and apps are known now. */
  product?: string | undefined;
  /** The part of a product before its slash. */
  vendor?: OneOf | undefined;
  /** The change after which the page begins. */
  after?: ChangeCursor | undefined;
}

/** Where in the list a change stands. */
export interface ChangeCursor {
  scan: number;
  id: string;
  change: string;
}

/** One thing that happened in a scan. */
export interface FoundChange {
  scan: number;
  /** Start of the scan, ISO 8601. */
  at: string;
  about: 'fact' | 'finding';
  change: Change;
  /** For `show`. */
  id: string;
  kind: string;
  connector: string;
  account: string;
  app: string;
  name: string;
  holder: string | null;
}

/** What of a scan is told in which order; within a part, by id. */
const PARTS = ['finding', 'happened', 'appeared'] as const;
type Part = (typeof PARTS)[number];

const FACT = `'g' || o.id AS id, o.kind, c.connector, c.account, o.app_id AS app, o.body ->> '$.subject.name' AS name, o.body ->> '$.principal.name' AS holder`;

/** The product of the app that a fact is about. */
const PRODUCT = `(SELECT i.product FROM integration i WHERE i.tenant = c.tenant AND i.connector = c.connector AND i.account = c.account AND i.app_id = o.app_id)`;

/** Each part is read in the order of an index: what is not asked for any more was not sorted either. */
const SQL: Readonly<
  Record<Part, Readonly<Record<'select' | 'kind' | 'change' | 'connector' | 'account' | 'app' | 'product' | 'id', string>>>
> = {
  finding: {
    select: `SELECT e.event AS change, f.key AS id, f.rule AS kind, f.connector, f.account, f.app_id AS app, f.title AS name, NULL AS holder
      FROM finding_event e JOIN finding f ON f.key = e.key WHERE e.scan_id = @scan AND f.tenant = @tenant`,
    kind: 'f.rule',
    change: 'e.event',
    connector: 'f.connector',
    account: 'f.account',
    app: 'f.app_id',
    product: 'f.product',
    id: 'e.key',
  },
  happened: {
    select: `SELECT d.class AS change, ${FACT} FROM diff_entry d JOIN observation o ON o.id = d.observation_id JOIN collector c ON c.id = o.collector_id
      WHERE d.scan_id = @scan AND c.tenant = @tenant AND c.mode = 'inventory' AND d.class <> 'reader_changed'`,
    kind: 'o.kind',
    change: 'd.class',
    connector: 'c.connector',
    account: 'c.account',
    app: 'o.app_id',
    product: PRODUCT,
    id: 'd.observation_id',
  },
  appeared: {
    select: `SELECT CASE WHEN r.first = 1 THEN 'newly_seen' ELSE 'appeared' END AS change, ${FACT}
      FROM observation o CROSS JOIN collector c ON c.id = o.collector_id LEFT JOIN reading r ON r.scan_id = o.first_scan AND r.collector_id = o.collector_id
      WHERE o.first_scan = @scan AND c.tenant = @tenant AND c.mode = 'inventory' AND coalesce(r.reader_changed, 0) = 0`,
    kind: 'o.kind',
    change: `CASE WHEN r.first = 1 THEN 'newly_seen' ELSE 'appeared' END`,
    connector: 'c.connector',
    account: 'c.account',
    app: 'o.app_id',
    product: PRODUCT,
    id: 'o.id',
  },
};

/** What happened after a scan, the last scan first, as rows are taken. */
export function* readChanges(database: Connection, query: ChangeQuery): Generator<FoundChange> {
  const scans = database
    .prepare(`SELECT id, started_at AS at FROM scan WHERE tenant = ? AND state = 'concluded' AND id > ? AND id <= ? ORDER BY id DESC`)
    .all(query.tenant, query.since, Math.min(query.until, query.after?.scan ?? Infinity)) as { id: number; at: string }[];
  for (const { id: scan, at } of scans) {
    const after = query.after?.scan === scan ? query.after : undefined;
    for (const part of PARTS) {
      const about = part === 'finding' ? 'finding' : 'fact';
      if (query.about !== undefined && query.about !== about) continue;
      if (after !== undefined && PARTS.indexOf(part) < PARTS.indexOf(partOf(after))) continue;
      for (const row of rowsOf(database, part, scan, query, after !== undefined && partOf(after) === part ? after : undefined))
        yield { scan, at, about, ...row };
    }
  }
}

function rowsOf(database: Connection, part: Part, scan: number, query: ChangeQuery, after: ChangeCursor | undefined) {
  const sql = SQL[part];
  const filters = {
    changes: `${sql.change} IN (SELECT value FROM json_each(@changes))`,
    kind: `${sql.kind} = @kind`,
    connector: isOneOf(sql.connector, 'connector', query.connector ?? ''),
    account: `${sql.account} = @account`,
    app: `${sql.app} = @app`,
    product: `${sql.product} = @product`,
    vendor: isOfVendors(sql.product, 'vendor', query.vendor ?? ''),
  } as const;
  const asked = (Object.keys(filters) as (keyof typeof filters)[]).filter((key) => query[key] !== undefined);
  const where = [
    sql.select,
    ...asked.map((key) => filters[key]),
    // A finding may have several events in one scan; of a fact there is one.
    ...(after ? [part === 'finding' ? '(e.key, e.event) > (@id, @change)' : `${sql.id} > @id`] : []),
  ];
  return database.prepare(`${where.join(' AND ')} ORDER BY ${sql.id}${part === 'finding' ? ', e.event' : ''}`).iterate({
    tenant: query.tenant,
    scan,
    ...Object.fromEntries(asked.map((key) => [key, key === 'changes' ? JSON.stringify(query.changes) : boundOf(query[key]!)])),
    ...(after && (part === 'finding' ? { id: after.id, change: after.change } : { id: Number(after.id.slice(1)) })),
  }) as IterableIterator<Omit<FoundChange, 'scan' | 'at' | 'about'>>;
}

function partOf({ id, change }: ChangeCursor): Part {
  if (!id.startsWith('g')) return 'finding';
  return change === 'appeared' || change === 'newly_seen' ? 'appeared' : 'happened';
}
