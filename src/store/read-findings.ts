import type { Database as Connection } from 'better-sqlite3';
import type { FindingState } from '../policy/judged.ts';
import { boundOf, isOfVendors, isOneOf, type OneOf } from './one-of.ts';
import { findingsAt, integrationsAt } from './past.ts';

/** Which findings are asked for. */
export interface FindingQuery {
  tenant: string;
  states?: readonly FindingState[];
  rule?: OneOf | undefined;
  /** Of one of these rules, too; absent = of any. */
  rules?: readonly string[] | undefined;
  severity?: OneOf | undefined;
  product?: string | undefined;
  connector?: OneOf | undefined;
  app?: string | undefined;
  /** A scan as of which is asked; undefined = as things stand. */
  asOf?: number | undefined;
  account?: string | undefined;
  /** The part of a product before its slash. */
  vendor?: OneOf | undefined;
  /** The key after which the page begins. */
  after?: string | undefined;
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

// What a join would bring is looked up column by column: SQLite plans a join anew for each key that is bound, and that takes longer than the row.
const select = (asOf: number | undefined) =>
  `SELECT f.key, f.connector, f.account, f.rule, f.app_id AS appId, f.credential_id AS credentialId, f.product, f.severity, f.state,
     f.title, f.body, (SELECT started_at FROM scan WHERE id = f.first_scan) AS firstSeen, f.first_scan AS firstScan,
     (SELECT started_at FROM scan WHERE id = f.unverified_scan) AS unverifiedSince,
     (SELECT i.name FROM ${integrationsAt(asOf)} i
      WHERE i.tenant = f.tenant AND i.connector = f.connector AND i.account = f.account AND i.app_id = f.app_id) AS name
   FROM ${findingsAt(asOf)} f`;

/** Without a look at the bodies, which are large: the keys of a page come from one index, its rows as they are taken. */
export function* readFindings(database: Connection, query: FindingQuery): Generator<FoundFinding> {
  const { where, values } = conditions(query);
  const table = findingsAt(query.asOf);
  if (query.after !== undefined) {
    const of = (what: string) => `(SELECT ${what} FROM ${table} f WHERE f.key = @after)`;
    // The first is where the index begins, the second where the page does.
    where.push(`f.rank <= ${of('f.rank')}`, `(-f.rank, f.key) > ${of('-f.rank, f.key')}`);
  }
  const tail = `WHERE ${where.join(' AND ')} ORDER BY f.rank DESC, f.key LIMIT @limit`;
  if (query.asOf !== undefined) {
    yield* database.prepare(`${select(query.asOf)} ${tail}`).iterate(values) as IterableIterator<FoundFinding>;
    return;
  }
  const keys = database.prepare(`SELECT f.key FROM finding f ${tail}`).pluck().all(values) as string[];
  const row = database.prepare(`${select(undefined)} WHERE f.key = ?`);
  for (const key of keys) {
    const found = row.get(key) as FoundFinding | undefined;
    if (found) yield found;
  }
}

/** More are not counted: each is a step in an index. */
export const MOST_COUNTED = 1_000;

/** How many there are on all pages. */
export function countOfFindings(database: Connection, query: FindingQuery): number {
  const { where, values } = conditions(query);
  const rows = `SELECT 1 FROM ${findingsAt(query.asOf)} f WHERE ${where.join(' AND ')} LIMIT ${MOST_COUNTED + 1}`;
  const count = database.prepare(`SELECT count(*) FROM (${rows})`);
  return count.pluck().get(values) as number;
}

function conditions(query: FindingQuery) {
  // The plus keeps SQLite from taking states by an index of theirs and sorting what it finds.
  // Of one app there are few findings, so its index comes before that of the tenant.
  const where = [
    query.app === undefined ? 'f.tenant = @tenant' : '+f.tenant = @tenant',
    '+f.state IN (SELECT value FROM json_each(@states))',
  ];
  for (const [condition, key] of [
    ['f.product = @product', 'product'],
    ['+f.account = @account', 'account'],
    ['f.app_id = @app', 'app'],
    ['f.rule IN (SELECT value FROM json_each(@rules))', 'rules'],
  ] as const)
    if (query[key] !== undefined) where.push(condition);
  const { rule, severity, connector, vendor } = query;
  if (rule !== undefined) where.push(isOneOf('f.rule', 'rule', rule));
  if (severity !== undefined) where.push(isOneOf('f.severity', 'severity', severity));
  if (vendor !== undefined) where.push(isOfVendors('f.product', 'vendor', vendor));
  if (connector !== undefined) where.push(isOneOf('+f.connector', 'connector', connector));
  const { asOf: _asOf, states, rules, ...asked } = query;
  const bound = {
    ...Object.fromEntries(Object.entries(asked).map(([key, value]) => [key, Array.isArray(value) ? boundOf(value) : value])),
    states: JSON.stringify(states ?? ['open', 'acknowledged']),
    rules: rules && JSON.stringify(rules),
  };
  return { where, values: Object.fromEntries(Object.entries(bound).filter(([, value]) => value !== undefined)) };
}

/** How many findings need a decision or are being decided, by severity. */
export function countFindings(database: Connection, tenant: string): Map<string, number> {
  const rows = database
    .prepare(`SELECT severity, count(*) AS number FROM finding WHERE tenant = ? AND state IN ('open', 'acknowledged') GROUP BY severity`)
    .all(tenant) as { severity: string; number: number }[];
  return new Map(rows.map(({ severity, number }) => [severity, number]));
}

/** Findings whose key starts so; at most 20, since more mean that too little of the key was given. */
export function readFindingsByPrefix(database: Connection, tenant: string, prefix: string, asOf: number | undefined): FoundFinding[] {
  return database
    .prepare(`${select(asOf)} WHERE +f.tenant = ? AND f.key >= ? AND f.key < ? ORDER BY f.key LIMIT 20`)
    .all(tenant, prefix, `${prefix}g`) as FoundFinding[];
}
