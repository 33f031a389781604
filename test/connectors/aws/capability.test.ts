import { describe, expect, test } from 'vitest';
import { capabilityOf } from '../../../connectors/aws/capability.ts';
import { granted } from '../../../connectors/aws/permissions.ts';
import { parsePolicy } from '../../../connectors/aws/policy-document.ts';

const NOTHING_SHARED = { groups: new Map(), policies: new Map() };
const aws = (name: string) => `arn:aws:iam::aws:policy/${name}`;
const document = (...statements: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const allow = (Action: unknown, Resource: unknown = '*', more: object = {}) => ({ Effect: 'Allow', Action, Resource, ...more });
const deny = (Action: unknown, more: object = {}) => ({ Effect: 'Deny', Action, Resource: '*', ...more });

function capability(statements: readonly object[], managed: readonly string[] = []) {
  return capabilityOf(parsePolicy(document(...statements))!, managed.map(aws));
}

describe('how far a principal gets with models and agents', () => {
  test.each([
    ['everything', [allow('*')], 'admin', true],
    ['everything but administering users', [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }], 'admin', true],
    ['a whole service', [allow('bedrock:*')], 'service-wildcard', false],
    ['a pattern over services', [allow('sage*:*')], 'service-wildcard', false],
    ['invoking, in any spelling, on everything', [allow('Bedrock:invokemodel*')], 'invoke-star', false],
    ['invoking one model', [allow('bedrock:InvokeModel', 'arn:aws:bedrock:us-east-1::foundation-model/one')], 'model-scoped', false],
    ['reading alone', [allow(['bedrock:List*', 'bedrock:GetAgent'])], 'none', false],
    ['another service', [allow('s3:*')], 'none', false],
    ['a denial that takes it all back', [allow('bedrock:*'), deny('bedrock:*')], 'none', false],
    [
      'a denial under a condition',
      [allow('bedrock:*'), deny('bedrock:*', { Condition: { Bool: { x: 'true' } } })],
      'service-wildcard',
      false,
    ],
    [
      'a denial of some resources',
      [allow('bedrock:*'), deny('bedrock:*', { Resource: 'arn:aws:bedrock:*::x/y' })],
      'service-wildcard',
      false,
    ],
    ['a denial of everything', [allow('*'), deny('*')], 'none', false],
    ['administering users', [allow('iam:*')], 'none', true],
    ['administering users, denied', [allow('iam:*'), deny('iam:*')], 'none', false],
  ])('%s', (_what, statements, level, administrator) => {
    expect(capability(statements)).toMatchObject({ level, administrator });
  });

  test('a managed policy of AWS is judged by the table, and by a denial beside it', () => {
    expect(capability([], ['AmazonBedrockLimitedAccess'])).toMatchObject({ level: 'service-wildcard', administrator: false });
    expect(capability([deny('bedrock*:*')], ['AmazonBedrockLimitedAccess'])).toMatchObject({ level: 'none', services: {} });
    expect(capability([], ['AdministratorAccess'])).toMatchObject({ level: 'admin', administrator: true });
    expect(capability([], ['ReadOnlyAccess'])).toMatchObject({ level: 'none', administrator: false });
    expect(capabilityOf([], ['arn:aws-us-gov:iam::aws:policy/AdministratorAccess']).level).toBe('admin');
  });

  test('each service has a level of its own', () => {
    const one = 'arn:aws:bedrock:us-east-1::foundation-model/one';
    expect(capability([allow('bedrock:InvokeModel', one), allow('sagemaker:*')]).services).toEqual({
      bedrock: 'model-scoped',
      sagemaker: 'service-wildcard',
    });
  });
});

describe('what a principal has', () => {
  test('comes from its groups and from managed policies too, and the version in force decides', () => {
    const arn = 'arn:aws:iam::111122223333:policy/team';
    const shared = {
      groups: new Map([
        ['lab', { GroupName: 'lab', AttachedManagedPolicies: [{ PolicyName: 'team', PolicyArn: arn }], GroupPolicyList: undefined }],
      ]),
      policies: new Map([[arn, parsePolicy(document(allow(['sagemaker:*', 's3:GetObject'])))]]),
    };
    const has = granted({ attached: [], inline: [], groups: ['lab'] }, shared);
    // Of what others share, only what is about AI is repeated at each holder.
    expect(has).toMatchObject({ permissions: ['group:lab', 'sagemaker:*'], capability: { level: 'service-wildcard' }, unparsed: false });
  });

  test('is told to be more than is stated where a policy is missing or no policy', () => {
    const attached = [{ PolicyName: 'team', PolicyArn: 'arn:aws:iam::111122223333:policy/team' }];
    expect(granted({ attached, inline: [] }, NOTHING_SHARED).unparsed).toBe(true);
    expect(granted({ attached: [], inline: [], groups: ['gone'] }, NOTHING_SHARED).unparsed).toBe(true);
    expect(granted({ attached: [], inline: [{ PolicyName: 'p', PolicyDocument: 'no policy' }] }, NOTHING_SHARED).unparsed).toBe(true);
  });

  test('is an audience where tokens may be minted for it, but not where a service of AWS does so on its behalf', () => {
    const minting = (more: object) => ({
      attached: [],
      inline: [{ PolicyName: 'p', PolicyDocument: document(allow('sts:GetWebIdentityToken', '*', { Condition: more })) }],
    });
    const audience = { 'ForAnyValue:StringEquals': { 'sts:IdentityTokenAudience': ['https://api.acme.example/v1'] } };
    expect(granted(minting(audience), NOTHING_SHARED).audiences).toEqual(['https://api.acme.example/v1']);
    const onBehalf = { ...audience, StringEquals: { 'aws:CalledViaLast': 'acme.amazonaws.com' } };
    expect(granted(minting(onBehalf), NOTHING_SHARED).audiences).toEqual([]);
  });
});
