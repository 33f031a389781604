import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/connector/index.ts';
import { approve, deny, except, type Decidable, type Decision } from '../../src/policy/decide.ts';
import { NOW, policy, SIGNED } from './apps.ts';

const FOUND: Decidable = {
  key: '0123456789abcdef0123456789abcdef',
  connector: 'provider',
  account: 'A1',
  appId: 'app-1',
  grade: 'exact',
  target: { product: 'acme/brain', apps: ['app-1'], connectors: ['provider'] },
  ceiling: { data: { files: 'write', mail: 'read' } },
};
const HERE = { now: NOW, separate: false };
const APART = { now: NOW, separate: true };

function refusal(decide: () => Decision): string {
  try {
    return JSON.stringify(decide());
  } catch (error) {
    if (error instanceof ConfigError) return `${error.message} ${error.fix}`;
    throw error;
  }
}

describe('an approval', () => {
  const others = { product: 'acme/brain', apps: ['app-2'], ...SIGNED, expires: '2027-01-01' };

  test('is added with the id that was seen and the limits of what it can do', () => {
    const entry = { ...FOUND.target, ceiling: FOUND.ceiling, ...SIGNED, expires: '2027-01-01', decided: '2026-11-02' };
    expect(approve(FOUND, policy({}), { ...SIGNED, expires: '2027-01-01', ticket: undefined }, HERE)).toEqual({
      list: 'approvals',
      index: 0,
      how: 'added',
      edits: [{ append: ['approvals'], value: entry }],
    });
  });

  test('widens the entry that approves other apps of the product, and changes nothing else in it', () => {
    const widened = { list: 'approvals', index: 0, how: 'widened', edits: [{ append: ['approvals', 0, 'apps'], value: 'app-1' }] };
    expect(approve(FOUND, policy({ approvals: [others] }), {}, HERE)).toEqual(widened);
    expect(approve(FOUND, policy({ approvals: [others] }), { owner: SIGNED.owner }, HERE)).toEqual(widened);
    expect(refusal(() => approve(FOUND, policy({ approvals: [others] }), { ...SIGNED, expires: '2027-02-02' }, HERE))).toBe(
      'approvals[0] of the policy is about the same product, and says otherwise: expires is "2027-01-01"' +
        ' Leave out --expires to widen that entry by the app, or give --separate for an entry of its own.',
    );
  });

  test.each([
    ['only a name ties the app to the product', { grade: 'likely' }, others],
    ['the entry is of another product', {}, { ...others, product: 'acme/cortex' }],
    ['the entry lists no ids, which one id would make narrower', {}, { product: 'acme/brain', ...SIGNED }],
    ['the entry holds in another account', {}, { ...others, accounts: ['A2'] }],
    ['the entry holds for another connector', {}, { ...others, connectors: ['elsewhere'] }],
    ['the entry has ended', {}, { ...others, expires: '2026-01-01' }],
  ])('is an entry of its own where %s', (_why, more, entry) => {
    expect(approve({ ...FOUND, ...more }, policy({ approvals: [entry] }), SIGNED, HERE)).toMatchObject({ index: 1, how: 'added' });
  });

  test('is an entry of its own where that is asked for', () => {
    const own = { ...others, apps: ['app-1'] };
    expect(approve(FOUND, policy({ approvals: [others] }), SIGNED, APART)).toMatchObject({ index: 1, how: 'added' });
    expect(approve(FOUND, policy({ approvals: [own] }), SIGNED, APART)).toMatchObject({ index: 1, how: 'added' });
  });

  test('that lists the app is renewed: limits are raised to what it can do, days and names are set', () => {
    const own = { ...others, apps: ['app-2', 'app-1'], ceiling: { data: { files: 'admin', mail: 'read' } }, expires: '2026-01-01' };
    const { ceiling: _none, ...unlimited } = own;
    const facts = { approver: 'ciso', reason: 'Seen again', expires: '2027-01-01' };
    const set = (key: string, value: unknown) => ({ set: ['approvals', 1, key], value });
    const renewed = [set('approver', 'ciso'), set('reason', 'Seen again'), set('expires', '2027-01-01')];
    expect(approve(FOUND, policy({ approvals: [others, own] }), facts, HERE)).toEqual({
      list: 'approvals',
      index: 1,
      how: 'renewed',
      edits: renewed,
    });
    expect(approve(FOUND, policy({ approvals: [others, unlimited] }), facts, HERE).edits).toEqual(renewed);
    const tight = { ...own, ceiling: { data: { files: 'read' } } };
    expect(approve(FOUND, policy({ approvals: [others, tight] }), facts, HERE).edits).toEqual([
      { set: ['approvals', 1, 'ceiling', 'data', 'files'], value: 'write' },
      { set: ['approvals', 1, 'ceiling', 'data', 'mail'], value: 'read' },
      ...renewed,
    ]);
  });

  test('that is renewed is the one in force, of several the last', () => {
    const own = { apps: ['app-1'], ...SIGNED };
    const ended = { ...own, expires: '2026-01-01' };
    const facts = { approver: 'ciso', reason: 'r' };
    expect(approve(FOUND, policy({ approvals: [own, own, ended] }), facts, HERE).index).toBe(1);
    expect(approve(FOUND, policy({ approvals: [ended, ended] }), facts, HERE).index).toBe(1);
  });

  test('on trial needs an end, and so does what was on trial', () => {
    expect(refusal(() => approve(FOUND, policy({}), { ...SIGNED, stage: 'probation' }, HERE))).toContain('A decision needs --expires');
    const trial = policy({ approvals: [{ apps: ['app-1'], ...SIGNED, stage: 'probation', expires: '2026-10-01' }] });
    const facts = { approver: 'ciso', reason: 'Good', stage: 'approved' as const };
    expect(refusal(() => approve(FOUND, trial, facts, HERE))).toContain('A decision needs --expires');
    expect(approve(FOUND, trial, { ...facts, expires: '2027-10-01' }, HERE).edits).toContainEqual({
      set: ['approvals', 0, 'stage'],
      value: 'approved',
    });
  });

  test('that is reviewed again and again was reviewed today', () => {
    const added = approve(FOUND, policy({}), { ...SIGNED, reviewEvery: 90 }, HERE).edits[0];
    expect(added).toMatchObject({ value: { reviewEvery: 90, reviewed: '2026-11-02' } });
    const own = policy({ approvals: [{ apps: ['app-1'], ...SIGNED, reviewed: '2026-01-01', reviewEvery: 90 }] });
    expect(approve(FOUND, own, SIGNED, HERE).edits).toEqual([{ set: ['approvals', 0, 'reviewed'], value: '2026-11-02' }]);
  });

  test('needs who decides and why, says what it would not change, and ends in days to come', () => {
    const own = policy({ approvals: [{ apps: ['app-1'], ...SIGNED }] });
    expect(refusal(() => approve(FOUND, policy({}), { approver: 'a' }, HERE))).toContain('A decision needs --owner, --reason');
    expect(refusal(() => approve(FOUND, own, { owner: 'o' }, HERE))).toContain('A decision needs --approver, --reason');
    expect(refusal(() => approve(FOUND, own, SIGNED, HERE))).toContain('approvals.0 of the policy says so already');
    expect(refusal(() => approve(FOUND, policy({}), { ...SIGNED, expires: '2026-11-01' }, HERE))).toContain(
      '--expires is over already: 2026-11-01',
    );
    expect(approve(FOUND, policy({}), { ...SIGNED, review: '2026-11-02' }, HERE).how).toBe('added');
  });
});

describe('a denial', () => {
  test('is added, widens one of the product, or says something else of the app', () => {
    const others = { product: 'acme/brain', apps: ['app-2'], reason: 'no' };
    expect(deny(FOUND, policy({}), { reason: 'no', redirect: 'Cortex' }, HERE)).toEqual({
      list: 'denials',
      index: 0,
      how: 'added',
      edits: [{ append: ['denials'], value: { ...FOUND.target, reason: 'no', redirect: 'Cortex', decided: '2026-11-02' } }],
    });
    expect(deny(FOUND, policy({ denials: [others] }), { reason: 'no' }, HERE).edits).toEqual([
      { append: ['denials', 0, 'apps'], value: 'app-1' },
    ]);
    expect(deny(FOUND, policy({ denials: [{ apps: ['app-1'], reason: 'no' }] }), { redirect: 'Cortex' }, HERE)).toMatchObject({
      how: 'renewed',
      edits: [{ set: ['denials', 0, 'redirect'], value: 'Cortex' }],
    });
    expect(deny(FOUND, policy({ denials: [others] }), { reason: 'else' }, APART).index).toBe(1);
    expect(refusal(() => deny(FOUND, policy({}), {}, HERE))).toContain('A decision needs --reason');
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
  });

  test('ends within a year', () => {
    expect(refusal(() => except(FOUND, policy({}), { ...facts, until: '2027-11-04' }, NOW))).toContain('for a year at most');
    expect(except(FOUND, policy({}), { ...facts, until: '2027-11-03' }, NOW).how).toBe('added');
    expect(refusal(() => except(FOUND, policy({}), { ...facts, until: '2026-11-01' }, NOW))).toContain('--until is over already');
    expect(refusal(() => except(FOUND, policy({}), { owner: 'o', reason: 'r' }, NOW))).toContain('A decision needs --until');
  });
});
