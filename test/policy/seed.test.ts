import fc from 'fast-check';
import { expect, test } from 'vitest';
import { policySchema } from '../../src/policy/policy.ts';
import { configuredOf, seedOf, UNDECIDED_RULES, type Seedling } from '../../src/policy/seed.ts';

const SIGNED = { owner: 'it', approver: 'ciso' };
const DAYS = { today: '2026-11-02', expires: '2027-01-31' };
const app = (appId: string, more: Partial<Seedling> = {}): Seedling => ({
  connector: 'provider',
  account: 'A1',
  appId,
  name: 'Brain',
  grade: 'exact',
  product: 'acme/brain',
  holders: 2,
  data: { files: 'read' },
  ...more,
});

test('apps that surely are of one product are one entry in each account, limited to what they can do together', () => {
  const apps = [
    app('2', { data: { files: 'write', mail: 'read' } }),
    app('1', { name: 'Brain Pro' }),
    app('3', { connector: 'other' }),
    app('1', { account: 'A2' }),
  ];
  const entry = { product: 'acme/brain', stage: 'probation', ...SIGNED, decided: '2026-11-02', expires: '2027-01-31' };
  expect(seedOf(apps, SIGNED, DAYS)).toEqual([
    {
      ...entry,
      apps: ['3'],
      connectors: ['other'],
      accounts: ['A1'],
      ceiling: { data: { files: 'read' } },
      reason: 'To be reviewed. Was there on 2026-11-02: Brain; held 2 times',
    },
    {
      ...entry,
      apps: ['1', '2'],
      connectors: ['provider'],
      accounts: ['A1'],
      ceiling: { data: { files: 'write', mail: 'read' } },
      reason: 'To be reviewed. Was there on 2026-11-02: Brain, Brain Pro; held 4 times',
    },
    {
      ...entry,
      apps: ['1'],
      connectors: ['provider'],
      accounts: ['A2'],
      ceiling: { data: { files: 'read' } },
      reason: 'To be reviewed. Was there on 2026-11-02: Brain; held 2 times',
    },
  ]);
});

test('entries hold in every account where that is asked for, and an id that several have stands once', () => {
  const [entry, ...more] = seedOf([app('1'), app('1', { account: 'A2' })], SIGNED, DAYS, true);
  expect(more).toEqual([]);
  expect(entry).toMatchObject({ apps: ['1'], connectors: ['provider'] });
  expect(entry).not.toHaveProperty('accounts');
});

test('an app that only a name ties to the product, or of which none is known, stands alone', () => {
  const { product: _none, ...unknown } = app('4', { grade: 'suspected' });
  const seed = seedOf([app('1'), app('2', { grade: 'likely' }), app('3', { grade: 'likely' }), unknown], SIGNED, DAYS);
  expect(seed.map(({ apps }) => apps)).toEqual([['2'], ['3'], ['4'], ['1']]);
  expect(seedOf([app('1'), app('2', { grade: 'strong' })], SIGNED, DAYS).map(({ apps }) => apps)).toEqual([['1', '2']]);
  const { product: _neither, ...nameless } = app('5');
  expect(seedOf([nameless, { ...nameless, appId: '6' }], SIGNED, DAYS).map(({ apps }) => apps)).toEqual([['5'], ['6']]);
});

test('what nobody decided about is what three rules say', () => {
  expect([...UNDECIDED_RULES]).toEqual(['unapproved-ai-tool', 'suspected-ai-tool', 'ai-feature-of-general-tool']);
});

test('who says so is told by unit, in whatever order it was said, and a block of a unit is none below it', () => {
  const of = { connector: 'provider', account: 'A1', appId: '1', at: '2026-10-01T00:00:00.000Z' };
  const units = ['/Sales', '/Design'].map((unit) => ({ ...of, state: 'trusted', unit }));
  expect(configuredOf([app('1')], units)[0]?.units).toEqual(['/Design', '/Sales']);
  expect(configuredOf([app('1')], [...units, { ...of, state: 'blocked', unit: '/' }])[0]?.units).toEqual(['/Design', '/Sales']);
});

test('each app is in the seed once, bound to its id, on trial, and the order of apps means nothing', () => {
  const any = fc.record({
    connector: fc.constantFrom('provider', 'other'),
    account: fc.constantFrom('A1', 'A2'),
    appId: fc.constantFrom('1', '2', '3', '4', '"5'),
    name: fc.string(),
    grade: fc.constantFrom('exact', 'strong', 'likely', 'suspected'),
    product: fc.constantFrom('acme/brain', 'acme/cortex'),
    holders: fc.nat(),
    data: fc.constantFrom({}, { files: 'read' as const }, { files: 'admin' as const, mail: 'write' as const }),
  });
  const list = fc.uniqueArray(any, { selector: ({ connector, account, appId }) => `${connector} ${account} ${appId}` });
  fc.assert(
    fc.property(
      list.chain((apps) => fc.tuple(fc.constant(apps), fc.shuffledSubarray(apps, { minLength: apps.length }))),
      ([apps, other]) => {
        const approvals = seedOf(apps, SIGNED, DAYS);
        expect(seedOf(other, SIGNED, DAYS)).toEqual(approvals);
        expect(policySchema.parse({ formatVersion: 1, approvals }).approvals.every(({ stage }) => stage === 'probation')).toBe(true);
        const told = approvals.flatMap((entry) => entry.apps!.map((id) => `${entry.connectors!.join()} ${entry.accounts!.join()} ${id}`));
        expect(told.sort()).toEqual(apps.map(({ connector, account, appId }) => `${connector} ${account} ${appId}`).sort());
      },
    ),
  );
});

test('an app is not seeded for a unit below which administrators block it, nor for the units of another app', () => {
  const of = { connector: 'provider', account: 'A1', at: '2026-10-01T00:00:00.000Z' };
  const kept = configuredOf(
    ['below', 'part', 'beside', 'again'].map((id) => app(id, { product: 'acme/brain', grade: 'exact' })),
    [
      { ...of, appId: 'below', state: 'trusted', unit: '/' },
      { ...of, appId: 'below', state: 'blocked', unit: '/Finance' },
      { ...of, appId: 'part', state: 'trusted', unit: '/' },
      { ...of, appId: 'part', state: 'blocked', unit: '/Finance' },
      { ...of, appId: 'part', state: 'limited', unit: '/Finance/Tax' },
      { ...of, appId: 'beside', state: 'trusted', unit: '/Sales' },
      { ...of, appId: 'beside', state: 'blocked', unit: '/Salesforce' },
      { ...of, appId: 'again', state: 'trusted', unit: '/' },
      { ...of, appId: 'again', state: 'blocked', unit: '/Finance' },
      { ...of, appId: 'again', state: 'trusted', unit: '/Finance', at: '2026-10-02T00:00:00.000Z' },
    ],
  );
  expect(kept.map(({ appId, units }) => [appId, units])).toEqual([
    ['part', ['/Finance/Tax']],
    ['beside', ['/Sales']],
    ['again', undefined],
  ]);
  expect(kept[0]!.evidence).toEqual([
    'Administrators: limited for /Finance/Tax, as of 2026-10-01',
    'Administrators: blocked for /Finance, as of 2026-10-01',
  ]);
  const entries = seedOf(kept, SIGNED, DAYS).map(({ apps, population }) => [apps, population]);
  expect(entries).toHaveLength(3);
  expect(entries).toEqual(
    expect.arrayContaining([
      [['part'], { units: ['/Finance/Tax'] }],
      [['beside'], { units: ['/Sales'] }],
      [['again'], undefined],
    ]),
  );
});

test('apps that administrators let in are seeded for the units in which they did, with who says so', () => {
  const decided = (appId: string, state: string, unit = '/', at = '2026-10-01T00:00:00.000Z') => ({
    connector: 'provider',
    account: 'A1',
    appId,
    state,
    unit,
    at,
  });
  const apps = ['all', 'some', 'blocked', 'changed', 'unknown', 'elsewhere'].map((id) => app(id, { product: `acme/${id}` }));
  const kept = configuredOf(apps, [
    { ...decided('all', 'trusted'), by: 'ada@corp.example' },
    { ...decided('all', 'limited', '/Sales'), by: null },
    decided('some', 'trusted for some scopes', '/Sales'),
    decided('some', 'blocked'),
    decided('blocked', 'blocked'),
    decided('changed', 'trusted'),
    decided('changed', 'blocked', '/', '2026-10-02T00:00:00.000Z'),
    { ...decided('elsewhere', 'trusted'), account: 'A2' },
  ]);
  expect(kept.map(({ appId, units }) => [appId, units])).toEqual([
    ['all', undefined],
    ['some', ['/Sales']],
  ]);
  const [all, some] = seedOf(kept, SIGNED, DAYS);
  expect(all).toMatchObject({
    apps: ['all'],
    evidence: [
      'Administrators: trusted for /, as of 2026-10-01, by ada@corp.example',
      'Administrators: limited for /Sales, as of 2026-10-01',
    ],
  });
  expect(all).not.toHaveProperty('population');
  expect(some).toMatchObject({
    apps: ['some'],
    population: { units: ['/Sales'] },
    evidence: ['Administrators: trusted for some scopes for /Sales, as of 2026-10-01'],
  });
  expect(policySchema.safeParse({ formatVersion: 1, approvals: [all, some] }).success).toBe(true);
});
