import type { FakeRequest, FakeRoute } from '../../../src/testing/server.ts';
import { listAuthorizations, listProviders, listSummaries, queryWorkloads } from './agent-identity.ts';
import { listAgents, listAgentsOf, listApplications, listBindings, listLocations, listServers } from './agent-registry.ts';
import { listAssets } from './assets.ts';
import { CLOUD_PERMISSIONS, searchOrganizations } from './cloud.ts';
import { guarded, type Guards } from './guards.ts';
import { queryActivities } from './key-activity.ts';
import { listAccountKeys, listAccounts, listApiKeys, listFolders, listProjects, listServices } from './projects.ts';
import { Refused, refusal } from './refusals.ts';
import type { World } from './world.ts';

interface Cloud {
  world: World;
  guards: Guards;
  /** Scopes and permissions that are given. */
  granted: ReadonlySet<string>;
  /** Asset types that Google does not support. */
  unsupported: ReadonlySet<string>;
  /** The page size that was asked for last, where how many pages there are depends on it. */
  paging: { size: number };
}

/** Google Cloud of the company, its agents included. */
export function cloudRoutes({ world, guards, granted, unsupported, paging }: Cloud): FakeRoute[] {
  const allowed = (permission: string, request: FakeRequest) => {
    if (!granted.has(permission)) throw new Refused(refusal(403));
    return request;
  };
  const registered = (request: FakeRequest) => allowed(CLOUD_PERMISSIONS.registry, request);
  const noted = (request: FakeRequest) => void (paging.size = Number(request.url.searchParams.get('pageSize') ?? paging.size));
  return [
    cloudRoute(guards, 'cloudresourcemanager.organizations.search', '/v3/organizations:search', (request) =>
      searchOrganizations(world, granted.has(CLOUD_PERMISSIONS.organizations), request),
    ),
    cloudRoute(guards, 'cloudasset.assets.list', '/v1/organizations/{organization}/assets', (request) => {
      return listAssets(world, unsupported, allowed(CLOUD_PERMISSIONS.assets, request));
    }),
    cloudRoute(
      guards,
      'policyanalyzer.projects.locations.activityTypes.activities.query',
      '/v1/projects/{project}/locations/{location}/activityTypes/{activityType}/activities:query',
      (request) => {
        noted(request);
        return queryActivities(world, allowed(CLOUD_PERMISSIONS.keyUse, request));
      },
    ),
    agentRoute(guards, 'agentregistry', 'projects.locations', '', (request) =>
      listLocations(world, allowed(CLOUD_PERMISSIONS.locations, request)),
    ),
    agentRoute(guards, 'agentregistry', 'projects.locations.aiApplications', '/{location}/aiApplications', (request) =>
      listApplications(world, registered(request)),
    ),
    agentRoute(
      guards,
      'agentregistry',
      'projects.locations.aiApplications.agents',
      '/{location}/aiApplications/{application}/agents',
      (request) => listAgentsOf(world, registered(request)),
    ),
    agentRoute(guards, 'agentregistry', 'projects.locations.agents', '/{location}/agents', (request) =>
      listAgents(world, registered(request)),
    ),
    agentRoute(guards, 'agentregistry', 'projects.locations.mcpServers', '/{location}/mcpServers', (request) =>
      listServers(world, allowed(CLOUD_PERMISSIONS.tools, request)),
    ),
    agentRoute(guards, 'agentregistry', 'projects.locations.bindings', '/{location}/bindings', (request) => {
      noted(request);
      return listBindings(world, allowed(CLOUD_PERMISSIONS.bindings, request));
    }),
    agentRoute(guards, 'agentidentity', 'projects.locations.accessSummaries', '/{location}/accessSummaries', (request) => {
      noted(request);
      return listSummaries(world, allowed(CLOUD_PERMISSIONS.access, request));
    }),
    agentRoute(guards, 'agentidentity', 'projects.locations.authProviders', '/{location}/authProviders', (request) => {
      noted(request);
      return listProviders(world, allowed(CLOUD_PERMISSIONS.providers, request));
    }),
    cloudRoute(
      guards,
      'agentidentity.projects.locations.authProviders.queryWorkloads',
      '/v1/projects/{project}/locations/{location}/authProviders/{provider}:queryWorkloads',
      (request) => queryWorkloads(world, allowed(CLOUD_PERMISSIONS.workloads, request)),
    ),
    agentRoute(
      guards,
      'agentidentity',
      'projects.locations.authProviders.authorizations',
      '/{location}/authProviders/{provider}/authorizations',
      (request) => listAuthorizations(world, allowed(CLOUD_PERMISSIONS.authorizations, request)),
    ),
    cloudRoute(guards, 'cloudresourcemanager.folders.list', '/v3/folders', (request) =>
      listFolders(world, allowed(CLOUD_PERMISSIONS.folders, request)),
    ),
    cloudRoute(guards, 'cloudresourcemanager.projects.list', '/v3/projects', (request) => {
      noted(request);
      return listProjects(world, allowed(CLOUD_PERMISSIONS.projects, request));
    }),
    cloudRoute(guards, 'serviceusage.services.list', '/v1/projects/{project}/services', (request) =>
      listServices(world, allowed(CLOUD_PERMISSIONS.services, request)),
    ),
    cloudRoute(guards, 'iam.projects.serviceAccounts.list', '/v1/projects/{project}/serviceAccounts', (request) =>
      listAccounts(world, allowed(CLOUD_PERMISSIONS.accounts, request)),
    ),
    cloudRoute(guards, 'iam.projects.serviceAccounts.keys.list', '/v1/projects/{project}/serviceAccounts/{account}/keys', (request) =>
      listAccountKeys(world, allowed(CLOUD_PERMISSIONS.accountKeys, request)),
    ),
    cloudRoute(guards, 'apikeys.projects.locations.keys.list', '/v2/projects/{project}/locations/{location}/keys', (request) =>
      listApiKeys(world, allowed(CLOUD_PERMISSIONS.apiKeys, request)),
    ),
  ];
}

function cloudRoute(guards: Guards, operation: string, path: string, answer: FakeRoute['answer']): FakeRoute {
  return guarded(guards, operation, path, undefined, answer);
}

function agentRoute(guards: Guards, api: 'agentregistry' | 'agentidentity', resource: string, below: string, answer: FakeRoute['answer']) {
  return cloudRoute(guards, `${api}.${resource}.list`, `/v1/projects/{project}/locations${below}`, answer);
}
