import type { Database as Connection } from 'better-sqlite3';
import type { Candidate } from './conclude.ts';

/**
 * Notes the apps that a reading brings news of, so that judgement need not look at the others: apps whose facts are new,
 * changed, moved or of another state, the apps of a person of whom that is true, and those of AI in an account one of whose settings is.
 */
export function newsDesk(database: Connection, collectorId: number) {
  const [tenant, connector, account] = database
    .prepare('SELECT tenant, connector, account FROM collector WHERE id = ?')
    .raw()
    .get(collectorId) as [string, string, string];
  const app = database.prepare(`INSERT OR IGNORE INTO app_to_judge VALUES (?, ?, ?, ?)`);
  const appsOf = database
    .prepare(
      `SELECT DISTINCT o.app_id FROM observation o JOIN collector c ON c.id = o.collector_id
       WHERE o.principal_id = ? AND c.tenant = ? AND c.connector = ? AND c.account = ? AND o.kind NOT IN ('identity', 'control')`,
    )
    .pluck();
  /** Settings bear on what is known as AI there; whatever else is known as AI tonight is news itself. */
  const judgedAsAi = `SELECT app_id FROM integration
    WHERE tenant = @tenant AND connector = @connector AND account = @account AND verdict IN ('ai', 'suspected')`;
  const ai = database.prepare(judgedAsAi).pluck();
  const note = (appId: string) => app.run(tenant, connector, account, appId);
  return {
    /** What was staged is news where it is another body than the stored one, or none is stored. Asked before it is applied. */
    staged(table: string): void {
      database
        .prepare(
          `INSERT OR IGNORE INTO app_to_judge
           SELECT c.tenant, c.connector, c.account, a.app_id FROM collector c, (
             SELECT app_id FROM ${table} WHERE body IS NOT NULL AND kind NOT IN ('identity', 'control')
             UNION SELECT o.app_id FROM ${table} s CROSS JOIN observation o ON o.id = s.observation_id
               WHERE (s.body IS NOT NULL OR s.moved = 1) AND o.kind NOT IN ('identity', 'control')
             UNION SELECT h.app_id FROM ${table} s CROSS JOIN observation h ON h.principal_id = s.principal_id CROSS JOIN collector hc ON hc.id = h.collector_id
               WHERE s.kind = 'identity' AND hc.tenant = @tenant AND hc.connector = @connector AND hc.account = @account
                 AND h.kind NOT IN ('identity', 'control')
             UNION SELECT h.app_id FROM ${table} s CROSS JOIN observation o ON o.id = s.observation_id CROSS JOIN observation h ON h.principal_id = o.principal_id
               CROSS JOIN collector hc ON hc.id = h.collector_id
               WHERE s.body IS NOT NULL AND o.kind = 'identity' AND hc.tenant = @tenant AND hc.connector = @connector AND hc.account = @account
                 AND h.kind NOT IN ('identity', 'control')
             UNION ${judgedAsAi} AND EXISTS (SELECT 1 FROM ${table} s WHERE s.kind = 'control' AND s.body IS NOT NULL)
           ) AS a WHERE c.id = @collectorId`,
        )
        .run({ collectorId, tenant, connector, account });
    },
    /** The state of an observation moved. */
    moved(candidate: Candidate): void {
      if (candidate.context === 0) note(candidate.app);
      else if (candidate.holder === null) for (const app of ai.all({ tenant, connector, account }) as string[]) note(app);
      else for (const held of appsOf.all(candidate.holder, tenant, connector, account) as string[]) note(held);
    },
  };
}
