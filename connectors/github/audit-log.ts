import { z } from 'zod';
import {
  defineCollector,
  path,
  within,
  type CollectContext,
  type Gap,
  type Observation,
  type Scope,
  type ScanEvent,
  type Signal,
} from '../../src/connector/index.ts';
import { AUDIT_LOG, eventPages, isOf, LOG_DAYS } from './audit-events.ts';
import type { Client } from './client.ts';
import { webPage, type Config } from './config.ts';
import { pagesOf } from './inventory.ts';
import { LISTS } from './operations.ts';
import { installation, type AuditEvent } from './schema.ts';
import { appSignals, idOf } from './server.ts';

const INSTALLATIONS = 'GET /orgs/{org}/installations';
const APPS = 'integration_installation';

/** What is asked for, each by a query of its own: a family of actions, or a single one of a family that is large. */
const ASKED = [
  'org.oauth_app_access_requested',
  'org.oauth_app_access_approved',
  'org.oauth_app_access_denied',
  'org.oauth_app_access_blocked',
  'org.oauth_app_access_unblocked',
  'oauth_authorization',
  'personal_access_token',
  APPS,
] as const;

const DAY = 86_400_000;
/** An event may reach the log late: so much of what was read before is read again. */
const OVERLAP = DAY;
const EFFECT = 'Which OAuth apps were let in, who installed apps and what became of tokens is unknown';

/** Who let which app in, and when: what GitHub lists nowhere, and says of OAuth apps here alone. */
export const auditLog = defineCollector<Config, Client>({
  id: 'audit_log',
  title: 'Audit log of the organisation',
  version: 1,
  kinds: ['oauth_grant', 'app_installation', 'control'],
  mode: 'log',
  operations: [AUDIT_LOG, INSTALLATIONS],
  permissions: [{ id: LISTS[AUDIT_LOG].app, purpose: 'Read who let which app in', required: false, orElse: [LISTS[AUDIT_LOG].token] }],
  limits: [
    'Only GitHub Enterprise has an audit log to read: on other plans OAuth apps, and who installed an app, are not observable',
    `An OAuth app that was let in more than ${LOG_DAYS} days before the first scan has no event`,
    'Events that GitHub does not document, or calls otherwise, are not asked for',
  ],
  volatile: [],
  requests: (sizes) => ASKED.reduce((sum, asked) => sum + sizes.pages(`audit_${asked}`, 100), sizes.pages('installations', 100)),
  collect: readAuditLog,
});

const position = z.object({
  asked: z.int(),
  next: z.string().nullable(),
  to: z.string(),
  counts: z.array(z.int()),
  /** `[client id, app id]` of each installed app; null = not yet read. */
  apps: z.array(z.tuple([z.string(), z.string()])).nullable(),
});
type Position = z.infer<typeof position>;
type Context = CollectContext<Config, Client>;

async function* readAuditLog(context: Context): AsyncGenerator<ScanEvent> {
  let at: Position = position.parse(
    context.cursor ?? { asked: 0, next: null, to: context.now().toISOString(), counts: ASKED.map(() => 0), apps: null },
  );
  const read = await context.readAt(ASKED.map((asked) => placeOf(context, asked)));
  for (const [index, asked] of ASKED.entries()) {
    if (index < at.asked) continue;
    const scope = placeOf(context, asked);
    if (asked === APPS && at.apps === null) {
      const apps = await installedApps(context);
      if ('gap' in apps) return void (yield { ...apps.gap, scope });
      at = { ...at, apps: apps.ids };
      yield { type: 'checkpoint', cursor: at, sizes: { installations: apps.ids.length } };
    }
    const since = sinceWhen(read.get(scope), new Date(at.to));
    const from = index === at.asked ? at.next : null;
    const place = ['audit', asked];
    for await (const page of eventPages(context, { family: asked, since, from, place, effect: EFFECT })) {
      // Who is refused one query is refused all.
      if ('gap' in page && page.gap.permission !== undefined)
        return void (yield { ...page.gap, scope: within(context.account.scope, 'audit') });
      if ('gap' in page) {
        yield page.gap;
        break;
      }
      yield* page.gaps;
      for (const event of page.items) {
        // GitHub takes all that begins alike, and whole days.
        const observation = isOf(asked, event) && event['@timestamp'] >= since.toISOString() && stated(context, event, scope, at);
        if (observation) yield observation;
      }
      const ended = page.next === null;
      const counts = at.counts.map((count, which) => (which === index ? count + page.rows : count));
      at = { ...at, counts, asked: ended ? index + 1 : index, next: page.next };
      if (ended) yield { type: 'covered', scope, window: { from: since.toISOString(), to: at.to } };
      yield { type: 'checkpoint', cursor: at, sizes: { [`audit_${asked}`]: counts[index]! } };
    }
  }
}

/** The first time as far back as the log reaches; then since the last time, with some overlap. */
function sinceWhen(lastRead: Date | undefined, now: Date): Date {
  const reach = now.getTime() - LOG_DAYS * DAY;
  return new Date(Math.max(reach, lastRead ? lastRead.getTime() - OVERLAP : reach));
}

function placeOf({ account }: Context, asked: string): Scope {
  return within(account.scope, 'audit', asked);
}

/** The log names an app by its client id; everything else here by its own. */
async function installedApps(context: Context): Promise<{ ids: [string, string][] } | { gap: Gap }> {
  const ids: [string, string][] = [];
  const list = { list: INSTALLATIONS, place: ['audit', APPS], what: 'installation', effect: EFFECT, size: 'installations' } as const;
  for await (const page of pagesOf(context, { ...list, schema: installation, key: ['app_id'] })) {
    if ('gap' in page) return { gap: page.gap };
    for (const { client_id: client, app_id: app } of page.items) if (client) ids.push([client, app]);
  }
  return { ids };
}

function stated({ config }: Context, event: AuditEvent, scope: Scope, { apps }: Position): Observation | undefined {
  const subject = event.action.startsWith(`${APPS}.`)
    ? installedApp(config, event, new Map(apps))
    : (oauthApp(config, event) ?? token(event));
  if (!subject) return undefined;
  const at = event['@timestamp'];
  const holder = event.user ? { login: event.user, id: event.user_id } : { login: event.actor, id: event.actor_id };
  return {
    type: 'observation',
    nativeId: event._document_id,
    scope,
    ...subject,
    ...(holder.login && { principal: { id: holder.id ?? path('login', holder.login.toLowerCase()), name: holder.login, traits: [] } }),
    permissions: [],
    ...(GRANTS.has(event.action) && { grantedAt: { at, from: 'log' as const } }),
    attributes: {
      event: event.action,
      at,
      ...(event.actor && { actor: event.actor }),
      ...(event.actor_is_agent === true && { byAgent: true }),
      ...(event.programmatic_access_type && { access: event.programmatic_access_type }),
      ...(event.repository_selection && { repositorySelection: event.repository_selection }),
    },
    evidence: {
      source: AUDIT_LOG,
      url: webPage(config, `/organizations/${config.organization}/settings/audit-log`),
    },
  };
}

/** Events that let somebody or something in. */
const GRANTS = new Set(['org.oauth_app_access_approved', 'oauth_authorization.create', `${APPS}.create`]);
/** Events that keep an app out: they speak of no grant. */
const DENIALS = new Set(['org.oauth_app_access_denied', 'org.oauth_app_access_blocked']);

type Stated = Pick<Observation, 'thing' | 'kind' | 'subject' | 'signals'>;

function installedApp(
  config: Config,
  { application_client_id: client, integration: name }: AuditEvent,
  apps: ReadonlyMap<string, string>,
): Stated | undefined {
  if (!client) return undefined;
  // An app that was removed since is known by nothing else.
  const known = apps.get(client);
  return {
    thing: known === undefined ? path('app_client', client) : path('app', known),
    kind: 'app_installation',
    subject: { app: known === undefined ? path('app_client', idOf(config, client)) : idOf(config, known), name: name ?? client },
    signals: [...appSignals(config, { clientId: client }), ...nameSignal(name)],
  };
}

function oauthApp(
  config: Config,
  { oauth_application_id: id, oauth_application_name: name, action, _document_id: event }: AuditEvent,
): Stated | undefined {
  if (!id) return undefined;
  const isDenial = DENIALS.has(action);
  return {
    thing: isDenial ? path('denial', event) : path('oauth_app', id),
    kind: isDenial ? 'control' : 'oauth_grant',
    subject: { app: path('oauth_app', idOf(config, id)), name: name ?? id },
    signals: nameSignal(name),
  };
}

/** A token is told by its name alone, so its events are context, and join no token that a list shows. */
function token({ user_programmatic_access_name: name, _document_id: event }: AuditEvent): Stated | undefined {
  if (!name) return undefined;
  return { thing: path('token_event', event), kind: 'control', subject: { app: path('token_event', event), name }, signals: [] };
}

function nameSignal(name: string | null | undefined): Signal[] {
  return name ? [{ type: 'app_name', value: name }] : [];
}
