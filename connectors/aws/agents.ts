import { z } from 'zod';
import { path, type Observation, type Signal, type Trait } from '../../src/connector/index.ts';
import { credentialNames, secretName } from './names.ts';
import { consoleOf, regionalList, type Place } from './regional-list.ts';
import { regionalCollector } from './regional.ts';

const PAGE = { size: 'maxResults', token: 'nextToken', next: 'nextToken' } as const;
const name = z.string().min(1);
const time = z.date().optional();

const runtimes = regionalList({
  operation: 'bedrock-agentcore-control.ListAgentRuntimes',
  what: 'agent runtime',
  place: 'agent_runtime',
  purpose: 'List hosted agents',
  page: { ...PAGE, items: 'agentRuntimes', largest: 100 },
  item: z.object({ agentRuntimeId: name, agentRuntimeName: name }),
  id: ({ agentRuntimeId }) => agentRuntimeId,
  detail: {
    operation: 'bedrock-agentcore-control.GetAgentRuntime',
    purpose: 'Read the role, identity and network of a hosted agent, and the names of its environment variables',
    input: ({ agentRuntimeId }) => ({ agentRuntimeId }),
    schema: z.object({
      agentRuntimeArn: name,
      status: z.string(),
      createdAt: time,
      roleArn: z.string().optional(),
      networkConfiguration: z.object({ networkMode: z.string() }).optional(),
      protocolConfiguration: z.object({ serverProtocol: z.string() }).optional(),
      workloadIdentityDetails: z.object({ workloadIdentityArn: z.string() }).optional(),
      authorizerConfiguration: z.object({}).optional(),
      environmentVariables: z
        .record(z.string(), z.unknown())
        .optional()
        .transform((variables) => Object.keys(variables ?? {})),
    }),
  },
  observe: (item, detail, place) => [
    agent(place, 'agent_runtime', {
      id: item.agentRuntimeId,
      name: item.agentRuntimeName,
      createdAt: detail.createdAt,
      attributes: {
        arn: detail.agentRuntimeArn,
        status: detail.status,
        ...(detail.roleArn !== undefined && { roleArn: detail.roleArn }),
        ...(detail.workloadIdentityDetails && { workloadIdentity: detail.workloadIdentityDetails.workloadIdentityArn }),
        ...(detail.networkConfiguration && { network: detail.networkConfiguration.networkMode }),
        ...(detail.protocolConfiguration && { protocol: detail.protocolConfiguration.serverProtocol }),
        // Without an authoriser, callers sign as principals of the account.
        authorizer: detail.authorizerConfiguration ? 'custom' : 'account',
      },
    }),
    ...roleUse(place, { what: 'agent_runtime', id: item.agentRuntimeId, name: item.agentRuntimeName, roleArn: detail.roleArn }),
    ...credentialNames(detail.environmentVariables).map((variable) =>
      secretName(place, {
        name: variable,
        holder: `agent_runtime:${item.agentRuntimeId}`,
        arn: detail.agentRuntimeArn,
        attributes: { environment: true },
      }),
    ),
  ],
});

const workloads = regionalList({
  operation: 'bedrock-agentcore-control.ListWorkloadIdentities',
  what: 'workload identity of agents',
  place: 'workload_identity',
  purpose: 'List the identities of agents',
  page: { ...PAGE, items: 'workloadIdentities', largest: 20 },
  item: z.object({ name, workloadIdentityArn: name }),
  id: (item) => item.name,
  observe: (item, _none, place) => [
    agent(place, 'workload_identity', { id: item.name, name: item.name, attributes: { arn: item.workloadIdentityArn } }),
  ],
});

const provider = z.object({ name, credentialProviderArn: name, createdTime: time });

/** Every vendor has a member of its own, in which the client id stands; which vendors there are is not ours to know. */
const clientConfig = z
  .record(z.string(), z.unknown())
  .transform((union) =>
    Object.values(union).flatMap((member) => z.object({ clientId: z.string() }).safeParse(member).data?.clientId ?? []),
  );

const oauthProviders = regionalList({
  operation: 'bedrock-agentcore-control.ListOauth2CredentialProviders',
  what: 'OAuth client of agents',
  place: 'oauth_provider',
  purpose: 'List the outside services that agents act at',
  page: { ...PAGE, items: 'credentialProviders', largest: 20 },
  item: provider.extend({ credentialProviderVendor: z.string() }),
  id: (item) => item.name,
  detail: {
    operation: 'bedrock-agentcore-control.GetOauth2CredentialProvider',
    purpose: 'Read the client id with which agents act at an outside service',
    input: (item) => ({ name: item.name }),
    schema: z.object({ oauth2ProviderConfigOutput: clientConfig.optional(), callbackUrl: z.string().optional() }),
  },
  observe: (item, { oauth2ProviderConfigOutput: clients = [], callbackUrl }, place) => [
    agent(place, 'oauth_provider', {
      id: item.name,
      name: item.name,
      kind: 'vendor_integration',
      createdAt: item.createdTime,
      // Which app it is, the catalog may know, or the plane that the client belongs to.
      signals: clients.flatMap((value) => ['oauth_client_id', 'acts_as_client'].map((type) => ({ type, value }))),
      attributes: {
        arn: item.credentialProviderArn,
        vendor: item.credentialProviderVendor,
        clientIds: clients,
        ...(callbackUrl !== undefined && { callbackUrl }),
      },
    }),
  ],
});

const keyProviders = regionalList({
  operation: 'bedrock-agentcore-control.ListApiKeyCredentialProviders',
  what: 'API key of agents',
  place: 'api_key_provider',
  purpose: 'List the names of the API keys that agents use',
  page: { ...PAGE, items: 'credentialProviders', largest: 100 },
  item: provider,
  id: (item) => item.name,
  observe: (item, _none, place) => [
    agent(place, 'api_key_provider', {
      id: item.name,
      name: item.name,
      kind: 'api_key',
      createdAt: item.createdTime,
      signals: [{ type: 'secret_name', value: item.name }],
      attributes: { arn: item.credentialProviderArn },
    }),
  ],
});

const gateways = regionalList({
  operation: 'bedrock-agentcore-control.ListGateways',
  what: 'gateway of agents',
  place: 'gateway',
  purpose: 'List the gateways through which agents reach tools, and whom they let in',
  page: { ...PAGE, items: 'items', largest: 1000 },
  item: z.object({
    gatewayId: name,
    name,
    status: z.string(),
    createdAt: time,
    authorizerType: z.string(),
    protocolType: z.string().optional(),
  }),
  id: ({ gatewayId }) => gatewayId,
  detail: {
    operation: 'bedrock-agentcore-control.ListGatewayTargets',
    purpose: 'List the tools behind a gateway',
    // The largest page; whether there are more is said.
    input: ({ gatewayId }) => ({ gatewayIdentifier: gatewayId, maxResults: 1000 }),
    schema: z.object({
      items: z.array(z.object({ name: z.string(), targetType: z.string().optional(), status: z.string().optional() })).optional(),
      nextToken: z.string().optional(),
    }),
  },
  listed: (item, place) => [
    agent(place, 'gateway', {
      id: item.gatewayId,
      name: item.name,
      createdAt: item.createdAt,
      attributes: {
        status: item.status,
        authorizer: item.authorizerType,
        // Whoever finds the address may use every tool behind it.
        open: item.authorizerType === 'NONE',
        ...(item.protocolType !== undefined && { protocol: item.protocolType }),
      },
    }),
  ],
  observe: (item, { items: targets = [], nextToken }, place) => [
    agent(place, 'gateway_targets', {
      id: item.gatewayId,
      of: path('gateway', place.region, item.gatewayId),
      name: item.name,
      kind: 'vendor_integration',
      attributes: {
        targets: targets.map((target) => target.name).toSorted(),
        targetTypes: [...new Set(targets.map(({ targetType = 'unknown' }) => targetType))].toSorted(),
        ...(nextToken !== undefined && { targetsLeftOut: true }),
      },
    }),
  ],
});

const memories = regionalList({
  operation: 'bedrock-agentcore-control.ListMemories',
  what: 'memory of agents',
  place: 'memory',
  purpose: 'List what agents remember in',
  page: { ...PAGE, items: 'memories', largest: 100 },
  item: z.object({ id: name, arn: name, status: z.string().optional(), createdAt: time, managedByResourceArn: z.string().optional() }),
  id: ({ id }) => id,
  observe: (item, _none, place) => [
    agent(place, 'memory', {
      id: item.id,
      name: item.id,
      kind: 'vendor_integration',
      createdAt: item.createdAt,
      attributes: {
        arn: item.arn,
        status: item.status ?? 'unknown',
        ...(item.managedByResourceArn !== undefined && { of: item.managedByResourceArn }),
      },
    }),
  ],
});

// Those of AWS itself are in every account.
const OWN = { type: 'CUSTOM' };

const browsers = regionalList({
  operation: 'bedrock-agentcore-control.ListBrowsers',
  what: 'browser of agents',
  place: 'browser',
  purpose: 'List the browsers that agents use',
  input: OWN,
  page: { ...PAGE, items: 'browserSummaries', largest: 100 },
  item: z.object({ browserId: name, browserArn: name, name: z.string().optional(), status: z.string(), createdAt: time }),
  id: ({ browserId }) => browserId,
  observe: (item, _none, place) => [
    agent(place, 'browser', {
      id: item.browserId,
      name: item.name ?? item.browserId,
      kind: 'vendor_integration',
      createdAt: item.createdAt,
      attributes: { arn: item.browserArn, status: item.status },
    }),
  ],
});

const interpreters = regionalList({
  operation: 'bedrock-agentcore-control.ListCodeInterpreters',
  what: 'code interpreter of agents',
  place: 'code_interpreter',
  purpose: 'List where agents run code',
  input: OWN,
  page: { ...PAGE, items: 'codeInterpreterSummaries', largest: 100 },
  item: z.object({ codeInterpreterId: name, codeInterpreterArn: name, name: z.string().optional(), status: z.string(), createdAt: time }),
  id: ({ codeInterpreterId }) => codeInterpreterId,
  observe: (item, _none, place) => [
    agent(place, 'code_interpreter', {
      id: item.codeInterpreterId,
      name: item.name ?? item.codeInterpreterId,
      kind: 'vendor_integration',
      createdAt: item.createdAt,
      attributes: { arn: item.codeInterpreterArn, status: item.status },
    }),
  ],
});

/** Agents that run at AWS, who they are, and with which keys they act outside. */
export const agents = regionalCollector({
  id: 'agents',
  version: 2,
  title: 'Hosted agents and their identities',
  kinds: ['agent', 'vendor_integration', 'api_key', 'secret_name', 'service_account'],
  lists: [runtimes, workloads, oauthProviders, keyProviders, gateways, memories, browsers, interpreters],
  limits: [
    'What agents did is data that no list shows',
    'What a memory holds is not read, nor which sites a browser may open',
    'Harnesses and payment providers are not read yet',
    'Registries of agents have no client of the SDK',
  ],
});

interface Found {
  id: string;
  /** The app that it belongs to; absent = it is one itself. */
  of?: string;
  name: string;
  kind?: Observation['kind'];
  createdAt?: Date | undefined;
  signals?: readonly Signal[];
  attributes: Observation['attributes'];
}

const RUNS: readonly Trait[] = ['workload', 'agent_runtime'];

/** Something of an agent; the service itself says that it is one, by its name in policies. */
export function agent(place: Place, what: string, found: Found): Observation {
  const id = path(what, place.region, found.id);
  const kind = found.kind ?? 'agent';
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind,
    scope: place.scope,
    subject: { app: found.of ?? id, name: found.name },
    ...(kind === 'agent' && { principal: { id, name: found.name, traits: RUNS } }),
    signals: [{ type: 'iam_prefix', value: place.prefix }, ...(found.signals ?? [])],
    permissions: [],
    ...(found.createdAt && { grantedAt: { at: found.createdAt.toISOString(), from: 'listed' as const } }),
    attributes: { region: place.region, ...found.attributes },
    evidence: { source: place.source, url: consoleOf(place) },
  };
}

/** As which role an agent runs, as a fact of the role: there it meets the other agents that run as it. */
export function roleUse(
  place: Place,
  { what, id, name: agentName, roleArn }: { what: string; id: string; name: string; roleArn: string | undefined },
): Observation[] {
  if (roleArn === undefined) return [];
  const agentId = path(what, place.region, id);
  const thing = path('role_use', what, place.region, id);
  return [
    {
      type: 'observation',
      thing,
      nativeId: thing,
      kind: 'service_account',
      scope: place.scope,
      // The ARN: the id of the role is not said here.
      subject: { app: path('role', roleArn), name: roleArn.slice(roleArn.lastIndexOf('/') + 1) },
      principal: { id: agentId, name: agentName, traits: RUNS },
      signals: [],
      permissions: [],
      attributes: { region: place.region, runsAgent: true },
      evidence: { source: place.source, url: consoleOf(place) },
    },
  ];
}
