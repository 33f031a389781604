import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { AwsError } from './aws-error.ts';
import type { World } from './model.ts';
import { markerOf } from './paging.ts';
import { modelArn, partnerAppId, type Region } from './regions.ts';

/** `rest`: a method and a path for each operation. `json`: all to `/`, told apart by a header. */
export interface ServiceRoute {
  operation: string;
  protocol: 'rest' | 'json';
  method: 'GET' | 'POST';
  path: string;
  /** What policies call the operation. */
  permission: string;
  answer(call: ServiceCall): Json;
  /** Name of the member under which a list says where it goes on; absent = it has no pages. */
  next?: string;
  /** Items in a region, for the cost of reading them. */
  count?(region: Region): number;
}

type Json = Readonly<Record<string, unknown>>;

export interface ServiceCall {
  world: World;
  region: Region;
  request: FakeRequest;
  /** Members of the request, from body and query alike. */
  input: Json;
}

const seconds = (date: Date) => date.getTime() / 1000;
const iso = (date: Date) => date.toISOString();

/** Every operation of the regional services, by the package of the SDK and the official action. */
export const SERVICE_ROUTES: readonly ServiceRoute[] = [
  {
    ...rest('account.ListRegions', 'account', 'POST', '/listRegions'),
    next: 'NextToken',
    answer: ({ world, input }) =>
      paged(world.regions, input, { size: 'MaxResults', token: 'NextToken', items: 'Regions', largest: 50 }, ({ name }) => ({
        RegionName: name,
        RegionOptStatus: 'ENABLED_BY_DEFAULT',
      })),
  },
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
  list(
    'bedrock-agent.ListAgents',
    'bedrock',
    'POST',
    '/agents/',
    PAGE('agentSummaries', 1000),
    ({ agents }) => agents,
    (item) => ({
      agentId: item.id,
      agentName: item.name,
      agentStatus: 'PREPARED',
      updatedAt: iso(item.created),
    }),
  ),
  {
    ...rest('bedrock-agent.GetAgent', 'bedrock', 'GET', '/agents/{agentId}/'),
    answer({ world, region, request }) {
      const item = found(region.agents.find(({ id }) => id === request.params['agentId']));
      return {
        agent: {
          agentId: item.id,
          agentName: item.name,
          agentArn: modelArn(region.name, world.account, 'agent', item.id),
          agentVersion: 'DRAFT',
          agentStatus: 'PREPARED',
          idleSessionTTLInSeconds: 1800,
          agentResourceRoleArn: item.role,
          foundationModel: item.model,
          createdAt: iso(item.created),
          updatedAt: iso(item.created),
        },
      };
    },
  },
  list(
    'bedrock-agent.ListKnowledgeBases',
    'bedrock',
    'POST',
    '/knowledgebases/',
    PAGE('knowledgeBaseSummaries', 1000),
    ({ knowledgeBases }) => knowledgeBases,
    (item) => ({
      knowledgeBaseId: item.id,
      name: item.name,
      status: 'ACTIVE',
      updatedAt: iso(item.updated),
    }),
  ),
  list(
    'bedrock-agent.ListFlows',
    'bedrock',
    'GET',
    '/flows/',
    PAGE('flowSummaries', 1000),
    ({ flows }) => flows,
    (item, { account, region }) => ({
      id: item.id,
      name: item.name,
      arn: modelArn(region, account, 'flow', item.id),
      status: 'Prepared',
      createdAt: iso(item.created),
      updatedAt: iso(item.created),
      version: 'DRAFT',
    }),
  ),
  list(
    'bedrock.ListCustomModels',
    'bedrock',
    'GET',
    '/custom-models',
    PAGE('modelSummaries', 1000),
    ({ customModels }) => customModels,
    (item, { account, region }) => ({
      modelArn: modelArn(region, account, 'custom-model', item.name),
      modelName: item.name,
      creationTime: iso(item.created),
      baseModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0',
      baseModelName: 'amazon.nova-lite',
    }),
  ),
  list(
    'bedrock.ListImportedModels',
    'bedrock',
    'GET',
    '/imported-models',
    PAGE('modelSummaries', 1000),
    ({ importedModels }) => importedModels,
    (item, { account, region }) => ({
      modelArn: modelArn(region, account, 'imported-model', item.name),
      modelName: item.name,
      creationTime: iso(item.created),
      modelArchitecture: 'llama',
    }),
  ),
  list(
    'bedrock.ListProvisionedModelThroughputs',
    'bedrock',
    'GET',
    '/provisioned-model-throughputs',
    PAGE('provisionedModelSummaries', 1000),
    ({ provisioned }) => provisioned,
    (item, { account, region }) => ({
      provisionedModelName: item.name,
      provisionedModelArn: modelArn(region, account, 'provisioned-model', item.name),
      modelArn: modelArn(region, account, 'custom-model', item.name),
      desiredModelArn: modelArn(region, account, 'custom-model', item.name),
      foundationModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0',
      modelUnits: 1,
      desiredModelUnits: 1,
      status: 'InService',
      creationTime: iso(item.created),
      lastModifiedTime: iso(item.created),
    }),
  ),
  list(
    'bedrock.ListInferenceProfiles',
    'bedrock',
    'GET',
    '/inference-profiles',
    PAGE('inferenceProfileSummaries', 1000),
    ({ profiles }) => profiles,
    (item, { account, region }) => ({
      inferenceProfileName: item.name,
      inferenceProfileArn: modelArn(region, account, 'application-inference-profile', item.name),
      inferenceProfileId: item.name,
      models: [{ modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0' }],
      status: 'ACTIVE',
      type: 'APPLICATION',
      createdAt: iso(item.created),
      updatedAt: iso(item.created),
    }),
  ),
  list(
    'secrets-manager.ListSecrets',
    'secretsmanager',
    'POST',
    '/',
    BIG_PAGE('SecretList', 100),
    ({ secrets }) => secrets,
    (item, { account, region }) => ({
      ARN: `arn:aws:secretsmanager:${region}:${account}:secret:${item.name}-Ab1Cd2`,
      Name: item.name,
      CreatedDate: seconds(item.created),
      LastChangedDate: seconds(item.created),
      ...(item.accessed && { LastAccessedDate: seconds(item.accessed) }),
      ...(item.owner && { OwningService: item.owner }),
    }),
  ),
  list(
    'ssm.DescribeParameters',
    'ssm',
    'POST',
    '/',
    BIG_PAGE('Parameters', 50),
    ({ parameters }) => parameters,
    (item, { account, region }) => ({
      Name: item.name,
      ARN: `arn:aws:ssm:${region}:${account}:parameter${item.name}`,
      Type: item.type,
      LastModifiedDate: seconds(item.changed),
      LastModifiedUser: `arn:aws:iam::${account}:user/machines/ci-deployer`,
      Version: 1,
      Tier: 'Standard',
      DataType: 'text',
    }),
  ),
  list(
    'sagemaker.ListEndpoints',
    'sagemaker',
    'POST',
    '/',
    BIG_PAGE('Endpoints', 100),
    ({ endpoints }) => endpoints,
    (item, { account, region }) => ({
      EndpointName: item.name,
      EndpointArn: `arn:aws:sagemaker:${region}:${account}:endpoint/${item.name}`,
      CreationTime: seconds(item.created),
      LastModifiedTime: seconds(item.created),
      EndpointStatus: 'InService',
    }),
  ),
  list(
    'sagemaker.ListNotebookInstances',
    'sagemaker',
    'POST',
    '/',
    BIG_PAGE('NotebookInstances', 100),
    ({ notebooks }) => notebooks,
    (item, { account, region }) => ({
      NotebookInstanceName: item.name,
      NotebookInstanceArn: `arn:aws:sagemaker:${region}:${account}:notebook-instance/${item.name}`,
      NotebookInstanceStatus: 'InService',
      CreationTime: seconds(item.created),
      LastModifiedTime: seconds(item.created),
    }),
  ),
  list(
    'sagemaker.ListPartnerApps',
    'sagemaker',
    'POST',
    '/',
    BIG_PAGE('Summaries', 100),
    ({ partnerApps }) => partnerApps,
    (item, { account, region }) => ({
      Arn: `arn:aws:sagemaker:${region}:${account}:partner-app/${partnerAppId(item.name)}`,
      Name: item.name,
      Type: item.type,
      Status: 'Available',
      CreationTime: seconds(item.created),
    }),
  ),
  list(
    'eventbridge.ListApiDestinations',
    'events',
    'POST',
    '/',
    { size: 'Limit', token: 'NextToken', items: 'ApiDestinations', largest: 100 },
    ({ destinations }) => destinations,
    (item, { account, region }) => ({
      ApiDestinationArn: `arn:aws:events:${region}:${account}:api-destination/${item.name}/0f1e2d3c-0001-4002-8003-000000000001`,
      Name: item.name,
      ApiDestinationState: 'ACTIVE',
      ConnectionArn: `arn:aws:events:${region}:${account}:connection/${item.name}/0f1e2d3c-0001-4002-8003-000000000002`,
      InvocationEndpoint: item.address,
      HttpMethod: 'POST',
      InvocationRateLimitPerSecond: 10,
      CreationTime: seconds(item.created),
      LastModifiedTime: seconds(item.created),
    }),
  ),
  list(
    'cloudtrail.LookupEvents',
    'cloudtrail',
    'POST',
    '/',
    BIG_PAGE('Events', 50),
    ({ events }) => events,
    (item, { account, region }) => ({
      EventId: `00000000-0000-4000-8000-${String(item.at.getTime()).padStart(12, '0').slice(-12)}`,
      EventName: item.name,
      EventTime: seconds(item.at),
      EventSource: 'bedrock.amazonaws.com',
      Username: 'session',
      CloudTrailEvent: JSON.stringify({
        eventVersion: '1.11',
        eventName: item.name,
        awsRegion: region,
        recipientAccountId: account,
        userIdentity: {
          type: 'AssumedRole',
          principalId: `${item.roleId}:session`,
          arn: `${item.role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/session`,
          sessionContext: { sessionIssuer: { type: 'Role', principalId: item.roleId, arn: item.role } },
        },
        requestParameters: { modelId: item.model },
        ...(item.error && { errorCode: item.error }),
        ...(item.bearer && { additionalEventData: { callWithBearerToken: true } }),
      }),
    }),
  ),
  list(
    'lambda.ListFunctions',
    'lambda',
    'GET',
    '/2015-03-31/functions',
    { size: 'MaxItems', token: 'Marker', next: 'NextMarker', items: 'Functions', largest: 50 },
    ({ functions }) => functions,
    (item, { account, region }) => ({
      FunctionName: item.name,
      FunctionArn: `arn:aws:lambda:${region}:${account}:function:${item.name}`,
      Runtime: 'nodejs22.x',
      Role: `arn:aws:iam::${account}:role/service-role/thumbnailer`,
      ...(item.variables && { Environment: { Variables: item.variables } }),
    }),
  ),
  list(
    'ecs.ListTaskDefinitionFamilies',
    'ecs',
    'POST',
    '/',
    PAGE('families', 100),
    ({ tasks }) => tasks,
    ({ family }) => family,
  ),
  {
    operation: 'ecs.DescribeTaskDefinition',
    protocol: 'json',
    method: 'POST',
    path: '/',
    permission: 'ecs:DescribeTaskDefinition',
    answer({ world, region, input }) {
      const item = found(region.tasks.find(({ family }) => family === input['taskDefinition']));
      const environment = Object.entries(item.variables).map(([name, value]) => ({ name, value }));
      const secrets = item.secrets.map((name) => ({ name, valueFrom: `arn:aws:ssm:${region.name}:${world.account}:parameter/${name}` }));
      return {
        taskDefinition: {
          taskDefinitionArn: `arn:aws:ecs:${region.name}:${world.account}:task-definition/${item.family}:7`,
          family: item.family,
          revision: 7,
          status: 'ACTIVE',
          taskRoleArn: `arn:aws:iam::${world.account}:role/programs/program-1`,
          containerDefinitions: [{ name: item.family, image: `${item.family}:1`, essential: true, environment, secrets }],
        },
      };
    },
  },
];

interface Page {
  size: string;
  token: string;
  items: string;
  largest: number;
  next?: string;
}
type At = { account: string; region: string };

function PAGE(items: string, largest: number): Page {
  return { size: 'maxResults', token: 'nextToken', items, largest };
}

function BIG_PAGE(items: string, largest: number): Page {
  return { size: 'MaxResults', token: 'NextToken', items, largest };
}

function rest(operation: string, prefix: string, method: 'GET' | 'POST', path: string) {
  const permission = `${prefix}:${operation.slice(operation.indexOf('.') + 1)}`;
  return { operation, protocol: 'rest', method, path, permission } as const;
}

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

function list<Item>(
  operation: string,
  prefix: string,
  method: 'GET' | 'POST',
  path: string,
  page: Page,
  of: (region: Region) => readonly Item[],
  row: (item: Item, at: At) => unknown,
): ServiceRoute {
  return {
    ...rest(operation, prefix, method, path),
    protocol: path === '/' ? 'json' : 'rest',
    next: page.next ?? page.token,
    count: (region) => of(region).length,
    answer: ({ world, region, input }) =>
      paged(of(region), input, page, (item) => row(item, { account: world.account, region: region.name })),
  };
}

function paged<Item>(all: readonly Item[], input: Json, page: Page, row: (item: Item) => unknown): Json {
  const size = Number(input[page.size] ?? page.largest);
  if (!Number.isInteger(size) || size < 1 || size > page.largest)
    throw new AwsError(400, 'ValidationException', `${page.size} is out of bounds`);
  const token = input[page.token];
  const from = typeof token === 'string' ? offsetOf(token) : 0;
  const to = from + size;
  return {
    [page.items]: all.slice(from, to).map(row),
    ...(to < all.length && { [page.next ?? page.token]: markerOf(to) }),
  };
}

function offsetOf(token: string): number {
  const offset = /^\{"marker":(\d+)\}$/.exec(Buffer.from(token, 'base64').toString('latin1'))?.[1];
  if (offset === undefined) throw new AwsError(400, 'ValidationException', 'Invalid token');
  return Number(offset);
}

function found<Item>(item: Item | undefined): Item {
  if (!item) throw new AwsError(404, 'ResourceNotFoundException', 'The resource does not exist.');
  return item;
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

/** The same answer, whose next page is this same page; undefined = it has no pages. */
export function serviceLoop(route: ServiceRoute, good: FakeAnswer, call: { input: Json }): FakeAnswer | undefined {
  if (route.next === undefined || good.status !== 200) return undefined;
  const own = call.input[route.next === 'NextMarker' ? 'Marker' : route.next];
  return { ...good, body: { ...(good.body as Json), [route.next]: own ?? markerOf(0) } };
}

export function inputOf(request: FakeRequest): Json {
  const body = request.body === '' ? {} : (JSON.parse(request.body) as Json);
  const query = Object.fromEntries(request.url.searchParams);
  return { ...query, ...body };
}

/** A status in the words of these services: JSON says nearly everything with 400. */
export function serviceRefusal(status: number, { operation, protocol, permission }: ServiceRoute, caller: { arn: string }): AwsError {
  const of = (rest: number, json: number, code: string, message: string) => new AwsError(protocol === 'rest' ? rest : json, code, message);
  if (status === 401) return of(403, 400, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
  if (status === 403)
    // The one service of them for which AWS documents another status.
    return of(
      403,
      operation.startsWith('ecs.') ? 403 : 400,
      'AccessDeniedException',
      `User: ${caller.arn} is not authorized to perform: ${permission} on resource: *`,
    );
  if (status === 404) return of(404, 400, 'ResourceNotFoundException', 'The resource does not exist.');
  if (status === 429) return of(429, 400, 'ThrottlingException', 'Rate exceeded');
  if (status === 503) return new AwsError(503, 'ServiceUnavailable', 'Service is unable to handle request.');
  return new AwsError(500, 'InternalFailure', 'The request processing has failed because of an unknown error, exception or failure.');
}

export function serviceAnswer({ protocol }: ServiceRoute, body: Json): FakeAnswer {
  return { status: 200, headers: { 'content-type': protocol === 'rest' ? 'application/json' : 'application/x-amz-json-1.1' }, body };
}

export function serviceError({ protocol }: ServiceRoute, { status, code, message }: AwsError): FakeAnswer {
  if (protocol === 'rest') return { status, headers: { 'content-type': 'application/json', 'x-amzn-errortype': code }, body: { message } };
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: { __type: code, message } };
}
