import { defineCollector, within, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { decider, eventPages, LOG_DAYS, logWindow, parameter } from './audit.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { heldAgainst, newest, type Said } from './declared-delegations.ts';
import { delegationOf, delegationScope } from './delegated-client.ts';
import { SCOPES } from './operations.ts';
import type { Activity } from './schema.ts';

const AUTHORIZE = 'AUTHORIZE_API_CLIENT_ACCESS';
const REMOVE = 'REMOVE_API_CLIENT_ACCESS';

/**
 * Domain-wide delegation: clients that may act as every user. No API lists them, so they are replayed from the
 * administrators' log: the last word about a client counts, and what was said before the log began stays unknown.
 * Where an administrator keeps a list, each client is held against it.
 */
export const delegation = defineCollector<Config, Client>({
  id: 'delegation',
  title: 'Domain-wide delegation',
  version: 3,
  kinds: ['delegation', 'control'],
  mode: 'inventory',
  operations: ['reports.activities.list'],
  permissions: [{ id: SCOPES.audit, purpose: 'Read which clients administrators let act as every user', required: true }],
  limits: [`Delegations that were not touched for ${LOG_DAYS} days cannot be listed: compare with the admin console`],
  volatile: ['listTakenAt'],
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
          for (const said of activity.events) keepLatest(latest, activity, said);
        }
      }
    }
    for (const [clientId, said] of latest) yield* conclusion(account.scope, clientId, said, whole);
    const list = newest(client.imported('delegations'));
    if (list) yield* heldAgainst(account.scope, list, latest, whole);
    yield {
      type: 'gap',
      scope: within(account.scope, 'delegation'),
      reason: 'not_observable',
      effect: `Delegations last changed before ${window.from.slice(0, 10)} cannot be listed`,
      byDesign: true,
    };
  },
});

function keepLatest(latest: Map<string, Said>, activity: Activity, event: Activity['events'][number]): void {
  const clientId = parameter(event, 'API_CLIENT_NAME')[0];
  if (clientId === undefined || clientId === '') return;
  const at = new Date(activity.id.time).toISOString();
  const before = latest.get(clientId);
  if (before && before.at >= at) return;
  const scopes = parameter(event, 'API_SCOPES').flatMap((list) => list.split(/[,\s]+/).filter((scope) => scope !== ''));
  latest.set(clientId, { at, by: decider(activity), authorized: event.name === AUTHORIZE, scopes });
}

/** Each client is a place of its own: only a removal that was read makes one gone. */
function* conclusion(account: string, clientId: string, said: Said, whole: boolean): Generator<ScanEvent> {
  if (said.authorized) yield observationOf(account, clientId, said);
  // An event that could not be read may have been the last word about any client.
  if (whole) yield { type: 'covered', scope: delegationScope(account, clientId) };
}

function observationOf(account: string, clientId: string, { at, by, scopes }: Said): Observation {
  const delegation = delegationOf(account, clientId, { name: clientId, scopes });
  return {
    type: 'observation',
    nativeId: clientId,
    ...delegation,
    attributes: { ...delegation.attributes, decidedBy: by },
    grantedAt: { at, from: 'log' },
    evidence: { source: 'reports.activities.list', url: 'https://admin.google.com/ac/owl/domainwidedelegation' },
  };
}
