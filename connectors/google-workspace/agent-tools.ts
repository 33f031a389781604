import { defineCollector, path, within, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { lastOf, readRegions, type At } from './agent-locations.ts';
import { binding, mcpServer, type Binding, type McpServer, type Tool } from './agent-schema.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { CLOUD_PERMISSIONS } from './operations.ts';

/** Servers of tools (MCP) that the projects have registered, and which agent may call what. https://cloud.google.com/agent-registry/docs */
export const agentTools = defineCollector<Config, Client>({
  id: 'agent_tools',
  title: 'Google Cloud: tools of agents, and which agent may call what',
  version: 1,
  kinds: ['vendor_integration', 'control'],
  mode: 'inventory',
  optional: true,
  needs: ['cloud'],
  operations: [
    'cloudresourcemanager.organizations.search',
    'cloudasset.assets.list',
    'agentregistry.projects.locations.list',
    'agentregistry.projects.locations.mcpServers.list',
    'agentregistry.projects.locations.bindings.list',
  ],
  permissions: [
    { id: CLOUD_PERMISSIONS.organizations, purpose: 'Find the organisation that belongs to the customer (roles/browser)', required: true },
    { id: CLOUD_PERMISSIONS.assets, purpose: 'Find the projects that registered agents (roles/cloudasset.viewer)', required: true },
    { id: CLOUD_PERMISSIONS.locations, purpose: 'List the locations of the registry (roles/agentregistry.viewer)', required: true },
    { id: CLOUD_PERMISSIONS.tools, purpose: 'List servers of tools (roles/agentregistry.viewer)', required: true },
    { id: CLOUD_PERMISSIONS.bindings, purpose: 'List which agent may call what (roles/agentregistry.viewer)', required: true },
  ],
  limits: ['Servers of tools that nobody registered', 'What a tool does: its own server says whether it changes anything'],
  volatile: [],
  requests: (sizes) => sizes.pages('organizations', 500) + sizes.pages('cloudServices', 1000) + sizes.of('toolPages'),

  collect: (context) =>
    readRegions(context, {
      service: 'agentregistry.googleapis.com',
      place: within(context.account.scope, 'agent_tools'),
      effect: 'Which tools agents have is unknown',
      permission: CLOUD_PERMISSIONS.tools,
      size: 'toolPages',
      locations: (query) => context.client.registryLocations(query),
      read: (at) => toolsIn(context.client, at),
    }),
});

async function* toolsIn(client: Client, at: At): AsyncGenerator<ScanEvent> {
  const location = at.name;
  const servers = { what: 'server of tools', schema: mcpServer, place: () => at.scope };
  for (const server of (yield* at.list({ ...servers, ask: (pageToken) => client.mcpServers({ location, pageToken }) })) ?? [])
    yield serverOf(at, server);
  const bindings = { what: 'binding', schema: binding, place: () => at.scope };
  for (const one of (yield* at.list({ ...bindings, ask: (pageToken) => client.bindings({ location, pageToken }) })) ?? [])
    yield bindingOf(at, one);
}

/** Names that are kept of one server. */
const MOST_TOOLS = 50;

function serverOf({ project, name, scope }: At, server: McpServer): Observation {
  const [location, called] = [lastOf(name), lastOf(server.name)];
  // A name may be given again to another server.
  const id = server.mcpServerId ?? called;
  const thing = path('mcp_server', project, location, id);
  const hosts = [...new Set((server.interfaces ?? []).flatMap(({ url }) => URL.parse(url ?? '')?.hostname ?? []))].toSorted();
  const tools = server.tools ?? [];
  return {
    type: 'observation',
    thing,
    nativeId: thing,
    kind: 'vendor_integration',
    scope: within(scope, 'server', id),
    subject: { app: thing, name: server.displayName ?? called },
    ...(server.attributes?.principal !== undefined && {
      principal: { id: server.attributes.principal, name: server.attributes.principal, traits: ['workload'] as const },
    }),
    signals: [
      ...hosts.flatMap((value) => ['mcp_server', 'domain'].map((type) => ({ type, value }))),
      ...(server.displayName ? [{ type: 'app_name', value: server.displayName }] : []),
    ],
    permissions: [],
    ...(server.createTime !== undefined && { grantedAt: { at: new Date(server.createTime).toISOString(), from: 'listed' } as const }),
    attributes: { project, location, hosts, tools: namesOf(tools), mayDestroy: namesOf(tools.filter(mayDestroy)), toolCount: tools.length },
    evidence: { source: 'agentregistry.projects.locations.mcpServers.list' },
  };
}

/** A tool that says nothing of itself may do anything. https://modelcontextprotocol.io/specification/2025-06-18/schema#toolannotations */
function mayDestroy({ annotations }: Tool): boolean {
  return annotations?.readOnlyHint !== true && annotations?.destructiveHint !== false;
}

function namesOf(tools: readonly Tool[]): string[] {
  return tools
    .map(({ name }) => name)
    .toSorted()
    .slice(0, MOST_TOOLS);
}

/** That one may call another is no access of its own: what the target is, is told elsewhere. */
function bindingOf({ project, name, scope }: At, one: Binding): Observation {
  const [location, called] = [lastOf(name), lastOf(one.name)];
  const thing = path('agent_binding', project, location, called);
  const { source, target, authProviderBinding: token } = one;
  return {
    type: 'observation',
    thing,
    nativeId: thing,
    kind: 'control',
    scope: within(scope, 'binding', called),
    subject: { app: thing, name: one.displayName ?? called },
    signals: [],
    permissions: token?.scopes ?? [],
    attributes: {
      project,
      location,
      caller: source?.identifier ?? null,
      called: target.identifier,
      tokensFrom: token?.authProvider ?? null,
    },
    evidence: { source: 'agentregistry.projects.locations.bindings.list' },
  };
}
