import { type Region } from './regions.ts';
import { found, iso, list, PAGE, paged, rest, seconds, type At, type Json, type ServiceRoute } from './service-route.ts';

/** Hosted agents, their identities and gateways. */
export const AGENTCORE_ROUTES: readonly ServiceRoute[] = [
  agentcore(
    'ListAgentRuntimes',
    'POST',
    '/runtimes/',
    'agentRuntimes',
    100,
    ({ runtimes }) => runtimes,
    (item, { account, region }) => ({
      ...runtimeOf(item, account, region),
      description: 'Answers customers',
      lastUpdatedAt: iso(item.created),
    }),
  ),
  {
    ...rest('bedrock-agentcore-control.GetAgentRuntime', 'bedrock-agentcore', 'GET', '/runtimes/{agentRuntimeId}/'),
    answer({ world, region, request }) {
      const item = found(region.runtimes.find(({ id }) => id === request.params['agentRuntimeId']));
      return {
        ...runtimeOf(item, world.account, region.name),
        createdAt: iso(item.created),
        lastUpdatedAt: iso(item.created),
        roleArn: item.role,
        lifecycleConfiguration: { idleRuntimeSessionTimeout: 900, maxLifetime: 28_800 },
        networkConfiguration: { networkMode: 'PUBLIC' },
        protocolConfiguration: { serverProtocol: 'HTTP' },
        workloadIdentityDetails: { workloadIdentityArn: workloadArn(item.id, world.account, region.name) },
        environmentVariables: item.variables,
        ...(!item.open && {
          authorizerConfiguration: {
            customJWTAuthorizer: { discoveryUrl: 'https://login.lanternworks.example/.well-known/openid-configuration' },
          },
        }),
      };
    },
  },
  agentcore(
    'ListWorkloadIdentities',
    'POST',
    '/identities/ListWorkloadIdentities',
    'workloadIdentities',
    20,
    ({ workloads }) => workloads,
    (name, { account, region }) => ({
      name,
      workloadIdentityArn: workloadArn(name, account, region),
    }),
  ),
  agentcore(
    'ListOauth2CredentialProviders',
    'POST',
    '/identities/ListOauth2CredentialProviders',
    'credentialProviders',
    20,
    ({ oauthProviders }) => oauthProviders,
    (item, { account, region }) => oauthOf(item, account, region),
  ),
  {
    ...rest(
      'bedrock-agentcore-control.GetOauth2CredentialProvider',
      'bedrock-agentcore',
      'POST',
      '/identities/GetOauth2CredentialProvider',
    ),
    answer({ world, region, input }) {
      const item = found(region.oauthProviders.find(({ name }) => name === input['name']));
      return {
        ...oauthOf(item, world.account, region.name),
        clientSecretArn: { secretArn: `arn:aws:secretsmanager:${region.name}:${world.account}:secret:oauth2-${item.name}` },
        callbackUrl: `https://bedrock-agentcore.${region.name}.amazonaws.com/identities/oauth2/callback`,
        oauth2ProviderConfigOutput: {
          [item.member]: {
            oauthDiscovery: { discoveryUrl: 'https://code.example/.well-known/openid-configuration' },
            clientId: item.clientId,
          },
        },
      };
    },
  },
  agentcore(
    'ListApiKeyCredentialProviders',
    'POST',
    '/identities/ListApiKeyCredentialProviders',
    'credentialProviders',
    100,
    ({ keyProviders }) => keyProviders,
    (item, { account, region }) => ({
      name: item.name,
      credentialProviderArn: vaultArn('apikeycredentialprovider', item.name, account, region),
      createdTime: seconds(item.created),
      lastUpdatedTime: seconds(item.created),
    }),
  ),
  agentcore(
    'ListGateways',
    'GET',
    '/gateways/',
    'items',
    1000,
    ({ gateways }) => gateways,
    (item) => ({
      gatewayId: item.id,
      name: item.name,
      status: 'READY',
      createdAt: iso(item.created),
      updatedAt: iso(item.created),
      authorizerType: item.authorizer,
      protocolType: 'MCP',
    }),
  ),
  {
    ...rest('bedrock-agentcore-control.ListGatewayTargets', 'bedrock-agentcore', 'GET', '/gateways/{gatewayIdentifier}/targets/'),
    answer({ region, request, input }) {
      const { targets, created } = found(region.gateways.find(({ id }) => id === request.params['gatewayIdentifier']));
      const page = { ...PAGE('items', 1000) };
      return paged(targets, { ...input, [page.size]: Number(input[page.size] ?? 1000) }, page, ({ name, type }) => ({
        targetId: name
          .slice(0, 10)
          .toUpperCase()
          .padEnd(10, 'X')
          .replaceAll(/[^A-Z0-9]/g, '0'),
        name,
        status: 'READY',
        targetType: type,
        createdAt: iso(created),
        updatedAt: iso(created),
      }));
    },
  },
  agentcore(
    'ListMemories',
    'POST',
    '/memories/',
    'memories',
    100,
    ({ memories }) => memories,
    ({ id, created }, { account, region }) => ({
      id,
      arn: `arn:aws:bedrock-agentcore:${region}:${account}:memory/${id}`,
      status: 'ACTIVE',
      createdAt: seconds(created),
      updatedAt: seconds(created),
    }),
  ),
  agentcore(
    'ListBrowsers',
    'POST',
    '/browsers',
    'browserSummaries',
    100,
    ({ browsers }) => browsers,
    ({ id, name, created }, { account, region }) => ({
      browserId: id,
      browserArn: `arn:aws:bedrock-agentcore:${region}:${account}:browser-custom/${id}`,
      name,
      status: 'READY',
      createdAt: iso(created),
    }),
  ),
  agentcore(
    'ListCodeInterpreters',
    'POST',
    '/code-interpreters',
    'codeInterpreterSummaries',
    100,
    ({ interpreters }) => interpreters,
    ({ id, name, created }, { account, region }) => ({
      codeInterpreterId: id,
      codeInterpreterArn: `arn:aws:bedrock-agentcore:${region}:${account}:code-interpreter-custom/${id}`,
      name,
      status: 'READY',
      createdAt: iso(created),
    }),
  ),
];

function agentcore<Item>(
  action: string,
  method: 'GET' | 'POST',
  path: string,
  items: string,
  largest: number,
  of: (region: Region) => readonly Item[],
  row: (item: Item, at: At) => unknown,
): ServiceRoute {
  return list(`bedrock-agentcore-control.${action}`, 'bedrock-agentcore', method, path, PAGE(items, largest), of, row);
}

function runtimeOf({ id, name }: Region['runtimes'][number], account: string, region: string): Json {
  return {
    agentRuntimeArn: `arn:aws:bedrock-agentcore:${region}:${account}:runtime/${id}`,
    agentRuntimeId: id,
    agentRuntimeVersion: '1',
    agentRuntimeName: name,
    status: 'READY',
  };
}

function oauthOf(item: Region['oauthProviders'][number], account: string, region: string): Json {
  return {
    name: item.name,
    credentialProviderVendor: item.vendor,
    credentialProviderArn: vaultArn('oauth2credentialprovider', item.name, account, region),
    createdTime: seconds(item.created),
    lastUpdatedTime: seconds(item.created),
  };
}

function workloadArn(name: string, account: string, region: string): string {
  return `arn:aws:bedrock-agentcore:${region}:${account}:workload-identity-directory/default/workload-identity/${name}`;
}

function vaultArn(what: string, name: string, account: string, region: string): string {
  return `arn:aws:bedrock-agentcore:${region}:${account}:token-vault/default/${what}/${name}`;
}
