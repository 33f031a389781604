import { createHash } from 'node:crypto';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { companyDay } from '../../scan/night.ts';
import type { Fact, Found, Night, World } from '../world.ts';

/** What Google answers, planted in its wire form: people, grants, events of the two logs, resources of Google Cloud, refusals. */

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** So long before the scan of a night begins, which is at two in the morning. */
export function before(days: number, night = 0): Date {
  return new Date(companyDay().getTime() + (night - days) * DAY_MS + 2 * HOUR_MS);
}

export const scope = (name: string) => `https://www.googleapis.com/auth/${name}`;
export const SIGN_IN = ['openid', scope('userinfo.email')] as const;

/** Published clients; the catalog knows the first two by these ids. */
export const CLIENTS = {
  contextAi: '110671459871-30f1spbu0hptbs60cb4vsmv79i7bbvqj.apps.googleusercontent.com',
  geminiCli: '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com',
  unheardOf: '400500600700-unheardofunheardofunheardofunhea.apps.googleusercontent.com',
} as const;

export interface Token {
  clientId: string;
  displayText?: string;
  scopes?: readonly string[];
}

export interface Person {
  /** 21 digits. */
  id: string;
  mail: string;
  /** More fields of the directory's resource. */
  more?: Readonly<Record<string, unknown>>;
  /** Live grants, or what the list of them answers; absent = none, and Google then leaves `items` out. */
  grants?: readonly Token[] | TokensAnswer;
  /** No longer in the directory. */
  gone?: boolean;
}

export type TokensAnswer = (request: FakeRequest, nth: number) => FakeAnswer;

export function person(number: number, grants?: Person['grants'], more: Person['more'] = {}): Person {
  return { id: `1${String(number).padStart(20, '0')}`, mail: `p${number}@lanternworks.example`, more, ...(grants && { grants }) };
}

/** The directory has these people from now on, and nobody else. */
export function plantPeople(world: World, people: readonly Person[]): void {
  const byKey = new Map(people.flatMap((one) => [[one.id, one] as const, [one.mail, one] as const]));
  world.plant(
    'directory.users.list',
    admitted((request) => {
      const deleted = request.url.searchParams.get('showDeleted') === 'true';
      const users = deleted ? [] : people.filter(({ gone }) => !gone).map(userOf);
      return json({ kind: 'admin#directory#users', ...(users.length > 0 && { users }) });
    }),
  );
  const calls = new Map<string, number>();
  world.plant(
    'directory.tokens.list',
    admitted((request) => {
      const one = byKey.get(request.params['userKey']!);
      if (!one) return refusal(404, 'notFound', 'Resource Not Found: userKey');
      calls.set(one.id, (calls.get(one.id) ?? 0) + 1);
      return typeof one.grants === 'function' ? one.grants(request, calls.get(one.id)!) : tokens(one.grants ?? []);
    }),
  );
  world.plant(
    'directory.asps.list',
    admitted(() => json({ kind: 'admin#directory#aspList' })),
  );
}

/** Only who was let in gets an answer of ours; the simulated provider still judges the token of the request. */
export function admitted(answer: (request: FakeRequest, nth: number) => FakeAnswer) {
  return (request: FakeRequest, nth: number, usual: () => FakeAnswer): FakeAnswer => {
    const own = usual();
    return own.status === 401 || own.status === 403 ? own : answer(request, nth);
  };
}

export function userOf({ id, mail, more }: Person): Record<string, unknown> {
  return {
    id,
    primaryEmail: mail,
    suspended: false,
    archived: false,
    isAdmin: false,
    isEnrolledIn2Sv: true,
    lastLoginTime: before(1).toISOString(),
    creationTime: before(900).toISOString(),
    orgUnitPath: '/',
    ...more,
  };
}

export function tokens(items: readonly Token[]): FakeAnswer {
  const listed = items.map(({ clientId, displayText = 'Some app', scopes = SIGN_IN }) => ({
    clientId,
    displayText,
    scopes,
    nativeApp: false,
    anonymous: false,
  }));
  return json({ kind: 'admin#directory#tokenList', ...(listed.length > 0 && { items: listed }) });
}

export function json(body: unknown, status = 200): FakeAnswer {
  return { status, body };
}

/** Google's error envelope. */
export function refusal(code: number, reason: string, message: string, more: Partial<FakeAnswer> & { details?: unknown } = {}): FakeAnswer {
  const { details, ...answer } = more;
  const domain = /Limit|quota/i.test(reason) ? 'usageLimits' : 'global';
  return {
    status: code,
    ...answer,
    body: { error: { code, message, errors: [{ domain, reason, message }], ...(details !== undefined && { details }) } },
  };
}

export const refusals = {
  unauthenticated: () => refusal(401, 'authError', 'Invalid Credentials'),
  forbidden: () => refusal(403, 'forbidden', 'Not Authorized to access this resource/api'),
  tooMany: (seconds?: number) =>
    refusal(429, 'rateLimitExceeded', 'Rate Limit Exceeded', seconds === undefined ? {} : { headers: { 'retry-after': String(seconds) } }),
  unavailable: () => refusal(503, 'backendError', 'Backend Error'),
  internal: () => refusal(500, 'backendError', 'Backend Error'),
  quotaExceeded: () => refusal(403, 'quotaExceeded', 'Quota exceeded.'),
  noScope: () =>
    refusal(403, 'insufficientPermissions', 'Request had insufficient authentication scopes.', {
      details: [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT', domain: 'googleapis.com' },
      ],
    }),
} as const;

export interface LogEvent {
  name: string;
  at: Date;
  /** Signed 64-bit integer; absent = drawn from all the rest. */
  qualifier?: string;
  actor?: Person;
  parameters: readonly object[];
}

/** One parameter of an event, in the member that Google has for such a value. */
export function parameter(name: string, value: string | readonly string[] | { int: string }): object {
  if (typeof value === 'string') return { name, value };
  return 'int' in value ? { name, intValue: value.int } : { name, multiValue: value };
}

export function tokenEvent(
  name: 'authorize' | 'revoke' | 'deny' | 'activity',
  at: Date,
  actor: Person,
  { clientId, displayText = 'Some app', scopes = SIGN_IN, bytes }: Token & { bytes?: string },
): LogEvent {
  const what =
    name === 'activity'
      ? [
          parameter('api_name', 'drive'),
          parameter('method_name', 'drive.files.get'),
          parameter('num_response_bytes', { int: bytes ?? '1' }),
        ]
      : [parameter('client_type', 'WEB'), parameter('scope', scopes)];
  return { name, at, actor, parameters: [parameter('client_id', clientId), parameter('app_name', displayText), ...what] };
}

export function delegated(name: 'AUTHORIZE' | 'REMOVE', at: Date, clientId: string, scopes: readonly string[] = []): LogEvent {
  const asked = name === 'AUTHORIZE' ? [parameter('API_SCOPES', scopes.join(','))] : [];
  const parameters = [parameter('API_CLIENT_NAME', clientId), ...asked, parameter('DOMAIN_NAME', 'lanternworks.example')];
  return { name: `${name}_API_CLIENT_ACCESS`, at, parameters };
}

/** The two audit logs hold these events from now on; Google shows those of 180 days, newest first. */
export function plantLogs(world: World, logs: { token?: readonly LogEvent[]; admin?: readonly LogEvent[] }): void {
  world.plant(
    'reports.activities.list',
    admitted((request) => {
      const asked = request.url.searchParams;
      const application = request.params['applicationName'] as keyof typeof logs;
      const start = Date.parse(asked.get('startTime') ?? before(180).toISOString());
      const end = Date.parse(asked.get('endTime') ?? '9999-12-31T00:00:00Z');
      const client = /^client_id==(.+)$/.exec(asked.get('filters') ?? '')?.[1];
      const items = (logs[application] ?? [])
        .filter(({ name }) => (asked.get('eventName') ?? name) === name)
        .filter(({ at }) => at.getTime() >= start && at.getTime() <= end)
        .filter(({ parameters }) => client === undefined || JSON.stringify(parameters).includes(`"${client}"`))
        .toSorted((one, other) => other.at.getTime() - one.at.getTime())
        .map((event) => activity(application, event));
      return json({ kind: 'admin#reports#activities', ...(items.length > 0 && { items }) });
    }),
  );
}

function activity(application: string, event: LogEvent): object {
  const actor = event.actor ?? person(0);
  const drawn = createHash('sha256').update(JSON.stringify(event)).digest().readBigInt64BE().toString();
  return {
    id: { time: event.at.toISOString(), uniqueQualifier: event.qualifier ?? drawn, applicationName: application },
    actor: { email: actor.mail, profileId: actor.id },
    events: [{ type: application === 'token' ? 'auth' : 'SECURITY_SETTINGS', name: event.name, parameters: event.parameters }],
  };
}

export interface Asset {
  type: string;
  name: string;
  project: string;
  data: Readonly<Record<string, unknown>>;
}

/** The organisation has these resources from now on. An answer instead of assets is what the type answers. */
export function plantAssets(world: World, assets: readonly Asset[], refused: Readonly<Record<string, FakeAnswer>> = {}): void {
  world.plant(
    'cloudasset.assets.list',
    admitted((request) => {
      const types = request.url.searchParams.getAll('assetTypes');
      const refusing = types.find((type) => refused[type]);
      if (refusing) return refused[refusing]!;
      const found = assets.filter(({ type }) => types.some((pattern) => new RegExp(`^${pattern}$`).test(type)));
      const listed = found.map(({ type, name, project, data }) => ({
        name,
        assetType: type,
        ancestors: [`projects/${project}`, 'organizations/1'],
        resource: { data },
      }));
      return json(listed.length > 0 ? { assets: listed } : {});
    }),
  );
}

export function project(number: string, id: string): Asset {
  return {
    type: 'cloudresourcemanager.googleapis.com/Project',
    name: `//cloudresourcemanager.googleapis.com/projects/${number}`,
    project: number,
    data: { projectId: id, projectNumber: number, lifecycleState: 'ACTIVE', name: id, createTime: before(800).toISOString() },
  };
}

export function service(number: string, api: string): Asset {
  return {
    type: 'serviceusage.googleapis.com/Service',
    name: `//serviceusage.googleapis.com/projects/${number}/services/${api}`,
    project: number,
    data: { name: `projects/${number}/services/${api}`, parent: `projects/${number}`, state: 'ENABLED' },
  };
}

export function apiKey(number: string, uid: string, data: Readonly<Record<string, unknown>> = {}): Asset {
  const name = `projects/${number}/locations/global/keys/${uid}`;
  const base = { name, uid, displayName: `Key ${uid.slice(0, 4)}`, createTime: before(200).toISOString() };
  return { type: 'apikeys.googleapis.com/Key', name: `//apikeys.googleapis.com/${name}`, project: number, data: { ...base, ...data } };
}

export function serviceAccount(number: string, projectId: string, id: string, data: Readonly<Record<string, unknown>> = {}): Asset {
  const email = `robot-${id.slice(-3)}@${projectId}.iam.gserviceaccount.com`;
  const name = `projects/${projectId}/serviceAccounts/${email}`;
  return {
    type: 'iam.googleapis.com/ServiceAccount',
    name: `//iam.googleapis.com/projects/${projectId}/serviceAccounts/${id}`,
    project: number,
    data: { name, uniqueId: id, oauth2ClientId: id, email, displayName: 'Robot', ...data },
  };
}

export function identityProvider(number: string, id: string, data: Readonly<Record<string, unknown>>): Asset {
  const name = `projects/${number}/locations/global/workloadIdentityPools/outside/providers/${id}`;
  return {
    type: 'iam.googleapis.com/WorkloadIdentityPoolProvider',
    name: `//iam.googleapis.com/${name}`,
    project: number,
    data: { name, displayName: id, state: 'ACTIVE', ...data },
  };
}

/** A grant as the list of live grants stated it. */
export function grantOf(night: Night, holder: Person, clientId: string): Fact | undefined {
  return night.facts.find((fact) => fact.collector === 'grants' && fact.principal?.id === holder.id && fact.subject.app === clientId);
}

export function findingsOf(night: Night, app: string): Found[] {
  return night.findings.filter(({ appId }) => appId === app);
}

/** The one statement about a place that a collector owes where it could not read. */
export function gapAt(night: Night, collector: string, place: string) {
  return night.gaps.find((gap) => gap.collector === collector && gap.scope === `${night.source.account!.scope}${place}`);
}

/** Bodies of signed requests for a token: what was asked for, and in whose name. */
export function assertionsIn(world: World): { scopes: string[]; subject: string | undefined; issuer: string }[] {
  return world.asked
    .filter(({ operation }) => operation === 'oauth2.token')
    .map(({ body }) => {
      const assertion = new URLSearchParams(body).get('assertion') ?? '';
      const claims = JSON.parse(Buffer.from(assertion.split('.')[1]!, 'base64url').toString('utf8')) as Record<string, string>;
      return { scopes: (claims['scope'] ?? '').split(' ').filter(Boolean), subject: claims['sub'], issuer: claims['iss']! };
    });
}

export function askedFor(world: World, operation: string, text = ''): World['asked'] {
  return world.asked.filter((request) => request.operation === operation && request.url.href.includes(text));
}

/** A list that gives these pages, whatever page is asked for; `nth` counts from 0. */
export function plantPages(world: World, operation: string, page: (nth: number) => object): void {
  world.plant(
    operation,
    admitted(({ url }, nth) => json(url.searchParams.get('showDeleted') === 'true' ? {} : page(nth - 1))),
  );
}

/** A policy as the Policy API lists it. Units and groups by their resource names. */
export function setting(
  type: string,
  value: object,
  on: { unit?: string; group?: string; order: number; by?: 'ADMIN' | 'SYSTEM' },
): object {
  const { unit, group, order, by = 'ADMIN' } = on;
  const where = { ...(unit && { orgUnit: `orgUnits/${unit}` }), ...(group && { group }) };
  const name = `policies/${createHash('sha256')
    .update(JSON.stringify([type, value, on]))
    .digest('hex')
    .slice(0, 16)}`;
  return { name, type: by, policyQuery: { ...where, sortOrder: order }, setting: { type: `settings/${type}`, value } };
}
