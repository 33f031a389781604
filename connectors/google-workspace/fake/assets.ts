import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import {
  ACCOUNTS,
  AI_RESOURCES,
  API_KEY_CANARY,
  API_KEYS,
  DATA_PROJECT,
  emailOf,
  IDENTITY_PROVIDERS,
  BUILD,
  ORGANIZATION,
  type Project,
  PROJECTS,
} from './cloud.ts';
import { answerRows } from './lists.ts';
import { type Shape, shapeOf } from './mask.ts';
import { query } from './parameters.ts';
import { badParameter, Refused, refusal } from './refusals.ts';
import { STORY_COMPANY } from './stories.ts';
import type { World } from './world.ts';

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
      const name = `projects/${DATA_PROJECT.id}/${path}`;
      return { type, name: `//${type.split('/')[0]}/${name}`, project: DATA_PROJECT, data: { name, createTime: at(60), ...data } };
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
