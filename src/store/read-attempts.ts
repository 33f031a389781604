import type { Database as Connection } from 'better-sqlite3';
import type { AttemptFact } from '../policy/attempts.ts';
import type { AppKey } from './rows.ts';

/** What reports told of the attempts of some holders of an account, as things stand: also of others of the same names. */
export function readAttempts(
  database: Connection,
  account: Omit<AppKey, 'appId'>,
  holders: readonly { id: string; name: string }[],
): AttemptFact[] {
  const rows = database
    .prepare(
      `WITH asked AS (SELECT value ->> '$.id' AS id, value ->> '$.name' AS name FROM json_each(@holders))
       SELECT o.body, o.volatile FROM collector c CROSS JOIN observation o ON o.collector_id = c.id
       WHERE c.tenant = @tenant AND c.connector = @connector AND c.account = @account AND c.mode = 'log'
         AND o.kind = 'usage' AND o.state <> 'gone' AND o.body ->> '$.attributes.attempted' IS NOT NULL
         AND (o.principal_id IN (SELECT id FROM asked) OR o.body ->> '$.principal.name' IN (SELECT name FROM asked))
       ORDER BY o.id`,
    )
    .all({ ...account, holders: JSON.stringify(holders) }) as { body: string; volatile: string | null }[];
  return rows.map(({ body, volatile }) => {
    const { principal, attributes } = JSON.parse(body) as {
      principal: AttemptFact['principal'];
      attributes: { service: string; attempted: boolean };
    };
    const moving = ((volatile === null ? {} : JSON.parse(volatile)) as { attributes?: Record<string, string> }).attributes ?? {};
    return {
      principal: { id: principal.id, name: principal.name },
      service: attributes.service,
      attempted: attributes.attempted,
      lastAttemptAt: moving['lastAttemptAt'] ?? null,
      trackedFrom: moving['trackedFrom'] ?? null,
      trackedUntil: moving['trackedUntil'] ?? null,
    };
  });
}
