import { describe, expect, test } from 'vitest';
import type { Integration, Thing } from '../../src/policy/integration.ts';
import { keyHits } from '../../src/policy/key-rules.ts';
import { app, MATCH, reach, thing, verdict } from './invented.ts';

const UNKNOWN = verdict('unknown');
const key = (more: Partial<Thing> = {}) => thing(1, { kind: 'api_key', ...more });
const held = (...traits: NonNullable<Thing['holder']>['traits']) => ({ holder: { id: '1', name: 'ada', traits } });
const told = (things: readonly Thing[], more: Partial<Integration> = {}) =>
  keyHits(app({ things, ...more }), things).map(({ rule, severity, details }) => [rule, severity, ...details]);

describe('a key of a person that an AI tool acts with', () => {
  test('is told, and is high where it can do much', () => {
    const found = ['Thing 1 is a key of ada'];
    expect(told([key(held('interactive_login'))])).toEqual([['ai-with-persons-key', 'medium', ...found]]);
    expect(told([key(held('directory_person'))], { reach: [reach('mail', 'write')] })).toEqual([['ai-with-persons-key', 'high', ...found]]);
  });

  test('is none of a program, of the root user, of an account that has a rule of its own, of a grant, or of a tool that is not AI', () => {
    expect([
      told([key(held('interactive_login', 'key_holder'))]),
      told([key(held('interactive_login', 'workload'))]),
      told([key(held('directory_person', 'bot_account'))]),
      told([key(held())]),
      told([key({ ...held('interactive_login'), attributes: { root: true } })]),
      told([key({ ...held('interactive_login'), attributes: { shared: 'human and machine' } })]),
      told([key({ ...held('interactive_login'), kind: 'oauth_grant' })]),
      told([key({ ...held('interactive_login'), use: 'inactive' })]),
      told([key(held('interactive_login'))], { match: UNKNOWN }),
    ]).toEqual(Array.from({ length: 9 }, () => []));
  });

  test('is also told by the program that says in whose name it acts', () => {
    const agent = thing(2, { kind: 'usage', attributes: { inTheNameOf: { user: 'ben@lanternworks.example' } } });
    expect(told([agent], { match: UNKNOWN, reach: [] })).toEqual([
      ['ai-with-persons-key', 'medium', 'user 2 says that it acts in the name of ben@lanternworks.example'],
    ]);
    expect(told([thing(2, { kind: 'usage', attributes: { inTheNameOf: null } })], { match: UNKNOWN })[0]).toContain(
      'user 2 says that it acts in the name of somebody',
    );
  });
});

describe('a key of an AI service that opens others too', () => {
  test('is high for whoever has it, and medium for named callers', () => {
    const open = (limitedToCallers: boolean) => key({ attributes: { limitedToServices: false, limitedToCallers } });
    expect([told([open(false)])[0]?.slice(0, 2), told([open(true)])[0]]).toEqual([
      ['unrestricted-ai-key', 'high'],
      ['unrestricted-ai-key', 'medium', 'Thing 1 opens every service that its project has switched on, to named callers'],
    ]);
  });

  test('is none where it is limited, opens no AI service, or cannot be used', () => {
    const open = { limitedToServices: false };
    expect([
      told([key({ attributes: { limitedToServices: true } })]),
      told([key()]),
      told([key({ attributes: open })], { match: UNKNOWN }),
      told([key({ attributes: open, use: 'inactive' })]),
    ]).toEqual([[], [], [], []]);
  });
});

describe('a key without an end that can use AI services', () => {
  const standing = (aiLevel: string, more: Partial<Thing> = {}) => key({ expiresAt: 'never', attributes: { aiLevel }, ...held(), ...more });
  test('is medium where it can do everything with them, and low else', () => {
    const detail = 'A key of ada can use AI services and never ends';
    for (const [level, severity] of Object.entries({
      'model-scoped': 'low',
      'invoke-star': 'low',
      'service-wildcard': 'medium',
      admin: 'medium',
    }))
      expect(told([standing(level)], { match: UNKNOWN })).toEqual([['standing-key-reaches-ai', severity, detail]]);
  });

  test('is none where it ends, cannot use them, has a rule of its own, or is the key of an AI tool', () => {
    expect([
      told([standing('none')], { match: UNKNOWN }),
      told([standing('unknown')], { match: UNKNOWN }),
      told([standing('admin', { expiresAt: { at: '2027-01-01T00:00:00.000Z', from: 'listed' } })], { match: UNKNOWN }),
      told([standing('admin', { attributes: { aiLevel: 'admin', root: true } })], { match: UNKNOWN }),
      told([standing('admin', { attributes: { aiLevel: 'admin', shared: 'human and machine' } })], { match: UNKNOWN }),
      told([standing('admin')]),
    ]).toEqual([[], [], [], [], [], []]);
  });
});

describe('a key that leaked', () => {
  const leak = (attributes: Thing['attributes'], more: Partial<Thing> = {}) =>
    thing(1, { kind: 'exposure', credential: 'R1/1', attributes, ...more });
  test('is a finding for each, critical where it is public or works still', () => {
    const where = { repositoryName: 'lanternworks/web' };
    const [one, ...others] = [
      leak(where),
      leak({ ...where, validity: 'active' }),
      leak({ ...where, validity: 'inactive', publiclyLeaked: true }),
    ];
    expect(told([one!, ...others])).toEqual([
      ['leaked-ai-secret', 'high', 'Thing 1 stands in lanternworks/web', 'Whether it works still is unknown'],
      ['leaked-ai-secret', 'critical', 'Thing 1 stands in lanternworks/web', 'It works still'],
      ['leaked-ai-secret', 'critical', 'Thing 1 stands in lanternworks/web', 'It is public', 'It works no more, as far as was tried'],
    ]);
    expect(keyHits(app({ match: verdict('suspected') }), [one!]).map(({ credential }) => credential)).toEqual([one]);
  });

  test('is none where the alert is closed, or where it opens no AI service', () => {
    expect([told([leak({}, { use: 'inactive' })]), told([leak({})], { match: UNKNOWN })]).toEqual([[], []]);
  });
});

test('a secret that every repository gets is one, where it is of an AI service', () => {
  const secret = (visibility: string) => thing(1, { kind: 'secret_name', attributes: { visibility } });
  expect(told([secret('all')])).toEqual([['ai-secret-for-everything', 'medium', 'Every repository gets Thing 1']]);
  expect(told([secret('private')])).toEqual([['ai-secret-for-everything', 'medium', 'Every private repository gets Thing 1']]);
  expect([told([secret('selected')]), told([secret('all')], { match: UNKNOWN })]).toEqual([[], []]);
});

test('a secret that many chosen repositories get is one too, and less grave; a few are none, and of which nothing was read', () => {
  const secret = (visibility: string) => thing(1, { kind: 'secret_name', attributes: { visibility } });
  const given = (repositoriesAtLeast: number, id = 1) => ({
    controls: [{ thing: `${thing(id).id}/repositories`, name: 'Thing 1', attributes: { repositoriesAtLeast } }],
  });
  expect(told([secret('selected')], given(10))).toEqual([
    ['ai-secret-for-everything', 'low', '10 or more chosen repositories get Thing 1'],
  ]);
  expect(told([secret('selected')], given(1000))[0]!.at(-1)).toBe('1,000 or more chosen repositories get Thing 1');
  expect([
    told([secret('selected')], given(1)),
    told([secret('selected')], given(10, 2)),
    told([secret('selected')]),
    told([secret('selected')], { ...given(10), match: UNKNOWN }),
  ]).toEqual([[], [], [], []]);
  // What was chosen before says nothing of what everybody gets by now.
  expect(told([secret('all')], given(10))).toEqual([['ai-secret-for-everything', 'medium', 'Every repository gets Thing 1']]);
});

test('an agent is without an owner where its register names none, not where nobody keeps a register', () => {
  const agent = (attributes: Thing['attributes']) => thing(1, { kind: 'agent', attributes });
  expect(told([agent({ ownerCandidates: [] })])).toEqual([['agent-without-owner', 'low', 'Nobody is named who answers for Thing 1']]);
  expect([told([agent({ ownerCandidates: [{ email: 'ada@lanternworks.example' }] })]), told([agent({})])]).toEqual([[], []]);
});

test('a hit of many things names ten, and says once what is the same of all', () => {
  const many = Array.from({ length: 12 }, (_, number) => thing(number, { kind: 'agent', attributes: { ownerCandidates: [] } }));
  const [hit] = keyHits(app({ match: MATCH }), many);
  expect([hit?.things.length, hit?.details.length]).toEqual([12, 10]);
});

test('what is said of keys, secrets and agents is said of those alone', () => {
  expect([
    told([thing(1, { attributes: { limitedToServices: false } })]),
    told([thing(1, { expiresAt: 'never', attributes: { aiLevel: 'admin' } })], { match: UNKNOWN }),
    told([thing(1, { attributes: { visibility: 'all' } })]),
    told([thing(1, { attributes: { ownerCandidates: [] } })]),
  ]).toEqual([[], [], [], []]);
});

test('of several keys the widest makes how grave it is, and each says what it opens', () => {
  const open = (limitedToCallers: boolean) => key({ attributes: { limitedToServices: false, limitedToCallers } });
  expect(told([open(true), open(false)])).toEqual([
    [
      'unrestricted-ai-key',
      'high',
      'Thing 1 opens every service that its project has switched on, to named callers',
      'Thing 1 opens every service that its project has switched on, to whoever has it',
    ],
  ]);
  const ends = (aiLevel: string) => key({ expiresAt: 'never', attributes: { aiLevel } });
  expect(told([ends('invoke-star'), ends('admin')], { match: UNKNOWN })[0]?.[1]).toBe('medium');
});

test('a person may have other traits, and what has no holder goes by its own name', () => {
  expect(told([key(held('administrator', 'interactive_login'))])).toHaveLength(1);
  const { holder: _nobody, ...bare } = key();
  expect(told([{ ...bare, attributes: { inTheNameOf: null } }], { match: UNKNOWN })[0]).toContain(
    'Thing 1 says that it acts in the name of somebody',
  );
  expect(told([{ ...bare, expiresAt: 'never', attributes: { aiLevel: 'admin' } }], { match: UNKNOWN })[0]).toContain(
    'A key of Thing 1 can use AI services and never ends',
  );
});

test('a leak in a place that is not named rests on the one key', () => {
  const leak = thing(1, { kind: 'exposure' });
  expect(keyHits(app({ things: [leak] }), [leak])).toMatchObject([
    { details: ['Thing 1 stands in a place that is not named', 'Whether it works still is unknown'], credential: leak, things: [leak] },
  ]);
});
