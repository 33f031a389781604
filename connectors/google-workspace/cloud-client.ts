import { given, type From, type Sender } from './ask.ts';
import * as agent from './agent-schema.ts';
import { once } from './console-client.ts';
import { KEY_ACTIVITY_FIELDS } from './cloud-schema.ts';
import { CLOUD_PERMISSIONS, itself, ORIGINS, SCOPES } from './operations.ts';
import { ASSET_FIELDS, ORGANIZATION_FIELDS, pageOf, type Page } from './schema.ts';

/** Reads of Google Cloud, by a service account of its own that acts as itself. */
export interface CloudClient {
  organizations(query: From): Promise<Page>;
  /** Resources of one type in the whole organisation, `organizations/123`. */
  assets(query: From & { organization: string; type: string }): Promise<Page>;
  /** Locations of a project, `projects/123`, in which the registry of agents may hold something. */
  registryLocations(query: From & { project: string }): Promise<Page>;
  /** What is registered in a location, `projects/123/locations/europe-west1`. */
  applications(query: From & { location: string }): Promise<Page>;
  agentsOf(query: From & { application: string }): Promise<Page>;
  agents(query: From & { location: string }): Promise<Page>;
  /** Servers of tools, and which agent may call what, in a location. */
  mcpServers(query: From & { location: string }): Promise<Page>;
  bindings(query: From & { location: string }): Promise<Page>;
  /** Which scopes agents really used; a location may be `-`, which is all of them. */
  accessSummaries(query: From & { location: string }): Promise<Page>;
  /** Where agents get tokens; a location may be `-` here too. */
  authProviders(query: From & { location: string }): Promise<Page>;
  workloadsOf(query: From & { provider: string }): Promise<Page>;
  authorizations(query: From & { provider: string }): Promise<Page>;
  /** When keys of the service accounts of a project, `projects/123`, were last used. */
  keyActivities(query: From & { project: string }): Promise<Page>;
}

export function cloudClient({ ask, sent, pageSize }: Sender): CloudClient {
  const resources = once(async () =>
    (await import('googleapis/build/src/apis/cloudresourcemanager/index.js')).cloudresourcemanager({
      version: 'v3',
      rootUrl: `${ORIGINS.resources}/`,
    }),
  );
  const inventory = once(async () =>
    (await import('googleapis/build/src/apis/cloudasset/index.js')).cloudasset({ version: 'v1', rootUrl: `${ORIGINS.assets}/` }),
  );
  const registry = once(
    async () =>
      (await import('googleapis/build/src/apis/agentregistry/index.js')).agentregistry({ version: 'v1', rootUrl: `${ORIGINS.registry}/` })
        .projects.locations,
  );
  const identity = once(
    async () =>
      (await import('googleapis/build/src/apis/agentidentity/index.js')).agentidentity({ version: 'v1', rootUrl: `${ORIGINS.identity}/` })
        .projects.locations,
  );
  const activity = once(
    async () =>
      (await import('googleapis/build/src/apis/policyanalyzer/index.js')).policyanalyzer({ version: 'v1', rootUrl: `${ORIGINS.activity}/` })
        .projects.locations.activityTypes.activities,
  );
  const registered = itself(SCOPES.registry, CLOUD_PERMISSIONS.registry);
  return {
    organizations: (from) =>
      ask(itself(SCOPES.cloudRead, CLOUD_PERMISSIONS.organizations), pageOf('organizations'), async (auth) =>
        (await resources()).organizations.search({ fields: ORGANIZATION_FIELDS, pageSize: pageSize(500), ...given(from) }, sent(auth)),
      ),
    assets: ({ organization, type, ...from }) =>
      ask(itself(SCOPES.cloud, CLOUD_PERMISSIONS.assets), pageOf('assets'), async (auth) =>
        (await inventory()).assets.list(
          {
            parent: organization,
            assetTypes: [type],
            contentType: 'RESOURCE',
            fields: ASSET_FIELDS,
            pageSize: pageSize(1000),
            ...given(from),
          },
          sent(auth),
        ),
      ),
    // How large a page may be is said nowhere, so the registry's own size is taken.
    registryLocations: ({ project: name, ...from }) =>
      ask(itself(SCOPES.registry, CLOUD_PERMISSIONS.locations), pageOf('locations'), async (auth) =>
        (await registry()).list({ name, fields: agent.LOCATION_FIELDS, ...given(from) }, sent(auth)),
      ),
    applications: ({ location: parent, ...from }) =>
      ask(registered, pageOf('aiApplications'), async (auth) =>
        (await registry()).aiApplications.list({ parent, fields: agent.APPLICATION_FIELDS, ...given(from) }, sent(auth)),
      ),
    agentsOf: ({ application: parent, ...from }) =>
      ask(registered, pageOf('agents'), async (auth) =>
        (await registry()).aiApplications.agents.list({ parent, fields: agent.MEMBER_FIELDS, ...given(from) }, sent(auth)),
      ),
    agents: ({ location: parent, ...from }) =>
      ask(registered, pageOf('agents'), async (auth) =>
        (await registry()).agents.list({ parent, fields: agent.AGENT_FIELDS, ...given(from) }, sent(auth)),
      ),
    mcpServers: ({ location: parent, ...from }) =>
      ask(itself(SCOPES.registry, CLOUD_PERMISSIONS.tools), pageOf('mcpServers'), async (auth) =>
        (await registry()).mcpServers.list({ parent, fields: agent.SERVER_FIELDS, ...given(from) }, sent(auth)),
      ),
    bindings: ({ location: parent, ...from }) =>
      ask(itself(SCOPES.registry, CLOUD_PERMISSIONS.bindings), pageOf('bindings'), async (auth) =>
        (await registry()).bindings.list({ parent, fields: agent.BINDING_FIELDS, pageSize: pageSize(500), ...given(from) }, sent(auth)),
      ),
    accessSummaries: ({ location: parent, ...from }) =>
      ask(itself(SCOPES.cloud, CLOUD_PERMISSIONS.access), pageOf('accessSummaries'), async (auth) =>
        (await identity()).accessSummaries.list(
          { parent, fields: agent.SUMMARY_FIELDS, pageSize: pageSize(1000), ...given(from) },
          sent(auth),
        ),
      ),
    keyActivities: ({ project, ...from }) =>
      ask(itself(SCOPES.cloud, CLOUD_PERMISSIONS.keyUse), pageOf('activities'), async (auth) =>
        (await activity()).query(
          {
            parent: `${project}/locations/global/activityTypes/serviceAccountKeyLastAuthentication`,
            fields: KEY_ACTIVITY_FIELDS,
            pageSize: pageSize(1000),
            ...given(from),
          },
          sent(auth),
        ),
      ),
    authProviders: ({ location: parent, ...from }) =>
      ask(itself(SCOPES.cloud, CLOUD_PERMISSIONS.providers), pageOf('authProviders'), async (auth) =>
        (await identity()).authProviders.list(
          { parent, fields: agent.PROVIDER_FIELDS, pageSize: pageSize(1000), ...given(from) },
          sent(auth),
        ),
      ),
    workloadsOf: ({ provider: name, ...from }) =>
      ask(itself(SCOPES.cloud, CLOUD_PERMISSIONS.workloads), pageOf('workloadIds'), async (auth) =>
        (await identity()).authProviders.queryWorkloads(
          { name, fields: agent.WORKLOAD_FIELDS, pageSize: pageSize(1000), ...given(from) },
          sent(auth),
        ),
      ),
    authorizations: ({ provider: parent, ...from }) =>
      ask(itself(SCOPES.cloud, CLOUD_PERMISSIONS.authorizations), pageOf('authorizations'), async (auth) =>
        (await identity()).authProviders.authorizations.list(
          { parent, fields: agent.AUTHORIZATION_FIELDS, pageSize: pageSize(1000), ...given(from) },
          sent(auth),
        ),
      ),
  };
}
