import type { Company } from '../../../src/testing/company.ts';
import type { Fake, FakeOptions, FakeProvider } from '../../../src/testing/fake.ts';
import { type FakeAnswer, type FakeRequest, type FakeRoute, startFakeServer } from '../../../src/testing/server.ts';
import { accessDenied, type Caller, createAccess, expiredCredentials, mayNot, unknownCredentials } from './access.ts';
import { requestsForParts } from './assistant-routes.ts';
import { AwsError } from './aws-error.ts';
import { createLimiter } from './limiter.ts';
import { createReportDesk } from './credential-report.ts';
import { expectedAbove, expectedOn } from './expected.ts';
import { taggedSecret } from './machine-users.ts';
import type { World } from './model.ts';
import { OPERATIONS } from './operations.ts';
import { createOrganization } from './organization.ts';
import { emptyPages } from './organization-routes.ts';
import { inputOf, serviceAnswer, serviceError, serviceLoop, serviceRefusal, type ServiceRoute } from './service-route.ts';
import { SERVICE_ROUTES } from './services.ts';
import { environmentSecret } from './regions.ts';
import { requestsForIdentityCenter, requestsForIdentityStore } from './identity-center.ts';
import { createAccessDesk, KNOWN_PARTIES, sizesOfAccess } from './last-accessed.ts';
import { markerOf, pagesBeyondSize, requestsToRead } from './paging.ts';
import { errorAnswer, type Fields, resultAnswer, type Service } from './xml.ts';

import { SCANNER_ROLE } from './roles.ts';

export { SCANNER_ROLE };

const VERSIONS: Readonly<Record<Service, string>> = { iam: '2010-05-08', sts: '2011-06-15' };

export interface AwsOptions extends FakeOptions {
  /** Active accounts of the organisation beside the one that everything else is about. */
  members?: number;
  /** People of each of them. */
  peopleOfMembers?: number;
  /** Regions of each account, at least; those that are added are empty. */
  regions?: number;
  /** Requests that an account is answered in a second; absent = all. */
  perSecond?: number;
}

export const fake: Fake = { id: 'aws', start: startAws };

/**
 * The accounts of one organisation behind one address: IAM and STS, which tell their requests apart by the action, and the services
 * of their regions. Whose account is asked, the credential says, and which region, the signature.
 */
export async function startAws(company: Company, options: AwsOptions = {}): Promise<FakeProvider> {
  const organization = createOrganization(company, options);
  const access = createAccess(company, organization.management);
  const throttled = createLimiter(options.perSecond);
  const desks = new Map(organization.accounts.map(({ id }) => [id, { desk: createReportDesk(), accessDesk: createAccessDesk() }]));
  let night = 0;
  let answered = 0;
  const worldOf = (account: string) => organization.accounts.find(({ id }) => id === account)!.world(night);
  const home = () => worldOf(organization.management);

  /** Credentials come first, whatever happens then: no answer, and no injected fault, goes to a stranger. */
  function answer(operation: string, request: FakeRequest, result: (caller: Caller) => Fields): FakeAnswer {
    const { service, action } = partsOf(operation);
    answered++;
    try {
      return resultAnswer(service, action, result(access.callerOf(request)), answered);
    } catch (error) {
      if (error instanceof AwsError) return errorAnswer(service, error, answered);
      throw error;
    }
  }

  function perform(operation: string, request: FakeRequest, caller: Caller): Fields {
    const { service, action } = partsOf(operation);
    const parameters = new URLSearchParams(request.body);
    if (parameters.get('Version') !== VERSIONS[service]) throw unknownAction(request);
    if (mayNot(caller, access.revoked, `${service}:${action}`) && action !== 'GetCallerIdentity')
      throw accessDenied(caller.arn, `${service}:${action}`);
    const { account } = caller;
    if (throttled(account)) throw refusal(429, caller, operation);
    return OPERATIONS[operation]!({ world: worldOf(account), roleHolders, access, ...desks.get(account)!, caller, request, parameters });
  }

  function serve(route: ServiceRoute, request: FakeRequest): FakeAnswer {
    try {
      const caller = access.callerOf(request);
      const world = worldOf(caller.account);
      if (throttled(caller.account)) throw serviceRefusal(429, route, caller);
      if (mayNot(caller, access.revoked, route.permission)) throw serviceRefusal(403, route, caller);
      if (route.operation.startsWith('organizations.') && caller.account !== organization.management)
        throw serviceRefusal(403, route, caller);
      const region = world.regions.find(({ name }) => name === access.regionOf(request));
      if (!region) throw serviceRefusal(401, route, caller);
      return serviceAnswer(route, route.answer({ world, organization, region, request, input: inputOf(request) }));
    } catch (error) {
      if (error instanceof AwsError) return serviceError(route, error);
      throw error;
    }
  }

  function refuseService(route: ServiceRoute, status: number, request: FakeRequest): FakeAnswer {
    try {
      return serviceError(route, serviceRefusal(status, route, access.callerOf(request)));
    } catch (error) {
      if (error instanceof AwsError) return serviceError(route, error);
      throw error;
    }
  }

  /** Accounts whose roles may be assumed: those that are no longer active let nobody in. */
  const roleHolders = (account: string) =>
    organization.accounts.some(({ id, state }) => id === account && state === 'ACTIVE') ? worldOf(account) : undefined;

  const source = {
    connector: 'aws',
    region: 'us-east-1',
    accessKey: { id: { env: 'AWS_ACCESS_KEY_ID' }, secret: { env: 'AWS_SECRET_ACCESS_KEY' } },
  };
  const server = await startFakeServer({
    routes: [
      ...SERVICE_ROUTES.map((route): FakeRoute => ({
        operation: route.operation,
        method: route.method,
        path: route.path,
        ...(route.protocol === 'json' && { action: partsOf(route.operation).action }),
        answer: (request) => serve(route, request),
      })),
      ...Object.keys(OPERATIONS).map((operation): FakeRoute => ({
        operation,
        method: 'POST',
        path: '/',
        action: partsOf(operation).action,
        answer: (request) => answer(operation, request, (caller) => perform(operation, request, caller)),
      })),
    ],
    refuse(status, request, operation = 'iam.unknown') {
      const route = routeOf(operation);
      if (route) return refuseService(route, status, request);
      return answer(operation, request, (caller) => {
        throw operation === 'iam.unknown' ? unknownAction(request) : refusal(status, caller, operation);
      });
    },
    misdirect(good, request, how) {
      if (how !== 'self') return undefined;
      const route = typeof good.body === 'object' ? routeAsked(request) : undefined;
      return route ? serviceLoop(route, good, { input: inputOf(request) }) : loop(good, request);
    },
    ...(options.latency !== undefined && { latency: options.latency }),
  });

  return {
    ...server,
    config: {
      ...source,
      endpoint: server.url,
      assumeRole: { roleArn: home().scannerRole.arn, externalId: SCANNER_ROLE.externalId },
    },
    groupConfig: {
      ...source,
      endpoint: server.url,
      organization: { roleName: SCANNER_ROLE.name, externalId: SCANNER_ROLE.externalId },
    },
    environment: { AWS_ACCESS_KEY_ID: access.own.accessKeyId, AWS_SECRET_ACCESS_KEY: access.own.secret },
    permissions: Object.keys(OPERATIONS)
      .filter((operation) => operation.startsWith('iam.'))
      .map((operation) => operation.replace('.', ':'))
      .concat(SERVICE_ROUTES.map(({ permission }) => permission)),
    revoke: (permission) => void access.revoked.add(permission),
    restore: (permission) => void access.revoked.delete(permission),
    night: (number) => void (night = number),
    sizes: () => ({ ...sizesOf(home()), accounts: organization.accounts.length }),
    extraPages(operation) {
      if (operation === 'organizations.ListAccounts') return emptyPages(organization, 2);
      return operation === 'iam.GetAccountAuthorizationDetails' ? pagesBeyondSize(entitiesOf(home()), 2) : 0;
    },
    interest: (signals) => (signals.some(({ value }) => KNOWN_PARTIES.includes(value)) ? 'ai' : 'unknown'),
    expected: () => expectedOn(home()),
    groupExpected: () => expectedAbove(organization),
    canaries: [
      access.own.secret,
      access.sessionSecrets.secret,
      access.sessionSecrets.token,
      taggedSecret(company.seed),
      environmentSecret(company.seed),
    ],
  };
}

function routeOf(operation: string): ServiceRoute | undefined {
  return SERVICE_ROUTES.find((route) => route.operation === operation);
}

/** What was asked, by its header or its path. */
function routeAsked(request: FakeRequest): ServiceRoute | undefined {
  const action = String(request.headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1);
  return SERVICE_ROUTES.find((route) =>
    route.protocol === 'json'
      ? action === partsOf(route.operation).action
      : route.method === request.method && pathOf(route, request.params) === request.url.pathname,
  );
}

function pathOf({ path }: ServiceRoute, params: FakeRequest['params']): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

function partsOf(operation: string): { service: Service; action: string } {
  return { service: operation.startsWith('sts.') ? 'sts' : 'iam', action: operation.slice(operation.indexOf('.') + 1) };
}

/** The operations of IAM's whose documented errors leave ServiceFailure out. */
const WITHOUT_FAILURE = new Set([
  'ListServiceSpecificCredentials',
  'GetOutboundWebIdentityFederationInfo',
  'GenerateServiceLastAccessedDetails',
  'GetServiceLastAccessedDetails',
]);

/** AWS's own words for a status. It knows neither 401 nor 429: credentials are refused with 403, haste with 400. */
function refusal(status: number, caller: Caller, operation: string): AwsError {
  const { service, action } = partsOf(operation);
  if (status === 401) return caller.session ? expiredCredentials() : unknownCredentials();
  if (status === 403) return accessDenied(caller.arn, `${service}:${action}`);
  if (status === 404) return new AwsError(404, 'NoSuchEntity', 'The entity cannot be found.');
  if (status === 429) return new AwsError(400, 'Throttling', 'Rate exceeded');
  if (status === 503) return new AwsError(503, 'ServiceUnavailable', 'Service is unable to handle request.');
  const code = service === 'iam' && !WITHOUT_FAILURE.has(action) ? 'ServiceFailure' : 'InternalFailure';
  return new AwsError(500, code, 'The request processing has failed because of an unknown error, exception or failure.');
}

function unknownAction(request: FakeRequest): AwsError {
  const parameters = new URLSearchParams(request.body);
  const message = `Could not find operation ${parameters.get('Action')} for version ${parameters.get('Version')}`;
  return new AwsError(400, 'InvalidAction', message);
}

/** More is promised, and it is found at this same page: a list that never ends. */
function loop(good: FakeAnswer, request: FakeRequest): FakeAnswer | undefined {
  const body = String(good.body);
  if (!body.includes('<IsTruncated>')) return undefined;
  const marker = new URLSearchParams(request.body).get('Marker') ?? markerOf(0);
  const more = `<IsTruncated>true</IsTruncated><Marker>${marker}</Marker>`;
  return { ...good, body: body.replace(/<Marker>[^<]*<\/Marker>/, '').replace(/<IsTruncated>\w+<\/IsTruncated>/, more) };
}

function entitiesOf(world: World): number {
  return world.users.length + world.groups.length + world.roles.length + world.policies.length;
}

function sizesOf(world: World): Readonly<Record<string, number>> {
  const entities = entitiesOf(world);
  return {
    entities,
    entities_page_2: requestsToRead(entities, 2),
    entities_page_1000: requestsToRead(entities, 1000),
    ...sizesOfAccess(world),
    service_credentials: world.credentials.length,
    oidc_providers: world.oidcProviders.length,
    saml_providers: world.samlProviders.length,
    regions: world.regions.length,
    region_probes: 0,
    ...Object.fromEntries(READ_REGIONS.map((collector) => [`${collector}_regions`, world.regions.length])),
    agents_more: moreOf(
      world,
      'bedrock-agentcore-control.',
      ({ runtimes, oauthProviders, gateways }) => runtimes.length + oauthProviders.length + gateways.length,
    ),
    models_more: moreOf(world, /^bedrock(-agent)?\./, ({ agents }) => agents.length),
    assistants_more: moreOf(world, 'qbusiness.', ({ assistants }) =>
      assistants.reduce((sum, assistant) => sum + requestsForParts(assistant), 0),
    ),
    agreements: world.regions.reduce((sum, region) => sum + region.agreements.length, 0),
    identity_center_more: moreOf(world, 'sso-admin.', ({ identityCenter }) =>
      identityCenter ? requestsForIdentityCenter(identityCenter) : 0,
    ),
    identity_store_more: moreOf(world, 'identitystore.', ({ identityCenter }) =>
      identityCenter ? requestsForIdentityStore(identityCenter) : 0,
    ),
    machine_learning_more: moreOf(world, 'sagemaker.', () => 0),
    outbound_calls_more: moreOf(world, 'eventbridge.', () => 0),
    model_metrics_more: moreOf(world, 'cloudwatch.', () => 0),
    invocations_more: moreOf(world, 'cloudtrail.', () => 0),
    secret_names_more: moreOf(world, /^(secrets-manager|ssm)\./, () => 0),
    environment_names_more: moreOf(world, /^(lambda|ecs)\./, ({ tasks }) => tasks.length),
    users: world.users.length,
    roles: world.roles.length,
  };
}

/** What is read region by region. */
const READ_REGIONS = [
  'agents',
  'models',
  'assistants',
  'machine_learning',
  'secret_names',
  'environment_names',
  'outbound_calls',
  'identity_center',
  'identity_store',
  'model_metrics',
  'invocations',
];

/** Requests beyond the first page of each list, two items a page, and those for single things. */
function moreOf(world: World, services: RegExp | string, single: (region: World['regions'][number]) => number): number {
  const routes = SERVICE_ROUTES.filter(({ operation, count }) => count && operation.search(services) === 0);
  const further = (items: number) => Math.max(0, Math.ceil(items / 2) - 1);
  return world.regions.reduce(
    (sum, region) => sum + single(region) + routes.reduce((pages, route) => pages + further(route.count!(region)), 0),
    0,
  );
}
