import { copyFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { measure, type Measurement } from '../../src/commands/metrics.ts';
import { metricsText, readTold, trainingText } from '../../src/commands/metrics-text.ts';
import { lastMoment } from '../../src/commands/moment.ts';
import { rollUp, type TenantLine } from '../../src/policy/roll-up.ts';
import { policySchema, type Policy } from '../../src/policy/policy.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { DECIDED, WORLD } from '../policy/planted.ts';
import { temporaryFolder, TENANT } from '../store/facts.ts';
import { readNight, startOf } from '../store/planted-world.ts';

// A world that stays as it is: three nights on which it is read whole, and a fourth of which some reads are gaps. No number may be better
// for it than on a fourth night that was read whole, and each has to say that it was not.

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
    '289469326074',
  ].includes(app),
);
const ANSWER = { answer: 'yes', by: 'ciso', on: '2026-10-01' } as const;
const DATED = { grantedAt: { at: startOf(-30).toISOString(), from: 'listed' } } as const;

describe('of every number', () => {
  const file = temporaryFolder();
  const path = file();
  let policy: Policy;
  let places: string[];
  let whole: Measurement;
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

  beforeAll(async () => {
    const undecided: Policy = {
      ...DECIDED,
      declared: { inventory: ANSWER, approval: ANSWER, endings: ANSWER },
      workflows: policySchema.parse({
        formatVersion: 1,
        workflows: [{ id: 'letters', businessProcess: 'Letters', apps: ['approved', 'keys'] }],
      }).workflows!,
    };
    const apps = APPS.map((one) => ({ ...one, facts: one.facts.map((fact) => ({ ...DATED, ...fact })) }));
    const store = openStore(path);
    await readNight(store, 0, { apps, policy: undecided, listed: true });
    const reader = openReader(path);
    const [first] = reader.findings({ tenant: TENANT, rule: 'denied-ai-tool', limit: 1 });
    reader.close();
    policy = { ...undecided, exceptions: [{ finding: first!.key, owner: 'it', reason: 'in spring', until: '2026-12-31' }] };
    await readNight(store, 1, { apps, policy, listed: true });
    places = (await readNight(store, 2, { apps, policy, listed: true })).places.map(keyOf);
    await store.close();
    whole = await afterNightWithout(new Set());
  });

  /** All numbers after a fourth night without some places. */
  async function afterNightWithout(unread: ReadonlySet<string>): Promise<Measurement> {
    const copy = file();
    copyFileSync(path, copy);
    const store = openStore(copy);
    const apps = APPS.map((one) => ({ ...one, facts: one.facts.map((fact) => ({ ...DATED, ...fact })) }));
    await readNight(store, 3, { apps, policy, listed: true, isRead: (place) => !unread.has(keyOf(place)) });
    await store.close();
    const reader = openReader(copy);
    const told = measure(reader, TENANT, lastMoment(reader, TENANT), { policy, currentId: (id) => id });
    reader.close();
    return told;
  }

  test('the world has something to count', () => {
    expect(
      [whole.trustDebt > 10, whole.owned.part, whole.unsanctioned.part, whole.standing.part, whole.people.unsanctioned].every(Boolean),
    ).toBe(true);
    expect([whole.exceptions.count, whole.adoption.count > 0, whole.settling.others.count > 3, whole.readiness.compared]).toEqual([
      1,
      true,
      true,
      3,
    ]);
    expect(whole.unread).toEqual({ unread: 0, of: places.length });
  });

  test('none is better where reads are replaced by gaps, and each says that it was partly unread', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray(places, { minLength: 1 }), async (gaps) => {
        const partly = await afterNightWithout(new Set(gaps));
        isNoBetter(partly, whole);
        expect(partly.unread).toEqual({ unread: gaps.length, of: places.length });
        isMarked(partly);
        const [roll, before] = [rollUp([lineOf(partly)]), rollUp([lineOf(whole)])];
        expect(roll.partlyUnread.part).toBe(1);
        expect(roll.ready.part).toBeLessThanOrEqual(before.ready.part);
        expect(roll.withUnsanctioned.part).toBeGreaterThanOrEqual(before.withUnsanctioned.part);
      }),
      { numRuns: 12, examples: [[places]] },
    );
  });

  function isNoBetter(partly: Measurement, than: Measurement): void {
    const debts = (told: Measurement) =>
      [told, ...told.accounts, ...told.vendors, ...told.products, ...told.workflows].map((one) => one.trustDebt);
    const byName = (told: Measurement): Measurement => ({
      ...told,
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
    for (const of of ['secrets', 'others'] as const) {
      expect(partly.settling[of].open).toBeGreaterThanOrEqual(than.settling[of].open);
      expect(partly.settling[of].median ?? 0).toBeGreaterThanOrEqual(than.settling[of].median ?? 0);
    }
    expect([partly.adoption, partly.discovery, partly.exceptions]).toEqual([than.adoption, than.discovery, than.exceptions]);
    for (const [index, { measured }] of partly.readiness.items.entries()) {
      const was = than.readiness.items[index]!.measured;
      expect([measured?.of, (measured?.part ?? 0) <= (was?.part ?? 0)]).toEqual([was?.of, true]);
    }
    expect(partly.readiness.gap).toBeGreaterThanOrEqual(than.readiness.gap!);
    expect(['ready', 'risk-averse']).not.toContain(partly.persona.is);
  }

  /** Wherever numbers are printed, the line or the heading that they stand below says what was not read. */
  function isMarked(told: Measurement): void {
    const mark = readTold(told.unread);
    const training = trainingText({ trained: { part: 1, of: 2 }, without: [], others: 0, leftOut: 0 }, told.unread);
    const lines = `${metricsText(told)}\n${training}`.split('\n');
    let heading = '';
    const unmarked = lines.filter((line) => {
      if (!line.startsWith(' ') && line.includes(mark)) heading = mark;
      else if (line.trim() === '') heading = '';
      const isNumber = /\d/.test(line) && !/^(?:-| *$)/.test(line);
      return isNumber && !line.includes(mark) && heading === '' && !OWN_WORDS.some((one) => one.test(line));
    });
    expect(unmarked).toEqual([]);
  }
});

/** Lines that say themselves what was not read, or that hold no number of a scan: accounts and earlier scans, what is imported, and words. */
const OWN_WORDS = [/ \d+ of \d+ *$/, /^Partly unread \(/, /^Of the records, /, /^Supervision is met where: /];
