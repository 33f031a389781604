import type { Database as Connection } from 'better-sqlite3';
import type { PrincipalKey } from '../identity/principal.ts';

/** One whom a text may mean: a principal of an account, under the names that it was ever stated with. */
export interface Candidate extends PrincipalKey {
  names: readonly string[];
  traits: readonly string[];
  /** Something that is stated of it was still so the last time that it was read. */
  present: boolean;
}

/** Principals with an id or a name, now or in any earlier version, gone or not. */
export function candidatesFor(database: Connection, tenant: string, text: string): Candidate[] {
  const stated = `SELECT c.connector, c.account, o.body -> '$.principal' AS principal, o.present FROM (
      SELECT collector_id, body, state = 'present' AS present FROM observation
      UNION ALL SELECT o.collector_id, v.body, 0 FROM observation_version v JOIN observation o ON o.id = v.observation_id) o
    JOIN collector c ON c.id = o.collector_id WHERE c.tenant = @tenant AND o.body -> '$.principal' IS NOT NULL`;
  const rows = database
    .prepare(
      `SELECT DISTINCT connector, account, principal FROM (${stated}) WHERE principal ->> '$.id' = @text OR lower(principal ->> '$.name') = lower(@text)`,
    )
    .all({ tenant, text }) as { connector: string; account: string; principal: string }[];
  const same = database.prepare(
    `SELECT DISTINCT principal, present FROM (${stated}) WHERE connector = @connector AND account = @account
       AND (principal ->> '$.id' = @id OR lower(principal ->> '$.name') = lower(@name))`,
  );
  const found = new Map<string, { key: PrincipalKey; names: Set<string>; traits: Set<string>; present: boolean }>();
  for (const { connector, account, principal } of rows) {
    const { id, name } = JSON.parse(principal) as Stated;
    for (const row of same.all({ tenant, connector, account, id, name }) as { principal: string; present: number }[]) {
      const one = JSON.parse(row.principal) as Stated;
      const key = JSON.stringify([connector, account, one.id]);
      const known = found.get(key) ?? { key: { connector, account, id: one.id }, names: new Set(), traits: new Set(), present: false };
      known.names.add(one.name);
      for (const trait of one.traits) known.traits.add(trait);
      known.present ||= row.present === 1;
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ key, names, traits, present }) => ({
    ...key,
    names: [...names].sort(),
    traits: [...traits].sort(),
    present,
  }));
}

type Stated = { id: string; name: string; traits: string[] };
