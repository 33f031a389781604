import { describe, expect, test } from 'vitest';
import { DATA_CLASSES } from '../../src/connector/index.ts';
import { ENTRY_RULES, entryFaults, type EntryRuleId, type Known } from '../../src/policy/entry-rules.ts';
import { NOW, policy, SIGNED } from './apps.ts';

const CEILING = { ceiling: { data: { files: 'read' } } };
/** An approval with which nothing is wrong. */
const GOOD = { product: 'acme/brain', apps: ['app-1'], ...CEILING, ...SIGNED, expires: '2027-01-01' };
const { apps: _ids, ...BY_PRODUCT } = GOOD;

const KNOWN: Known = {
  isProduct: (id) => id.startsWith('acme/'),
  closestProduct: (id) => (id === 'acne/brain' ? 'acme/brain' : undefined),
  isKnownByNameOnly: (id) => id === 'acme/whisper',
  connectors: ['provider', 'other'],
};
type Seen = NonNullable<Known['seen']>;

function seen(more: Partial<Seen> & { stood?: readonly object[] } = {}): Known {
  const { stood = [GOOD, BY_PRODUCT], ...rest } = more;
  const accounts = [
    { connector: 'provider', account: 'A1', whole: true },
    { connector: 'other', account: 'B1', whole: true },
  ];
  return { ...KNOWN, seen: { scans: 3, apps: [], accounts, policy: policy({ approvals: stood }), findings: () => ['open'], ...rest } };
}
const seenApp = (appId: string, grade: 'exact' | 'likely', product = 'acme/brain') => ({
  connector: 'provider',
  account: 'A1',
  appId,
  match: { grade, product },
});

type Parts = Parameters<typeof policy>[0];
const faults = (parts: Parts, known: Known = KNOWN) =>
  entryFaults(policy(parts), known, NOW).map(({ rule, list, index, detail }) => `${list}[${index}] ${rule}: ${detail}`);
const rules = (entry: object, known: Known = KNOWN): EntryRuleId[] =>
  entryFaults(policy({ approvals: [entry] }), known, NOW).map(({ rule }) => rule);
const without = (...keys: (keyof typeof GOOD)[]) =>
  Object.fromEntries(Object.entries(GOOD).filter(([key]) => !keys.includes(key as never)));

describe('an entry of the policy', () => {
  test('with ids, limits and an end has no fault, seen or not scanned', () => {
    expect(rules(GOOD)).toEqual([]);
    expect(rules(GOOD, seen({ apps: [seenApp('app-1', 'likely')] }))).toEqual([]);
    expect(faults({ denials: [{ product: 'acme/brain', reason: 'no' }] }, seen())).toEqual([]);
  });

  test('names a product that the catalog knows, or the one that was likely meant is told', () => {
    expect(faults({ approvals: [{ ...GOOD, product: 'acne/brain' }], denials: [{ product: 'umbrella/x', reason: 'no' }] })).toEqual([
      'approvals[0] unknown-product: acne/brain; did you mean acme/brain?',
      'denials[0] unknown-product: umbrella/x',
    ]);
  });

  test('holds for connectors that there are', () => {
    expect(faults({ denials: [{ apps: ['1'], connectors: ['provider', 'provdier'], reason: 'no' }] })).toEqual([
      'denials[0] unknown-connector: provdier; there are provider, other',
    ]);
  });

  test('is bound by a name where the catalog knows nothing else, or nothing else was seen', () => {
    expect(faults({ approvals: [{ ...BY_PRODUCT, product: 'acme/whisper' }] })).toEqual([
      'approvals[0] bound-by-name: the catalog knows acme/whisper by names only',
    ]);
    expect(rules({ ...GOOD, product: 'acme/whisper' })).toEqual([]);
    const likely = seen({ apps: [seenApp('app-1', 'likely'), seenApp('app-2', 'likely')] });
    expect(faults({ approvals: [BY_PRODUCT] }, likely)[0]).toBe(
      'approvals[0] bound-by-name: 2 that were seen bear the name of acme/brain, and none is known by an id',
    );
    expect(rules(BY_PRODUCT, seen({ apps: [seenApp('app-1', 'likely'), seenApp('app-2', 'exact')] }))).toEqual([]);
    expect(rules({ ...BY_PRODUCT, connectors: ['other'] }, likely)).not.toContain('bound-by-name');
    expect(rules(BY_PRODUCT, seen({ apps: [seenApp('app-1', 'likely', 'acme/cortex')] }))).not.toContain('bound-by-name');
    expect(faults({ approvals: [BY_PRODUCT] }, seen({ apps: [seenApp('app-1', 'likely')] }))[0]).toBe(
      'approvals[0] bound-by-name: 1 that was seen bear the name of acme/brain, and none is known by an id',
    );
  });

  test.each([
    ['no ceiling', without('ceiling'), '1 app, everywhere, for anybody'],
    ['an empty one', { ...GOOD, ceiling: {} }, '1 app, everywhere, for anybody'],
    [
      'one that allows everything',
      {
        ...GOOD,
        ceiling: { data: Object.fromEntries(DATA_CLASSES.map((one) => [one, 'admin'])) },
        connectors: ['provider'],
        population: { most: 3 },
      },
      '1 app',
    ],
    ['no ceiling for two apps', { ...without('ceiling'), apps: ['app-1', 'app-2'] }, '2 apps, everywhere, for anybody'],
    ['no ids either', without('ceiling', 'apps'), 'any app of the product, everywhere, for anybody'],
  ])('is over-broad with %s', (_what, entry, detail) => {
    expect(faults({ approvals: [entry] })).toEqual([`approvals[0] over-broad: ${detail}`]);
  });

  test('is not over-broad with a ceiling of either kind, also one that allows nothing', () => {
    for (const ceiling of [{ data: {} }, { permissions: [] }, { permissions: ['read'] }, { data: { admin: 'admin' } }])
      expect(rules({ ...GOOD, ceiling })).toEqual([]);
  });

  test('is endless without an end and a day of review', () => {
    expect(faults({ approvals: [without('expires')] })).toEqual(['approvals[0] endless: it answers for it']);
    expect(rules({ ...without('expires'), review: '2027-01-01' })).toEqual([]);
    expect(rules({ ...without('expires'), reviewed: '2026-10-01', reviewEvery: 90 })).toEqual([]);
  });

  test.each([
    ['its id', GOOD, { apps: ['app-1', 'app-9'] }, true],
    ['its product', GOOD, { product: 'acme/brain' }, true],
    ['its product, approved as a whole', BY_PRODUCT, { product: 'acme/brain' }, true],
    ['other ids', GOOD, { product: 'acme/brain', apps: ['app-2'] }, false],
    ['one app of a product that is approved as a whole', BY_PRODUCT, { product: 'acme/brain', apps: ['app-2'] }, false],
    ['another product', GOOD, { product: 'acme/cortex' }, false],
    ['its id elsewhere', { ...GOOD, connectors: ['provider'] }, { apps: ['app-1'], connectors: ['other'] }, false],
    ['one of its ids', { ...GOOD, apps: ['app-1', 'app-2'] }, { apps: ['app-2'] }, true],
    ['its id in one place', GOOD, { apps: ['app-1'], connectors: ['provider'], accounts: ['A1'] }, true],
    ['its id everywhere', { ...GOOD, connectors: ['provider'] }, { apps: ['app-1'] }, true],
    ['its id in its account and another', { ...GOOD, accounts: ['A1'] }, { apps: ['app-1'], accounts: ['A1', 'A9'] }, true],
    ['its id in one of its accounts', { ...GOOD, accounts: ['A1', 'A2'] }, { apps: ['app-1'], accounts: ['A2'] }, true],
  ])('is contradicted by a denial of %s, or is not', (_what, approval, denial, is) => {
    const found = faults({
      approvals: [approval],
      denials: [
        { product: 'acme/other', reason: 'no' },
        { ...denial, reason: 'no' },
      ],
    });
    expect(found).toEqual(is ? ['approvals[0] contradicted: by denials[1]'] : []);
    const alone = faults({ approvals: [approval], denials: [{ ...denial, reason: 'no' }] });
    expect(alone).toEqual(is ? ['approvals[0] contradicted: by denials[0]'] : []);
  });

  test('is said twice where an earlier one lists the same app in the same place', () => {
    expect(faults({ approvals: [GOOD, { ...GOOD, apps: ['app-2', 'app-1'] }] })).toEqual([
      'approvals[1] said-twice: app-1 stands in approvals[0]',
    ]);
    expect(faults({ approvals: [GOOD, { ...GOOD, apps: ['app-2'] }] })).toEqual([]);
    // One that lists no ids says nothing of a single app, and what it says counts for what no list has.
    expect(faults({ approvals: [BY_PRODUCT, GOOD, BY_PRODUCT] })).toEqual([]);
    expect(
      faults({
        approvals: [
          { ...GOOD, connectors: ['other'] },
          { ...GOOD, connectors: ['provider'] },
        ],
      }),
    ).toEqual([]);
  });

  test('has ended on its last day, on trial or for good', () => {
    expect(faults({ approvals: [{ ...GOOD, expires: '2026-11-01' }] })).toEqual(['approvals[0] ended: the approval ended on 2026-11-01']);
    expect(faults({ approvals: [{ ...GOOD, expires: '2026-11-01', stage: 'probation' }] })).toEqual([
      'approvals[0] ended: the probation ended on 2026-11-01',
    ]);
    expect(rules({ ...GOOD, expires: '2026-11-02' })).toEqual([]);
  });

  describe('matches nothing', () => {
    const nothing = 'approvals[0] matches-nothing: in the last 3 scans, which read 2 accounts whole';

    test('where the last scans read whole all places in which it holds, and saw nothing that it covers', () => {
      expect(faults({ approvals: [GOOD] }, seen())).toEqual([nothing]);
      expect(faults({ approvals: [GOOD] }, seen({ apps: [seenApp('app-2', 'exact')] }))).toEqual([nothing]);
      expect(faults({ approvals: [GOOD] }, seen({ apps: [seenApp('app-1', 'likely')] }))).toEqual([]);
      expect(faults({ approvals: [BY_PRODUCT] }, seen({ apps: [seenApp('app-2', 'exact')] }))).toEqual([]);
    });

    test('is not said where one of these places was not read whole, or there is none', () => {
      const accounts = [
        { connector: 'provider', account: 'A1', whole: true },
        { connector: 'provider', account: 'A2', whole: false },
      ];
      const here = { ...GOOD, accounts: ['A1'] };
      expect(rules(GOOD, seen({ accounts }))).toEqual([]);
      expect(rules(here, seen({ accounts, stood: [here] }))).toEqual(['matches-nothing']);
      const elsewhere = { ...GOOD, connectors: ['other'] };
      expect(rules(elsewhere, seen({ accounts, stood: [elsewhere] }))).toEqual([]);
      expect(faults({ approvals: [elsewhere] }, seen({ stood: [elsewhere] }))).toEqual([
        'approvals[0] matches-nothing: in the last 3 scans, which read 1 accounts whole',
      ]);
    });

    test('is not said before enough scans, nor of an entry that came after the first of them', () => {
      expect(rules(GOOD, seen({ scans: 2 }))).toEqual([]);
      expect(rules(GOOD, seen({ stood: [BY_PRODUCT] }))).toEqual([]);
      expect(rules(GOOD, seen({ stood: [{ ...GOOD, owner: 'another', expires: '2026-12-01' }] }))).toEqual(['matches-nothing']);
    });

    test('is not said of a denial: that nothing is there is what it is for', () => {
      expect(faults({ denials: [{ apps: ['app-7'], reason: 'no' }] }, seen())).toEqual([]);
    });
  });
});

describe('an exception', () => {
  const exception = (more: object = {}) => ({ finding: '0123456789abcdef', owner: 'o', reason: 'r', until: '2027-01-01', ...more });
  const of = (entry: object, states?: readonly string[]) =>
    faults({ exceptions: [entry] }, states ? seen({ findings: () => states }) : KNOWN);

  test('of a finding that is there, until a day within a year, has no fault', () => {
    expect([of(exception()), of(exception(), ['open']), of(exception(), ['resolved', 'excepted'])]).toEqual([[], [], []]);
  });

  test('that is to last too long, has ended, or excepts nothing has one', () => {
    expect(of(exception({ until: '2028-01-01' }))).toEqual(['exceptions[0] too-long: until 2028-01-01']);
    expect(of(exception({ until: '2026-11-01' }))).toEqual(['exceptions[0] ended: on 2026-11-01']);
    expect(of(exception(), [])).toEqual(['exceptions[0] matches-nothing: there is no finding 01234567']);
    expect(of(exception(), ['resolved'])).toEqual(['exceptions[0] matches-nothing: finding 01234567 is resolved']);
  });

  test('of a finding that is excepted already is told', () => {
    const twice = [exception(), exception({ finding: '89abcdef' }), exception({ finding: '01234567' })];
    expect(faults({ exceptions: twice })).toEqual(['exceptions[2] said-twice: exceptions[0] is about the same finding']);
    expect(faults({ exceptions: [exception({ finding: '01234567' }), exception()] })).toEqual([
      'exceptions[1] said-twice: exceptions[0] is about the same finding',
    ]);
  });
});

test('every rule says what is wrong, why, and what to do', () => {
  for (const { title, why, remedy } of Object.values(ENTRY_RULES))
    expect([title.length > 5, why.endsWith('.'), remedy.endsWith('.')]).toEqual([true, true, true]);
});

describe('a workflow of the policy', () => {
  const WORKFLOW = { id: 'support', businessProcess: 'Answers', products: ['acme/brain'] };
  const stood = (apps: Seen['apps']) => ({ ...seen({ apps }).seen!, policy: policy({ workflows: [WORKFLOW] }) });

  test('names products and connectors that there are', () => {
    expect(faults({ workflows: [{ ...WORKFLOW, products: ['acne/brain'], connectors: ['providr'] }] })).toEqual([
      'workflows[0] unknown-product: acne/brain; did you mean acme/brain?',
      'workflows[0] unknown-connector: providr; there are provider, other',
    ]);
  });

  test('matches something, also what is known by its name alone; else that is told where everything was read', () => {
    const of = (apps: Seen['apps']) => faults({ workflows: [WORKFLOW] }, { ...KNOWN, seen: stood(apps) });
    expect(of([seenApp('app-9', 'likely')])).toEqual([]);
    expect(of([seenApp('app-9', 'exact', 'acme/other')])).toEqual([
      'workflows[0] matches-nothing: in the last 3 scans, which read 2 accounts whole',
    ]);
    expect(faults({ workflows: [WORKFLOW] }, seen())).toEqual([]);
    expect(faults({ workflows: [WORKFLOW] }, { ...KNOWN, seen: { ...stood([]), scans: 2 } })).toEqual([]);
    const other = { id: 'sales', businessProcess: 'Sells', apps: ['app-1'] };
    const then = (...workflows: object[]) => ({ ...KNOWN, seen: { ...stood([]), policy: policy({ workflows }) } });
    expect(faults({ workflows: [WORKFLOW] }, then(other))).toEqual([]);
    expect(faults({ workflows: [WORKFLOW, other] }, then(other, WORKFLOW))).toHaveLength(2);
  });
});
