import { describe, expect, test } from 'vitest';
import { sameBody } from '../../src/policy/findings.ts';
import {
  EMPTY_POLICY,
  isExcepting,
  isOver,
  isTooFar,
  policySchema,
  reviewDay,
  turnedBetween,
  withCurrentIds,
  type Policy,
} from '../../src/policy/policy.ts';
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
    ['a probation without an end', { approvals: [{ apps: ['1'], ...SIGNED, stage: 'probation' }] }, 'a probation needs "expires"'],
    ['a cadence that begins nowhere', { approvals: [{ apps: ['1'], ...SIGNED, reviewEvery: 90 }] }, '"reviewEvery" counts from "reviewed"'],
    [
      'two ways to say when the review is',
      { approvals: [{ apps: ['1'], ...SIGNED, reviewed: '2026-01-01', reviewEvery: 90, review: '2027-01-01' }] },
      'stands instead of "review"',
    ],
    ['a population without a limit', { approvals: [{ apps: ['1'], ...SIGNED, population: {} }] }, 'a population needs a limit'],
    ['a unit that is no path', { approvals: [{ apps: ['1'], ...SIGNED, population: { units: ['Sales'] } }] }, 'a path that begins with /'],
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

test('an exception covers until its day, and not while that is more than a year ahead', () => {
  const until = (day: string) => isExcepting({ finding: '01234567', owner: 'o', reason: 'r', until: day }, at('2026-03-31T12:00:00Z'));
  expect(['2026-03-30', '2026-03-31', '2027-04-01', '2027-04-02'].map(until)).toEqual([false, true, true, false]);
});

test('a review is due on its day, or so many days after the last one', () => {
  const day = (more: object) => reviewDay(policy({ approvals: [{ apps: ['1'], ...SIGNED, ...more }] }).approvals[0]!);
  expect([
    day({}),
    day({ review: '2026-05-01' }),
    day({ reviewed: '2026-01-31' }),
    day({ reviewed: '2026-01-31', reviewEvery: 30 }),
  ]).toEqual([undefined, '2026-05-01', undefined, '2026-03-02']);
});

describe('between two moments verdicts may turn', () => {
  const [before, after, later] = [at('2026-03-31T12:00:00Z'), at('2026-04-01T12:00:00Z'), at('2026-04-02T12:00:00Z')];
  const approval = { apps: ['1'], ...SIGNED };
  const policies: [string, Policy][] = [
    ['an approval ends', policy({ approvals: [{ ...approval }, { ...approval, expires: '2026-03-31' }] })],
    ['a review is due by its cadence', policy({ approvals: [{ ...approval, reviewed: '2026-03-01', reviewEvery: 30 }] })],
    ['an exception comes within a year', policy({ exceptions: [{ finding: '01234567', owner: 'o', reason: 'r', until: '2027-04-02' }] })],
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

test('a year and a day, leap years counted, is not too far, and a moment more is', () => {
  const midnight = new Date('2026-11-02T00:00:00.000Z');
  expect([isTooFar('2027-11-03', midnight), isTooFar('2027-11-03', new Date(midnight.getTime() - 1))]).toEqual([false, true]);
});

test('a policy without workflows has none under other ids either', () => {
  const renamed = withCurrentIds(
    policy({
      approvals: [
        { product: 'acme/old', ...SIGNED },
        { apps: ['1'], ...SIGNED },
      ],
    }),
    () => 'acme/new',
  );
  expect(renamed.approvals.map(({ product }) => product)).toEqual(['acme/new', undefined]);
  expect(renamed).not.toHaveProperty('workflows');
});
