import type { Stamp } from '../connector/index.ts';
import { earliest, latest, thingOf, type Fact, type Thing } from './integration.ts';

/** A fact with what the store knows beside it. */
export interface Sighting {
  fact: Fact;
  /** Start of the scan that first saw it, and of the last in which it was vouched for; null = only a log ever told of it. */
  firstSeen: string;
  lastSeen: string | null;
  /** The holder administers the account, by whatever was read there. */
  administrator: boolean;
  /** Of the holder, by the account's own list of people. */
  standing: string | null;
}

/** One grant, installation, key or trust that an indicator leads to. */
export interface Trace {
  connector: string;
  account: string;
  app: string;
  /** What the app called itself last. */
  name: string;
  namedBy: string;
  product: string | null;
  kind: string;
  thing: string;
  /** `unverified`: it could not be read, or a log alone tells of it. Nobody may conclude from that that it is gone. */
  state: 'live' | 'unverified' | 'gone';
  /** Null where nobody in particular holds it. */
  holder: { id: string; name: string; standing: string | null; administrator: boolean } | null;
  permissions: readonly string[];
  grantedAt: Stamp | null;
  firstSeen: string;
  lastSeen: string | null;
  lastUsedAt: Stamp | null;
  /** As text, because it may be more than a number holds; null = not said, which is not none. */
  bytes: string | null;
}

/** Joins all that was ever said of one thing. `whose` says what is known of its app. */
export function traceOf(sightings: readonly Sighting[], whose: Pick<Trace, 'namedBy' | 'product'>): Trace {
  const facts = sightings.map(({ fact }) => fact);
  const { connector, account, subject } = facts[0]!;
  const thing = thingOf(facts[0]!.thing, facts);
  return {
    connector,
    account,
    app: subject.app,
    name: thing.name,
    namedBy: whose.namedBy,
    product: whose.product,
    kind: thing.kind,
    thing: thing.id,
    state: stateOf(thing),
    holder: thing.holder
      ? {
          id: thing.holder.id,
          name: thing.holder.name,
          standing: thing.holder.standing ?? sightings.find(({ standing }) => standing !== null)?.standing ?? null,
          administrator: thing.holder.traits.includes('administrator') || sightings.some(({ administrator }) => administrator),
        }
      : null,
    permissions: thing.permissions,
    grantedAt: thing.grantedAt ?? null,
    firstSeen: sightings.map(({ firstSeen }) => firstSeen).sort()[0]!,
    lastSeen:
      sightings
        .flatMap(({ lastSeen }) => lastSeen ?? [])
        .sort()
        .at(-1) ?? null,
    lastUsedAt: thing.lastUsedAt ?? null,
    bytes: sumOf(facts.map(({ attributes }) => attributes['bytes'])),
  };
}

function stateOf({ state, logOnly }: Thing): Trace['state'] {
  if (state === 'gone') return 'gone';
  return state === 'present' && !logOnly ? 'live' : 'unverified';
}

/** What all that an indicator leads to comes to. */
export interface TraceSummary {
  /** `not seen` is no word of comfort: what could not be read stands beside it. */
  state: Trace['state'] | 'not seen';
  things: { live: number; unverified: number; gone: number };
  names: readonly string[];
  products: readonly string[];
  holders: readonly string[];
  administrators: readonly string[];
  permissions: readonly string[];
  firstGrant: Stamp | null;
  firstSeen: string | null;
  lastSeen: string | null;
  lastUsed: Stamp | null;
  bytes: string | null;
}

/** What was decided about an app is no access of it: a control says nothing of whether it is live. */
export function summaryOf(all: readonly Trace[], names: Iterable<string>): TraceSummary {
  const traces = all.filter(({ kind }) => kind !== 'control');
  const things = { live: 0, unverified: 0, gone: 0 };
  for (const { state } of traces) things[state]++;
  const holders = traces.flatMap(({ holder }) => holder ?? []);
  return {
    state: (['live', 'unverified', 'gone'] as const).find((state) => things[state] > 0) ?? 'not seen',
    things,
    names: distinct(names),
    products: distinct(all.flatMap(({ product }) => product ?? [])),
    holders: distinct(holders.map(({ name }) => name)),
    administrators: distinct(holders.filter(({ administrator }) => administrator).map(({ name }) => name)),
    permissions: distinct(traces.flatMap(({ permissions }) => permissions)),
    firstGrant: earliest(traces.map(({ grantedAt }) => grantedAt ?? undefined)) ?? null,
    firstSeen: traces.map(({ firstSeen }) => firstSeen).sort()[0] ?? null,
    lastSeen:
      traces
        .flatMap(({ lastSeen }) => lastSeen ?? [])
        .sort()
        .at(-1) ?? null,
    lastUsed: latest(traces.map(({ lastUsedAt }) => lastUsedAt ?? undefined)) ?? null,
    bytes: sumOf(traces.map(({ bytes }) => bytes)),
  };
}

/** Sums of bytes are texts of digits. Null where nobody said any. */
function sumOf(values: readonly unknown[]): string | null {
  const said = values.filter((value) => typeof value === 'string' && /^\d{1,30}$/.test(value)) as string[];
  return said.length === 0 ? null : String(said.reduce((sum, value) => sum + BigInt(value), 0n));
}

function distinct(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort();
}

const URGENCY: readonly Trace['state'][] = ['live', 'unverified', 'gone'];

/** What is live first, administrators first among it. */
export function byUrgency(a: Trace, b: Trace): number {
  return (
    URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state) ||
    Number(b.holder?.administrator ?? false) - Number(a.holder?.administrator ?? false) ||
    (a.thing < b.thing ? -1 : 1)
  );
}
