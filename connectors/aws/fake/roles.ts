import { awsManaged, hexadecimal, uniqueId } from './ids.ts';
import { foreignRoles } from './foreign-roles.ts';
import { scannerArn } from './machine-users.ts';
import type { Role, Setting } from './model.ts';
import { policy, type Statement } from './policy-document.ts';
import { samlArns } from './providers.ts';
import { allow, role } from './role.ts';

/** The role that the scanner may step into, for sources that read an account through one. */
export const SCANNER_ROLE = { name: 'NoctuleReadOnly', externalId: 'lanternworks-5f2c91' };

/** As the vendor publishes it for workload identities. */
const KEYLESS_AUDIENCE = 'https://api.openai.com/v1';

export function scannerRole(setting: Setting): Role {
  const { account, home } = setting;
  return role(setting, SCANNER_ROLE.name, {
    trust: policy(allow({ AWS: scannerArn(home) }, { StringEquals: { 'sts:ExternalId': SCANNER_ROLE.externalId } })),
    attached: [`arn:aws:iam::${account}:policy/NoctuleReadOnly`],
  });
}

export function roles(setting: Setting): readonly Role[] {
  return [...ownRoles(setting), ...foreignRoles(setting), ...recreatedRole(setting), ...volume(setting)];
}

/** Roles of the account's own people, programs and agents. */
function ownRoles(setting: Setting): readonly Role[] {
  const { company, account, night } = setting;
  const sourceAccount = { StringEquals: { 'aws:SourceAccount': account } };
  const arnLike = { ArnLike: { 'aws:SourceArn': `arn:aws:bedrock:us-east-1:${account}:agent/*` } };
  const saml = samlArns(setting);
  const signIn = { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } };
  const administrators = `AWSReservedSSO_AdministratorAccess_${hexadecimal(16, company.seed, 'permission set')}`;
  return [
    scannerRole(setting),
    // Nobody outside is let in: a denial, and the account itself.
    role(setting, 'break-glass', {
      trust: policy([
        { Effect: 'Deny', Principal: { AWS: 'arn:aws:iam::444455556666:root' }, Action: 'sts:AssumeRole' },
        allow({ AWS: `arn:aws:iam::${account}:root` }, { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
      ]),
      attached: [awsManaged('AdministratorAccess')],
      lastUsed: 'idle',
    }),
    role(setting, 'thumbnailer', {
      path: '/service-role/',
      ...servedTo('lambda.amazonaws.com'),
      attached: [awsManaged('service-role/AWSLambdaBasicExecutionRole')],
      tags: { owner: `media@${company.domain}` },
    }),
    role(setting, 'web-server', { ...servedTo('ec2.amazonaws.com'), instanceProfile: true }),
    role(setting, 'order-pipeline', {
      path: '/team/orders/',
      trust: policy([allow({ Service: ['lambda.amazonaws.com', 'states.amazonaws.com'] })]),
      trustedBy: ['lambda.amazonaws.com', 'states.amazonaws.com'],
      inline: [
        {
          name: 'one-model',
          document: policy({
            Effect: 'Allow',
            Action: 'bedrock:InvokeModel',
            Resource: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0',
          }),
        },
      ],
    }),
    // No key anywhere: the account vouches for the role, and the outside service believes it.
    role(setting, 'keyless-assistant', {
      path: '/team/orders/',
      ...servedTo('lambda.amazonaws.com'),
      mintsFor: [KEYLESS_AUDIENCE],
      inline: [
        {
          name: 'mint',
          document: policy({
            Effect: 'Allow',
            Action: 'sts:GetWebIdentityToken',
            Resource: '*',
            Condition: { 'ForAnyValue:StringEquals': { 'sts:IdentityTokenAudience': KEYLESS_AUDIENCE } },
          }),
        },
      ],
    }),
    role(setting, 'AWSServiceRoleForSupport', {
      path: '/aws-service-role/support.amazonaws.com/',
      ...servedTo('support.amazonaws.com'),
      lastUsed: 'untracked',
    }),
    role(setting, `AmazonBedrockExecutionRoleForAgents_${hexadecimal(6, company.seed, 'agent')}`, {
      path: '/service-role/',
      ...servedTo('bedrock.amazonaws.com', { ...sourceAccount, ...arnLike }),
    }),
    role(setting, 'agentcore-orders', servedTo('bedrock-agentcore.amazonaws.com', sourceAccount)),
    role(setting, 'agentcore-lab', { ...servedTo('bedrock-agentcore.amazonaws.com'), lastUsed: 'idle' }),
    role(setting, administrators, {
      path: '/aws-reserved/sso.amazonaws.com/us-east-1/',
      trust: policy(allow({ Federated: saml.identityCenter }, signIn, ['sts:AssumeRoleWithSAML', 'sts:TagSession'])),
      trustedBy: [saml.identityCenter],
      attached: [awsManaged('AdministratorAccess')],
    }),
    role(setting, 'finance-analysts', {
      trust: policy(allow({ Federated: saml.directory }, signIn, 'sts:AssumeRoleWithSAML')),
      trustedBy: [saml.directory],
      attached: [awsManaged('ReadOnlyAccess')],
      lastUsed: { at: company.ago(2, 7, night), region: 'eu-central-1' },
    }),
  ];
}

/** Deleted on night 1, made again under its name on night 2: another role, with another id. */
function recreatedRole(setting: Setting): readonly Role[] {
  const { company, night } = setting;
  if (night === 1) return [];
  const again = night >= 2;
  const id = uniqueId('AROA', company.seed, 'role', 'nightly-etl', again ? 'second' : 'first');
  const created = again ? company.ago(0, 8, 2) : company.ago(365);
  return [role(setting, 'nightly-etl', { ...servedTo('glue.amazonaws.com'), id, created, lastUsed: again ? 'idle' : 'untracked' })];
}

/** Larger companies have more programs. */
function volume(setting: Setting): readonly Role[] {
  const programs = Array.from({ length: Math.floor(setting.company.people / 20) }, (_, index) => `program-${index + 1}`);
  return programs.map((name) => role(setting, name, { path: '/programs/', ...servedTo('ecs-tasks.amazonaws.com') }));
}

function servedTo(service: string, condition?: NonNullable<Statement['Condition']>): Pick<Role, 'trust' | 'trustedBy'> {
  return { trust: policy(allow({ Service: service }, condition)), trustedBy: [service] };
}
