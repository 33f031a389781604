import { defineCollector, path, within, type Gap, type Json, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { eventPages, LOG_DAYS, logWindow, parameter } from './audit.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { SCOPES } from './operations.ts';
import type { Activity } from './schema.ts';

/**
 * What administrators decided about apps: which are trusted, limited or blocked, and which the Marketplace has put there for all.
 * No API lists it, so it is replayed from the administrators' log: the last word counts, and what was said before the log
 * began stays unknown. https://developers.google.com/workspace/admin/reports/v1/appendix/activity/admin-security-settings
 */
export const appControl = defineCollector<Config, Client>({
  id: 'app_control',
  title: 'App access control and Marketplace apps',
  version: 1,
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
      said.push(...page.items.flatMap(saidBy));
    }
    yield* replayed(account.scope, said);
    yield { type: 'checkpoint', cursor: 'read', sizes: { adminEvents: events } };
    yield beginning;
  },
});

/** One thing that was said about an app, or about all of them. */
interface Said {
  at: string;
  /** Of what it is the last word. */
  about: string;
  /** Absent = taken back. */
  decision?: Decision;
  /** Taking back counts only while this is what stands. */
  takesBack?: string;
  /** Something about that kind of thing was changed, and nobody can say which. */
  bulk?: boolean;
}

interface Decision {
  kind: 'control' | 'app_installation';
  app: string;
  name: string;
  state: string;
  attributes: Record<string, Json>;
}

const LISTS: Readonly<Record<string, string>> = {
  TRUSTED: 'trusted',
  LIMITED: 'limited',
  BLOCKED: 'blocked',
  TRUSTED_BY_OAUTH_SCOPE: 'trusted for some scopes',
};
const EXEMPT = 'CAA_EXEMPT';

/** What is said about every app of others, or about all of one's own, by the name of its event. */
const FOR_ALL: Readonly<Record<string, readonly [about: string, state: string]>> = {
  BLOCK_ALL_THIRD_PARTY_API_ACCESS: ['unconfigured apps', 'blocked'],
  UNBLOCK_ALL_THIRD_PARTY_API_ACCESS: ['unconfigured apps', 'allowed'],
  SIGN_IN_ONLY_THIRD_PARTY_API_ACCESS: ['unconfigured apps', 'sign-in only'],
  TRUST_DOMAIN_OWNED_OAUTH2_APPS: ['apps of own projects', 'trusted'],
  UNTRUST_DOMAIN_OWNED_OAUTH2_APPS: ['apps of own projects', 'not trusted'],
};

function saidBy({ id, events }: Activity): Said[] {
  const at = new Date(id.time).toISOString();
  return events.flatMap((event) => wordsOf(event).map((word) => ({ at, ...word })));
}

function wordsOf(event: Activity['events'][number]): Omit<Said, 'at'>[] {
  const one = (name: string) => parameter(event, name)[0];
  if (/^MULTIPLE_ADD_TO_\w+_OAUTH2_APPS$/.test(event.name) || event.name === 'OAUTH_APPS_BULK_UPLOAD') return [{ about: '', bulk: true }];
  const forAll = FOR_ALL[event.name];
  if (forAll) {
    const [name, state] = forAll;
    const about = path('app_control', name);
    return [{ about, decision: { kind: 'control', app: about, name, state, attributes: {} } }];
  }
  const [, deed, list] = /^(ADD_TO|REMOVE_FROM)_(\w+)_OAUTH2_APPS$/.exec(event.name) ?? [];
  const app = one('OAUTH2_APP_ID');
  if (list !== undefined && app) {
    const exempt = list === EXEMPT;
    const state = exempt ? 'exempt from context-aware access' : (LISTS[list] ?? list);
    const unit = one('ORG_UNIT_NAME') || '/';
    const about = path('app_control', app, ...(exempt ? ['exempt'] : []), unit);
    if (deed === 'REMOVE_FROM') return [{ about, takesBack: state }];
    const attributes = { unit, type: one('OAUTH2_APP_TYPE') ?? null };
    return [{ about, decision: { kind: 'control', app, name: one('OAUTH2_APP_NAME') ?? app, state, attributes } }];
  }
  return marketplace(event.name, one('APP_ID'), one('APPLICATION_NAME'), one('APPLICATION_ENABLED'));
}

function marketplace(event: string, app: string | undefined, name: string | undefined, enabled: string | undefined): Omit<Said, 'at'>[] {
  const [, deed, , list] = /^(ADD|REMOVE)_APPLICATION(_(?:TO|FROM)_(WHITELIST))?$/.exec(event) ?? [];
  if (deed === undefined || !app) return [];
  const about = path('app_control', 'marketplace', app, ...(list ? ['allowlist'] : []));
  const state = list ? 'allowed' : 'installed for all';
  if (deed === 'REMOVE') return [{ about, takesBack: state }];
  const kind = list ? 'control' : 'app_installation';
  return [{ about, decision: { kind, app: path('marketplace', app), name: name ?? app, state, attributes: { enabled: enabled ?? null } } }];
}

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
  for (const [about, { at, decision }] of standing) {
    const scope = `${account}/${about}`;
    const perApp = !about.startsWith(path('app_control', 'marketplace')) && !(decision && decision.app === about);
    if (bulk !== undefined && perApp && at <= bulk) {
      const effect = `Several apps were changed at once on ${bulk.slice(0, 10)}, and the log names none of them`;
      yield { type: 'gap', scope, reason: 'not_observable', effect, byDesign: true };
      continue;
    }
    if (decision) yield observationOf(scope, about, at, decision);
    yield { type: 'covered', scope };
  }
  if (bulk !== undefined) {
    const effect = `Apps that were changed at once on ${bulk.slice(0, 10)} are not named in the log: import the list of the admin console`;
    yield { type: 'gap', scope: within(account, 'app_control', 'bulk'), reason: 'not_observable', effect, byDesign: true };
  }
}

function observationOf(scope: string, about: string, at: string, { kind, app, name, state, attributes }: Decision): Observation {
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
    attributes: { ...attributes, state, decidedAt: at },
    evidence: { source: 'reports.activities.list', url: 'https://admin.google.com/ac/owl/list?tab=configuredApps' },
  };
}
