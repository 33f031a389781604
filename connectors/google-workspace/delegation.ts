import { defineCollector, path, within, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { eventPages, LOG_DAYS, logWindow, parameter } from './audit.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { SCOPES } from './operations.ts';

const AUTHORIZE = 'AUTHORIZE_API_CLIENT_ACCESS';
const REMOVE = 'REMOVE_API_CLIENT_ACCESS';

/**
 * Domain-wide delegation: clients that may act as every user. No API lists them, so they are replayed from the
 * administrators' log: the last word about a client counts, and what was said before the log began stays unknown.
 */
export const delegation = defineCollector<Config, Client>({
  id: 'delegation',
  title: 'Domain-wide delegation',
  version: 1,
  kinds: ['delegation'],
  mode: 'inventory',
  operations: ['reports.activities.list'],
  permissions: [{ id: SCOPES.audit, purpose: 'Read which clients administrators let act as every user', required: true }],
  limits: [`Delegations that were not touched for ${LOG_DAYS} days cannot be listed: compare with the admin console`],
  volatile: [],
  requests: (sizes) => sizes.pages('adminEvents_authorize', 1000) + sizes.pages('adminEvents_remove', 1000),

  async *collect({ account, client, now }) {
    const window = logWindow(now());
    const loss = { scope: account.scope, effect: 'Which clients may act as every user is unknown', permission: SCOPES.audit };
    const latest = new Map<string, Said>();
    let whole = true;
    for (const event of [AUTHORIZE, REMOVE]) {
      for await (const page of eventPages(client, { application: 'admin', event, window, pageToken: null, loss })) {
        if (page.gap) return yield page.gap;
        yield* page.gaps;
        whole &&= page.gaps.length === 0;
        for (const activity of page.items) {
          for (const said of activity.events) keepLatest(latest, activity.id.time, said);
        }
      }
    }
    for (const [clientId, said] of latest) yield* conclusion(account.scope, clientId, said, whole);
    yield {
      type: 'gap',
      scope: within(account.scope, 'delegation'),
      reason: 'not_observable',
      effect: `Delegations last changed before ${window.from.slice(0, 10)} cannot be listed`,
      byDesign: true,
    };
  },
});

interface Said {
  at: string;
  authorized: boolean;
  scopes: readonly string[];
}

function keepLatest(latest: Map<string, Said>, time: string, event: Parameters<typeof parameter>[0]): void {
  const clientId = parameter(event, 'API_CLIENT_NAME')[0];
  if (clientId === undefined || clientId === '') return;
  const at = new Date(time).toISOString();
  const before = latest.get(clientId);
  if (before && before.at >= at) return;
  const scopes = parameter(event, 'API_SCOPES').flatMap((list) => list.split(/[,\s]+/).filter((scope) => scope !== ''));
  latest.set(clientId, { at, authorized: event.name === AUTHORIZE, scopes });
}

/** Each client is a place of its own: only a removal that was read makes one gone. */
function* conclusion(account: string, clientId: string, said: Said, whole: boolean): Generator<ScanEvent> {
  const scope = within(account, 'delegation', clientId);
  if (said.authorized) yield observationOf(scope, clientId, said);
  // An event that could not be read may have been the last word about any client.
  if (whole) yield { type: 'covered', scope };
}

function observationOf(scope: string, clientId: string, said: Said): Observation {
  return {
    type: 'observation',
    thing: path('delegation', clientId),
    nativeId: clientId,
    kind: 'delegation',
    scope,
    subject: { app: clientId, name: clientId },
    principal: { id: clientId, name: clientId, traits: ['workload', 'standing_credential'] },
    signals: [{ type: 'oauth_client_id', value: clientId }],
    permissions: said.scopes,
    grantedAt: { at: said.at, from: 'log' },
    attributes: { actsAs: 'every user of the customer' },
    evidence: { source: 'reports.activities.list', url: 'https://admin.google.com/ac/owl/domainwidedelegation' },
  };
}
