import type { Database as Connection } from 'better-sqlite3';
import { boundOf, isOfVendors, isOneOf, type OneOf } from './one-of.ts';
import { integrationsAt, observationsAt } from './past.ts';

/** In which order grants are listed: by app, or the newest first. */
export const GRANT_ORDERS = ['app', 'seen'] as const;
export type GrantOrder = (typeof GRANT_ORDERS)[number];

/** Which statements about access are asked for; what is undefined does not matter. */
export interface GrantQuery {
  tenant: string;
  kind?: string | undefined;
  states?: readonly string[] | undefined;
  connector?: OneOf | undefined;
  account?: string | undefined;
  app?: string | undefined;
  /** The id of the holder. */
  holder?: string | undefined;
  standing?: string | undefined;
  product?: string | undefined;
  vendor?: OneOf | undefined;
  verdict?: string | undefined;
  /** Of this permission among others, as the provider names it. */
  permission?: string | undefined;
  /** Events of logs about what inventories list are left out: an event never goes. */
  stands?: true | undefined;
  /** Without an end. */
  never?: true | undefined;
  sort: GrantOrder;
  /** The number of the grant after which the page begins. */
  after?: number | undefined;
  asOf?: number | undefined;
  /** -1 = all. */
  limit: number;
}

export interface FoundGrant {
  id: number;
  connector: string;
  account: string;
  collector: string;
  mode: 'inventory' | 'log';
  kind: string;
  thing: string;
  state: 'present' | 'unverified' | 'gone';
  appId: string;
  holderId: string | null;
  product: string | null;
  verdict: string | null;
  /** Number of the integration that it belongs to. */
  integration: number | null;
  /** JSON. */
  body: string;
  /** JSON; null also where a past moment is asked about. */
  volatile: string | null;
  firstSeen: string;
  firstScan: number;
}

/** Where the columns of an observation are found: of the past, only its body is kept. */
function columnsAt(asOf: number | undefined) {
  return asOf === undefined
    ? { from: 'observation', kind: 'o.kind', app: 'o.app_id', holder: 'o.principal_id', thing: 'o.thing' }
    : {
        from: observationsAt(asOf),
        kind: `o.body ->> '$.kind'`,
        app: `o.body ->> '$.subject.app'`,
        holder: `o.body ->> '$.principal.id'`,
        thing: `o.body ->> '$.thing'`,
      };
}

/** One after the other; nothing is asked before the first is taken. */
export function* readGrants(database: Connection, query: GrantQuery): Generator<FoundGrant> {
  const columns = columnsAt(query.asOf);
  const { kind, app, holder } = columns;
  const filters = {
    kind: `${kind} = @kind`,
    states: 'o.state IN (SELECT value FROM json_each(@states))',
    connector: isOneOf('c.connector', 'connector', query.connector ?? ''),
    account: 'c.account = @account',
    app: `${app} = @app`,
    holder: `${holder} = @holder`,
    standing: `o.body ->> '$.principal.standing' = @standing`,
    product: 'i.product = @product',
    vendor: isOfVendors('i.product', 'vendor', query.vendor ?? ''),
    verdict: 'i.verdict = @verdict',
    permission: `EXISTS (SELECT 1 FROM json_each(o.body, '$.permissions') p WHERE p.value = @permission)`,
    stands: `@stands AND (c.mode = 'inventory' OR NOT EXISTS (SELECT 1 FROM observation l JOIN collector lc ON lc.id = l.collector_id
      WHERE l.app_id = ${app} AND l.thing = ${columns.thing} AND lc.mode = 'inventory' ${query.asOf === undefined ? '' : `AND l.first_scan <= ${query.asOf}`}
        AND lc.tenant = c.tenant AND lc.connector = c.connector AND lc.account = c.account))`,
    never: `o.body ->> '$.expiresAt' = 'never' AND @never`,
  } as const satisfies Partial<Record<keyof GrantQuery, string>>;
  const asked = (Object.keys(filters) as (keyof typeof filters)[]).filter((key) => query[key] !== undefined);
  // In the order of the apps that come first, nothing has to be sorted.
  const [by, way] = query.sort === 'app' ? ([isOfVerdict(query) ? 'i.app_id' : app, 'ASC'] as const) : (['o.first_scan', 'DESC'] as const);
  const where = ['c.tenant = @tenant', `${kind} NOT IN ('identity', 'control')`, ...asked.map((key) => filters[key])];
  const last = (what: string) => `(SELECT ${what} FROM ${columns.from} o WHERE o.id = @after)`;
  if (query.after !== undefined)
    where.push(`(${by}, o.id) ${way === 'ASC' ? '>' : '<'} ${last(`${query.sort === 'app' ? app : by}, o.id`)}`);
  if (isOfProducts(query)) {
    const ofApps = [
      'i.tenant = @tenant',
      ...(['product', 'vendor'] as const).flatMap((key) => (query[key] === undefined ? [] : filters[key])),
    ];
    if (query.after !== undefined && query.sort === 'app') ofApps.push(`i.app_id >= ${last(app)}`);
    // A product has few apps: their ids, in order, lead to what is held of each, and only a page of it is read.
    where.push(`${app} IN (SELECT i.app_id FROM ${integrationsAt(query.asOf)} i WHERE ${ofApps.join(' AND ')})`);
  }
  yield* database
    .prepare(`${select(columns, query)} WHERE ${where.join(' AND ')} ORDER BY ${by} ${way}, o.id ${way} LIMIT @limit`)
    .iterate({
      tenant: query.tenant,
      limit: query.limit,
      ...Object.fromEntries(asked.map((key) => [key, key === 'states' ? JSON.stringify(query.states) : bound(query[key]!)])),
      ...(query.after !== undefined && { after: query.after }),
    }) as IterableIterator<FoundGrant>;
}

/** Of a verdict there are many apps, and less than of grants: there they come first. */
function select(columns: ReturnType<typeof columnsAt>, query: Partial<GrantQuery>): string {
  const { asOf } = query;
  const { from, kind, app, holder, thing } = columns;
  const ofIntegration = `i.tenant = c.tenant AND i.connector = c.connector AND i.account = c.account AND i.app_id = ${app}`;
  return `SELECT o.id, c.connector, c.account, c.collector, c.mode, ${kind} AS kind, ${thing} AS thing, o.state, ${app} AS appId, ${holder} AS holderId,
      i.product, i.verdict, i.id AS integration, o.body, o.volatile, s.started_at AS firstSeen, o.first_scan AS firstScan
    FROM ${
      isOfVerdict(query)
        ? `${integrationsAt(asOf)} i CROSS JOIN ${from} o ON ${app} = i.app_id JOIN collector c ON c.id = o.collector_id AND ${ofIntegration}`
        : `${from} o CROSS JOIN collector c ON c.id = o.collector_id LEFT JOIN ${integrationsAt(asOf)} i ON ${ofIntegration}`
    } CROSS JOIN scan s ON s.id = o.first_scan`;
}

function isOfProducts({ product, vendor }: Partial<GrantQuery>): boolean {
  return product !== undefined || vendor !== undefined;
}

function isOfVerdict(query: Partial<GrantQuery>): boolean {
  return query.verdict !== undefined && !isOfProducts(query);
}

function bound(value: OneOf | true): string | number {
  return value === true ? 1 : boundOf(value);
}

/** The grant with this number, as it stands or stood in a scan. */
export function readGrant(database: Connection, tenant: string, id: number, asOf: number | undefined): FoundGrant | undefined {
  return database.prepare(`${select(columnsAt(asOf), { asOf })} WHERE c.tenant = ? AND o.id = ?`).get(tenant, id) as FoundGrant | undefined;
}
