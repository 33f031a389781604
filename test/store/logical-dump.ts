import { createRequire } from 'node:module';
import type { Database } from 'better-sqlite3';

/** Left out on purpose: how often was asked, who is scanning, and what is sealed with a number drawn at random, is no part of what is known. */
const LEFT_OUT = new Set(['lease', 'request_count', 'pseudonym']);

/** Scans are named by their place in the tenant's order; everything else by what it is about. Times of our own clock are left out. */
const TABLES: Readonly<Record<string, string>> = {
  document: 'SELECT kind, hash, content FROM document ORDER BY kind, hash',
  scan: 'SELECT tenant, state, config_hash, catalog_hash, policy_hash, program_version, partial, judged, pruned_at IS NOT NULL AS pruned FROM scan ORDER BY tenant, id',
  source_result: `SELECT ${night('t.scan_id')} AS night, source, connector, account, account_name, state, message
    FROM source_result t ORDER BY night, source`,
  collector:
    'SELECT tenant, connector, account, account_scope, collector, mode FROM collector ORDER BY tenant, connector, account, collector',
  reading: `SELECT ${night('t.scan_id')} AS night, ${collector('t.collector_id')} AS reader, source, version, state, ended_at IS NOT NULL AS ended,
    cursor, sizes, reader_changed, first, delta_since IS NOT NULL AS delta, sweep, withdrawn FROM reading t ORDER BY night, reader`,
  statement: `SELECT ${night('r.scan_id')} AS night, ${collector('r.collector_id')} AS reader, t.scope, t.statement, t.reason, t.permission, t.effect,
    t.by_design, t.spot_check, t.window_from IS NOT NULL AS windowed FROM statement t JOIN reading r ON r.id = t.reading_id ORDER BY night, reader, scope, statement, reason`,
  observation: `SELECT ${collector('t.collector_id')} AS reader, native_id, thing, kind, scope, app_id, principal_id, state, ${night('first_scan')} AS first,
    ${night('state_scan')} AS state_since, ${night('body_scan')} AS body_since, hex(fingerprint) AS fingerprint, body, volatile,
    ${night('volatile_scan')} AS moved FROM observation t ORDER BY reader, native_id`,
  observation_version: `SELECT ${collector('o.collector_id')} AS reader, o.native_id, ${night('t.from_scan')} AS since, ${night('t.until_scan')} AS until,
    hex(t.fingerprint) AS fingerprint, t.body FROM observation_version t JOIN observation o ON o.id = t.observation_id ORDER BY reader, native_id, until`,
  moving_unnoted: 'SELECT last_scan FROM moving_unnoted',
  volatile_version: `SELECT ${collector('o.collector_id')} AS reader, o.native_id, ${night('t.from_scan')} AS since, ${night('t.until_scan')} AS until,
    t.volatile FROM volatile_version t JOIN observation o ON o.id = t.observation_id ORDER BY reader, native_id, until`,
  diff_entry: `SELECT ${night('t.scan_id')} AS night, ${collector('o.collector_id')} AS reader, o.native_id, t.class, t.state
    FROM diff_entry t JOIN observation o ON o.id = t.observation_id ORDER BY night, reader, native_id`,
  integration: `SELECT tenant, connector, account, app_id, name, product, verdict, grade, state, ${night('first_scan')} AS first,
    ${night('body_scan')} AS body_since, body FROM integration ORDER BY tenant, connector, account, app_id`,
  finding: `SELECT key, tenant, connector, account, rule, app_id, credential_id, product, severity, rank, state, ${night('first_scan')} AS first,
    ${night('state_scan')} AS state_since, ${night('body_scan')} AS body_since, ${night('unverified_scan')} AS unverified_since, title, body FROM finding ORDER BY key`,
  integration_version: `SELECT i.tenant, i.connector, i.account, i.app_id, ${night('t.from_scan')} AS since, ${night('t.until_scan')} AS until,
    t.name, t.product, t.verdict, t.grade, t.state, t.body FROM integration_version t JOIN integration i ON i.id = t.integration_id
    ORDER BY i.tenant, i.connector, i.account, i.app_id, until`,
  finding_version: `SELECT key, ${night('from_scan')} AS since, ${night('until_scan')} AS until, product, severity, rank, state,
    ${night('unverified_scan')} AS unverified_since, title, body FROM finding_version ORDER BY key, until`,
  stale_place: `SELECT ${night('r.scan_id')} AS night, ${collector('r.collector_id')} AS reader, t.scope, t.unsaid
    FROM stale_place t JOIN reading r ON r.id = t.reading_id ORDER BY night, reader, scope`,
  suspected_place: `SELECT ${night('r.scan_id')} AS night, ${collector('r.collector_id')} AS reader, t.scope
    FROM suspected_place t JOIN reading r ON r.id = t.reading_id ORDER BY night, reader, scope`,
  pseudonymous_tenant: 'SELECT tenant, key_check FROM pseudonymous_tenant ORDER BY tenant',
  app_to_judge: 'SELECT tenant, connector, account, app_id FROM app_to_judge ORDER BY tenant, connector, account, app_id',
  // Hashes hold times of our own clock and numbers of scans.
  audit_event: 'SELECT tenant, number, actor, action FROM audit_event ORDER BY tenant, number',
  identity_override:
    'SELECT tenant, connector, account, principal_id, number, class, reason, actor FROM identity_override ORDER BY tenant, connector, account, principal_id, number',
  notice:
    'SELECT tenant, notifier, since_scan IS NOT NULL AS of_scans, failure, attempts, trouble, delivered_at IS NOT NULL AS delivered FROM notice ORDER BY tenant, notifier, made_at',
  earlier_gap: `SELECT ${collector('t.collector_id')} AS reader, scope, reason, permission, since FROM earlier_gap t ORDER BY reader, scope, reason, permission`,
  decision: `SELECT id, tenant, connector, rule_group, product, app_id, ${night('first_scan')} AS first, merged_into FROM decision ORDER BY id`,
  decision_finding: `SELECT key, decision, read_gone, ${night('read_scan')} AS read FROM decision_finding ORDER BY key`,
  ticket_sink: `SELECT tenant, sink, ${night('baseline_scan')} AS baseline FROM ticket_sink ORDER BY tenant, sink`,
  ticket: `SELECT decision, sink, generation, remote_id, label, remote_state, content_hash, told, closed_by, writes FROM ticket
    ORDER BY decision, sink, generation`,
  outbox: `SELECT tenant, sink, decision, generation, op, payload, idempotency_key, state, attempts, ${night('scan_id')} AS night FROM outbox
    ORDER BY tenant, sink, decision, generation, idempotency_key`,
  finding_act: 'SELECT key, number, act, text, seen, actor FROM finding_act ORDER BY key, number',
  finding_event: `SELECT ${night('scan_id')} AS night, key, event, detail FROM finding_event ORDER BY night, key, event`,
};

function night(id: string): string {
  return `(SELECT count(*) FROM scan s JOIN scan me ON me.id = ${id} WHERE s.tenant = me.tenant AND s.id <= me.id)`;
}

function collector(id: string): string {
  return `(SELECT c.tenant || ' ' || c.connector || ' ' || c.account || ' ' || c.collector FROM collector c WHERE c.id = ${id})`;
}

/**
 * All that a database knows, as text in an order of its own: two databases that know the same dump the same bytes,
 * however their scans were interrupted. A table that nobody described here is an error, a staging table that was left over too.
 */
export function logicalDump(file: string): string {
  return withDatabase(file, (database) => {
    const tables = database
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
      .pluck()
      .all() as string[];
    const unknown = tables.filter((name) => !LEFT_OUT.has(name) && !Object.hasOwn(TABLES, name));
    if (unknown.length > 0) throw new Error(`The logical dump does not know the tables ${unknown.join(', ')}`);
    const lines = Object.entries(TABLES).flatMap(([table, sql]) =>
      (database.prepare(sql).all() as Record<string, unknown>[]).map((row) => `${table} ${JSON.stringify(timeless(table, row))}`),
    );
    return `${lines.join('\n')}\n`;
  });
}

/** A cursor may hold the window of a log, which is a time of our own clock. */
function timeless(table: string, row: Record<string, unknown>): Record<string, unknown> {
  if (table !== 'reading' || typeof row['cursor'] !== 'string') return row;
  return { ...row, cursor: row['cursor'].replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>') };
}

/** Rows of a query, for what the reader of the store does not show. */
export function rowsOf<Row = Record<string, unknown>>(file: string, sql: string, ...values: unknown[]): Row[] {
  return withDatabase(file, (database) => database.prepare(sql).all(...values) as Row[]);
}

/** What SQLite itself says of the file; `ok` is the only good answer. */
export function integrityOf(file: string): string {
  return withDatabase(file, (database) => String(database.pragma('integrity_check', { simple: true })));
}

/** A connection of another program than ours. */
export function connect(file: string, options: { readonly?: boolean } = {}): Database {
  const Connection = createRequire(import.meta.url)('better-sqlite3') as new (file: string, options: object) => Database;
  return new Connection(file, options);
}

function withDatabase<Result>(file: string, work: (database: Database) => Result): Result {
  const database = connect(file, { readonly: true });
  try {
    return work(database);
  } finally {
    database.close();
  }
}
