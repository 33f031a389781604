import { randomBytes } from 'node:crypto';
import type { Database as Connection } from 'better-sqlite3';
import type { Kind } from '../connector/index.ts';
import type { PrincipalKey } from '../identity/principal.ts';
import type { IdentityClass } from '../identity/words.ts';
import { appendAudit } from './audit.ts';
import { integrationsAt, observationsAt } from './past.ts';

/** What facts of one wording say of a principal. */
export interface PrincipalRow extends PrincipalKey {
  kind: string;
  /** JSON. */
  principal: string;
  listed: 0 | 1;
  verdict: string | null;
  grade: string | null;
  facts: number;
}

/** All that holds, granted or uses anything, with what is said of each; as it stands or stood in a scan. What is gone says nothing. */
export function readPrincipals(database: Connection, tenant: string, asOf: number | undefined): PrincipalRow[] {
  const [source, kind] = asOf === undefined ? ['observation', 'o.kind'] : [observationsAt(asOf), `o.body ->> '$.kind'`];
  return database
    .prepare(
      `SELECT connector, account, principal ->> '$.id' AS id, kind, principal, max(mode = 'inventory') AS listed, verdict, grade, count(*) AS facts
       FROM (SELECT c.connector, c.account, ${kind} AS kind, o.body -> '$.principal' AS principal, c.mode, i.verdict, i.grade
         FROM ${source} o JOIN collector c ON c.id = o.collector_id
         LEFT JOIN ${integrationsAt(asOf)} i ON instr(o.body -> '$.principal.traits', '"bot_account"') > 0
           AND i.tenant = c.tenant AND i.connector = c.connector AND i.account = c.account AND i.app_id = o.body ->> '$.subject.app'
         WHERE c.tenant = ? AND o.state <> 'gone' AND o.body -> '$.principal' IS NOT NULL)
       GROUP BY connector, account, kind, principal, verdict, grade ORDER BY connector, account, id`,
    )
    .all(tenant) as PrincipalRow[];
}

/** A fact that lists a principal or says something of it, for the person behind. */
export interface IdentityRow extends PrincipalKey {
  kind: Kind;
  /** JSON. */
  body: string;
}

export function readIdentities(database: Connection, tenant: string, asOf: number | undefined): IterableIterator<IdentityRow> {
  const [source, kind] = asOf === undefined ? ['observation', 'o.kind'] : [observationsAt(asOf), `o.body ->> '$.kind'`];
  return database
    .prepare(
      `SELECT c.connector, c.account, o.body ->> '$.principal.id' AS id, ${kind} AS kind, o.body FROM ${source} o JOIN collector c ON c.id = o.collector_id
       WHERE c.tenant = ? AND ${kind} IN ('identity', 'control', 'seat') AND o.state <> 'gone' AND o.body -> '$.principal' IS NOT NULL ORDER BY c.id, o.id`,
    )
    .iterate(tenant) as IterableIterator<IdentityRow>;
}

/** What an analyst said of an identity. `class` null = the word before is taken back. */
export interface OverrideRow extends PrincipalKey {
  class: IdentityClass | null;
  reason: string;
  actor: string;
  at: string;
}

/** The last word of analysts about each identity, up to a moment. */
export function readOverrides(database: Connection, tenant: string, until: string | undefined): OverrideRow[] {
  return database
    .prepare(
      `SELECT connector, account, principal_id AS id, class, reason, actor, at FROM identity_override o
       WHERE tenant = @tenant AND at <= @until AND number = (SELECT max(number) FROM identity_override l
         WHERE l.tenant = o.tenant AND l.connector = o.connector AND l.account = o.account AND l.principal_id = o.principal_id AND l.at <= @until)`,
    )
    .all({ tenant, until: until ?? '9999' }) as OverrideRow[];
}

/** Keeps the word of an analyst, and tells of it in the audit trail: there, whom it is about is a mark, and why is not said. */
export function overrideIdentity(database: Connection, tenant: string, said: OverrideRow): void {
  const { connector, account, id, at, actor } = said;
  const before = readOverrides(database, tenant, undefined).find(
    (row) => row.connector === connector && row.account === account && row.id === id,
  );
  const mark = markOf(database, tenant, said);
  database
    .prepare(
      `INSERT INTO identity_override (tenant, connector, account, principal_id, number, class, reason, actor, at, mark)
       SELECT @tenant, @connector, @account, @id, 1 + coalesce(max(number), 0), @class, @reason, @actor, @at, @mark FROM identity_override
       WHERE tenant = @tenant AND connector = @connector AND account = @account AND principal_id = @id`,
    )
    .run({ ...said, tenant, mark });
  const details = JSON.stringify({ before: before?.class ?? null, after: said.class });
  appendAudit(database, tenant, { at, actor, action: 'identity.classified', subject: `identity/${mark}`, details });
}

/**
 * Names a principal where its id must not stand: the same for every word about it, and drawn at random, because a digest could be made
 * again by whoever guesses the id.
 */
function markOf(database: Connection, tenant: string, { connector, account, id }: PrincipalKey): string {
  const drawn = database
    .prepare('SELECT mark FROM identity_override WHERE tenant = ? AND connector = ? AND account = ? AND principal_id = ? LIMIT 1')
    .pluck()
    .get(tenant, connector, account, id) as string | undefined;
  return drawn ?? randomBytes(16).toString('hex');
}
