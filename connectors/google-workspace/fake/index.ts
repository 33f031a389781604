import type { Company } from '../../../src/testing/company.ts';
import type { Fake, FakeOptions, FakeProvider } from '../../../src/testing/fake.ts';
import { chance } from '../../../src/testing/random.ts';
import { createFaultPlan, faultFor, type FaultPlan, type PlannedFault } from '../../../src/testing/faults.ts';
import { type FakeAnswer, type FakeRequest, type FakeRoute, startFakeServer } from '../../../src/testing/server.ts';
import { APPS } from './apps.ts';
import { listAppPasswords, listAssignments, listRoles } from './administration.ts';
import { agentSizes, CLIENT_SECRET_CANARY } from './agents.ts';
import { AI_EVENTS, type AiApplication, aiSizes } from './ai.ts';
import { adminLog, aiLog, type Log, tokenLog } from './audit.ts';
import { API_KEY_CANARY, CLOUD_PERMISSIONS } from './cloud.ts';
import { cloudRoutes } from './cloud-routes.ts';
import { allowanceOf, guarded, type Guards } from './guards.ts';
import { getGroup, groupSizes, listMembers, pilotsAddress } from './groups.ts';
import { keyUseSizes } from './key-activity.ts';
import { countExtensions, findHolders, findSites, findVisitors, listLicences, listPolicies, listUnits, reportPages } from './console.ts';
import { emptyPages, FIRST_USER, getCustomer, listTokens, listUsers } from './directory.ts';
import { FIRST_ROW } from './lists.ts';
import { cloudAccount, createTokenOffice, SCOPES, serviceAccount, type TokenOffice } from './oauth.ts';
import { ownToken } from './parameters.ts';
import { consoleApps, declaredDelegations, gamTokens } from './exports.ts';
import { findPerson, privateValues } from './people.ts';
import { projectSizes } from './projects.ts';
import { type QuotaReason, quotaRefusal, Refused, refusal, scopeRefusal, tokenRefusal } from './refusals.ts';
import { listActivities, NEWEST_EVENT } from './reports.ts';
import type { Deed } from './stories.ts';
import { expected, sizes, usePages } from './truth.ts';
import { createWorld } from './world.ts';

/** The simulated Google Workspace, with what only Google does. */
export interface GoogleFake extends FakeProvider {
  /** Makes an asset type one that Google does not support. */
  withoutAssetType(type: string): void;
  /** Puts an extension into a browser whose id no store would give. */
  sideload(): void;
  /** Lets an agent act whose id would be more than an id in a query. */
  quoteAgent(): void;
  /** Makes the company one whose edition logs no use of apps. */
  withoutUse(): void;
  /** Makes it one whose edition logs nothing of what Google's own AI did. */
  withoutAi(): void;
  /** Somebody gives an app access, or takes it back, on the day before the night of that number; the log tells of it or not. */
  happen(night: number, person: number, kind: Deed['kind'], app: keyof typeof APPS, told?: boolean): void;
  /** Answers so many requests a second by that clock, and refuses the others as Google does. */
  limit(perSecond: number, clock: { now(): Date }): void;
  /** Makes a quota answer 403, which looks like a lacking permission and is none. `nth` counts from the call on; else as in a planned fault. */
  quota(options: Omit<PlannedFault, 'fault'> & { reason: QuotaReason; times: number }): void;
}

const DIRECTORY = '/admin/directory/v1';

export const fake = { id: 'google-workspace', start } satisfies Fake;

async function start(company: Company, options: FakeOptions = {}): Promise<GoogleFake> {
  const world = createWorld(company, options);
  const subject = company.person(0).email;
  const granted = new Set<string>([...Object.values(SCOPES), ...Object.values(CLOUD_PERMISSIONS)]);
  const known = (address: string) => findPerson(company, world.people, address) !== undefined;
  const office = createTokenOffice({ administrator: subject, known, granted: () => granted });
  const quotas = new Map<QuotaReason, FaultPlan>();
  const ai = Object.keys(AI_EVENTS).map((application) => [application, aiLog(world, application as AiApplication)]);
  const logs = { token: tokenLog(world), admin: adminLog(world), ...(Object.fromEntries(ai) as Record<AiApplication, Log>) };
  let night = 0;
  let usePageSize = 1000;
  let reportPageSize = 200;
  let memberPageSize = 200;
  const paging = { size: 1000 };
  const unsupported = new Set<string>();
  let lastUsersRequest: FakeRequest | undefined;

  let allowance = () => true;
  let spent = 0;

  const guards: Guards = {
    admit(request, scope) {
      if (scope === undefined) return void office.cloudScopesOf(request);
      // A token that was issued before its scope was taken away is worth no more either.
      if (!office.scopesOf(request).has(scope) || !granted.has(scope)) throw new Refused(scopeRefusal(scope));
    },
    spend(request, operation) {
      const signature = `${request.url.pathname}${request.url.search}`;
      if (!allowance())
        throw new Refused(chance(company.seed, signature, spent++) < 0.5 ? quotaRefusal('userRateLimitExceeded') : refusal(429));
      for (const [reason, plan] of quotas) if (faultFor(plan, operation, signature)) throw new Refused(quotaRefusal(reason));
    },
  };

  const server = await startFakeServer({
    routes: [
      tokenRoute(office),
      guarded(guards, 'directory.customers.get', `${DIRECTORY}/customers/{customerKey}`, SCOPES.customer, (request) =>
        getCustomer(world, request),
      ),
      guarded(guards, 'directory.users.list', `${DIRECTORY}/users`, SCOPES.users, (request) => {
        lastUsersRequest = request;
        return listUsers(world, night, request);
      }),
      guarded(guards, 'directory.tokens.list', `${DIRECTORY}/users/{userKey}/tokens`, SCOPES.grants, (request) =>
        listTokens(world, night, request),
      ),
      guarded(guards, 'directory.asps.list', `${DIRECTORY}/users/{userKey}/asps`, SCOPES.grants, (request) =>
        listAppPasswords(world, night, request),
      ),
      guarded(guards, 'directory.roles.list', `${DIRECTORY}/customer/{customer}/roles`, SCOPES.roles, (request) =>
        listRoles(world, request),
      ),
      guarded(guards, 'directory.roleAssignments.list', `${DIRECTORY}/customer/{customer}/roleassignments`, SCOPES.roles, (request) =>
        listAssignments(world, request),
      ),
      guarded(
        guards,
        'reports.activities.list',
        '/admin/reports/v1/activity/users/{userKey}/applications/{applicationName}',
        SCOPES.audit,
        (request) => {
          // How many pages the use of apps and agents has depends on their size, and only who asks knows that.
          if (/[?&](filters|agentInfoFilter)=/.test(request.url.search))
            usePageSize = Number(request.url.searchParams.get('maxResults') ?? usePageSize);
          return listActivities(world, night, logs, request);
        },
      ),
      guarded(guards, 'directory.groups.get', `${DIRECTORY}/groups/{groupKey}`, SCOPES.groups, (request) => getGroup(world, request)),
      guarded(guards, 'directory.members.list', `${DIRECTORY}/groups/{groupKey}/members`, SCOPES.groups, (request) => {
        memberPageSize = Number(request.url.searchParams.get('maxResults') ?? memberPageSize);
        return listMembers(world, request);
      }),
      guarded(guards, 'directory.orgunits.list', `${DIRECTORY}/customer/{customer}/orgunits`, SCOPES.units, (request) =>
        listUnits(world, request),
      ),
      guarded(guards, 'cloudidentity.policies.list', '/v1/policies', SCOPES.settings, (request) => listPolicies(world, request)),
      guarded(
        guards,
        'licensing.licenseAssignments.listForProduct',
        '/apps/licensing/v1/product/{productId}/users',
        SCOPES.licences,
        (request) => listLicences(world, night, request),
      ),
      chromeRoute(guards, 'findSaasUsage', (request) => findSites(world, night, request)),
      chromeRoute(guards, 'findSaasUsageProfiles', (request) => {
        reportPageSize = Number(request.url.searchParams.get('pageSize') ?? reportPageSize);
        return findVisitors(world, night, request);
      }),
      chromeRoute(guards, 'countInstalledApps', (request) => countExtensions(world, request)),
      chromeRoute(guards, 'findInstalledAppProfiles', (request) => {
        reportPageSize = Number(request.url.searchParams.get('pageSize') ?? reportPageSize);
        return findHolders(world, request);
      }),
      ...cloudRoutes({ world, guards, granted, unsupported, paging }),
    ],
    refuse: (status, _request, operation) => (operation === 'oauth2.token' ? tokenRefusal(status) : refusal(status, operation)),
    misdirect,
    ...(options.latency !== undefined && { latency: options.latency }),
  });
  const { key } = serviceAccount();
  const faults = {
    ...server.faults,
    clear() {
      server.faults.clear();
      quotas.clear();
    },
  };

  return {
    ...server,
    faults,
    config: {
      connector: fake.id,
      subject,
      serviceAccount: { env: 'GOOGLE_SERVICE_ACCOUNT' },
      cloud: { serviceAccount: { env: 'GOOGLE_CLOUD_SERVICE_ACCOUNT' } },
      groups: [pilotsAddress(world)],
      imports: [
        { kind: 'gam-tokens', file: { env: 'GOOGLE_GAM_TOKENS' }, takenAt: company.ago(0).toISOString() },
        { kind: 'console-apps', file: { env: 'GOOGLE_CONSOLE_APPS' }, takenAt: company.ago(0).toISOString() },
        { kind: 'delegations', file: { env: 'GOOGLE_DELEGATIONS' }, takenAt: company.ago(0).toISOString() },
      ],
      endpoint: server.url,
    },
    environment: {
      GOOGLE_GAM_TOKENS: gamTokens(world),
      GOOGLE_CONSOLE_APPS: consoleApps(world),
      GOOGLE_DELEGATIONS: declaredDelegations(world),
      GOOGLE_SERVICE_ACCOUNT: JSON.stringify(key),
      GOOGLE_CLOUD_SERVICE_ACCOUNT: JSON.stringify(cloudAccount().key),
    },
    permissions: [...Object.values(SCOPES), ...Object.values(CLOUD_PERMISSIONS)],
    revoke: (permission) => void granted.delete(permission),
    restore: (permission) => void granted.add(permission),
    night: (number) => void (night = number),
    sizes: () => ({
      ...sizes(world, night),
      appUsePages: usePages(world, night, usePageSize),
      ...reportPages(world, reportPageSize),
      ...agentSizes(world, paging.size),
      ...keyUseSizes(world, paging.size),
      ...groupSizes(world, memberPageSize),
      ...projectSizes(world, paging.size),
      ...aiSizes(world, night, usePageSize),
    }),
    expected: () => expected(world, night),
    extraPages(operation) {
      if (operation !== 'directory.users.list' || !lastUsersRequest) return 0;
      const { users, deleted } = sizes(world, night);
      return emptyPages(lastUsersRequest, users) + emptyPages(lastUsersRequest, deleted);
    },
    canaries: [
      ...privateValues(company, world.people),
      world.ownerAddress,
      office.canary,
      key.private_key.split('\n')[5]!,
      cloudAccount().key.private_key.split('\n')[5]!,
      API_KEY_CANARY,
      CLIENT_SECRET_CANARY,
    ],
    limit: (perSecond, clock) => void (allowance = allowanceOf(perSecond, clock)),
    happen(onNight, person, kind, app, told = true) {
      const scopes = APPS[app].asks[0];
      world.history.happen(person, { kind, app: APPS[app], scopes, day: 1 - onNight, untold: !told });
    },
    withoutAssetType: (type) => void unsupported.add(type),
    sideload: () => void (world.sideloaded = true),
    quoteAgent: () => void (world.quotedAgent = true),
    withoutUse: () => void (world.logsUse = false),
    withoutAi: () => void (world.logsAi = false),
    quota({ reason, ...planned }) {
      const plan = quotas.get(reason) ?? createFaultPlan();
      quotas.set(reason, plan);
      plan.add({ ...planned, fault: 403 });
    },
  };
}

function tokenRoute(office: TokenOffice): FakeRoute {
  return { operation: 'oauth2.token', method: 'POST', path: '/token', answer: (request) => office.token(request) };
}

function chromeRoute(guards: Guards, report: string, answer: FakeRoute['answer']): FakeRoute {
  const operation = `chromemanagement.customers.reports.${report}`;
  return guarded(guards, operation, `/v1/customers/{customer}/reports:${report}`, SCOPES.chrome, answer);
}

/** A list of Google's can lead back to the same page, but not elsewhere: its tokens are no addresses. */
function misdirect(answer: FakeAnswer, request: FakeRequest, how: 'self' | 'foreign'): FakeAnswer | undefined {
  const beginning = beginningOf(request.url.pathname);
  if (how === 'foreign' || answer.status !== 200 || !beginning || typeof answer.body !== 'object') return undefined;
  return { ...answer, body: { ...answer.body, nextPageToken: ownToken(request, beginning) } };
}

function beginningOf(path: string): readonly number[] | undefined {
  if (
    /\/role|\/v1\/policies$|^\/apps\/licensing|\/reports:|\/members$|organizations:search$|^\/v3\/(?:folders|projects)$|\/services$|\/serviceAccounts$|\/assets$|\/locations/.test(
      path,
    )
  )
    return FIRST_ROW;
  if (path.endsWith('/users')) return FIRST_USER;
  return path.includes('/activity/') ? NEWEST_EVENT : undefined;
}
