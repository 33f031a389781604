import { z } from 'zod';
import {
  defineCollector,
  path,
  within,
  type CollectContext,
  type Gap,
  type Observation,
  type Principal,
  type Scope,
  type ScanEvent,
  type Signal,
} from '../../src/connector/index.ts';
import { AUDIT_LOG, eventPages, isOf, LOG_DAYS } from './audit-events.ts';
import type { Client } from './client.ts';
import { settingsPage, type Config } from './config.ts';
import { pagesOf } from './inventory.ts';
import { LISTS } from './operations.ts';
import { installation, type AuditEvent } from './schema.ts';
import { appSignals, idOf } from './server.ts';
import { costOfEach, costOfFirst } from './shared-lists.ts';

const INSTALLATIONS = 'GET /orgs/{org}/installations';
const APPS = 'integration_installation';

/** What is asked for: families of actions, and single ones of a family that is large. What happens most often stands at both ends. */
const ASKED = [
  'personal_access_token',
  'org.oauth_app_access_requested',
  'org.oauth_app_access_approved',
  'org.oauth_app_access_denied',
  'org.oauth_app_access_blocked',
  'org.oauth_app_access_unblocked',
  'org.enable_oauth_app_restrictions',
  'org.disable_oauth_app_restrictions',
  'oauth_access',
  'oauth_authorization',
  APPS,
] as const;
type Asked = (typeof ASKED)[number];

const DAY = 86_400_000;
/** An event may reach the log late: so much of what was read before is read again. */
const OVERLAP = DAY;
/** A kind that was last read so much longer ago than the others is asked by itself, or all of them would be asked for that long. */
const FAR = 7 * DAY;
/**
 * GitHub revokes a token that was not used for a year: until then, who was let in and of whom nothing was told since may still be in.
 * https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/token-expiration-and-revocation
 */
const UNUSED_DAYS = 365;
const EFFECT = 'Which OAuth apps were let in, who installed apps and what became of tokens is unknown';

/** Who let which app in, and when: what GitHub lists nowhere, and says of OAuth apps here alone. */
export const auditLog = defineCollector<Config, Client>({
  id: 'audit_log',
  title: 'Audit log of the organisation',
  version: 3,
  kinds: ['oauth_grant', 'app_installation', 'control'],
  mode: 'log',
  soleWitness: { kinds: ['oauth_grant'], days: UNUSED_DAYS },
  operations: [AUDIT_LOG, INSTALLATIONS],
  permissions: [{ id: LISTS[AUDIT_LOG].app, purpose: 'Read who let which app in', required: false, orElse: [LISTS[AUDIT_LOG].token] }],
  limits: [
    'Only GitHub Enterprise has an audit log to read: on other plans OAuth apps, and who installed an app, are not observable',
    `An OAuth app that was let in more than ${LOG_DAYS} days before the first scan has no event`,
    `An OAuth app that nothing was told of for ${UNUSED_DAYS} days counts as gone: GitHub revokes tokens that nobody used for so long`,
    'Events that GitHub does not document, or calls otherwise, are not asked for',
  ],
  volatile: [],
  requests: (sizes) => costOfEach(INSTALLATIONS, sizes) + sizes.pages('audit', 100) + sizes.of('audit_apart'),
  shared: (sizes) => costOfFirst(INSTALLATIONS, sizes),
  collect: readAuditLog,
});

const question = z.array(z.enum(ASKED));
const position = z.object({
  /** What is still to be asked, the one under way first. */
  questions: z.array(question),
  next: z.string().nullable(),
  to: z.string(),
  /** Of which there were events. */
  seen: question,
  /** Events that the one question for all told of, and questions that were asked apart after it. */
  together: z.int(),
  apart: z.int(),
  /** `[client id, app id]` of each installed app, unless the list cannot be read. */
  apps: z.union([z.literal('closed'), z.array(z.tuple([z.string(), z.string()]))]),
});
type Position = z.infer<typeof position>;
type Context = CollectContext<Config, Client>;

/**
 * One question asks for all. That a repeated qualifier means "or" GitHub says of `actor` and `repo`, and nothing of `action`: it may
 * heed the first of them, the last, or some. So it is believed from the first kind that the answer tells of to the last, and each of
 * the others is asked for by itself.
 * https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/reviewing-the-audit-log-for-your-organization
 */
async function* readAuditLog(context: Context): AsyncGenerator<ScanEvent> {
  const read = await context.readAt(ASKED.map((asked) => placeOf(context, asked)));
  const lastRead = (asked: Asked) => read.get(placeOf(context, asked));
  let at = context.cursor === undefined ? yield* begin(context, lastRead) : position.parse(context.cursor);
  while (at.questions.length > 0) {
    const [asked, ...others] = at.questions as [Asked[], ...Asked[][]];
    const since = earliest(asked.map((each) => sinceWhen(lastRead(each), new Date(at.to))));
    for await (const page of eventPages(context, { families: asked, since, from: at.next, place: ['audit'], effect: EFFECT })) {
      // Who is refused one query is refused all.
      if ('gap' in page && page.gap.permission !== undefined) return void (yield page.gap);
      if ('gap' in page) {
        yield* asked.map((each): Gap => ({ ...page.gap, scope: placeOf(context, each) }));
        at = { ...at, questions: others, next: null };
        yield { type: 'checkpoint', cursor: at };
        break;
      }
      for (const gap of page.gaps) yield* kindsOf(context, gap, asked).map((each): Gap => ({ ...gap, scope: placeOf(context, each) }));
      for (const event of page.items) {
        // GitHub takes whole days.
        const kind = event['@timestamp'] >= since.toISOString() ? asked.find((each) => isOf(each, event)) : undefined;
        if (kind === undefined) continue;
        if (!at.seen.includes(kind)) at = { ...at, seen: [...at.seen, kind] };
        const observation = stated(context, event, placeOf(context, kind), at);
        if (observation) yield observation;
      }
      at = isTogether(asked) ? { ...at, together: at.together + page.rows } : { ...at, apart: at.apart + 1 };
      if (page.next === null) {
        const { told, left } = outcomeOf(asked, others, at);
        const window = { from: since.toISOString(), to: at.to };
        yield* told.map((each): ScanEvent => ({ type: 'covered', scope: placeOf(context, each), window }));
        at = { ...at, questions: left };
      }
      at = { ...at, next: page.next };
      yield { type: 'checkpoint', cursor: at, sizes: { audit: at.together, audit_apart: at.apart } };
    }
  }
}

/** Where a scan begins. Events of apps are not asked for where they would name another thing than the list of apps does. */
async function* begin(context: Context, lastRead: (asked: Asked) => Date | undefined): AsyncGenerator<ScanEvent, Position> {
  const now = context.now();
  const apps = await installedApps(context);
  if ('gap' in apps) yield { ...apps.gap, scope: placeOf(context, APPS) };
  const asked = 'gap' in apps ? ASKED.filter((each) => each !== APPS) : ASKED;
  const at: Position = {
    questions: questionsFor(asked, (each) => sinceWhen(lastRead(each), now)),
    next: null,
    to: now.toISOString(),
    seen: [],
    together: 0,
    apart: 0,
    apps: 'gap' in apps ? 'closed' : apps.ids,
  };
  yield { type: 'checkpoint', cursor: at, ...('ids' in apps && { sizes: { installations: apps.ids.length } }) };
  return at;
}

/** One for all that were read about equally long ago, and one for each of the others. */
function questionsFor(asked: readonly Asked[], since: (asked: Asked) => Date): Asked[][] {
  const newest = Math.max(...asked.map((each) => since(each).getTime()));
  const { together = [], apart = [] } = Object.groupBy(asked, (each) => (newest - since(each).getTime() > FAR ? 'apart' : 'together'));
  return [together, ...apart.map((each) => [each])];
}

function isTogether(asked: readonly Asked[]): boolean {
  return asked.length > 1;
}

/** Of which kinds of event all was told by now, and what is left to ask. */
function outcomeOf(asked: Asked[], others: Asked[][], { seen }: Position): { told: Asked[]; left: Asked[][] } {
  if (!isTogether(asked)) return { told: asked, left: others };
  const first = asked.findIndex((each) => seen.includes(each));
  const last = asked.findLastIndex((each) => seen.includes(each));
  const told = asked.filter((_each, place) => first <= place && place <= last);
  const unheard = asked.filter((each) => !told.includes(each));
  return { told, left: [...unheard.map((each) => [each]), ...others] };
}

/** Of which kind a malformed event is: of any, where its action names none that was asked for. */
function kindsOf({ account }: Context, { scope }: Gap, asked: Asked[]): Asked[] {
  const of = asked.filter((each) => isOf(within(account.scope, 'audit', each), { action: scope }));
  return of.length > 0 ? of : asked;
}

function earliest(dates: readonly Date[]): Date {
  return new Date(Math.min(...dates.map((date) => date.getTime())));
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

function stated(context: Context, event: AuditEvent, scope: Scope, { apps }: Position): Observation | undefined {
  const subject = event.action.startsWith(`${APPS}.`)
    ? installedApp(context.config, event, apps)
    : (restrictions(event) ?? oauthApp(context.config, event) ?? token(event));
  if (!subject) return undefined;
  const at = event['@timestamp'];
  const holder = holderOf(event);
  return {
    type: 'observation',
    nativeId: event._document_id,
    scope,
    ...subject,
    // Who keeps an app out holds nothing, and it is kept out for everybody.
    ...(holder && !DENIALS.has(event.action) && { principal: holder }),
    permissions: [],
    ...(GRANTS.has(event.action) && { grantedAt: { at, from: 'log' as const } }),
    ...(event.action === REQUEST && { use: 'pending' as const }),
    happened: { at, ...(ENDS.has(event.action) && { ends: true as const }) },
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
      url: settingsPage(context, 'audit-log'),
    },
  };
}

/** Events that let somebody or something in. */
const GRANTS = new Set(['org.oauth_app_access_approved', 'oauth_authorization.create', `${APPS}.create`]);
/** A member asks an owner to let an app in. */
const REQUEST = 'org.oauth_app_access_requested';
/** Events that keep an app out, whoever had let it in. */
const DENIALS = new Set(['org.oauth_app_access_denied', 'org.oauth_app_access_blocked']);
/** An app may hold several tokens of a member: that one of them ended says nothing of whether it is still let in. */
const TOKEN_ENDS = new Set(['oauth_access.revoke', 'oauth_access.destroy']);
/** Whether owners have to let OAuth apps in at all. */
const RESTRICTIONS = new Set(['org.enable_oauth_app_restrictions', 'org.disable_oauth_app_restrictions']);
const ENDS = new Set([...DENIALS, 'oauth_authorization.destroy', `${APPS}.destroy`]);

function holderOf({ user, user_id: userId, actor, actor_id: actorId }: AuditEvent): Principal | undefined {
  const [login, id] = user ? [user, userId] : [actor, actorId];
  return login ? { id: id ?? path('login', login.toLowerCase()), name: login, traits: [] } : undefined;
}

type Stated = Pick<Observation, 'thing' | 'kind' | 'subject' | 'signals'>;

function installedApp(
  config: Config,
  { application_client_id: client, integration: name }: AuditEvent,
  apps: Position['apps'],
): Stated | undefined {
  // Where nobody knows which app a client id belongs to, the event would name another thing than the list does.
  if (!client || apps === 'closed') return undefined;
  // An app that was removed since is known by nothing else.
  const known = apps.find(([id]) => id === client)?.[1];
  return {
    thing: known === undefined ? path('app_client', client) : path('app', known),
    kind: 'app_installation',
    subject: { app: known === undefined ? path('app_client', idOf(config, client)) : idOf(config, known), name: name ?? client },
    signals: [...appSignals(config, { clientId: client }), ...nameSignal(name)],
  };
}

/** What owners decide is about the app; what a member does is about his own authorisation of it. */
function oauthApp(config: Config, event: AuditEvent): Stated | undefined {
  const { oauth_application_id: id, oauth_application_name: name, action } = event;
  if (!id || TOKEN_ENDS.has(action)) return undefined;
  const holder = /^oauth_(authorization|access)\./.test(action) ? holderOf(event)?.id : undefined;
  return {
    thing: holder === undefined ? path('oauth_app', id) : path('oauth_app', id, 'user', holder),
    kind: 'oauth_grant',
    subject: { app: path('oauth_app', idOf(config, id)), name: name ?? id },
    signals: nameSignal(name),
  };
}

/** Context of what is let in afterwards: that nobody has to decide about OAuth apps is no app. */
function restrictions({ action, _document_id: event }: AuditEvent): Stated | undefined {
  if (!RESTRICTIONS.has(action)) return undefined;
  const [, name] = action.split('.') as [string, string];
  const id = path('oauth_restrictions', event);
  return { thing: id, kind: 'control', subject: { app: id, name }, signals: [] };
}

/** A token is told by its name alone, so its events are context, and join no token that a list shows. */
function token({ user_programmatic_access_name: name, _document_id: event }: AuditEvent): Stated | undefined {
  if (!name) return undefined;
  return { thing: path('token_event', event), kind: 'control', subject: { app: path('token_event', event), name }, signals: [] };
}

function nameSignal(name: string | null | undefined): Signal[] {
  return name ? [{ type: 'app_name', value: name }] : [];
}
