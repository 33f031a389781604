import type { Database as Connection } from 'better-sqlite3';
import type { Candidate } from '../identity/meant.ts';
import type { PrincipalKey } from '../identity/principal.ts';
import { fold } from '../text/fold.ts';
import { accountOf } from './account.ts';

/** What is stated of holders, now and in earlier versions. */
const STATED = `(SELECT c.connector, c.account, o.body -> '$.principal' AS principal, o.present,
    o.body ->> '$.kind' IN ('identity', 'service_account', 'agent') AS listed FROM (
    SELECT collector_id, body, state = 'present' AS present FROM observation WHERE principal_id IS NOT NULL
    UNION ALL SELECT o.collector_id, v.body, 0 FROM observation_version v JOIN observation o ON o.id = v.observation_id) o
  JOIN collector c ON c.id = o.collector_id WHERE c.tenant = @tenant AND o.body -> '$.principal' IS NOT NULL)`;

/**
 * Principals with an id or a name, now or in any earlier version, gone or not; and with each, who else bears the same id or name in the same
 * account: a fact that knows a holder by name alone has the name in the place of the id.
 */
export function candidatesFor(database: Connection, tenant: string, text: string): Candidate[] {
  const stated = database.prepare(
    `SELECT connector, account, principal, max(present) AS present, max(listed) AS listed FROM ${STATED}
     WHERE principal ->> '$.id' IN (SELECT value FROM json_each(@ids)) OR fold(principal ->> '$.name') IN (SELECT value FROM json_each(@names))
     GROUP BY connector, account, principal`,
  );
  const ask = (ids: readonly string[], names: readonly string[]) =>
    stated.all({ tenant, ids: JSON.stringify(ids), names: JSON.stringify(names.map(fold)) }) as StatedRow[];
  const meant = ask([text], [text]);
  const sought = meant.map(({ principal }) => JSON.parse(principal) as Stated);
  const accounts = new Set(meant.map(accountOf));
  const around = ask(
    sought.map(({ id }) => id),
    sought.map(({ name }) => name),
  ).filter((row) => accounts.has(accountOf(row)));
  const byPrincipal = Map.groupBy(around, (row) => JSON.stringify([accountOf(row), (JSON.parse(row.principal) as Stated).id]));
  return [...byPrincipal.values()].map((rows) => {
    const all = rows.map(({ principal }) => JSON.parse(principal) as Stated);
    return {
      connector: rows[0]!.connector,
      account: rows[0]!.account,
      id: all[0]!.id,
      names: [...new Set(all.map(({ name }) => name))].sort(),
      traits: [...new Set(all.flatMap(({ traits }) => traits))].sort(),
      listed: rows.some(({ listed }) => listed === 1),
      present: rows.some(({ present }) => present === 1),
    };
  });
}

/** All that lists a principal or says something of it, now and in earlier versions, gone or not. */
export function statedOf(database: Connection, tenant: string, { connector, account, id }: PrincipalKey): StatedFact[] {
  return database
    .prepare(
      `SELECT DISTINCT o.body ->> '$.kind' AS kind, o.body FROM (
         SELECT collector_id, body FROM observation WHERE principal_id = @id
         UNION ALL SELECT o.collector_id, v.body FROM observation_version v JOIN observation o ON o.id = v.observation_id
           WHERE v.body ->> '$.principal.id' = @id) o
       JOIN collector c ON c.id = o.collector_id
       WHERE c.tenant = @tenant AND c.connector = @connector AND c.account = @account AND o.body ->> '$.kind' IN ('identity', 'control', 'seat')`,
    )
    .all({ tenant, connector, account, id }) as StatedFact[];
}

export interface StatedFact {
  kind: 'identity' | 'control' | 'seat';
  /** JSON. */
  body: string;
}

interface StatedRow {
  connector: string;
  account: string;
  /** JSON. */
  principal: string;
  present: 0 | 1;
  listed: 0 | 1;
}

type Stated = { id: string; name: string; traits: string[] };
