import type { Database as Connection } from 'better-sqlite3';
import { ACTING_KINDS } from './beside.ts';
import type { Candidate } from './conclude.ts';

/** Kinds of facts by which all that is known as AI in their account is judged: settings, people, and the roles that people take. */
const AROUND_AI: ReadonlySet<string> = new Set(['control', 'identity', 'service_account']);
const ACTING: ReadonlySet<string> = new Set(ACTING_KINDS);
const IN_ACTING = `IN (${ACTING_KINDS.map((kind) => `'${kind}'`).join(', ')})`;
const OF_APPS = `NOT IN ('identity', 'control')`;

/**
 * Notes the apps that a reading brings news of, so that judgement need not look at the others: apps whose facts are new,
 * changed, moved or of another state, the apps of a person of whom that is true, those that act as the same identity as one of them,
 * and those of AI in an account of whose settings, people or roles one is.
 */
export function newsDesk(database: Connection, collectorId: number) {
  const [tenant, connector, account] = database
    .prepare('SELECT tenant, connector, account FROM collector WHERE id = ?')
    .raw()
    .get(collectorId) as [string, string, string];
  const here = { tenant, connector, account };
  const app = database.prepare(`INSERT OR IGNORE INTO app_to_judge VALUES (?, ?, ?, ?)`);
  const heldBy = (kinds: string) =>
    database
      .prepare(
        `SELECT DISTINCT o.app_id FROM observation o JOIN collector c ON c.id = o.collector_id
         WHERE o.principal_id = ? AND c.tenant = ? AND c.connector = ? AND c.account = ? AND o.kind ${kinds}`,
      )
      .pluck();
  const [appsOf, appsActingAs] = [heldBy(OF_APPS), heldBy(IN_ACTING)];
  /** Whatever else is known as AI tonight is news itself. */
  const judgedAsAi = `SELECT app_id FROM integration
    WHERE tenant = @tenant AND connector = @connector AND account = @account AND verdict IN ('ai', 'suspected')`;
  const ai = database.prepare(judgedAsAi).pluck();
  const note = (appId: unknown) => void app.run(tenant, connector, account, appId);
  let isAiNoted = false;

  /** What was staged is news where it is another body than the stored one, or none is stored. Asked before it is applied. */
  function staged(table: string): void {
    const before = `FROM ${table} s CROSS JOIN observation o ON o.id = s.observation_id`;
    const kinds = database
      .prepare(`SELECT DISTINCT kind FROM ${table} WHERE body IS NOT NULL UNION SELECT DISTINCT o.kind ${before} WHERE s.body IS NOT NULL`)
      .pluck()
      .all() as string[];
    /** Apps of whoever stands in what is news, now or before. */
    const ofHolders = (by: string, held: string) => `SELECT h.app_id FROM (
        SELECT principal_id AS id FROM ${table} WHERE kind ${by} AND body IS NOT NULL
        UNION SELECT o.principal_id ${before} WHERE o.kind ${by} AND s.body IS NOT NULL) p
      CROSS JOIN observation h ON h.principal_id = p.id CROSS JOIN collector hc ON hc.id = h.collector_id
      WHERE hc.tenant = @tenant AND hc.connector = @connector AND hc.account = @account AND h.kind ${held}`;
    const apps = [
      `SELECT app_id FROM ${table} WHERE body IS NOT NULL AND kind ${OF_APPS}`,
      `SELECT o.app_id ${before} WHERE (s.body IS NOT NULL OR s.moved = 1) AND o.kind ${OF_APPS}`,
      ...(kinds.includes('identity') ? [ofHolders(`= 'identity'`, OF_APPS)] : []),
      ...(kinds.some((kind) => ACTING.has(kind)) ? [ofHolders(IN_ACTING, IN_ACTING)] : []),
      ...(kinds.some((kind) => AROUND_AI.has(kind)) ? [judgedAsAi] : []),
    ];
    database
      .prepare(`INSERT OR IGNORE INTO app_to_judge SELECT @tenant, @connector, @account, app_id FROM (${apps.join(' UNION ')})`)
      .run(here);
  }

  /** The state of an observation moved. */
  function moved({ app: appId, sort, holder }: Candidate): void {
    const isContext = sort === 'identity' || sort === 'control';
    if (!isContext) note(appId);
    if (holder !== null && (isContext || ACTING.has(sort)))
      for (const other of (isContext ? appsOf : appsActingAs).all(holder, tenant, connector, account)) note(other);
    // Which these are does not change before they are judged.
    if (AROUND_AI.has(sort) && !isAiNoted) for (const other of ai.all(here)) note(other);
    isAiNoted ||= AROUND_AI.has(sort);
  }

  return { staged, moved };
}
