import type { Database as Connection } from 'better-sqlite3';
import { boundOf, isOfVendors, isOneOf, type OneOf } from './one-of.ts';
import { integrationsAt } from './past.ts';

/** In which order integrations are listed: the newest first, by name, by product, or those that most hold first. */
export const INTEGRATION_ORDERS = ['seen', 'name', 'product', 'holders'] as const;
export type IntegrationOrder = (typeof INTEGRATION_ORDERS)[number];

/** Which integrations are asked for; what is undefined does not matter. */
export interface IntegrationQuery {
  tenant: string;
  verdicts?: readonly string[] | undefined;
  states?: readonly string[] | undefined;
  connector?: OneOf | undefined;
  account?: string | undefined;
  app?: string | undefined;
  product?: string | undefined;
  /** The part of a product before its slash. */
  vendor?: OneOf | undefined;
  /** A class of data that it reaches, and how. */
  data?: string | undefined;
  access?: string | undefined;
  sort: IntegrationOrder;
  /** The number of the integration after which the page begins. */
  after?: number | undefined;
  /** A scan as of which is asked; undefined = as things stand. */
  asOf?: number | undefined;
  /** -1 = all. */
  limit: number;
}

export interface FoundIntegration {
  id: number;
  connector: string;
  account: string;
  appId: string;
  name: string;
  product: string | null;
  verdict: string;
  grade: string;
  state: 'present' | 'unverified' | 'gone';
  /** JSON. */
  body: string;
  /** Start of the scan that saw it first. */
  firstSeen: string;
  firstScan: number;
}

/** What is sorted by, of the integration `i`; its number breaks ties. */
const ORDER: Readonly<Record<IntegrationOrder, { by: string; way: 'ASC' | 'DESC' }>> = {
  seen: { by: 'i.first_scan', way: 'DESC' },
  name: { by: 'i.name', way: 'ASC' },
  product: { by: `coalesce(i.product, '~')`, way: 'ASC' },
  holders: { by: `CAST(i.body ->> '$.holders.count' AS INTEGER)`, way: 'DESC' },
};

const FILTERS = {
  verdicts: () => 'i.verdict IN (SELECT value FROM json_each(@verdicts))',
  states: () => 'i.state IN (SELECT value FROM json_each(@states))',
  connector: (asked) => isOneOf('i.connector', 'connector', asked),
  account: () => 'i.account = @account',
  app: () => 'i.app_id = @app',
  product: () => 'i.product = @product',
  vendor: (asked) => isOfVendors('i.product', 'vendor', asked),
  data: () =>
    `EXISTS (SELECT 1 FROM json_each(i.body, '$.reach') r WHERE r.value ->> '$.dataClass' = @data AND (@access IS NULL OR r.value ->> '$.access' = @access))`,
  access: () => `EXISTS (SELECT 1 FROM json_each(i.body, '$.reach') r WHERE r.value ->> '$.access' = @access)`,
} as const satisfies Partial<Record<keyof IntegrationQuery, (asked: OneOf) => string>>;

/** Bound as a list, however many there are. */
const LISTS: ReadonlySet<string> = new Set(['verdicts', 'states']);

/** One after the other; nothing is asked before the first is taken. */
export function* readIntegrations(database: Connection, query: IntegrationQuery): Generator<FoundIntegration> {
  const { by, way } = ORDER[query.sort];
  const table = integrationsAt(query.asOf);
  const asked = (Object.keys(FILTERS) as (keyof typeof FILTERS)[]).filter((key) => query[key] !== undefined);
  const where = ['i.tenant = @tenant', ...asked.map((key) => FILTERS[key](query[key]!))];
  const values = {
    tenant: query.tenant,
    ...Object.fromEntries(asked.map((key) => [key, LISTS.has(key) ? JSON.stringify(query[key]) : boundOf(query[key]!)])),
    ...(query.data !== undefined && { access: query.access ?? null }),
    ...(query.after !== undefined && { after: query.after }),
  };
  // Of one scan there may be all: an index leads to a place among equals only where they are asked for by themselves.
  const last = `(SELECT ${by} FROM ${table} i WHERE i.id = @after)`;
  const beyond = way === 'ASC' ? '>' : '<';
  const parts = query.after === undefined ? [[]] : [[`${by} = ${last}`, `i.id ${beyond} @after`], [`${by} ${beyond} ${last}`]];
  let taken = 0;
  for (const part of parts) {
    const rows = database
      .prepare(
        `SELECT i.id, i.connector, i.account, i.app_id AS appId, i.name, i.product, i.verdict, i.grade, i.state, i.body,
           s.started_at AS firstSeen, i.first_scan AS firstScan
         FROM ${table} i JOIN scan s ON s.id = i.first_scan
         WHERE ${[...where, ...part].join(' AND ')} ORDER BY ${by} ${way}, i.id ${way} LIMIT @limit`,
      )
      .iterate({ ...values, limit: query.limit < 0 ? -1 : query.limit - taken }) as IterableIterator<FoundIntegration>;
    for (const row of rows) {
      taken++;
      yield row;
    }
  }
}

/** The integration with this number, as it stands or stood in a scan. */
export function readIntegration(database: Connection, tenant: string, id: number, asOf: number | undefined): FoundIntegration | undefined {
  return database
    .prepare(
      `SELECT i.id, i.connector, i.account, i.app_id AS appId, i.name, i.product, i.verdict, i.grade, i.state, i.body,
         s.started_at AS firstSeen, i.first_scan AS firstScan
       FROM ${integrationsAt(asOf)} i JOIN scan s ON s.id = i.first_scan WHERE i.tenant = ? AND i.id = ?`,
    )
    .get(tenant, id) as FoundIntegration | undefined;
}
