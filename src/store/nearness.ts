import type { Database as Connection } from 'better-sqlite3';
import type { PrincipalKey } from '../identity/principal.ts';
import { accountOf } from './account.ts';
import type { Nearness } from './person-text.ts';

/** A row by what it is about. */
export interface Placed {
  connector: string | null;
  account: string | null;
  app: string | null;
  /** Id of the principal whose fact it is, or of whom somebody spoke. */
  about: string | null;
}

/** How near a row is to the people: their own facts, what was judged of apps that they hold or held, their account, or none of it. */
export function nearnessOf(
  database: Connection,
  tenant: string,
  people: readonly PrincipalKey[],
): (table: string, row: Placed) => Nearness {
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
    const { connector, account, app, about } = row;
    if (!accounts.has(accountOf(row))) return 'elsewhere';
    if (isOne(connector, account, about)) return 'own';
    if (['observation', 'observation_version', 'volatile_version'].includes(table)) return 'account';
    // Of an identity of the same account, in the words of an analyst.
    if (table === 'identity_override') return 'related';
    return apps.has(JSON.stringify([connector, account, app])) ? 'related' : 'account';
  };
}
