import type { Catalog } from '../catalog/catalog.ts';
import { grownBeyond, sightedIn, type Sighted } from '../policy/acknowledgement.ts';
import { match } from '../catalog/match.ts';
import { outward, type Connector, type Meaning, type Signal, type Standing } from '../connector/index.ts';
import { judgementOf, sameBody, transition } from '../policy/findings.ts';
import { joined, mostOf, reachOf, TOLD_BY_SETTINGS, type Fact, type Growth, type Integration } from '../policy/integration.ts';
import { withKin } from '../policy/kin.ts';
import { RECENT_MS } from '../policy/past-rules.ts';
import { turnedBetween, withCurrentIds, type Policy } from '../policy/policy.ts';
import type { Arrival, Elders, FirstPlace } from '../store/arrival.ts';
import type { Directory, KnownAround } from '../store/around.ts';
import type { FindingJudge } from '../store/judgement.ts';
import type { AppKey, StoredObservation } from '../store/rows.ts';
import { besideOf } from './beside.ts';
import { factOf } from './fact.ts';

/** Puts catalog, policy and the connectors' own words together into the judge that the store streams facts through. */
export function createJudge(parts: { catalog: Catalog; policy: Policy; connectors: readonly Connector[]; now: Date }): FindingJudge {
  const policy = withCurrentIds(parts.policy, (id) => parts.catalog.currentId(id));
  const byUnits = policy.approvals.some(({ population }) => population?.units !== undefined);
  const byGroups = policy.approvals.some(({ population }) => population?.groups !== undefined);
  const byId = new Map(parts.connectors.map((connector) => [connector.id, connector]));
  const meaning = (connector: string, permission: string): Meaning =>
    byId.get(connector)?.meaning(permission) ?? {
      dataClass: 'other',
      access: 'write',
      plain: `Unknown permission ${permission}`,
      known: false,
    };
  const newSince = new Date(parts.now.getTime() - RECENT_MS).toISOString();
  return {
    now: parts.now,
    newSince,
    judge(app, observations, around) {
      const { directory, origins, readWhole, unitOf, groupsOf, kin, elders } = around;
      let since = Number.POSITIVE_INFINITY;
      const places = firstPlaces();
      const logs = new Set<string>();
      const seen = (row: StoredObservation, fact: Fact) => {
        if (row.mode === 'log') logs.add(row.collector);
        since = Math.min(since, row.firstScan);
        places.add(row, fact);
      };
      const alone = joined(
        app.tenant,
        byThing(app, observations, { directory, believedOf: believerOf(byId.get(app.connector), readWhole) }, seen),
        {
          match: (signals) => match(parts.catalog, signals),
          meaning,
        },
      );
      if (!alone) return undefined;
      const { remediation, homeOf } = byId.get(app.connector) ?? {};
      const home = homeOf?.(app.appId);
      const related = kin ? withKin(alone, kin) : alone;
      const keysRead = keysReadIn(readWhole, byId.get(app.connector));
      const units = byUnits ? eachHolder(related, unitOf) : undefined;
      const arrival = mayBeNew(related) ? around.arrival(newSince, places.all()) : undefined;
      const integration = {
        ...related,
        ...(home !== undefined && { origin: origins(home, since) }),
        keysRead,
        ...(logs.size > 0 && { logsRead: readWhole([...logs]) }),
        ...(units && { units }),
        ...(byGroups && { groups: eachHolder(related, groupsOf) }),
        ...pastOf(related, app, around, meaning),
        ...(arrival && elders && spreadOf(arrival, elders(app, related.match.product!, arrival.scan), meaning)),
        ...besideOf(related, around.beside, { catalog: parts.catalog, declared: byId.get(app.connector), meaning }),
      };
      const judged = judgementOf(integration, policy, parts.now, (kind) => remediation?.[kind as keyof typeof remediation]);
      return { ...judged, actsForOthers: integration.actsAs.length > 0, isNewcomer: arrival !== undefined };
    },
    transition,
    eachTime: parts.connectors.flatMap(({ id, collectors }) =>
      collectors.filter(({ heldAgainst }) => heldAgainst !== undefined).map((collector) => ({ connector: id, collector: collector.id })),
    ),
    turnedSince: (moment) => turnedBetween(policy, moment, parts.now),
    grown: (seen, now) => grownBeyond(JSON.parse(seen) as Sighted, sightedIn(now)),
    same: sameBody,
  };
}

/** What was before, and the settings around it: asked of what may be AI alone, which is little. */
function pastOf(
  { connector, match: { verdict }, things }: Integration,
  app: AppKey,
  { historyOf, controls }: KnownAround,
  meaning: (connector: string, permission: string) => Meaning,
): Pick<Integration, 'earlier' | 'returned' | 'held' | 'controls'> {
  if (verdict !== 'ai' && verdict !== 'suspected') return {};
  const { earlier, returned, held } = historyOf(app);
  const present = new Map(things.map((thing) => [thing.id, thing]));
  const grown = earlier.flatMap(({ thing: id, until, permissions, attributes }): Growth[] => {
    const thing = present.get(id);
    if (!thing) return [];
    return [
      {
        thing: id,
        until,
        before: reachOf(connector, permissions, meaning),
        now: reachOf(connector, thing.permissions, meaning),
        wasSelected: attributes['repositorySelection'] === 'selected',
        isEverywhere: thing.attributes['repositorySelection'] === 'all',
      },
    ];
  });
  return { earlier: grown, returned, held, controls: controls(TOLD_BY_SETTINGS) };
}

/** Only of AI that is there is told that it is new in its account. */
function mayBeNew({ match: { verdict, product }, state }: Integration): boolean {
  return verdict === 'ai' && product !== undefined && state !== 'gone';
}

function spreadOf(
  { at }: Arrival,
  elders: Elders | undefined,
  meaning: (connector: string, permission: string) => Meaning,
): Pick<Integration, 'spread'> {
  if (!elders) return {};
  const held = Map.groupBy(elders.held, (one) => one.connector);
  const before = [...held].flatMap(([elsewhere, all]) =>
    reachOf(
      elsewhere,
      all.map(({ permission }) => permission),
      meaning,
    ),
  );
  return { spread: { at, known: elders.known, before: mostOf(before) } };
}

/** Of so many places of a reader it is asked whether they were read before: those of one reader are read alike. */
const SOME_PLACES = 20;

/** The places in which lists first stated something of an app. */
function firstPlaces() {
  let first = Number.POSITIVE_INFINITY;
  let places = new Map<string, Set<string>>();
  return {
    add({ mode, collector, firstScan }: StoredObservation, { scope }: Fact): void {
      if (mode !== 'inventory' || scope === undefined || firstScan > first) return;
      if (firstScan < first) places = new Map();
      first = firstScan;
      const own = places.get(collector) ?? new Set();
      if (own.size < SOME_PLACES) places.set(collector, own.add(scope));
    },
    all: (): FirstPlace[] =>
      [...places].flatMap(([collector, own]) => [...own].map((scope) => ({ collector, scopes: [...outward(scope)], firstScan: first }))),
  };
}

/** What is known of each holder; of whom nothing is, he is absent. */
function eachHolder<Known>({ things }: Integration, of: (id: string) => Known | undefined): Map<string, Known> {
  const holders = new Set(things.flatMap(({ holder }) => holder?.id ?? []));
  return new Map([...holders].map((id) => [id, of(id)] as const).filter((pair): pair is [string, Known] => pair[1] !== undefined));
}

/** When the logs that see keys in use, and the lists that they are held against, were last read whole. */
function keysReadIn(readWhole: KnownAround['readWhole'], connector: Connector | undefined): NonNullable<Integration['keysRead']> {
  const logs = (connector?.collectors ?? []).filter(({ heldAgainst }) => heldAgainst !== undefined);
  return { lists: readWhole(logs.flatMap(({ heldAgainst }) => heldAgainst!)), logs: readWhole(logs.map(({ id }) => id)) };
}

/** What the matcher makes of one signal, as a text that can be compared; '' = nothing. */
export function verdictOn(catalog: Catalog, signal: Signal): string {
  const { verdict, grade, product, candidates } = match(catalog, [signal]);
  return verdict === 'unknown' ? '' : JSON.stringify([verdict, grade, product, candidates]);
}

/** What the matcher makes of signals, for collectors that decide how deep to read. */
export function interestOf(catalog: Catalog, signals: readonly Signal[]): 'ai' | 'suspected' | 'unknown' | 'none' {
  const { verdict } = match(catalog, signals);
  if (verdict === 'ai' || verdict === 'ai_feature') return 'ai';
  return verdict === 'not_ai' ? 'none' : verdict;
}

/** What was said of one thing after the other, as the store streams it. */
function* byThing(
  app: AppKey,
  observations: Iterable<StoredObservation>,
  { directory, believedOf }: { directory: Directory; believedOf: Believer },
  seen: (row: StoredObservation, fact: Fact) => void,
): Generator<Fact[]> {
  let facts: Fact[] = [];
  for (const row of observations) {
    if (facts[0] && facts[0].thing !== row.thing) {
      yield facts;
      facts = [];
    }
    const fact = factOf(app, row);
    seen(row, fact);
    const believed = believedOf(fact);
    facts.push(withStanding(believed ? { ...fact, believed } : fact, row.firstScan, directory));
  }
  if (facts.length > 0) yield facts;
}

type Believer = (fact: Fact) => Fact['believed'];

/** How long what a log told of is believed, where it alone can tell. */
function believerOf(connector: Connector | undefined, readWhole: KnownAround['readWhole']): Believer {
  const witnesses = new Map((connector?.collectors ?? []).flatMap(({ id, soleWitness }) => (soleWitness ? [[id, soleWitness]] : [])));
  return ({ collector, kind, happened }) => {
    const witness = witnesses.get(collector);
    if (!witness?.kinds.includes(kind) || happened === undefined) return undefined;
    const until = new Date(Date.parse(happened.at) + witness.days * 86_400_000).toISOString();
    return { until, isOver: (readWhole([collector]) ?? '') >= until };
  };
}

/** Whether the holder is still here, where the statement itself does not say so but the account's own list of people does. */
function withStanding(fact: Fact, firstScan: number, directory: Directory): Fact {
  const { principal } = fact;
  if (!principal || principal.standing !== undefined || !principal.traits.includes('interactive_login')) return fact;
  // An account's root user administers it and stands in no list of people.
  if (principal.traits.includes('administrator')) return fact;
  const standing = directory(principal.id, firstScan) as Standing | undefined;
  return standing === undefined ? fact : { ...fact, principal: { ...principal, standing } };
}
