import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { measure, type Measurement } from '../../src/commands/metrics.ts';
import { metricsText, nightsTold, readTold, trainingText } from '../../src/commands/metrics-text.ts';
import { lastMoment } from '../../src/commands/moment.ts';
import { rollUp, type TenantLine } from '../../src/policy/roll-up.ts';
import { policySchema, type Policy } from '../../src/policy/policy.ts';
import type { Settling } from '../../src/policy/settling.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { DECIDED, WORLD, type Planted } from '../policy/planted.ts';
import { temporaryFolder, TENANT } from '../store/facts.ts';
import { readNight, startOf } from '../store/planted-world.ts';

// A world in which one app comes on the second of four nights, and all others were there before. Any read of any night may be a gap. No
// number may be better for that than after four nights that were read whole, or it has to say that it rests on less.

const APPS = WORLD.filter(({ app }) =>
  [
    'unapproved',
    'approved',
    'denied',
    'due',
    'leaver',
    'gone',
    'key-of-person',
    'wide',
    'everywhere',
    'keys',
    'secret',
    'found-key',
    'leak',
    '289469326074',
  ].includes(app),
);
const ANSWER = { answer: 'yes', by: 'ciso', on: '2026-10-01' } as const;
const DATED = { grantedAt: { at: startOf(-30).toISOString(), from: 'listed' } } as const;
/** Comes on the second night, and its provider says when in between it was granted. */
const LATE = lateOf(APPS.find(({ app }) => app === 'unapproved')!);
/** Each stands from the first night on. The last night has two of them no more, and an approval of two: of the one that is both, nobody can tell. */
const [TAKEN, PASSED, BOTH] = [copyOf('taken'), copyOf('passed'), copyOf('both')];
/** The last night has it no more, and the policy denied it on the second. */
const REFUSED = copyOf('refused');
const NIGHTS = [0, 1, 2, 3] as const;
const LAST = 3;

function copyOf(app: string): Planted {
  const one = APPS.find((other) => other.app === 'unapproved')!;
  const facts = one.facts.map((fact) => ({ ...fact, thing: `${fact.thing}/${app}`, subject: { ...fact.subject, app } }));
  return { ...one, app, account: `account of ${app}`, facts };
}

function goneOf(one: Planted): Planted {
  return { ...one, facts: one.facts.map((fact) => ({ ...fact, state: 'gone' })) };
}

function lateOf(one: Planted): Planted {
  const at = new Date((startOf(0).getTime() + startOf(1).getTime()) / 2).toISOString();
  const facts = one.facts.map((fact) => ({
    ...fact,
    thing: `${fact.thing}/late`,
    subject: { ...fact.subject, app: 'late' },
    grantedAt: { at, from: 'listed' } as const,
  }));
  return { ...one, app: 'late', account: 'account of late', facts, around: { ...one.around, from: 1 } };
}

interface Gap {
  night: number;
  place: string;
}

describe('of every number', () => {
  const file = temporaryFolder();
  const apps = [...APPS.map((one) => ({ ...one, facts: one.facts.map((fact) => ({ ...DATED, ...fact })) })), LATE];
  const leaving = [TAKEN, BOTH, REFUSED];
  /** Few that stand, and what the last night takes away or decides about. */
  const few = [...apps.filter(({ app }) => ['gone', 'denied', 'leak'].includes(app)), PASSED];
  const changing = (night: number) => [...few, ...(night === LAST ? leaving.map(goneOf) : leaving)];
  let policy: Policy;
  let lastPolicy: Policy;
  let places: string[];
  let whole: Measurement;
  let changed: Measurement;
  let changedPlaces: string[];
  const keyOf = (place: object) => JSON.stringify(place);

  const lineOf = (told: Measurement): TenantLine => ({
    ...told,
    tenant: TENANT,
    scannedAt: told.scan.startedAt,
    integrations: told.integrations.length,
    persona: told.persona.is,
    claimed: told.readiness.claimed,
    gap: told.readiness.gap,
  });

  const undecided: Policy = {
    ...DECIDED,
    declared: { inventory: ANSWER, approval: ANSWER, endings: ANSWER },
    workflows: policySchema.parse({
      formatVersion: 1,
      workflows: [{ id: 'letters', businessProcess: 'Letters', apps: ['approved', 'keys'] }],
    }).workflows!,
  };

  beforeAll(async () => {
    const path = file();
    const store = openStore(path);
    places = (await readNight(store, 0, { apps, policy: undecided, listed: true })).places.map(keyOf);
    await store.close();
    const reader = openReader(path);
    const [first] = reader.findings({ tenant: TENANT, rule: 'denied-ai-tool', limit: 1 });
    reader.close();
    policy = { ...undecided, exceptions: [{ finding: first!.key, owner: 'it', reason: 'in spring', until: '2026-12-31' }] };
    policy = { ...policy, denials: [...policy.denials, { apps: ['refused'], reason: 'no' }] };
    const signed = { owner: 'it', approver: 'security', reason: 'reviewed' };
    lastPolicy = { ...policy, approvals: [...policy.approvals, { apps: ['passed', 'both'], ...signed }] };
    whole = await afterNightsWithout([]);
    changed = await afterNightsWithout([], changing);
    changedPlaces = leaving
      .concat(PASSED)
      .map(({ plane, account, facts }) => keyOf({ connector: plane, account, collector: facts[0]!.collector }));
  });

  function policyOn(night: number): Policy {
    return night === 0 ? undecided : night === LAST ? lastPolicy : policy;
  }

  /** All numbers after four nights, each without some places. */
  async function afterNightsWithout(
    gaps: readonly Gap[],
    appsOn: (night: number) => readonly Planted[] = () => apps,
  ): Promise<Measurement> {
    const path = file();
    const store = openStore(path);
    for (const night of NIGHTS)
      await readNight(store, night, {
        apps: appsOn(night),
        policy: policyOn(night),
        listed: true,
        isRead: (place) => !gaps.some((gap) => gap.night === night && gap.place === keyOf(place)),
      });
    await store.close();
    const reader = openReader(path);
    const told = measure(reader, TENANT, lastMoment(reader, TENANT), { policy: lastPolicy, currentId: (id) => id });
    reader.close();
    return told;
  }

  test('the world has something to count', () => {
    expect(
      [whole.trustDebt > 10, whole.owned.part, whole.unsanctioned.part, whole.standing.part, whole.people.unsanctioned].every(Boolean),
    ).toBe(true);
    const { exceptions, adoption, settling, discovery, readiness } = whole;
    expect([exceptions.count, adoption.count > 0, settling.others.count > 3, readiness.compared]).toEqual([1, true, true, 3]);
    // A key that leaked, one that lies open, and a grant that was given between two nights.
    expect([settling.secrets.count, settling.secrets.oldest, discovery.count, discovery.median]).toEqual([2, 3, 1, 0.5]);
    expect([whole.unread, whole.nights]).toEqual([
      { unread: 0, of: places.length },
      { unread: 0, of: NIGHTS.length },
    ]);
  });

  test('trust debt is told by source, over all accounts that it reads', () => {
    const { accounts, sources } = whole;
    const ofSource = (name: string) => accounts.filter(({ where }) => where.startsWith(`${name} `));
    expect(sources.map(({ name }) => name).toSorted()).toEqual(['aws', 'github', 'google-workspace']);
    expect(ofSource('google-workspace').length).toBeGreaterThan(1);
    for (const { name, trustDebt } of sources) expect(trustDebt).toBeCloseTo(ofSource(name).reduce((all, one) => all + one.trustDebt, 0));
  });

  test('what ended findings is told apart, and only what was removed is remediated', () => {
    const { ended, ...others } = changed.settling.others;
    expect(others).toEqual({ count: 4, open: 0, oldest: undefined, median: 1 });
    expect(ended).toEqual({
      removed: { count: 3, median: 1 },
      removedDenied: { count: 1, median: 2 },
      approved: { count: 1, median: 3 },
      denied: { count: 1, median: 1 },
      excepted: { count: 1, median: 1 },
      otherwise: { count: 0, median: undefined },
      unknown: { count: 1, median: 3 },
    });
  });

  test('the trend tells of an earlier scan what was told then', async () => {
    const path = file();
    const store = openStore(path);
    const then: Measurement[] = [];
    const told = () => {
      const reader = openReader(path);
      const measured = measure(reader, TENANT, lastMoment(reader, TENANT), { policy: lastPolicy, currentId: (id) => id });
      reader.close();
      return measured;
    };
    for (const night of NIGHTS) {
      await readNight(store, night, { apps: changing(night), policy: policyOn(night), listed: true });
      then.unshift(told());
    }
    await store.close();
    const numbers = ({ trustDebt, owned, adoption, discovery, exceptions, settling }: Measurement | Measurement['trend'][number]) => ({
      trustDebt,
      owned,
      adoption,
      discovery,
      exceptions,
      settling,
    });
    expect(told().trend.map(numbers)).toEqual(then.map(numbers));
  });

  test('no time to remediate is better where a night of removals and approvals was not read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray(changedPlaces, { minLength: 1 }), async (unread) => {
        const partly = await afterNightsWithout(
          unread.map((place) => ({ night: LAST, place })),
          changing,
        );
        expect(partly.unread.unread).toBe(unread.length);
        settlesNoBetter(partly, changed);
        isMarked(partly);
      }),
      { numRuns: 6, examples: [[changedPlaces]] },
    );
  });

  test('none is better where reads of the last night are replaced by gaps, and each says that it was partly unread', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray(places, { minLength: 1 }), async (unread) => {
        const partly = await afterNightsWithout(unread.map((place) => ({ night: LAST, place })));
        isNoBetter(partly, whole);
        expect(historyOf(partly)).toEqual(historyOf(whole));
        expect([partly.unread, partly.nights]).toEqual([
          { unread: unread.length, of: places.length },
          { unread: 1, of: NIGHTS.length },
        ]);
        isMarked(partly);
        const [roll, before] = [rollUp([lineOf(partly)]), rollUp([lineOf(whole)])];
        expect(roll.partlyUnread.part).toBe(1);
        expect(roll.ready.part).toBeLessThanOrEqual(before.ready.part);
        expect(roll.withUnsanctioned.part).toBeGreaterThanOrEqual(before.withUnsanctioned.part);
      }),
      { numRuns: 6, examples: [[places]] },
    );
  });

  test('gaps of earlier nights change nothing but when things began, and whatever tells of that says on how many nights', async () => {
    const earlier = fc.uniqueArray(fc.record({ night: fc.nat(LAST - 1), place: fc.constantFrom(...places) }), {
      minLength: 1,
      maxLength: 3 * places.length,
      selector: keyOf,
    });
    const { nights: all } = whole;
    await fc.assert(
      fc.asyncProperty(earlier, async (gaps) => {
        const partly = await afterNightsWithout(gaps);
        expect(presentOf(partly)).toEqual(presentOf(whole));
        expect(partly.nights).toEqual({ ...all, unread: new Set(gaps.map(({ night }) => night)).size });
        isMarked(partly);
      }),
      { numRuns: 6, examples: [[NIGHTS.slice(0, LAST).flatMap((night) => places.map((place) => ({ night, place })))]] },
    );
  });

  /** Numbers of how things stand, by what the last night told of them. */
  function presentOf({ people, readiness, persona, trustDebt, owned, unsanctioned, standing, unread, ...told }: Measurement) {
    const { accounts, vendors, products, workflows, levers } = told;
    return { people, readiness, persona, trustDebt, owned, unsanctioned, standing, unread, accounts, vendors, products, workflows, levers };
  }

  /** Numbers of when things began, save for how long they have stood since. */
  function historyOf({ adoption, discovery, exceptions }: Measurement) {
    return { adoption, discovery, exceptions };
  }

  function isNoBetter(partly: Measurement, than: Measurement): void {
    const debts = (told: Measurement) =>
      [told, ...told.accounts, ...told.sources, ...told.vendors, ...told.products, ...told.workflows].map((one) => one.trustDebt);
    const byName = (told: Measurement): Measurement => ({
      ...told,
      sources: told.sources.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      vendors: told.vendors.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      products: told.products.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    });
    const [after, before] = [debts(byName(partly)), debts(byName(than))];
    expect(after).toHaveLength(before.length);
    for (const [index, debt] of after.entries()) expect(debt).toBeGreaterThanOrEqual(before[index]!);
    for (const [index, one] of [partly, ...partly.accounts].entries()) {
      const was = [than, ...than.accounts][index]!;
      expect([one.owned.of, one.unsanctioned.of, one.standing.of]).toEqual([was.owned.of, was.unsanctioned.of, was.standing.of]);
      expect(one.owned.part).toBeLessThanOrEqual(was.owned.part);
      expect(one.unsanctioned.part).toBeGreaterThanOrEqual(was.unsanctioned.part);
      expect(one.standing.part).toBeGreaterThanOrEqual(was.standing.part);
    }
    expect(partly.people.of).toBe(than.people.of);
    expect(partly.people.unsanctioned).toBeGreaterThanOrEqual(than.people.unsanctioned);
    settlesNoBetter(partly, than);
    for (const [index, { measured }] of partly.readiness.items.entries()) {
      const was = than.readiness.items[index]!.measured;
      expect([measured?.of, (measured?.part ?? 0) <= (was?.part ?? 0)]).toEqual([was?.of, true]);
    }
    expect(partly.readiness.gap).toBeGreaterThanOrEqual(than.readiness.gap!);
    expect(['ready', 'risk-averse']).not.toContain(partly.persona.is);
  }

  function settlesNoBetter(partly: Measurement, than: Measurement): void {
    for (const of of ['secrets', 'others'] as const) {
      expect(partly.settling[of].open).toBeGreaterThanOrEqual(than.settling[of].open);
      expect(partly.settling[of].oldest ?? 0).toBeGreaterThanOrEqual(than.settling[of].oldest ?? 0);
      expect(timeOf(partly.settling[of])).toBeGreaterThanOrEqual(timeOf(than.settling[of]));
      // For want of a look, nothing becomes a removal, or was excepted.
      for (const ending of ['removed', 'removedDenied', 'excepted'] as const)
        expect(partly.settling[of].ended[ending].count).toBeLessThanOrEqual(than.settling[of].ended[ending].count);
    }
  }

  /** Wherever numbers are printed, the line or the heading that they stand below says what was not read. */
  function isMarked(told: Measurement): void {
    const [mark, ofNights] = [readTold(told.unread), nightsTold(told.nights)];
    const training = trainingText({ trained: { part: 1, of: 2 }, without: [], others: 0, leftOut: 0 }, told.unread);
    const lines = `${metricsText(told)}\n${training}`.split('\n');
    let heading = '';
    const unmarked = lines.filter((line) => {
      if (!line.startsWith(' ') && mark !== '' && line.includes(mark)) heading = mark;
      else if (line.trim() === '') heading = '';
      const isNumber = /\d/.test(line) && !/^(?:-| *$)/.test(line);
      if (OF_NIGHTS.test(line)) return !line.includes(ofNights);
      return isNumber && !line.includes(mark) && heading === '' && !OWN_WORDS.some((one) => one.test(line));
    });
    expect(unmarked).toEqual([]);
  }
});

/** Where more than half stand, it is longer than any. */
function timeOf({ count, median }: Settling): number {
  return median ?? (count === 0 ? 0 : Infinity);
}

/** Lines of when things began. */
const OF_NIGHTS = /^(?:adoption lag|… before it|discovery|exceptions|time to remediate|… of leaks|… after denial|ended: [a-z ]+) /;

/** Lines that say themselves what was not read, or that hold no number of a scan: accounts and earlier scans, what is imported, and words. */
const OWN_WORDS = [/ \d+ of \d+ *$/, /^Partly unread \(/, /^Of the records, /, /^Supervision is met where: /];
