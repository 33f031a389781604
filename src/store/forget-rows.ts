import { randomBytes } from 'node:crypto';
import type { Database as Connection } from 'better-sqlite3';
import type { Candidate } from '../identity/meant.ts';
import type { PrincipalKey } from '../identity/principal.ts';
import { fold } from '../text/fold.ts';
import { accountOf } from './account.ts';
import { withinJson } from './json-texts.ts';
import { nearnessOf, type Placed } from './nearness.ts';
import { forgetter, spellingsOf, withoutActor, type KnownAs } from './person-text.ts';
import { PERSONAL } from './personal-data.ts';

/** One row in which something is replaced. */
export interface Change {
  table: string;
  sql: string;
  values: (string | Buffer)[];
  key: unknown[];
}

/** Where the rows of a table belong: its FROM with the tenant's rows alone, the account, and the app and the principal that a row is about. */
interface Source {
  from: string;
  at: 'c' | 't' | 'o' | 'd';
  app?: string;
  about?: string;
}

const HOLDER = `t.body ->> '$.principal.id'`;
const FACT = 'JOIN collector c ON c.id = t.collector_id WHERE c.tenant = @tenant';
const OF_READING = 'JOIN reading r ON r.id = t.reading_id JOIN collector c ON c.id = r.collector_id WHERE c.tenant = @tenant';

/** Decisions stand over accounts: a name is looked for as in the account of one of their findings, or of their app. */
const DECISION = `(SELECT d.id, d.tenant, d.connector, d.app_id, coalesce(f.app_id, d.app_id) AS about_app,
    coalesce(f.account, (SELECT i.account FROM integration i WHERE i.tenant = d.tenant AND i.connector = d.connector AND i.app_id = d.app_id)) AS account
  FROM decision d LEFT JOIN finding f ON f.key = (SELECT min(m.key) FROM decision_finding m WHERE m.decision = d.id))`;

/** The tables in which something is replaced; which columns, personal-data.ts says. */
const SOURCES: Readonly<Record<string, Source>> = {
  observation: { from: `observation t ${FACT}`, at: 'c', about: HOLDER },
  observation_version: {
    from: 'observation_version t JOIN observation o ON o.id = t.observation_id JOIN collector c ON c.id = o.collector_id WHERE c.tenant = @tenant',
    at: 'c',
    about: HOLDER,
  },
  volatile_version: {
    from: 'volatile_version t JOIN observation o ON o.id = t.observation_id JOIN collector c ON c.id = o.collector_id WHERE c.tenant = @tenant',
    at: 'c',
    about: `o.body ->> '$.principal.id'`,
  },
  statement: { from: `statement t ${OF_READING}`, at: 'c' },
  stale_place: { from: `stale_place t ${OF_READING}`, at: 'c' },
  suspected_place: { from: `suspected_place t ${OF_READING}`, at: 'c' },
  earlier_gap: { from: `earlier_gap t ${FACT}`, at: 'c' },
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
  decision: { from: `${DECISION} t WHERE t.tenant = @tenant`, at: 't', app: 't.about_app' },
  outbox: {
    from: `outbox t JOIN ${DECISION} d ON d.id = t.decision WHERE d.tenant = @tenant AND t.state <> 'done'`,
    at: 'd',
    app: 'd.about_app',
  },
  finding_act: { from: 'finding_act t JOIN finding o ON o.key = t.key WHERE o.tenant = @tenant', at: 'o', app: 'o.app_id' },
  app_to_judge: { from: 'app_to_judge t WHERE t.tenant = @tenant', at: 't', app: 't.app_id' },
  identity_override: { from: 'identity_override t WHERE t.tenant = @tenant', at: 't', about: 't.principal_id' },
  // Another tenant may have been judged by the same file; nobody is meant by one of it who is not by the other.
  document: {
    from: `(SELECT d.*, NULL AS connector, NULL AS account FROM document d WHERE d.hash IN (
      SELECT substr(config_hash, 1, instr(config_hash || ' ', ' ') - 1) FROM scan WHERE tenant = @tenant
      UNION SELECT catalog_hash FROM scan WHERE tenant = @tenant UNION SELECT policy_hash FROM scan WHERE tenant = @tenant)) t WHERE TRUE`,
    at: 't',
  },
};

/** Columns that hold JSON: what is replaced there stays JSON. */
const JSON_COLUMNS = new Set(['body', 'volatile', 'content', 'cursor', 'payload']);

/** What has to be written so that some people are named nowhere any more. */
export function changesFor(
  database: Connection,
  tenant: string,
  { people, others, known }: { people: readonly Candidate[]; others: readonly Candidate[]; known: KnownAs },
): Change[] {
  const nearness = nearnessOf(database, tenant, people);
  const inAccount = new Map([...Map.groupBy(people, accountOf)].map(([account, own]) => [account, forgetter(knownIn(known, own))]));
  const ofOther = new Map(others.map((other) => [keyOf(other, other.id), forgetter(knownBeside(other, known))]));
  // Of one's own words an address alone is taken.
  const elsewhere = forgetter({ ...known, ids: [], logins: [] });
  return Object.entries(SOURCES).flatMap(([table, source]) => {
    const replaced = Object.entries(PERSONAL[table]!).filter(([, { forgetting }]) => forgetting === 'replaced');
    const texts = replaced.map(([column]) => column).filter((column) => column !== 'fingerprint');
    const changes: Change[] = [];
    for (const row of rowsNaming(database, tenant, table, source, texts, known)) {
      const near = nearness(table, row);
      // What was said of the person's own identity goes as a whole.
      if (table === 'identity_override' && near === 'own') continue;
      const forget = ofOther.get(keyOf(row, row.about)) ?? inAccount.get(accountOf(row)) ?? elsewhere;
      const columns: string[] = [];
      const values: (string | Buffer)[] = [];
      for (const column of texts) {
        const before = row.values[column];
        if (typeof before !== 'string') continue;
        const after = JSON_COLUMNS.has(column)
          ? withinJson(before, (text, isWord) => (isWord ? elsewhere : forget)(text, near))
          : column === 'actor'
            ? withoutActor(before, known)
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
    logins: known.logins.filter((login) => own.some(({ names, asserted = [] }) => names.includes(login) || asserted.includes(login))),
  };
}

/** For the facts of somebody else who bears some of the names: there they mean that one. */
function knownBeside({ connector, account, names, id }: Candidate, known: KnownAs): KnownAs {
  const own = new Set([...names, id].map(fold));
  const notOwn = (name: string) => !own.has(fold(name));
  const ids = known.ids.filter((one) => one.connector === connector && one.account === account);
  return { ...known, ids, addresses: known.addresses.filter(notOwn), logins: known.logins.filter(notOwn) };
}

function keyOf(at: { connector: string | null; account: string | null }, id: string | null): string {
  return JSON.stringify([accountOf(at), id]);
}

interface Row extends Placed {
  key: [string, unknown][];
  values: Record<string, unknown>;
}

/** Rows that contain one of the names anywhere. What is really meant is decided text by text. */
function* rowsNaming(
  database: Connection,
  tenant: string,
  table: string,
  { from, at, app, about }: Source,
  columns: readonly string[],
  { addresses, logins, ids }: KnownAs,
): Generator<Row> {
  const keys = (database.pragma(`table_info(${table})`) as { name: string; pk: number }[])
    .filter(({ pk }) => pk > 0)
    .map(({ name }) => name);
  const needles = needlesOf([...addresses, ...logins, ...ids.map(({ id }) => id)]);
  const hits = columns.map((column) => `EXISTS (SELECT 1 FROM json_each(@needles) n WHERE instr(fold(t.${column}), n.value) > 0)`);
  const select = [...keys.map((name) => `t.${name} AS key_${name}`), ...columns.map((name) => `t.${name} AS value_${name}`)];
  const found = database
    .prepare(
      `SELECT ${select.join(', ')}, ${at}.connector AS connector, ${at}.account AS account, ${app ?? 'NULL'} AS app,
         ${about ?? 'NULL'} AS about FROM ${from} AND (${hits.join(' OR ')})`,
    )
    .iterate({ tenant, needles: JSON.stringify(needles) });
  for (const row of found as IterableIterator<Record<string, unknown>>)
    yield {
      connector: row['connector'] as string | null,
      account: row['account'] as string | null,
      app: row['app'] as string | null,
      about: row['about'] as string | null,
      key: keys.map((name) => [name, row[`key_${name}`]]),
      values: Object.fromEntries(columns.map((name) => [name, row[`value_${name}`]])),
    };
}

/** Names as they may stand in a column: as they are, within a text of JSON, in the address of a page. */
function needlesOf(names: readonly string[]): string[] {
  const spelled = names.flatMap((name) => spellingsOf(name)).map(fold);
  return [...new Set(spelled.flatMap((name) => [name, JSON.stringify(name).slice(1, -1)]))];
}
