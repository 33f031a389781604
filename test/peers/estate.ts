import type { Trust } from '../../connectors/aws/trust-policy.ts';

/** What is planted in a peer, and what a scan of it must say: written down once, by hand, and derived from nothing of ours. */
export interface Estate {
  users: readonly PlantedUser[];
  roles: readonly PlantedRole[];
  /** Issuers, with what may stand behind the host. */
  oidc: readonly string[];
  /** Names. */
  saml: readonly string[];
  /** Managed policies of the account itself, by name. */
  policies: Readonly<Record<string, readonly string[]>>;
}

export interface PlantedUser {
  name: string;
  /** With a slash at both ends; absent = `/`. */
  path?: string;
  /** May sign in to the console. */
  password?: boolean;
  /** One entry a key. A used one has signed a request. */
  keys: readonly ('active' | 'inactive' | 'used')[];
  /** Inline. */
  actions?: readonly string[];
  policy?: string;
  group?: string;
  owner?: string;
}

export interface PlantedRole {
  name: string;
  path?: string;
  /** Statements of its trust policy. */
  trust: readonly object[];
  actions?: readonly string[];
  /** Whom it must be said to let in. */
  lets: readonly LetIn[];
}

export interface LetIn {
  party: string;
  trusts: Trust['kind'];
  /** Held to the external id that was agreed on. */
  externalId?: boolean;
  /** Held to an organisation. */
  organisation?: boolean;
  /** Held to a subject of the issuer. */
  subject?: boolean;
}

/** The account that moto is when it is not told otherwise. */
export const ACCOUNT = '123456789012';
const VENDOR = '790389265272';
const STRANGER = '999888777666';
const ISSUER = 'token.actions.githubusercontent.com';
const INVOKE = ['bedrock:invokemodel', 'bedrock:invokemodelwithresponsestream'];

function assume(principal: object | string, condition?: object): object {
  return { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...(condition && { Condition: condition }) };
}

function federated(provider: string, action: string, condition: object): object {
  return {
    Effect: 'Allow',
    Principal: { Federated: `arn:aws:iam::${ACCOUNT}:${provider}` },
    Action: `sts:${action}`,
    Condition: condition,
  };
}

function person(name: string, keys: PlantedUser['keys'] = []): PlantedUser {
  return { name, path: '/people/', password: true, keys, owner: 'people-team' };
}

export const ESTATE: Estate = {
  policies: { 'ask-models': INVOKE },
  users: [
    ...['ada', 'bela', 'cleo', 'dario', 'edda'].map((name) => person(name)),
    person('farid', ['active']),
    person('greta', ['used', 'inactive']),
    { ...person('hugo', ['active']), actions: ['*'] },
    { ...person('ines'), group: 'model-builders' },
    { name: 'ci-deploy', keys: ['used'], owner: 'platform' },
    { name: 'ci-test', keys: ['active', 'active'] },
    { name: 'backup', path: '/machines/nightly/', keys: ['inactive'] },
    { name: 'chat-backend', keys: ['used'], actions: INVOKE, owner: 'support' },
    { name: 'summaries', keys: ['active'], policy: 'ask-models' },
    { name: 'everything-bedrock', keys: ['active', 'used'], actions: ['bedrock:*'] },
    { name: 'BedrockAPIKey-a1b2', keys: [], actions: ['bedrock:callwithbearertoken', 'bedrock:invokemodel'] },
    { name: 'BedrockAPIKey-c3d4', keys: ['active'] },
    { name: 'skillman-sync', keys: ['active'] },
    { name: 'plus+equals=at,comma@x', keys: ['active'] },
    { name: 'unused', keys: [] },
  ],
  roles: [
    {
      name: 'vendor-with-external-id',
      trust: [assume({ AWS: `arn:aws:iam::${VENDOR}:root` }, { StringEquals: { 'sts:ExternalId': 'tenant-0042' } })],
      lets: [{ party: VENDOR, trusts: 'account', externalId: true }],
    },
    {
      name: 'vendor-without-external-id',
      trust: [assume({ AWS: VENDOR })],
      actions: INVOKE,
      lets: [{ party: VENDOR, trusts: 'account' }],
    },
    {
      name: 'stranger-with-any-external-id',
      // Two parties in one statement; the own account is none.
      trust: [
        assume({ AWS: [`arn:aws:iam::${STRANGER}:role/x`, `arn:aws:iam::${ACCOUNT}:root`] }, { StringLike: { 'sts:ExternalId': '*' } }),
      ],
      lets: [{ party: STRANGER, trusts: 'account' }],
    },
    { name: 'anybody', trust: [assume('*')], lets: [{ party: '*', trusts: 'anyone' }] },
    {
      name: 'anybody-of-the-organisation',
      trust: [assume({ AWS: '*' }, { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } })],
      lets: [{ party: '*', trusts: 'anyone', organisation: true }],
    },
    {
      name: 'agent-runtime',
      path: '/agents/',
      trust: [assume({ Service: 'bedrock-agentcore.amazonaws.com' })],
      actions: INVOKE,
      lets: [{ party: 'bedrock-agentcore.amazonaws.com', trusts: 'service' }],
    },
    {
      name: 'function-or-machine',
      trust: [assume({ Service: ['lambda.amazonaws.com', 'ec2.amazonaws.com'] })],
      lets: [
        { party: 'lambda.amazonaws.com', trusts: 'service' },
        { party: 'ec2.amazonaws.com', trusts: 'service' },
      ],
    },
    {
      name: 'pipeline-of-one-repository',
      trust: [
        federated(`oidc-provider/${ISSUER}`, 'AssumeRoleWithWebIdentity', {
          StringLike: { [`${ISSUER}:sub`]: 'repo:example/app:ref:refs/heads/main' },
        }),
      ],
      lets: [{ party: ISSUER, trusts: 'oidc', subject: true }],
    },
    {
      name: 'pipeline-of-anybody',
      trust: [
        federated(`oidc-provider/${ISSUER}`, 'AssumeRoleWithWebIdentity', { StringEquals: { [`${ISSUER}:aud`]: 'sts.amazonaws.com' } }),
      ],
      lets: [{ party: ISSUER, trusts: 'oidc' }],
    },
    {
      name: 'people-by-single-sign-on',
      trust: [federated('saml-provider/corporate', 'AssumeRoleWithSAML', { StringEquals: { 'SAML:aud': 'https://example.com/saml' } })],
      lets: [{ party: `arn:aws:iam::${ACCOUNT}:saml-provider/corporate`, trusts: 'saml' }],
    },
    { name: 'own-account-only', trust: [assume({ AWS: `arn:aws:iam::${ACCOUNT}:root` })], lets: [] },
  ],
  oidc: [ISSUER, 'oidc.example.com/planted-team', 'app.example.org'],
  saml: ['corporate', 'contractors'],
};
