import { describe, expect, test } from 'vitest';
import { sameBody } from '../../src/policy/findings.ts';
import { EMPTY_POLICY, isOver, policySchema, turnedBetween, type Policy } from '../../src/policy/policy.ts';
import { policy, SIGNED } from './apps.ts';

const at = (text: string) => new Date(text);

describe('a policy', () => {
  test('without entries decides nothing, and is that of a tenant that nobody named', () => {
    expect(policySchema.parse({ formatVersion: 1 })).toEqual(EMPTY_POLICY);
    expect(EMPTY_POLICY).toEqual({ formatVersion: 1, tenant: 'default', approvals: [], denials: [], exceptions: [] });
  });

  test.each([
    ['an approval of nothing', { approvals: [{ ...SIGNED }] }, 'an approval needs "product" or "apps"'],
    ['a denial of nothing', { denials: [{ reason: 'no' }] }, 'a denial needs "product" or "apps"'],
    ['a product that is more than an id', { denials: [{ product: 'see openai/chatgpt', reason: 'no' }] }, 'vendor/product'],
    ['a product with something after it', { denials: [{ product: 'openai/chatgpt!', reason: 'no' }] }, 'vendor/product'],
    ['an empty reason', { denials: [{ product: 'openai/chatgpt', reason: ' ' }] }, 'characters'],
    ['a population of nobody', { approvals: [{ product: 'openai/chatgpt', ...SIGNED, population: { most: 0 } }] }, '>=1'],
    [
      'an exception of more than an id',
      { exceptions: [{ finding: 'id 0123456789', owner: 'o', reason: 'r', until: '2026-01-01' }] },
      'the id of a finding',
    ],
    [
      'an exception with a name after the id',
      { exceptions: [{ finding: '0123456789 ChatGPT', owner: 'o', reason: 'r', until: '2026-01-01' }] },
      'the id of a finding',
    ],
  ])('refuses %s', (_what, parts, says) => {
    const { error } = policySchema.safeParse({ formatVersion: 1, ...parts });
    expect(error?.issues.map(({ message }) => message).join('\n')).toContain(says);
  });

  test('takes an approval or a denial by apps alone', () => {
    expect(policy({ approvals: [{ apps: ['1'], ...SIGNED }], denials: [{ apps: ['2'], reason: 'no' }] })).toMatchObject({
      approvals: [{ apps: ['1'] }],
      denials: [{ apps: ['2'] }],
    });
  });
});

test('a last day holds until midnight, and without one nothing ends', () => {
  expect([isOver('2026-03-31', at('2026-03-31T23:59:59.999Z')), isOver('2026-03-31', at('2026-04-01T00:00:00Z'))]).toEqual([false, true]);
  expect(isOver(undefined, at('9999-01-01T00:00:00Z'))).toBe(false);
});

describe('between two moments verdicts may turn', () => {
  const [before, after, later] = [at('2026-03-31T12:00:00Z'), at('2026-04-01T12:00:00Z'), at('2026-04-02T12:00:00Z')];
  const approval = { apps: ['1'], ...SIGNED };
  const policies: [string, Policy][] = [
    ['an approval ends', policy({ approvals: [{ ...approval }, { ...approval, expires: '2026-03-31' }] })],
    ['a review is due', policy({ approvals: [{ ...approval, review: '2026-03-31' }] })],
    ['an exception ends', policy({ exceptions: [{ finding: '01234567', owner: 'o', reason: 'r', until: '2026-03-31' }] })],
  ];

  test.each(policies)('when %s, in either direction, and only then', (_what, decided) => {
    expect(turnedBetween(decided, before, after)).toBe(true);
    expect(turnedBetween(decided, after, before)).toBe(true);
    expect([turnedBetween(decided, before, before), turnedBetween(decided, after, later)]).toEqual([false, false]);
  });

  test('never where nothing ends', () => {
    expect(turnedBetween(policy({ approvals: [approval] }), before, later)).toBe(false);
    expect(turnedBetween(EMPTY_POLICY, before, later)).toBe(false);
  });
});

test('two bodies are the same but for the dates of last use', () => {
  const body = (more: object) => JSON.stringify({ why: 'w', since: 'unknown', lastUsed: 'unknown', ...more });
  expect(sameBody(body({}), body({}))).toBe(true);
  expect(sameBody(body({}), body({ lastUsed: { at: '2026-01-01', from: 'log' } }))).toBe(true);
  expect(sameBody(body({}), body({ why: 'other' }))).toBe(false);
  expect(sameBody(body({ things: { count: 1, unverified: 0 } }), body({ things: { count: 1, unverified: 1 } }))).toBe(false);
});
