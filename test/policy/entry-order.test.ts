import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DATA_CLASSES } from '../../src/connector/index.ts';
import type { Fact } from '../../src/policy/integration.ts';
import { judgementOf } from '../../src/policy/findings.ts';
import { isLimited, standingOf } from '../../src/policy/standing.ts';
import { grant, integration, NOW, policy, scopes, SIGNED } from './apps.ts';
import { app, reach, thing } from './invented.ts';

const CLIENT = '999888777666-somebodys0somebodys0somebodys0som.apps.googleusercontent.com';

const optional = <Value extends object>(...values: Value[]) => fc.constantFrom<object>({}, ...values);
const about = fc.constantFrom<object>(
  { apps: [CLIENT] },
  { apps: ['other', CLIENT] },
  { product: 'openai/chatgpt' },
  { product: 'anthropic/claude' },
);
const approval = fc
  .tuple(
    about,
    optional({ connectors: ['google-workspace'] }, { connectors: ['github'] }),
    optional({ ceiling: { data: {} } }, { ceiling: { data: { mail: 'read' } } }, { ceiling: { data: { files: 'read' } } }),
    optional({ population: { most: 1 } }),
    optional(
      { expires: '2026-01-01' },
      { expires: '2026-02-01' },
      { expires: '2026-01-01', stage: 'probation' },
      { expires: '2027-01-01', stage: 'probation' },
    ),
    optional({ review: '2026-01-01' }, { reviewed: '2026-01-01', reviewEvery: 30 }, { review: '2027-01-01' }),
    fc.constantFrom({ owner: 'it' }, { owner: 'design' }),
  )
  .map((parts) => Object.assign({}, SIGNED, ...parts) as object);
const denial = fc.tuple(about, fc.constantFrom({ reason: 'no' }, { reason: 'never' })).map(([target, why]) => ({ ...target, ...why }));
const fact = (number: number): fc.Arbitrary<Fact> =>
  fc
    .tuple(
      fc.constantFrom('ChatGPT', 'Claude'),
      fc.subarray(['openid', 'drive.readonly', 'gmail.modify']),
      fc.constantFrom('present' as const, 'gone' as const),
    )
    .map(([name, names, state]) =>
      grant(CLIENT, name, {
        thing: `grant/${number}`,
        state,
        permissions: scopes(...names),
        principal: { id: String(number), name: `user ${number}`, traits: [] },
      }),
    );

test('judgement is the same in whichever order facts and entries stand', () => {
  const shuffled = <Value>(values: fc.Arbitrary<Value[]>) =>
    values.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
  const rules = new Set<string>();
  fc.assert(
    fc.property(
      shuffled(fc.tuple(fact(1), fact(2), fact(3)).map((facts) => [...facts])),
      shuffled(fc.array(approval, { maxLength: 5 })),
      shuffled(fc.tuple(fc.nat(3), fc.array(denial, { maxLength: 2 })).map(([roll, list]) => (roll === 0 ? list : []))),
      (facts, approvals, denials) => {
        const judged = ([0, 1] as const).map((at) =>
          judgementOf(integration(facts[at]), policy({ approvals: approvals[at], denials: denials[at] }), NOW, () => undefined),
        );
        expect(judged[1]).toEqual(judged[0]);
        for (const { rule } of judged[0]!.findings) rules.add(rule);
      },
    ),
    { numRuns: 1500 },
  );
  expect([...rules]).toEqual(
    expect.arrayContaining([
      'approval-exceeded',
      'approval-expired',
      'probation-over',
      'review-due',
      'denied-ai-tool',
      'look-alike-of-approved',
    ]),
  );
});

describe('of entries that say otherwise', () => {
  const ended = (more: object) => ({ apps: ['app-1'], ...SIGNED, ...more });
  const inEachOrder = (entries: readonly object[], list: 'approvals' | 'denials') =>
    [entries, entries.toReversed()].map((all) => standingOf(app(), policy({ [list]: all }), NOW));

  test('the one that ended last tells what has ended', () => {
    const entries = [ended({ expires: '2026-01-31' }), ended({ expires: '2026-02-28', stage: 'probation' })];
    for (const standing of inEachOrder(entries, 'approvals'))
      expect(standing).toMatchObject({ is: 'probation-over', approval: { expires: '2026-02-28' } });
  });

  test('the first by spelling denies', () => {
    const entries = ['b', 'a'].map((reason) => ({ apps: ['app-1'], reason }));
    for (const standing of inEachOrder(entries, 'denials')) expect(standing).toMatchObject({ is: 'denied', denial: { reason: 'a' } });
  });
});

test('what is called another product’s is denied by the one that it was known for, and by no entry of other apps', () => {
  const one = app({ alsoIs: 'acme/former' });
  const denied = (more: object) => standingOf(one, policy({ denials: [{ product: 'acme/former', reason: 'no', ...more }] }), NOW).is;
  expect([denied({}), denied({ apps: ['app-2'] }), denied({ product: 'acme/else' })]).toEqual(['denied', 'undecided', 'undecided']);
});

describe('an approval limits', () => {
  const approval = { apps: ['app-1'], ...SIGNED };
  const everything = Object.fromEntries(DATA_CLASSES.map((one) => [one, 'admin' as const]));
  test.each([
    ['nothing without a ceiling', {}, false],
    ['nothing by a ceiling that says nothing', { ceiling: {} }, false],
    ['nothing by a ceiling that allows everything', { ceiling: { data: everything } }, false],
    ['by a class of data that it leaves out', { ceiling: { data: { files: 'admin' as const } } }, true],
    ['by a class of data that it allows less of', { ceiling: { data: { ...everything, mail: 'write' as const } } }, true],
    ['by permissions', { ceiling: { permissions: [] } }, true],
  ])('%s, also while its review is due', (_how, more, limited) => {
    for (const is of ['approved', 'review-due'] as const) expect(isLimited({ is, approval: { ...approval, ...more } })).toBe(limited);
  });

  test('and one that sets no limit takes back none beside it', () => {
    const within = [
      { ...approval, ceiling: {} },
      { ...approval, ceiling: { data: {} } },
    ];
    expect(isLimited({ is: 'approved', approval, within })).toBe(true);
    expect(isLimited({ is: 'approved', approval, within: within.slice(0, 1) })).toBe(false);
  });

  test('and what it lets do beyond measure is told where it limits nothing', () => {
    const one = app({ reach: [reach('source_code', 'write'), reach('ci', 'write')], things: [thing(1, { kind: 'app_installation' })] });
    const rulesBy = (ceiling: object) =>
      judgementOf(one, policy({ approvals: [{ ...approval, ceiling }] }), NOW, () => undefined).findings.map(({ rule }) => rule);
    expect(rulesBy({ data: { source_code: 'write', ci: 'write' } })).toEqual([]);
    for (const ceiling of [{}, { data: everything }]) expect(rulesBy(ceiling)).toEqual(['mixed-powers']);
  });
});
