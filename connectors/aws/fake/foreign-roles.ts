import { awsManaged, uniqueId } from './ids.ts';
import type { Role, Setting } from './model.ts';
import { policy } from './policy-document.ts';
import { GITHUB_ISSUER, MODAL_ISSUER, oidcArn } from './providers.ts';
import { allow, role } from './role.ts';

/** Published by the vendors themselves: Cursor's role for Bedrock, the whole account of Weights & Biases. */
const CURSOR = '289469326074';
const WEIGHTS_AND_BIASES = '830241207209';

/** Accounts that stand in AWS's documentation as examples. */
const UNKNOWN = '012345678910';
const LATECOMER = '444455556666';

/** Roles that other organisations, their accounts and their token issuers may assume. */
export function foreignRoles(setting: Setting): readonly Role[] {
  return [...vendorRoles(setting), ...accountRoles(setting), ...federatedRoles(setting)];
}

function vendorRoles(setting: Setting): readonly Role[] {
  const { company, night } = setting;
  const externalId = (id: string) => ({ StringEquals: { 'sts:ExternalId': id } });
  const cursor = `arn:aws:iam::${CURSOR}:role/roleAssumer`;
  const wider = night >= 1;
  return [
    // From night 1 on, a second account may use what the vendor was given.
    role(setting, 'cursor-bedrock', {
      trust: policy(allow({ AWS: wider ? [cursor, `arn:aws:iam::${LATECOMER}:root`] : cursor }, externalId('cursor-3f9a'))),
      trustedBy: wider ? [CURSOR, LATECOMER] : [CURSOR],
      attached: [awsManaged('AmazonBedrockFullAccess')],
      tags: { owner: company.person(0).email },
    }),
    // One account in two spellings is one trust.
    role(setting, 'experiment-tracking', {
      path: '/vendors/',
      trust: policy([allow({ AWS: [`arn:aws:iam::${WEIGHTS_AND_BIASES}:root`, WEIGHTS_AND_BIASES] }, externalId('wandb-77'))]),
      trustedBy: [WEIGHTS_AND_BIASES],
      lastUsed: 'idle',
    }),
  ];
}

function accountRoles(setting: Setting): readonly Role[] {
  const { company, account, organization } = setting;
  const dead = uniqueId('AROA', company.seed, 'role that a partner deleted');
  return [
    // Actions are compared without regard to case.
    role(setting, 'legacy-sync', { trust: policy(allow({ AWS: UNKNOWN }, undefined, ['STS:assumerole'])), trustedBy: [UNKNOWN] }),
    role(setting, 'shared-logs', {
      trust: policy(allow('*', { StringEquals: { 'aws:PrincipalOrgID': organization } })),
      trustedBy: ['*'],
    }),
    role(setting, 'retired-partner', { trust: policy([allow({ AWS: dead })]), trustedBy: [dead], lastUsed: 'untracked' }),
    // The outside account may name its session here, but not assume the role.
    role(setting, 'partner-metrics', {
      trust: policy([
        allow({ AWS: `arn:aws:iam::${account}:role/break-glass` }),
        allow({ AWS: `arn:aws:iam::${LATECOMER}:root` }, undefined, 'sts:TagSession'),
      ]),
    }),
  ];
}

function federatedRoles(setting: Setting): readonly Role[] {
  const { company, account } = setting;
  const withWebIdentity = (issuer: string, claims: Record<string, string>) =>
    policy(
      allow(
        { Federated: oidcArn(account, issuer) },
        { StringEquals: Object.fromEntries(Object.entries(claims).map(([claim, value]) => [`${issuer}:${claim}`, value])) },
        'sts:AssumeRoleWithWebIdentity',
      ),
    );
  return [
    role(setting, 'github-deploy', {
      trust: withWebIdentity(GITHUB_ISSUER, {
        aud: 'sts.amazonaws.com',
        sub: `repo:${company.name.toLowerCase()}/shop:ref:refs/heads/main`,
      }),
      trustedBy: [GITHUB_ISSUER],
      attached: [`arn:aws:iam::${account}:policy/ci/deploy-artifacts`],
    }),
    // Any repository in the world may assume it.
    role(setting, 'github-preview', { trust: withWebIdentity(GITHUB_ISSUER, { aud: 'sts.amazonaws.com' }), trustedBy: [GITHUB_ISSUER] }),
    role(setting, 'modal-batch', {
      trust: withWebIdentity(MODAL_ISSUER, { aud: 'oidc.modal.com', sub: 'modal:workspace_id:ac-12345:environment_name:main' }),
      trustedBy: [MODAL_ISSUER],
    }),
  ];
}
