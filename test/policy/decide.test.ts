import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/connector/index.ts';
import { approve, deny, except, refuseUnfit, type Decidable, type Decision } from '../../src/policy/decide.ts';
import { MOST_DAYS_BETWEEN_REVIEWS } from '../../src/policy/policy.ts';
import { NOW, policy, SIGNED } from './apps.ts';

const FOUND: Decidable = {
  key: '0123456789abcdef0123456789abcdef',
  connector: 'provider',
  account: 'A1',
  appId: 'app-1',
  product: 'acme/brain',
  grade: 'exact',
  ceiling: { data: { files: 'write', mail: 'read' } },
};
const TARGET = { product: 'acme/brain', apps: ['app-1'], connectors: ['provider'], accounts: ['A1'] };
const HERE = { now: NOW };
const APART = { now: NOW, separate: true };
const EVERYWHERE = { now: NOW, everywhere: true };
const UNTIL = { ...SIGNED, expires: '2027-01-01' };

function refusal(decide: () => Decision): string {
  try {
    return JSON.stringify(decide());
  } catch (error) {
    if (error instanceof ConfigError) return `${error.message} ${error.fix}`;
    throw error;
  }
}

describe('an approval', () => {
  const others = { product: 'acme/brain', apps: ['app-2'], accounts: ['A1'], ...UNTIL, decided: '2026-11-02' };

  test('is added with the id that was seen, in its account, and the limits of what it can do', () => {
    const entry = { ...TARGET, ceiling: FOUND.ceiling, ...UNTIL, decided: '2026-11-02' };
    expect(approve(FOUND, policy({}), { ...UNTIL, ticket: undefined }, HERE)).toEqual({
      list: 'approvals',
      index: 0,
      how: 'added',
      edits: [{ append: ['approvals'], value: entry }],
    });
  });

  test('holds for the same id in other accounts only where that is asked for', () => {
    const { accounts: _none, ...target } = TARGET;
    const entry = { ...target, ceiling: FOUND.ceiling, ...UNTIL, decided: '2026-11-02' };
    expect(approve(FOUND, policy({}), UNTIL, EVERYWHERE).edits).toEqual([{ append: ['approvals'], value: entry }]);
    // An entry of one account is not made wider by the way.
    expect(approve(FOUND, policy({ approvals: [{ ...TARGET, ...UNTIL }] }), UNTIL, EVERYWHERE)).toMatchObject({ index: 1, how: 'added' });
  });

  test.each([
    [undefined, 'every account', '--everywhere'],
    [['A1', 'A2'], 'the accounts A1, A2', 'by hand'],
  ])('of the app in %j is not renewed for one of them', (accounts, told, fix) => {
    const entry = { ...UNTIL, apps: ['app-1'], ...(accounts && { accounts }) };
    const facts = { ...SIGNED, expires: '2027-02-02' };
    const text = refusal(() => approve(FOUND, policy({ approvals: [entry] }), facts, HERE));
    expect(text).toContain(`approvals[0] of the policy is about this app in ${told}, and the finding is of A1`);
    expect(text).toContain(fix);
    expect(approve(FOUND, policy({ approvals: [entry] }), facts, APART).how).toBe('added');
    expect(approve(FOUND, policy({ approvals: [entry] }), facts, EVERYWHERE).how).toBe(accounts ? 'added' : 'renewed');
  });

  test('widens the entry that says the same of other apps of the product, and changes nothing else in it', () => {
    const widened = { list: 'approvals', index: 0, how: 'widened', edits: [{ append: ['approvals', 0, 'apps'], value: 'app-1' }] };
    expect(approve(FOUND, policy({ approvals: [others] }), UNTIL, HERE)).toEqual(widened);
    expect(approve(FOUND, policy({ approvals: [others] }), { approver: SIGNED.approver, reason: SIGNED.reason }, HERE)).toEqual(widened);
  });

  test('widens it by an app that is of its product by a strong sign, and by what is given alone', () => {
    const told = { ...others, ticket: 'SEC-1' };
    expect(approve({ ...FOUND, grade: 'strong' }, policy({ approvals: [told] }), { ...UNTIL, ticket: undefined }, HERE).how).toBe(
      'widened',
    );
  });

  test('of an app of no known product names none', () => {
    const { product: _unknown, ...found } = FOUND;
    expect(approve(found, policy({}), UNTIL, HERE).edits[0]).not.toHaveProperty('value.product');
  });

  test('widens no entry by nobody, and none that says otherwise', () => {
    expect(refusal(() => approve(FOUND, policy({ approvals: [others] }), {}, HERE))).toContain('A decision needs --approver, --reason');
    for (const other of [{ expires: '2027-02-02' }, { approver: 'another' }])
      expect(approve(FOUND, policy({ approvals: [others] }), { ...UNTIL, ...other }, HERE)).toMatchObject({ index: 1, how: 'added' });
  });

  test.each([
    ['only a name ties the app to the product', { grade: 'likely' }, others],
    ['the entry is of another product', {}, { ...others, product: 'acme/cortex' }],
    ['the entry lists no ids, which one id would make narrower', {}, { product: 'acme/brain', accounts: ['A1'], ...UNTIL }],
    ['the entry holds in another account', {}, { ...others, accounts: ['A2'] }],
    ['the entry holds in every account', {}, { product: 'acme/brain', apps: ['app-2'], ...UNTIL }],
    ['the entry holds for another connector', {}, { ...others, connectors: ['elsewhere'] }],
    ['the entry has ended', {}, { ...others, expires: '2026-01-01' }],
    ['the entry was decided on another day', {}, { ...others, decided: '2026-11-01' }],
    ['the entry does not say when it was decided', {}, { ...others, decided: undefined }],
    [
      'nobody knows which product the app or those of the entry are',
      { product: undefined },
      { apps: ['app-2'], accounts: ['A1'], ...UNTIL },
    ],
  ])('is an entry of its own where %s', (_why, more, entry) => {
    const facts = { ...UNTIL, expires: entry.expires < '2026-11-02' ? '2027-01-01' : entry.expires };
    expect(approve({ ...FOUND, ...more } as Decidable, policy({ approvals: [entry] }), facts, HERE)).toMatchObject({
      index: 1,
      how: 'added',
    });
  });

  test('is an entry of its own where that is asked for', () => {
    const own = { ...others, apps: ['app-1'] };
    expect(approve(FOUND, policy({ approvals: [others] }), UNTIL, APART)).toMatchObject({ index: 1, how: 'added' });
    expect(approve(FOUND, policy({ approvals: [own] }), UNTIL, APART)).toMatchObject({ index: 1, how: 'added' });
  });

  const renewing = { approver: 'ciso', reason: 'Seen again', expires: '2027-02-02' };

  test('of the app alone is renewed: limits are raised to what it can do, days and names are set', () => {
    const own = { ...others, apps: ['app-1'], ceiling: { data: { files: 'admin', mail: 'read' } }, expires: '2026-01-01' };
    const { ceiling: _none, ...unlimited } = own;
    const set = (key: string, value: unknown) => ({ set: ['approvals', 1, key], value });
    const renewed = [set('approver', 'ciso'), set('reason', 'Seen again'), set('expires', '2027-02-02')];
    expect(approve(FOUND, policy({ approvals: [others, own] }), renewing, HERE)).toEqual({
      list: 'approvals',
      index: 1,
      how: 'renewed',
      edits: renewed,
    });
    expect(approve(FOUND, policy({ approvals: [others, unlimited] }), renewing, HERE).edits).toEqual(renewed);
    const tight = { ...own, ceiling: { data: { files: 'read' } } };
    expect(approve(FOUND, policy({ approvals: [others, tight] }), renewing, HERE).edits).toEqual([
      { set: ['approvals', 1, 'ceiling', 'data', 'files'], value: 'write' },
      { set: ['approvals', 1, 'ceiling', 'data', 'mail'], value: 'read' },
      ...renewed,
    ]);
  });

  test('that the app shares stays as it is for the others: the app is taken out into an entry of its own', () => {
    const shared = {
      ...others,
      apps: ['app-2', 'app-1'],
      ceiling: { data: { files: 'read' }, permissions: ['drive'] },
      stage: 'probation',
      ticket: 'SEC-1',
    };
    const entry = {
      ...shared,
      apps: ['app-1'],
      ceiling: { ...FOUND.ceiling, permissions: ['drive'] },
      ...renewing,
      decided: '2026-11-02',
    };
    expect(approve(FOUND, policy({ approvals: [shared] }), renewing, HERE)).toEqual({
      list: 'approvals',
      index: 1,
      how: 'parted',
      edits: [{ remove: ['approvals', 0, 'apps', 1] }, { append: ['approvals'], value: entry }],
    });
  });

  test('that the app shares is left by each place in which it stands, with the one way of being reviewed that is given', () => {
    const shared = { apps: ['app-1', 'app-2', 'app-1'], accounts: ['A1'], ...SIGNED, review: '2026-12-01' };
    expect(approve(FOUND, policy({ approvals: [shared] }), { ...SIGNED, reviewEvery: 90 }, HERE).edits).toEqual([
      { remove: ['approvals', 0, 'apps', 2] },
      { remove: ['approvals', 0, 'apps', 0] },
      {
        append: ['approvals'],
        value: {
          ...SIGNED,
          apps: ['app-1'],
          accounts: ['A1'],
          ceiling: FOUND.ceiling,
          reviewEvery: 90,
          reviewed: '2026-11-02',
          decided: '2026-11-02',
        },
      },
    ]);
    const [, , appended] = approve(FOUND, policy({ approvals: [shared] }), { ...SIGNED, reviewEvery: 90 }, HERE).edits;
    expect(appended).not.toHaveProperty('value.review');
  });

  test('that the app shares is renewed for all of them where that is asked for', () => {
    const shared = { ...others, apps: ['app-2', 'app-1'] };
    const decided = approve(FOUND, policy({ approvals: [shared] }), renewing, { ...HERE, all: true });
    expect(decided).toMatchObject({ index: 0, how: 'renewed' });
    expect(decided.edits).toContainEqual({ set: ['approvals', 0, 'expires'], value: '2027-02-02' });
  });

  test('that is renewed is the one in force, of several the last', () => {
    const own = { apps: ['app-1'], accounts: ['A1'], ...UNTIL };
    const ended = { ...own, expires: '2026-01-01' };
    const facts = { approver: 'ciso', reason: 'r' };
    expect(approve(FOUND, policy({ approvals: [own, own, ended] }), facts, HERE).index).toBe(1);
    expect(approve(FOUND, policy({ approvals: [own, ended] }), facts, HERE).index).toBe(0);
    expect(approve(FOUND, policy({ approvals: [ended, ended] }), facts, HERE).index).toBe(1);
  });

  test('on trial needs an end, and so does what was on trial', () => {
    expect(refusal(() => approve(FOUND, policy({}), { ...SIGNED, stage: 'probation' }, HERE))).toContain('A decision needs --expires');
    const trial = policy({ approvals: [{ apps: ['app-1'], accounts: ['A1'], ...SIGNED, stage: 'probation', expires: '2026-10-01' }] });
    const facts = { approver: 'ciso', reason: 'Good', stage: 'approved' as const };
    expect(refusal(() => approve(FOUND, trial, facts, HERE))).toContain('A decision needs --expires');
    // What stays on trial keeps its end, and what never was on trial needs none anew.
    expect(approve(FOUND, trial, { approver: 'ciso', reason: 'Again' }, HERE).how).toBe('renewed');
    const dueAgain = policy({ approvals: [{ apps: ['app-1'], accounts: ['A1'], ...SIGNED, review: '2027-01-01' }] });
    expect(approve(FOUND, dueAgain, facts, HERE).how).toBe('renewed');
    expect(approve(FOUND, trial, { ...facts, expires: '2027-10-01' }, HERE).edits).toContainEqual({
      set: ['approvals', 0, 'stage'],
      value: 'approved',
    });
  });

  test('that is reviewed again and again was reviewed today', () => {
    const added = approve(FOUND, policy({}), { ...SIGNED, reviewEvery: 90 }, HERE).edits[0];
    expect(added).toMatchObject({ value: { reviewEvery: 90, reviewed: '2026-11-02' } });
    const own = policy({ approvals: [{ apps: ['app-1'], accounts: ['A1'], ...SIGNED, reviewed: '2026-01-01', reviewEvery: 90 }] });
    expect(approve(FOUND, own, SIGNED, HERE).edits).toEqual([{ set: ['approvals', 0, 'reviewed'], value: '2026-11-02' }]);
  });

  test('has one way of being reviewed: the one that is given takes the place of the other', () => {
    const own = { apps: ['app-1'], accounts: ['A1'], ...SIGNED };
    expect(approve(FOUND, policy({ approvals: [{ ...own, review: '2026-12-01' }] }), { ...SIGNED, reviewEvery: 90 }, HERE).edits).toEqual([
      { remove: ['approvals', 0, 'review'] },
      { set: ['approvals', 0, 'reviewEvery'], value: 90 },
      { set: ['approvals', 0, 'reviewed'], value: '2026-11-02' },
    ]);
    const everyDays = { ...own, reviewed: '2026-10-01', reviewEvery: 90 };
    expect(approve(FOUND, policy({ approvals: [everyDays] }), { ...SIGNED, review: '2026-12-01' }, HERE).edits).toEqual([
      { remove: ['approvals', 0, 'reviewEvery'] },
      { set: ['approvals', 0, 'review'], value: '2026-12-01' },
    ]);
    expect(approve(FOUND, policy({ approvals: [{ ...own, expires: '2027-01-01' }] }), { ...SIGNED, reviewEvery: 90 }, HERE).edits).toEqual([
      { set: ['approvals', 0, 'reviewEvery'], value: 90 },
      { set: ['approvals', 0, 'reviewed'], value: '2026-11-02' },
    ]);
    expect(refusal(() => approve(FOUND, policy({}), { ...SIGNED, review: '2026-12-01', reviewEvery: 90 }, HERE))).toBe(
      '--review and --review-every do not go together Give one of the two.',
    );
  });

  test('that is renewed for fewer people keeps its other limits of who may hold it', () => {
    const own = { apps: ['app-1'], accounts: ['A1'], ...UNTIL, population: { most: 9, units: ['/Sales'] } };
    expect(approve(FOUND, policy({ approvals: [own] }), { ...SIGNED, population: { most: 5 } }, HERE).edits).toEqual([
      { set: ['approvals', 0, 'population'], value: { most: 5, units: ['/Sales'] } },
    ]);
  });

  test('needs who decides and why, says what it would not change, and ends in days to come', () => {
    const own = policy({ approvals: [{ apps: ['app-1'], accounts: ['A1'], ...UNTIL }] });
    expect(refusal(() => approve(FOUND, policy({}), { approver: 'a' }, HERE))).toBe(
      'A decision needs --owner, --reason, an end (--expires) or a review (--review, --review-every) Say who decides, why, and until when: it stands in the policy.',
    );
    expect(refusal(() => approve(FOUND, own, { owner: 'o' }, HERE))).toContain('A decision needs --approver, --reason');
    expect(refusal(() => approve(FOUND, own, UNTIL, HERE))).toBe('approvals[0] of the policy says so already Nothing was written.');
    for (const option of ['expires', 'review'] as const)
      expect(refusal(() => approve(FOUND, policy({}), { ...SIGNED, [option]: '2026-11-01' }, HERE))).toBe(
        `--${option} is over already: 2026-11-01 Give a day to come.`,
      );
    expect(approve(FOUND, policy({}), { ...SIGNED, review: '2026-11-02' }, HERE).how).toBe('added');
  });

  test('has an end or a review: what has neither is never looked at again', () => {
    const told = 'A decision needs an end (--expires) or a review (--review, --review-every)';
    expect(refusal(() => approve(FOUND, policy({}), SIGNED, HERE))).toContain(told);
    const endless = policy({ approvals: [{ apps: ['app-1'], accounts: ['A1'], ...SIGNED }] });
    expect(refusal(() => approve(FOUND, endless, { approver: 'ciso', reason: 'r' }, HERE))).toContain(told);
    expect(approve(FOUND, endless, { approver: 'ciso', reason: 'r', reviewEvery: 90 }, HERE).how).toBe('renewed');
  });

  test.each([
    ['--owner is empty Give a text, or leave it out.', { owner: ' ' }],
    ['--evidence is empty', { evidence: ['minutes', ''] }],
    ['--business-process is empty', { businessProcess: '' }],
    ['--review-every 0 is too little', { reviewEvery: 0 }],
    ['--review-every 2000 is too much Give a whole number from 1 to', { reviewEvery: 2000 }],
    ['--most 0 is too little', { population: { most: 0 } }],
  ])('is refused by the name of the option: %s', (told, facts) => {
    expect(refusal(() => approve(FOUND, policy({}), { ...UNTIL, ...facts }, HERE))).toContain(told);
  });
});

test('the least and the most that a number may be are let through', () => {
  for (const reviewEvery of [1, MOST_DAYS_BETWEEN_REVIEWS]) expect(() => refuseUnfit({ reviewEvery })).not.toThrow();
});

describe('a denial', () => {
  test('is added, widens one of the product, or says something else of the app', () => {
    const others = { product: 'acme/brain', apps: ['app-2'], accounts: ['A1'], reason: 'no', decided: '2026-11-02' };
    expect(deny(FOUND, policy({}), { reason: 'no', redirect: 'Cortex' }, HERE)).toEqual({
      list: 'denials',
      index: 0,
      how: 'added',
      edits: [{ append: ['denials'], value: { ...TARGET, reason: 'no', redirect: 'Cortex', decided: '2026-11-02' } }],
    });
    expect(deny(FOUND, policy({ denials: [others] }), { reason: 'no' }, HERE).edits).toEqual([
      { append: ['denials', 0, 'apps'], value: 'app-1' },
    ]);
    expect(deny(FOUND, policy({ denials: [others] }), { reason: 'else' }, HERE)).toMatchObject({ index: 1, how: 'added' });
    const earlier = { ...others, decided: '2026-11-01' };
    expect(deny(FOUND, policy({ denials: [earlier] }), { reason: 'no' }, HERE)).toMatchObject({ index: 1, how: 'added' });
    const own = { apps: ['app-1'], accounts: ['A1'], reason: 'no' };
    expect(deny(FOUND, policy({ denials: [own] }), { redirect: 'Cortex' }, HERE)).toEqual({
      list: 'denials',
      index: 0,
      how: 'renewed',
      edits: [{ set: ['denials', 0, 'redirect'], value: 'Cortex' }],
    });
    expect(refusal(() => deny(FOUND, policy({ denials: [own] }), { reason: 'no' }, HERE))).toContain(
      'denials[0] of the policy says so already',
    );
    expect(deny(FOUND, policy({ denials: [others] }), { reason: 'no' }, APART)).toMatchObject({ index: 1, how: 'added' });
    expect(refusal(() => deny(FOUND, policy({}), {}, HERE))).toContain('A decision needs --reason');
    expect(refusal(() => deny(FOUND, policy({}), { reason: 'no', redirect: '' }, HERE))).toContain('--redirect is empty');
  });

  test('of one app changes nothing of the others in an entry, and holds in its account alone', () => {
    const shared = { product: 'acme/brain', apps: ['app-1', 'app-2'], accounts: ['A1'], reason: 'no' };
    const { accounts: _none, ...everywhere } = shared;
    expect(deny(FOUND, policy({ denials: [shared] }), { redirect: 'Cortex' }, HERE).edits).toEqual([
      { remove: ['denials', 0, 'apps', 0] },
      { append: ['denials'], value: { ...shared, apps: ['app-1'], redirect: 'Cortex', decided: '2026-11-02' } },
    ]);
    expect(refusal(() => deny(FOUND, policy({ denials: [everywhere] }), { redirect: 'Cortex' }, HERE))).toContain(
      'denials[0] of the policy is about this app in every account',
    );
    expect(deny(FOUND, policy({}), { reason: 'no' }, EVERYWHERE).edits[0]).not.toHaveProperty('value.accounts');
  });
});

describe('an exception', () => {
  const facts = { owner: 'o', reason: 'r', until: '2027-03-31' };

  test('names the whole id of the finding, and one that is there is given its next day', () => {
    expect(except(FOUND, policy({}), facts, NOW).edits).toEqual([{ append: ['exceptions'], value: { finding: FOUND.key, ...facts } }]);
    const there = { finding: '01234567', owner: 'o', reason: 'r', until: '2026-12-01' };
    expect(except(FOUND, policy({ exceptions: [{ ...there, finding: '89abcdef' }, there] }), facts, NOW)).toEqual({
      list: 'exceptions',
      index: 1,
      how: 'renewed',
      edits: [{ set: ['exceptions', 1, 'until'], value: '2027-03-31' }],
    });
    expect(except(FOUND, policy({ exceptions: [there] }), facts, NOW)).toMatchObject({ index: 0, how: 'renewed' });
    expect(refusal(() => except(FOUND, policy({ exceptions: [there] }), { ...facts, until: there.until }, NOW))).toContain(
      'exceptions[0] of the policy says so already',
    );
  });

  test('is refused by the name of the option that is empty', () => {
    expect(refusal(() => except(FOUND, policy({}), { ...facts, reason: '' }, NOW))).toContain('--reason is empty');
  });

  test('ends within a year', () => {
    expect(refusal(() => except(FOUND, policy({}), { ...facts, until: '2027-11-04' }, NOW))).toBe(
      'An exception holds for a year at most, and 2027-11-04 is later Give a day within a year with --until.',
    );
    expect(except(FOUND, policy({}), { ...facts, until: '2027-11-03' }, NOW).how).toBe('added');
    expect(refusal(() => except(FOUND, policy({}), { ...facts, until: '2026-11-01' }, NOW))).toContain('--until is over already');
    expect(refusal(() => except(FOUND, policy({}), { owner: 'o', reason: 'r' }, NOW))).toContain('A decision needs --until');
  });
});
