import { describe, expect, test } from 'vitest';
import type { Access, DataClass, Meaning, Signal, Stamp } from '../../src/connector/index.ts';
import type { Match } from '../../src/catalog/match.ts';
import { earliest, integrationOf, latest, powerOf, type Fact, type Integration } from '../../src/policy/integration.ts';

const NOTHING: Match = { verdict: 'unknown', grade: 'no', candidates: [], reasons: [], flags: [] };

/** A permission here says itself what it means: `mail:read`, or `any/mail:read`; one with a question mark is not known. */
function meaning(_connector: string, permission: string): Meaning {
  const [dataClass, access] = permission.replace('?', '').replace(/#.*$/, '').replace(/^.*\//, '').split(':') as [DataClass, Access];
  return { dataClass, access, plain: `can ${permission}`, known: !permission.includes('?') } as Meaning;
}

function fact(more: Partial<Fact> = {}): Fact {
  return {
    connector: 'provider',
    account: 'A1',
    collector: 'grants',
    mode: 'inventory',
    thing: 'grant/1',
    kind: 'oauth_grant',
    state: 'present',
    subject: { app: 'app', name: 'App' },
    signals: [],
    permissions: [],
    attributes: {},
    ...more,
  };
}

function joined(...facts: readonly Fact[]): Integration {
  return integrationOf('tenant', facts, { match: () => NOTHING, meaning });
}

const stamp = (day: number, from: Stamp['from'] = 'listed'): Stamp => ({ at: `2026-01-0${day}T00:00:00.000Z`, from });

describe('an integration', () => {
  test('is all that was observed of one app: what it is, what it can do, who holds it', () => {
    const asked: (readonly Signal[])[] = [];
    const whole = integrationOf(
      'tenant',
      [
        fact({
          thing: 'key/2',
          kind: 'api_key',
          subject: { app: 'app', name: 'Key', credential: 'cred-2' },
          expiresAt: 'never',
          use: 'inactive',
          attributes: { size: 1 },
        }),
        fact({
          principal: { id: '7', name: 'ada', traits: ['administrator'], standing: 'active' },
          signals: [
            { type: 'domain', value: 'b' },
            { type: 'app_name', value: 'c' },
          ],
          permissions: ['mail:read', 'files:read', 'mail:read'],
          grantedAt: stamp(1),
          lastUsedAt: stamp(2),
        }),
        fact({
          thing: 'grant/3',
          signals: [{ type: 'domain', value: 'b' }],
          state: 'unverified',
          principal: { id: '8', name: 'bo', traits: [] },
        }),
      ],
      {
        match: (signals) => {
          asked.push(signals);
          return NOTHING;
        },
        meaning,
      },
    );
    expect(asked).toEqual([
      [
        { type: 'app_name', value: 'c' },
        { type: 'domain', value: 'b' },
      ],
    ]);
    expect(whole).toEqual({
      tenant: 'tenant',
      connector: 'provider',
      account: 'A1',
      appId: 'app',
      name: 'App',
      match: NOTHING,
      state: 'present',
      kinds: ['api_key', 'oauth_grant'],
      clients: [],
      actsAs: [],
      things: [
        {
          id: 'grant/1',
          kind: 'oauth_grant',
          state: 'present',
          logOnly: false,
          name: 'App',
          permissions: ['files:read', 'mail:read'],
          attributes: {},
          holder: { id: '7', name: 'ada', traits: ['administrator'], standing: 'active' },
          grantedAt: stamp(1),
          lastUsedAt: stamp(2),
        },
        {
          id: 'grant/3',
          kind: 'oauth_grant',
          state: 'unverified',
          logOnly: false,
          name: 'App',
          permissions: [],
          attributes: {},
          holder: { id: '8', name: 'bo', traits: [] },
        },
        {
          id: 'key/2',
          kind: 'api_key',
          state: 'present',
          logOnly: false,
          name: 'Key',
          permissions: [],
          attributes: { size: 1 },
          credential: 'cred-2',
          expiresAt: 'never',
          use: 'inactive',
        },
      ],
      reach: [
        { dataClass: 'files', access: 'read', plain: 'can files:read', known: true, permissions: ['files:read'] },
        { dataClass: 'mail', access: 'read', plain: 'can mail:read', known: true, permissions: ['mail:read'] },
      ],
    });
    expect(whole.things.map(({ id }) => id)).toEqual(['grant/1', 'grant/3', 'key/2']);
  });

  test('rests on at least one fact', () => {
    expect(() => joined()).toThrow('An integration rests on at least one fact');
  });

  test('is present where one of its things is, unverified where none is but one may be, and gone otherwise', () => {
    const state = (...states: Fact['state'][]) =>
      joined(...states.map((one, index) => fact({ thing: `grant/${index}`, state: one }))).state;
    expect([state('present', 'gone'), state('unverified', 'present'), state('unverified', 'gone'), state('gone', 'gone')]).toEqual([
      'present',
      'present',
      'unverified',
      'gone',
    ]);
    expect(joined(fact({ mode: 'log' })).state).toBe('gone');
  });

  test('bears the name that most inventories of what is still there use, and of equals the first by spelling', () => {
    const named = (name: string, index: number, more: Partial<Fact> = {}) =>
      fact({ thing: `grant/${index}`, subject: { app: 'app', name }, ...more });
    expect([
      joined(named('B', 1), named('A', 2), named('B', 3)).name,
      joined(named('B', 1), named('A', 2)).name,
      joined(named('A', 1), named('B', 2)).name,
      joined(named('B', 1), named('A', 2, { state: 'gone' }), named('A', 3, { state: 'gone' })).name,
      joined(named('B', 1), named('A', 1, { mode: 'log' }), named('A', 1, { mode: 'log', collector: 'other' })).name,
      joined(named('B', 1, { state: 'gone' }), named('A', 2, { mode: 'log' })).name,
      joined(named('B', 1, { mode: 'log' })).name,
    ]).toEqual(['B', 'A', 'A', 'B', 'B', 'B', 'B']);
  });

  test('is matched by the signals of what is still there, and by those of what is gone only where nothing is left', () => {
    const asked = (...facts: readonly Fact[]) => {
      let values: string[] = [];
      integrationOf('tenant', facts, { match: (signals) => ((values = signals.map(({ value }) => value)), NOTHING), meaning });
      return values;
    };
    const telling = (value: string, more: Partial<Fact> = {}) =>
      fact({ thing: `grant/${value}`, signals: [{ type: 'x', value }], ...more });
    expect(asked(telling('b'), telling('a'), telling('c', { state: 'gone' }))).toEqual(['a', 'b']);
    expect(asked(telling('b', { state: 'gone' }), telling('a', { mode: 'log' }))).toEqual(['a', 'b']);
    expect(asked(telling('b'), telling('b'), telling('a', { mode: 'log' }))).toEqual(['b']);
  });
});

describe('a thing that several lists tell of', () => {
  const one = (more: Partial<Fact> = {}) => fact({ collector: 'a', ...more });
  const other = (more: Partial<Fact> = {}) => fact({ collector: 'b', ...more });
  const thing = (...facts: readonly Fact[]) => joined(...facts).things[0]!;

  test('is present where one of them has it', () => {
    expect([
      thing(one({ state: 'gone' }), other({ state: 'present' })).state,
      thing(one({ state: 'unverified' }), other({ state: 'present' })).state,
      thing(one({ state: 'gone' }), other({ state: 'unverified' })).state,
      thing(one({ state: 'gone' }), other({ state: 'gone' })).state,
    ]).toEqual(['present', 'present', 'unverified', 'gone']);
  });

  test('is told by the first list that still has it', () => {
    expect(thing(one({ state: 'gone', subject: { app: 'app', name: 'Old' } }), other({ subject: { app: 'app', name: 'New' } })).name).toBe(
      'New',
    );
    expect(thing(one({ kind: 'agent' }), other({ kind: 'api_key' })).kind).toBe('agent');
  });

  test('may do what any list says that still has it; a log grants nothing beside a list', () => {
    expect([
      thing(one({ permissions: ['mail:read'] }), other({ permissions: ['files:read', 'mail:read'] })).permissions,
      thing(one({ permissions: ['mail:read'], state: 'gone' }), other({ permissions: ['files:read'] })).permissions,
      thing(one({ permissions: ['mail:read'], state: 'gone' })).permissions,
      thing(one({ permissions: ['mail:read'], mode: 'log' }), other({ permissions: ['files:read'] })).permissions,
      thing(one({ permissions: ['mail:read'], mode: 'log' })).permissions,
      thing(one({ permissions: ['mail:read'], mode: 'log' }), other({ permissions: ['files:read'], state: 'gone' })).permissions,
    ]).toEqual([['files:read', 'mail:read'], ['files:read'], ['mail:read'], ['files:read'], ['mail:read'], ['files:read']]);
  });

  test('known from a log alone is not confirmed; its dates count beside a list all the same', () => {
    expect(thing(one({ mode: 'log' })).logOnly).toBe(true);
    const both = thing(
      one({ grantedAt: stamp(3), lastUsedAt: stamp(3) }),
      other({ mode: 'log', grantedAt: stamp(2, 'log'), lastUsedAt: stamp(5, 'log') }),
    );
    expect([both.logOnly, both.grantedAt, both.lastUsedAt]).toEqual([false, stamp(2, 'log'), stamp(5, 'log')]);
  });
});

describe('a thing that no list could hold', () => {
  const told = (day: number, more: Partial<Fact> = {}) =>
    fact({
      mode: 'log',
      principal: { id: 'ada', name: 'ada', traits: [] },
      happened: { at: stamp(day).at },
      believed: { until: stamp(9).at, isOver: false },
      ...more,
    });
  const ended = (day: number, more: Partial<Fact> = {}) => told(day, { happened: { at: stamp(day).at, ends: true }, ...more });
  const nobody = (one: Fact): Fact => {
    const { principal: _nobody, ...rest } = one;
    return rest;
  };

  test('is as the log told last: unverified, until it says that it ended, or nothing was told for long', () => {
    const cases = [
      [told(1)],
      [told(1), ended(2)],
      [told(1), ended(2), told(3)],
      [ended(2), told(2)],
      [told(1, { believed: { until: stamp(2).at, isOver: true } })],
      [told(1, { believed: { until: stamp(2).at, isOver: true } }), told(3)],
      [told(1), fact({ state: 'gone' })],
    ];
    const states = cases.map((facts) => {
      expect(joined(...facts.toReversed())).toEqual(joined(...facts));
      return joined(...facts).state;
    });
    expect(states).toEqual(['unverified', 'gone', 'unverified', 'unverified', 'gone', 'unverified', 'gone']);
    expect(joined(told(1), told(3)).things[0]).toMatchObject({ logOnly: false, told: { at: stamp(3).at, until: stamp(9).at } });
    // Where another log could tell, or a list, the word of one confirms nothing.
    const { believed: _not, ...doubtful } = told(1);
    expect(joined(doubtful).state).toBe('gone');
  });

  test('is pending as long as nobody answered', () => {
    expect(joined(told(1, { use: 'pending' })).things[0]!.use).toBe('pending');
    expect(joined(told(1, { use: 'pending' }), told(2)).things[0]!.use).toBeUndefined();
  });

  test('ends for its holder alone, unless the event names no holder', () => {
    const two = [told(1, { thing: 'grant/ada' }), told(1, { thing: 'grant/bo' })];
    const livesOf = (...facts: readonly Fact[]) => {
      expect(joined(...facts.toReversed())).toEqual(joined(...facts));
      return joined(...facts).things.flatMap(({ id, state }) => (state === 'gone' ? [] : [id]));
    };
    expect([
      livesOf(...two, ended(2, { thing: 'grant/bo' })),
      livesOf(...two, nobody(ended(2, { thing: 'app' }))),
      livesOf(...two, nobody(ended(2, { thing: 'app' })), told(3, { thing: 'grant/bo' })),
      livesOf(...two, nobody(ended(2, { thing: 'app' })), told(3, { thing: 'app' })),
    ]).toEqual([['grant/ada'], [], ['grant/bo'], ['app']]);
  });
});

describe('what an app can do', () => {
  const reach = (...permissions: string[]) => joined(fact({ permissions })).reach;

  test('is one entry for each class of data: the most that it can do there, with every permission that leads to it', () => {
    expect(reach('mail:write#1', 'mail:read', 'mail:admin', 'mail:write#2')).toEqual([
      {
        dataClass: 'mail',
        access: 'admin',
        plain: 'can mail:admin',
        known: true,
        permissions: ['mail:admin', 'mail:read', 'mail:write#1', 'mail:write#2'],
      },
    ]);
    expect(reach('mail:read', 'mail:write')).toEqual([
      { dataClass: 'mail', access: 'write', plain: 'can mail:write', known: true, permissions: ['mail:read', 'mail:write'] },
    ]);
  });

  test('is told by a permission that is known, where an unknown one allows as much', () => {
    expect(reach('mail:read#1?', 'mail:read#2')[0]).toMatchObject({ plain: 'can mail:read#2', known: true });
    expect(reach('mail:read#1', 'mail:read#2?')[0]).toMatchObject({ plain: 'can mail:read#1', known: true });
    expect(reach('mail:read#1', 'mail:read#2')[0]).toMatchObject({ plain: 'can mail:read#1' });
    expect(reach('mail:admin?', 'mail:read')[0]).toMatchObject({ plain: 'can mail:admin?', known: false });
  });

  test('comes with the most harmful first, and of equals in the order of their names', () => {
    const order = reach('profile:read', 'calendar:read', 'mail:read', 'files:read', 'calendar:write', 'chat:admin', 'secrets:read');
    expect(order.map(({ dataClass, access }) => `${dataClass}:${access}`)).toEqual([
      'chat:admin',
      'secrets:read',
      'calendar:write',
      'files:read',
      'mail:read',
      'profile:read',
    ]);
  });

  test('does not depend on how the provider spells its permissions, nor on which thing has them', () => {
    expect(reach('b/files:read', 'a/mail:read', 'c/cloud:read').map(({ dataClass }) => dataClass)).toEqual(['cloud', 'files', 'mail']);
    const two = [fact({ permissions: ['mail:write'] }), fact({ thing: 'grant/2', permissions: ['mail:read'] })];
    expect(joined(...two).reach.map(({ permissions }) => permissions)).toEqual([['mail:read', 'mail:write']]);
  });

  test('does not count what is gone or what only a log tells of', () => {
    expect(joined(fact({ permissions: ['mail:read'], state: 'gone' })).reach).toEqual([]);
    expect(joined(fact({ permissions: ['mail:read'], mode: 'log' })).reach).toEqual([]);
    expect(joined(fact({ permissions: ['mail:read'], state: 'unverified' })).reach).toHaveLength(1);
  });

  test('weighs by what the data are and by what can be done to them', () => {
    const weights = Object.fromEntries(
      (
        [
          'admin',
          'secrets',
          'mail',
          'source_code',
          'cloud',
          'files',
          'ci',
          'chat',
          'directory',
          'calendar',
          'contacts',
          'ai_models',
        ] as const
      ).map((dataClass) => [dataClass, powerOf({ dataClass, access: 'read' })]),
    );
    expect(weights).toEqual({
      admin: 5,
      secrets: 5,
      mail: 4,
      source_code: 4,
      cloud: 4,
      files: 4,
      ci: 3,
      chat: 3,
      directory: 2,
      calendar: 2,
      contacts: 2,
      ai_models: 2,
    });
    expect((['read', 'write', 'admin'] as const).map((access) => powerOf({ dataClass: 'mail', access }))).toEqual([4, 8, 12]);
    expect([powerOf({ dataClass: 'profile', access: 'admin' }), powerOf({ dataClass: 'other', access: 'write' })]).toEqual([0, 4]);
  });
});

describe('of several dates', () => {
  test('the earliest and the latest are found among those that were said', () => {
    const said = [undefined, stamp(2), stamp(1), undefined, stamp(3)];
    expect([earliest(said), latest(said), earliest([undefined]), latest([])]).toEqual([stamp(1), stamp(3), undefined, undefined]);
  });

  test('that are one moment, that is kept which was listed before what was logged, reported or imported', () => {
    const ways = ['import', 'report', 'log', 'listed'] as const;
    for (const [index, from] of ways.entries()) {
      const said = ways.slice(0, index + 1).map((one) => stamp(1, one));
      expect([earliest(said), latest(said), earliest(said.toReversed()), latest(said.toReversed())]).toEqual(
        Array.from({ length: 4 }, () => stamp(1, from)),
      );
    }
  });
});

test('clients of an app are its own, and those under which it acts elsewhere are told apart', () => {
  const signals = [
    ['provider_client_id', 'c2'],
    ['provider_client_id', 'c1'],
    ['provider_client_id', 'other'],
    ['acts_as_client', 'other'],
    ['app_name', 'name'],
  ].map(([type, value]) => ({ type: type!, value: value! }));
  expect(joined(fact({ signals }))).toMatchObject({ clients: ['c1', 'c2'], actsAs: ['other'] });
});

test('what a thing took is the sum of what its statements say in digits', () => {
  const bytes = ['12', '30', 'x1', '1x', '', 7, '1'.repeat(31)].map((one) => fact({ attributes: { bytes: one } }));
  expect(joined(...bytes).things[0]?.taken).toBe('42');
  expect(joined(fact({ attributes: { bytes: 'x1' } })).things[0]).not.toHaveProperty('taken');
});
