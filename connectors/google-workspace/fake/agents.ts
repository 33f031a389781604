import type { Expected } from '../../../src/testing/fake.ts';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { digits, letters } from '../../../src/testing/random.ts';
import { AGENT_PROJECT, ORGANIZATION } from './cloud.ts';
import { answerRows } from './lists.ts';
import { type Shape, shapeOf } from './mask.ts';
import { query } from './parameters.ts';
import { Refused, refusal } from './refusals.ts';
import { STORY_COMPANY } from './stories.ts';
import type { World } from './world.ts';

/** What one project has registered of its agents, and what they used. */

/** Pages of the registry are as large as it likes, which is small here. */
const PAGE = 2;

const LOCATIONS = ['europe-west1', 'global', 'us-central1'] as const;
type Location = (typeof LOCATIONS)[number];

interface Agent {
  id: string;
  name: string;
  location: Location;
  framework?: string;
  /** It runs in a service of Google's, under an identity of its own. */
  runs?: true;
}

const AGENTS: readonly Agent[] = [
  { id: 'invoices', name: 'Invoice agent', location: 'europe-west1', framework: 'google-adk', runs: true },
  { id: 'support', name: 'Support agent', location: 'europe-west1', framework: 'langchain' },
  { id: 'travel', name: 'Travel agent', location: 'europe-west1' },
  { id: 'lonely', name: 'An agent that nobody answers for', location: 'us-central1', framework: 'custom' },
];

const APPLICATIONS = [
  { id: 'back-office', name: 'Back office', location: 'europe-west1', owner: 1, members: ['invoices', 'travel'] },
  { id: 'help-desk', name: 'Help desk', location: 'europe-west1', owner: 3, members: ['support'] },
  { id: 'assistants', name: 'Assistants', location: 'europe-west1', owner: 9, members: ['invoices', 'support'] },
] as const;

const workload = (agent: Agent) =>
  `principal://agents.global.org-${ORGANIZATION}.system.id.goog/resources/aiplatform/projects/${AGENT_PROJECT.number}/locations/${agent.location}/reasoningEngines/${agent.id}`;

const uidOf = ({ id }: Agent) => `7c1e4f20-0000-4000-8000-${digits(12, 'google-workspace', 'agent', id)}`;

const SUMMARIES = AGENTS.map((agent, index) => ({ agent, id: `summary-${index}`, user: index }));

const SERVERS = [
  {
    id: 'ledger',
    name: 'Ledger',
    location: 'europe-west1',
    url: 'https://ledger.tools.example/mcp',
    tools: [
      { name: 'read_balance', annotations: { readOnlyHint: true } },
      { name: 'add_entry', annotations: { readOnlyHint: false, destructiveHint: false } },
      { name: 'close_year', annotations: { readOnlyHint: false, destructiveHint: true } },
      { name: 'export' },
    ],
  },
  { id: 'empty', name: 'Nothing yet', location: 'us-central1', url: undefined, tools: [] },
] as const;

const BINDINGS = [
  {
    id: 'invoices-ledger',
    location: 'europe-west1',
    from: 'urn:agent:lanternworks:invoices',
    to: 'urn:mcp:lanternworks:ledger',
    token: true,
  },
  {
    id: 'support-invoices',
    location: 'europe-west1',
    from: 'urn:agent:lanternworks:support',
    to: 'urn:agent:lanternworks:invoices',
    token: false,
  },
] as const;

/** The secret of a client, which no mask may ask for. */
export const CLIENT_SECRET_CANARY = `GOCSPX-${letters(28, 'abcdefghijklmnop0123456789', 'google-workspace', 'agent client secret')}`;

const PROVIDERS = [
  {
    id: 'notes-of-people',
    location: 'europe-west1',
    agents: ['invoices'],
    allowedScopes: ['read_content'],
    params: {
      threeLeggedOauth: {
        clientId: 'c1d872b5',
        clientSecret: CLIENT_SECRET_CANARY,
        authorizationUrl: 'https://api.notes.example/v1/oauth/authorize',
        tokenUrl: 'https://api.notes.example/v1/oauth/token',
      },
    },
    grants: [
      { id: 'grant-1', user: 1, state: 'ACTIVE' },
      { id: 'grant-2', user: 2, state: 'SUSPENDED' },
      { id: 'grant-3', user: 3, state: 'ACTIVE' },
    ],
  },
  {
    id: 'warehouse',
    location: 'global',
    agents: ['invoices', 'lonely'],
    allowedScopes: undefined,
    params: { twoLeggedOauth: { clientId: 'wh-1', clientSecret: CLIENT_SECRET_CANARY, tokenUrl: 'https://auth.warehouse.example/token' } },
    grants: [],
  },
] as const;

function isRegistered(world: World): boolean {
  return world.people >= STORY_COMPANY;
}

/** Stands for all of them, where a list knows that. */
const ALL = '-';

/** Where a request asks; refuses every other project and location. */
function locationOf(world: World, request: FakeRequest): Location {
  ownProject(world, request);
  const found = LOCATIONS.find((location) => location === request.params['location']);
  if (!found) throw new Refused(refusal(404));
  return found;
}

function ownProject(world: World, { params }: FakeRequest): void {
  if (!isRegistered(world) || ![AGENT_PROJECT.number, AGENT_PROJECT.id].includes(params['project']!)) throw new Refused(refusal(403));
}

const LIST = { sizeParameter: 'pageSize', usual: PAGE, largest: 1000, above: 'reduced' } as const;

export function listLocations(world: World, request: FakeRequest): FakeAnswer {
  ownProject(world, request);
  const values = query(request, ['extraLocationTypes', 'filter', 'pageSize', 'pageToken']);
  const rows = LOCATIONS.map((locationId) => ({
    name: `projects/${AGENT_PROJECT.id}/locations/${locationId}`,
    locationId,
    displayName: locationId,
  }));
  const shape: Shape = { nextPageToken: true, locations: shapeOf('displayName labels locationId metadata name') };
  return answerRows(rows, request, values, { ...LIST, field: 'locations', shape });
}

const AGENT: Shape = shapeOf(
  'agentId attributes card createTime description displayName location name protocols skills uid updateTime version',
);

export function listApplications(world: World, request: FakeRequest): FakeAnswer {
  const here = locationOf(world, request);
  const values = query(request, ['filter', 'orderBy', 'pageSize', 'pageToken']);
  const rows = APPLICATIONS.filter(({ location }) => location === here).map(({ id, name, location, owner }) => ({
    name: `projects/${AGENT_PROJECT.id}/locations/${location}/aiApplications/${id}`,
    displayName: name,
    createTime: world.company.ago(60).toISOString(),
    state: 'ACTIVE',
    attributes: {
      businessOwners: [{ email: world.company.person(owner).email, displayName: 'Owner' }],
      environment: { type: 'PRODUCTION' },
    },
  }));
  const attributes: Shape = {
    ...shapeOf('criticality environment'),
    ...Object.fromEntries(['businessOwners', 'developerOwners', 'operatorOwners'].map((name) => [name, shapeOf('displayName email')])),
  };
  const shape: Shape = {
    nextPageToken: true,
    unreachable: true,
    aiApplications: { ...shapeOf('applicationProperties createTime description displayName name state uid updateTime'), attributes },
  };
  return answerRows(rows, request, values, { ...LIST, field: 'aiApplications', shape });
}

export function listAgentsOf(world: World, request: FakeRequest): FakeAnswer {
  locationOf(world, request);
  const application = APPLICATIONS.find(({ id }) => id === request.params['application']);
  if (!application) throw new Refused(refusal(404));
  const values = query(request, ['pageSize', 'pageToken']);
  const members: readonly string[] = application.members;
  const rows = AGENTS.filter(({ id }) => members.includes(id)).map((agent) => agentRow(world, agent));
  return answerRows(rows, request, values, { ...LIST, field: 'agents', shape: { nextPageToken: true, agents: AGENT } });
}

export function listAgents(world: World, request: FakeRequest): FakeAnswer {
  const here = locationOf(world, request);
  const values = query(request, ['filter', 'orderBy', 'pageSize', 'pageToken']);
  const rows = AGENTS.filter(({ location }) => location === here).map((agent) => agentRow(world, agent));
  return answerRows(rows, request, values, { ...LIST, field: 'agents', shape: { nextPageToken: true, agents: AGENT } });
}

function agentRow(world: World, agent: Agent) {
  const system = 'agentregistry.googleapis.com/system';
  return {
    name: `projects/${AGENT_PROJECT.id}/locations/${agent.location}/agents/${agent.id}`,
    uid: uidOf(agent),
    agentId: `urn:agent:${AGENT_PROJECT.id}:${agent.id}`,
    displayName: agent.name,
    version: '1',
    createTime: world.company.ago(40).toISOString(),
    attributes: {
      ...(agent.framework && { [`${system}/Framework`]: { framework: agent.framework } }),
      ...(agent.runs && {
        [`${system}/RuntimeIdentity`]: { principal: workload(agent) },
        [`${system}/RuntimeReference`]: {
          uri: `//aiplatform.googleapis.com/projects/${AGENT_PROJECT.number}/locations/${agent.location}/reasoningEngines/${agent.id}`,
        },
      }),
    },
  };
}

export function listSummaries(world: World, request: FakeRequest): FakeAnswer {
  if (request.params['location'] === ALL) ownProject(world, request);
  const here = request.params['location'] === ALL ? undefined : locationOf(world, request);
  const values = query(request, ['filter', 'orderBy', 'pageSize', 'pageToken']);
  const rows = SUMMARIES.filter(({ agent }) => (here ?? agent.location) === agent.location).map(({ agent, id, user }) => ({
    name: `projects/${AGENT_PROJECT.id}/locations/${agent.location}/accessSummaries/${id}`,
    workloadId: workload(agent),
    userId: world.company.person(user).email,
    scopes: ['https://www.googleapis.com/auth/drive.readonly'],
    tokenUrl: 'https://oauth2.googleapis.com/token',
    firstAccessTime: world.company.ago(30).toISOString(),
    lastAccessTime: world.company.ago(2).toISOString(),
    purgeTime: world.company.ago(-60).toISOString(),
  }));
  const summary = shapeOf(
    'authProvider authProviderType firstAccessTime labels lastAccessTime name purgeTime scopes tokenUrl userId workloadId',
  );
  const shape: Shape = { nextPageToken: true, unreachable: true, accessSummaries: summary };
  return answerRows(rows, request, values, { ...LIST, usual: 100, field: 'accessSummaries', shape });
}

export function listServers(world: World, request: FakeRequest): FakeAnswer {
  const here = locationOf(world, request);
  const values = query(request, ['filter', 'orderBy', 'pageSize', 'pageToken']);
  const rows = SERVERS.filter(({ location }) => location === here).map(({ id, name, location, url, tools }) => ({
    name: `projects/${AGENT_PROJECT.id}/locations/${location}/mcpServers/${id}`,
    mcpServerId: `urn:mcp:lanternworks:${id}`,
    displayName: name,
    description: 'Tools of the company',
    createTime: world.company.ago(50).toISOString(),
    ...(url !== undefined && { interfaces: [{ url, protocolBinding: 'HTTP_JSON' }] }),
    ...(tools.length > 0 && { tools: tools.map((tool) => ({ description: 'What it does', ...tool })) }),
  }));
  const server: Shape = {
    ...shapeOf('attributes createTime description displayName mcpServerId name updateTime'),
    interfaces: shapeOf('protocolBinding url'),
    tools: {
      ...shapeOf('description name'),
      annotations: shapeOf('destructiveHint idempotentHint openWorldHint readOnlyHint title'),
    },
  };
  return answerRows(rows, request, values, { ...LIST, field: 'mcpServers', shape: { nextPageToken: true, mcpServers: server } });
}

export function listBindings(world: World, request: FakeRequest): FakeAnswer {
  const here = locationOf(world, request);
  const values = query(request, ['filter', 'orderBy', 'pageSize', 'pageToken']);
  const rows = BINDINGS.filter(({ location }) => location === here).map(({ id, location, from, to, token }) => ({
    name: `projects/${AGENT_PROJECT.id}/locations/${location}/bindings/${id}`,
    displayName: id,
    createTime: world.company.ago(40).toISOString(),
    source: { identifier: from },
    target: { identifier: to },
    ...(token && { authProviderBinding: { authProvider: nameOf(PROVIDERS[0]), scopes: ['read_content'] } }),
  }));
  const one: Shape = {
    ...shapeOf('createTime description displayName name updateTime'),
    source: shapeOf('identifier'),
    target: shapeOf('identifier'),
    authProviderBinding: shapeOf('authProvider continueUri scopes'),
  };
  const list = { ...LIST, usual: 100, largest: 500 } as const;
  return answerRows(rows, request, values, { ...list, field: 'bindings', shape: { nextPageToken: true, bindings: one } });
}

const nameOf = ({ id, location }: Pick<(typeof PROVIDERS)[number], 'id' | 'location'>) =>
  `projects/${AGENT_PROJECT.id}/locations/${location}/authProviders/${id}`;

export function listProviders(world: World, request: FakeRequest): FakeAnswer {
  ownProject(world, request);
  const here = request.params['location'] === ALL ? undefined : locationOf(world, request);
  const values = query(request, ['filter', 'orderBy', 'pageSize', 'pageToken']);
  const rows = PROVIDERS.filter(({ location }) => (here ?? location) === location).map((provider) => ({
    name: nameOf(provider),
    state: 'ENABLED',
    deleted: false,
    createTime: world.company.ago(90).toISOString(),
    ...(provider.allowedScopes && { allowedScopes: provider.allowedScopes }),
    authProviderTypeParams: provider.params,
  }));
  const params: Shape = {
    apiKey: shapeOf('apiKey'),
    geAuthProvider: true,
    threeLeggedOauth: shapeOf('authorizationUrl clientId clientSecret defaultContinueUri enablePkce redirectUrl tokenUrl'),
    twoLeggedOauth: shapeOf('clientId clientSecret tokenUrl'),
  };
  const provider: Shape = {
    ...shapeOf('allowedScopes blockedScopes createTime deleted description expireTime labels name state updateTime workloadIds'),
    authProviderTypeParams: params,
  };
  const shape: Shape = { nextPageToken: true, unreachable: true, authProviders: provider };
  return answerRows(rows, request, values, { ...LIST, usual: 100, field: 'authProviders', shape });
}

function providerAt(world: World, request: FakeRequest): (typeof PROVIDERS)[number] {
  const here = locationOf(world, request);
  const found = PROVIDERS.find(({ id, location }) => id === request.params['provider'] && location === here);
  if (!found) throw new Refused(refusal(404));
  return found;
}

export function queryWorkloads(world: World, request: FakeRequest): FakeAnswer {
  const provider = providerAt(world, request);
  const values = query(request, ['pageSize', 'pageToken']);
  const ids: readonly string[] = provider.agents;
  const rows = AGENTS.filter(({ id }) => ids.includes(id)).map(workload);
  const shape: Shape = { nextPageToken: true, workloadIds: true };
  return answerRows(rows, request, values, { ...LIST, usual: 100, field: 'workloadIds', shape });
}

export function listAuthorizations(world: World, request: FakeRequest): FakeAnswer {
  const provider = providerAt(world, request);
  const values = query(request, ['filter', 'orderBy', 'pageSize', 'pageToken']);
  const rows = provider.grants.map(({ id, user, state }) => ({
    name: `${nameOf(provider)}/authorizations/${id}`,
    clientUserId: world.company.person(user).email,
    scopes: ['read_content'],
    state,
    createTime: world.company.ago(30 + user).toISOString(),
  }));
  const shape: Shape = {
    nextPageToken: true,
    unreachable: true,
    authorizations: shapeOf('clientUserId createTime name scopes state updateTime'),
  };
  return answerRows(rows, request, values, { ...LIST, usual: 100, field: 'authorizations', shape });
}

export function agentTruth(world: World): Expected[] {
  if (!isRegistered(world)) return [];
  const providers = PROVIDERS.flatMap(({ id, location, grants }): Expected[] => [
    { kind: 'vendor_integration', ids: ['auth_provider', location, id] },
    ...grants.map((grant): Expected => ({ kind: 'oauth_grant', ids: ['auth_provider', id, grant.id], permissions: ['read_content'] })),
  ]);
  const tools = [
    ...SERVERS.map(({ id, location, name }): Expected => ({
      kind: 'vendor_integration',
      ids: [location, `urn:mcp:lanternworks:${id}`],
      name,
    })),
    ...BINDINGS.map(({ id, location }): Expected => ({ kind: 'control', ids: ['agent_binding', location, id] })),
  ];
  return [
    ...tools,
    ...providers,
    ...AGENTS.map((agent): Expected => ({ kind: 'agent', ids: [agent.location, uidOf(agent)], name: agent.name })),
  ];
}

/** Pages of both services, where a list of summaries has pages of that size. */
export function agentSizes(world: World, summaryPage: number) {
  if (!isRegistered(world)) return { registryPages: 0, toolPages: 0, accessPages: 0, providerPages: 0 };
  const pages = (rows: number, size = PAGE) => Math.max(1, Math.ceil(rows / size));
  const locations = pages(LOCATIONS.length);
  const sum = (of: (location: Location) => number) => LOCATIONS.reduce((total, location) => total + of(location), 0);
  const registered = sum(
    (here) =>
      pages(APPLICATIONS.filter(({ location }) => location === here).length) +
      pages(AGENTS.filter(({ location }) => location === here).length),
  );
  const members = APPLICATIONS.reduce((total, one) => total + pages(one.members.length), 0);
  const providers = PROVIDERS.reduce(
    (total, { agents, grants }) => total + pages(agents.length, summaryPage) + pages(grants.length, summaryPage),
    0,
  );
  const tools = sum(
    (here) =>
      pages(SERVERS.filter(({ location }) => location === here).length) +
      pages(BINDINGS.filter(({ location }) => location === here).length, Math.min(500, summaryPage)),
  );
  return {
    toolPages: locations + tools,
    registryPages: locations + registered + members,
    accessPages: pages(SUMMARIES.length, summaryPage),
    providerPages: pages(PROVIDERS.length, summaryPage) + providers,
  };
}
