import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import {
  AGENTS,
  type Agent,
  APPLICATIONS,
  BINDINGS,
  LIST,
  LOCATIONS,
  locationOf,
  nameOf,
  ownProject,
  PROVIDERS,
  SERVERS,
  uidOf,
  workload,
} from './agents.ts';
import { DATA_PROJECT } from './cloud.ts';
import { answerRows } from './lists.ts';
import { type Shape, shapeOf } from './mask.ts';
import { query } from './parameters.ts';
import { Refused, refusal } from './refusals.ts';
import type { World } from './world.ts';

/** Answers of the registry: locations, applications, agents, servers of tools, and who may call what. */

export function listLocations(world: World, request: FakeRequest): FakeAnswer {
  ownProject(world, request);
  const values = query(request, ['extraLocationTypes', 'filter', 'pageSize', 'pageToken']);
  const rows = LOCATIONS.map((locationId) => ({
    name: `projects/${DATA_PROJECT.id}/locations/${locationId}`,
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
    name: `projects/${DATA_PROJECT.id}/locations/${location}/aiApplications/${id}`,
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
    name: `projects/${DATA_PROJECT.id}/locations/${agent.location}/agents/${agent.id}`,
    uid: uidOf(agent),
    agentId: `urn:agent:${DATA_PROJECT.id}:${agent.id}`,
    displayName: agent.name,
    version: '1',
    createTime: world.company.ago(40).toISOString(),
    attributes: {
      ...(agent.framework && { [`${system}/Framework`]: { framework: agent.framework } }),
      ...(agent.runs && {
        [`${system}/RuntimeIdentity`]: { principal: workload(agent) },
        [`${system}/RuntimeReference`]: {
          uri: `//aiplatform.googleapis.com/projects/${DATA_PROJECT.number}/locations/${agent.location}/reasoningEngines/${agent.id}`,
        },
      }),
    },
  };
}

export function listServers(world: World, request: FakeRequest): FakeAnswer {
  const here = locationOf(world, request);
  const values = query(request, ['filter', 'orderBy', 'pageSize', 'pageToken']);
  const rows = SERVERS.filter(({ location }) => location === here).map(({ id, name, location, url, tools }) => ({
    name: `projects/${DATA_PROJECT.id}/locations/${location}/mcpServers/${id}`,
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
    name: `projects/${DATA_PROJECT.id}/locations/${location}/bindings/${id}`,
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
