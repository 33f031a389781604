import { describe, expect, test } from 'vitest';
import { AGES, ageHits, agesAt } from '../../src/policy/age-rules.ts';
import type { Integration, Thing } from '../../src/policy/integration.ts';
import { NOW } from './apps.ts';
import { app, thing, verdict } from './invented.ts';

const A_DAY_MS = 86_400_000;
const ago = (days: number, from: 'listed' | 'report' | 'log' = 'listed') => ({
  at: new Date(NOW.getTime() - days * A_DAY_MS).toISOString(),
  from,
});
const key = (more: Partial<Thing> = {}) => thing(1, { kind: 'api_key', expiresAt: 'never', ...more });
const told = (one: Thing, more: Partial<Integration> = {}) =>
  ageHits(app({ things: [one], ...more }), NOW).map(({ rule, severity, details }) => [rule, severity, ...details]);

describe('a key that was not changed', () => {
  test('is old on the ninetieth day and not before, and worse after a year', () => {
    expect(AGES.key.days).toBe(90);
    expect(told(key({ grantedAt: ago(90) }))).toEqual([['old-ai-key', 'low', 'The key Thing 1 of user 1 is as it was on 2026-08-04']]);
    expect(told(key({ grantedAt: ago(89.9) }))).toEqual([]);
    expect([told(key({ grantedAt: ago(364) }))[0]?.[1], told(key({ grantedAt: ago(365, 'report') }))[0]?.[1]]).toEqual(['low', 'medium']);
  });

  test('is none where it ends, cannot be used, is gone, is no key, or where no list vouches for the day', () => {
    const old = { grantedAt: ago(400) };
    expect([
      told(key({ ...old, expiresAt: ago(-10) })),
      told(key({ ...old, use: 'inactive' })),
      told(key({ ...old, state: 'gone' })),
      told(key({ ...old, logOnly: true })),
      told(key({ ...old, kind: 'oauth_grant' })),
      told(key({ grantedAt: ago(400, 'log') })),
      told(key()),
      told(key(old), { match: verdict('unknown') }),
      told(key(old), { state: 'gone' }),
    ]).toEqual(Array.from({ length: 9 }, () => []));
    expect(told(key({ ...old, attributes: { aiLevel: 'admin' } }), { match: verdict('unknown') })).toHaveLength(1);
  });
});

describe('access that was not used', () => {
  test('is idle on the forty-fifth day, as a list says, also where it could not be read tonight', () => {
    expect(told(thing(1, { lastUsedAt: ago(45) }))).toEqual([['unused-ai-access', 'low', 'Thing 1 of user 1 was last used on 2026-09-18']]);
    expect([
      told(thing(1, { lastUsedAt: ago(44) })),
      told(thing(1, { lastUsedAt: ago(400, 'log') })),
      told(thing(1, { lastUsedAt: ago(400), kind: 'secret_name' })),
      told(thing(1)),
    ]).toEqual([[], [], [], []]);
    expect(told(thing(1, { lastUsedAt: ago(400), state: 'unverified' }))).toHaveLength(1);
  });
});

test('the next moment at which time alone makes another verdict is told, and it is the first at which it does', () => {
  const one = app({ things: [key({ grantedAt: ago(80), lastUsedAt: ago(10) })] });
  const turns = agesAt(one, NOW)!;
  expect(turns).toBe(new Date(NOW.getTime() + 10 * A_DAY_MS).toISOString());
  expect([ageHits(one, new Date(Date.parse(turns) - 1)), ageHits(one, new Date(turns)).map(({ rule }) => rule)]).toEqual([
    [],
    ['old-ai-key'],
  ]);
  expect(agesAt(one, new Date(NOW.getTime() + 400 * A_DAY_MS))).toBeUndefined();
  expect(agesAt(app(), NOW)).toBeUndefined();
});

test('what is old is named by ten at most, with its holder where that is another, and one ancient key makes all of them worse', () => {
  const old = (number: number, days = 100) =>
    thing(number, { kind: 'api_key', expiresAt: 'never', grantedAt: ago(days), lastUsedAt: ago(60) });
  const many = [old(0, 400), ...Array.from({ length: 10 }, (_, number) => old(number + 1))];
  expect(ageHits(app({ things: many }), NOW).map(({ severity, details, things }) => [severity, details.length, things.length])).toEqual([
    ['medium', 10, 11],
    ['low', 10, 11],
  ]);
  const { holder: _nobody, ...bare } = key({ grantedAt: ago(100) });
  expect([bare, { ...bare, holder: { id: '1', name: 'Thing 1', traits: [] } }].map((one) => told(one)[0]?.[2])).toEqual([
    'The key Thing 1 is as it was on 2026-07-25',
    'The key Thing 1 is as it was on 2026-07-25',
  ]);
});

test('an installation that was not used is idle, too', () => {
  expect(told(thing(1, { kind: 'app_installation', lastUsedAt: ago(60) }))).toHaveLength(1);
});

test('the next moment is the first of several, and one that has come is no more to come', () => {
  const next = (...things: Thing[]) => agesAt(app({ things }), NOW);
  expect(next(key({ grantedAt: ago(80), lastUsedAt: ago(44) }))).toBe(ago(-1).at);
  expect(next(key({ grantedAt: ago(90) }))).toBe(ago(90 - 365).at);
});

test('a seat whose last activity is listed is idle, too', () => {
  expect(told(thing(1, { kind: 'seat', lastUsedAt: ago(45) }))).toEqual([
    ['unused-ai-access', 'low', 'Thing 1 of user 1 was last used on 2026-09-18'],
  ]);
});

describe('a key that was never used', () => {
  const NEVER = { neverUsed: true };
  test('is idle on the forty-fifth day on which it is there, where the list itself says so', () => {
    const fresh = key({ grantedAt: ago(45), attributes: NEVER });
    expect(told(fresh)).toEqual([['unused-ai-access', 'low', 'Thing 1 of user 1 was never used, and is there since 2026-09-18']]);
    expect([
      told(key({ grantedAt: ago(44), attributes: NEVER })),
      told(key({ grantedAt: ago(45) })),
      told(key({ grantedAt: ago(45, 'log'), attributes: NEVER })),
      told(key({ attributes: NEVER })),
      told({ ...fresh, use: 'inactive' }),
      told({ ...fresh, lastUsedAt: ago(1, 'log') }),
    ]).toEqual(Array.from({ length: 6 }, () => []));
  });

  test('is judged again on that day', () => {
    const one = app({ things: [key({ grantedAt: ago(40), attributes: NEVER })] });
    expect(agesAt(one, NOW)).toBe(ago(-5).at);
  });
});
