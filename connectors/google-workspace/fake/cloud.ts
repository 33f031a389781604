import type { Expected } from '../../../src/testing/fake.ts';
import { digits, letters } from '../../../src/testing/random.ts';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { ADMIN_ROBOT } from './administration.ts';
import { OWN_PROJECT } from './apps.ts';
import { answerRows } from './lists.ts';
import { type Shape, shapeOf } from './mask.ts';
import { query } from './parameters.ts';
import { badParameter, Refused, refusal } from './refusals.ts';
import { STORY_COMPANY } from './stories.ts';
import type { World } from './world.ts';

/** The company's organisation in Google Cloud. */
export const ORGANIZATION = digits(12, 'google-workspace', 'organization');

/** What the service account for Google Cloud may do there. */
export const CLOUD_PERMISSIONS = {
  organizations: 'resourcemanager.organizations.get',
  assets: 'cloudasset.assets.listResource',
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

interface Project {
  id: string;
  number: string;
  services: readonly string[];
}

const BUILD: Project = {
  id: 'lanternworks-intranet',
  number: OWN_PROJECT,
  services: ['generativelanguage.googleapis.com', 'storage.googleapis.com'],
};
const DATA: Project = {
  id: 'lanternworks-data',
  number: digits(12, 'google-workspace', 'project', 'data'),
  services: ['aiplatform.googleapis.com', 'agentregistry.googleapis.com', 'agentidentity.googleapis.com'],
};
/** Whose agents are registered. */
export const AGENT_PROJECT = DATA;
const QUIET: Project = {
  id: 'lanternworks-quiet',
  number: digits(12, 'google-workspace', 'project', 'quiet'),
  services: ['storage.googleapis.com'],
};
const PROJECTS = [BUILD, DATA, QUIET];

interface ServiceAccount {
  id: string;
  name: string;
  project: Project;
  disabled?: boolean;
  keys: readonly { id: string; ends?: boolean; system?: boolean; exposed?: boolean; disabled?: boolean }[];
}

const keyId = (label: string) => letters(40, '0123456789abcdef', 'google-workspace', 'account key', label);

const ACCOUNTS: readonly ServiceAccount[] = [
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
    project: DATA,
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
const API_KEYS: readonly ApiKey[] = [
  { uid: uid('limited to ai'), name: 'Gemini prototype', project: QUIET, targets: ['generativelanguage.googleapis.com'] },
  { uid: uid('limited to maps'), name: 'Maps on the web site', project: BUILD, targets: ['maps-backend.googleapis.com'] },
  { uid: uid('without limits'), name: 'API key 1', project: BUILD },
  { uid: uid('without limits, without ai'), name: 'API key 2', project: QUIET, boundTo: ACCOUNTS[1]! },
];

/** One that lets in who meets a condition, and one that lets in another cloud's account as it is. */
const IDENTITY_PROVIDERS = [
  {
    pool: 'delivery',
    id: 'actions',
    oidc: { issuerUri: 'https://token.actions.githubusercontent.com' },
    attributeCondition: "assertion.repository_owner_id == '1'",
  },
  { pool: 'delivery', id: 'other-cloud', aws: { accountId: digits(12, 'google-workspace', 'other cloud') } },
] as const;

/** What stands in AI services: one that acts by itself, others that do not, one that runs as an account. */
const AI_RESOURCES = [
  {
    type: 'aiplatform.googleapis.com/ReasoningEngine',
    path: 'locations/europe-west1/reasoningEngines/4711',
    data: { displayName: 'Claims desk', spec: { serviceAccount: `claims@${DATA.id}.iam.gserviceaccount.com` } },
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
    data: { serviceAccount: `notebook-runner@${DATA.id}.iam.gserviceaccount.com` },
  },
] as const;

/** Keys as the inventory has them must never come through: the value of one is planted. */
export const API_KEY_CANARY = `AIza${letters(35, 'ABCDEFGHabcdefgh0123456789', 'google-workspace', 'api key value')}`;

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

type Asset = { type: string; name: string; project: Project; data: Record<string, unknown> };

function assetsOf(world: World): Asset[] {
  if (world.people < STORY_COMPANY) return [];
  const at = (days: number) => world.company.ago(days).toISOString();
  return [
    ...PROJECTS.map((project): Asset => ({
      type: 'cloudresourcemanager.googleapis.com/Project',
      name: `//cloudresourcemanager.googleapis.com/projects/${project.number}`,
      project,
      data: { projectId: project.id, projectNumber: project.number, lifecycleState: 'ACTIVE', name: project.id, createTime: at(800) },
    })),
    ...PROJECTS.flatMap((project) =>
      project.services.map((service): Asset => ({
        type: 'serviceusage.googleapis.com/Service',
        name: `//serviceusage.googleapis.com/projects/${project.number}/services/${service}`,
        project,
        data: { name: `projects/${project.number}/services/${service}`, parent: `projects/${project.number}`, state: 'ENABLED' },
      })),
    ),
    ...ACCOUNTS.map((account): Asset => ({
      type: 'iam.googleapis.com/ServiceAccount',
      name: `//iam.googleapis.com/projects/${account.project.id}/serviceAccounts/${account.id}`,
      project: account.project,
      data: {
        name: `projects/${account.project.id}/serviceAccounts/${emailOf(account)}`,
        uniqueId: account.id,
        oauth2ClientId: account.id,
        email: emailOf(account),
        displayName: account.name,
        ...(account.disabled && { disabled: true }),
      },
    })),
    ...ACCOUNTS.flatMap((account) =>
      account.keys.map((key): Asset => ({
        type: 'iam.googleapis.com/ServiceAccountKey',
        name: `//iam.googleapis.com/projects/${account.project.id}/serviceAccounts/${account.id}/keys/${key.id}`,
        project: account.project,
        data: {
          name: `projects/${account.project.id}/serviceAccounts/${emailOf(account)}/keys/${key.id}`,
          keyType: key.system ? 'SYSTEM_MANAGED' : 'USER_MANAGED',
          keyOrigin: 'GOOGLE_PROVIDED',
          keyAlgorithm: 'KEY_ALG_RSA_2048',
          validAfterTime: at(500),
          validBeforeTime: key.ends ? at(-300) : '9999-12-31T23:59:59Z',
          ...(key.disabled && { disabled: true }),
          ...(key.exposed && {
            extendedStatus: [{ key: 'SERVICE_ACCOUNT_KEY_EXTENDED_STATUS_KEY_EXPOSED', value: 'https://code.example/leak' }],
          }),
        },
      })),
    ),
    ...API_KEYS.map((key): Asset => ({
      type: 'apikeys.googleapis.com/Key',
      name: `//apikeys.googleapis.com/projects/${key.project.number}/locations/global/keys/${key.uid}`,
      project: key.project,
      data: {
        name: `projects/${key.project.number}/locations/global/keys/${key.uid}`,
        uid: key.uid,
        displayName: key.name,
        keyString: API_KEY_CANARY,
        createTime: at(210),
        ...(key.targets && { restrictions: { apiTargets: key.targets.map((service) => ({ service })) } }),
        ...(key.boundTo && { serviceAccountEmail: emailOf(key.boundTo) }),
      },
    })),
    ...AI_RESOURCES.map(({ type, path, data }): Asset => {
      const name = `projects/${DATA.id}/${path}`;
      return { type, name: `//${type.split('/')[0]}/${name}`, project: DATA, data: { name, createTime: at(60), ...data } };
    }),
    ...IDENTITY_PROVIDERS.map(({ pool, id, ...rest }): Asset => {
      const name = `projects/${BUILD.number}/locations/global/workloadIdentityPools/${pool}/providers/${id}`;
      return {
        type: 'iam.googleapis.com/WorkloadIdentityPoolProvider',
        name: `//iam.googleapis.com/${name}`,
        project: BUILD,
        data: { name, displayName: id, state: 'ACTIVE', ...rest },
      };
    }),
  ];
}

function emailOf({ name, project }: Pick<ServiceAccount, 'name' | 'project'>): string {
  return `${name}@${project.id}.iam.gserviceaccount.com`;
}

const SUPPORTED = [
  'cloudresourcemanager.googleapis.com/Project',
  'serviceusage.googleapis.com/Service',
  'iam.googleapis.com/ServiceAccount',
  'iam.googleapis.com/ServiceAccountKey',
  'apikeys.googleapis.com/Key',
  'iam.googleapis.com/WorkloadIdentityPoolProvider',
  'aiplatform.googleapis.com/Dataset',
  'aiplatform.googleapis.com/Endpoint',
  'aiplatform.googleapis.com/IndexEndpoint',
  'aiplatform.googleapis.com/Model',
  'aiplatform.googleapis.com/ReasoningEngine',
  'discoveryengine.googleapis.com/DataStore',
  'discoveryengine.googleapis.com/Engine',
  'dialogflow.googleapis.com/Agent',
  'notebooks.googleapis.com/Instance',
];

export function listAssets(world: World, unsupported: ReadonlySet<string>, request: FakeRequest): FakeAnswer {
  if (request.params['organization'] !== ORGANIZATION) throw new Refused(refusal(403));
  const values = query(request, ['assetTypes', 'contentType', 'pageSize', 'pageToken', 'readTime']);
  const asked = new RegExp(`^${values.get('assetTypes') ?? ''}$`);
  const types = new Set(SUPPORTED.filter((type) => asked.test(type) && !unsupported.has(type)));
  if (types.size === 0) throw badParameter('assetTypes', `Invalid asset type ${values.get('assetTypes')}`);
  const rows = assetsOf(world)
    .filter(({ type }) => types.has(type))
    .map(({ type, name, project, data }) => ({
      name,
      assetType: type,
      ancestors: [`projects/${project.number}`, `organizations/${ORGANIZATION}`],
      updateTime: world.company.ago(9).toISOString(),
      ...(values.get('contentType') === 'RESOURCE' && { resource: { version: 'v1', data } }),
    }));
  const shape: Shape = {
    nextPageToken: true,
    readTime: true,
    assets: {
      ...shapeOf('ancestors assetType name updateTime'),
      resource: shapeOf('data discoveryDocumentUri discoveryName location parent resourceUrl version'),
    },
  };
  return answerRows(rows, request, values, { field: 'assets', shape, sizeParameter: 'pageSize', usual: 100, largest: 1000 });
}

/** When keys were last used: one two days ago, those of the other account not while Google watched. */
export function queryActivities(world: World, request: FakeRequest): FakeAnswer {
  const { project, location, activityType } = request.params;
  if (world.people < STORY_COMPANY || location !== 'global') throw new Refused(refusal(403));
  if (activityType !== 'serviceAccountKeyLastAuthentication') throw badParameter('parent', `Unknown activity type ${activityType}`);
  const values = query(request, ['filter', 'pageSize', 'pageToken']);
  const midnight = (days: number) => `${world.company.ago(days).toISOString().slice(0, 10)}T07:00:00Z`;
  const rows = keysOf(project!).map(({ account, key }) => {
    const fullResourceName = `//iam.googleapis.com/projects/${account.project.id}/serviceAccounts/${emailOf(account)}/keys/${key.id}`;
    const serviceAccountKey = { fullResourceName, projectNumber: account.project.number, serviceAccountId: account.id };
    return {
      fullResourceName,
      activityType,
      observationPeriod: { startTime: midnight(400), endTime: midnight(2) },
      activity: { ...(!key.exposed && { lastAuthenticatedTime: midnight(2) }), serviceAccountKey },
    };
  });
  const shape: Shape = { nextPageToken: true, activities: shapeOf('activity activityType fullResourceName observationPeriod') };
  return answerRows(rows, request, values, { field: 'activities', shape, sizeParameter: 'pageSize', usual: 100, largest: 1000 });
}

function keysOf(project: string) {
  const accounts = ACCOUNTS.filter((account) => [account.project.id, account.project.number].includes(project));
  return accounts.flatMap((account) => account.keys.map((key) => ({ account, key })));
}

/** Pages of that size, of the projects that have keys which somebody may hold. */
export function keyUseSizes(world: World, size: number) {
  if (world.people < STORY_COMPANY) return { keyUsePages: 0 };
  const projects = PROJECTS.filter(({ id }) => keysOf(id).some(({ key }) => !key.system));
  return { keyUsePages: projects.reduce((sum, { id }) => sum + Math.max(1, Math.ceil(keysOf(id).length / size)), 0) };
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
      ids: [DATA.number, path.split('/').at(-1)!],
    })),
    ...IDENTITY_PROVIDERS.map(({ pool, id }): Expected => ({ kind: 'trust', ids: [BUILD.number, pool, id] })),
  ];
}

export function cloudSizes(world: World) {
  const assets = assetsOf(world);
  const count = (type: string) => assets.filter((asset) => asset.type === type).length;
  return {
    organizations: 2,
    cloudServices: count('serviceusage.googleapis.com/Service'),
    cloudProjects: count('cloudresourcemanager.googleapis.com/Project'),
    serviceAccounts: count('iam.googleapis.com/ServiceAccount'),
    serviceAccountKeys: count('iam.googleapis.com/ServiceAccountKey'),
    apiKeys: count('apikeys.googleapis.com/Key'),
    modelDatasets: count('aiplatform.googleapis.com/Dataset'),
    modelEndpoints: count('aiplatform.googleapis.com/Endpoint'),
    indexEndpoints: count('aiplatform.googleapis.com/IndexEndpoint'),
    models: count('aiplatform.googleapis.com/Model'),
    reasoningEngines: count('aiplatform.googleapis.com/ReasoningEngine'),
    dataStores: count('discoveryengine.googleapis.com/DataStore'),
    searchEngines: count('discoveryengine.googleapis.com/Engine'),
    conversationAgents: count('dialogflow.googleapis.com/Agent'),
    notebooks: count('notebooks.googleapis.com/Instance'),
    identityProviders: count('iam.googleapis.com/WorkloadIdentityPoolProvider'),
  };
}
