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
  /** What stands in a region. */
  regional: readonly PlantedThing[];
}

/** Names are told apart by region and holder; every value that is planted with one must be found nowhere. */
export type PlantedThing = { region: string; name: string } & (
  | { what: 'secret' | 'notebook' }
  | { what: 'parameter'; type: 'String' | 'SecureString' }
  /** Variables that speak of a credential, and others. */
  | { what: 'function' | 'task' | 'agent_runtime'; variables: readonly string[]; others: readonly string[] }
  | { what: 'api_destination'; address: string; host: string }
  | { what: 'gateway'; open: boolean }
);

export interface PlantedUser {
  name: string;
  /** With a slash at both ends; absent = `/`. */
  path?: string;
  /** AWS made it for one key of a service: no person, but a service account. */
  madeForKey?: true;
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

/** Regions that are read. In a third one something is planted that must not be found. */
export const REGIONS = ['eu-central-1', 'us-east-1'];
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
    { name: 'BedrockAPIKey-a1b2', madeForKey: true, keys: [], actions: ['bedrock:callwithbearertoken', 'bedrock:invokemodel'] },
    { name: 'BedrockAPIKey-c3d4', madeForKey: true, keys: ['active'] },
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
  regional: [
    { what: 'secret', region: 'us-east-1', name: 'models/openai' },
    { what: 'secret', region: 'eu-central-1', name: 'models/openai' },
    { what: 'secret', region: 'eu-central-1', name: 'plus+equals=at@x_database' },
    { what: 'secret', region: 'ap-south-1', name: 'of-a-region-that-is-not-read' },
    { what: 'parameter', region: 'us-east-1', name: '/chat/ANTHROPIC_API_KEY', type: 'SecureString' },
    { what: 'parameter', region: 'us-east-1', name: 'greeting', type: 'String' },
    { what: 'parameter', region: 'eu-central-1', name: 'HF_TOKEN', type: 'String' },
    { what: 'function', region: 'us-east-1', name: 'summarise', variables: ['OPENAI_API_KEY', 'db_password'], others: ['LOG_LEVEL'] },
    { what: 'function', region: 'eu-central-1', name: 'without-variables', variables: [], others: [] },
    { what: 'task', region: 'eu-central-1', name: 'chat-backend', variables: ['MISTRAL_API_KEY'], others: ['PORT'] },
    { what: 'agent_runtime', region: 'us-east-1', name: 'helpdesk', variables: ['GITHUB_TOKEN'], others: ['STAGE'] },
    { what: 'gateway', region: 'us-east-1', name: 'tools-for-all', open: true },
    { what: 'gateway', region: 'eu-central-1', name: 'tools-of-the-account', open: false },
    { what: 'notebook', region: 'us-east-1', name: 'churn-model' },
    {
      what: 'api_destination',
      region: 'us-east-1',
      name: 'to-a-model',
      address: 'https://api.openai.com/v1/responses',
      host: 'api.openai.com',
    },
  ],
};
