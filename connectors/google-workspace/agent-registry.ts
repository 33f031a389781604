import { defineCollector, path, within, type Json, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { lastOf, readRegions, type At } from './agent-locations.ts';
import { application, member, registeredAgent, type Application, type RegisteredAgent } from './agent-schema.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { CLOUD_PERMISSIONS } from './operations.ts';

/**
 * Agents that the projects of the organisation have registered, with the applications that they are part of: these name who answers
 * for them. https://cloud.google.com/agent-registry/docs
 */
export const agentRegistry = defineCollector<Config, Client>({
  id: 'agent_registry',
  title: 'Google Cloud: registered agents and who answers for them',
  version: 1,
  kinds: ['agent'],
  mode: 'inventory',
  optional: true,
  needs: ['cloud'],
  operations: [
    'cloudresourcemanager.organizations.search',
    'cloudasset.assets.list',
    'agentregistry.projects.locations.list',
    'agentregistry.projects.locations.aiApplications.list',
    'agentregistry.projects.locations.aiApplications.agents.list',
    'agentregistry.projects.locations.agents.list',
  ],
  permissions: [
    { id: CLOUD_PERMISSIONS.organizations, purpose: 'Find the organisation that belongs to the customer (roles/browser)', required: true },
    { id: CLOUD_PERMISSIONS.assets, purpose: 'Find the projects that registered agents (roles/cloudasset.viewer)', required: true },
    { id: CLOUD_PERMISSIONS.locations, purpose: 'List the locations of the registry (roles/agentregistry.viewer)', required: true },
    { id: CLOUD_PERMISSIONS.registry, purpose: 'List agents and applications (roles/agentregistry.viewer)', required: true },
  ],
  limits: [
    'Agents that nobody registered',
    'Endpoints are not read; servers of tools, and which agent may call what, are read by agent_tools',
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('organizations', 500) + sizes.pages('cloudServices', 1000) + sizes.of('registryPages'),

  collect: (context) =>
    readRegions(context, {
      service: 'agentregistry.googleapis.com',
      place: within(context.account.scope, 'agents'),
      effect: 'Which agents are registered is unknown',
      permission: CLOUD_PERMISSIONS.registry,
      size: 'registryPages',
      locations: (query) => context.client.registryLocations(query),
      read: (at) => agentsIn(context.client, at),
    }),
});

async function* agentsIn(client: Client, at: At): AsyncGenerator<ScanEvent> {
  const applications = yield* at.list({
    what: 'application',
    schema: application,
    ask: (pageToken) => client.applications({ location: at.name, pageToken }),
  });
  if (!applications) return;
  // By the id of the agent, and each once: an application may be listed twice.
  const owners = new Map<string, Map<string, Json>>();
  for (const one of applications) {
    const members = yield* at.list({
      what: 'agent of an application',
      schema: member,
      ask: (pageToken) => client.agentsOf({ application: `${at.name}/aiApplications/${lastOf(one.name)}`, pageToken }),
    });
    // Without its owners, an agent would look as if they had left it.
    if (!members) return;
    // Asked for by the project's number, which Google's names need not use.
    const here = new Set([at.name, placeOf(one.name)]);
    for (const { name } of members) {
      // An agent of another place may have the same last name.
      if (!here.has(placeOf(name))) continue;
      const of = owners.get(lastOf(name)) ?? new Map<string, Json>();
      for (const owner of ownersIn(one)) of.set(JSON.stringify(owner), owner);
      owners.set(lastOf(name), of);
    }
  }
  const agents = yield* at.list({
    what: 'agent',
    schema: registeredAgent,
    place: () => at.scope,
    ask: (pageToken) => client.agents({ location: at.name, pageToken }),
  });
  for (const agent of agents ?? []) yield observationOf(at, agent, [...(owners.get(lastOf(agent.name))?.values() ?? [])]);
}

/** `projects/123/locations/europe-west1` of a resource that stands in it. */
function placeOf(name: string): string {
  return name.split('/').slice(0, 4).join('/');
}

/** Who says so stands beside each: a registry holds what somebody entered there. */
function ownersIn({ name, displayName, attributes }: Application): Json[] {
  const { businessOwners, developerOwners, operatorOwners } = attributes ?? {};
  const roles = { business: businessOwners, development: developerOwners, operation: operatorOwners };
  return Object.entries(roles).flatMap(([role, people]) =>
    (people ?? []).flatMap(({ email }) =>
      email ? [{ email, role, application: displayName ?? lastOf(name), source: 'Agent Registry' }] : [],
    ),
  );
}

function observationOf({ project, name, scope }: At, agent: RegisteredAgent, ownerCandidates: Json[]): Observation {
  const [location, called] = [lastOf(name), lastOf(agent.name)];
  // A name may be given again to another agent.
  const id = agent.uid ?? agent.agentId ?? called;
  const thing = path('agent', project, location, id);
  const { framework, principal, runtime } = agent.attributes ?? {};
  // `//aiplatform.googleapis.com/projects/…`: which service runs it.
  const api = runtime === undefined ? undefined : /^(?:https:)?\/\/([^/]+)\//.exec(runtime)?.[1];
  return {
    type: 'observation',
    thing,
    nativeId: thing,
    kind: 'agent',
    scope: within(scope, id),
    subject: { app: thing, name: agent.displayName ?? called },
    ...(principal !== undefined && { principal: { id: principal, name: principal, traits: ['agent_runtime', 'workload'] as const } }),
    signals: [
      ...(api === undefined ? [] : [{ type: 'google_api', value: api }]),
      ...(agent.displayName ? [{ type: 'app_name', value: agent.displayName }] : []),
    ],
    permissions: [],
    ...(agent.createTime !== undefined && { grantedAt: { at: new Date(agent.createTime).toISOString(), from: 'listed' } as const }),
    attributes: {
      project,
      location,
      registeredAs: called,
      framework: framework ?? null,
      runtime: runtime ?? null,
      version: agent.version ?? null,
      ownerCandidates,
    },
    evidence: { source: 'agentregistry.projects.locations.agents.list' },
  };
}
