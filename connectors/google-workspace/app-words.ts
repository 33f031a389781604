import { path, type Json } from '../../src/connector/index.ts';
import { setBy } from './app-access.ts';
import { decider, parameter } from './audit.ts';
import type { Activity } from './schema.ts';

/** One thing that was said about an app, or about all of them. */
export interface Said {
  at: string;
  /** The administrator who said it. */
  by: Json;
  /** Of what it is the last word. */
  about: string;
  /** Absent = taken back. */
  decision?: Decision;
  /** Taking back counts only while this is what stands; absent = whatever stands. */
  takesBack?: string;
  /** Something about that kind of thing was changed, and nobody can say which. */
  bulk?: boolean;
  /** It was changed, and the log leaves out what it should tell: to what, or of several which. */
  unsaid?: boolean;
}

export interface Decision {
  kind: 'control' | 'app_installation';
  app: string;
  name: string;
  state: string;
  attributes: Record<string, Json>;
}

type Word = Omit<Said, 'at' | 'by'>;

/** What an entry of the administrators' log says about apps. `domain` = what the customer is called. */
export function saidBy(activity: Activity, domain: string): Said[] {
  const said = { at: new Date(activity.id.time).toISOString(), by: decider(activity) };
  return activity.events.flatMap((event) => wordsOf(event, domain).map((word) => ({ ...said, ...word })));
}

/** Whether it is about a single app, which a change of many at once may have changed as well. */
export function isOfOne(about: string): boolean {
  return !['marketplace', UNCONFIGURED, OWN].some((many) => isWithin(about, path('app_control', many)));
}

function isWithin(about: string, place: string): boolean {
  return about === place || about.startsWith(`${place}/`);
}

const LISTS: Readonly<Record<string, string>> = {
  TRUSTED: 'trusted',
  LIMITED: 'limited',
  BLOCKED: 'blocked',
  TRUSTED_BY_OAUTH_SCOPE: 'trusted for some scopes',
};
const EXEMPT = 'CAA_EXEMPT';
const UNCONFIGURED = 'unconfigured apps';
const OWN = 'apps of own projects';

/** What is said about every app of others, or about all of one's own, by the name of its event. */
const FOR_ALL: Readonly<Record<string, readonly [name: string, state: string]>> = {
  BLOCK_ALL_THIRD_PARTY_API_ACCESS: [UNCONFIGURED, 'blocked'],
  UNBLOCK_ALL_THIRD_PARTY_API_ACCESS: [UNCONFIGURED, 'allowed'],
  SIGN_IN_ONLY_THIRD_PARTY_API_ACCESS: [UNCONFIGURED, 'sign-in only'],
  TRUST_DOMAIN_OWNED_OAUTH2_APPS: [OWN, 'trusted'],
  UNTRUST_DOMAIN_OWNED_OAUTH2_APPS: [OWN, 'not trusted'],
};

function wordsOf(event: Activity['events'][number], domain: string): Word[] {
  const one = (name: string) => parameter(event, name)[0];
  if (/^MULTIPLE_ADD_TO_\w+_OAUTH2_APPS$/.test(event.name) || event.name === 'OAUTH_APPS_BULK_UPLOAD') return [BULK];
  const [app, told] = [one('OAUTH2_APP_ID'), one('ORG_UNIT_NAME')];
  // The unit at the top is called by the domain, too.
  const unit = !told || told === domain ? '/' : told;
  const forAll = FOR_ALL[event.name];
  if (forAll) return [ofMany(forAll[0], unit, forAll[1])];
  const set = setBy(event);
  if (set?.of === 'unconfigured') return [ofMany(UNCONFIGURED, unit, set.state)];
  if (set && !app) return [{ ...BULK, unsaid: true }];
  const [, deed, list] = /^(ADD_TO|REMOVE_FROM)_(\w+)_OAUTH2_APPS$/.exec(event.name) ?? [];
  if (app && (set || list !== undefined)) {
    const exempt = list === EXEMPT;
    const about = path('app_control', app, ...(exempt ? ['exempt'] : []), unit);
    const state = set ? set.state : exempt ? 'exempt from context-aware access' : (LISTS[list!] ?? list!);
    if (state === undefined) return [{ about, unsaid: true }];
    if (state === null) return [{ about }];
    if (deed === 'REMOVE_FROM') return [{ about, takesBack: state }];
    const attributes = { unit, type: one('OAUTH2_APP_TYPE') ?? null };
    return [{ about, decision: { kind: 'control', app, name: one('OAUTH2_APP_NAME') ?? app, state, attributes } }];
  }
  return marketplace(event.name, one('APP_ID'), one('APPLICATION_NAME'), one('APPLICATION_ENABLED'));
}

const BULK: Word = { about: '', bulk: true };

/** What is said about many apps of a unit; undefined = it is not said. */
function ofMany(name: string, unit: string, state: string | null | undefined): Word {
  const app = path('app_control', name);
  const about = unit === '/' ? app : path('app_control', name, unit);
  if (typeof state !== 'string') return { about, unsaid: true };
  return { about, decision: { kind: 'control', app, name, state, attributes: unit === '/' ? {} : { unit } } };
}

function marketplace(event: string, app: string | undefined, name: string | undefined, enabled: string | undefined): Word[] {
  const [, deed, , list] = /^(ADD|REMOVE)_APPLICATION(_(?:TO|FROM)_(WHITELIST))?$/.exec(event) ?? [];
  if (deed === undefined || !app) return [];
  const about = path('app_control', 'marketplace', app, ...(list ? ['allowlist'] : []));
  const state = list ? 'allowed' : 'installed for all';
  if (deed === 'REMOVE') return [{ about, takesBack: state }];
  const kind = list ? 'control' : 'app_installation';
  return [{ about, decision: { kind, app: path('marketplace', app), name: name ?? app, state, attributes: { enabled: enabled ?? null } } }];
}
