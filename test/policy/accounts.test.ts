import { describe, expect, test } from 'vitest';
import { unlistedKeyHits } from '../../src/policy/account-rules.ts';
import { judgementOf } from '../../src/policy/findings.ts';
import type { Integration, Thing } from '../../src/policy/integration.ts';
import type { Hit } from '../../src/policy/hit.ts';
import { hitsOf } from '../../src/policy/rules.ts';
import { policy } from './apps.ts';
import { app, thing, verdict } from './invented.ts';

const OF_INTEREST = new Set([
  'key-of-root',
  'key-of-unknown-service',
  'orphaned-key-holder',
  'idle-ai-access',
  'person-and-program-share',
  'agents-share-role',
  'open-gateway',
  'unlisted-key-in-use',
]);
const hits = (things: readonly Thing[], more: Partial<Integration> = {}): Hit[] =>
  hitsOf(app({ things, match: verdict('unknown'), ...more }), { is: 'undecided' }).filter(({ rule }) => OF_INTEREST.has(rule));
const told = (things: readonly Thing[], more: Partial<Integration> = {}) =>
  hits(things, more).map(({ rule, severity }) => `${rule} ${severity}`);
const holder = (id: string, ...traits: NonNullable<Thing['holder']>['traits']) => ({ id, name: `user ${id}`, traits });
const key = (attributes: Thing['attributes'], more: Partial<Thing> = {}) =>
  thing(1, { kind: 'api_key', name: 'relay', attributes, ...more });

describe('the key of a root user', () => {
  test('is critical, and a finding about that key', () => {
    const root = key({ root: true }, { credential: 'access_key_1' });
    expect(hits([root])).toMatchObject([
      { rule: 'key-of-root', severity: 'critical', details: ['relay has an active access key'], credential: root, things: [root] },
    ]);
  });
  test('that is switched off, or gone, or no key, is no matter', () => {
    expect(told([key({ root: true }, { use: 'inactive' }), key({ root: true }, { state: 'gone' }), key({})])).toEqual([]);
    expect(told([thing(1, { kind: 'service_account', attributes: { root: true } })])).toEqual([]);
  });
});

describe('a key for a service that nobody knows', () => {
  const fresh = key({ service: 'lumen.example' }, { holder: holder('1') });
  test('says which service, and who holds it', () => {
    expect(hits([fresh])).toMatchObject([
      { rule: 'key-of-unknown-service', severity: 'low', details: ['user 1 holds a key for lumen.example'] },
    ]);
  });
  test('rests on the keys that say so', () => {
    expect(hits([key({}), fresh])).toMatchObject([{ rule: 'key-of-unknown-service', things: [fresh] }]);
  });
  test('is none where the catalog knows the service, where somebody decided, where it opens more, or where it is inactive', () => {
    for (const known of ['ai', 'not_ai', 'ai_feature', 'suspected'] as const) expect(told([fresh], { match: verdict(known) })).toEqual([]);
    const approval = { apps: ['app-1'], owner: 'o', approver: 'a', reason: 'r' };
    expect(hitsOf(app({ things: [fresh], match: verdict('unknown') }), { is: 'approved', approval })).toEqual([]);
    expect(told([key({})])).toEqual([]);
    expect(told([{ ...fresh, use: 'inactive' }])).toEqual([]);
  });
});

describe('an account that was made for AI keys', () => {
  const made = (id: string, number: number, more: Partial<Thing> = {}) =>
    thing(number, { kind: 'api_key', holder: holder(id, 'key_holder'), ...more });
  const ended = { use: 'inactive' } as const;
  test('is left behind when all its keys have ended, and one that still has one is not', () => {
    const things = [made('1', 1, ended), made('1', 2, ended), made('2', 3, ended), made('2', 4)];
    expect(hits(things, { match: verdict('ai') })).toMatchObject([
      {
        rule: 'orphaned-key-holder',
        severity: 'medium',
        details: ['user 1 was made for an AI key, and its keys have ended'],
        things: [{ id: 'grant/1' }, { id: 'grant/2' }],
      },
    ]);
  });
  test("is none where the holder is a person's, the key of something else, or gone: it may have gone with its account", () => {
    expect(told([thing(1, { kind: 'api_key', use: 'inactive' })], { match: verdict('ai') })).toEqual([]);
    expect(told([made('1', 1, ended)], { match: verdict('not_ai') })).toEqual([]);
    expect(told([made('1', 1, { ...ended, state: 'gone' })], { match: verdict('ai') })).toEqual([]);
  });
  test('is one by its keys, and ten are named', () => {
    expect(told([made('1', 1, { ...ended, kind: 'oauth_grant' })], { match: verdict('ai') })).toEqual([]);
    const many = Array.from({ length: 11 }, (_, number) => made(`${number}`, number, ended));
    expect(hits(many, { match: verdict('ai') }).map(({ details, things }) => [details.length, things.length])).toEqual([[10, 11]]);
  });
  test('is not left behind while a key of it is unverified', () => {
    expect(told([made('1', 1, ended), made('1', 2, { state: 'unverified' })], { match: verdict('ai') })).toEqual([]);
  });
});

describe('access to AI services', () => {
  const role = (attributes: Thing['attributes']) => thing(1, { kind: 'service_account', name: 'batch', attributes });
  test.each([
    ['that is idle', { idle: 'not in the last 400 days', aiLevel: 'invoke-star' }, ['idle-ai-access low']],
    ['that is used', { aiLevel: 'invoke-star' }, []],
    ['that there is none of', { idle: 'not in the last 400 days', aiLevel: 'none' }, []],
    ['of which nobody knows', { idle: 'not in the last 400 days', aiLevel: 'unknown' }, []],
    ['of which nothing is said', { idle: 'not in the last 400 days' }, []],
  ])('%s', (_what, attributes, expected) => {
    expect(told([role(attributes)])).toEqual(expected);
  });
  test.each([
    ['shared by a person and a program', { shared: 'human and machine', aiLevel: 'model-scoped' }, {}, ['person-and-program-share medium']],
    ['of a program alone', { aiLevel: 'model-scoped' }, {}, []],
    ['shared, to nothing of AI', { shared: 'human and machine', aiLevel: 'none' }, {}, []],
    ['shared, by a key that is switched off', { shared: 'human and machine', aiLevel: 'admin' }, { use: 'inactive' as const }, []],
  ])('%s', (_what, attributes, more, expected) => {
    expect(told([key(attributes, more)])).toEqual(expected);
  });
  test('says whose it is, and rests on that', () => {
    const [idle, shared] = [role({ idle: 'long', aiLevel: 'admin' }), key({ shared: 'human and machine', aiLevel: 'admin' })];
    expect(hits([idle, shared]).map(({ details, things }) => [things, details])).toEqual([
      [[shared], ['relay has a password and an active key, and can use AI services']],
      [[idle], ['user 1 can use AI services, and no use of it is on record']],
    ]);
  });
});

describe('a role', () => {
  const runs = (agent: string, number: number, more: Partial<Thing> = {}) =>
    thing(number, { kind: 'service_account', holder: holder(agent, 'agent_runtime'), attributes: { runsAgent: true }, ...more });
  test('that two agents run as is shared, and says by whom', () => {
    expect(hits([runs('orders', 1), runs('refunds', 2)], { name: 'both' })).toMatchObject([
      { rule: 'agents-share-role', severity: 'medium', details: ['user orders runs as both', 'user refunds runs as both'] },
    ]);
  });
  test('of one agent is not, however often it is seen, nor one whose other agent is gone', () => {
    expect(told([runs('orders', 1), runs('orders', 2)])).toEqual([]);
    expect(told([runs('orders', 1), runs('refunds', 2, { state: 'gone' })])).toEqual([]);
    const { holder: _nobody, ...bare } = runs('orders', 1);
    expect(told([bare, bare])).toEqual([]);
  });
});

test('a gateway of agents that asks for nothing is open', () => {
  const gateway = (open: boolean) => thing(1, { kind: 'agent', holder: holder('tools'), attributes: { open } });
  expect(hits([gateway(true)])).toMatchObject([{ rule: 'open-gateway', severity: 'high', details: ['user tools lets anybody in'] }]);
  expect(hits([gateway(true), gateway(false)])).toMatchObject([{ details: { length: 1 }, things: { length: 1 } }]);
  expect(told([gateway(false)])).toEqual([]);
  expect(told([thing(1, { attributes: { open: true } })])).toEqual([]);
  expect(hits(Array.from({ length: 11 }, () => gateway(true)))).toMatchObject([{ details: { length: 10 }, things: { length: 11 } }]);
});

describe('a key that a log has seen in use', () => {
  const used = (id: string) => thing(9, { kind: 'api_key', logOnly: true, holder: holder(id), attributes: { seenInUse: true } });
  const keysRead = { lists: '2026-03-01T00:00:00.000Z', logs: '2026-12-01T00:00:00.000Z' };
  const listed = (id: string, more: Partial<Thing> = {}) => thing(1, { kind: 'api_key', holder: holder(id), ...more });
  test('is a short-lived one where no key of its holder is listed, also where no list has anything left', () => {
    const expected = [
      {
        rule: 'unlisted-key-in-use',
        severity: 'medium',
        details: ['user 1 calls with a key, and no long-lived key of it is known'],
        things: [used('1')],
      },
    ];
    expect(hits([used('1'), listed('2')], { keysRead })).toMatchObject(expected);
    expect(hits([used('1')], { keysRead, state: 'gone' })).toMatchObject(expected);
  });
  test('is told for 90 days after it was last used', () => {
    const at = (day: string) => ({ ...used('1'), lastUsedAt: { at: `${day}T00:00:00.000Z`, from: 'log' as const } });
    expect(hits([at('2026-01-01'), { ...at('2026-02-01'), id: 'grant/8' }], { keysRead }).map(({ until }) => until)).toEqual([
      '2026-05-02T00:00:00.000Z',
    ]);
    const one = app({ things: [at('2026-01-01')], match: verdict('ai'), state: 'gone', keysRead });
    const on = (now: string) => judgementOf(one, policy({}), new Date(now), () => undefined).findings.map(({ rule }) => rule);
    expect([on('2026-03-31T23:00:00Z'), on('2026-04-01T00:00:00Z')]).toEqual([['unlisted-key-in-use'], []]);
  });

  test('is told on for as long as the log was not read again', () => {
    const at = { ...used('1'), lastUsedAt: { at: '2026-01-01T00:00:00.000Z', from: 'log' as const } };
    for (const logs of [undefined, '2026-03-31T23:59:59.999Z'])
      expect(hits([at], { keysRead: { ...keysRead, logs } })).toMatchObject([{ rule: 'unlisted-key-in-use' }]);
    expect(hits([at], { keysRead: { ...keysRead, logs: '2026-03-31T23:59:59.999Z' } })[0]).not.toHaveProperty('until');
    expect(hits([at], { keysRead: { ...keysRead, logs: '2026-04-01T00:00:00.000Z' } })[0]?.until).toBe('2026-04-01T00:00:00.000Z');
  });

  test('says nothing where the lists of keys were never read whole', () => {
    expect(told([used('1')])).toEqual([]);
    expect(told([used('1')], { keysRead: { ...keysRead, lists: undefined } })).toEqual([]);
  });

  test('is one by its kind, and nothing but a listed key of its holder explains it', () => {
    expect(unlistedKeyHits(app({ things: [{ ...used('1'), kind: 'usage' }], keysRead }))).toEqual([]);
    const { holder: _nobody, ...bare } = listed('2');
    expect(told([used('1'), bare, listed('1', { kind: 'oauth_grant' })], { keysRead })).toEqual(['unlisted-key-in-use medium']);
  });

  test('may be one that was listed and has ended since', () => {
    for (const more of [{ use: 'inactive' }, { state: 'gone' }] as const)
      expect(told([used('1'), listed('1', more)], { keysRead })).toEqual([]);
  });

  test('may be the one that is listed, and what else a log knows is no key in use', () => {
    expect(told([used('1'), listed('1')], { keysRead })).toEqual([]);
    expect(told([used('1'), listed('1', { state: 'unverified' })], { keysRead })).toEqual([]);
    expect(told([thing(9, { kind: 'api_key', logOnly: true })], { keysRead, state: 'gone' })).toEqual([]);
  });
});

describe('everybody who is let in', () => {
  const trust = (attributes: Thing['attributes']) =>
    thing(1, { kind: 'trust', attributes: { conditioned: false, trusts: 'anyone', ...attributes } });
  const severities = (things: readonly Thing[]) =>
    hitsOf(app({ things, match: verdict('unknown') }), { is: 'undecided' }).map(({ rule, severity }) => `${rule} ${severity}`);
  test('is fewer than anybody where an organisation is asked for, be it another', () => {
    expect(severities([trust({ principalOrgBound: true })])).toEqual(['trust-without-condition high']);
    expect(severities([trust({ principalOrgBound: false })])).toEqual(['trust-without-condition critical']);
    expect(severities([trust({ principalOrgBound: true }), trust({})])).toEqual(['trust-without-condition critical']);
    expect(severities([trust({ trusts: 'oidc', principalOrgBound: true })])).toEqual(['trust-without-condition critical']);
  });
});
