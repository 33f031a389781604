import { describe, expect, test } from 'vitest';
import { DATA_CLASSES } from '../../src/connector/index.ts';
import { powerOf, type Growth, type Integration, type Reach } from '../../src/policy/integration.ts';
import { pastHits } from '../../src/policy/past-rules.ts';
import type { Standing } from '../../src/policy/standing.ts';
import { SIGNED } from './apps.ts';
import { app, reach, thing, verdict } from './invented.ts';

const UNDECIDED: Standing = { is: 'undecided' };
const approved = (more: object = {}): Standing => ({ is: 'approved', approval: { apps: ['app-1'], ...SIGNED, ...more } });
const grew = (before: readonly Reach[], now: readonly Reach[], more: Partial<Growth> = {}): Growth => ({
  thing: 'grant/1',
  until: '2026-10-05T02:00:00.000Z',
  before,
  now,
  wasSelected: false,
  isEverywhere: false,
  ...more,
});
const told = (more: Partial<Integration>, standing: Standing = UNDECIDED) => {
  const one = app(more);
  return pastHits(one, standing, one.things).map(({ rule, severity, details }) => [rule, severity, ...details]);
};
const drift = (growth: Growth, standing?: Standing) => told({ earlier: [growth] }, standing);

describe('access that has grown', () => {
  test('is as grave as its greatest step', () => {
    const files = reach('files', 'read');
    expect(drift(grew([files], [files, reach('mail', 'admin')]))).toEqual([['entitlement-drift', 'high', 'mail: nothing → admin']]);
    expect(drift(grew([files], [reach('files', 'write')]))).toEqual([['entitlement-drift', 'medium', 'files: read → write']]);
    expect(drift(grew([files], [files, reach('contacts', 'read')]))).toEqual([['entitlement-drift', 'low', 'contacts: nothing → read']]);
    expect(drift(grew([files], [files], { wasSelected: true, isEverywhere: true }))).toEqual([
      ['entitlement-drift', 'medium', 'Selected repositories → all, also those to come'],
    ]);
  });

  test('is none where as much or less is left, where only a name was added, or where nobody knew or knows what it means', () => {
    const [read, write, unknown] = [reach('files', 'read'), reach('files', 'write'), { ...reach('files', 'write'), known: false }];
    expect([
      drift(grew([write], [read])),
      drift(grew([write], [write], { isEverywhere: true })),
      drift(grew([], [reach('profile', 'admin')])),
      drift(grew([read], [unknown])),
      drift(grew([{ ...unknown, access: 'read' }], [write])),
      told({ earlier: [grew([read], [write])], match: verdict('ai_feature') }),
      told({ earlier: [grew([read], [write], { thing: 'grant/2' })] }),
      told({ earlier: [grew([read], [write])], things: [thing(1, { use: 'inactive' })] }),
      told({}),
    ]).toEqual(Array.from({ length: 9 }, () => []));
  });

  test('is measured from the first that is known, and from a decision on where somebody decided', () => {
    const [none, read, write] = [[], [reach('files', 'read')], [reach('files', 'write')]];
    const earlier = [grew(none, write, { until: '2026-09-01T02:00:00.000Z' }), grew(read, write)];
    expect(told({ earlier })).toEqual([['entitlement-drift', 'high', 'files: nothing → write']]);
    const details = [['entitlement-drift', 'medium', 'files: read → write']];
    expect(told({ earlier }, approved({ decided: '2026-10-04' }))).toEqual(details);
    expect(told({ earlier }, approved({ decided: '2026-08-01', reviewed: '2026-10-04' }))).toEqual(details);
    expect(told({ earlier }, approved({ decided: '2026-10-05' }))).toEqual([]);
  });

  test('is measured from the later of two days, also where the review is due, and of what may be AI, too', () => {
    const [read, write] = [[reach('files', 'read')], [reach('files', 'write')]];
    const earlier = [grew([], write, { until: '2026-09-01T02:00:00.000Z' }), grew(read, write)];
    const facts = { decided: '2026-10-04', reviewed: '2026-08-01' };
    const details = [['entitlement-drift', 'medium', 'files: read → write']];
    expect(told({ earlier }, approved(facts))).toEqual(details);
    expect(told({ earlier }, { is: 'review-due', approval: { apps: ['app-1'], ...SIGNED, ...facts } })).toEqual(details);
    expect(told({ earlier, match: verdict('suspected') })).toHaveLength(1);
  });

  test('of several classes is told in their order, by ten at most, and is as grave as the worst', () => {
    const now = [reach('mail', 'admin'), reach('contacts', 'read')];
    expect(drift(grew([], now))).toEqual([['entitlement-drift', 'high', 'contacts: nothing → read', 'mail: nothing → admin']]);
    const all = DATA_CLASSES.map((one) => reach(one, 'read')).filter((one) => powerOf(one) > 0);
    expect(all.length).toBeGreaterThan(10);
    expect(drift(grew([], all))[0]).toHaveLength(12);
  });

  test('is none within a limit that somebody laid down, and is told beyond it, whenever that was decided', () => {
    const growth = grew([], [reach('files', 'read')]);
    expect(drift(growth, approved({ ceiling: { data: { files: 'read' } } }))).toEqual([]);
    const exceeded: Standing = { is: 'exceeded', approval: { apps: ['app-1'], ...SIGNED, decided: '2026-11-01' }, excess: ['files'] };
    expect(drift(growth, exceeded)).toHaveLength(1);
    expect(drift(growth, approved())).toHaveLength(1);
  });

  test('of many says of how many', () => {
    const things = [1, 2, 3].map((number) => thing(number));
    const earlier = [1, 2].map((number) => grew([], [reach('files', 'read')], { thing: `grant/${number}` }));
    expect(told({ things, earlier })).toEqual([['entitlement-drift', 'medium', 'files: nothing → read (2 of 3)']]);
  });
});

describe('a tool that many more hold', () => {
  const things = Array.from({ length: 64 }, (_, number) => thing(number));
  const [october, september] = ['2026-10-05T02:00:00.000Z', '2026-09-05T02:00:00.000Z'];
  const held = (count: number, most = 64, until = october) => [{ most, before: [{ until, count }] }];
  const many = (more: Partial<Integration>, standing?: Standing) => told({ things, reach: [reach('contacts', 'read')], ...more }, standing);

  test('is another than the one that was let in, and more so where it reaches what people have', () => {
    expect(many({ held: held(3) })).toEqual([['entitlement-drift', 'medium', 'Holders: 3 → 64']]);
    expect(many({ held: held(3), reach: [reach('profile', 'read')] })).toEqual([['entitlement-drift', 'low', 'Holders: 3 → 64']]);
    const one = app({ things: [...things, thing(99, { use: 'inactive' })], held: held(3) });
    expect(pastHits(one, UNDECIDED, one.things)[0]?.things).toEqual(things);
  });

  test('is told with what it can do more, and the finding is about all of them', () => {
    const earlier = [grew([], [reach('mail', 'admin')])];
    expect(many({ held: held(3), earlier })).toEqual([['entitlement-drift', 'high', 'Holders: 3 → 64', 'mail: nothing → admin']]);
  });

  test('is ten times as many, and twenty more, of those that were counted on a night on which all was read', () => {
    const of = (count: number, now: number, most = now) => many({ things: things.slice(0, now), held: held(count, most) });
    expect([of(6, 60), of(2, 22), of(3, 64, 30)].map(([one]) => one?.[2])).toEqual([
      'Holders: 6 → 60',
      'Holders: 2 → 22',
      'Holders: 3 → 30',
    ]);
    expect([of(7, 64), of(1, 20), of(3, 64, 29), of(64, 64), many({}), many({ held: [] })]).toEqual([[], [], [], [], [], []]);
    expect(many({ things: things.map((one) => ({ ...one, use: 'inactive' as const })), held: held(3) })).toEqual([]);
  });

  test('is measured from a decision on where somebody decided, and of several lists by the one that has most', () => {
    const both = [
      {
        most: 64,
        before: [
          { until: september, count: 2 },
          { until: october, count: 5 },
        ],
      },
    ];
    expect(many({ held: both })[0]?.[2]).toBe('Holders: 2 → 64');
    expect(many({ held: both }, approved({ decided: '2026-09-20' }))[0]?.[2]).toBe('Holders: 5 → 64');
    expect(many({ held: both }, approved({ decided: '2026-10-05' }))).toEqual([]);
    expect(many({ held: [...held(1, 40), ...held(4), ...held(3)] })[0]?.[2]).toBe('Holders: 3 → 64');
  });

  test('is none within the limits of an approval, of what it can do or of how many hold it', () => {
    expect(many({ held: held(3) }, approved())).toHaveLength(1);
    expect(many({ held: held(3) }, approved({ ceiling: { data: { contacts: 'read' } } }))).toEqual([]);
    expect(many({ held: held(3) }, approved({ population: { most: 100 } }))).toEqual([]);
    expect(many({ held: held(3) }, approved({ population: { units: ['/'] } }))).toHaveLength(1);
    const exceeded: Standing = {
      is: 'exceeded',
      approval: { apps: ['app-1'], ...SIGNED, population: { most: 9 } },
      excess: ['64 holders'],
    };
    expect(many({ held: held(3) }, exceeded)).toHaveLength(1);
  });
});

describe('what was taken away and is back', () => {
  const returned = [{ thing: 'grant/1', at: '2026-10-05T02:00:00.000Z' }];
  test('says since when, until ninety days after', () => {
    expect(told({ returned })).toEqual([['revoked-and-returned', 'medium', 'user 1: gone before, back on 2026-10-05']]);
    const one = app({ returned });
    expect(pastHits(one, UNDECIDED, one.things)[0]?.until).toBe('2027-01-03T02:00:00.000Z');
    expect(told({ returned }, { is: 'denied', denial: { apps: ['app-1'], reason: 'no' } })[0]?.[1]).toBe('high');
    expect(told({ returned, reach: [reach('mail', 'write')] })[0]?.[1]).toBe('high');
  });

  test('is told of what is back and of nothing else, by ten at most, until ninety days after the last', () => {
    const { holder: _nobody, ...bare } = thing(1);
    const things = [bare, thing(2), thing(3)];
    const at = { 'grant/1': '2026-10-07T02:00:00.000Z', 'grant/3': '2026-10-05T02:00:00.000Z' };
    const one = app({ things, returned: Object.entries(at).map(([id, day]) => ({ thing: id, at: day })) });
    expect(pastHits(one, UNDECIDED, things)).toMatchObject([
      {
        details: ['Thing 1: gone before, back on 2026-10-07', 'user 3: gone before, back on 2026-10-05'],
        things: [{ id: 'grant/1' }, { id: 'grant/3' }],
        until: '2027-01-05T02:00:00.000Z',
      },
    ]);
    const many = Array.from({ length: 11 }, (_, number) => thing(number));
    expect(told({ things: many, returned: many.map(({ id }) => ({ thing: id, at: '2026-10-05T02:00:00.000Z' })) })[0]).toHaveLength(12);
  });

  test('is none where it is approved, where it is gone once more, or where it is no AI', () => {
    const one = app({ returned });
    expect([
      told({ returned }, approved()),
      told({ returned }, { is: 'review-due', approval: { apps: ['app-1'], ...SIGNED } }),
      pastHits(one, UNDECIDED, []),
      told({ returned, match: verdict('unknown') }),
    ]).toEqual([[], [], [], []]);
  });
});
