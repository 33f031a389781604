import {
  defineCollector,
  path,
  within,
  type CollectContext,
  type Gap,
  type Observation,
  type ScanEvent,
} from '../../src/connector/index.ts';
import { eventPages, LOG_DAYS, logWindow, parameter, type Window } from './audit.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { grantId, grantSignals } from './listed-grants.ts';
import { isPowerful } from './meaning.ts';
import { SCOPES } from './operations.ts';
import type { Activity } from './schema.ts';

/** Pages that are read of one app, newest first: 20,000 calls. What lies before them is a gap. */
const MOST_PAGES = 20;

/**
 * Real use: when each user's grant was last used, by which methods, and how many bytes the app has taken. Google logs every single
 * call, so only apps that matter are read: those that look like AI, and those that may do much. Nothing but sums is kept.
 */
export const appUse = defineCollector<Config, Client>({
  id: 'app_use',
  title: 'Use of OAuth grants',
  version: 1,
  kinds: ['oauth_grant'],
  mode: 'log',
  optional: true,
  operations: ['reports.activities.list'],
  permissions: [{ id: SCOPES.audit, purpose: 'Read when apps used their access, and how many bytes they took', required: true }],
  limits: [
    'Only Enterprise Standard and Plus, Education Standard and Plus, and Cloud Identity Premium log the use of apps',
    `Apps that nobody has authorised for ${LOG_DAYS} days are not asked for`,
  ],
  volatile: ['bytes', 'calls', 'methods', 'since'],
  requests: (sizes) => sizes.pages('tokenEvents_authorize', 1000) + sizes.of('appUsePages'),

  async *collect(context) {
    const { account, cursor, now } = context;
    const position = (cursor as Position | undefined) ?? (yield* chooseApps(context, logWindow(now())));
    if (!position) return;
    while (position.pending.length > 0) {
      const use = yield* readUse(context, position.pending[0]!, position.window);
      position.pending = position.pending.slice(1);
      position.pages += use.pages;
      position.used ||= use.used;
      position.unread ||= use.unread;
      yield { type: 'checkpoint', cursor: { ...position }, sizes: { appUsePages: position.pages } };
    }
    if (position.skipped > 0) yield notOfInterest(account.scope, position.skipped);
    // Where nothing at all was logged, it is the edition that does not log: nobody may conclude that nothing is used.
    if (position.apps > 0 && !position.used && !position.unread) yield notLogged(account.scope);
    else yield { type: 'covered', scope: account.scope, window: position.window };
  },
});

type App = { id: string; name: string };
type Position = { window: Window; pending: App[]; apps: number; skipped: number; pages: number; used: boolean; unread: boolean };

/** All apps that somebody authorised, and of them those to read. */
async function* chooseApps(
  { account, client, interest }: CollectContext<Config, Client>,
  window: Window,
): AsyncGenerator<ScanEvent, Position | undefined> {
  const loss = { scope: account.scope, effect: 'When apps used their access is unknown', permission: SCOPES.audit };
  const apps = new Map<string, { name: string; powerful: boolean }>();
  for await (const page of eventPages(client, { application: 'token', event: 'authorize', window, pageToken: null, loss })) {
    if (page.gap) {
      yield page.gap;
      return undefined;
    }
    yield* page.gaps;
    for (const event of page.items.flatMap(({ events }) => events)) {
      const [id] = parameter(event, 'client_id');
      if (id === undefined) continue;
      // The newest name comes first.
      const app = apps.get(id) ?? { name: parameter(event, 'app_name')[0] ?? id, powerful: false };
      app.powerful ||= parameter(event, 'scope').some(isPowerful);
      apps.set(id, app);
    }
  }
  const pending = [...apps]
    .filter(([id, { name, powerful }]) => powerful || ['ai', 'suspected'].includes(interest(grantSignals(id, name))))
    .map(([id, { name }]) => ({ id, name }));
  return { window, pending, apps: pending.length, skipped: apps.size - pending.length, pages: 0, used: false, unread: false };
}

/** What one user's grant to an app was used for, added up. */
interface Use {
  user: string;
  name: string;
  last: string;
  calls: number;
  bytes: bigint;
  methods: Set<string>;
}

/** Names of methods that are kept of one grant. */
const MOST_METHODS = 12;

async function* readUse({ account, client }: CollectContext<Config, Client>, app: App, window: Window) {
  const scope = within(account.scope, 'app', app.id);
  const loss = { scope, effect: `When ${app.id} used its access is unknown`, permission: SCOPES.audit };
  const users = new Map<string, Use>();
  const query = { application: 'token', event: 'activity', filters: `client_id==${app.id}`, window, pageToken: null, loss };
  let pages = 0;
  const gaps: Gap[] = [];
  for await (const page of eventPages(client, query)) {
    pages++;
    if (page.gap) {
      gaps.push(page.gap);
      break;
    }
    gaps.push(...page.gaps);
    for (const item of page.items) addUp(users, item);
    if (page.next === null) break;
    if (pages === MOST_PAGES) {
      gaps.push({
        type: 'gap',
        scope,
        reason: 'truncated',
        effect: `Only the latest ${MOST_PAGES} pages of the use of ${app.id} were read`,
      });
      break;
    }
  }
  yield* gaps;
  // A sum over half of the events would be wrong, not small.
  const whole = gaps.every(({ reason }) => reason === 'truncated');
  if (whole) for (const use of users.values()) yield observationOf(scope, app, use, window);
  return { pages, used: users.size > 0, unread: gaps.length > 0 };
}

function addUp(users: Map<string, Use>, { actor, id, events }: Activity): void {
  const user = actor?.profileId;
  if (user === undefined) return;
  const at = new Date(id.time).toISOString();
  const use = users.get(user) ?? { user, name: actor?.email ?? user, last: at, calls: 0, bytes: 0n, methods: new Set() };
  users.set(user, use);
  if (at > use.last) use.last = at;
  for (const event of events) {
    if (event.name !== 'activity') continue;
    use.calls++;
    use.bytes += BigInt(event.parameters?.find(({ name }) => name === 'num_response_bytes')?.intValue ?? '0');
    const [method] = parameter(event, 'method_name');
    if (method !== undefined && use.methods.size < MOST_METHODS) use.methods.add(method);
  }
}

function observationOf(scope: string, app: App, use: Use, window: Window): Observation {
  return {
    type: 'observation',
    thing: grantId(use.user, app.id),
    nativeId: path('use', use.user, app.id),
    kind: 'oauth_grant',
    scope,
    subject: { app: app.id, name: app.name },
    principal: { id: use.user, name: use.name, traits: ['interactive_login', 'directory_person'] },
    signals: grantSignals(app.id, app.name),
    permissions: [],
    lastUsedAt: { at: use.last, from: 'log' },
    // Bytes go beyond what a number can hold, so they stay text.
    attributes: { bytes: String(use.bytes), calls: use.calls, methods: [...use.methods].sort(), since: window.from.slice(0, 10) },
    evidence: { source: 'reports.activities.list', url: 'https://admin.google.com/ac/reporting/audit/token' },
  };
}

function notOfInterest(account: string, apps: number): Gap {
  const effect = `The use of ${apps} apps was not read: nothing about them looks like AI, and they may not do much`;
  return { type: 'gap', scope: within(account, 'app'), reason: 'not_of_interest', effect };
}

function notLogged(account: string): Gap {
  const effect = 'This edition does not seem to log the use of apps: when they were last used is unknown, not never';
  return { type: 'gap', scope: account, reason: 'not_licensed', effect };
}
