import { letters } from '../../../src/testing/random.ts';
import { identityCenter, type IdentityCenter } from './identity-center.ts';
import { directoryId } from './identity-store.ts';
import { hexadecimal, uniqueId } from './ids.ts';
import type { Setting } from './model.ts';

/** What one region holds, as far as a scanner may see it. */
export interface Region {
  name: string;
  runtimes: readonly Runtime[];
  workloads: readonly string[];
  oauthProviders: readonly { name: string; vendor: string; member: string; clientId: string; created: Date }[];
  keyProviders: readonly { name: string; created: Date }[];
  gateways: readonly { id: string; name: string; authorizer: string; created: Date; targets: readonly { name: string; type: string }[] }[];
  memories: readonly { id: string; created: Date }[];
  /** Those that the customer made; AWS has some of its own in every account. */
  browsers: readonly { id: string; name: string; created: Date }[];
  interpreters: readonly { id: string; name: string; created: Date }[];
  guardrails: readonly { id: string; name: string; created: Date }[];
  /** Absent = calls of models are not logged. */
  logging?: { bucket: string; text: boolean };
  agents: readonly { id: string; name: string; role: string; model: string; created: Date }[];
  /** By what the calls of models were counted in the last two weeks. */
  metrics: readonly Readonly<Record<string, string>>[];
  /** Of the account, wherever else it is; they are listed where the Marketplace is. */
  agreements: readonly { id: string; product: string; type: string; seller: string; accepted: Date; ends?: Date }[];
  /** Absent = it is at home in another region, or there is none. */
  identityCenter?: IdentityCenter;
  assistants: readonly {
    id: string;
    name: string;
    /** How people sign in to it. */
    identity: string;
    created: Date;
    plugins: readonly { id: string; name: string; type: string; address: string; created: Date }[];
    indices: readonly { id: string; name: string; sources: readonly { id: string; name: string; type: string }[] }[];
    seats: readonly { id: string; user?: string; group?: string }[];
  }[];
  knowledgeBases: readonly { id: string; name: string; updated: Date }[];
  flows: readonly { id: string; name: string; created: Date }[];
  customModels: readonly { name: string; created: Date }[];
  importedModels: readonly { name: string; created: Date }[];
  provisioned: readonly { name: string; created: Date }[];
  profiles: readonly { name: string; created: Date }[];
  secrets: readonly { name: string; owner?: string; created: Date; accessed?: Date }[];
  parameters: readonly { name: string; type: string; changed: Date }[];
  functions: readonly { name: string; variables?: Readonly<Record<string, string>> }[];
  endpoints: readonly { name: string; created: Date }[];
  notebooks: readonly { name: string; created: Date }[];
  partnerApps: readonly { name: string; type: string; created: Date }[];
  destinations: readonly { name: string; address: string; created: Date }[];
  events: readonly { name: string; role: string; roleId: string; model: string; error?: string; bearer?: true; at: Date }[];
  tasks: readonly { family: string; variables: Readonly<Record<string, string>>; secrets: readonly string[] }[];
}

interface Runtime {
  id: string;
  name: string;
  role: string;
  open: boolean;
  variables: Readonly<Record<string, string>>;
  created: Date;
}

/** Somebody put a key where programs are configured. Its name may be kept, the value never. */
export function environmentSecret(seed: string): string {
  return `PLANTED-SECRET-VALUE-${letters(24, 'abcdefghijkmnpqrstuvwxyz23456789', seed, 'aws', 'environment')}`;
}

const NOTHING: Omit<Region, 'name'> = {
  runtimes: [],
  workloads: [],
  oauthProviders: [],
  keyProviders: [],
  gateways: [],
  memories: [],
  browsers: [],
  interpreters: [],
  guardrails: [],
  agents: [],
  assistants: [],
  agreements: [],
  metrics: [],
  knowledgeBases: [],
  flows: [],
  customModels: [],
  importedModels: [],
  provisioned: [],
  profiles: [],
  secrets: [],
  parameters: [],
  functions: [],
  tasks: [],
  endpoints: [],
  notebooks: [],
  partnerApps: [],
  destinations: [],
  events: [],
};

export function emptyRegions(): readonly Region[] {
  return [{ ...NOTHING, name: 'us-east-1' }];
}

/** Where everything is and, in a company that is old enough to have one, a region that was forgotten. */
export function regions(setting: Setting): readonly Region[] {
  return setting.company.people < TWO_REGIONS ? [main(setting)] : [forgotten(setting), main(setting)];
}

/** Every list costs a request in every region: the smallest world has one. */
const TWO_REGIONS = 40;

function forgotten({ company, account }: Setting): Region {
  const secret = environmentSecret(company.seed);
  return {
    ...NOTHING,
    name: 'eu-central-1',
    runtimes: [
      {
        id: 'trial_bot-Zk81Qw3xYb',
        name: 'trial_bot',
        role: `arn:aws:iam::${account}:role/agentcore-lab`,
        open: true,
        variables: { OPENAI_API_KEY: secret },
        created: company.ago(210),
      },
    ],
    workloads: ['trial_bot-Zk81Qw3xYb'],
    functions: [{ name: 'summarise', variables: { GROQ_API_KEY: secret, STAGE: 'trial' } }],
  };
}

function main(setting: Setting): Region {
  const { company, account, night } = setting;
  const secret = environmentSecret(company.seed);
  const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
  const runtime = (id: string, name: string, variables: Runtime['variables'] = {}): Runtime => ({
    id,
    name,
    role: role('agentcore-orders'),
    open: false,
    variables,
    created: company.ago(90),
  });
  return {
    ...NOTHING,
    name: 'us-east-1',
    runtimes: [
      runtime('orders_agent-a1B2c3D4e5', 'orders_agent', { ANTHROPIC_API_KEY: secret, LOG_LEVEL: 'info' }),
      // The same role as the first.
      runtime('refunds_agent-f6G7h8I9j0', 'refunds_agent'),
      ...(night >= 1 ? [runtime('night_agent-k1L2m3N4o5', 'night_agent')] : []),
    ],
    workloads: ['orders_agent-a1B2c3D4e5', 'refunds_agent-f6G7h8I9j0', 'desktop-assistant'],
    oauthProviders: [
      {
        name: 'code-host',
        vendor: 'GithubOauth2',
        member: 'githubOauth2ProviderConfig',
        clientId: 'Iv1.0123456789abcdef',
        created: company.ago(80),
      },
    ],
    keyProviders: [{ name: 'openai-production', created: company.ago(70) }],
    gateways: [
      {
        id: 'tools-gw-0a1b2c3d4e',
        name: 'tools-gw',
        authorizer: 'AWS_IAM',
        created: company.ago(60),
        targets: [{ name: 'orders-api', type: 'OPEN_API_SCHEMA' }],
      },
      { id: 'demo-gw-5f6g7h8i9j', name: 'demo-gw', authorizer: 'NONE', created: company.ago(20), targets: [] },
    ],
    memories: [{ id: 'orders_memory-a1B2c3D4e5', created: company.ago(90) }],
    browsers: [{ id: 'price_watch-a1B2c3D4e5', name: 'price_watch', created: company.ago(15) }],
    interpreters: [{ id: 'sums-a1B2c3D4e5', name: 'sums', created: company.ago(14) }],
    guardrails: [{ id: 'gr1a2b3c4d5e', name: 'no-advice', created: company.ago(95) }],
    logging: { bucket: 'lanternworks-model-calls', text: true },
    agents: [
      {
        id: 'A1B2C3D4E5',
        name: 'helpdesk',
        role: role('service-role/AmazonBedrockExecutionRoleForAgents_1'),
        model: 'amazon.nova-lite-v1:0',
        created: company.ago(300),
      },
    ],
    assistants: assistants(setting),
    identityCenter: identityCenter(setting),
    // Over all models, of one, and of the same one by more.
    metrics: [{}, { ModelId: 'amazon.nova-lite-v1:0' }, { ModelId: 'amazon.nova-lite-v1:0', Region: 'us-east-1' }],
    agreements: [
      { id: 'agmt-a1b2c3d4e5', product: 'prod-3qbeiztufnva6', type: 'SaaSProduct', seller: '012345678910', accepted: company.ago(65) },
      {
        id: 'agmt-f6g7h8i9j0',
        product: 'prod-0a1b2c3d4e5f6',
        type: 'MachineLearningProduct',
        seller: '012345678910',
        accepted: company.ago(200),
        ends: company.ago(-165),
      },
      { id: 'agmt-k1l2m3n4o5', product: 'prod-9z8y7x6w5v4u3', type: 'AmiProduct', seller: '012345678910', accepted: company.ago(500) },
    ],
    knowledgeBases: [{ id: 'K1B2C3D4E5', name: 'handbook', updated: company.ago(40) }],
    flows: [{ id: 'F1B2C3D4E5', name: 'triage', created: company.ago(40) }],
    customModels: [{ name: 'orders-tuned', created: company.ago(120) }],
    importedModels: [{ name: 'brought-along', created: company.ago(110) }],
    provisioned: [{ name: 'always-on', created: company.ago(100) }],
    profiles: [{ name: 'shop-search', created: company.ago(30) }],
    secrets: [
      { name: 'prod/orders/database', created: company.ago(400), accessed: company.ago(1, 0, night) },
      { name: 'prod/anthropic-api-key', created: company.ago(50), accessed: company.ago(2) },
      {
        name: 'bedrock-agentcore-identity!default/apikey/openai-production',
        owner: 'bedrock-agentcore-identity',
        created: company.ago(70),
      },
    ],
    parameters: [
      { name: '/shop/flags', type: 'StringList', changed: company.ago(30) },
      { name: '/shop/openai_api_key', type: 'String', changed: company.ago(33) },
      { name: '/shop/mistral-api-key', type: 'SecureString', changed: company.ago(10) },
    ],
    functions: [
      { name: 'thumbnailer' },
      { name: 'chat-relay', variables: { OPENAI_API_KEY: secret, LOG_LEVEL: 'debug', TABLE: 'orders' } },
      { name: 'newsletter', variables: { STAGE: 'prod' } },
    ],
    endpoints: [{ name: 'churn', created: company.ago(200) }],
    notebooks: [{ name: 'finance-lab', created: company.ago(150) }],
    partnerApps: [{ name: 'experiments', type: 'comet', created: company.ago(25) }],
    destinations: [
      { name: 'summaries', address: `https://api.openai.com/v1/responses?key=${secret}`, created: company.ago(35) },
      { name: 'status-page', address: 'https://status.lanternworks.example/hook/*', created: company.ago(300) },
      { name: 'translations', address: 'https://api.deepl.com/v2/translate', created: company.ago(12) },
    ],
    events: invocations(setting),
    tasks: [
      { family: 'web', variables: { PORT: '8080' }, secrets: [] },
      { family: 'search', variables: { COHERE_API_KEY: secret }, secrets: ['PINECONE_API_KEY'] },
    ],
  };
}

/** Two lists of it have more than one page. */
function assistants({ company }: Setting): Region['assistants'] {
  const id = (what: string, number = 1) => uuid(company.seed, what, number);
  return [
    {
      id: id('assistant'),
      name: 'ask-hr',
      identity: 'ANONYMOUS',
      created: company.ago(45),
      plugins: [
        {
          id: id('plugin'),
          name: 'tickets',
          type: 'JIRA_CLOUD',
          address: `https://tickets.lanternworks.example/rest?key=${environmentSecret(company.seed)}`,
          created: company.ago(44),
        },
      ],
      indices: [{ id: id('index'), name: 'handbook', sources: [{ id: id('data source'), name: 'personnel-files', type: 'SHAREPOINT' }] }],
      seats: [
        { id: id('seat', 1), user: directoryId(company, 1) },
        { id: id('seat', 2), user: directoryId(company, 2) },
        { id: id('seat', 3), group: directoryId(company, 'group', 1) },
      ],
    },
  ];
}

function uuid(...labels: readonly (string | number)[]): string {
  const hex = hexadecimal(32, ...labels);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Who called models lately, the newest first; one was refused, one came with a key for the service alone. */
function invocations({ company, account, night }: Setting): Region['events'] {
  const by = (name: string) => ({ role: `arn:aws:iam::${account}:role/${name}`, roleId: uniqueId('AROA', company.seed, 'role', name) });
  const nova = 'amazon.nova-lite-v1:0';
  return [
    { name: 'Converse', ...by('agentcore-orders'), model: nova, at: company.ago(0, 5, night) },
    { name: 'InvokeModel', ...by('agentcore-orders'), model: nova, bearer: true, at: company.ago(0, 6, night) },
    { name: 'InvokeModel', ...by('thumbnailer'), model: nova, error: 'AccessDenied', at: company.ago(1) },
    { name: 'CreateAgent', ...by('order-pipeline'), model: nova, at: company.ago(2) },
    { name: 'InvokeModelWithResponseStream', ...by('order-pipeline'), model: nova, at: company.ago(3) },
  ];
}

export function modelArn(region: string, account: string, what: string, name: string): string {
  const own = `arn:aws:bedrock:${region}:${account}:${what}`;
  if (what === 'custom-model') return `${own}/amazon.nova-lite-v1:0/${hexadecimal(12, what, name)}`;
  return what.endsWith('-model') ? `${own}/${hexadecimal(12, what, name)}` : `${own}/${name}`;
}

export function partnerAppId(name: string): string {
  return `app-${hexadecimal(12, 'partner app', name).toUpperCase()}`;
}
