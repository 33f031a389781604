/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { openWorld, type Night } from '../world.ts';
import { startFront } from './front.ts';
import { peak, scanAtUsualPace } from './paced.ts';
import {
  CLIENTS,
  askedFor,
  assertionsIn,
  before,
  findingsOf,
  grantOf,
  json,
  person,
  plantLogs,
  plantPages,
  plantPeople,
  scope,
  tokenEvent,
  userOf,
} from './plants.ts';
import { installed } from './programs.ts';
import { ID, statement, GRANTS, CONTEXT_AI, GEMINI_CLI } from './statement.ts';

/** Lists that come in pages. */
const PAGED = [
  'directory.users.list',
  'directory.roles.list',
  'directory.roleAssignments.list',
  'reports.activities.list',
  'licensing.licenseAssignments.listForProduct',
  'cloudidentity.policies.list',
  'chromemanagement.customers.reports.findSaasUsage',
  'chromemanagement.customers.reports.findSaasUsageProfiles',
  'chromemanagement.customers.reports.countInstalledApps',
  'chromemanagement.customers.reports.findInstalledAppProfiles',
  'cloudasset.assets.list',
  'cloudresourcemanager.organizations.search',
];

/** Lists that come in pages of whatever size Google likes, by projects that switched them on. */
const AGENT_LISTS = [
  'agentregistry.projects.locations.list',
  'agentregistry.projects.locations.aiApplications.list',
  'agentregistry.projects.locations.aiApplications.agents.list',
  'agentregistry.projects.locations.agents.list',
  'agentidentity.projects.locations.accessSummaries.list',
  'agentidentity.projects.locations.authProviders.list',
];

/** Of one provider of tokens. */
const PROVIDER_LISTS = [
  'agentidentity.projects.locations.authProviders.queryWorkloads',
  'agentidentity.projects.locations.authProviders.authorizations.list',
];

const AGENT_READERS = ['agent_registry', 'agent_tools', 'agent_access', 'agent_grants'];
/** Of the inventory of assets. */
const ASSET_READERS = ['cloud_assets', 'ai_resources', 'key_use'];
/** Of single projects, without it. */
const PROJECT_READERS = ['cloud_projects'];
const PROJECT_LISTS = [
  'cloudresourcemanager.folders.list',
  'cloudresourcemanager.projects.list',
  'serviceusage.services.list',
  'iam.projects.serviceAccounts.list',
  'apikeys.projects.locations.keys.list',
];

/** The provider's own only page, whatever page was asked for. */
function ownPage(request: FakeRequest, usual: () => FakeAnswer): FakeAnswer {
  const asked = request.url.searchParams.get('pageToken');
  request.url.searchParams.delete('pageToken');
  const answer = usual();
  if (asked !== null) request.url.searchParams.set('pageToken', asked);
  return answer;
}

statement('T11', async () => {
  for (const loop of [['next'], ['next', 'other', 'next']]) {
    const world = await openWorld(ID);
    const [ada, bo] = [person(1, [CONTEXT_AI]), person(2, [GEMINI_CLI])];
    plantPeople(world, [ada, bo]);
    await world.scan(GRANTS);
    world.asked.length = 0;
    plantPages(world, 'directory.users.list', (nth) => ({ users: [userOf(ada)], nextPageToken: loop[nth % loop.length] }));
    const night = await world.scan({ ...GRANTS, night: 1 });
    expect(askedFor(world, 'directory.users.list').length).toBeLessThan(20);
    for (const collector of ['users', 'grants']) {
      expect(night.gaps.filter((gap) => gap.collector === collector).map(({ reason }) => reason)).toContain('truncated');
      const identities = night.facts.filter((fact) => fact.collector === collector && fact.principal?.id === bo.id);
      expect(identities.map(({ state }) => state)).toEqual(['unverified']);
    }
    expect(grantOf(night, ada, CLIENTS.contextAi)?.state).toBe('present');
    expect(findingsOf(night, CLIENTS.geminiCli).map(({ state }) => state)).toEqual(['open']);
  }

  // Every other list, by whichever collector: each page is the same and names the same next one.
  const inner = PAGED.filter((operation) => /roleAssignments|Profiles$|assets/.test(operation));
  const outer = PAGED.filter((operation) => !inner.includes(operation));
  for (const [operations, readers] of [
    [outer, [...Object.keys(ROWS).filter((collector) => collector !== 'groups'), ...ASSET_READERS, ...PROJECT_READERS, ...AGENT_READERS]],
    [inner, ['admin_roles', 'chrome_sites', 'chrome_extensions', ...ASSET_READERS, ...AGENT_READERS]],
    [AGENT_LISTS.filter((operation) => !/\.ai|\.agents/.test(operation)), AGENT_READERS],
    [AGENT_LISTS.filter((operation) => operation.endsWith('.aiApplications.list')), ['agent_registry']],
    [['agentregistry.projects.locations.mcpServers.list', 'agentregistry.projects.locations.bindings.list'], ['agent_tools']],
    [['policyanalyzer.projects.locations.activityTypes.activities.query'], ['key_use']],
    [['directory.members.list'], ['groups']],
    ...PROJECT_LISTS.map((operation) => [[operation], PROJECT_READERS] as const),
    ...PROVIDER_LISTS.map((operation) => [[operation], ['agent_grants']] as const),
  ] as const) {
    const world = await openWorld(ID);
    for (const operation of operations)
      world.plant(operation, (request, _, usual) => {
        const { status, body } = ownPage(request, usual);
        return { status, body: { ...(body as object), nextPageToken: 'again' } };
      });
    const night = await world.scan();
    const truncated = night.gaps.filter(({ reason }) => reason === 'truncated').map(({ collector }) => collector);
    expect([...new Set(truncated)].toSorted()).toEqual([...readers].toSorted());
    for (const operation of operations) {
      const lists = askedFor(world, operation);
      const onward = lists.filter(({ url }) => url.searchParams.has('pageToken'));
      expect([operation, onward.length > 0]).toEqual([operation, true]);
      // Each walk meets the token twice and goes no third time.
      expect([operation, onward.length <= lists.length - onward.length]).toEqual([operation, true]);
    }
  }
});

statement('T12', async () => {
  const usual = await openWorld(ID);
  const undisturbed = await usual.scan();
  const world = await openWorld(ID);
  for (const operation of PAGED)
    world.plant(operation, (request, _, ownAnswer) => {
      const at = request.url.searchParams.get('pageToken');
      const own = ownPage(request, ownAnswer);
      if (own.status !== 200 || at === 'third') return own;
      return json({ nextPageToken: at === 'second' ? 'third' : 'second' });
    });
  const night = await world.scan();
  for (const operation of PAGED) expect(askedFor(world, operation, 'pageToken=third')).not.toEqual([]);
  const stated = ({ facts }: Night) => facts.map(({ collector, nativeId, state }) => `${collector} ${nativeId} ${state}`);
  expect(stated(night)).toEqual(stated(undisturbed));
  expect(stated(night).length).toBeGreaterThan(100);
  expect(night.gaps.map(({ scope: place, reason }) => [place, reason])).toEqual(
    undisturbed.gaps.map(({ scope: place, reason }) => [place, reason]),
  );
});

/** The largest page of each list, as Google documents it; undefined = the server's choice, or no pages. */
const LARGEST: Readonly<Record<string, readonly [parameter: string, size: string] | undefined>> = {
  'directory.users.list': ['maxResults', '500'],
  'directory.roles.list': ['maxResults', '100'],
  'directory.roleAssignments.list': ['maxResults', '200'],
  'directory.groups.get': undefined,
  'directory.members.list': ['maxResults', '200'],
  'directory.tokens.list': undefined,
  'directory.asps.list': undefined,
  'directory.orgunits.list': undefined,
  'reports.activities.list': ['maxResults', '1000'],
  'licensing.licenseAssignments.listForProduct': ['maxResults', '1000'],
  'cloudidentity.policies.list': ['pageSize', '100'],
  'chromemanagement.customers.reports.findSaasUsage': ['pageSize', '200'],
  'chromemanagement.customers.reports.findSaasUsageProfiles': ['pageSize', '200'],
  'chromemanagement.customers.reports.countInstalledApps': ['pageSize', '100'],
  'chromemanagement.customers.reports.findInstalledAppProfiles': ['pageSize', '100'],
  'cloudasset.assets.list': ['pageSize', '1000'],
  'cloudresourcemanager.organizations.search': undefined,
  'cloudresourcemanager.folders.list': undefined,
  'cloudresourcemanager.projects.list': undefined,
  'serviceusage.services.list': ['pageSize', '200'],
  'iam.projects.serviceAccounts.list': ['pageSize', '100'],
  'iam.projects.serviceAccounts.keys.list': undefined,
  'apikeys.projects.locations.keys.list': ['pageSize', '300'],
  'agentregistry.projects.locations.list': undefined,
  'agentregistry.projects.locations.aiApplications.list': undefined,
  'agentregistry.projects.locations.aiApplications.agents.list': undefined,
  'agentregistry.projects.locations.agents.list': undefined,
  'agentregistry.projects.locations.mcpServers.list': undefined,
  'agentregistry.projects.locations.bindings.list': ['pageSize', '500'],
  'agentidentity.projects.locations.accessSummaries.list': ['pageSize', '1000'],
  'policyanalyzer.projects.locations.activityTypes.activities.query': ['pageSize', '1000'],
  'agentidentity.projects.locations.authProviders.list': ['pageSize', '1000'],
  'agentidentity.projects.locations.authProviders.queryWorkloads': ['pageSize', '1000'],
  'agentidentity.projects.locations.authProviders.authorizations.list': ['pageSize', '1000'],
};

statement('T13', async () => {
  const world = await openWorld(ID);
  await world.scan();
  const lists = world.asked.filter(({ operation }) => operation !== 'oauth2.token' && operation !== 'directory.customers.get');
  expect(new Set(lists.map(({ operation }) => operation))).toEqual(new Set(Object.keys(LARGEST)));
  for (const { operation, url } of lists) {
    const page = LARGEST[operation!];
    if (page) expect([operation, url.searchParams.get(page[0])]).toEqual([operation, page[1]]);
  }
});

statement('T14', async () => {
  const world = await openWorld(ID);
  await world.scan();
  await world.scan({ night: 1 });
  const sent = world.asked.map(({ method, url }) => `${method} ${url.pathname}${url.search}`);
  expect(new Set(world.asked.map(({ operation }) => operation)).size).toBeGreaterThanOrEqual(16);
  expect(world.asked.filter(({ operation }) => operation === undefined)).toEqual([]);
  expect(sent.filter((line) => !line.startsWith('GET ') && line !== 'POST /token')).toEqual([]);
  const SECRET =
    /batch|keyString|lookupKey|credentials|identityAwareProxyClients|verificationCodes|includeSensitiveData|recovery|:enable|access_token=|[?&]key=/i;
  expect(sent.filter((line) => SECRET.test(line))).toEqual([]);
  // Without a mask the directory gives away recovery addresses and phones.
  const people = askedFor(world, 'directory.users.list');
  expect(people.length).toBeGreaterThan(0);
  for (const { url } of people) expect(url.searchParams.get('fields')).toMatch(/^nextPageToken,users\(id,/);
});

/** The least that each collector can do with; who lists people or needs the customer's id asks for that as well. */
const DIRECTORY = ['admin.directory.user.readonly', 'admin.directory.customer.readonly'];

const USUAL = [...DIRECTORY, 'admin.directory.orgunit.readonly', 'admin.directory.domain.readonly'];

const ROWS: Readonly<Record<string, readonly string[]>> = {
  users: USUAL,
  // By the token log, from the second night on.
  grants: [...DIRECTORY, 'admin.directory.user.security', 'admin.reports.audit.readonly'],
  app_passwords: [...DIRECTORY, 'admin.directory.user.security'],
  token_log: [...DIRECTORY, 'admin.reports.audit.readonly'],
  delegation: [...DIRECTORY, 'admin.reports.audit.readonly'],
  app_control: [...DIRECTORY, 'admin.reports.audit.readonly'],
  app_use: [...DIRECTORY, 'admin.reports.audit.readonly'],
  ai_use: [...DIRECTORY, 'admin.reports.audit.readonly'],
  admin_roles: [...DIRECTORY, 'admin.directory.rolemanagement.readonly'],
  settings: [...USUAL, 'cloud-identity.policies.readonly'],
  ai_licences: [...DIRECTORY, 'apps.licensing'],
  groups: [...DIRECTORY, 'admin.directory.group.readonly'],
  chrome_sites: [...DIRECTORY, 'chrome.management.reports.readonly'],
  chrome_extensions: [...DIRECTORY, 'chrome.management.reports.readonly'],
};

const NEEDED: readonly (readonly [RegExp, string])[] = [
  [/\/customers\/my_customer$/, 'admin.directory.customer.readonly'],
  [/\/directory\/v1\/users$/, 'admin.directory.user.readonly'],
  [/\/(tokens|asps)$/, 'admin.directory.user.security'],
  [/\/reports\/v1\//, 'admin.reports.audit.readonly'],
  [/\/role(s|assignments)$/, 'admin.directory.rolemanagement.readonly'],
  [/\/directory\/v1\/groups\//, 'admin.directory.group.readonly'],
  [/\/orgunits$/, 'admin.directory.orgunit.readonly'],
  [/\/v1\/policies$/, 'cloud-identity.policies.readonly'],
  [/\/licensing\//, 'apps.licensing'],
  [/\/reports:/, 'chrome.management.reports.readonly'],
];

statement('T15', async () => {
  const world = await openWorld(ID);
  const all = await world.scan();
  const ran = new Set(all.facts.map(({ collector }) => collector));
  expect([...ran].toSorted()).toEqual([...Object.keys(ROWS), ...ASSET_READERS, ...PROJECT_READERS, 'imports', ...AGENT_READERS].toSorted());
  const workspace = world.provider.permissions.filter((permission) => permission.includes('/auth/'));
  for (const [collector, row] of Object.entries(ROWS)) {
    for (const permission of workspace) {
      if (row.map(scope).includes(permission)) world.provider.restore(permission);
      else world.provider.revoke(permission);
    }
    world.asked.length = 0;
    const night = await world.scan({ collectors: [collector], night: 1 });
    expect([collector, night.gaps.filter(({ reason }) => reason === 'permission_denied')]).toEqual([collector, []]);
    const asked = new Set(assertionsIn(world).flatMap(({ scopes }) => scopes));
    const used = new Set(
      world.asked.flatMap(({ url }) => NEEDED.filter(([path]) => path.test(url.pathname)).map(([, name]) => scope(name))),
    );
    expect([collector, [...asked].toSorted()]).toEqual([collector, [...used].toSorted()]);
    expect([collector, [...asked].filter((name) => !row.map(scope).includes(name))]).toEqual([collector, []]);
  }
});

statement('T16', async () => {
  const world = await openWorld(ID);
  const night = await world.scan();
  const assertions = assertionsIn(world);
  const cloud = assertions.filter(({ scopes }) => scopes.some((name) => name.includes('cloud-platform')));
  expect(cloud.length).toBeGreaterThan(0);
  expect(cloud.map(({ subject }) => subject)).toEqual(cloud.map(() => undefined));
  const delegated = assertions.filter(({ subject }) => subject !== undefined);
  expect(delegated.length).toBeGreaterThan(0);
  expect(delegated.filter(({ scopes }) => scopes.some((name) => /cloud-platform/.test(name)))).toEqual([]);
  expect(new Set(cloud.map(({ issuer }) => issuer)).size).toBe(1);
  expect(delegated.map(({ issuer }) => issuer)).not.toContain(cloud[0]!.issuer);
  expect(night.facts.filter(({ collector, kind }) => collector === 'cloud_assets' && kind === 'service_account').length).toBeGreaterThan(0);
});

statement('T17', async () => {
  const elsewhere = ['https://admin.example', 'http://127.0.0.1.example.net:80', 'http://localhost.example.net', 'http://10.0.0.1:8080'];
  const world = await openWorld(ID);
  for (const endpoint of elsewhere) {
    await expect(world.scan({ config: { endpoint } })).rejects.toThrow(/loopback/);
  }
  const ended = await installed(world.provider, { endpoint: elsewhere[0] }).run(['scan']);
  expect([ended.code, ended.stderr]).toEqual([2, expect.stringMatching(/loopback/)]);
  expect(world.asked).toEqual([]);

  // What a key file names as the address of tokens is not believed either.
  const thief = await startFront(world.provider.config['endpoint'], () => json({ access_token: 'ya29.stolen', expires_in: 3599 }));
  const environment = world.provider.environment as Record<string, string>;
  for (const [name, text] of Object.entries(environment).filter(([name]) => name.endsWith('_SERVICE_ACCOUNT')))
    environment[name] = JSON.stringify({ ...(JSON.parse(text) as object), token_uri: `${thief.url}/token` });
  const night = await world.scan({ collectors: ['users', 'cloud_assets'] });
  expect(thief.asked).toEqual([]);
  expect(askedFor(world, 'oauth2.token').length).toBeGreaterThan(1);
  expect(new Set(night.facts.map(({ collector }) => collector))).toEqual(new Set(['users', 'cloud_assets']));
});

statement('T47', async () => {
  const people = await openWorld(ID);
  plantPeople(
    people,
    Array.from({ length: 450 }, (_, number) => person(number, [CONTEXT_AI])),
  );
  await scanAtUsualPace(people, 10, ['grants']);
  const lists = askedFor(people, 'directory.tokens.list');
  expect(lists).toHaveLength(450);
  // 2,400 a minute, in windows of ten seconds.
  expect(peak(lists, 10, 10)).toBeLessThan(400);
  expect(peak(lists, 10, 10)).toBeGreaterThan(50);

  const filters = await openWorld(ID);
  const ada = person(1);
  const clients = Array.from({ length: 270 }, (_, number) => `${100_000_000_000 + number}-${'d'.repeat(32)}.apps.googleusercontent.com`);
  plantPeople(filters, [ada]);
  plantLogs(filters, {
    token: clients.map((clientId, index) => tokenEvent('authorize', before(1 + index / 10), ada, { clientId, displayText: 'ChatGPT' })),
  });
  await scanAtUsualPace(filters, 10, ['token_log', 'app_use']);
  const queries = askedFor(filters, 'reports.activities.list').filter(({ url }) =>
    /[?&](eventName|filters|actorIpAddress|orgUnitID|groupIdFilter)=/.test(url.search),
  );
  expect(queries.length).toBeGreaterThan(clients.length);
  expect(peak(queries, 10, 60)).toBeLessThan(250);
});
