import type { Expected } from '../../../src/testing/fake.ts';
import { digits, letters } from '../../../src/testing/random.ts';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { ADMIN_ROBOT } from './administration.ts';
import { OWN_PROJECT } from './apps.ts';
import { answerRows } from './lists.ts';
import { type Shape, shapeOf } from './mask.ts';
import { query } from './parameters.ts';
import { STORY_COMPANY } from './stories.ts';
import type { World } from './world.ts';

/** The company's organisation in Google Cloud. */
export const ORGANIZATION = digits(12, 'google-workspace', 'organization');

/** What the service account for Google Cloud may do there. */
export const CLOUD_PERMISSIONS = {
  organizations: 'resourcemanager.organizations.get',
  assets: 'cloudasset.assets.listResource',
  folders: 'resourcemanager.folders.list',
  projects: 'resourcemanager.projects.list',
  services: 'serviceusage.services.list',
  accounts: 'iam.serviceAccounts.list',
  accountKeys: 'iam.serviceAccountKeys.list',
  apiKeys: 'apikeys.keys.list',
  locations: 'agentregistry.locations.list',
  registry: 'agentregistry.agents.list',
  tools: 'agentregistry.mcpServers.list',
  bindings: 'agentregistry.bindings.list',
  access: 'agentidentity.accessSummaries.list',
  providers: 'agentidentity.authProviders.list',
  workloads: 'agentidentity.authProviders.queryWorkloads',
  authorizations: 'agentidentity.authorizations.list',
  keyUse: 'policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query',
} as const;

export interface Project {
  id: string;
  number: string;
  services: readonly string[];
}

export const BUILD: Project = {
  id: 'lanternworks-intranet',
  number: OWN_PROJECT,
  services: ['generativelanguage.googleapis.com', 'storage.googleapis.com'],
};
/** Its agents are registered. */
export const DATA_PROJECT: Project = {
  id: 'lanternworks-data',
  number: digits(12, 'google-workspace', 'project', 'data'),
  services: ['aiplatform.googleapis.com', 'agentregistry.googleapis.com', 'agentidentity.googleapis.com'],
};
const QUIET: Project = {
  id: 'lanternworks-quiet',
  number: digits(12, 'google-workspace', 'project', 'quiet'),
  services: ['storage.googleapis.com'],
};
export const PROJECTS = [BUILD, DATA_PROJECT, QUIET];

export interface ServiceAccount {
  id: string;
  name: string;
  project: Project;
  disabled?: boolean;
  keys: readonly { id: string; ends?: boolean; system?: boolean; exposed?: boolean; disabled?: boolean }[];
}

const keyId = (label: string) => letters(40, '0123456789abcdef', 'google-workspace', 'account key', label);

export const ACCOUNTS: readonly ServiceAccount[] = [
  // Stands behind a delegation, and administers.
  {
    id: ADMIN_ROBOT,
    name: 'connector',
    project: BUILD,
    keys: [{ id: keyId('connector') }, { id: keyId('turned over'), ends: true, system: true }],
  },
  {
    id: `1${digits(20, 'google-workspace', 'account', 'exposed')}`,
    name: 'notebook-runner',
    project: DATA_PROJECT,
    disabled: true,
    keys: [{ id: keyId('exposed'), ends: true, exposed: true, disabled: true }],
  },
];

interface ApiKey {
  uid: string;
  name: string;
  project: Project;
  targets?: readonly string[];
  boundTo?: ServiceAccount;
}

const uid = (label: string) => letters(32, '0123456789abcdef', 'google-workspace', 'api key', label);

/** One of each kind: limited to AI, limited to something else, and without limits where AI is enabled and where it is not. */
export const API_KEYS: readonly ApiKey[] = [
  { uid: uid('limited to ai'), name: 'Gemini prototype', project: QUIET, targets: ['generativelanguage.googleapis.com'] },
  { uid: uid('limited to maps'), name: 'Maps on the web site', project: BUILD, targets: ['maps-backend.googleapis.com'] },
  { uid: uid('without limits'), name: 'API key 1', project: BUILD },
  { uid: uid('without limits, without ai'), name: 'API key 2', project: QUIET, boundTo: ACCOUNTS[1]! },
];

/** One that lets in who meets a condition, and one that lets in another cloud's account as it is. */
export const IDENTITY_PROVIDERS = [
  {
    pool: 'delivery',
    id: 'actions',
    oidc: { issuerUri: 'https://token.actions.githubusercontent.com' },
    attributeCondition: "assertion.repository_owner_id == '1'",
  },
  { pool: 'delivery', id: 'other-cloud', aws: { accountId: digits(12, 'google-workspace', 'other cloud') } },
] as const;

/** What stands in AI services: one that acts by itself, others that do not, one that runs as an account. */
export const AI_RESOURCES = [
  {
    type: 'aiplatform.googleapis.com/ReasoningEngine',
    path: 'locations/europe-west1/reasoningEngines/4711',
    data: { displayName: 'Claims desk', spec: { serviceAccount: `claims@${DATA_PROJECT.id}.iam.gserviceaccount.com` } },
  },
  { type: 'aiplatform.googleapis.com/Endpoint', path: 'locations/europe-west1/endpoints/815', data: { displayName: 'Churn' } },
  { type: 'aiplatform.googleapis.com/Model', path: 'locations/europe-west1/models/816', data: {} },
  {
    type: 'discoveryengine.googleapis.com/Engine',
    path: 'locations/eu/collections/default_collection/engines/handbook',
    data: { displayName: 'Handbook' },
  },
  {
    type: 'notebooks.googleapis.com/Instance',
    path: 'locations/europe-west1-b/instances/scratch',
    data: { serviceAccount: `notebook-runner@${DATA_PROJECT.id}.iam.gserviceaccount.com` },
  },
] as const;

/** Keys as the inventory has them must never come through: the value of one is planted. */
export const API_KEY_CANARY = `AIza${letters(35, 'ABCDEFGHabcdefgh0123456789', 'google-workspace', 'api key value')}`;

export function emailOf({ name, project }: Pick<ServiceAccount, 'name' | 'project'>): string {
  return `${name}@${project.id}.iam.gserviceaccount.com`;
}

export function searchOrganizations(world: World, visible: boolean, request: FakeRequest): FakeAnswer {
  const values = query(request, ['pageSize', 'pageToken', 'query']);
  const rows = [
    // Another customer's, to whose organisation the scanner was let in as well.
    {
      name: `organizations/${digits(12, 'google-workspace', 'other organization')}`,
      displayName: 'partner.example',
      directoryCustomerId: 'C0partner',
      state: 'ACTIVE',
    },
    { name: `organizations/${ORGANIZATION}`, displayName: world.company.domain, directoryCustomerId: world.customerId, state: 'ACTIVE' },
  ];
  const shape: Shape = {
    nextPageToken: true,
    organizations: shapeOf('createTime deleteTime directoryCustomerId displayName etag name state updateTime'),
  };
  // Whoever may see none is told of none, and is not refused.
  return answerRows(visible ? rows : [], request, values, {
    field: 'organizations',
    shape,
    sizeParameter: 'pageSize',
    usual: 50,
    largest: 500,
  });
}

/** What a complete scan must see, when every service is worth a look. */
export function cloudTruth(world: World): Expected[] {
  if (world.people < STORY_COMPANY) return [];
  return [
    ...PROJECTS.map(({ number, id }): Expected => ({ kind: 'control', ids: ['project', number], name: id })),
    ...PROJECTS.flatMap(({ number, services }) =>
      services.map((service): Expected => ({ kind: 'vendor_integration', ids: [number, service] })),
    ),
    ...ACCOUNTS.map((account): Expected => ({ kind: 'service_account', ids: ['service_account', account.id], name: emailOf(account) })),
    ...ACCOUNTS.flatMap(({ id, keys }) =>
      keys
        .filter(({ system }) => !system)
        .map((key): Expected => ({ kind: 'api_key', ids: [id, key.id], ...(!key.ends && { expiresAt: 'never' }) })),
    ),
    ...API_KEYS.map(({ uid, name, project }): Expected => ({ kind: 'api_key', ids: [project.number, uid], name })),
    ...AI_RESOURCES.map(({ type, path }): Expected => ({
      kind: type.endsWith('Engine') ? 'agent' : 'vendor_integration',
      ids: [DATA_PROJECT.number, path.split('/').at(-1)!],
    })),
    ...IDENTITY_PROVIDERS.map(({ pool, id }): Expected => ({ kind: 'trust', ids: [BUILD.number, pool, id] })),
  ];
}
