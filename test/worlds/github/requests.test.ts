/* oxlint-disable vitest/no-standalone-expect -- a statement is a test, and what is said above says it once */
import { expect, onTestFinished, test, vi } from 'vitest';
import { openWorld, statementsOf } from '../world.ts';
import { gapsIn, factsOf, namesIn, told } from './nights.ts';
import { LARGEST_PAGES } from './pages.ts';
import { byProgram } from './program.ts';
import { account, hook, installation } from './rows.ts';
import { listen } from './servers.ts';
import {
  ACCESS_TOKEN,
  addressOf,
  asksOf,
  GRAPHQL,
  linked,
  ok,
  OPENING,
  refusal,
  APP_ALONE,
  HOOKS,
  INSTALLATIONS,
  MEMBERS,
} from './wire.ts';

/** How GitHub is asked: headers, pages, addresses, tokens, and that nothing is written. Each of the numbered statements is a planted case. */
const statement = statementsOf('github');

/** Files of reports are on a host of their own, which is no API. */
const isRest = ({ operation }: { operation: string | undefined }) => operation !== GRAPHQL && operation !== 'GET copilot-reports/{+file}';

statement('C-01', async () => {
  for (const plan of ['saml', 'server'] as const) {
    const world = await openWorld('github', { plan } as object);
    await world.scan();
    const rest = world.asked.filter(isRest);
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
  const rest = world.asked.filter(isRest);
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
  moved.plant('POST /graphql', (_request, _nth, usual) => {
    const answer = usual();
    const { data } = answer.body as {
      data: { organization: { repositories: { nodes: { nameWithOwner: string; databaseId: number }[] } } };
    };
    for (const { nameWithOwner, databaseId } of data.organization.repositories.nodes) ids.set(nameWithOwner.split('/')[1]!, databaseId);
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
