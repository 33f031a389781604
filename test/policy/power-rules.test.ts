import { describe, expect, test } from 'vitest';
import type { Integration, Thing } from '../../src/policy/integration.ts';
import { powerHits } from '../../src/policy/power-rules.ts';
import type { Standing } from '../../src/policy/standing.ts';
import { SIGNED } from './apps.ts';
import { app, reach, thing, verdict } from './invented.ts';

const UNDECIDED: Standing = { is: 'undecided' };
const approved = (more: object = {}): Standing => ({ is: 'approved', approval: { apps: ['app-1'], ...SIGNED, ...more } });
const LIMITED = approved({ ceiling: { data: { files: 'read' } } });
const told = (more: Partial<Integration>, standing: Standing = UNDECIDED, things: readonly Thing[] = [thing(1)]) =>
  powerHits(app({ things, ...more }), standing, things).map(({ rule, severity, details }) => [rule, severity, ...details]);

describe('an AI tool that may do nearly everything', () => {
  test('is told by what it administers, as whom, and where it may write', () => {
    expect(told({ reach: [reach('files', 'admin'), reach('profile', 'admin')] })).toEqual([['over-privileged-ai', 'high', 'admin files']]);
    expect(told({ reach: [reach('admin', 'write')] })).toEqual([['over-privileged-ai', 'high', 'write admin']]);
    const robot = thing(1, { holder: { id: '1', name: 'robot', traits: ['workload', 'administrator'] } });
    expect(told({}, UNDECIDED, [robot])).toEqual([['over-privileged-ai', 'high', 'robot administers the account']]);
    const everywhere = thing(1, { attributes: { repositorySelection: 'all' } });
    expect(told({ reach: [reach('source_code', 'write')] }, UNDECIDED, [everywhere])).toEqual([
      ['over-privileged-ai', 'medium', 'My Brain may write to every repository, also to those to come'],
    ]);
  });

  test('is none where that is little, unknown, a person’s, read only, of chosen places, limited by an approval, or no AI', () => {
    const all = thing(1, { attributes: { repositorySelection: 'all' } });
    const person = thing(1, { holder: { id: '1', name: 'ada', traits: ['administrator'] } });
    expect([
      told({ reach: [reach('calendar', 'admin')] }),
      told({ reach: [{ ...reach('files', 'admin'), known: false }] }),
      told({}, UNDECIDED, [person]),
      told({ reach: [reach('source_code', 'read')] }, UNDECIDED, [all]),
      told({ reach: [reach('source_code', 'write')] }, UNDECIDED, [thing(1, { attributes: { repositorySelection: 'selected' } })]),
      told({ reach: [reach('files', 'admin')] }, LIMITED),
      told({ reach: [reach('files', 'admin')], match: verdict('ai_feature') }),
    ]).toEqual([[], [], [], [], [], [], []]);
    expect(told({ reach: [reach('files', 'admin')] }, approved())).toHaveLength(1);
  });
});

describe('an AI tool with several kinds of power', () => {
  const [people, tools, production] = [reach('mail', 'read'), reach('ci', 'write'), reach('cloud', 'write')];
  test('is low with two of them and medium with three', () => {
    expect(told({ reach: [people, production] })).toEqual([
      ['mixed-powers', 'low', 'It reads data of people: read mail', 'It changes production: write cloud'],
    ]);
    expect(told({ reach: [people, tools, production] })[0]?.slice(0, 2)).toEqual(['mixed-powers', 'medium']);
  });

  test('is none with one, with what only reads, with what nobody knows, or within a limit', () => {
    expect([
      told({ reach: [people, reach('files', 'write')] }),
      told({ reach: [people, reach('cloud', 'read')] }),
      told({ reach: [people, { ...production, known: false }] }),
      told({ reach: [people, production] }, LIMITED),
      told({ reach: [people, production], match: verdict('suspected') }),
    ]).toEqual([[], [], [], [], []]);
  });
});

describe('an AI tool that may act as everybody', () => {
  const delegation = thing(1, { kind: 'delegation' });
  test('is critical, and high where it was approved, whatever the limit', () => {
    expect(told({}, UNDECIDED, [delegation])).toEqual([['delegation-to-ai', 'critical', 'My Brain may act as everybody']]);
    expect(told({}, LIMITED, [delegation])).toEqual([['delegation-to-ai', 'high', 'My Brain may act as everybody']]);
  });

  test('is none where nothing is left of it, or where it is no AI', () => {
    expect([told({}, UNDECIDED, []), told({ match: verdict('unknown') }, UNDECIDED, [delegation])]).toEqual([[], []]);
  });
});

test('what a hit of power rests on is what has it', () => {
  const things = [
    thing(1, { holder: { id: '1', name: 'robot', traits: ['workload', 'administrator'] } }),
    thing(2, { attributes: { repositorySelection: 'all' } }),
    thing(3),
  ];
  const on = (...held: Integration['reach']) =>
    powerHits(app({ things, reach: held }), UNDECIDED, things).map(({ things: on }) => on.map(({ id }) => id));
  expect(on()).toEqual([['grant/1']]);
  expect(on(reach('source_code', 'write'))).toEqual([['grant/1', 'grant/2']]);
  expect(on(reach('files', 'admin'))).toEqual([['grant/1', 'grant/2', 'grant/3']]);
});

test('power begins where a class of data makes it much, and is none that cannot be used', () => {
  const all = (more: Partial<Thing> = {}) => thing(1, { attributes: { repositorySelection: 'all' }, ...more });
  expect(told({ reach: [reach('chat', 'admin')] })).toEqual([['over-privileged-ai', 'high', 'admin chat']]);
  expect([
    told({ reach: [reach('secrets', 'write')] }),
    told({ reach: [reach('admin', 'read')] }),
    told({ reach: [reach('files', 'admin')] }, UNDECIDED, []),
    told({ reach: [reach('source_code', 'write')] }, UNDECIDED, [all({ use: 'inactive' })]),
  ]).toEqual([[], [], [], []]);
  for (const dataClass of ['source_code', 'ci', 'secrets', 'admin'] as const)
    expect(told({ reach: [reach(dataClass, 'write')] }, UNDECIDED, [all()])[0]?.at(-1)).toBe(
      'My Brain may write to every repository, also to those to come',
    );
});

test.each([
  ['reads data of people', 'read', ['mail', 'files', 'calendar', 'contacts', 'chat', 'directory']],
  ['invokes tools or models', 'write', ['ci', 'ai_models']],
  ['changes production', 'write', ['source_code', 'cloud', 'secrets']],
] as const)('whoever %s has power of that kind', (what, access, classes) => {
  const other = what === 'changes production' ? reach('mail', 'read') : reach('cloud', 'write');
  for (const dataClass of classes)
    expect(told({ reach: [reach(dataClass, access), other] })[0]).toContain(`It ${what}: ${access} ${dataClass}`);
  const both = classes.map((dataClass) => reach(dataClass, access));
  expect(told({ reach: [...both, other] })[0]).toContain(`It ${what}: ${both.map(({ plain }) => plain).join('; ')}`);
});

test('who administers changes production, too, and a review that is due leaves an approval one', () => {
  expect(told({ reach: [reach('mail', 'read'), reach('admin', 'write')] }).at(-1)).toContain('It changes production: write admin');
  const due: Standing = { is: 'review-due', approval: { apps: ['app-1'], ...SIGNED } };
  expect(told({}, due, [thing(1, { kind: 'delegation' })])[0]?.[1]).toBe('high');
});
