import { defineCollector, path, type Observation } from '../../src/connector/index.ts';
import { eventKey, eventPages, LOG_DAYS, logWindow, parameter, type Window } from './audit.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { grantId, grantSignals } from './listed-grants.ts';
import { SCOPES } from './operations.ts';
import type { Activity } from './schema.ts';
import { userScope } from './users.ts';

const EVENTS = ['authorize', 'revoke', 'deny', 'request'] as const;

/** What such an event speaks of: no grant, and nothing about one that the same user holds. */
const REFUSED: Readonly<Record<string, string>> = { deny: 'denial', request: 'request' };

/**
 * Who granted what when, what was denied to whom, and who asked an administrator for an app that is blocked: the only place where
 * Google keeps the dates of grants. https://developers.google.com/workspace/admin/reports/v1/appendix/activity/token
 */
export const tokenLog = defineCollector<Config, Client>({
  id: 'token_log',
  title: 'Token audit log',
  version: 2,
  kinds: ['oauth_grant', 'control'],
  mode: 'log',
  operations: ['reports.activities.list'],
  permissions: [{ id: SCOPES.audit, purpose: 'Read when grants were given, revoked, denied and asked for', required: true }],
  limits: [
    `Grants given more than ${LOG_DAYS} days before the first scan have no date`,
    'A grant that ends by a password reset or a deletion leaves no event',
    'What became of a request for an app: the log tells that it was made',
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
    const refused = REFUSED[event.name];
    yield {
      type: 'observation',
      thing: refused ? path(refused, user, clientId) : grantId(user, clientId),
      nativeId: eventKey(activity, event.name, index),
      kind: refused ? 'control' : 'oauth_grant',
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
        ...(event.name === 'deny' && { rejection: parameter(event, 'rejection_type')[0] ?? null }),
      },
      evidence: { source: 'reports.activities.list', url: 'https://admin.google.com/ac/reporting/audit/token' },
    };
  }
}
