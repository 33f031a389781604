import { defineCollector, within, type Gap, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { isOfOne, saidBy, type Decision, type Said } from './app-words.ts';
import { eventPages, LOG_DAYS, logWindow } from './audit.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { SCOPES } from './operations.ts';

/**
 * What administrators decided about apps: which are trusted, limited or blocked, and which the Marketplace has put there for all.
 * No API lists it, so it is replayed from the administrators' log: the last word counts, and what was said before the log
 * began stays unknown. https://developers.google.com/workspace/admin/reports/v1/appendix/activity/admin-security-settings
 */
export const appControl = defineCollector<Config, Client>({
  id: 'app_control',
  title: 'App access control and Marketplace apps',
  version: 2,
  kinds: ['control', 'app_installation'],
  mode: 'inventory',
  operations: ['reports.activities.list'],
  permissions: [{ id: SCOPES.audit, purpose: 'Read what administrators decided about apps', required: true }],
  limits: [
    `Decisions that were not touched for ${LOG_DAYS} days cannot be listed: compare with the admin console`,
    'A decision about several apps at once names none of them in the log',
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('adminEvents', 1000),

  async *collect({ account, client, cursor, now }) {
    const window = logWindow(now());
    const beginning: Gap = {
      type: 'gap',
      scope: within(account.scope, 'app_control'),
      reason: 'not_observable',
      effect: `Decisions last changed before ${window.from.slice(0, 10)} cannot be listed`,
      byDesign: true,
    };
    if (cursor === 'read') return yield beginning;
    const loss = { scope: account.scope, effect: 'What administrators decided about apps is unknown', permission: SCOPES.audit };
    const said: Said[] = [];
    let events = 0;
    // Google narrows to one name of an event at most, and there are some thirty: one walk over all is cheaper.
    for await (const page of eventPages(client, { application: 'admin', window, pageToken: null, loss })) {
      if (page.gap) return yield page.gap;
      yield* page.gaps;
      // An event that could not be read may have been the last word about anything.
      if (page.gaps.length > 0) return;
      events += page.items.length;
      said.push(...page.items.flatMap((activity) => saidBy(activity, account.name)));
    }
    yield* replayed(account.scope, said);
    yield { type: 'checkpoint', cursor: 'read', sizes: { adminEvents: events } };
    yield beginning;
  },
});

/** The last word about everything. Each is a place of its own: only a taking back that was read makes one gone. */
function* replayed(account: string, said: readonly Said[]): Generator<ScanEvent> {
  const standing = new Map<string, Said>();
  const bulk = said
    .filter((word) => word.bulk)
    .map(({ at }) => at)
    .sort()
    .at(-1);
  for (const word of said.toSorted((one, other) => (one.at < other.at ? -1 : 1))) {
    if (word.bulk) continue;
    const before = standing.get(word.about)?.decision;
    // What was moved to another list in between is not what was taken back.
    if (word.takesBack !== undefined && before && before.state !== word.takesBack) continue;
    standing.set(word.about, word);
  }
  for (const [about, { at, by, decision, unsaid }] of standing) {
    const scope = `${account}/${about}`;
    if (bulk !== undefined && isOfOne(about) && at <= bulk) {
      const effect = `Several apps were changed at once on ${bulk.slice(0, 10)}, and the log names none of them`;
      yield { type: 'gap', scope, reason: 'not_observable', effect, byDesign: true };
      continue;
    }
    if (unsaid) {
      const effect = `An administrator changed it on ${at.slice(0, 10)}, and the log does not say to what`;
      yield { type: 'gap', scope, reason: 'not_observable', effect };
      continue;
    }
    if (decision) yield observationOf(scope, about, { at, by }, decision);
    yield { type: 'covered', scope };
  }
  if (bulk !== undefined) {
    const effect = `Apps that were changed at once on ${bulk.slice(0, 10)} are not named in the log: import the list of the admin console`;
    const isUsual = !said.some((word) => word.bulk && word.unsaid);
    yield {
      type: 'gap',
      scope: within(account, 'app_control', 'bulk'),
      reason: 'not_observable',
      effect,
      ...(isUsual && { byDesign: true }),
    };
  }
}

function observationOf(
  scope: string,
  about: string,
  { at, by }: Pick<Said, 'at' | 'by'>,
  { kind, app, name, state, attributes }: Decision,
): Observation {
  return {
    type: 'observation',
    thing: about,
    nativeId: about,
    kind,
    scope,
    subject: { app, name },
    signals: kind === 'app_installation' ? [{ type: 'app_name', value: name }] : [],
    permissions: [],
    ...(kind === 'app_installation' && { grantedAt: { at, from: 'log' } as const }),
    attributes: { ...attributes, state, decidedAt: at, decidedBy: by },
    evidence: { source: 'reports.activities.list', url: 'https://admin.google.com/ac/owl/list?tab=configuredApps' },
  };
}
