import { expect } from 'vitest';
import { ProviderFault, Refusal } from '../../connector/index.ts';
import { FAULTS, type Fault } from '../faults.ts';
import { collectorsThatAsk, runConnector, type CollectorRun, type Run } from '../runner.ts';
import { expectNothingWronglyGone, factsOf, find } from './facts.ts';
import type { Subject } from './suite.ts';

/** Where a fault strikes, and how often: at a request that is counted from 1 or is the last; for ever, if not so many times. */
interface Strike {
  at: number | 'last';
  times?: number;
}
const FOR_EVER: readonly Strike[] = [{ at: 1 }, { at: 2 }, { at: 'last' }];
/** A fault that passes strikes one of an operation's requests: how it is repeated is the same for all. */
const PASSING: readonly Strike[] = [
  { at: 1, times: 1 },
  { at: 2, times: 2 },
  { at: 'last', times: 1 },
];

/** Faults that end alike for who asks: it is refused, not there, repeated in vain, broken off, no answer at all, or turns in a circle. */
const ALIKE: readonly (readonly Fault[])[] = [
  [401, 403],
  [404],
  [429, 500, 503],
  ['reset', 'cut'],
  ['html'],
  ['self_page', 'foreign_page'],
];

/** Which faults an operation meets. Whole = all. Else one of each kind: the next operations meet the same, at other places, and then others. */
function faultsOf(turn: number, whole: boolean): readonly Fault[] {
  if (whole) return FAULTS;
  const round = Math.floor(turn / FOR_EVER.length);
  return ALIKE.map((alike) => alike[round % alike.length]!);
}

/**
 * Which strikes an operation meets of a fault. Whole = each place. Else one place, another at each fault and at each operation, or the
 * next where nothing is asked there: every operation is then struck at every place, and over all operations every fault strikes at
 * every place.
 */
function strikesOf(turn: number, place: number, whole: boolean): readonly Strike[] {
  const passing = PASSING[(turn + place) % PASSING.length]!;
  if (whole) return [...FOR_EVER, passing];
  const first = (turn + place) % FOR_EVER.length;
  const lasting = [...FOR_EVER.slice(first), ...FOR_EVER.slice(0, first)];
  return place % PASSING.length === turn % PASSING.length ? [...lasting, passing] : lasting;
}

/** Whatever breaks at the provider, the result is the same or says what is missing. */
export function standsFaults(subject: Subject): void {
  const { connector, it, thorough } = subject;
  // An operation may have a second address; it is one operation all the same.
  const operations = new Set(connector.operations.map(({ id }) => id));
  for (const [turn, operation] of [...operations].entries()) {
    it(`survives faults of every kind in ${operation}: the same result, or a gap`, async () => {
      const { provider, baseline } = subject;
      const reached = new Set<Fault>();
      const only = collectorsThatAsk(connector, operation);
      const faults = faultsOf(turn, thorough);
      for (const [place, fault] of faults.entries()) {
        const forEver = new Map<number, number>();
        for (const { nth, times } of strikesOn(provider.faults.distinct(operation), strikesOf(turn, place, thorough))) {
          if (!thorough && !times && [...forEver.values()].some((struck) => struck > 0)) continue;
          // A fault that was there for ever and was met no more often than this one would be: it is the same night again.
          if (times && (forEver.get(nth) ?? Number.POSITIVE_INFINITY) <= times) continue;
          provider.faults.clear();
          provider.faults.add({ operation, fault, nth, ...(times && { times }) });
          const run = await runConnector(connector, provider, { only });
          const struck = provider.faults.struck.get(operation) ?? 0;
          if (struck > 0) reached.add(fault);
          if (!times) forEver.set(nth, struck);
          const where = `${fault} at request ${nth}${times ? ` ${times}×` : ' for ever'}`;
          expectOnlyExpectedErrors(run, where);
          expectNothingWronglyGone(baseline, run, where);
          expectNothingInvented(baseline, run, where);
          expectLossIsTold(baseline, run, where);
        }
      }
      provider.faults.clear();
      expect(reached.size, 'no fault of this operation ever struck').toBe(faults.length);
    });
  }
}

/** Of an operation with so many requests: its first is its last where there is one alone, and nothing is struck twice alike. */
function strikesOn(requests: number, strikes: readonly Strike[]): { nth: number; times: number | undefined }[] {
  const last = Math.max(1, requests);
  const struck = strikes.map(({ at, times }) => ({ nth: at === 'last' ? last : Math.min(at, last), times }));
  return [...new Map(struck.map((strike) => [`${strike.nth} ${strike.times}`, strike])).values()];
}

function expectNothingInvented(baseline: Run, run: Run, where: string): void {
  for (const now of run.collectors) {
    const before = new Set(factsOf(find(baseline, now.collector.id)));
    const invented = factsOf(now).filter((fact) => fact.includes('"type":"observation"') && !before.has(fact));
    expect(invented, `${now.collector.id} (${where})`).toEqual([]);
  }
}

/** A run that states other facts than the healthy one also says what it could not read, or it failed. */
function expectLossIsTold(baseline: Run, run: Run, where: string): void {
  for (const now of run.collectors.filter(({ error }) => error === undefined)) {
    const before = find(baseline, now.collector.id);
    const gapsOf = (run: CollectorRun) => run.events.flatMap((event) => (event.type === 'gap' ? `${event.scope} ${event.reason}` : []));
    const known = new Set(gapsOf(before));
    const told = gapsOf(now).some((gap) => !known.has(gap));
    if (!told) expect(factsOf(now), `${now.collector.id} says nothing of what it lost (${where})`).toEqual(factsOf(before));
  }
}

/** A collector, or the opening of a connection, may fail for the provider's reasons; for its own it may not. */
function expectOnlyExpectedErrors(run: Run, where: string): void {
  for (const error of [run.refused, ...run.collectors.map((collector) => collector.error)]) {
    const expected = error === undefined || error instanceof Refusal || error instanceof ProviderFault;
    expect(expected, `${where} ends in ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`).toBe(true);
  }
}
