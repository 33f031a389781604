import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Access, DataClass } from '../../src/connector/index.ts';
import type { Reach, Thing } from '../../src/policy/integration.ts';
import { actsByItself, FEWEST, ONE_IN, peerHits } from '../../src/policy/peer-rules.ts';
import { peersOf, personOf, type Person, type Stated } from '../../src/policy/peers.ts';
import type { Standing } from '../../src/policy/standing.ts';
import { SIGNED } from './apps.ts';
import { app, reach, thing, verdict } from './invented.ts';

/** `class:level`; what begins with a question mark nobody knows. */
const meant = (permissions: readonly string[]): Reach[] =>
  permissions.map((permission) => {
    const [dataClass, access] = permission.replace('?', '').split(':') as [DataClass, Access];
    return { ...reach(dataClass, access), known: !permission.startsWith('?') };
  });
const person = (permissions: readonly string[] = [], more: Partial<Person> = {}): Person => ({
  isRole: false,
  traits: [],
  permissions,
  ...more,
});
const people = (count: number, ...same: Parameters<typeof person>) => Array.from({ length: count }, () => person(...same));
const count = (all: readonly Person[], held: DataClass | 'account', access: Access) => peersOf(all, meant).holding.get(held)?.[access];

const stated = (more: Partial<Stated> = {}): Stated => ({ kind: 'identity', traits: ['directory_person'], permissions: [], ...more });

describe('of a principal', () => {
  test('all that is stated is joined: a list of users, of passwords, and of roles', () => {
    const said = [
      stated({ permissions: ['cloud:read'], traits: ['administrator'], aiLevel: 'model-scoped' }),
      stated({ traits: ['interactive_login', 'standing_credential'] }),
      stated({ kind: 'control', permissions: ['admin:admin'], traits: [] }),
    ];
    const joined = {
      isRole: false,
      traits: ['administrator', 'interactive_login', 'standing_credential'],
      permissions: ['cloud:read', 'admin:admin'],
    };
    expect(personOf(said)).toEqual({ ...joined, aiLevel: 'model-scoped' });
    expect(personOf([...said, stated({ aiLevel: 'unknown' })])?.aiLevel).toBe('unknown');
  });

  test('a role that people take is told apart from a person', () => {
    expect(personOf([stated({ kind: 'service_account', traits: ['interactive_login', 'federated'] })])?.isRole).toBe(true);
    expect(personOf([stated(), stated({ kind: 'service_account', traits: [] })])?.isRole).toBe(false);
  });

  test('who is a machine, from outside, has left, or is only named elsewhere is nobody to be held against', () => {
    const none: Stated[][] = [
      [stated({ traits: [] })],
      [stated(), stated({ traits: ['workload'] })],
      [stated({ traits: ['interactive_login', 'bot_account'] })],
      [stated({ traits: ['interactive_login', 'key_holder'] })],
      [stated({ traits: ['directory_person', 'external'] })],
      [stated({ standing: 'suspended' })],
      [stated({ kind: 'control' })],
    ];
    expect(none.map(personOf)).toEqual(none.map(() => undefined));
    expect(personOf([stated({ standing: 'active' })])).toBeDefined();
  });
});

describe('what people may do', () => {
  test('is counted from a level on, each once', () => {
    const all = [...people(2, ['files:read']), person(['files:write', 'files:read']), person()];
    expect([count(all, 'files', 'read'), count(all, 'files', 'write'), count(all, 'files', 'admin')]).toEqual([
      { people: 3, roles: 0 },
      { people: 1, roles: 0 },
      { people: 0, roles: 0 },
    ]);
    expect(peersOf(all, meant)).toMatchObject({ people: 4, roles: 0 });
  });

  test('is not told where it is stated of nobody: to hold nothing is a fact, too', () => {
    const all = [...people(3, ['files:read']), person(['?other:write'])];
    expect([...peersOf(all, meant).holding.keys()]).toEqual(['files']);
    expect(peersOf(people(3), meant).holding.size).toBe(0);
    expect(peersOf(people(3, ['profile:read']), meant).holding.size).toBe(0);
  });

  test('is everything for whoever administers the account, and for all that is known, for him of whom something is unknown', () => {
    const all = [person(['secrets:read']), person([], { traits: ['administrator'] }), person(['?other:write'])];
    expect([count(all, 'secrets', 'admin'), count(all, 'account', 'admin')]).toEqual([
      { people: 2, roles: 0 },
      { people: 1, roles: 0 },
    ]);
  });

  test('goes with the whole cloud, and with administration, for whatever lies in them', () => {
    const all = [person(['secrets:read']), person(['cloud:write']), person(['admin:read'])];
    expect([count(all, 'secrets', 'read'), count(all, 'secrets', 'write')]).toEqual([
      { people: 3, roles: 0 },
      { people: 1, roles: 0 },
    ]);
  });

  test('with AI services is told by its level where that is stated, also where it is none, and of roles apart', () => {
    const all = ['none', 'model-scoped', 'invoke-star', 'service-wildcard', 'admin', 'unknown'].map((aiLevel) => person([], { aiLevel }));
    expect([count(all, 'ai_models', 'write'), count(all, 'ai_models', 'admin')]).toEqual([
      { people: 5, roles: 0 },
      { people: 3, roles: 0 },
    ]);
    const told = [person(['?other:write'], { aiLevel: 'none' }), person([], { aiLevel: 'admin', isRole: true })];
    expect(count(told, 'ai_models', 'read')).toEqual({ people: 0, roles: 1 });
    expect(peersOf([person([], { aiLevel: 'unknown' })], meant).holding.size).toBe(0);
  });
});

const UNDECIDED: Standing = { is: 'undecided' };
const limited: Standing = { is: 'approved', approval: { apps: ['app-1'], ceiling: { data: { files: 'read' } }, ...SIGNED } };
const trust = (more: Partial<Thing> = {}) => thing(1, { kind: 'trust', holder: { id: 'role', name: 'vendor role', traits: [] }, ...more });
const beside = (all: readonly Person[], ...held: string[]) => ({ beside: { peers: peersOf(all, meant), reach: meant(held) } });
const told = (all: readonly Person[], held: readonly string[], things = [trust()], standing: Standing = UNDECIDED) =>
  peerHits(app(beside(all, ...held)), standing, things);
const fired = (...of: Parameters<typeof told>) => told(...of).length > 0;

describe('an AI tool that may do more than people may', () => {
  const readers = people(9, ['cloud:read']);
  test('is told with what nobody of the account may do', () => {
    expect(told(readers, ['cloud:write'])).toEqual([
      {
        rule: 'ai-above-people',
        severity: 'medium',
        details: ['write cloud: none of the people whom its lists name may do as much'],
        things: [trust()],
      },
    ]);
  });

  test('is told where one in ten may, and not where more may, in words that stay while somebody comes or goes', () => {
    const few = 'write cloud: at most one in 10 of the people whom its lists name may do as much';
    const writer = person(['cloud:write']);
    expect(told([...readers, writer], ['cloud:write'])[0]?.details).toEqual([few]);
    expect(told([...readers, ...readers, writer], ['cloud:write'])[0]?.details).toEqual([few]);
    expect(fired([...readers.slice(1), writer], ['cloud:write'])).toBe(false);
    expect([ONE_IN, FEWEST]).toEqual([10, 3]);
  });

  test('is none where a role lets people do as much: nobody knows how many take it', () => {
    expect(fired([...readers, person(['cloud:write'], { isRole: true })], ['cloud:write'])).toBe(false);
    expect(fired([...readers, person(['cloud:read'], { isRole: true })], ['cloud:write'])).toBe(true);
    expect(fired(people(3, ['cloud:read'], { isRole: true }), ['cloud:write'])).toBe(true);
  });

  test('is none where too few people are known, where no level of theirs is stated, or where its own is not known', () => {
    expect([
      fired(readers.slice(0, 2), ['cloud:write']),
      fired(readers, ['mail:write']),
      fired(people(9), ['cloud:write']),
      fired(readers, ['?cloud:write']),
      fired(readers, ['cloud:read']),
      peerHits(app(), UNDECIDED, [trust()]).length > 0,
    ]).toEqual([false, false, false, false, false, false]);
  });

  test('is none where an approval says how much it may do, or where it is no AI', () => {
    expect(fired(readers, ['cloud:write'], [trust()], limited)).toBe(false);
    expect(peerHits(app({ ...beside(readers, 'cloud:write'), match: verdict('suspected') }), UNDECIDED, [trust()])).toEqual([]);
  });

  test('is high where it administers, by a permission or as whom it acts', () => {
    const all = [...people(20, ['cloud:read']), person([], { traits: ['administrator'] })];
    const robot = trust({ holder: { id: 'role', name: 'vendor role', traits: ['administrator'] } });
    expect(told(all, ['cloud:admin'])[0]).toMatchObject({ severity: 'high' });
    expect(told(all, [], [robot])[0]).toMatchObject({
      severity: 'high',
      details: ['vendor role administers the account: at most one in 10 of the people whom its lists name may do as much'],
    });
    expect(fired(readers, [], [robot])).toBe(false);
  });

  test('is held against people by its level with AI services, too', () => {
    const none = people(3, [], { aiLevel: 'none' });
    const using = (aiLevel: string) => [trust({ attributes: { aiLevel } })];
    const details = (all: readonly Person[], held: readonly string[], aiLevel: string) => told(all, held, using(aiLevel))[0]?.details;
    expect(details(none, [], 'model-scoped')).toEqual(['Use AI services: none of the people whom its lists name may do as much']);
    expect(details(none, ['ai_models:admin'], 'admin')).toEqual(['admin ai_models: none of the people whom its lists name may do as much']);
    expect(details(none, ['ai_models:read'], 'admin')).toEqual([
      'read ai_models: none of the people whom its lists name may do as much',
      'Do everything with AI services: none of the people whom its lists name may do as much',
    ]);
    expect(details(none, [], 'none')).toBeUndefined();
    expect(details(people(3, [], { aiLevel: 'invoke-star' }), [], 'model-scoped')).toBeUndefined();
  });

  test('is none by what a person gave it, or a person’s key opens: that is never more than the person has', () => {
    const byPerson = [
      trust({ kind: 'oauth_grant' }),
      trust({ kind: 'api_key', holder: { id: '1', name: 'ada', traits: ['interactive_login'] } }),
      trust({ logOnly: true }),
      trust({ use: 'inactive' }),
    ];
    for (const one of byPerson) {
      const administering = { ...one, holder: { ...one.holder!, traits: [...one.holder!.traits, 'administrator' as const] } };
      expect(fired([...readers, ...readers, person([], { traits: ['administrator'] })], [], [administering])).toBe(false);
    }
  });

  test('in whichever order people are listed, it is the same', () => {
    const some = fc.record({
      isRole: fc.boolean(),
      traits: fc.subarray(['administrator' as const]),
      permissions: fc.subarray(['cloud:read', 'cloud:write', 'secrets:read', '?other:write']),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 30 }), fc.subarray(['cloud:write', 'secrets:read', 'cloud:admin']), (all, held) => {
        expect(told(all.toReversed(), held)).toEqual(told(all, held));
      }),
    );
  });

  test('the more people may, the less is told: another right of somebody adds nothing', () => {
    const some = fc.record({ isRole: fc.boolean(), traits: fc.constant([]), permissions: fc.subarray(['cloud:read', 'secrets:read']) });
    const held = ['cloud:read', 'secrets:read'];
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 30 }), fc.nat(29), (others, which) => {
        // Of both something is stated.
        const all = [person(held), ...others];
        const stronger = all.map((one, index) =>
          index === which % all.length ? { ...one, permissions: [...one.permissions, 'cloud:admin'] } : one,
        );
        const details = (among: readonly Person[]) => told(among, held).flatMap((hit) => hit.details.map((detail) => detail.split(':')[0]));
        expect(details(all)).toEqual(expect.arrayContaining(details(stronger)));
      }),
    );
  });
});

const plain: Thing = { id: 't', kind: 'trust', state: 'present', logOnly: false, name: 't', permissions: [], attributes: {} };

test.each<[Partial<Thing>, boolean]>([
  [{ kind: 'app_installation' }, true],
  [{ kind: 'app_installation', state: 'unverified' }, true],
  [{ kind: 'app_installation', state: 'gone' }, false],
  [{ kind: 'app_installation', logOnly: true }, false],
  [{ kind: 'app_installation', use: 'inactive' }, false],
  ...(['oauth_grant', 'seat', 'usage', 'code_evidence', 'secret_name', 'exposure'] as const).map(
    (kind) => [{ kind }, false] as [Partial<Thing>, boolean],
  ),
  [{ kind: 'api_key' }, true],
  [{ kind: 'api_key', holder: { id: 'h', name: 'h', traits: ['workload'] } }, true],
  [{ kind: 'api_key', holder: { id: 'h', name: 'h', traits: ['standing_credential', 'interactive_login'] } }, false],
  [{ kind: 'api_key', holder: { id: 'h', name: 'h', traits: ['directory_person'] } }, false],
  [{ kind: 'trust', holder: { id: 'h', name: 'h', traits: ['interactive_login'] } }, true],
])('of a thing that is %j: has its app access by itself? %s', (more, does) => {
  expect(actsByItself({ ...plain, ...more })).toBe(does);
});
