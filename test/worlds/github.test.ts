/* oxlint-disable vitest/no-standalone-expect -- a statement is a test, and what is said above says it once */
import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { bytesBelow, formsOf, newFolder, noctule, writeConfig, type Ended } from '../cli/run.ts';
import { dawn, smallCompany, sourceOf } from '../scan/night.ts';
import type { FakeAnswer, FakeRequest, PlantedAnswer } from '../../src/testing/server.ts';
import { LARGEST_PAGES } from './github/pages.ts';
import { account, hook, installation, runner, seat, secret, space } from './github/rows.ts';
import {
  ACCESS_TOKEN,
  addressOf,
  asksOf,
  changed,
  GRAPHQL,
  linked,
  ok,
  OPENING,
  pageAsked,
  pauses,
  refusal,
  type RepositoryPage,
} from './github/wire.ts';
import { openWorld, statementsOf, type Fact, type Night, type World } from './world.ts';

/** The numbered statements C-01 to C-31 about how GitHub is to be asked, each as a planted case. */
const statement = statementsOf('github');

/** The App alone: what is refused to it is then asked by nobody else. */
const APP_ALONE = { token: undefined };
const TOKEN_ALONE = { app: undefined };
const HOOKS = 'GET /orgs/{org}/hooks';
const INSTALLATIONS = 'GET /orgs/{org}/installations';
const MEMBERS = 'GET /orgs/{org}/members';
const RUNNERS = 'GET /orgs/{org}/actions/runners';
const SEATS = 'GET /orgs/{org}/copilot/billing/seats';
const SECRETS = 'GET /orgs/{org}/actions/secrets';
const SPACES = 'GET /orgs/{org}/copilot-spaces';

statement('C-01', async () => {
  for (const plan of ['saml', 'server'] as const) {
    const world = await openWorld('github', { plan } as object);
    await world.scan();
    const rest = world.asked.filter(({ operation }) => operation !== GRAPHQL);
    expect(rest.length).toBeGreaterThan(30);
    for (const { headers, url } of rest) {
      expect(headers['x-github-api-version'], url.href).toBe('2022-11-28');
      expect(headers.accept, url.href).toBe('application/vnd.github+json');
      expect(headers['user-agent'], url.href).toMatch(/^noctule\/\S/);
    }
  }
});

test('the version that is configured is the one that is sent, with the media type and a name', async () => {
  const world = await openWorld('github');
  await world.scan({ config: { apiVersion: '2026-03-10' } });
  const rest = world.asked.filter(({ operation }) => operation !== GRAPHQL);
  expect(new Set(rest.map(({ headers }) => headers['x-github-api-version']))).toEqual(new Set(['2026-03-10']));
  expect(new Set(rest.map(({ headers }) => headers.accept))).toEqual(new Set(['application/vnd.github+json']));
  expect(rest.every(({ headers }) => headers['user-agent']?.startsWith('noctule'))).toBe(true);
});

statement('C-02', async () => {
  const world = await openWorld('github');
  await world.scan();
  const met = new Set<string>();
  for (const { operation, url } of world.asked) {
    if (operation === GRAPHQL || operation === ACCESS_TOKEN) continue;
    const largest = LARGEST_PAGES[operation ?? 'unknown'];
    // Of what the facts do not list it is not known whether it has pages.
    const allowed = largest === undefined ? [null, '100'] : [largest === 'single' ? null : String(largest)];
    expect(allowed, url.href).toContain(url.searchParams.get('per_page'));
    met.add(String(largest));
  }
  for (const size of ['single', '100', '30']) expect(met).toContain(size);
});

statement('C-03', async () => {
  for (const plan of ['saml', 'server'] as const) await followsLinks(plan);
  await followsRedirects();
});

async function followsLinks(plan: 'saml' | 'server'): Promise<void> {
  const world = await openWorld('github', { plan } as object);
  const { url } = world.provider;
  const api = plan === 'server' ? '/api/v3' : '';
  const second = `${api}/organizations/17515872/members?cursor=b3BhcXVl%3D%3D&per_page=100`;
  const third = `${api}/orgs/lanternworks/members?per_page=100&after=Zm9v`;
  world.plant(MEMBERS, (request) => {
    if (request.url.searchParams.has('cursor'))
      return ok(
        [account('nils', 2)],
        linked({ prev: `${url}${second}`, next: `${url}${third}`, first: `${url}/orgs/lanternworks/members` }),
      );
    if (request.url.searchParams.has('after')) return ok([account('olga', 3)], linked({ prev: `${url}${second}` }));
    return ok([account('mara', 1)], linked({ next: `${url}${second}`, last: `${url}/orgs/lanternworks/members?page=9` }));
  });
  // A page that is full and names no other is the last one.
  world.plant(HOOKS, () => ok(Array.from({ length: 100 }, (_, place) => hook(place + 1, `https://host-${place}.example/in`))));
  const night = await world.scan({ collectors: ['members', 'webhooks'] });
  expect(namesIn(night, 'members')).toEqual(['mara', 'nils', 'olga']);
  expect(asksOf(world, MEMBERS).map(addressOf)).toEqual([addressOf(asksOf(world, MEMBERS)[0]!), second, third]);
  expect(factsOf(night, 'webhooks')).toHaveLength(100);
  expect(asksOf(world, HOOKS)).toHaveLength(1);
  expect(gapsIn(night)).toEqual([]);
}

async function followsRedirects(): Promise<void> {
  const collectors = ['app_installations', 'repository_settings'];
  const moved = await openWorld('github');
  const straight = await moved.scan({ collectors });
  const redirected = new Set<string>();
  const from = (operation: string, status: number, to: (params: Readonly<Record<string, string>>) => string) =>
    moved.plant(operation, (request, _nth, usual) => {
      const path = to(request.params);
      if (path === request.url.pathname) return usual();
      redirected.add(`${status} ${operation}`);
      return refusal(status, 'Moved', { location: `${moved.provider.url}${path}${request.url.search}` });
    });
  const ids = new Map<string, number>();
  moved.plant('GET /orgs/{org}/repos', (_request, _nth, usual) => {
    const answer = usual();
    for (const { name, id } of answer.body as { name: string; id: number }[]) ids.set(name, id);
    return answer;
  });
  const byId = (rest: string) => (params: Readonly<Record<string, string>>) =>
    `/repositories/${params['id'] ?? ids.get(params['repo'] ?? '') ?? 'unknown'}${rest}`;
  from(INSTALLATIONS, 302, () => '/orgs/Lanternworks/installations');
  from('GET /repos/{owner}/{repo}/hooks', 301, byId('/hooks'));
  from('GET /repos/{owner}/{repo}/actions/secrets', 307, byId('/actions/secrets'));
  const followed = await moved.scan({ collectors });
  expect([...redirected].map((entry) => entry.slice(0, 3)).toSorted()).toEqual(['301', '302', '307']);
  expect(gapsIn(followed)).toEqual([]);
  expect(followed.facts.map(told)).toEqual(straight.facts.map(told));
}

statement('C-04', async () => {
  const stranger = await listen();
  const world = await openWorld('github');
  const hooks = [hook(1, 'https://api.coderabbit.ai/in'), hook(2, 'https://hooks.chat.example/in')];
  const apps = [installation({ id: 1, appId: 347_564, slug: 'coderabbitai' }), installation({ id: 2, appId: 1_236_702, slug: 'claude' })];
  world.plant(HOOKS, () => ok(hooks));
  world.plant(INSTALLATIONS, () => ok({ total_count: 2, installations: apps }));
  const collectors = ['webhooks', 'app_installations'];
  expect((await world.scan({ collectors })).facts.map(({ state }) => state)).toEqual(['present', 'present', 'present', 'present']);

  const { port } = new URL(world.provider.url);
  const away = [
    `http://127.0.0.1:${stranger.port}/orgs/lanternworks/hooks?page=2`,
    `http://localhost:${port}/orgs/lanternworks/hooks?page=2`,
    `http://127.0.0.1:${port}@127.0.0.1:${stranger.port}/orgs/lanternworks/hooks?page=2`,
    `//127.0.0.1:${stranger.port}/orgs/lanternworks/hooks?page=2`,
  ];
  for (const [place, next] of away.entries()) {
    world.plant(HOOKS, () => ok(hooks.slice(0, 1), linked({ next })));
    world.plant(INSTALLATIONS, () => ok({ total_count: 2, installations: apps.slice(0, 1) }, linked({ next })));
    const before = world.asked.length;
    const night = await world.scan({ collectors, night: place + 1 });
    expect(world.asked.slice(before).filter(({ url }) => url.searchParams.has('page') || url.hostname !== '127.0.0.1')).toEqual([]);
    expect(new Set(gapsIn(night).map(({ collector }) => collector)), next).toEqual(new Set(collectors));
    const second = night.facts.filter(({ thing }) => ['app/1236702', 'webhook/2'].includes(thing));
    expect(second.map(({ state }) => state)).toEqual(['unverified', 'unverified']);
    expect(night.facts.filter(({ state }) => state === 'gone')).toEqual([]);
  }
  expect(stranger.heard).toEqual([]);
});

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
  const stored = JSON.stringify((await world.scan()).facts);
  for (const row of ['seat-1', 'seat-2', 'agent-1', 'agent-2', 'task-1', 'task-2']) expect(stored).toContain(row);
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

test('a list that is shorter than its total, whichever it is, becomes a gap, and nothing of it is gone', doubtsLists);

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

statement('C-07', async () => {
  // Longer than anybody likes to wait: whoever gives up may, and whoever asks again waits so long.
  for (const status of [403, 429]) {
    const { world, night } = await struckOnce(refusal(status, 'Server is busy', { 'retry-after': '20000' }), 40_000);
    const waits = pauses(asksOf(world, HOOKS));
    const isGivenUp = gapsIn(night).some(({ reason }) => reason === 'rate_limited');
    expect(waits).toHaveLength(isGivenUp ? 0 : 1);
    for (const wait of waits) expect(wait, 'of 500 milliseconds').toBeGreaterThanOrEqual(495);
  }
  await obeysRetryAfter();
});

test('a retry-after of up to an hour is waited for, whatever status and message it comes with', async () => {
  const { world } = await struckOnce(refusal(403, 'Server is busy', { 'retry-after': '3600' }), 10_000);
  expect(pauses(asksOf(world, HOOKS))[0]).toBeGreaterThanOrEqual(355);
  await obeysRetryAfter();
});

async function obeysRetryAfter(): Promise<void> {
  for (const status of [403, 429]) {
    for (const message of ['Resource not accessible by integration', 'Server is busy', 'You have exceeded a secondary rate limit.']) {
      const { world, night } = await struckOnce(refusal(status, message, { 'retry-after': '90' }), 450);
      const waits = pauses(asksOf(world, HOOKS));
      expect(waits, `${status} ${message}`).toHaveLength(1);
      expect(waits[0]).toBeGreaterThanOrEqual(195);
      expect(waits[0]).toBeLessThan(1500);
      expect(gapsIn(night)).toEqual([]);
      expect(factsOf(night, 'webhooks')).toHaveLength(1);
    }
  }
  // It is no other for a query, or for the token with which all begins.
  for (const operation of [GRAPHQL, ACCESS_TOKEN])
    for (const status of [403, 429]) {
      const world = await openWorld('github');
      const busy = refusal(status, 'Server is busy', { 'retry-after': '90' });
      world.plant(operation, (_request, nth, usual) => (nth === 1 ? busy : usual()));
      const night = await world.scan({ collectors: ['code_files'], config: APP_ALONE, speed: 450 });
      expect(pauses(asksOf(world, operation))[0], `${status} ${operation}`).toBeGreaterThanOrEqual(195);
      expect(gapsIn(night)).toEqual([]);
      expect(night.facts.length).toBeGreaterThan(5);
    }
}

statement('C-08', async () => {
  for (const status of [403, 429]) {
    const waits = await waitsOfSecondaryLimit(status);
    for (const [place, wait] of waits.slice(1).entries()) expect(wait / waits[place]!, waits.join(' ')).toBeGreaterThan(1.6);
  }
  await waitsForTheReset();
});

test('a limit without retry-after is waited for until its reset, or a minute each time, and not for ever', async () => {
  await waitsForTheReset();
  for (const status of [403, 429]) expect(Math.min(...(await waitsOfSecondaryLimit(status)))).toBeGreaterThanOrEqual(58);
});

async function waitsForTheReset(): Promise<void> {
  const started = performance.now();
  const { world, night } = await struckOnce(refusal(403, 'API rate limit exceeded for installation ID 1.', usedUp(700)), 1000);
  const asked = asksOf(world, HOOKS);
  expect(asked).toHaveLength(2);
  expect(asked[1]!.at - started).toBeGreaterThanOrEqual(690);
  expect(asked[1]!.at - started).toBeLessThan(3000);
  expect(gapsIn(night)).toEqual([]);
}

/** Milliseconds between attempts, a thousandth of what Noctule takes for them. */
async function waitsOfSecondaryLimit(status: number): Promise<number[]> {
  const world = await openWorld('github');
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  world.plant(HOOKS, () => refusal(status, message, { 'x-ratelimit-remaining': '4000' }));
  const night = await world.scan({ collectors: ['webhooks'], config: APP_ALONE, speed: 1000 });
  const waits = pauses(asksOf(world, HOOKS));
  expect(waits.length, 'it is tried again').toBeGreaterThanOrEqual(2);
  expect(waits.length, 'and not for ever').toBeLessThanOrEqual(10);
  expect(waits[0]).toBeGreaterThanOrEqual(58);
  expect(gapsIn(night).map(({ collector, reason }) => [collector, reason])).toEqual([['webhooks', 'rate_limited']]);
  return waits;
}

statement('C-09', async () => {
  const once = await struckOnce(refusal(429, 'Too many requests', { 'retry-after': '1' }), 10);
  expect(asksOf(once.world, HOOKS)).toHaveLength(2);
  expect(once.night.sent(HOOKS)).toEqual({ first: 1, repeats: 1 });

  // Whoever repeated it besides would ask sooner than GitHub said.
  const world = await openWorld('github');
  world.plant(HOOKS, () => refusal(429, 'Too many requests', { 'retry-after': '30' }));
  const night = await world.scan({ collectors: ['webhooks'], config: APP_ALONE, speed: 300 });
  const waits = pauses(asksOf(world, HOOKS));
  expect(waits.length).toBeGreaterThanOrEqual(1);
  expect(waits.length).toBeLessThanOrEqual(10);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(95);
  expect(night.sent(HOOKS)).toEqual({ first: 1, repeats: waits.length });
  expect(gapsIn(night).map(({ reason }) => reason)).toEqual(['rate_limited']);
});

statement('C-10', async () => {
  const collectors = ['code_files'];
  const calm = await openWorld('github');
  const expected = (await calm.scan({ collectors })).facts.map(told);
  expect(expected.length).toBeGreaterThan(5);
  for (const type of ['RATE_LIMIT', 'RATE_LIMITED']) {
    const world = await openWorld('github');
    let until = 0;
    world.plant(GRAPHQL, (_request, nth, usual) => {
      if (nth === 1) until = performance.now() + 400;
      const isLimited = performance.now() < until;
      return isLimited ? ok({ errors: [{ type, message: 'API rate limit exceeded' }] }, usedUp(450)) : usual();
    });
    const night = await world.scan({ collectors, speed: 1000 });
    const asked = asksOf(world, GRAPHQL);
    expect(gapsIn(night), type).toEqual([]);
    expect(asked.length, type).toBe(2);
    expect(asked[1]!.body).toBe(asked[0]!.body);
    expect(night.facts.map(told)).toEqual(expected);
  }
});

test('a GraphQL answer of status 200 that speaks of a rate limit is no empty answer, and is tried again', async () => {
  const collectors = ['code_files'];
  const calm = await (await openWorld('github')).scan({ collectors });
  for (const type of ['RATE_LIMIT', 'RATE_LIMITED']) {
    const world = await openWorld('github');
    const limited = ok({ errors: [{ type, message: 'API rate limit exceeded' }] });
    world.plant(GRAPHQL, (_request, nth, usual) => (nth === 1 ? limited : usual()));
    const night = await world.scan({ collectors });
    expect(asksOf(world, GRAPHQL)).toHaveLength(2);
    expect(gapsIn(night)).toEqual([]);
    expect(night.facts.map(told)).toEqual(calm.facts.map(told));
    world.plant(GRAPHQL, () => limited);
    const lost = await world.scan({ collectors, night: 1 });
    expect(gapsIn(lost)).toHaveLength(1);
    expect(new Set(lost.facts.map(({ state }) => state))).toEqual(new Set(['unverified']));
  }
});

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

test('a GraphQL page that ends in 502 or 504 is halved from the same cursor, down to the repository that fails alone', halvesWhatFails);

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

statement('C-17', async () => {
  const world = await openWorld('github');
  const whole = await world.scan({ config: APP_ALONE });
  const operations = [...whole.outcome.requests.keys()].filter((operation) => !OPENING.includes(operation));
  for (const operation of operations) world.provider.faults.add({ operation, fault: 404 });
  const before = world.asked.length;
  const night = await world.scan({ config: APP_ALONE });
  const met = new Map<string, number>();
  for (const { operation, body, url, method } of world.asked.slice(before)) {
    if (OPENING.includes(operation ?? '')) continue;
    const request = `${method} ${url.href} ${body}`;
    met.set(request, (met.get(request) ?? 0) + 1);
  }
  expect(met.size).toBeGreaterThan(15);
  const inFirst = (path: string) => world.asked.slice(0, before).filter(({ url }) => url.pathname === path).length;
  // Two collectors may ask for the same list, each once.
  for (const [asked, times] of met) {
    const path = new URL(asked.split(' ')[1]!).pathname;
    expect(times, path).toBeLessThanOrEqual(inFirst(path));
  }
  expect([...night.outcome.requests.values()].reduce((sum, { repeats }) => sum + repeats, 0)).toBe(0);
});

statement('C-18', async () => {
  // One of two that are read at once has to wait for a minute; the other does not.
  const [held, free] = [await openWorld('github'), await openWorld('github')];
  held.plant(HOOKS, (_request, nth, usual) => (nth === 1 ? refusal(429, 'Slow down', { 'retry-after': '60' }) : usual()));
  const ends: string[] = [];
  const waiting = held.scan({ collectors: ['webhooks'], config: APP_ALONE, speed: 20 }).then((night) => (ends.push('held'), night));
  await vi.waitFor(() => expect(asksOf(held, HOOKS)).toHaveLength(1), { timeout: 10_000, interval: 5 });
  const night = await free.scan({ collectors: ['webhooks', 'members', 'app_installations'], config: APP_ALONE });
  ends.push('free');
  expect(gapsIn(await waiting)).toEqual([]);
  expect(gapsIn(night)).toEqual([]);
  expect(ends).toEqual(['free', 'held']);
  expect(asksOf(held, HOOKS)).toHaveLength(2);
  expect(pauses(asksOf(held, HOOKS))[0]).toBeGreaterThanOrEqual(2950);
});

statement('C-19', async () => {
  // The wait is the one that GitHub asked for: neither added to another, nor taken for a number of tries.
  for (const seconds of [60, 200]) {
    const { world } = await struckOnce(refusal(429, 'Too many requests', { 'retry-after': String(seconds) }), 200);
    const waits = pauses(asksOf(world, HOOKS));
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThanOrEqual(seconds * 5 - 5);
    expect(waits[0]).toBeLessThan(seconds * 5 * 1.9);
  }
});

statement('C-20', async () => {
  const world = await openWorld('github', { people: 80 });
  plantOneOf(world, ['GET /search/code'], () => ok({ total_count: 0, incomplete_results: false, items: [] }));
  await world.scan({ speed: 1000 });
  const at = asksOf(world, 'GET /search/code').map((asked) => asked.at);
  expect(at.length).toBeGreaterThan(0);
  // The eleventh after a minute, which is 60 milliseconds here.
  for (const [place, time] of at.slice(10).entries()) expect(time - at[place]!).toBeGreaterThanOrEqual(58);
});

statement('C-21', async () => {
  const world = await openWorld('github', { people: 80 });
  const collectors = await only(world, 'code_files', 'code_authors');
  expect((await byProgram(world, { collectors })).code).toBe(0);
  const waits = pauses(asksOf(world, GRAPHQL));
  expect(waits.length).toBeGreaterThan(3);
  expect(Math.min(...waits), waits.map(Math.round).join(' ')).toBeGreaterThanOrEqual(950);
});

statement('C-22', async () => {
  expect((await crowd({})).most).toBe(1);
  const { most, requests } = await crowd({ pace: { perSecond: 10_000, inFlight: 100 } });
  expect(requests).toBeGreaterThan(40);
  expect(most).toBeLessThanOrEqual(10);
});

test('unless it is told otherwise, never more than ten requests are under way at once', async () => {
  const { most, requests } = await crowd({});
  expect(requests).toBeGreaterThan(60);
  expect(most).toBeLessThanOrEqual(10);
});

/** How many requests are under way at once, at most, where each takes some time. */
async function crowd(config: { pace?: object }): Promise<{ most: number; requests: number }> {
  const latency = 30;
  const world = await openWorld('github', { latency });
  const { code } = config.pace ? await byProgram(world, config) : { code: (await world.scan()).outcome.sources.length - 1 };
  expect(code).toBe(0);
  const starts = world.asked.map(({ at }) => at - latency);
  const most = Math.max(...world.asked.map(({ at }, place) => starts.slice(place).filter((start) => start < at - 3).length));
  return { most, requests: world.asked.length };
}

statement('C-23', async () => {
  const world = await openWorld('github');
  vi.useFakeTimers({ toFake: ['Date'], shouldAdvanceTime: true });
  onTestFinished(() => void vi.useRealTimers());
  // Between two lists nearly an hour goes by.
  world.plant(MEMBERS, (_request, nth, usual) => {
    if (nth === 1) vi.setSystemTime(Date.now() + 56 * 60_000);
    return usual();
  });
  const night = await world.scan({ collectors: ['members', 'webhooks'], config: APP_ALONE, speed: 1 });
  const order = world.asked.map(({ operation }) => operation);
  expect(order.filter((operation) => operation === ACCESS_TOKEN)).toHaveLength(2);
  expect(order.lastIndexOf(ACCESS_TOKEN)).toBeGreaterThan(order.indexOf(MEMBERS));
  expect(order.lastIndexOf(ACCESS_TOKEN)).toBeLessThan(order.indexOf(HOOKS));
  const tokens = [MEMBERS, HOOKS].map((operation) => asksOf(world, operation)[0]!.headers.authorization);
  expect(tokens[0]).not.toBe(tokens[1]);
  expect(gapsIn(night)).toEqual([]);
  vi.useRealTimers();

  // GitHub forgets the token in the middle: another one is fetched once.
  const forgotten = await openWorld('github');
  forgotten.provider.faults.add({ operation: HOOKS, fault: 401, times: 1 });
  const renewed = await forgotten.scan({ collectors: ['members', 'webhooks'], config: APP_ALONE });
  expect(asksOf(forgotten, ACCESS_TOKEN)).toHaveLength(2);
  expect(new Set(asksOf(forgotten, HOOKS).map(({ headers }) => headers.authorization)).size).toBe(2);
  expect(gapsIn(renewed)).toEqual([]);
  expect(factsOf(renewed, 'webhooks').length).toBeGreaterThan(0);

  const refused = await openWorld('github');
  refused.provider.faults.add({ operation: HOOKS, fault: 401 });
  const lost = await refused.scan({ collectors: ['webhooks'], config: APP_ALONE });
  expect(asksOf(refused, ACCESS_TOKEN)).toHaveLength(2);
  expect(asksOf(refused, HOOKS)).toHaveLength(2);
  expect(gapsIn(lost).map(({ collector }) => collector)).toEqual(['webhooks']);
});

statement('C-24', async () => {
  const world = await openWorld('github');
  await world.scan();
  world.provider.faults.add({ operation: HOOKS, fault: 401, times: 1 });
  world.provider.faults.add({ operation: MEMBERS, fault: 503, times: 1 });
  await world.scan({ night: 1 });
  expect((await byProgram(world, { pace: { perSecond: 1000, inFlight: 4 } }, 'doctor')).code).toBe(0);
  const others = world.asked.filter(({ method }) => method !== 'GET');
  expect(new Set(others.map(({ method, operation }) => `${method} ${operation}`))).toEqual(
    new Set([`POST ${ACCESS_TOKEN}`, `POST ${GRAPHQL}`]),
  );
  for (const { body } of asksOf(world, GRAPHQL)) {
    const { query } = JSON.parse(body) as { query: string };
    expect(query).toMatch(/^\s*(query\b|\{)/);
    expect(query).not.toMatch(/\b(mutation|subscription)\b/);
  }
  for (const { body } of asksOf(world, ACCESS_TOKEN)) expect(body).not.toContain('write');
});

statement('C-25', async () => {
  const world = await openWorld('github');
  const mark = (of: string) => `planted-${of}-5f2d9c`;
  const variables = (extra: object[]) =>
    ok({
      total_count: 1 + extra.length,
      variables: [{ ...secret('OPENAI_BASE_URL'), value: mark('variable') }, ...extra],
    });
  for (const store of ['actions', 'agents']) world.plant(`GET /orgs/{org}/${store}/variables`, () => variables([]));
  // The one is well-formed, the others are not: what is wrong about them must not be told by showing them.
  world.plant('GET /repos/{owner}/{repo}/actions/variables', () =>
    variables([{ ...secret('X'), name: { text: 7 }, value: mark('misshapen') }]),
  );
  world.plant(HOOKS, () => ok([hook(1, `https://api.coderabbit.ai/in?token=${mark('query')}#${mark('fragment')}`, mark('hook'))]));
  world.plant('GET /repos/{owner}/{repo}/hooks', () => ok([hook(2, `not an address?${mark('query')}`, mark('hook'))]));
  world.plant('GET /orgs/{org}/secret-scanning/alerts', (_request, _nth, usual) => {
    const rows = usual().body as { number: number }[];
    return ok(rows.map((row, place) => ({ ...row, secret: mark('alert'), ...(place === 2 && { created_at: { secret: mark('alert') } }) })));
  });
  const servers = {
    remote: {
      type: 'http',
      url: `https://mcp.notion.com/mcp?key=${mark('query')}`,
      headers: { Authorization: `Bearer ${mark('header')}` },
    },
    local: { command: 'npx', args: ['-y', 'docs-server'], env: { API_KEY: mark('env') } },
  };
  const odd = { odd: { command: 7, env: [mark('env')], headers: mark('header') } };
  world.plant(GRAPHQL, (_request, _nth, usual) =>
    changed(usual, ({ data }) => {
      for (const [place, node] of data.organization.repositories.nodes.entries()) {
        const named = place === 0 ? servers : odd;
        for (const name of Object.keys(node).filter((key) => /mcp/i.test(key)))
          node[name] = { isBinary: false, isTruncated: false, text: JSON.stringify({ mcpServers: named, servers: named }) };
      }
    }),
  );
  const night = await world.scan();
  const seen = new Set(night.facts.map(({ subject }) => subject.name));
  for (const name of ['OPENAI_BASE_URL', 'api.coderabbit.ai', 'OpenAI API Key']) expect([...seen]).toContain(name);
  expect(night.facts.filter(({ thing }) => thing.includes('/mcp/')).length).toBeGreaterThan(1);
  // What is misshapen was met, and set aside.
  for (const collector of ['repository_settings', 'leaked_secrets']) expect(gapsIn(night).map((gap) => gap.collector)).toContain(collector);
  expect(asksOf(world, 'GET /repos/{owner}/{repo}/hooks').length).toBeGreaterThan(0);
  expect(asksOf(world, 'GET /orgs/{org}/secret-scanning/alerts').every(({ url }) => url.searchParams.get('hide_secret') === 'true')).toBe(
    true,
  );

  const finding = night.findings.find(({ name }) => name.includes('coderabbit')) ?? night.findings[0]!;
  const commands = [
    ['coverage', '--format', 'json'],
    ['findings', '--format', 'json'],
    ['diff', '--format', 'json'],
    ['show', finding.key, '--format', 'json'],
    ['query', 'SELECT * FROM integrations', '--format', 'json'],
  ];
  const whole = await byProgram(world, { pace: { perSecond: 1000, inFlight: 4 }, collectors: await only(world, ...collectorsOf(night)) });
  const printed = [whole.stdout, whole.stderr, whole.written];
  for (const command of commands) {
    const { stdout, stderr } = await world.cli(command);
    printed.push(stdout, stderr);
  }
  expect(printed.join('')).toContain('OPENAI_BASE_URL');
  const all = `${world.written()}${printed.join('\n')}`;
  for (const of of ['variable', 'misshapen', 'query', 'fragment', 'hook', 'alert', 'header', 'env'])
    for (const form of formsOf(mark(of))) expect(all.includes(form), `${of} as ${form}`).toBe(false);
});

statement('C-26', async () => {
  const store = await listen();
  const world = await openWorld('github');
  const signature = 'planted-signature-8c1f';
  const reports = ['organization-28-day/latest', 'users-28-day/latest', 'organization-1-day', 'users-1-day'];
  const link = `http://127.0.0.1:${store.port}/report.ndjson?sig=${signature}`;
  const answer = ok({ download_links: [link], report_day: '2026-11-20', report_start_day: '2026-10-24', report_end_day: '2026-11-20' });
  plantOneOf(
    world,
    reports.map((report) => `GET /orgs/{org}/copilot/metrics/reports/${report}`),
    () => answer,
  );
  await world.scan();
  expect(store.heard.filter((line) => line.includes(signature))).not.toEqual([]);
  expect(store.credentials).toEqual([]);
  const { stdout, stderr, written } = await byProgram(world, { pace: { perSecond: 1000, inFlight: 4 } });
  expect(`${world.written()}${stdout}${stderr}${written}`).not.toContain(signature);
});

statement('C-27', async () => {
  const world = await openWorld('github');
  const collectors = ['app_installations'];
  const list = (...apps: { id: number; appId: number; slug: string }[]) =>
    world.plant(INSTALLATIONS, () => ok({ total_count: apps.length, installations: apps.map((app) => installation(app)) }));
  list({ id: 501, appId: 484_649, slug: 'qodo-merge-pro' });
  const first = await world.scan({ collectors });
  expect(first.findings.map(({ rule, appId }) => [rule, appId])).toEqual([['unapproved-ai-tool', '484649']]);

  list({ id: 501, appId: 484_649, slug: 'some-other-name' });
  const renamed = await world.scan({ collectors, night: 1 });
  expect(renamed.changes.map((change) => [change.class, change.name])).toEqual([['changed', 'some-other-name']]);
  expect(openKeys(renamed)).toEqual(openKeys(first));
  expect(renamed.facts).toHaveLength(1);
  expect(JSON.stringify(renamed.facts[0])).toContain('"501"');

  // The name without the id is another app.
  list({ id: 777, appId: 90_555_001, slug: 'some-other-name' });
  const other = await world.scan({ collectors, night: 2 });
  expect(other.changes.map((change) => change.class).toSorted()).toEqual(['appeared', 'gone']);
  expect(Object.fromEntries(other.facts.map(({ subject, state }) => [subject.app, state]))).toEqual({
    484649: 'gone',
    90555001: 'present',
  });
});

statement('C-28', async () => {
  const world = await openWorld('github');
  const permissions = { contents: 'read', quantum_widgets: 'admin', organization_agent_variables: 'write', workflows: 'sometimes' };
  world.plant(INSTALLATIONS, () =>
    ok({ total_count: 1, installations: [installation({ id: 1, appId: 347_564, slug: 'coderabbitai', permissions })] }),
  );
  world.plant('GET /orgs/{org}/personal-access-tokens', (_request, _nth, usual) => {
    const [row] = usual().body as object[];
    return ok([
      { ...row, permissions: { organization: { new_thing: 'read' }, repository: { quantum_widgets: 'write' }, other: { gists: 'write' } } },
    ]);
  });
  const night = await world.scan({ collectors: ['app_installations', 'personal_access_tokens'] });
  expect(gapsIn(night)).toEqual([]);
  expect(factsOf(night, 'app_installations')[0]!.permissions.toSorted()).toEqual(
    Object.entries(permissions)
      .map(([name, access]) => `${name}:${access}`)
      .toSorted(),
  );
  const token = factsOf(night, 'personal_access_tokens')[0]!.permissions.join(' ');
  for (const name of ['new_thing:read', 'quantum_widgets:write', 'gists:write']) expect(token).toContain(name);
});

statement('C-29', async () => {
  const { listed, proposed } = await botOnBothSides();
  expect(proposed.map(({ principal }) => principal?.id)).toEqual(proposed.map(() => listed.principal!.id));
});

test("GraphQL's name of a bot is stored in REST's form", async () => {
  const { listed, proposed } = await botOnBothSides();
  expect(proposed.map(({ principal }) => principal?.name)).toEqual(proposed.map(() => listed.principal!.name));
});

/** A bot that is listed as a member, and that proposes changes. */
async function botOnBothSides(): Promise<{ listed: Fact; proposed: Fact[] }> {
  const world = await openWorld('github');
  const bot = account('devin-ai-integration[bot]', 158_243_242, 'Bot');
  const author = { __typename: 'Bot', login: 'devin-ai-integration', databaseId: bot.id, id: 'BOT_kgDOCW6Zeg' };
  const proposal = { createdAt: '2026-11-01T08:00:00Z', mergedAt: null, reviewDecision: null, author };
  world.plant(MEMBERS, () => ok([account('mara', 1), bot]));
  world.plant(GRAPHQL, (_request, _nth, usual) =>
    changed(usual, ({ data }) => {
      for (const node of data.organization.repositories.nodes) if (node['pullRequests']) node['pullRequests'] = { nodes: [proposal] };
    }),
  );
  const night = await world.scan({ collectors: ['members', 'code_authors'] });
  const listed = factsOf(night, 'members').find(({ thing }) => thing.endsWith(String(bot.id)))!;
  expect(listed.principal!.traits).toContain('bot_account');
  const proposed = factsOf(night, 'code_authors').filter(({ subject }) => subject.app.includes('devin'));
  expect(proposed.length).toBeGreaterThan(0);
  return { listed, proposed };
}

statement('C-30', async () => {
  const { world, lift } = await limitedAtThirdPage();
  const stopped = await world.scan({ collectors: ['members'], config: APP_ALONE });
  expect(gapsIn(stopped).map(({ collector, reason }) => [collector, reason])).toEqual([['members', 'rate_limited']]);
  expect(factsOf(stopped, 'members')).toHaveLength(200);
  expect(stopped.source.state).toBe('partly');

  lift();
  const before = world.asked.length;
  const resumed = await world.scan({ collectors: ['members'], config: APP_ALONE });
  expect(factsOf(resumed, 'members').map(({ state }) => state)).toEqual(range(1, 250).map(() => 'present'));
  expect(gapsIn(resumed)).toEqual([]);
  expect(pagesSince(world, before)).toEqual(['3']);
});

test('a scan that is interrupted while it waits for a limit goes on from the page that it waited for', async () => {
  const { world, lift } = await limitedAtThirdPage();
  const interrupted = new AbortController();
  const scan = world.scan({ collectors: ['members'], config: APP_ALONE, speed: 10, signal: interrupted.signal });
  await vi.waitFor(() => expect(asksOf(world, MEMBERS)).toHaveLength(3), { timeout: 10_000, interval: 5 });
  interrupted.abort();
  await scan.catch(() => undefined);

  lift();
  const before = world.asked.length;
  const resumed = await world.scan({ collectors: ['members'], config: APP_ALONE });
  expect(factsOf(resumed, 'members').map(({ state }) => state)).toEqual(range(1, 250).map(() => 'present'));
  expect(gapsIn(resumed)).toEqual([]);
  expect(pagesSince(world, before)).toEqual(['3']);
});

/** 250 members on three pages; the third is limited until that is lifted. */
async function limitedAtThirdPage(): Promise<{ world: World; lift(): void }> {
  const world = await openWorld('github');
  const people = range(1, 250).map((id) => account(`person-${id}`, id));
  let limited = true;
  world.plant(MEMBERS, (request) => {
    const page = Number(request.url.searchParams.get('page') ?? 1);
    if (limited && page === 3) return refusal(429, 'You have exceeded a secondary rate limit.', { 'retry-after': '60' });
    const next = linked({ next: `${world.provider.url}/organizations/17515872/members?per_page=100&page=${page + 1}` });
    return ok(people.slice((page - 1) * 100, page * 100), page < 3 ? next : {});
  });
  return { world, lift: () => void (limited = false) };
}

function pagesSince(world: World, before: number): (string | null)[] {
  const asked = world.asked.slice(before).filter(({ operation }) => operation === MEMBERS);
  return asked.map(({ url }) => url.searchParams.get('page'));
}

statement('C-31', async () => {
  // A thousand repositories.
  const { sent, formula } = await costOf(1429);
  expect(sent, `${formula} by the formula`).toBeLessThanOrEqual(Math.floor(formula * 1.05));
});

/** What a scan of a company of that size costs with all that is on by default, and what it may. */
async function costOf(people: number): Promise<{ sent: number; formula: number }> {
  const world = await openWorld('github', { people });
  expect((await byProgram(world, { pace: { perSecond: 1000, inFlight: 10 } })).code).toBe(0);
  const sizes = world.provider.sizes();
  const further = (rows: number) => Math.max(0, Math.ceil(rows / 100 - 1));
  const unknown = world.provider.expected().filter(({ kind, ids }) => kind === 'app_installation' && !LISTED_APPS.has(ids[0]!));
  const lists = further(sizes['members']!) + further(sizes['seats']!) + further(sizes['alerts']!);
  const single = unknown.length + sizes['subset_tokens']! + SELECTED_AI_SECRETS;
  return { sent: world.asked.length, formula: 35 + lists + single + 2 * Math.ceil(sizes['repositories']! / 25) };
}

/** Of the apps of this world, those that the facts list by their id; of the others one asks what they are. */
const LISTED_APPS = new Set('1210556 347564 1236702 1144995 946600 956858 484649 1066231 1027498 48477 158384'.split(' '));
/** Secrets of the organisation that are named after AI and shown to chosen repositories. */
const SELECTED_AI_SECRETS = 4;

/** GitHub's headers of a limit that is used up until so many seconds after the first night's scan began. */
function usedUp(seconds: number): Record<string, string> {
  const began = dawn(smallCompany(12), 0);
  return {
    date: began.toUTCString(),
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(began.getTime() / 1000 + seconds),
  };
}

/** Plants one bad answer for the webhooks, and good ones after it. */
async function struckOnce(bad: ReturnType<typeof refusal>, speed: number): Promise<{ world: World; night: Night }> {
  const world = await openWorld('github');
  world.plant(HOOKS, (_request, nth) => (nth === 1 ? bad : ok([hook(1, 'https://api.coderabbit.ai/in')])));
  return { world, night: await world.scan({ collectors: ['webhooks'], config: APP_ALONE, speed }) };
}

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

/** Gaps that no set-up would avoid are there in every scan. */
function gapsIn(night: Night): Night['gaps'] {
  return night.gaps.filter(({ byDesign }) => !byDesign);
}

function factsOf(night: Night, collector: string): Fact[] {
  return night.facts.filter((fact) => fact.collector === collector);
}

function collectorsOf(night: Night): string[] {
  return [...new Set(night.facts.map(({ collector }) => collector))];
}

function namesIn(night: Night, collector: string): string[] {
  return factsOf(night, collector)
    .map(({ principal, subject }) => principal?.name ?? subject.name)
    .toSorted();
}

/** What a fact says, without the address at which this simulated GitHub happens to be. */
function told({ thing, scope, state, subject, permissions, signals }: Fact): object {
  return { thing, scope, state, subject, permissions, signals };
}

function openKeys(night: Night): string[] {
  return night.findings.map(({ key }) => key).toSorted();
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, place) => from + place);
}

function html(status: number) {
  return { status, headers: { 'content-type': 'text/html' }, body: '<html><head><title>502 Bad Gateway</title></head></html>' };
}

/** Runs Noctule as a user does, with members of the source's configuration that the connector itself does not see. */
async function byProgram(
  world: World,
  more: Readonly<Record<string, unknown>>,
  verb: 'scan' | 'doctor' = 'scan',
): Promise<Ended & { written: string }> {
  const folder = newFolder();
  const file = writeConfig(folder, { github: { ...world.provider.config, ...more } });
  const summary = verb === 'scan' ? ['--summary', join(folder, 'summary.json')] : [];
  const ended = await noctule([verb, '--config', file, ...summary], { cwd: folder, env: world.provider.environment });
  return { ...ended, written: bytesBelow(folder) };
}

/** Which collectors are on, in the words of the configuration. */
async function only(world: World, ...chosen: string[]): Promise<Record<string, boolean>> {
  const { connector } = await sourceOf({ name: 'github', config: world.provider.config });
  return Object.fromEntries(connector.collectors.map(({ id }) => [id, chosen.includes(id)]));
}

/** Stands between Noctule and the simulated GitHub, and leaves without an answer what is `lost`; `nth` counts a path's requests. */
async function standIn(target: string, lost: (path: string, nth: number) => boolean) {
  const heard: { path: string; body: string }[] = [];
  const bodies = (path: string) => heard.filter((other) => other.path === path);
  const server = createServer((incoming, outgoing) => {
    void text(incoming).then((body) => {
      const path = incoming.url ?? '/';
      heard.push({ path, body });
      if (lost(path, bodies(path).length)) return;
      const passed = forward(`${target}${path}`, { method: incoming.method!, headers: incoming.headers }, (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      });
      passed.end(body);
    });
  });
  return { url: `http://127.0.0.1:${await portOf(server)}`, bodies };
}

/** The port on which a server hears until the test ends. */
async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Plants for whichever of these operations there are; without any, nothing of it can be asked for. */
function plantOneOf(world: World, operations: readonly string[], answer: PlantedAnswer): void {
  const missing: unknown[] = [];
  for (const operation of operations) {
    try {
      world.plant(operation, answer);
    } catch (error) {
      missing.push(error);
    }
  }
  if (missing.length === operations.length) throw new AggregateError(missing, `not built: ${operations.join(', ')}`);
}

/** A server that is not GitHub, and what was sent to it. */
async function listen(): Promise<{ port: number; heard: string[]; credentials: string[] }> {
  const heard: string[] = [];
  const credentials: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}`);
    if (request.headers.authorization) credentials.push(request.headers.authorization);
    response.end('[]');
  });
  server.on('connection', () => heard.push('connection'));
  return { port: await portOf(server), heard, credentials };
}
