import type { CollectContext, Gap } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { pagesOf, type Rows } from './inventory.ts';
import { auditEvent, type AuditEvent } from './schema.ts';

export const AUDIT_LOG = 'GET /orgs/{org}/audit-log';

/**
 * Without a date GitHub answers for three months: so far back the log surely reaches.
 * https://docs.github.com/en/enterprise-cloud@latest/rest/orgs/orgs#get-the-audit-log-for-an-organization
 */
export const LOG_DAYS = 85;

/**
 * Events of some families, the newest first, page by page; a page that cannot be read is a gap, and the last.
 * The gap of a malformed event lies below `place`, at its action.
 */
export function eventPages(
  context: CollectContext<Config, Client>,
  asked: { families: readonly string[]; since: Date; from: string | null; place: readonly string[]; effect: string },
): AsyncGenerator<Rows<AuditEvent> | { gap: Gap }> {
  const { families, since, from, place, effect } = asked;
  const actions = families.map((family) => `action:${family}`).join(' ');
  // Whole days, so that nothing hangs on how GitHub reads an hour; what they hold besides is for the caller to drop.
  const phrase = `${actions} created:>=${since.toISOString().slice(0, 10)}`;
  const listing = { list: AUDIT_LOG, parameters: { phrase }, place, what: 'event', effect, size: 'audit', key: ['action'] } as const;
  return pagesOf(context, { ...listing, schema: auditEvent }, from);
}

/** A family is what stands before the dot of an action; another may begin alike. */
export function isOf(family: string, { action }: Pick<AuditEvent, 'action'>): boolean {
  return action === family || action.startsWith(`${family}.`);
}
