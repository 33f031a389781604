import { expect, test } from 'vitest';
import { endingOf, type Basis, type Ended, type EndedApp } from '../../src/policy/ending.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { policy, SIGNED } from './apps.ts';

const AT = '2026-11-03T02:00:00.000Z';
const NOTHING = policy({});
const APPROVED = policy({ approvals: [{ apps: ['app'], ...SIGNED }] });
const DENIED = policy({ denials: [{ apps: ['app'], reason: 'no' }] });
const EXCEPTED = policy({ exceptions: [{ finding: 'aaaaaaaa', owner: 'it', reason: 'in spring', until: '2026-12-31' }] });
const THERE: EndedApp = {
  state: 'present',
  wasGone: false,
  product: null,
  grade: 'strong',
  sanctioned: false,
  denied: false,
  isAnother: false,
  turned: false,
};
const GONE: EndedApp = { ...THERE, state: 'gone' };
const basis = (text: Policy | undefined, policyHash = JSON.stringify(text)): Basis => ({ at: AT, policyHash, policy: text });

function ended(app: EndedApp | null, more: Partial<Ended> = {}): Ended {
  return {
    key: 'aaaaaaaa1',
    scan: 2,
    event: 'resolved',
    rule: 'unapproved-ai-tool',
    connector: 'github',
    account: '1',
    appId: 'app',
    app,
    isStated: true,
    credential: null,
    went: app?.state === 'gone',
    settledBy: ['approval', 'denial'],
    ...more,
  };
}

const after = (one: Ended, now: Policy | undefined = NOTHING, before: Policy | undefined = NOTHING) =>
  endingOf(one, basis(now), basis(before));

test('what is gone was removed, and whether a denial was about it is told', () => {
  expect(after(ended(GONE))).toBe('removed');
  expect(after(ended({ ...GONE, denied: true }))).toBe('removedDenied');
  expect(after(ended(GONE, { rule: 'denied-ai-tool' }))).toBe('removedDenied');
  expect(after(ended(THERE, { credential: 'gone' }))).toBe('removed');
});

test('what is there was ended by a new approval, a new denial, an exception, or by something else', () => {
  expect(after(ended({ ...THERE, sanctioned: true }), APPROVED)).toBe('approved');
  expect(after(ended({ ...THERE, sanctioned: null }), APPROVED)).toBe('approved');
  expect(after(ended({ ...THERE, denied: true }), DENIED)).toBe('denied');
  expect(after(ended(THERE, { event: 'excepted' }), EXCEPTED)).toBe('excepted');
  expect(after(ended(THERE))).toBe('otherwise');
  // It keeps to an approval that was there before: nobody decided anew.
  expect(after(ended({ ...THERE, sanctioned: true }, { rule: 'approval-exceeded' }), APPROVED, APPROVED)).toBe('otherwise');
  expect(after(ended({ ...THERE, sanctioned: true }, { settledBy: [] }), APPROVED)).toBe('otherwise');
});

test('an app that was known as something else before may fall within an approval that was there', () => {
  expect(after(ended({ ...THERE, sanctioned: true, isAnother: true }), APPROVED, APPROVED)).toBe('approved');
});

test('where two things may have ended it, or what is stored does not tell, nothing is guessed', () => {
  expect(after(ended(GONE), APPROVED)).toBe('unknown');
  expect(after(ended(GONE), EXCEPTED)).toBe('unknown');
  expect(after(ended({ ...GONE, turned: true }))).toBe('unknown');
  expect(after(ended({ ...GONE, isAnother: true }))).toBe('unknown');
  expect(after(ended(GONE, { isStated: false }))).toBe('unknown');
  expect(after(ended(THERE, { went: true }))).toBe('unknown');
  expect(after(ended(null))).toBe('unknown');
  expect(endingOf(ended(GONE), undefined, undefined)).toBe('unknown');
});

test('a policy that is not kept tells nothing, save that it was the same as before', () => {
  expect(endingOf(ended(GONE), basis(undefined, 'b'), basis(NOTHING, 'a'))).toBe('unknown');
  expect(endingOf(ended(GONE), basis(NOTHING, 'b'), basis(undefined, 'a'))).toBe('unknown');
  expect(endingOf(ended(GONE), basis(undefined, 'a'), basis(undefined, 'a'))).toBe('removed');
});

test('what was gone before ended for another reason, and entries that are over end nothing', () => {
  expect(after(ended({ ...GONE, wasGone: true }))).toBe('otherwise');
  const over = policy({ approvals: [{ apps: ['app'], ...SIGNED, expires: '2026-11-01' }] });
  expect(after(ended(GONE), over)).toBe('removed');
});
