import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Integration, Thing } from '../../src/policy/integration.ts';
import { debtTold, leversOf, metricsOf, type Measured } from '../../src/policy/metrics.ts';
import { approve } from '../../src/policy/decide.ts';
import { adoptionLag } from '../../src/policy/adoption.ts';
import { personaOf } from '../../src/policy/persona.ts';
import { measuredReadiness, type ReadinessId } from '../../src/policy/readiness.ts';
import { standingOf } from '../../src/policy/standing.ts';
import { SUPERVISION_IDS, supervisionOf, type Supervision } from '../../src/policy/supervision.ts';
import { NOW, policy, SIGNED } from './apps.ts';
import { app, reach, thing } from './invented.ts';

const DECIDED = policy({
  approvals: [
    { apps: ['approved'], ticket: 'T-1', ...SIGNED },
    { apps: ['due'], review: '2026-01-31', ...SIGNED },
    { apps: ['limited'], population: { most: 1 }, ceiling: { data: { files: 'read' } }, ...SIGNED },
    { apps: ['expired'], expires: '2026-01-31', ...SIGNED },
  ],
  denials: [{ apps: ['denied'], reason: 'no' }],
});
const CLOSED = {
  ...policy({}),
  declared: { blockedByDefault: { answer: 'yes' as const, by: 'ciso', on: '2026-10-01' } },
};
const supervised = (one: Integration): Supervision => supervisionOf(one, standingOf(one, DECIDED, NOW));
const USED = { lastUsedAt: { at: '2026-10-01T00:00:00.000Z', from: 'listed' } } as const;
const ENDS = { expiresAt: { at: '2027-01-01T00:00:00.000Z', from: 'listed' } } as const;

describe('what watches over an AI integration', () => {
  test('is all of it where it is approved with evidence, used on record, and holds what ends and reaches little', () => {
    const one = supervised(app({ appId: 'approved', things: [thing(1, { kind: 'api_key', ...USED, ...ENDS })] }));
    expect(one).toEqual({
      tier: 2,
      breadth: 1,
      answers: Object.fromEntries(SUPERVISION_IDS.map((id) => [id, 'yes'])),
      sanctioned: true,
      keys: { count: 1, ending: 1 },
    });
    expect(debtTold(one)).toBe('2 × 1 × (1 − 6/6) = 0.0');
  });

  test('is told apart from what nobody knows', () => {
    const answers = (more: Partial<Integration>) => supervised(app(more)).answers;
    expect(answers({})).toEqual({ owner: 'no', review: 'no', evidence: 'no', ends: 'unknown', scoped: 'yes', use: 'unknown' });
    expect(answers({ things: [thing(1, { expiresAt: 'never' })], reach: [reach('cloud', 'admin')] })).toMatchObject({
      ends: 'no',
      scoped: 'no',
    });
    expect(answers({ reach: [] }).scoped).toBe('unknown');
    expect(answers({ reach: [{ ...reach('files', 'read'), known: false }] }).scoped).toBe('unknown');
    expect(answers({ things: [thing(1, { kind: 'delegation' })] }).scoped).toBe('no');
    expect(answers({ appId: 'due' })).toMatchObject({ owner: 'yes', review: 'no', evidence: 'no' });
    expect([answers({ appId: 'expired' }).owner, answers({ appId: 'denied' }).owner]).toEqual(['yes', 'no']);
    expect([supervised(app({ appId: 'due' })).sanctioned, supervised(app({ appId: 'expired' })).sanctioned]).toEqual([true, false]);
  });

  test('is none where an approval is of another that it is called like, and a key ends only where that is known of it', () => {
    const approval = { apps: ['other'], ...SIGNED };
    expect(supervisionOf(app(), { is: 'look-alike', approval }).answers.owner).toBe('no');
    const keys = [ENDS, { expiresAt: 'never' }, {}, { ...ENDS, state: 'unverified' }, { ...ENDS, use: 'inactive' }] as const;
    expect(supervised(app({ things: keys.map((more, number) => thing(number, { kind: 'api_key', ...more })) })).keys).toEqual({
      count: 4,
      ending: 1,
    });
    expect(supervised(app({ things: [thing(1, { attributes: { visibility: 'all' } })] })).breadth).toBe(3);
  });

  test('weighs more the more it can do, and the more hold it', () => {
    const tier = (one: Integration['reach']) => supervised(app({ reach: one })).tier;
    expect([
      tier([reach('profile', 'read')]),
      tier([reach('files', 'read')]),
      tier([reach('files', 'write')]),
      tier([reach('files', 'admin')]),
      tier([]),
      tier([{ ...reach('other', 'read'), known: false }]),
    ]).toEqual([1, 2, 3, 4, 2, 3]);
    const breadth = (...things: readonly Thing[]) => supervised(app({ things })).breadth;
    expect([
      breadth(thing(1), thing(1)),
      breadth(thing(1), thing(2)),
      breadth(thing(1, { attributes: { repositorySelection: 'all' } })),
      breadth(thing(1), thing(2, { state: 'gone' })),
    ]).toEqual([1, 2, 3, 1]);
  });
});

describe('the metrics', () => {
  const bare: Measured = { name: 'bare', supervision: supervised(app()) };
  const good: Measured = {
    name: 'good',
    supervision: supervised(app({ appId: 'approved', things: [thing(1, { kind: 'api_key', ...USED, ...ENDS })] })),
  };
  test('are sums and shares that can be worked out by hand', () => {
    expect(debtTold(bare.supervision)).toBe('2 × 1 × (1 − 1/6) = 1.7');
    expect(metricsOf([bare, good])).toEqual({
      trustDebt: 10 / 6,
      owned: { part: 1, of: 2 },
      unsanctioned: { part: 1, of: 2 },
      standing: { part: 0, of: 1 },
    });
    expect(metricsOf([])).toEqual({
      trustDebt: 0,
      owned: { part: 0, of: 0 },
      unsanctioned: { part: 0, of: 0 },
      standing: { part: 0, of: 0 },
    });
  });

  test('take what an earlier program judged for powerful and not watched over', () => {
    expect(metricsOf([{ name: 'old' }])).toEqual({
      trustDebt: 12,
      owned: { part: 0, of: 1 },
      unsanctioned: { part: 1, of: 1 },
      standing: { part: 0, of: 0 },
    });
  });

  test('name the levers that take most away for the least work, one of each integration', () => {
    const wide: Measured = {
      name: 'wide',
      supervision: supervised(app({ reach: [reach('files', 'admin')], things: [thing(1), thing(2)] })),
    };
    const last: Measured = {
      name: 'last',
      supervision: { ...good.supervision!, answers: { ...good.supervision!.answers, use: 'unknown' } },
    };
    expect(
      leversOf([
        { ...bare, name: 'b' },
        { ...bare, name: 'a' },
      ]).map(({ name }) => name),
    ).toEqual(['a', 'b']);
    expect(leversOf([good, bare, wide, last])).toEqual([
      { name: 'wide', does: 'Name an owner in an approval', gain: 16 / 6 },
      { name: 'bare', does: 'Name an owner in an approval', gain: 4 / 6 },
      { name: 'last', does: 'Read the log or report of its use', gain: 2 / 6 },
    ]);
  });

  const key = thing(1, { kind: 'api_key', attributes: { visibility: 'all' } });
  const chosen = { ...key, attributes: {} };
  const writes = { reach: [reach('files', 'write')] };
  const APPROVED = { ...SIGNED, apps: ['app-1'] };
  const [held, used, ending, narrow] = [
    { ...writes, things: [key] },
    { ...writes, things: [{ ...key, ...USED }] },
    { ...writes, things: [{ ...key, ...USED, ...ENDS }] },
    { ...writes, things: [{ ...chosen, ...USED, ...ENDS }] },
  ];
  type World = [more: Partial<Integration>, entries: Parameters<typeof policy>[0]];
  test.each<[does: string, before: World, after: World | undefined]>([
    ['Name an owner in an approval', [held, {}], [held, { approvals: [byCommand()] }]],
    ['Review it, and approve it as it is or less', [held, due('2026-01-31')], [held, due('2027-01-31')]],
    ['Enter the evidence or the ticket of the approval', [held, due('2027-01-31')], [held, ticketed()]],
    ['Exchange what it holds for something that ends', [used, ticketed()], [ending, ticketed()]],
    [
      'Narrow what it may do',
      [ending, ticketed()],
      [{ ...narrow, things: [narrow.things[0]!, { ...chosen, ...USED, ...ENDS, holder: thing(2).holder! }] }, ticketed()],
    ],
    ['Read the log or report of its use', [{ things: [{ ...chosen, ...ENDS }] }, ticketed()], [{ things: narrow.things }, ticketed()]],
    ['Take it away: it is denied', [held, { denials: [{ apps: ['app-1'], reason: 'no' }] }], undefined],
  ])('say of a lever what the judgements before and after it differ by: %s', (does, before, after) => {
    const judged = ([more, entries]: World): Measured => {
      const one = app(more);
      return { name: 'it', supervision: supervisionOf(one, standingOf(one, policy(entries), NOW)) };
    };
    const [was, is] = [[judged(before)], after ? [judged(after)] : []].map((all) => metricsOf(all).trustDebt) as [number, number];
    expect(leversOf([judged(before)])).toEqual([{ name: 'it', does, gain: was - is }]);
  });

  function due(review: string) {
    return { approvals: [{ ...APPROVED, review }] };
  }

  function ticketed() {
    return { approvals: [{ ...APPROVED, ticket: 'T-1' }] };
  }

  /** What `noctule approve` writes. */
  function byCommand() {
    const ceiling = { data: { files: 'write' as const } };
    const found = { key: 'k', connector: 'provider', account: 'A1', appId: 'app-1', grade: 'exact', ceiling };
    const { edits } = approve(found, policy({}), { ...SIGNED, expires: '2027-01-31' }, { now: NOW });
    return (edits[0] as { value: object }).value;
  }

  const some = fc.record({
    kind: fc.constantFrom('oauth_grant' as const, 'api_key' as const, 'app_installation' as const, 'delegation' as const),
    use: fc.constantFrom({}, { use: 'inactive' as const }),
    end: fc.constantFrom({}, ENDS, { expiresAt: 'never' as const }),
    used: fc.constantFrom({}, USED),
    holder: fc.nat(3),
    unread: fc.boolean(),
  });
  const world = fc.array(
    fc.record({
      appId: fc.constantFrom('approved', 'due', 'limited', 'expired', 'denied', 'undecided'),
      reaches: fc.subarray([
        reach('files', 'read'),
        reach('mail', 'write'),
        reach('admin', 'admin'),
        { ...reach('other', 'read'), known: false },
      ]),
      things: fc.array(some, { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 5 },
  );

  /** Who holds AI of those who are listed, and how many of these are not seen where something is not read. */
  const crowd = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30)).map(([part, more, hidden]) => ({
    whole: { part, of: part + more },
    partly: { part: Math.max(0, part - hidden), of: part + more },
  }));

  test('none is better where reads are replaced by gaps, in a world that is the same', () => {
    fc.assert(
      fc.property(world, crowd, (apps, people) => {
        const measure = (withGaps: boolean) => {
          const measured = apps.map(({ appId, reaches, things }, index) => {
            const seen = things.map(({ kind, use, end, used, holder, unread }, number) =>
              thing(number, {
                kind,
                ...use,
                ...end,
                ...used,
                holder: { id: String(holder), name: 'somebody', traits: [] },
                state: withGaps && unread ? 'unverified' : 'present',
              }),
            );
            const firstSeen = '2026-10-01T02:00:00.000Z';
            return { name: String(index), firstSeen, supervision: supervised(app({ appId, reach: reaches, things: seen })) };
          });
          const unread = { unread: withGaps ? 1 : 0, of: 3 };
          const persona = (by: typeof DECIDED) => personaOf(measured, by, withGaps ? people.partly : people.whole, unread).is;
          return {
            ...metricsOf(measured),
            readiness: measuredReadiness(measured, unread),
            lag: adoptionLag(measured),
            isReady: persona(DECIDED) === 'ready',
            isAverse: persona(CLOSED) === 'risk-averse',
          };
        };
        const [whole, partly] = [measure(false), measure(true)];
        for (const [id, share] of Object.entries(partly.readiness)) {
          const { part, of } = whole.readiness[id as ReadinessId]!;
          expect([share.of, share.part <= part]).toEqual([of, true]);
        }
        expect(partly.lag).toEqual(whole.lag);
        expect(Number(partly.isReady)).toBeLessThanOrEqual(Number(whole.isReady));
        expect(Number(partly.isAverse)).toBeLessThanOrEqual(Number(whole.isAverse));
        expect(partly.trustDebt).toBeGreaterThanOrEqual(whole.trustDebt);
        expect(partly.owned.part).toBeLessThanOrEqual(whole.owned.part);
        expect(partly.unsanctioned.part).toBeGreaterThanOrEqual(whole.unsanctioned.part);
        expect(partly.standing.part).toBeGreaterThanOrEqual(whole.standing.part);
        expect([partly.owned.of, partly.unsanctioned.of, partly.standing.of]).toEqual([
          whole.owned.of,
          whole.unsanctioned.of,
          whole.standing.of,
        ]);
      }),
      { numRuns: 1000 },
    );
  });
});
