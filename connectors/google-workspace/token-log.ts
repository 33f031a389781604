import { defineCollector, path, type Observation } from '../../src/connector/index.ts';
import { eventKey, eventPages, LOG_DAYS, logWindow, parameter, type Window } from './audit.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { grantId, grantSignals } from './listed-grants.ts';
import { SCOPES } from './operations.ts';
import type { Activity } from './schema.ts';
import { userScope } from './users.ts';

const EVENTS = ['authorize', 'revoke', 'deny'] as const;

/** Who granted what when, and what was denied to whom: the only place where Google keeps the dates of grants. */
export const tokenLog = defineCollector<Config, Client>({
  id: 'token_log',
  title: 'Token audit log',
  version: 1,
  kinds: ['oauth_grant', 'control'],
  mode: 'log',
  operations: ['reports.activities.list'],
  permissions: [{ id: SCOPES.audit, purpose: 'Read when grants were given, revoked and denied', required: true }],
  limits: [
    `Grants given more than ${LOG_DAYS} days before the first scan have no date`,
    'A grant that ends by a password reset or a deletion leaves no event',
  ],
  volatile: [],
  requests: (sizes) => EVENTS.reduce((sum, event) => sum + sizes.pages(`tokenEvents_${event}`, 1000), 0),

  async *collect({ account, client, cursor, now }) {
    const position = (cursor ?? { event: 0, pageToken: null, window: logWindow(now()), counts: EVENTS.map(() => 0) }) as Position;
    const { window } = position;
    const loss = { scope: account.scope, effect: 'When grants were given and revoked is unknown', permission: SCOPES.audit };
    for (let index = position.event; index < EVENTS.length; index++) {
      const pageToken = index === position.event ? position.pageToken : null;
      for await (const page of eventPages(client, { application: 'token', event: EVENTS[index]!, window, pageToken, loss })) {
        if (page.gap) return yield page.gap;
        yield* page.gaps;
        for (const event of page.items) yield* grantEvents(account.scope, event);
        position.counts[index]! += page.items.length;
        const ended = page.next === null;
        yield {
          type: 'checkpoint',
          cursor: { window, event: ended ? index + 1 : index, pageToken: page.next, counts: position.counts },
          sizes: Object.fromEntries(EVENTS.map((event, which) => [`tokenEvents_${event}`, position.counts[which]!])),
        };
      }
    }
    yield { type: 'covered', scope: account.scope, window };
  },
});

type Position = { event: number; pageToken: string | null; window: Window; counts: number[] };

function* grantEvents(account: string, activity: Activity): Generator<Observation> {
  const user = activity.actor?.profileId;
  for (const [index, event] of activity.events.entries()) {
    const clientId = parameter(event, 'client_id')[0];
    // Events of the whole customer name no person; there is no grant to date by them.
    if (user === undefined || clientId === undefined) continue;
    const name = parameter(event, 'app_name')[0];
    const denied = event.name === 'deny';
    yield {
      type: 'observation',
      // What was denied is no grant, and says nothing about one that the same user holds.
      thing: denied ? path('denial', user, clientId) : grantId(user, clientId),
      nativeId: eventKey(activity, event.name, index),
      kind: denied ? 'control' : 'oauth_grant',
      scope: userScope(account, user),
      subject: { app: clientId, name: name ?? clientId },
      principal: { id: user, name: activity.actor?.email ?? user, traits: ['interactive_login', 'directory_person'] },
      signals: grantSignals(clientId, name),
      permissions: parameter(event, 'scope'),
      ...(event.name === 'authorize' && { grantedAt: { at: new Date(activity.id.time).toISOString(), from: 'log' } }),
      attributes: {
        event: event.name,
        at: new Date(activity.id.time).toISOString(),
        clientType: parameter(event, 'client_type')[0] ?? null,
        ...(denied && { rejection: parameter(event, 'rejection_type')[0] ?? null }),
      },
      evidence: { source: 'reports.activities.list', url: 'https://admin.google.com/ac/reporting/audit/token' },
    };
  }
}
