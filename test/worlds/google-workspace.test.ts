/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { FakeProvider } from '../../src/testing/fake.ts';
import type { FakeAnswer, FakeRequest } from '../../src/testing/server.ts';
import { formsOf } from '../cli/run.ts';
import { smallCompany, sourceOf, startFake } from '../scan/night.ts';
import { logicalDump } from '../store/logical-dump.ts';
import { startFront } from './google-workspace/front.ts';
import { impatient } from './google-workspace/impatient.ts';
import {
  admitted,
  apiKey,
  askedFor,
  assertionsIn,
  before,
  CLIENTS,
  delegated,
  findingsOf,
  gapAt,
  grantOf,
  json,
  parameter,
  person,
  plantAssets,
  plantLogs,
  plantPages,
  plantPeople,
  project,
  refusal,
  refusals,
  scope,
  service,
  serviceAccount,
  setting,
  SIGN_IN,
  tokenEvent,
  tokens,
  userOf,
  type LogEvent,
  type Person,
  type Token,
} from './google-workspace/plants.ts';
import { installed, modulesIn } from './google-workspace/programs.ts';
import { peak, scanAtUsualPace } from './google-workspace/paced.ts';
import { openWorld, statementsOf, type Night } from './world.ts';

const ID = 'google-workspace';
const statement = statementsOf(ID);
const GRANTS = { collectors: ['users', 'grants'] } as const;
const CONTEXT_AI = { clientId: CLIENTS.contextAi, displayText: 'Context.ai', scopes: [scope('drive.readonly')] };
const GEMINI_CLI = { clientId: CLIENTS.geminiCli, displayText: 'Gemini CLI', scopes: [scope('cloud-platform')] };

/** One holds Context.ai and one Gemini CLI; from the second night on the list of the first one's grants answers so. */
async function twoHolders(answer: () => FakeAnswer) {
  const world = await openWorld(ID);
  let planted = (): FakeAnswer => tokens([CONTEXT_AI]);
  const [ada, bo] = [person(1, () => planted()), person(2, [GEMINI_CLI])];
  plantPeople(world, [ada, bo]);
  const first = await world.scan(GRANTS);
  expect(grantOf(first, ada, CLIENTS.contextAi)?.state).toBe('present');
  expect(findingsOf(first, CLIENTS.contextAi).map(({ state, unverifiedSince }) => [state, unverifiedSince])).toEqual([['open', null]]);
  planted = answer;
  return { world, ada, bo, heal: (cure: () => FakeAnswer) => (planted = cure), second: await world.scan({ ...GRANTS, night: 1 }) };
}

/** The grants of the first are unread and nothing of them closed; the other was read. */
function expectUnread({ second, ada, bo }: Awaited<ReturnType<typeof twoHolders>>): void {
  expect(gapAt(second, 'grants', `/user/${ada.id}`)).toBeDefined();
  expect(grantOf(second, ada, CLIENTS.contextAi)?.state).toBe('unverified');
  expect(findingsOf(second, CLIENTS.contextAi).map(({ state }) => state)).toEqual(['open']);
  expect(findingsOf(second, CLIENTS.contextAi)[0]!.unverifiedSince).not.toBeNull();
  expect(second.changes.filter((change) => change.class === 'gone')).toEqual([]);
  expect(grantOf(second, bo, CLIENTS.geminiCli)?.state).toBe('present');
}

// Silence, the last of the ways in which an answer can stay away, is planted for T09.
statement('T01', async () => {
  for (const answer of [refusals.forbidden, refusals.unauthenticated, refusals.tooMany, refusals.internal, refusals.unavailable]) {
    const told = await twoHolders(answer);
    expectUnread(told);
    // The same finding closes when the list is read and empty: what held it open was the gap.
    told.heal(() => tokens([]));
    const third = await told.world.scan({ ...GRANTS, night: 2 });
    expect(findingsOf(third, CLIENTS.contextAi)).toEqual([]);
  }
});

statement('T02', async () => {
  const html = (): FakeAnswer => ({
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!doctype html><title>Sorry</title>',
  });
  const cut = (): FakeAnswer => ({
    status: 200,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: JSON.stringify(tokens([CONTEXT_AI]).body).slice(0, 60),
  });
  for (const answer of [html, cut]) expectUnread(await twoHolders(answer));
});

statement('T03', async () => {
  const { second, ada } = await twoHolders(() => json({ kind: 'admin#directory#tokenList', etag: '"x"' }));
  expect(second.gaps).toEqual([]);
  expect(second.source.state).toBe('read');
  expect(grantOf(second, ada, CLIENTS.contextAi)?.state).toBe('gone');
  expect(findingsOf(second, CLIENTS.contextAi)).toEqual([]);
});

statement('T04', async () => {
  const notFound = () => refusal(404, 'notFound', 'Resource Not Found: userKey');
  expectUnread(await twoHolders(notFound));

  // The user is deleted between the list of users and the list of grants.
  const world = await openWorld(ID);
  let ada: Person = person(1, [CONTEXT_AI]);
  const bo = person(2, [GEMINI_CLI]);
  plantPeople(world, [ada, bo]);
  await world.scan(GRANTS);
  ada = {
    ...ada,
    grants: () => {
      ada.gone = true;
      return notFound();
    },
  };
  plantPeople(world, [ada, bo]);
  const second = await world.scan({ ...GRANTS, night: 1 });
  expect(askedFor(world, 'directory.tokens.list', ada.id)).toHaveLength(2);
  expect(['unverified', 'gone']).toContain(grantOf(second, ada, CLIENTS.contextAi)?.state);
  // At the latest the next night, which does not meet the user at all, knows.
  const third = await world.scan({ ...GRANTS, night: 2 });
  expect(grantOf(third, ada, CLIENTS.contextAi)?.state).toBe('gone');
  expect(findingsOf(third, CLIENTS.contextAi)).toEqual([]);
  expect(grantOf(third, bo, CLIENTS.geminiCli)?.state).toBe('present');
});

statement('T05', async () => {
  const world = await openWorld(ID);
  const people = Array.from({ length: 80 }, (_, number) => person(number, refusals.noScope));
  plantPeople(world, people);
  const night = await world.scan(GRANTS);
  const { first, repeats } = night.sent('directory.tokens.list');
  expect([first > 0, repeats]).toEqual([true, 0]);
  // 10 to 15 in flight is what the quota advises.
  expect(first).toBeLessThanOrEqual(15);
  // One message about the collector; beside it stand only those who had been asked for when it came.
  const whole = gapAt(night, 'grants', '');
  expect([whole?.reason, whole?.permission]).toEqual(['permission_denied', scope('admin.directory.user.security')]);
  expect(night.gaps.filter(({ collector }) => collector === 'grants')).toHaveLength(first + 1);
  expect(night.facts.filter(({ kind }) => kind === 'identity')).toHaveLength(80);
});

statement('T06', async () => {
  const world = await openWorld(ID);
  const ada = person(1, (_, nth) => (nth <= 2 ? refusals.quotaExceeded() : tokens([CONTEXT_AI])));
  plantPeople(world, [ada]);
  const night = await world.scan(GRANTS);
  expect(askedFor(world, 'directory.tokens.list', ada.id)).toHaveLength(3);
  expect(night.facts.filter(({ kind }) => kind === 'oauth_grant')).toHaveLength(1);
  expect(grantOf(night, ada, CLIENTS.contextAi)?.state).toBe('present');
  expect(night.gaps).toEqual([]);
});

statement('T07', async () => {
  const world = await openWorld(ID);
  const [ada, bo] = [person(1, () => refusals.tooMany()), person(2, [GEMINI_CLI])];
  plantPeople(world, [ada, bo]);
  const night = await world.scan(GRANTS);
  const requests = askedFor(world, 'directory.tokens.list', ada.id).length;
  expect(requests).toBeGreaterThan(1);
  expect(requests).toBeLessThanOrEqual(10);
  expect(gapAt(night, 'grants', `/user/${ada.id}`)?.reason).toBe('rate_limited');
  expect(grantOf(night, bo, CLIENTS.geminiCli)?.state).toBe('present');
});

statement('T08', async () => {
  // How long it waited, on the real clock; a machine that is busy with something else gets another try.
  let waited = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3 && waited > 2_200; tries++) {
    const world = await openWorld(ID);
    const ada = person(1, (_, nth) => (nth === 1 ? refusals.tooMany(2) : tokens([CONTEXT_AI])));
    plantPeople(world, [ada]);
    const night = await world.scan({ ...GRANTS, speed: 1 });
    const [first, second] = askedFor(world, 'directory.tokens.list', ada.id);
    waited = second!.at - first!.at;
    expect(waited).toBeGreaterThan(1_990);
    expect(grantOf(night, ada, CLIENTS.contextAi)?.state).toBe('present');
  }
  expect(waited).toBeLessThanOrEqual(2_200);
});

statement('T09', async () => {
  const world = await openWorld(ID);
  const people = [person(1, [CONTEXT_AI]), person(2, [GEMINI_CLI]), person(3, [GEMINI_CLI])];
  plantPeople(world, people);
  let silent = false;
  const front = await startFront(world.provider.config['endpoint'], (_, url) =>
    silent && url.pathname.includes(`${people[0]!.id}/tokens`) ? 'silence' : undefined,
  );
  const scan = impatient(world, front.url, 400, GRANTS.collectors);
  await scan(0);
  silent = true;
  const night = await scan(1);
  const place = `customer/${night.outcome.sources[0]!.account!.id}/user/${people[0]!.id}`;
  expect(night.gaps.map((gap) => [gap.collector, gap.scope, gap.reason])).toEqual([['grants', place, 'provider_error']]);
  const states = Object.fromEntries(night.grants.map(({ native, state }) => [native.split('/')[1], state]));
  expect(states).toEqual({ [people[0]!.id]: 'unverified', [people[1]!.id]: 'present', [people[2]!.id]: 'present' });
  expect(night.findings.some(({ appId }) => appId === CLIENTS.contextAi)).toBe(true);
});

statement('T10', async () => {
  const world = await openWorld(ID);
  const people = Array.from({ length: 30 }, (_, number) => person(number, [CONTEXT_AI]));
  plantPeople(world, people);
  // Everybody on both nights, so that many requests are under way when the token ends.
  const everybody = { collectors: ['grants'], config: { mode: 'full' } };
  const undisturbed = await world.scan(everybody);
  const usually = undisturbed.sent('oauth2.token').first;
  world.asked.length = 0;
  let stale: string | undefined;
  let refused = 0;
  let calls = 0;
  const listed = (request: { headers: { authorization?: string | undefined } }): FakeAnswer => {
    if (++calls === 12) stale = request.headers.authorization;
    if (stale === undefined || request.headers.authorization !== stale) return tokens([CONTEXT_AI]);
    refused++;
    return refusals.unauthenticated();
  };
  plantPeople(
    world,
    people.map((one) => ({ ...one, grants: listed })),
  );
  const night = await world.scan({ ...everybody, night: 1 });
  expect(refused).toBeGreaterThan(0);
  expect(night.sent('oauth2.token').first + night.sent('oauth2.token').repeats).toBe(usually + 1);
  // One repeat of each request that met the stale token, and none of any other.
  expect(night.sent('directory.tokens.list')).toEqual({ first: 30, repeats: refused });
  expect(night.gaps).toEqual([]);
  expect(night.facts.filter(({ kind, state }) => kind === 'oauth_grant' && state === 'present')).toHaveLength(30);
});

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
];
const AGENT_READERS = ['agent_registry', 'agent_access'];

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
    [outer, [...Object.keys(ROWS), 'cloud_assets', ...AGENT_READERS]],
    [inner, ['admin_roles', 'chrome_sites', 'chrome_extensions', 'cloud_assets', ...AGENT_READERS]],
    [AGENT_LISTS.filter((operation) => !/\.ai|\.agents/.test(operation)), AGENT_READERS],
    [AGENT_LISTS.filter((operation) => operation.endsWith('.aiApplications.list')), ['agent_registry']],
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
  'agentregistry.projects.locations.list': undefined,
  'agentregistry.projects.locations.aiApplications.list': undefined,
  'agentregistry.projects.locations.aiApplications.agents.list': undefined,
  'agentregistry.projects.locations.agents.list': undefined,
  'agentidentity.projects.locations.accessSummaries.list': ['pageSize', '1000'],
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
  admin_roles: [...DIRECTORY, 'admin.directory.rolemanagement.readonly'],
  settings: [...USUAL, 'cloud-identity.policies.readonly'],
  ai_licences: [...DIRECTORY, 'apps.licensing'],
  chrome_sites: [...DIRECTORY, 'chrome.management.reports.readonly'],
  chrome_extensions: [...DIRECTORY, 'chrome.management.reports.readonly'],
};
const NEEDED: readonly (readonly [RegExp, string])[] = [
  [/\/customers\/my_customer$/, 'admin.directory.customer.readonly'],
  [/\/directory\/v1\/users$/, 'admin.directory.user.readonly'],
  [/\/(tokens|asps)$/, 'admin.directory.user.security'],
  [/\/reports\/v1\//, 'admin.reports.audit.readonly'],
  [/\/role(s|assignments)$/, 'admin.directory.rolemanagement.readonly'],
  [/\/orgunits$/, 'admin.directory.orgunit.readonly'],
  [/\/v1\/policies$/, 'cloud-identity.policies.readonly'],
  [/\/licensing\//, 'apps.licensing'],
  [/\/reports:/, 'chrome.management.reports.readonly'],
];

statement('T15', async () => {
  const world = await openWorld(ID);
  const all = await world.scan();
  const ran = new Set(all.facts.map(({ collector }) => collector));
  expect([...ran].toSorted()).toEqual([...Object.keys(ROWS), 'cloud_assets', 'imports', ...AGENT_READERS].toSorted());
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

statement('T18', async () => {
  const world = await openWorld(ID);
  const suspended = person(1, [CONTEXT_AI], { suspended: true, suspensionReason: 'ADMIN' });
  const archived = person(2, [GEMINI_CLI], { archived: true });
  plantPeople(world, [suspended, archived, person(3)]);
  const night = await world.scan(GRANTS);
  expect(grantOf(night, suspended, CLIENTS.contextAi)).toMatchObject({ state: 'present', principal: { standing: 'suspended' } });
  expect(grantOf(night, archived, CLIENTS.geminiCli)).toMatchObject({ state: 'present', principal: { standing: 'archived' } });
  for (const app of [CLIENTS.contextAi, CLIENTS.geminiCli])
    expect(
      findingsOf(night, app)
        .map(({ rule }) => rule)
        .toSorted(),
    ).toEqual(['leaver-holds-grant', 'unapproved-ai-tool']);
});

statement('T19', async () => {
  const world = await openWorld(ID);
  const ada = person(1, [CONTEXT_AI, GEMINI_CLI]);
  plantPeople(world, [ada]);
  const HOUR = 1 / 24;
  const early = [
    tokenEvent('authorize', before(HOUR), ada, CONTEXT_AI),
    tokenEvent('activity', before(2 * HOUR), ada, { ...CONTEXT_AI, bytes: '100' }),
  ];
  const late = [
    tokenEvent('authorize', before(HOUR, 1), ada, GEMINI_CLI),
    tokenEvent('activity', before(HOUR, 1), ada, { ...CONTEXT_AI, bytes: '7' }),
  ];
  const collectors = ['users', 'grants', 'token_log', 'app_use'];
  plantLogs(world, { token: early });
  const first = await world.scan({ collectors });
  const authorised = (night: Night, clientId: string) =>
    night.facts.filter(
      ({ collector, subject, attributes }) => collector === 'token_log' && subject.app === clientId && attributes['event'] === 'authorize',
    );
  expect(authorised(first, CLIENTS.contextAi)).toHaveLength(1);

  world.asked.length = 0;
  plantLogs(world, { token: [...early, ...late] });
  const second = await world.scan({ collectors, night: 1 });
  // The second night asks for the last hours before the first one again.
  const starts = askedFor(world, 'reports.activities.list', 'eventName=authorize').map(({ url }) =>
    Date.parse(url.searchParams.get('startTime')!),
  );
  expect(starts.length).toBeGreaterThan(0);
  for (const start of starts) expect(start).toBeLessThanOrEqual(before(6 * HOUR).getTime() + 60_000);
  expect(authorised(second, CLIENTS.contextAi)).toHaveLength(1);
  expect(authorised(second, CLIENTS.geminiCli)).toHaveLength(1);
  const appeared = second.changes.filter((change) => change.class === 'appeared' && change.thing.includes(CLIENTS.contextAi));
  expect(appeared).toEqual([]);
  const use = second.facts.filter(({ collector, subject }) => collector === 'app_use' && subject.app === CLIENTS.contextAi);
  expect(use.map(({ attributes }) => [String(attributes['calls']), attributes['bytes']])).toEqual([['2', '107']]);
});

statement('T20', async () => {
  const world = await openWorld(ID);
  const ada = person(1, [CONTEXT_AI]);
  plantPeople(world, [ada]);
  // Pairs that a double cannot tell apart.
  const qualifiers = ['9007199254740992', '9007199254740993', '-9223372036854775808', '-9223372036854775807', '-1'];
  plantLogs(world, {
    token: qualifiers.map((qualifier) => ({ ...tokenEvent('authorize', before(3), ada, CONTEXT_AI), qualifier })),
  });
  const night = await world.scan({ collectors: ['users', 'token_log'] });
  const stated = night.facts.filter(({ collector }) => collector === 'token_log').map(({ nativeId }) => nativeId);
  expect(stated).toHaveLength(qualifiers.length);
  for (const qualifier of qualifiers) expect(stated.filter((id) => new RegExp(`(?<![\\d-])${qualifier}(?!\\d)`).test(id))).toHaveLength(1);
});

statement('T21', async () => {
  const world = await openWorld(ID);
  const ada = person(1, [CONTEXT_AI]);
  plantPeople(world, [ada]);
  const bytes = ['9007199254740993', '9007199254740993', '1'];
  plantLogs(world, {
    token: [
      tokenEvent('authorize', before(30), ada, CONTEXT_AI),
      ...bytes.map((count, index) => tokenEvent('activity', before(index + 1), ada, { ...CONTEXT_AI, bytes: count })),
    ],
  });
  const night = await world.scan({ collectors: ['users', 'grants', 'token_log', 'app_use'] });
  const use = night.facts.filter(({ collector }) => collector === 'app_use');
  expect(use.map(({ attributes }) => attributes['bytes'])).toEqual(['18014398509481987']);
  expect(use[0]!.lastUsedAt).toEqual({ at: before(1).toISOString(), from: 'log' });
});

statement('T22', async () => {
  const world = await openWorld(ID);
  const [replaced, old] = ['1'.padEnd(21, '7'), '1'.padEnd(21, '8')] as const;
  const [files, mail] = [scope('drive'), scope('gmail.readonly')] as const;
  const log = [
    delegated('AUTHORIZE', before(20), replaced, [files, mail]),
    delegated('AUTHORIZE', before(10), replaced, [mail]),
    delegated('AUTHORIZE', before(179.5), old, [files]),
  ];
  plantLogs(world, { admin: log });
  const first = await world.scan({ collectors: ['delegation'] });
  const delegations = (night: Night) =>
    Object.fromEntries(night.facts.map(({ subject, state, permissions }) => [subject.app, [state, permissions]]));
  expect(delegations(first)).toEqual({ [replaced]: ['present', [mail]], [old]: ['present', [files]] });
  const beginning = gapAt(first, 'delegation', '/delegation');
  expect(beginning?.reason).toBe('not_observable');
  expect(beginning?.effect).toContain(before(180).toISOString().slice(0, 10));

  // One is removed. Of the other nothing is heard any more, since the log has forgotten it: that is not the same.
  plantLogs(world, { admin: [...log, delegated('REMOVE', before(0.5, 1), replaced)] });
  const second = await world.scan({ collectors: ['delegation'], night: 1 });
  expect(delegations(second)[replaced]![0]).toBe('gone');
  expect(['present', 'unverified']).toContain(delegations(second)[old]![0]);
  expect(delegations(second)[old]![1]).toEqual([files]);
});

statement('T23', async () => {
  const world = await openWorld(ID);
  const [own, foreign] = ['1'.padEnd(21, '5'), '1'.padEnd(21, '6')] as const;
  plantAssets(world, [project('400500600700', 'own-lab'), serviceAccount('400500600700', 'own-lab', own)]);
  plantLogs(world, { admin: [own, foreign].map((client) => delegated('AUTHORIZE', before(5), client, [scope('drive')])) });
  const night = await world.scan({ collectors: ['cloud_assets', 'delegation'] });
  const shown = async (client: string) => {
    const stated = night.facts.find(({ kind, subject }) => kind === 'delegation' && subject.app === client);
    expect(stated?.state).toBe('present');
    const query = `SELECT * FROM integrations WHERE app = '${client}'`;
    return JSON.stringify([stated, (await world.cli(['query', query, '--format', 'json'])).stdout, findingsOf(night, client)]);
  };
  expect(await shown(own)).toMatch(/own-lab/);
  expect(await shown(foreign)).toMatch(/outside|external/i);
});

statement('T24', async () => {
  const world = await openWorld(ID);
  const trusted = (days: number, clientId: string): LogEvent => ({
    name: 'ADD_TO_TRUSTED_OAUTH2_APPS',
    at: before(days),
    parameters: [
      parameter('OAUTH2_APP_ID', clientId),
      parameter('OAUTH2_APP_NAME', 'Some app'),
      parameter('OAUTH2_APP_TYPE', 'WEB'),
      parameter('ORG_UNIT_NAME', '/'),
    ],
  });
  const singly = [trusted(100, CLIENTS.contextAi), trusted(10, CLIENTS.geminiCli)];
  plantLogs(world, { admin: singly });
  const controls = (night: Night) =>
    Object.fromEntries(night.facts.map(({ subject, state, attributes }) => [subject.app, [state, attributes['state']]]));
  const first = await world.scan({ collectors: ['app_control'] });
  expect(controls(first)).toEqual({ [CLIENTS.contextAi]: ['present', 'trusted'], [CLIENTS.geminiCli]: ['present', 'trusted'] });

  const parameters = [parameter('OAUTH2_NUM_APPS', { int: '7' })];
  plantLogs(world, { admin: [...singly, { name: 'MULTIPLE_ADD_TO_TRUSTED_OAUTH2_APPS', at: before(80), parameters }] });
  const second = await world.scan({ collectors: ['app_control'], night: 1 });
  expect(controls(second)).toEqual({ [CLIENTS.contextAi]: ['unverified', 'trusted'], [CLIENTS.geminiCli]: ['present', 'trusted'] });
  const day = before(80).toISOString().slice(0, 10);
  const gap = second.gaps.find(({ effect }) => /at once/.test(effect) && effect.includes(day));
  expect(gap?.reason).toBe('not_observable');
  const printed = await world.cli(['coverage', '--format', 'json']);
  expect(printed.stdout).toContain(gap!.effect);
});

statement('T25', async () => {
  const nightWith = async (use: (holder: Person) => LogEvent[]) => {
    const world = await openWorld(ID);
    const ada = person(1, [CONTEXT_AI]);
    plantPeople(world, [ada]);
    plantLogs(world, { token: [tokenEvent('authorize', before(150), ada, CONTEXT_AI), ...use(ada)] });
    const night = await world.scan({ collectors: ['users', 'grants', 'token_log', 'app_use'] });
    expect(askedFor(world, 'reports.activities.list', 'eventName=activity').length).toBeGreaterThan(0);
    return night;
  };
  const logged = await nightWith((holder) => [tokenEvent('activity', before(100), holder, CONTEXT_AI)]);
  expect(findingsOf(logged, CLIENTS.contextAi)[0]?.explained['lastUsed']).toEqual({ at: before(100).toISOString(), from: 'log' });
  const silent = await nightWith(() => []);
  expect(findingsOf(silent, CLIENTS.contextAi).map(({ explained }) => explained['lastUsed'])).toEqual(['unknown']);
  expect(silent.facts.filter(({ lastUsedAt }) => lastUsedAt !== undefined)).toEqual([]);
  expect(silent.gaps.map(({ collector, reason }) => [collector, reason])).toEqual([['app_use', 'not_licensed']]);
  expect(silent.findings.filter(({ rule, title }) => /unused|not used|idle/i.test(`${rule} ${title}`))).toEqual([]);
});

statement('T26', async () => {
  const nightWith = async (clients: number) => {
    const world = await openWorld(ID);
    plantAssets(world, [project('400500600700', 'own-lab')]);
    const own = { clientId: `400500600700-${'a'.repeat(32)}.apps.googleusercontent.com`, displayText: 'ChatGPT helper' };
    const foreign = Array.from({ length: clients }, (_, number) => ({
      clientId: `9998887776${10 + number}-${'b'.repeat(32)}.apps.googleusercontent.com`,
      displayText: 'ChatGPT',
    }));
    plantPeople(world, [person(1, [own, ...foreign])]);
    const night = await world.scan({ collectors: ['users', 'grants', 'cloud_assets'] });
    const about = (app: string) =>
      JSON.stringify([night.facts.find(({ subject }) => subject.app === app), findingsOf(night, app).map(({ explained }) => explained)]);
    return { requests: world.asked.length, own: about(own.clientId), foreign: about(foreign[0]!.clientId) };
  };
  const [few, many] = [await nightWith(1), await nightWith(40)];
  expect(many.requests).toBe(few.requests);
  expect(few.own).toContain('ChatGPT helper');
  expect(few.own).toMatch(/internal|own[- ]project|own-lab/i);
  expect(few.foreign).not.toMatch(/internal|own[- ]project|own-lab/i);
});

statement('T27', async () => {
  const world = await openWorld(ID);
  const ids = ['100200300400', '500600700800'].map((number) => `${number}-${'c'.repeat(32)}.apps.googleusercontent.com`);
  plantPeople(world, [
    person(
      1,
      ids.map((clientId) => ({ clientId, displayText: 'ChatGPT' })),
    ),
  ]);
  const night = await world.scan(GRANTS);
  expect(night.findings.map(({ product, appId }) => `${product} ${appId}`).toSorted()).toEqual(ids.map((id) => `openai/chatgpt ${id}`));
  const views = await world.cli([
    'query',
    "SELECT name FROM sqlite_schema WHERE type = 'view' AND name IN ('products', 'vendors')",
    '--format',
    'json',
  ]);
  const names = (JSON.parse(views.stdout) as { name: string }[]).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(0);
  const rows = await world.cli(['query', `SELECT * FROM ${names[0]}`, '--format', 'json']);
  const vendors = (JSON.parse(rows.stdout) as object[]).map((row) => JSON.stringify(row)).filter((row) => /openai/i.test(row));
  expect(vendors).toHaveLength(1);
  for (const id of ids) expect(vendors[0]).toContain(id);
});

statement('T28', async () => {
  const { second, ada } = await twoHolders(() => tokens([{ ...CONTEXT_AI, displayText: 'Office Suite' }]));
  expect(grantOf(second, ada, CLIENTS.contextAi)).toMatchObject({ state: 'present', subject: { name: 'Office Suite' } });
  const told = findingsOf(second, CLIENTS.contextAi).map(({ firstScan, product }) => [firstScan, product]);
  expect(told).toEqual([[1, 'context-ai/context-ai']]);
  const changes = second.changes.filter(({ kind, thing }) => kind === 'oauth_grant' && thing.includes(CLIENTS.contextAi));
  expect(changes.map((change) => [change.class, change.name])).toEqual([['changed', 'Office Suite']]);
  expect(changes[0]!.before).toContain('"name":"Context.ai"');
});

statement('T29', async () => {
  const ceiling = { data: { files: 'read', mail: 'read' } };
  const approvals = [{ product: 'context-ai/context-ai', owner: 'ada', approver: 'bo', reason: 'a trial', ceiling }];
  const world = await openWorld(ID);
  const usual = [...SIGN_IN, scope('drive.readonly'), scope('gmail.readonly')];
  const night = (number: number, scopes: readonly string[]) => {
    plantPeople(world, [person(1, [{ ...CONTEXT_AI, scopes }])]);
    return world.scan({ ...GRANTS, night: number, policy: { formatVersion: 1, approvals } });
  };
  const changed = ({ changes }: Night) => changes.filter((change) => change.kind === 'oauth_grant' && change.class !== 'persisting');
  const first = await night(0, usual);
  expect(findingsOf(first, CLIENTS.contextAi)).toEqual([]);
  const reordered = await night(1, usual.toReversed());
  expect(findingsOf(reordered, CLIENTS.contextAi)).toEqual([]);
  expect(changed(reordered)).toEqual([]);
  const added = await night(2, [...usual, scope('calendar')]);
  expect(changed(added).map((change) => change.class)).toEqual(['changed']);
  expect(findingsOf(added, CLIENTS.contextAi).map(({ rule }) => rule)).toEqual(['approval-exceeded']);
  expect(JSON.stringify(findingsOf(added, CLIENTS.contextAi)[0]!.explained['details'])).toMatch(/calendar/i);
});

statement('T30', async () => {
  const world = await openWorld(ID);
  const unheardOf = scope('quantum.everything');
  const ada = person(1, [
    { ...CONTEXT_AI, scopes: [...SIGN_IN, unheardOf] },
    { ...GEMINI_CLI, scopes: SIGN_IN },
  ]);
  plantPeople(world, [ada]);
  const night = await world.scan(GRANTS);
  expect(grantOf(night, ada, CLIENTS.contextAi)?.permissions).toContain(unheardOf);
  const [finding] = findingsOf(night, CLIENTS.contextAi);
  expect(finding?.explained['can']).toContainEqual(expect.stringContaining(unheardOf));
  expect(finding?.explained['can']).toContainEqual(expect.stringMatching(/sensitive/));
  // It weighs more than to sign in.
  const weights = ['low', 'medium', 'high', 'critical'];
  expect(weights.indexOf(finding!.severity)).toBeGreaterThan(weights.indexOf(findingsOf(night, CLIENTS.geminiCli)[0]!.severity));
});

statement('T31', async () => {
  const world = await openWorld(ID);
  const ada = person(1, [{ ...CONTEXT_AI, scopes: SIGN_IN }]);
  plantPeople(world, [ada]);
  const night = await world.scan(GRANTS);
  expect(grantOf(night, ada, CLIENTS.contextAi)?.permissions).toEqual([...SIGN_IN].toSorted());
  expect(findingsOf(night, CLIENTS.contextAi).filter(({ severity }) => severity !== 'low')).toEqual([]);
});

statement('T32', async () => {
  const { world, ada, heal, second } = await twoHolders(() => tokens([]));
  const changed = ({ changes }: Night) => changes.filter((change) => change.kind === 'oauth_grant' && change.class !== 'persisting');
  expect(changed(second).map((change) => change.class)).toEqual(['gone']);
  heal(() => tokens([CONTEXT_AI]));
  const third = await world.scan({ ...GRANTS, night: 2 });
  expect(changed(third).map((change) => change.class)).toEqual(['returned']);
  expect(findingsOf(third, CLIENTS.contextAi).map(({ firstScan, state }) => [firstScan, state])).toEqual([[1, 'open']]);
  expect(grantOf(third, ada, CLIENTS.contextAi)?.state).toBe('present');
});

/** Units as the simulated directory has them. */
const TOP = '03ph8a2z1root';
const SALES = '03ph8a2z1sales';

statement('T33', async () => {
  const world = await openWorld(ID);
  const policies = [
    setting('gemini_app.service_status', { serviceState: 'DISABLED' }, { unit: TOP, order: 5 }),
    setting('gemini_app.service_status', { serviceState: 'ENABLED' }, { unit: TOP, order: 1, by: 'SYSTEM' }),
    setting('ai_studio.service_status', { serviceState: 'DISABLED' }, { unit: TOP, order: 2 }),
    setting('ai_studio.service_status', { serviceState: 'ENABLED' }, { unit: TOP, order: 11 }),
    setting('notebooklm.service_status', { serviceState: 'ENABLED' }, { unit: '03ph8a2z1deleted', order: 9 }),
    setting('api_controls.google_services', { services: [{ scopesGroup: 'DRIVE_ALL', isEnabled: false }] }, { order: 1 }),
  ];
  world.plant(
    'cloudidentity.policies.list',
    admitted(() => json({ policies })),
  );
  const night = await world.scan({ collectors: ['settings'] });
  const stateOf = (name: string) => night.facts.filter(({ subject }) => subject.name === name).map(({ attributes }) => attributes['state']);
  expect(stateOf('gemini_app.service_status')).toEqual(['off']);
  expect(stateOf('ai_studio.service_status')).toEqual(['on']);
  expect(stateOf('notebooklm.service_status')).toEqual([]);
  const services = JSON.stringify(night.facts.filter(({ subject }) => subject.name === 'api_controls.google_services'));
  expect(services).toContain('DRIVE_ALL');
  // The fact has to say of what it does not list that nothing restricts it.
  expect(services).toMatch(/unrestricted|not restricted|all others/i);
});

statement('T34', async () => {
  const spellings = [
    ['UNSPECIFIED_UBER_BLOCK', 'ACCESS_LEVEL_UNSPECIFIED'],
    ['ALLOW_SIGN_IN_SCOPES_ONLY', 'ALLOW_SIGN_IN_ONLY'],
    ['BLOCK_ALL_SCOPES', 'BLOCK_ALL'],
  ] as const;
  const verdicts = new Set<unknown>();
  for (const [wire, documented] of spellings) {
    const world = await openWorld(ID);
    const policies = [
      setting('api_controls.unconfigured_third_party_apps', { accessLevel: wire }, { unit: TOP, order: 1 }),
      setting('api_controls.unconfigured_third_party_apps', { accessLevel: documented }, { unit: SALES, order: 1 }),
    ];
    world.plant(
      'cloudidentity.policies.list',
      admitted(() => json({ policies })),
    );
    const night = await world.scan({ collectors: ['settings'] });
    const states = night.facts.map(({ attributes }) => attributes['state']);
    expect(states).toHaveLength(2);
    expect(states[0]).toBeTypeOf('string');
    expect(states[1]).toBe(states[0]);
    verdicts.add(states[0]);
  }
  expect(verdicts.size).toBe(3);
});

statement('T35', async () => {
  const world = await openWorld(ID);
  world.plant('cloudidentity.policies.list', admitted(refusals.forbidden));
  const night = await world.scan();
  const refused = night.gaps.filter(({ reason }) => reason === 'permission_denied');
  expect(refused.map(({ collector }) => collector)).toEqual(['settings']);
  const { stdout } = await world.cli(['coverage']);
  expect(stdout).toMatch(/settings: permission_denied/);
  expect(stdout).toMatch(/super admin/i);
  expect(new Set(night.facts.map(({ collector }) => collector)).size).toBeGreaterThanOrEqual(12);
});

const REPORT = 'chromemanagement.customers.reports';

statement('T36', async () => {
  const world = await openWorld(ID);
  for (const report of ['findSaasUsage', 'countInstalledApps'])
    world.plant(
      `${REPORT}.${report}`,
      admitted(() => json({})),
    );
  const night = await world.scan({ collectors: ['chrome_sites', 'chrome_extensions'] });
  expect(night.facts).toEqual([]);
  expect(night.source.state).toBe('partly');
  for (const collector of ['chrome_sites', 'chrome_extensions']) {
    const gap = night.gaps.find((one) => one.collector === collector);
    expect([gap?.reason, gap?.effect]).toEqual(['not_observable', expect.stringMatching(/managed browser/)]);
  }
  expect((await world.cli(['coverage'])).stdout).toMatch(/No managed browser/);
});

statement('T37', async () => {
  const world = await openWorld(ID);
  const site = (app: string, domain: string, category: string) => ({
    app,
    category,
    organization: app,
    primaryDomain: domain,
    domains: [domain],
    distinctUsersCount: '3',
    visitsCount: '41',
    lastNavigationTime: before(2).toISOString(),
  });
  const saasReports = [
    site('Claude', 'claude.ai', 'Productivity'),
    site('Unheard Of', 'unheardof.example', 'Generative AI'),
    site('Bread Orders', 'bread.example', 'Food'),
    site('Payroll', 'payroll.example', 'Finance'),
  ];
  world.plant(
    `${REPORT}.findSaasUsage`,
    admitted(() => json({ saasReports, totalSize: '4' })),
  );
  const night = await world.scan({ collectors: ['chrome_sites'] });
  const asked = askedFor(world, `${REPORT}.findSaasUsageProfiles`).map(({ url }) => url.searchParams.get('app') ?? '');
  expect(asked.toSorted()).toEqual(['Claude', 'Unheard Of']);
  const sites = night.facts.filter(({ kind, subject }) => kind === 'usage' && subject.app.startsWith('site/'));
  expect(new Set(sites.map(({ subject }) => subject.name))).toEqual(new Set(['Claude', 'Unheard Of']));
});

statement('T38', async () => {
  const world = await openWorld(ID);
  const good = 'fcoeoabgfenejglbffodgkkbkcdhcgfn';
  const malformed = [`${good.slice(0, 31)}z`, good.slice(0, 31), good.toUpperCase()];
  const installedApps = [good, ...malformed].map((appId) => ({
    appId,
    displayName: 'Claude',
    appType: 'EXTENSION',
    appInstallType: 'NORMAL',
    permissions: ['tabs'],
    browserDeviceCount: '41',
  }));
  world.plant(
    `${REPORT}.countInstalledApps`,
    admitted(() => json({ installedApps, totalSize: 4 })),
  );
  const night = await world.scan({ collectors: ['chrome_extensions'] });
  const installed = night.facts.filter(({ kind }) => kind === 'app_installation');
  expect(installed.map(({ subject }) => subject.app)).toEqual([good]);
  const gaps = night.gaps.filter(({ effect }) => /\b3 extensions\b/.test(effect));
  expect(gaps).toHaveLength(1);
  const asked = askedFor(world, `${REPORT}.findInstalledAppProfiles`).map(({ url }) => url.searchParams.get('appId'));
  expect(asked).toEqual([good]);
});

statement('T39', async () => {
  const world = await openWorld(ID);
  const value = `AIza${'k'.repeat(35)}`;
  const [lab, quiet] = ['400500600700', '400500600800'] as const;
  plantAssets(world, [
    project(lab, 'lab'),
    project(quiet, 'quiet'),
    service(lab, 'generativelanguage.googleapis.com'),
    service(quiet, 'storage.googleapis.com'),
    apiKey(lab, 'a'.repeat(32), { keyString: value }),
    apiKey(lab, 'b'.repeat(32), { restrictions: { apiTargets: [{ service: 'maps-backend.googleapis.com' }] } }),
    apiKey(quiet, 'c'.repeat(32)),
  ]);
  const night = await world.scan({ collectors: ['cloud_assets'] });
  const keys = (number: string, letter: string) =>
    night.findings.filter(({ appId }) => appId.includes(number) && appId.includes(letter.repeat(32)));
  expect(night.facts.filter(({ kind }) => kind === 'api_key')).toHaveLength(3);
  expect(keys(lab, 'a').map(({ product }) => product)).toContain('google/gemini-api');
  expect(keys(lab, 'b')).toEqual([]);
  expect(keys(quiet, 'c')).toEqual([]);
  expect(world.asked.filter(({ url }) => /keyString|lookupKey|apikeys\/|\/locations\/global\/keys/.test(url.href))).toEqual([]);
  expect(world.written()).not.toContain(value);
});

statement('T40', async () => {
  const world = await openWorld(ID);
  const account = '1'.padEnd(21, '4');
  const keyId = 'e'.repeat(40);
  const email = `robot-${account.slice(-3)}@lab.iam.gserviceaccount.com`;
  plantAssets(world, [
    project('400500600700', 'lab'),
    serviceAccount('400500600700', 'lab', account),
    {
      type: 'iam.googleapis.com/ServiceAccountKey',
      name: `//iam.googleapis.com/projects/lab/serviceAccounts/${account}/keys/${keyId}`,
      project: '400500600700',
      data: {
        name: `projects/lab/serviceAccounts/${email}/keys/${keyId}`,
        keyType: 'USER_MANAGED',
        keyOrigin: 'GOOGLE_PROVIDED',
        validAfterTime: before(100).toISOString(),
        validBeforeTime: '9999-12-31T23:59:59Z',
        disabled: true,
        disableReason: 'SERVICE_ACCOUNT_KEY_DISABLE_REASON_EXPOSED',
        extendedStatus: [{ key: 'SERVICE_ACCOUNT_KEY_EXTENDED_STATUS_KEY_EXPOSED', value: 'https://code.example/leak' }],
      },
    },
  ]);
  const night = await world.scan({ collectors: ['cloud_assets'] });
  const key = night.facts.find(({ subject }) => subject.credential === keyId);
  expect([key?.state, key?.use, key?.attributes['exposed']]).toEqual(['present', 'inactive', true]);
  const findings = night.findings.filter(({ appId, credentialId }) => credentialId === keyId || appId.includes(account));
  expect(findings.map(({ severity }) => severity)).toContain('critical');
});

statement('T41', async () => {
  const world = await openWorld(ID);
  const refused = {
    'apikeys.googleapis.com/Key': json(
      { error: { code: 400, message: 'Invalid asset type: apikeys.googleapis.com/Key', status: 'INVALID_ARGUMENT' } },
      400,
    ),
  };
  const account = '1'.padEnd(21, '4');
  const assets = [
    project('400500600700', 'lab'),
    serviceAccount('400500600700', 'lab', account),
    service('400500600700', 'aiplatform.googleapis.com'),
  ];
  plantAssets(world, assets, refused);
  const night = await world.scan({ collectors: ['cloud_assets'] });
  const kinds = night.facts.filter(({ state }) => state === 'present').map(({ kind }) => kind);
  expect(kinds.toSorted()).toEqual(['control', 'service_account', 'vendor_integration']);
  const gaps = night.gaps.filter(({ effect, scope: place }) => /apikeys|API key/i.test(`${place} ${effect}`));
  expect(gaps.map(({ reason }) => reason)).toEqual(['not_observable']);
  expect((await world.cli(['coverage', '--format', 'json'])).stdout).toContain(gaps[0]!.effect);
});

const LAB = 'projects/own-lab/locations';

/** An Agent Registry and an Agent Identity in two locations, one of which cannot be reached, before the simulated provider. */
async function agentWorld() {
  const world = await openWorld(ID);
  plantAssets(world, [
    project('400500600700', 'own-lab'),
    service('400500600700', 'agentregistry.googleapis.com'),
    service('400500600700', 'agentidentity.googleapis.com'),
  ]);
  const parents = `/v1/projects/(own-lab|400500600700|-)/locations`;
  const agent = {
    name: `${LAB}/europe-west1/agents/a1`,
    agentId: 'urn:agent:own-lab:a1',
    displayName: 'Invoice agent',
    attributes: { 'agentregistry.googleapis.com/system/Framework': { framework: 'google-adk' } },
  };
  const application = {
    name: `${LAB}/europe-west1/aiApplications/app1`,
    displayName: 'Invoice agent',
    attributes: { businessOwners: [{ email: 'owner@lanternworks.example' }] },
  };
  const summary = {
    name: `${LAB}/europe-west1/accessSummaries/s1`,
    workloadId:
      'spiffe://agents.global.org-1.system.id.goog/resources/aiplatform/projects/400500600700/locations/europe-west1/reasoningEngines/1',
    userId: 'claimed@lanternworks.example',
    scopes: [scope('drive.readonly')],
  };
  const unreachable = [`${LAB}/us-central1`];
  const answers: readonly (readonly [RegExp, object])[] = [
    [
      new RegExp(`^${parents}$`),
      { locations: ['europe-west1', 'us-central1'].map((locationId) => ({ name: `${LAB}/${locationId}`, locationId })) },
    ],
    [new RegExp(`^${parents}/(europe-west1|-)/agents$`), { agents: [agent] }],
    [new RegExp(`^${parents}/(europe-west1|-)/aiApplications$`), { aiApplications: [application], unreachable }],
    [new RegExp(`^${parents}/(europe-west1|-)/aiApplications/app1/agents$`), { agents: [agent] }],
    [new RegExp(`^${parents}/us-central1/aiApplications$`), { unreachable }],
    [new RegExp(`^${parents}/(europe-west1|-)/accessSummaries$`), { accessSummaries: [summary], unreachable }],
    [new RegExp(`^${parents}/[^/]+/(\\w+|aiApplications/\\w+/\\w+)$`), {}],
  ];
  const front = await startFront(world.provider.config['endpoint'], (_, { pathname }) => {
    const found = answers.find(([path]) => path.test(pathname));
    return found && json(found[1]);
  });
  const night = await world.scan({ config: { endpoint: front.url } });
  expect(night.facts.some(({ collector, subject }) => collector === 'cloud_assets' && subject.name === 'own-lab')).toBe(true);
  return { world, night, front };
}

statement('T42', async () => {
  const { night, front } = await agentWorld();
  expect(front.asked.filter((line) => line.includes('/aiApplications'))).not.toEqual([]);
  expect(
    night.gaps.filter(({ effect, scope: place }) => /us-central1/.test(`${place} ${effect}`)).map(({ byDesign }) => byDesign),
  ).toContain(0);
});

statement('T43', async () => {
  const { night } = await agentWorld();
  const agents = night.facts.filter(({ kind, subject }) => kind === 'agent' && subject.name === 'Invoice agent');
  expect(agents).not.toEqual([]);
  const told = JSON.stringify(agents);
  expect(told).toContain('owner@lanternworks.example');
  expect(told).toMatch(/agent ?registry/i);
});

statement('T44', async () => {
  const { night } = await agentWorld();
  const told = JSON.stringify(night.facts.filter((fact) => JSON.stringify(fact).includes('claimed@lanternworks.example')));
  expect(told).not.toBe('[]');
  expect(told).toMatch(/claimed by (the )?workload|claimed|not (proven|verified)/i);
  expect(told.replaceAll('claimed@lanternworks.example', '')).toMatch(/claimed|not (proven|verified)/i);
});

statement('T45', async () => {
  const world = await openWorld(ID);
  // Google may send more than the mask asked for.
  const planted = {
    recoveryEmail: 'recovery.of.ada@mailbox.example',
    recoveryPhone: '+12025550199',
    phones: [{ type: 'mobile', value: '+12025550198' }],
    notes: { value: 'door code 8347123' },
  };
  const people = [person(1, [CONTEXT_AI], planted), person(2, [GEMINI_CLI])];
  plantPeople(world, people);
  const keyValue = `AIza${'q'.repeat(35)}`;
  plantAssets(world, [
    project('400500600700', 'lab'),
    service('400500600700', 'generativelanguage.googleapis.com'),
    apiKey('400500600700', 'a'.repeat(32), { keyString: keyValue }),
  ]);
  await world.scan();
  plantPeople(world, [{ ...people[0]!, grants: refusals.unavailable }, people[1]!]);
  const night = await world.scan({ night: 1 });
  expect(night.findings.length).toBeGreaterThan(2);
  expect(night.gaps.some(({ collector }) => collector === 'grants')).toBe(true);
  // The program waits between attempts by a clock of its own.
  plantPeople(world, people);
  const commands = [
    ['findings', '--format', 'csv'],
    ['coverage', '--format', 'json'],
    ['diff', '1', '2', '--format', 'json'],
    ['show', night.findings[0]!.key, '--format', 'json'],
    ['doctor'],
  ];
  const ended = [await world.cli(['scan']), ...(await Promise.all(commands.map((args) => world.cli(args))))];
  for (const { stdout, stderr } of ended) expect(`${stdout}${stderr}`.length).toBeGreaterThan(100);
  const whole = [...ended.flatMap(({ stdout, stderr }) => [stdout, stderr]), world.written()].join('\n');
  // What was really asked and answered is there, so that the search can find something.
  for (const seen of [people[0]!.mail, CLIENTS.contextAi, 'Gemini CLI', 'a'.repeat(32)]) expect(whole).toContain(seen);
  const secrets = [
    ...world.provider.canaries,
    keyValue,
    planted.recoveryEmail,
    planted.recoveryPhone,
    planted.phones[0]!.value,
    'door code 8347123',
  ];
  for (const secret of secrets) for (const form of formsOf(secret)) expect(whole.includes(form), `${form} was written`).toBe(false);
});

statement('T46', async () => {
  // A tenth of the ten thousand, so that it takes seconds: one request a person, pages of 500, and a handful.
  const PEOPLE = 1_000;
  const PAGES = PEOPLE / 500;
  const world = await openWorld(ID);
  const ada = person(0);
  const people = Array.from({ length: PEOPLE }, (_, number) => person(number, [CONTEXT_AI]));
  const log = people.map((one) => tokenEvent('authorize', before(100), one, CONTEXT_AI));
  plantPeople(world, people);
  plantLogs(world, { token: log });
  const requests = () => world.asked.filter(({ operation }) => operation !== 'oauth2.token').length;
  const full = await world.scan(GRANTS);
  expect(full.facts.filter(({ kind, state }) => kind === 'oauth_grant' && state === 'present')).toHaveLength(PEOPLE);
  // 10,050 for 10,000 people leaves two walks through the directory and ten more.
  expect(requests()).toBeLessThanOrEqual(PEOPLE + 2 * PAGES + 10);

  world.asked.length = 0;
  const touched = people.slice(0, 20);
  plantPeople(
    world,
    people.map((one) => (touched.includes(one) ? { ...one, grants: [CONTEXT_AI, GEMINI_CLI] } : one)),
  );
  plantLogs(world, { token: [...log, ...touched.map((one) => tokenEvent('authorize', before(0.5, 1), one, GEMINI_CLI))] });
  const delta = await world.scan({ ...GRANTS, night: 1 });
  expect(touched.map((one) => grantOf(delta, one, CLIENTS.geminiCli)?.state)).toEqual(touched.map(() => 'present'));
  expect(grantOf(delta, people[PEOPLE - 1]!, CLIENTS.contextAi)?.state).toBe('present');
  expect(grantOf(delta, ada, CLIENTS.contextAi)?.state).toBe('present');
  // 45 for 10,000 people, of which 20 are pages of the directory.
  expect(requests()).toBeLessThanOrEqual(25 + PAGES);
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

statement('T48', async () => {
  const PEOPLE = 1_200;
  const world = await openWorld(ID, { people: 12 });
  const people = Array.from({ length: PEOPLE }, (_, number) => person(number, [number % 2 === 0 ? CONTEXT_AI : GEMINI_CLI]));
  plantPeople(world, people);
  world.plant(
    'directory.users.list',
    admitted(({ url }) => {
      if (url.searchParams.get('showDeleted') === 'true') return json({});
      const from = Number(url.searchParams.get('pageToken') ?? 0);
      const size = Number(url.searchParams.get('maxResults') ?? 100);
      const more = from + size < PEOPLE && { nextPageToken: String(from + size) };
      return json({ users: people.slice(from, from + size).map(userOf), ...more });
    }),
  );
  const { collectors } = await (async () => {
    const { connector } = await sourceOf({ name: ID, config: world.provider.config });
    return { collectors: Object.fromEntries(connector.collectors.map(({ id }) => [id, id === 'users' || id === 'grants'])) };
  })();
  const more = { collectors, pace: { perSecond: 5_000, inFlight: 12 } };
  const [killed, undisturbed] = [installed(world.provider, more), installed(world.provider, more)];
  const scan = killed.start();
  world.provider.watch(() => {
    if (askedFor(world, 'directory.tokens.list').length === 1_100) scan.kill();
  });
  expect(await scan.ended).toBe('SIGKILL');
  expect(askedFor(world, 'directory.tokens.list').length).toBeLessThan(PEOPLE);
  const resumed = await killed.run(['scan']);
  expect([resumed.code, resumed.stderr]).toEqual([0, expect.any(String)]);
  const times = Map.groupBy(askedFor(world, 'directory.tokens.list'), ({ params }) => params['userKey']!);
  expect(times.size).toBe(PEOPLE);
  // What was read of the page that was under way is lost with the process; the pages before it are not.
  expect(people.slice(0, 1_000).filter(({ id }) => times.get(id)!.length > 1)).toEqual([]);
  expect([...times.values()].filter((requests) => requests.length > 1).length).toBeLessThan(200);

  expect((await undisturbed.run(['scan'])).code).toBe(0);
  const dump = logicalDump(join(undisturbed.folder, 'noctule.db'));
  expect(logicalDump(join(killed.folder, 'noctule.db'))).toEqual(dump);
  expect(JSON.stringify(dump)).toContain(people[PEOPLE - 1]!.mail);
});

statement('T49', async () => {
  const world = await openWorld(ID);
  const people = [person(1, [CONTEXT_AI, GEMINI_CLI]), person(2, [GEMINI_CLI]), person(3)];
  plantPeople(world, people);
  const live = installed(world.provider);
  const imported = installed(world.provider);
  const rows = [
    'user,clientId,displayText,anonymous,nativeApp,userKey,scopes',
    ...people.flatMap(({ mail, id, grants }) =>
      ((grants ?? [{}]) as Partial<Token>[]).map(({ clientId = '', displayText = '', scopes = [] }) =>
        [mail, clientId, displayText, clientId && 'False', clientId && 'False', clientId && id, scopes.join(' ')].join(','),
      ),
    ),
  ];
  const file = join(imported.folder, 'tokens.csv');
  writeFileSync(file, `${rows.join('\r\n')}\r\n`);
  expect((await live.run(['scan'])).code).toBe(0);
  // The verb is a guess: none is documented today.
  const outcome = await imported.run(['import', 'gam-tokens', file]);
  expect([outcome.code, outcome.stderr]).toEqual([0, expect.any(String)]);
  const grants = async ({ run }: typeof live) =>
    (
      await run([
        'query',
        "SELECT app, holder, permissions FROM grants WHERE kind = 'oauth_grant' ORDER BY app, holder",
        '--format',
        'json',
      ])
    ).stdout;
  expect(JSON.parse(await grants(live))).toHaveLength(3);
  expect(await grants(imported)).toBe(await grants(live));
});

statement('T50', async () => {
  const world = await openWorld(ID);
  const github = await startFake('github', smallCompany(12));
  onTestFinished(() => github.close());
  const loadedBy = async (provider: FakeProvider, args: readonly string[]) => {
    const here = installed(provider, { pace: { perSecond: 5_000 } });
    const coverage = join(here.folder, 'coverage');
    const ended = await here.run(args, { NODE_V8_COVERAGE: coverage });
    expect(ended.code).toBe(0);
    return modulesIn(coverage);
  };
  const GOOGLE = /node_modules\/(googleapis|google-auth-library|gaxios|googleapis-common)\//;
  const [withGoogle, without] = [await loadedBy(world.provider, ['scan']), await loadedBy(github, ['scan'])];
  expect(withGoogle.filter((url) => GOOGLE.test(url)).length).toBeGreaterThan(10);
  expect(without.filter((url) => /node_modules\/@octokit\//.test(url)).length).toBeGreaterThan(0);
  expect(without.filter((url) => GOOGLE.test(url))).toEqual([]);
});
