import { describe, expect, test } from 'vitest';
import type { Integration, Thing } from '../../src/policy/integration.ts';
import { hitsOf } from '../../src/policy/rules.ts';
import { app, thing, verdict } from './invented.ts';

const OPEN = { conditioned: false, internal: false };
const trust = (attributes: Thing['attributes'], more: Partial<Thing> = {}) =>
  thing(1, { kind: 'trust', holder: { id: 'r', name: 'deployer', traits: [] }, attributes, ...more });

/** Rule and severity of what fires on an app of these trusts, beyond what any app of AI gets. */
function hits(things: readonly Thing[], more: Partial<Integration> = {}) {
  const one = app({ things, kinds: ['trust'], name: 'Somebody', match: verdict('unknown'), ...more });
  return hitsOf(one, { is: 'undecided' })
    .filter(({ rule }) => rule.startsWith('trust-') || rule.startsWith('general-'))
    .map(({ rule, severity }) => `${rule} ${severity}`);
}

describe('a trust', () => {
  test.each([
    ['in everybody', { ...OPEN, trusts: 'anyone' }, ['trust-without-condition critical']],
    ['in everybody of our own', { ...OPEN, trusts: 'anyone', internal: true }, []],
    ['in whomever an issuer vouches for', { ...OPEN, trusts: 'oidc' }, ['trust-without-condition critical']],
    ['in an issuer and a subject', { ...OPEN, trusts: 'oidc', conditioned: true }, []],
    ['in an account', { ...OPEN, trusts: 'account' }, ['trust-without-condition high', 'trust-of-unnamed-account low']],
    ['in an account, bound', { ...OPEN, trusts: 'account', conditioned: true }, ['trust-of-unnamed-account low']],
    [
      'of a role that can use AI',
      { ...OPEN, trusts: 'account', conditioned: true, aiLevel: 'invoke-star' },
      ['trust-of-unnamed-account medium'],
    ],
    ['of a role that can not', { ...OPEN, trusts: 'account', conditioned: true, aiLevel: 'none' }, ['trust-of-unnamed-account low']],
    ['in an account of our own', { ...OPEN, trusts: 'account', internal: true }, []],
    ['in a service that runs programs', { ...OPEN, trusts: 'service' }, []],
    ['in what was deleted', { ...OPEN, trusts: 'deleted', conditioned: true }, ['trust-of-deleted-party low']],
  ])('%s', (_what, attributes, expected) => {
    expect(hits([trust(attributes)])).toEqual(expected);
  });

  test('in an AI service that acts for anybody is too wide', () => {
    expect(hits([trust({ ...OPEN, trusts: 'service' })], { match: verdict('ai') })).toEqual(['trust-without-condition medium']);
  });

  test('in an account that the catalog names needs no name, but a condition still', () => {
    expect(hits([trust({ ...OPEN, trusts: 'account' })], { match: verdict('ai') })).toEqual(['trust-without-condition high']);
  });

  test('that is approved needs no name, but a condition still', () => {
    const one = app({ things: [trust({ ...OPEN, trusts: 'account' })], match: verdict('unknown') });
    const approval = { apps: ['app-1'], owner: 'o', approver: 'a', reason: 'r', expires: '2027-01-01' };
    expect(hitsOf(one, { is: 'approved', approval }).map(({ rule }) => rule)).toEqual(['trust-without-condition']);
  });

  test('is one by its kind, and in a service it is one, not in what else an AI app is named by', () => {
    expect(hits([thing(1, { attributes: { ...OPEN, trusts: 'account' } })])).toEqual([]);
    expect(hits([trust({ ...OPEN, trusts: 'deleted' })], { match: verdict('ai') })).toEqual(['trust-of-deleted-party low']);
  });

  test('that is gone is no matter', () => {
    expect(hits([trust({ ...OPEN, trusts: 'anyone' }, { state: 'gone' })])).toEqual([]);
  });

  test('says who is let in by what', () => {
    const one = app({ things: [trust({ ...OPEN, trusts: 'anyone' })], match: verdict('unknown'), name: 'Somebody' });
    expect(hitsOf(one, { is: 'undecided' })[0]?.details).toEqual(['Somebody is let in by deployer without a condition']);
    const details = (...attributes: Thing['attributes'][]) =>
      hitsOf(app({ things: attributes.map((each) => trust(each)), match: verdict('unknown'), name: 'Somebody' }), { is: 'undecided' }).map(
        (hit) => [hit.severity, ...hit.details],
      );
    const account = { trusts: 'account', conditioned: true };
    expect(details(account, account)).toEqual([['low', 'Somebody may act as deployer', 'Somebody may act as deployer']]);
    expect(details(account, { ...account, aiLevel: 'admin' })[0]?.slice(0, 2)).toEqual([
      'medium',
      'Somebody may act as deployer, which can use AI services',
    ]);
    expect(details({ ...account, trusts: 'deleted' })).toEqual([['low', 'deployer still trusts Somebody']]);
  });
});

describe('an account that was made for one key', () => {
  const holder = { id: 'u', name: 'made-for-a-key', traits: ['key_holder'] as const };
  test('must hold no key that opens everything', () => {
    expect(hits([thing(1, { kind: 'api_key', holder, attributes: { general: true } })])).toEqual(['general-key-of-key-holder critical']);
    const one = app({ things: [thing(1, { kind: 'api_key', holder, attributes: { general: true } })], match: verdict('unknown') });
    expect(hitsOf(one, { is: 'undecided' })[0]?.details).toEqual(['made-for-a-key was made for one key, and holds a general one']);
  });
  test.each([
    ['its own key', { holder, attributes: {} }],
    ['a key that is switched off', { holder, attributes: { general: true }, use: 'inactive' as const }],
    ["another account's key", { attributes: { general: true } }],
  ])('%s is another matter', (_what, more) => {
    expect(hits([thing(1, { kind: 'api_key', ...more })])).toEqual([]);
  });
});
