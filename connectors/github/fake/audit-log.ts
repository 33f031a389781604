import { hash } from 'node:crypto';
import type { Company } from '../../../src/testing/company.ts';
import { type Account, accountOf } from './accounts.ts';
import { appClientId, INSTALLED_APPS } from './installed-apps.ts';
import type { Listing } from './listing.ts';
import { all, listingOf } from './listing.ts';
import type { Repository } from './repositories.ts';
import { REQUESTED } from './token-requests.ts';

/** Planted where a scanner has no business: what the browser of a colleague says of itself. */
export const AUDIT_CANARY = 'canary-audit-browser-6e1f70aa';

/** One event, as the log keeps it. */
export interface AuditEvent {
  at: Date;
  action: string;
  /** Number of the person who did it. */
  actor: number;
  user?: number;
  repository?: Repository;
  /** Whether the event names the repository by its id too. */
  byId?: boolean;
  said?: Readonly<Record<string, string | number | boolean>>;
}

/** The log goes back so far: it was switched on with the plan. */
const REACH_DAYS = 81;

const OAUTH_APPS = [
  { id: 1_990_101, name: 'Cursor', story: ['requested', 'approved'], age: 60, authorised: 2 },
  { id: 1_990_202, name: 'Lovable', story: ['requested', 'denied'], age: 40 },
  { id: 1_990_303, name: 'Grafana Cloud', story: ['approved', 'blocked', 'unblocked'], age: 70, authorised: 1 },
  { id: 1_990_404, name: 'Devin', story: ['requested'], age: 0, since: 1 },
] as const;

/** What befell apps and tokens up to a night, in no order. */
export function organizationEvents(company: Company, night: number): AuditEvent[] {
  const now = company.ago(0, 0, night);
  const reach = company.ago(REACH_DAYS);
  return [...appEvents(company), ...oauthEvents(company), ...tokenEvents(company)].filter(
    ({ at, actor, user }) => at >= reach && at < now && actor < company.people && (user ?? 0) < company.people,
  );
}

function* appEvents(company: Company): Generator<AuditEvent> {
  for (const app of INSTALLED_APPS) {
    const event = (verb: string, at: Date): AuditEvent => ({
      at,
      action: `integration_installation.${verb}`,
      actor: app.appId % 3,
      said: { integration: app.slug, application_client_id: appClientId(app), repository_selection: app.selection, actor_is_agent: false },
    });
    yield event('create', app.since === undefined ? company.ago(app.age, 5) : company.ago(0, 6, app.since));
    if (app.grown) yield event('version_updated', company.ago(0, 4, app.grown.night));
    if (app.away) {
      yield event('destroy', company.ago(0, 7, app.away.from));
      yield event('create', company.ago(0, 6, app.away.until));
    }
  }
}

function* oauthEvents(company: Company): Generator<AuditEvent> {
  for (const { id, name, story, age, ...app } of OAUTH_APPS) {
    const said = { oauth_application_id: id, oauth_application_name: name };
    const at = (hours: number) => ('since' in app ? company.ago(0, hours, app.since) : company.ago(age, hours));
    for (const [index, verb] of story.entries())
      yield { at: at(9 - index), action: `org.oauth_app_access_${verb}`, actor: index === 0 ? 2 : 0, said };
    if (!('authorised' in app)) continue;
    const by = { actor: app.authorised, user: app.authorised, said };
    yield { at: at(2), action: 'oauth_authorization.create', ...by };
    yield { at: at(1.5), action: 'oauth_access.create', ...by };
    yield { at: at(1), action: 'oauth_access.destroy', ...by };
  }
  yield { at: company.ago(75), action: 'org.enable_oauth_app_restrictions', actor: 0 };
}

function* tokenEvents(company: Company): Generator<AuditEvent> {
  for (const { name, owner, asked, approved } of REQUESTED) {
    const said = { user_programmatic_access_name: name };
    const askedAt = asked === undefined ? company.ago(2, 5) : company.ago(0, 5, asked);
    yield { at: askedAt, action: 'personal_access_token.request_created', actor: owner, user: owner, said };
    if (approved !== undefined)
      yield { at: company.ago(0, 7, approved), action: 'personal_access_token.access_granted', actor: 0, user: owner, said };
  }
}

/** `action:NAME action:NAME … created:>=DATE`; this server knows no other phrase, and refuses loudly what GitHub would read in its own way. */
export function eventsFor(events: readonly AuditEvent[], phrase: string): Listing<AuditEvent> {
  const [, named, date] = /^((?:action:[\w.]+ )+)created:>=(\d{4}-\d\d-\d\d)$/.exec(phrase) ?? [];
  if (named === undefined || date === undefined) throw new Error(`This GitHub does not understand the phrase "${phrase}"`);
  const actions = named
    .trim()
    .split(' ')
    .map((qualifier) => qualifier.slice('action:'.length));
  const found = events.filter(({ action, at }) => at >= new Date(`${date}T00:00:00Z`) && actions.some((asked) => action.startsWith(asked)));
  return listingOf(found.toSorted((a, b) => b.at.getTime() - a.at.getTime()));
}

/** How many events of that name the whole log has. */
export function countOf(events: readonly AuditEvent[], action: string): number {
  return [...all(eventsFor(events, `action:${action} created:>=1970-01-01`))].length;
}

/** As GitHub writes it: what its description has a field for stands there, all else below `data`. */
export function auditRow(event: AuditEvent, company: Company, organization: Account) {
  const actor = accountOf(company, event.actor);
  const user = event.user === undefined ? undefined : accountOf(company, event.user);
  const at = event.at.getTime();
  return {
    '@timestamp': at,
    _document_id: hash('sha256', JSON.stringify(event)).slice(0, 22),
    action: event.action,
    actor: actor.login,
    actor_id: actor.id,
    actor_location: { country_name: 'Germany' },
    created_at: at,
    operation_type: 'modify',
    org: organization.login,
    org_id: organization.id,
    ...(user && { user: user.login, user_id: user.id }),
    ...(event.repository && { repo: `${organization.login}/${event.repository.name}` }),
    data: { ...event.said, ...(event.byId && { repo_id: event.repository!.id }), user_agent: AUDIT_CANARY },
  };
}
