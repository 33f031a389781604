import type { Expected } from '../../../src/testing/fake.ts';
import type { FakeRequest } from '../../../src/testing/server.ts';
import { digits, letters } from '../../../src/testing/random.ts';
import { DATA_PROJECT, ORGANIZATION } from './cloud.ts';
import { Refused, refusal } from './refusals.ts';
import { STORY_COMPANY } from './stories.ts';
import type { World } from './world.ts';

/** What one project has registered of its agents, and what they used; answered by its two services. */

/** Pages of the registry are as large as it likes, which is small here. */
const PAGE = 2;

export const LOCATIONS = ['europe-west1', 'global', 'us-central1'] as const;
type Location = (typeof LOCATIONS)[number];

export interface Agent {
  id: string;
  name: string;
  location: Location;
  framework?: string;
  /** It runs in a service of Google's, under an identity of its own. */
  runs?: true;
}

export const AGENTS: readonly Agent[] = [
  { id: 'invoices', name: 'Invoice agent', location: 'europe-west1', framework: 'google-adk', runs: true },
  { id: 'support', name: 'Support agent', location: 'europe-west1', framework: 'langchain' },
  { id: 'travel', name: 'Travel agent', location: 'europe-west1' },
  { id: 'lonely', name: 'An agent that nobody answers for', location: 'us-central1', framework: 'custom' },
];

export const APPLICATIONS = [
  { id: 'back-office', name: 'Back office', location: 'europe-west1', owner: 1, members: ['invoices', 'travel'] },
  { id: 'help-desk', name: 'Help desk', location: 'europe-west1', owner: 3, members: ['support'] },
  { id: 'assistants', name: 'Assistants', location: 'europe-west1', owner: 9, members: ['invoices', 'support'] },
] as const;

export const workload = (agent: Agent) =>
  `principal://agents.global.org-${ORGANIZATION}.system.id.goog/resources/aiplatform/projects/${DATA_PROJECT.number}/locations/${agent.location}/reasoningEngines/${agent.id}`;

export const uidOf = ({ id }: Agent) => `7c1e4f20-0000-4000-8000-${digits(12, 'google-workspace', 'agent', id)}`;

export const SUMMARIES = AGENTS.map((agent, index) => ({ agent, id: `summary-${index}`, user: index }));

export const SERVERS = [
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

export const BINDINGS = [
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

export const PROVIDERS = [
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
export const ALL = '-';

/** Where a request asks; refuses every other project and location. */
export function locationOf(world: World, request: FakeRequest): Location {
  ownProject(world, request);
  const found = LOCATIONS.find((location) => location === request.params['location']);
  if (!found) throw new Refused(refusal(404));
  return found;
}

export function ownProject(world: World, { params }: FakeRequest): void {
  if (!isRegistered(world) || ![DATA_PROJECT.number, DATA_PROJECT.id].includes(params['project']!)) throw new Refused(refusal(403));
}

export const LIST = { sizeParameter: 'pageSize', usual: PAGE, largest: 1000, above: 'reduced' } as const;

export const nameOf = ({ id, location }: Pick<(typeof PROVIDERS)[number], 'id' | 'location'>) =>
  `projects/${DATA_PROJECT.id}/locations/${location}/authProviders/${id}`;

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
