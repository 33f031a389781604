import { randomBytes } from 'node:crypto';
import type { Database as Connection } from 'better-sqlite3';
import type { PrincipalKey } from '../identity/principal.ts';
import type { Candidate } from './candidates.ts';
import { forgetter, type KnownAs, type Nearness } from './person-text.ts';
import { PERSONAL } from './personal-data.ts';

/** One row in which something is replaced. */
export interface Change {
  table: string;
  sql: string;
  values: (string | Buffer)[];
  key: unknown[];
}

/** Where the rows of a table belong: its FROM with the tenant's rows alone, the account, and the app that a row is about. */
interface Source {
  from: string;
  at: 'c' | 't' | 'o';
  app?: string;
}

const FACT = 'JOIN collector c ON c.id = t.collector_id WHERE c.tenant = @tenant';
const OF_READING = 'JOIN reading r ON r.id = t.reading_id JOIN collector c ON c.id = r.collector_id WHERE c.tenant = @tenant';

/** The tables in which something is replaced; which columns, personal-data.ts says. */
const SOURCES: Readonly<Record<string, Source>> = {
  observation: { from: `observation t ${FACT}`, at: 'c' },
  observation_version: {
    from: 'observation_version t JOIN observation o ON o.id = t.observation_id JOIN collector c ON c.id = o.collector_id WHERE c.tenant = @tenant',
    at: 'c',
  },
  statement: { from: `statement t ${OF_READING}`, at: 'c' },
  stale_place: { from: `stale_place t ${OF_READING}`, at: 'c' },
  suspected_place: { from: `suspected_place t ${OF_READING}`, at: 'c' },
  reading: { from: `reading t ${FACT}`, at: 'c' },
  source_result: { from: 'source_result t JOIN scan s ON s.id = t.scan_id WHERE s.tenant = @tenant', at: 't' },
  integration: { from: 'integration t WHERE t.tenant = @tenant', at: 't', app: 't.app_id' },
  integration_version: {
    from: 'integration_version t JOIN integration o ON o.id = t.integration_id WHERE o.tenant = @tenant',
    at: 'o',
    app: 'o.app_id',
  },
  finding: { from: 'finding t WHERE t.tenant = @tenant', at: 't', app: 't.app_id' },
  finding_version: { from: 'finding_version t JOIN finding o ON o.key = t.key WHERE o.tenant = @tenant', at: 'o', app: 'o.app_id' },
  finding_event: { from: 'finding_event t JOIN finding o ON o.key = t.key WHERE o.tenant = @tenant', at: 'o', app: 'o.app_id' },
  app_to_judge: { from: 'app_to_judge t WHERE t.tenant = @tenant', at: 't', app: 't.app_id' },
  // Another tenant may have been judged by the same file; nobody is meant by one of it who is not by the other.
  document: {
    from: `(SELECT d.*, NULL AS connector, NULL AS account FROM document d WHERE d.hash IN (
      SELECT substr(config_hash, 1, instr(config_hash || ' ', ' ') - 1) FROM scan WHERE tenant = @tenant
      UNION SELECT catalog_hash FROM scan WHERE tenant = @tenant UNION SELECT policy_hash FROM scan WHERE tenant = @tenant)) t WHERE TRUE`,
    at: 't',
  },
};

/** Columns that hold JSON: what is replaced there stays JSON. */
const JSON_COLUMNS = new Set(['body', 'volatile', 'content', 'cursor']);

/** What has to be written so that some people are named nowhere any more. */
export function changesFor(database: Connection, tenant: string, people: readonly Candidate[], known: KnownAs): Change[] {
  const nearness = nearnessOf(database, tenant, people);
  const inAccount = new Map([...Map.groupBy(people, accountOf)].map(([account, own]) => [account, forgetter(knownIn(known, own))]));
  // Of one's own words an address alone is taken.
  const elsewhere = forgetter({ ...known, ids: [], logins: [] });
  return Object.entries(SOURCES).flatMap(([table, source]) => {
    const replaced = Object.entries(PERSONAL[table]!).filter(([, { forgetting }]) => forgetting === 'replaced');
    const texts = replaced.map(([column]) => column).filter((column) => column !== 'fingerprint');
    const changes: Change[] = [];
    for (const row of rowsNaming(database, tenant, table, source, texts, known)) {
      const near = nearness(table, row);
      const forget = inAccount.get(accountOf(row)) ?? elsewhere;
      const columns: string[] = [];
      const values: (string | Buffer)[] = [];
      for (const column of texts) {
        const before = row.values[column];
        if (typeof before !== 'string') continue;
        const after = JSON_COLUMNS.has(column)
          ? withinJson(before, (text, isWord) => (isWord ? elsewhere : forget)(text, near))
          : forget(before, near);
        if (after === before) continue;
        columns.push(column);
        values.push(after);
      }
      if (columns.length === 0) continue;
      // Of the person's own facts even the digest goes: whoever knows the person could make it again.
      if (near === 'own' && 'fingerprint' in PERSONAL[table]!) {
        columns.push('fingerprint');
        values.push(randomBytes(16));
      }
      const sql = `UPDATE ${table} SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE ${row.key.map(([name]) => `${name} = ?`).join(' AND ')}`;
      changes.push({ table, sql, values, key: row.key.map(([, value]) => value) });
    }
    return changes;
  });
}

/** What of all that is known holds in the account of some of the people: ids and logins mean somebody else in another. */
function knownIn(known: KnownAs, own: readonly Candidate[]): KnownAs {
  const isOwn = (one: PrincipalKey) => own.some((person) => accountOf(person) === accountOf(one) && person.id === one.id);
  return {
    ...known,
    ids: known.ids.filter(isOwn),
    logins: known.logins.filter((login) => own.some(({ names }) => names.includes(login))),
  };
}

interface Row {
  connector: string | null;
  account: string | null;
  app: string | null;
  key: [string, unknown][];
  values: Record<string, unknown>;
}

/** Rows that contain one of the names anywhere. What is really meant is decided text by text. */
function* rowsNaming(
  database: Connection,
  tenant: string,
  table: string,
  { from, at, app }: Source,
  columns: readonly string[],
  { addresses, logins, ids }: KnownAs,
): Generator<Row> {
  const keys = (database.pragma(`table_info(${table})`) as { name: string; pk: number }[])
    .filter(({ pk }) => pk > 0)
    .map(({ name }) => name);
  const needles = [
    ...new Set([...addresses, ...logins, ...ids.map(({ id }) => id)].map((name) => JSON.stringify(name.toLowerCase()).slice(1, -1))),
  ];
  const hits = columns.flatMap((column) => needles.map((_, index) => `instr(lower(t.${column}), @needle${index}) > 0`));
  const select = [...keys.map((name) => `t.${name} AS key_${name}`), ...columns.map((name) => `t.${name} AS value_${name}`)];
  const found = database
    .prepare(
      `SELECT ${select.join(', ')}, ${at}.connector AS connector, ${at}.account AS account, ${app ?? 'NULL'} AS app FROM ${from} AND (${hits.join(' OR ')})`,
    )
    .iterate({ tenant, ...Object.fromEntries(needles.map((needle, index) => [`needle${index}`, needle])) });
  for (const row of found as IterableIterator<Record<string, unknown>>)
    yield {
      connector: row['connector'] as string | null,
      account: row['account'] as string | null,
      app: row['app'] as string | null,
      key: keys.map((name) => [name, row[`key_${name}`]]),
      values: Object.fromEntries(columns.map((name) => [name, row[`value_${name}`]])),
    };
}

/** How near a row is to the people: their own facts, what was judged of apps that they hold or held, their account, or none of it. */
function nearnessOf(database: Connection, tenant: string, people: readonly Candidate[]): (table: string, row: Row) => Nearness {
  const accounts = new Set(people.map(accountOf));
  const isOne = (connector: unknown, account: unknown, id: unknown) =>
    people.some((one) => one.connector === connector && one.account === account && one.id === id);
  const held = database.prepare(
    `SELECT DISTINCT o.app_id AS app FROM observation o JOIN collector c ON c.id = o.collector_id
     WHERE c.tenant = @tenant AND c.connector = @connector AND c.account = @account AND o.principal_id = @id
     UNION SELECT v.body ->> '$.subject.app' FROM observation_version v JOIN observation o ON o.id = v.observation_id JOIN collector c ON c.id = o.collector_id
       WHERE c.tenant = @tenant AND c.connector = @connector AND c.account = @account AND v.body ->> '$.principal.id' = @id`,
  );
  const apps = new Set(
    people.flatMap(({ connector, account, id }) =>
      (held.all({ tenant, connector, account, id }) as { app: string | null }[]).map(({ app }) =>
        JSON.stringify([connector, account, app]),
      ),
    ),
  );
  return (table, row) => {
    const { connector, account, app, values } = row;
    if (!accounts.has(accountOf(row))) return 'elsewhere';
    if (table === 'observation' || table === 'observation_version')
      return isOne(connector, account, holderIn(values['body'])) ? 'own' : 'account';
    return apps.has(JSON.stringify([connector, account, app])) ? 'related' : 'account';
  };
}

function holderIn(body: unknown): string | undefined {
  return (JSON.parse(String(body)) as { principal?: { id: string } }).principal?.id;
}

function accountOf({ connector, account }: { connector: string | null; account: string | null }): string {
  return JSON.stringify([connector, account]);
}

/** Every text within a value of JSON, with whether it is one of our own words. What is no JSON, as a file with comments, is one text. */
function withinJson(json: string, replace: (text: string, isWord: boolean) => string): string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return replace(json, false);
  }
  const before = JSON.stringify(value);
  const after = JSON.stringify(mapped(value, replace, false));
  return after === before ? json : after;
}

/** Fields that hold words of ours, or of the catalog: somebody whose login is `active` must not take that word along. */
const WORDS = new Set(
  'access at can candidates connectors data dataClass flags from grade is kind kinds permissions plain product productName remedy speaksFor standing statement traits type use vendor verdict why'.split(
    ' ',
  ),
);

function mapped(value: unknown, replace: (text: string, isWord: boolean) => string, isWord: boolean): unknown {
  if (typeof value === 'string') return replace(value, isWord);
  if (Array.isArray(value)) return value.map((one) => mapped(one, replace, isWord));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [replace(name, true), mapped(one, replace, isWord || WORDS.has(name))]),
  );
}
