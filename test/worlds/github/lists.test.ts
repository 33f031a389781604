/* oxlint-disable vitest/no-standalone-expect -- a statement is a test, and what is said above says it once */
import { expect, test } from 'vitest';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { sourceOf } from '../../scan/night.ts';
import { openWorld, statementsOf, type Night, type World } from '../world.ts';
import { gapsIn, factsOf, told, openKeys, range } from './nights.ts';
import { account, hook, installation, runner, seat, secret, space } from './rows.ts';
import { standIn } from './servers.ts';
import {
  asksOf,
  changed,
  GRAPHQL,
  linked,
  ok,
  OPENING,
  pageAsked,
  refusal,
  plantOneOf,
  APP_ALONE,
  TOKEN_ALONE,
  HOOKS,
  INSTALLATIONS,
  RUNNERS,
  SEATS,
  SECRETS,
  SPACES,
  type RepositoryPage,
} from './wire.ts';

/** What is concluded of lists and queries that are short, torn, refused, or never answered. Each of the numbered statements is a planted case. */
const statement = statementsOf('github');

statement('C-05', async () => {
  const world = await openWorld('github');
  const page = (rows: object, request: FakeRequest) =>
    ok(
      rows,
      request.url.searchParams.has('page') ? {} : linked({ next: `${request.url.origin}${request.url.pathname}?per_page=100&page=2` }),
    );
  const nth = ({ url }: FakeRequest) => (url.searchParams.has('page') ? 2 : 1);
  plantOneOf(world, ['GET /enterprises/{enterprise}/copilot/billing/seats'], (request) =>
    page({ total_seats: 2, seats: [seat(`seat-${nth(request)}`, 7000 + nth(request))] }, request),
  );
  plantOneOf(world, ['GET /enterprises/{enterprise}/copilot/custom-agents'], (request) =>
    page({ custom_agents: [{ name: `agent-${nth(request)}`, file_path: `agents/agent-${nth(request)}.md`, url: '' }] }, request),
  );
  plantOneOf(world, ['GET /agents/tasks', 'GET /agents/repos/{owner}/{repo}/tasks'], (request) =>
    page({ tasks: [{ id: `task-${nth(request)}`, state: 'completed', creator: account('mara', 31), creator_type: 'user' }] }, request),
  );
  const enterprise = await world.scan({ config: { organization: undefined, app: undefined, enterprise: 'lantern-group' } });
  const stored = JSON.stringify([...enterprise.facts, ...(await world.scan()).facts]);
  for (const row of ['seat-1', 'seat-2', 'agent-1', 'agent-2', 'task-1', 'task-2']) expect(stored).toContain(row);
});

test('seats and custom agents of an enterprise, whose rows stand in an object, are read row by row over all their pages', async () => {
  const world = await openWorld('github');
  const rows =
    (name: string, of: (nth: number) => object, beside: object = {}) =>
    (request: FakeRequest) => {
      const nth = Number(request.url.searchParams.get('page') ?? 1);
      const next = `${request.url.origin}${request.url.pathname}?per_page=100&page=${nth + 1}`;
      return ok({ ...beside, [name]: [of(nth)] }, nth < 3 ? linked({ next }) : {});
    };
  world.plant(
    'GET /enterprises/{enterprise}/copilot/billing/seats',
    rows('seats', (nth) => seat(`seat-${nth}`, 7000 + nth), { total_seats: 3 }),
  );
  world.plant(
    'GET /enterprises/{enterprise}/copilot/custom-agents',
    rows('custom_agents', (nth) => ({ name: `agent-${nth}`, file_path: `agents/agent-${nth}.md`, url: '' })),
  );
  const night = await world.scan({ config: { organization: undefined, app: undefined, enterprise: 'lantern-group' } });
  expect(gapsIn(night)).toEqual([]);
  expect(factsOf(night, 'enterprise_seats').map(({ principal }) => principal!.name)).toEqual(['seat-1', 'seat-2', 'seat-3']);
  expect(factsOf(night, 'enterprise_agents').map(({ subject }) => subject.name)).toEqual(['agent-1', 'agent-2', 'agent-3']);
});

test('seats and Spaces, whose rows stand in an object, are read row by row over all their pages', async () => {
  const { world, night } = await pagedEnvelopes();
  expect(asksOf(world, SEATS)).toHaveLength(3);
  expect(asksOf(world, SPACES)).toHaveLength(2);
  expect(gapsIn(night)).toEqual([]);
  expect(
    factsOf(night, 'copilot_seats')
      .map(({ principal }) => Number(principal!.id))
      .toSorted((a, b) => a - b),
  ).toEqual(range(1, 201));
  expect(
    factsOf(night, 'copilot_spaces')
      .map(({ subject }) => subject.name)
      .toSorted(),
  ).toEqual(range(1, 4).map((id) => `Space ${id}`));
});

async function pagedEnvelopes(): Promise<{ world: World; night: Night }> {
  const world = await openWorld('github');
  const { url } = world.provider;
  const seats = range(1, 201).map((id) => seat(`person-${id}`, id));
  world.plant(SEATS, (request) => {
    const page = Number(request.url.searchParams.get('page') ?? 1);
    const next = linked({ next: `${url}/orgs/lanternworks/copilot/billing/seats?per_page=100&page=${page + 1}` });
    return ok({ total_seats: 201, seats: seats.slice((page - 1) * 100, page * 100) }, page < 3 ? next : {});
  });
  world.plant(SPACES, (request) => {
    const next = linked({ next: `${url}/orgs/lanternworks/copilot-spaces?per_page=100&after=Y3Vyc29y` });
    return request.url.searchParams.has('after') ? ok({ spaces: [space(3), space(4)] }) : ok({ spaces: [space(1), space(2)] }, next);
  });
  return { world, night: await world.scan({ collectors: ['copilot_seats', 'copilot_spaces'] }) };
}

statement('C-06', async () => {
  await doubtsRowsThatRepeat();
  await doubtsLists();
});

/** The last app moves to the front between the two pages: another is shown twice, and the last one never. */
async function doubtsRowsThatRepeat(): Promise<void> {
  const world = await openWorld('github');
  const apps = range(1, 150).map((id) => installation({ id, appId: 1000 + id, slug: `app-${id}` }));
  let moved = apps;
  world.plant(INSTALLATIONS, ({ url }) => {
    const isSecond = url.searchParams.has('page');
    const rows = isSecond ? moved.slice(100) : apps.slice(0, 100);
    return ok({ total_count: 150, installations: rows }, isSecond ? {} : linked({ next: `${url.href}&page=2` }));
  });
  const whole = await world.scan({ collectors: ['app_installations'] });
  expect(whole.facts.map(({ state }) => state)).toEqual(apps.map(() => 'present'));
  moved = [apps.at(-1)!, ...apps.slice(0, -1)];
  const night = await world.scan({ collectors: ['app_installations'], night: 1 });
  expect(night.facts.filter(({ state }) => state !== 'present').map(({ thing, state }) => [thing, state])).toEqual([
    ['app/1150', 'unverified'],
  ]);
  expect(gapsIn(night).map(({ collector }) => collector)).toEqual(['app_installations']);
}

async function doubtsShortLists(): Promise<void> {
  const world = await openWorld('github');
  const collectors = ['app_installations', 'copilot_seats', 'secret_names', 'runners'];
  const say = (rows: number, total: number) => {
    world.plant(INSTALLATIONS, () => {
      const both = [
        installation({ id: 1, appId: 347_564, slug: 'coderabbitai' }),
        installation({ id: 2, appId: 1_236_702, slug: 'claude' }),
      ];
      return ok({ total_count: total, installations: both.slice(0, rows) });
    });
    world.plant(SEATS, () => ok({ total_seats: total, seats: [seat('mara', 1), seat('nils', 2)].slice(0, rows) }));
    world.plant(SECRETS, () => ok({ total_count: total, secrets: [secret('NPM_TOKEN'), secret('OPENAI_API_KEY')].slice(0, rows) }));
    world.plant(RUNNERS, () => ok({ total_count: total, runners: [runner(1, 'build'), runner(2, 'gpu')].slice(0, rows) }));
  };
  const second = (night: Night) =>
    night.facts
      .filter(({ thing }) => ['app/1236702', 'seat/copilot/2', 'secret/actions/OPENAI_API_KEY', 'runner/2'].includes(thing))
      .map(({ state }) => state);
  say(2, 2);
  const whole = await world.scan({ collectors });
  expect(gapsIn(whole)).toEqual([]);
  expect(second(whole)).toEqual(['present', 'present', 'present', 'present']);

  say(1, 2);
  const short = await world.scan({ collectors, night: 1 });
  expect(new Set(gapsIn(short).map(({ collector }) => collector))).toEqual(new Set(collectors));
  expect(second(short)).toEqual(['unverified', 'unverified', 'unverified', 'unverified']);
  expect(openKeys(short)).toEqual(openKeys(whole));
  expect(short.source.state).toBe('partly');

  say(1, 1);
  const gone = await world.scan({ collectors, night: 2 });
  expect(gapsIn(gone)).toEqual([]);
  expect(second(gone)).toEqual(['gone', 'gone', 'gone', 'gone']);
}

async function doubtsLists(): Promise<void> {
  await doubtsShortLists();

  // Whichever list names a total: one more than it shows is one too many to be silent about.
  const other = await openWorld('github');
  const { outcome } = await other.scan();
  const counted = new Set<string>();
  for (const operation of outcome.requests.keys())
    if (!OPENING.includes(operation))
      other.plant(operation, (request, _nth, usual) => oneMore(usual(), () => counted.add(`${request.url.pathname} ${request.body}`)));
  const doubted = await other.scan();
  expect(counted.size).toBeGreaterThan(15);
  expect(gapsIn(doubted).length).toBeGreaterThanOrEqual(counted.size);
  expect([...counted].filter((list) => list.includes('graphql')).length).toBeGreaterThan(1);
  expect(doubted.facts.filter(({ state }) => state === 'gone')).toEqual([]);
}

/** A list that names its total, which is then larger than what it shows. */
function oneMore(answer: FakeAnswer, met: () => void): FakeAnswer {
  const text = JSON.stringify(answer.body);
  const more = text.replace(
    /"(total_count|total_seats|totalCount)":(\d+)/,
    (_all, name: string, count: string) => `"${name}":${Number(count) + 1}`,
  );
  if (more === text) return answer;
  met();
  return { ...answer, body: JSON.parse(more) as unknown };
}

statement('C-11', async () => {
  const collectors = ['code_files', 'code_authors'];
  const world = await openWorld('github');
  const whole = await world.scan({ collectors });
  const struck = '500000002';
  expect(whole.facts.filter(({ attributes }) => attributes['repository'] === struck).length).toBeGreaterThan(3);

  // All that stands in one repository is missing, and an error beside the data says so.
  world.plant(GRAPHQL, (_request, _nth, usual) => changed(usual, (page) => blank(page, Number(struck), 'Timed out while reading')));
  const night = await world.scan({ collectors, night: 1 });
  expect(new Set(gapsIn(night).map(({ collector }) => collector))).toEqual(new Set(collectors));
  expect(gapsIn(night).every(({ scope }) => scope.endsWith(struck))).toBe(true);
  const states = (of: string) => night.facts.filter(({ attributes, collector }) => collector === of && attributes['repository'] === struck);
  expect(states('code_files').map(({ state }) => state)).toEqual(states('code_files').map(() => 'unverified'));
  // Who wrote it is read from a log, which ends nothing.
  expect(states('code_authors').map(({ state }) => state)).toEqual(states('code_authors').map(() => 'present'));
  for (const { attributes, state } of night.facts) if (attributes['repository'] !== struck) expect(state).toBe('present');

  // Nor is anything empty where the error does not say where, where the whole repository is missing, or one workflow.
  for (const break_ of [withoutPlace, withoutRepository, withoutWorkflow]) {
    const torn = await openWorld('github');
    await torn.scan({ collectors });
    torn.plant(GRAPHQL, (_request, _nth, usual) => changed(usual, (page) => break_(page, Number(struck))));
    const partial = await torn.scan({ collectors, night: 1 });
    expect(
      gapsIn(partial).map(({ collector }) => collector),
      break_.name,
    ).toContain('code_files');
    expect(
      partial.facts.filter(({ state }) => state === 'gone'),
      break_.name,
    ).toEqual([]);
    const workflows = partial.facts.filter(({ thing }) => thing.startsWith(`repository/${struck}/workflow/`));
    expect(
      workflows.map(({ state }) => state),
      break_.name,
    ).toEqual(['unverified', 'unverified']);
  }

  // What GitHub calls a mishap is tried again, wherever it stands among the errors.
  const mishap = await openWorld('github');
  mishap.plant(GRAPHQL, (_request, nth, usual) =>
    nth > 1
      ? usual()
      : changed(usual, (page) => {
          blank(page, Number(struck), 'Could not resolve');
          page.errors!.push({
            message: 'Something went wrong while executing your query. Please include `0A1B:2C` when reporting this issue.',
          });
        }),
  );
  const again = await mishap.scan({ collectors: ['code_files'] });
  expect(asksOf(mishap, GRAPHQL).length).toBeGreaterThan(1);
  expect(gapsIn(again)).toEqual([]);
  expect(again.facts.map(told)).toEqual(whole.facts.filter(({ collector }) => collector === 'code_files').map(told));
});

statement('C-12', async () => {
  // The first page is never answered.
  const silent = await openWorld('github', { people: 80 });
  const between = await standIn(silent.provider.url, (path, nth) => path === '/graphql' && nth === 1);
  const night = await silent.scan({ collectors: ['code_files'], config: { baseUrl: between.url } });
  expect(gapsIn(night)).toEqual([]);
  expect(between.bodies('/graphql').slice(0, 2).map(pageAsked)).toEqual([25, 12].map((size) => ({ size, after: null })));

  await halvesWhatFails();
});

async function halvesWhatFails(): Promise<void> {
  const collectors = ['code_files'];
  const calm = await openWorld('github', { people: 80 });
  const whole = await calm.scan({ collectors });
  expect(asksOf(calm, GRAPHQL).map(pageAsked)[0]).toEqual({ size: 25, after: null });

  for (const status of [502, 504]) {
    const slow = await openWorld('github', { people: 80 });
    slow.plant(GRAPHQL, (request, _nth, usual) => (pageAsked(request).size > 6 ? html(status) : usual()));
    const night = await slow.scan({ collectors });
    const [first, ...rest] = asksOf(slow, GRAPHQL).map(pageAsked);
    expect([first, ...rest.slice(0, 2)]).toEqual([25, 12, 6].map((size) => ({ size, after: null })));
    expect(rest[2]!.after).not.toBeNull();
    expect(gapsIn(night)).toEqual([]);
    expect(night.facts.map(told)).toEqual(whole.facts.map(told));
  }

  // One repository that GitHub never gets through with, among 25 of a page.
  const ill = [...new Set(whole.facts.map(({ attributes }) => String(attributes['repository'])))][6];
  const stuck = await openWorld('github', { people: 80 });
  await stuck.scan({ collectors });
  const before = stuck.asked.length;
  const failed = new Set<number>();
  stuck.plant(GRAPHQL, (_request, nth, usual) => {
    const answer = usual();
    const page = answer.body as RepositoryPage;
    const isIll = page.data.organization.repositories.nodes.some((node) => String(node.databaseId) === ill && 'root' in node);
    if (isIll) failed.add(nth - 1);
    return isIll ? html(502) : answer;
  });
  const night = await stuck.scan({ collectors, night: 1 });
  const pages = stuck.asked
    .slice(before)
    .filter(({ operation }) => operation === GRAPHQL)
    .map(pageAsked);
  for (const place of [...failed].filter((at) => pages[at]!.size > 1))
    expect(pages[place + 1]).toEqual({ size: pages[place]!.size >> 1, after: pages[place]!.after });
  expect(failed.size).toBeGreaterThan(4);
  expect(pages.filter((_page, place) => failed.has(place)).map(({ size }) => size)).toContain(1);
  expect(gapsIn(night).map(({ scope }) => scope.split('/').at(-1))).toEqual([ill]);
  expect(night.facts.filter(({ state }) => state !== 'present').map(({ attributes }) => attributes['repository'])).toContain(ill);
  for (const { attributes, state } of night.facts) expect(state).toBe(attributes['repository'] === ill ? 'unverified' : 'present');
}

statement('C-13', async () => {
  const collectors = ['members', 'app_installations', 'secret_names', 'webhooks'];
  const world = await openWorld('github');
  world.plant(HOOKS, ({ headers }) => {
    const etag = 'W/"0b5e7d"';
    return headers['if-none-match'] === etag ? { status: 304, headers: { etag } } : ok([hook(1, 'https://api.coderabbit.ai/in')], { etag });
  });
  const first = await world.scan({ collectors, config: TOKEN_ALONE });
  const before = world.asked.length;
  const second = await world.scan({ collectors, config: TOKEN_ALONE });
  const hooks = world.asked.slice(before).filter(({ operation }) => operation === HOOKS);
  expect(factsOf(second, 'webhooks').map(told)).toEqual(factsOf(first, 'webhooks').map(told));
  expect(factsOf(second, 'webhooks').map(({ state }) => state)).toEqual(['present']);
  expect(hooks.map(({ headers }) => headers['if-none-match'])).toEqual(['W/"0b5e7d"']);
  // Another credential has other tags.
  const third = world.asked.length;
  await world.scan({ collectors, config: APP_ALONE });
  const others = world.asked.slice(third).filter(({ operation }) => operation === HOOKS);
  expect(others.map(({ headers }) => headers['if-none-match'])).toEqual([undefined]);
});

statement('C-14', async () => {
  for (const status of [403, 404] as const) {
    const world = await openWorld('github');
    const whole = await world.scan();
    expect(whole.findings.length).toBeGreaterThan(10);
    const reading = new Set(whole.facts.map(({ collector }) => collector));
    for (const operation of whole.outcome.requests.keys())
      if (!OPENING.includes(operation)) world.provider.faults.add({ operation, fault: status });

    const night = await world.scan({ night: 1 });
    expect(world.provider.faults.struck.size).toBeGreaterThan(20);
    const said = gapsIn(night);
    expect([...new Set(said.map(({ collector }) => collector))]).toEqual(expect.arrayContaining([...reading]));
    for (const { reason, effect, collector } of said) {
      expect(['permission_denied', 'not_licensed', 'not_observable'], `${collector}: ${effect}`).toContain(reason);
      expect(effect).toContain(String(status));
    }
    // A log, such as that of commits, ends nothing and vouches for nothing.
    const { connector } = await sourceOf({ name: 'github', config: world.provider.config });
    const logs = connector.collectors.filter(({ mode }) => mode === 'log').map(({ id }) => id);
    const listed = night.facts.filter(({ collector }) => !logs.includes(collector));
    expect(listed.length).toBeGreaterThan(50);
    expect(new Set(listed.map(({ state }) => state))).toEqual(new Set(['unverified']));
    expect(night.facts.filter(({ state }) => state === 'gone')).toEqual([]);
    expect(openKeys(night)).toEqual(openKeys(whole));
    expect(night.findings.every(({ unverifiedSince }) => unverifiedSince !== null)).toBe(true);
    expect(night.changes.filter((change) => change.class === 'gone')).toEqual([]);

    world.provider.faults.add({ operation: 'GET /orgs/{org}', fault: status });
    const shut = await world.scan({ night: 2 });
    expect(shut.source.state).toBe('unread');
    expect(shut.source.message).toContain(String(status));
    expect(openKeys(shut)).toEqual(openKeys(whole));
    expect(shut.facts.filter(({ state }) => state === 'gone')).toEqual([]);
  }
});

statement('C-15', async () => {
  const world = await openWorld('github');
  world.plant(HOOKS, () =>
    refusal(403, 'Resource not accessible by integration', { 'x-accepted-github-permissions': 'organization_marker_hooks=read' }),
  );
  const byApp = await world.scan({ collectors: ['webhooks'], config: APP_ALONE });
  expect(gapsIn(byApp).map(({ collector, reason }) => [collector, reason])).toEqual([['webhooks', 'permission_denied']]);
  expect(JSON.stringify(gapsIn(byApp))).toContain('organization_marker_hooks');
  expect((await world.cli(['coverage'])).stdout).toContain('organization_marker_hooks');

  world.plant(HOOKS, () =>
    refusal(404, 'Not Found', { 'x-oauth-scopes': 'gist, read:marker', 'x-accepted-oauth-scopes': 'admin:org_hook' }),
  );
  const byToken = await world.scan({ collectors: ['webhooks'], config: TOKEN_ALONE, night: 1 });
  expect(gapsIn(byToken)).toHaveLength(1);
  expect(JSON.stringify(gapsIn(byToken))).toContain('read:marker');
  expect((await world.cli(['coverage'])).stdout).toContain('read:marker');
});

statement('C-16', async () => {
  const collectors = ['webhooks', 'copilot_policy', 'actions_policy', 'runners'];
  const world = await openWorld('github');
  const whole = await world.scan({ collectors });
  const lists = [HOOKS, RUNNERS, 'GET /orgs/{org}/copilot/coding-agent/permissions', 'GET /orgs/{org}/actions/permissions'];
  for (const operation of lists) world.plant(operation, () => refusal(409, 'Conflict'));
  const night = await world.scan({ collectors, night: 1 });
  expect(new Set(gapsIn(night).map(({ collector }) => collector))).toEqual(new Set(collectors));
  expect(night.facts).toHaveLength(whole.facts.length);
  expect(night.facts.filter(({ state }) => state === 'gone')).toEqual([]);
  expect(factsOf(night, 'webhooks').map(({ state }) => state)).toEqual(factsOf(whole, 'webhooks').map(() => 'unverified'));

  // A repository that became empty was read: what stood in it is gone.
  const emptied = await openWorld('github');
  const before = await emptied.scan({ collectors: ['code_files'] });
  emptied.plant(GRAPHQL, (_request, _nth, usual) => changed(usual, (page) => blank(page, 500_000_002)));
  const after = await emptied.scan({ collectors: ['code_files'], night: 1 });
  expect(gapsIn(before)).toEqual([]);
  expect(gapsIn(after)).toEqual([]);
  for (const { attributes, state } of after.facts) expect(state).toBe(attributes['repository'] === '500000002' ? 'gone' : 'present');
});

/** A repository of which nothing is shown; with a message, because something failed, and else because it is empty. */
function blank(page: RepositoryPage, id: number, message?: string): void {
  const nodes = page.data.organization.repositories.nodes;
  const place = nodes.findIndex(({ databaseId }) => databaseId === id);
  const fields = Object.entries(nodes[place] ?? {})
    .filter(([, value]) => typeof value === 'object')
    .map(([name]) => name);
  for (const name of fields) nodes[place]![name] = null;
  const found = fields.map((name) => ({ message: message!, path: ['organization', 'repositories', 'nodes', place, name] }));
  if (message !== undefined) page.errors = [...(page.errors ?? []), ...found];
}

function withoutPlace(page: RepositoryPage, id: number): void {
  blank(page, id);
  page.errors = [{ type: 'RESOURCE_LIMITS_EXCEEDED', message: 'Resource limits for this query exceeded.' }];
}

function withoutRepository(page: RepositoryPage, id: number): void {
  const { nodes } = page.data.organization.repositories;
  const place = nodes.findIndex((node) => node?.databaseId === id);
  nodes.splice(place, 1, null as never);
  page.errors = [{ message: 'Timed out', path: ['organization', 'repositories', 'nodes', place] }];
}

function withoutWorkflow(page: RepositoryPage, id: number): void {
  const { nodes } = page.data.organization.repositories;
  const place = nodes.findIndex((node) => node.databaseId === id);
  const entries = (nodes[place]!['workflows'] as { entries: { object: unknown }[] } | undefined)?.entries ?? [];
  for (const entry of entries) entry.object = null;
  page.errors = entries.map((_entry, nth) => ({
    message: 'Timed out',
    path: ['organization', 'repositories', 'nodes', place, 'workflows', 'entries', nth, 'object'],
  }));
}

function html(status: number) {
  return { status, headers: { 'content-type': 'text/html' }, body: '<html><head><title>502 Bad Gateway</title></head></html>' };
}
