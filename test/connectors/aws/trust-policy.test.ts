import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../../connectors/aws/policy-document.ts';
import { issuerOf, trustsOf, type Trust } from '../../../connectors/aws/trust-policy.ts';

const OWN = '111122223333';
const VENDOR = '444455556666';

/** Whom a role trusts by this statement. */
function trusts(...statements: readonly object[]): Trust[] {
  const parsed = parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }));
  if (!parsed) throw new Error('The document is no policy');
  return trustsOf(parsed, OWN);
}

function only(...statements: readonly object[]): Trust {
  const [trust, ...more] = trusts(...statements);
  expect(more).toEqual([]);
  return trust!;
}

const allow = (Principal: unknown, Condition?: object, Action: unknown = 'sts:AssumeRole') => ({
  Effect: 'Allow',
  Principal,
  Action,
  ...(Condition && { Condition }),
});
const vendorRole = { AWS: `arn:aws:iam::${VENDOR}:role/reader` };

describe('a policy document', () => {
  const document = { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: VENDOR }, Sid: 'half of it, 50% more' }] };
  const raw = JSON.stringify(document);

  test.each([
    ['percent-encoded', encodeURIComponent(raw)],
    ['raw', JSON.stringify({ Statement: [{ ...document.Statement[0], Sid: 'plain' }] })],
    ['raw with a lone %', raw],
    ['raw after white space', `\n  ${raw}`],
    ['with lists', JSON.stringify({ Statement: [{ Effect: 'Allow', Action: ['sts:AssumeRole'], Principal: { AWS: [VENDOR] } }] })],
    ['with a single statement', JSON.stringify({ Statement: document.Statement[0] })],
  ])('is read %s', (_form, text) => {
    const parsed = parsePolicy(text);
    expect(parsed).toEqual([
      {
        effect: 'Allow',
        actions: ['sts:AssumeRole'],
        notActions: [],
        principals: [{ type: 'AWS', value: VENDOR }],
        resources: ['*'],
        conditions: [],
      },
    ]);
  });

  test.each([
    ['no JSON', 'not a policy'],
    ['broken percent-encoding', '%7B%2'],
    ['JSON without statements', '{"Version":"2012-10-17"}'],
    ['a list', '[]'],
    ['a statement without effect', '{"Statement":[{"Action":"sts:AssumeRole"}]}'],
    ['empty', ''],
  ])('that is %s is no policy, not an empty one', (_what, text) => expect(parsePolicy(text)).toBeUndefined());
});

describe('a trust', () => {
  test.each([
    ['12 digits', VENDOR, true],
    ['an ARN', `arn:aws:iam::${VENDOR}:role/team/reader`, false],
    ['the root of the account', `arn:aws:iam::${VENDOR}:root`, true],
    ['a session', `arn:aws:sts::${VENDOR}:assumed-role/reader/me`, false],
    ['another partition', `arn:aws-us-gov:iam::${VENDOR}:user/reader`, false],
    ['a list of both', [VENDOR, `arn:aws:iam::${VENDOR}:role/reader`], true],
  ])('names an account by %s', (_form, AWS, wholeAccount) =>
    expect(only(allow({ AWS }))).toMatchObject({ party: VENDOR, kind: 'account', wholeAccount }),
  );

  test.each([
    ['of the own account', allow({ AWS: [OWN, `arn:aws:iam::${OWN}:root`] })],
    ['by a denial', { ...allow(vendorRole), Effect: 'Deny' }],
    ['for another action', allow(vendorRole, undefined, ['sts:TagSession', 'sts:SetSourceIdentity'])],
    ['for all actions but assuming', { Effect: 'Allow', Principal: vendorRole, NotAction: 'sts:*' }],
  ])('is not made %s', (_what, statement) => expect(trusts(statement)).toEqual([]));

  test.each(['sts:AssumeRole', 'sts:assumerole*', 'STS:*', '*', 'sts:AssumeRoleWithWebIdentity', ['sts:TagSession', 'sts:AssumeRole']])(
    'is made by the action %s',
    (action) => expect(trusts(allow(vendorRole, undefined, action))).toHaveLength(1),
  );

  test('is made by all actions but others', () => {
    expect(trusts({ Effect: 'Allow', Principal: vendorRole, NotAction: 'sts:TagSession' })).toHaveLength(1);
  });

  test.each([
    ['everybody, in short', '*', '*', 'anyone'],
    ['everybody', { AWS: '*' }, '*', 'anyone'],
    ['a service', { Service: 'Lambda.amazonaws.com' }, 'lambda.amazonaws.com', 'service'],
    ['a SAML provider', { Federated: `arn:aws:iam::${OWN}:saml-provider/people` }, `arn:aws:iam::${OWN}:saml-provider/people`, 'saml'],
    ['an issuer', { Federated: `arn:aws:iam::${OWN}:oidc-provider/ci.example` }, 'ci.example', 'oidc'],
    ['an issuer with a path', { Federated: `arn:aws:iam::${OWN}:oidc-provider/k8s.example/id/AB` }, 'k8s.example/id/AB', 'oidc'],
    ['an issuer that AWS knows', { Federated: 'accounts.google.com' }, 'accounts.google.com', 'oidc'],
    ['a deleted role', { AWS: 'AROA4NUO3WQ7BXBINK2IW' }, 'AROA4NUO3WQ7BXBINK2IW', 'deleted'],
  ])('names %s', (_what, principal, party, kind) => expect(only(allow(principal))).toMatchObject({ party, kind }));

  test('admits everybody where it only says who is left out', () => {
    expect(only({ Effect: 'Allow', NotPrincipal: { AWS: VENDOR }, Action: 'sts:AssumeRole' })).toMatchObject({
      party: '*',
      kind: 'anyone',
    });
  });
});

describe('an external id', () => {
  test.each([
    ['StringEquals', { StringEquals: { 'sts:ExternalId': 'agreed' } }, true],
    ['StringEquals in another spelling', { stringequals: { 'STS:externalID': ['agreed', 'before'] } }, true],
    ['StringLike without a wildcard', { StringLike: { 'sts:ExternalId': 'agreed' } }, true],
    ['ForAnyValue', { 'ForAnyValue:StringEquals': { 'sts:ExternalId': ['agreed'] } }, true],
    ['StringLike with a wildcard', { StringLike: { 'sts:ExternalId': 'tenant-*' } }, false],
    ['StringLike with everything', { StringLike: { 'sts:ExternalId': ['agreed', '*'] } }, false],
    ['IfExists', { StringEqualsIfExists: { 'sts:ExternalId': 'agreed' } }, false],
    ['ForAllValues', { 'ForAllValues:StringEquals': { 'sts:ExternalId': 'agreed' } }, false],
    ['StringNotEquals', { StringNotEquals: { 'sts:ExternalId': 'agreed' } }, false],
    ['Null', { Null: { 'sts:ExternalId': false } }, false],
    ['another key', { StringEquals: { 'aws:username': 'agreed' } }, false],
    ['nothing', undefined, false],
  ])('under %s', (_what, condition, bound) => expect(only(allow(vendorRole, condition)).externalIdBound).toBe(bound));

  test('binds nobody when a second statement does without it, and its value is not kept', () => {
    const trust = only(allow(vendorRole, { StringEquals: { 'sts:ExternalId': 'agreed-value' } }), allow({ AWS: VENDOR }));
    expect(trust).toMatchObject({ externalIdBound: false, wholeAccount: true, conditionKeys: ['sts:externalid'] });
    expect(JSON.stringify(trust)).not.toContain('agreed-value');
  });
});

describe('everybody', () => {
  test.each([
    ['of our organisation', { StringEquals: { 'aws:PrincipalOrgID': 'o-abcdefghij' } }, true, ['o-abcdefghij']],
    ['of any organisation', { StringLike: { 'aws:PrincipalOrgID': 'o-*' } }, false, []],
    ['without condition', undefined, false, []],
  ])('%s', (_what, condition, principalOrgBound, principalOrgIds) =>
    expect(only(allow('*', condition))).toMatchObject({ party: '*', principalOrgBound, principalOrgIds }),
  );
});

describe('the subject of a token', () => {
  const issuer = { Federated: `arn:aws:iam::${OWN}:oidc-provider/ci.example` };
  test.each([
    ['named', { StringEquals: { 'ci.example:aud': 'sts', 'ci.example:sub': 'repo:us/app:ref:refs/heads/main' } }, true],
    ['named by its beginning', { StringLike: { 'CI.example:sub': 'repo:us/*' } }, true],
    ['open at its beginning', { StringLike: { 'ci.example:sub': '*:main' } }, false],
    ['of another issuer', { StringEquals: { 'other.example:sub': 'repo:us/app' } }, false],
    ['left out', { StringEquals: { 'ci.example:aud': 'sts' } }, false],
  ])('%s', (_what, condition, subjectBound) => expect(only(allow(issuer, condition)).subjectBound).toBe(subjectBound));
});

test('an issuer has one spelling', () => {
  expect(['https://CI.example/', 'ci.example', 'https://ci.example'].map(issuerOf)).toEqual(['ci.example', 'ci.example', 'ci.example']);
  expect(issuerOf('https://K8s.example/id/AbC')).toBe('k8s.example/id/AbC');
});
