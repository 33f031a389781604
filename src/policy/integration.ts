import type { Match } from '../catalog/match.ts';
import { ACTS_AS, isOwnClient } from './kin.ts';
import type { Access, DataClass, Json, Meaning, Observation, Signal, Stamp, Standing, Trait } from '../connector/index.ts';
import type { Origin } from './judged.ts';
import type { Peers } from './peers.ts';
import type { Tool } from './shared-identity.ts';

/** One observation of an app, as judgement sees it: the stored facts with their state. */
export interface Fact {
  connector: string;
  account: string;
  collector: string;
  mode: 'inventory' | 'log';
  thing: string;
  kind: Observation['kind'];
  /** Where it was read; absent where that is of no interest. */
  scope?: Observation['scope'];
  state: 'present' | 'unverified' | 'gone';
  subject: Observation['subject'];
  principal?: Observation['principal'];
  signals: readonly Signal[];
  permissions: readonly string[];
  grantedAt?: Stamp;
  lastUsedAt?: Stamp;
  expiresAt?: Observation['expiresAt'];
  use?: Observation['use'];
  happened?: Observation['happened'];
  /**
   * Of a log that alone can tell of such things: until when its word stands without another, ISO 8601, and whether it was read whole
   * after that, and so is over.
   */
  believed?: { until: string; isOver: boolean };
  attributes: Readonly<Record<string, Json>>;
}

/** What an app can do to one class of data. */
export interface Reach {
  dataClass: DataClass;
  access: Access;
  /** In plain words. */
  plain: string;
  permissions: readonly string[];
  known: boolean;
}

/** A grant, an installation, a key: the facts about one thing from every collector, joined. */
export interface Thing {
  id: string;
  kind: Observation['kind'];
  state: 'present' | 'unverified' | 'gone';
  /** Known from a log alone, where a list could hold it: not confirmed live. */
  logOnly: boolean;
  /** Of what a log alone can tell of, and that is not over: when it told of it last, and until when that is believed. */
  told?: { at: string; until: string };
  name: string;
  credential?: string;
  holder?: { id: string; name: string; standing?: Standing; traits: readonly Trait[] };
  permissions: readonly string[];
  grantedAt?: Stamp;
  lastUsedAt?: Stamp;
  expiresAt?: Observation['expiresAt'];
  use?: Observation['use'];
  /** Bytes that it took, as far as logs were read: a whole number as text, since it may be beyond what a number holds. */
  taken?: string;
  attributes: Readonly<Record<string, Json>>;
}

/** One app in one account: what it is, what it can do, who holds it. */
export interface Integration {
  tenant: string;
  connector: string;
  account: string;
  appId: string;
  name: string;
  match: Match;
  state: 'present' | 'unverified' | 'gone';
  kinds: readonly string[];
  things: readonly Thing[];
  reach: readonly Reach[];
  /** Absent where the id of the app does not tell what it belongs to. */
  origin?: Origin;
  /** When all lists of keys in its account, and all logs of their use, were last read whole; undefined = never. */
  keysRead?: { lists: string | undefined; logs: string | undefined };
  /** When all logs that tell of it were last read whole; undefined = never, by one of them. */
  logsRead?: string | undefined;
  /** What its things said before, the oldest first; absent where nobody asks. */
  earlier?: readonly Growth[];
  /** Its things that were gone and came back, and when they were seen again; absent where nobody asks. */
  returned?: readonly { thing: string; at: string }[];
  /** How many held it before, by each list that has more of its holders now; absent where nobody asks. */
  held?: readonly HeldIn[];
  /** Absent where nobody asks, or where its product was in no other account before it came. */
  spread?: Spread;
  /** The settings of its account that say something of `TOLD_BY_SETTINGS`, as they were read last; absent where nobody asks. */
  controls?: readonly { thing: string; name: string; attributes: Readonly<Partial<Record<(typeof TOLD_BY_SETTINGS)[number], Json>>> }[];
  /** The organisational unit of each holder of whom the account's lists of people state one; absent where nobody asks. */
  units?: ReadonlyMap<string, string>;
  /** The groups of each holder that lists of their members state; absent where nobody asks. */
  groups?: ReadonlyMap<string, readonly string[]>;
  /** The AI tools behind each of its holders behind whom several are; absent where nobody asks. */
  sharedIdentities?: ReadonlyMap<string, readonly Tool[]>;
  /** What it may do by itself, and what the people of its account may; absent where nobody asks. */
  beside?: { reach: readonly Reach[]; peers: Peers };
  /** The product that it was known for, where it is called another's. */
  alsoIs?: string;
  /** Client ids that are its own. */
  clients: readonly string[];
  /** Client ids of other apps, under which it acts elsewhere. */
  actsAs: readonly string[];
}

/** What rules look at in the settings of an account: all else that these say need not be kept for a judgement. */
export const TOLD_BY_SETTINGS = ['bypass', 'callsLogged', 'on', 'region', 'repositoriesAtLeast'] as const;

/** What a thing could do before it changed, and what it can do now, by today's meaning of both. */
export interface Growth {
  thing: string;
  /** Start of the scan that first saw it otherwise, ISO 8601. */
  until: string;
  before: readonly Reach[];
  now: readonly Reach[];
  /** It reached chosen places then, and reaches all of them now. */
  wasSelected: boolean;
  isEverywhere: boolean;
}

/** How many held an app by one list, on the nights on which that was read whole. */
export interface HeldIn {
  /** Whoever held it up to the last of them. */
  most: number;
  /** Fewer than that, the oldest first; `until` = start of the scan after the last that had so many, ISO 8601. */
  before: readonly { until: string; count: number }[];
}

/** That the product of an app was known in other accounts, and not in its own, which was being read, when it came there. */
export interface Spread {
  /** Start of the scan that first saw the app, ISO 8601. */
  at: string;
  /** The accounts that had the product, the oldest first; `since` = start of the scan that first saw it there. */
  known: readonly { connector: string; account: string; since: string }[];
  /** The most that it could do in any of them. */
  before: readonly Reach[];
}

/** How an integration is recognised, and what its permissions mean. */
interface Knowledge {
  match(signals: readonly Signal[]): Match;
  meaning(connector: string, permission: string): Meaning;
}

/** Joins all that was observed of one app. Pure: the same facts give the same integration, in any order. */
export function integrationOf(tenant: string, facts: readonly Fact[], knowledge: Knowledge): Integration {
  const whole = joined(tenant, Map.groupBy(facts, (fact) => fact.thing).values(), knowledge);
  if (!whole) throw new Error('An integration rests on at least one fact');
  return whole;
}

/**
 * The same, of facts that come thing by thing: what was said of a thing is let go as soon as it is joined, so that an app
 * of a hundred thousand grants costs their joined facts only. Undefined where nothing comes.
 */
export function joined(tenant: string, statements: Iterable<readonly Fact[]>, knowledge: Knowledge): Integration | undefined {
  let first: Fact | undefined;
  const things: Thing[] = [];
  const told: { thing: Thing; facts: readonly Fact[] }[] = [];
  let endedForAll = '';
  const [all, alive] = [tally(), tally()];
  const meet = (thing: Thing, facts: readonly Fact[]) => {
    things.push(thing);
    if (isLive(thing)) alive.add(facts);
  };
  for (const facts of statements) {
    first ??= facts[0];
    const thing = thingOf(facts[0]!.thing, facts);
    all.add(facts);
    for (const { happened, principal } of facts) if (happened?.ends && !principal && happened.at > endedForAll) endedForAll = happened.at;
    if (thing.told) told.push({ thing, facts });
    else meet(thing, facts);
  }
  if (!first) return undefined;
  for (const { thing, facts } of told) meet(thing.told!.at < endedForAll ? withoutWord(thing) : thing, facts);
  things.sort((a, b) => (a.id < b.id ? -1 : 1));
  const live = things.filter((thing) => isLive(thing));
  const telling = live.length > 0 ? alive : all;
  const signals = telling.signals();
  const actsAs = valuesOf(signals, (type) => type === ACTS_AS);
  return {
    tenant,
    connector: first.connector,
    account: first.account,
    appId: first.subject.app,
    name: mostCommon(telling.listedNames.size > 0 ? telling.listedNames : all.names, first.subject.app),
    match: knowledge.match(signals),
    state: live.some((thing) => thing.state === 'present') ? 'present' : live.length > 0 ? 'unverified' : 'gone',
    kinds: [...new Set(things.map((thing) => thing.kind))].sort(),
    things,
    reach: reachOf(
      first.connector,
      live.flatMap((thing) => thing.permissions),
      knowledge.meaning,
    ),
    clients: valuesOf(signals, isOwnClient).filter((client) => !actsAs.includes(client)),
    actsAs,
  };
}

function valuesOf(signals: readonly Signal[], isMeant: (type: string) => boolean): string[] {
  return [...new Set(signals.filter(({ type }) => isMeant(type)).map(({ value }) => value))].sort();
}

function withoutWord({ told: _told, ...thing }: Thing): Thing {
  return { ...thing, state: 'gone' };
}

function isLive(thing: Thing): boolean {
  return !thing.logOnly && thing.state !== 'gone';
}

/** The signals and names of some facts, each once. */
function tally() {
  const signals = new Map<string, Signal>();
  const names = new Map<string, number>();
  const listedNames = new Map<string, number>();
  const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    names,
    listedNames,
    add(facts: readonly Fact[]): void {
      for (const fact of facts) {
        for (const signal of fact.signals) {
          const spelled = `${signal.type} ${signal.value}`;
          if (!signals.has(spelled)) signals.set(spelled, signal);
        }
        count(names, fact.subject.name);
        if (fact.mode === 'inventory') count(listedNames, fact.subject.name);
      }
    },
    signals: () => [...signals.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, signal]) => signal),
  };
}

/**
 * Presence is decided by inventories alone; dates are the union of all statements. Of what no list could hold, the last word of the log
 * tells whether it is over; that it is there, nobody confirms.
 */
export function thingOf(id: string, statements: readonly Fact[]): Thing {
  const facts = inOneOrder(statements);
  const listed = facts.filter((fact) => fact.mode === 'inventory');
  const word = listed.length === 0 ? lastWord(facts) : undefined;
  const base = listed.find((fact) => fact.state !== 'gone') ?? listed[0] ?? word?.fact ?? facts[0]!;
  const state = listed.some((fact) => fact.state === 'present') ? 'present' : (word?.state ?? (base.state satisfies Thing['state']));
  const { believed } = word?.fact ?? {};
  // What is gone grants nothing any more where another list still has the thing.
  const standing = listed.filter((fact) => fact.state !== 'gone');
  const saying = standing.length > 0 ? standing : listed.length > 0 ? listed : facts;
  const grantedAt = earliest(facts.map((fact) => fact.grantedAt));
  const lastUsedAt = latest(facts.map((fact) => fact.lastUsedAt));
  const { principal } = base;
  const taken = takenBy(facts);
  return {
    id,
    kind: base.kind,
    state,
    logOnly: listed.length === 0 && believed === undefined,
    ...(believed && state !== 'gone' && { told: { at: word!.at, until: believed.until } }),
    name: base.subject.name,
    permissions: [...new Set(saying.flatMap((fact) => fact.permissions))].sort(),
    attributes: base.attributes,
    ...(base.subject.credential !== undefined && { credential: base.subject.credential }),
    ...(principal && {
      holder: {
        id: principal.id,
        name: principal.name,
        traits: principal.traits,
        ...(principal.standing && { standing: principal.standing }),
      },
    }),
    ...(grantedAt && { grantedAt }),
    ...(lastUsedAt && { lastUsedAt }),
    ...(base.expiresAt && { expiresAt: base.expiresAt }),
    ...(base.use && { use: base.use }),
    ...(taken !== undefined && { taken }),
  };
}

/** The last thing that logs told of, and what it says of presence; undefined where it says nothing. Of equals, one that ends nothing. */
function lastWord(facts: readonly Fact[]): { fact: Fact; at: string; state: Thing['state'] | undefined } | undefined {
  const words = facts.flatMap((fact) => (fact.happened ? [{ fact, at: fact.happened.at, ends: fact.happened.ends === true }] : []));
  const last = words.sort((a, b) => (a.at === b.at ? Number(a.ends) - Number(b.ends) : a.at > b.at ? -1 : 1))[0];
  if (!last) return undefined;
  const isGone = last.ends || last.fact.believed?.isOver === true;
  return { fact: last.fact, at: last.at, state: isGone ? 'gone' : last.fact.believed && 'unverified' };
}

/** What the statements about a thing say that it took, together. */
function takenBy(facts: readonly Fact[]): string | undefined {
  const told = facts.flatMap(({ attributes: { bytes } }) => (typeof bytes === 'string' && /^\d{1,30}$/.test(bytes) ? [BigInt(bytes)] : []));
  return told.length > 0 ? String(told.reduce((sum, one) => sum + one, 0n)) : undefined;
}

/** How much one kind of access is worth; each includes the ones before it. */
export const POWER: Readonly<Record<Access, number>> = { read: 1, write: 2, admin: 3 };

/** The most that permissions allow with each class of data, most powerful first. */
export function reachOf(connector: string, held: readonly string[], meaning: (connector: string, permission: string) => Meaning): Reach[] {
  const permissions = [...new Set(held)].sort();
  const byClass = new Map<DataClass, Reach>();
  for (const permission of permissions) {
    const means = meaning(connector, permission);
    const before = byClass.get(means.dataClass);
    const stronger =
      !before || POWER[means.access] > POWER[before.access] || (means.access === before.access && !before.known && means.known);
    const all = [...(before?.permissions ?? []), permission];
    if (stronger)
      byClass.set(means.dataClass, {
        dataClass: means.dataClass,
        access: means.access,
        plain: means.plain,
        known: means.known,
        permissions: all,
      });
    else byClass.set(means.dataClass, { ...before, permissions: all });
  }
  return [...byClass.values()].sort((a, b) => powerOf(b) - powerOf(a) || (a.dataClass < b.dataClass ? -1 : 1));
}

/** The most of several reaches with each class of data. */
export function mostOf(reaches: readonly Reach[]): Reach[] {
  const most = new Map<DataClass, Reach>();
  for (const reach of reaches) {
    const before = most.get(reach.dataClass);
    // What is not known may be as much.
    const isMore = !before || POWER[reach.access] > POWER[before.access] || (reach.access === before.access && !reach.known);
    if (isMore) most.set(reach.dataClass, reach);
  }
  return [...most.values()];
}

/** How much harm a class of data in the wrong hands can do, from 0 for a name and address to 5 for everything. */
export const WEIGHT: Readonly<Record<DataClass, number>> = {
  admin: 5,
  secrets: 5,
  mail: 4,
  source_code: 4,
  cloud: 4,
  files: 4,
  ci: 3,
  chat: 3,
  directory: 2,
  calendar: 2,
  contacts: 2,
  ai_models: 2,
  other: 2,
  profile: 0,
};

/** Power of one reach; the ranking of findings rests on the sum of these. */
export function powerOf(reach: Pick<Reach, 'dataClass' | 'access'>): number {
  return WEIGHT[reach.dataClass] * POWER[reach.access];
}

/**
 * The name that most statements use; of equals the first by spelling, so that the order of facts does not matter. A log that knows no
 * name gives the id instead: that is one only where nobody knows better.
 */
function mostCommon(counts: ReadonlyMap<string, number>, appId: string): string {
  const named = [...counts].filter(([name]) => name !== appId);
  return named.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0] ?? appId;
}

/** Statements come in no order of their own; what is said of a thing must not depend on it. */
function inOneOrder(facts: readonly Fact[]): readonly Fact[] {
  if (facts.length === 1) return facts;
  const spelled = facts.map((fact) => ({ fact, spelling: JSON.stringify([fact.mode, fact.collector, fact]) }));
  return spelled.sort((a, b) => (a.spelling < b.spelling ? -1 : 1)).map(({ fact }) => fact);
}

/** Of two that vouch for the same moment, the one that was listed before the one that was logged, reported or imported. */
const VOUCHES = ['listed', 'log', 'report', 'import'] as const;

export function earliest(stamps: readonly (Stamp | undefined)[]): Stamp | undefined {
  return stamps.filter((stamp) => stamp !== undefined).sort(byTime)[0];
}

export function latest(stamps: readonly (Stamp | undefined)[]): Stamp | undefined {
  return stamps.filter((stamp) => stamp !== undefined).sort((a, b) => (a.at === b.at ? byTime(a, b) : byTime(b, a)))[0];
}

function byTime(a: Stamp, b: Stamp): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  return VOUCHES.indexOf(a.from) - VOUCHES.indexOf(b.from);
}
