/* oxlint-disable vitest/no-standalone-expect -- a statement is a test, and what is said above says it once */
import { expect, test, vi } from 'vitest';
import { dawn, smallCompany, sourceOf } from '../../scan/night.ts';
import { openWorld, statementsOf, type Night, type World } from '../world.ts';
import { gapsIn, factsOf, told, range } from './nights.ts';
import { byProgram, only } from './program.ts';
import { account, hook } from './rows.ts';
import {
  ACCESS_TOKEN,
  APP_ALONE,
  asksOf,
  GRAPHQL,
  HOOKS,
  INSTALLATIONS,
  linked,
  MEMBERS,
  ok,
  pauses,
  plantOneOf,
  refusal,
  RUNNERS,
  SEATS,
  SECRETS,
} from './wire.ts';

/** How GitHub's limits are kept: waits, paces, and how much is asked at all. Each of the numbered statements is a planted case. */
const statement = statementsOf('github');

statement(
  'C-07',
  async () => {
    // Longer than anybody likes to wait: whoever gives up may, and whoever asks again waits so long.
    for (const status of [403, 429]) {
      const { world, night } = await struckOnce(refusal(status, 'Server is busy', { 'retry-after': '20000' }), 40_000);
      const waits = pauses(asksOf(world, HOOKS));
      const isGivenUp = gapsIn(night).some(({ reason }) => reason === 'rate_limited');
      expect(waits).toHaveLength(isGivenUp ? 0 : 1);
      for (const wait of waits) expect(wait, 'of 500 milliseconds').toBeGreaterThanOrEqual(495);
    }
    await obeysRetryAfter();
  },
  { retry: 2 },
);

test('a retry-after of up to an hour is waited for, whatever status and message it comes with', async () => {
  const { world } = await struckOnce(refusal(403, 'Server is busy', { 'retry-after': '3600' }), 10_000);
  expect(pauses(asksOf(world, HOOKS))[0]).toBeGreaterThanOrEqual(355);
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

statement(
  'C-08',
  async () => {
    for (const waits of await Promise.all([403, 429].map(waitsOfSecondaryLimit)))
      for (const [place, wait] of waits.slice(1).entries()) expect(wait / waits[place]!, waits.join(' ')).toBeGreaterThan(1.6);
    await waitsForTheReset();
  },
  { retry: 2 },
);

async function waitsForTheReset(): Promise<void> {
  const { world, night } = await struckOnce(refusal(403, 'API rate limit exceeded for installation ID 1.', usedUp(700)), 1000);
  const waits = pauses(asksOf(world, HOOKS));
  expect(waits).toHaveLength(1);
  expect(waits[0]).toBeGreaterThanOrEqual(690);
  expect(waits[0]).toBeLessThan(3000);
  expect(gapsIn(night)).toEqual([]);
}

/** Milliseconds between attempts, of which four are a second for Noctule. */
async function waitsOfSecondaryLimit(status: number): Promise<number[]> {
  const world = await openWorld('github');
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  world.plant(HOOKS, () => refusal(status, message, { 'x-ratelimit-remaining': '4000' }));
  const night = await world.scan({ collectors: ['webhooks'], config: APP_ALONE, speed: 250 });
  const waits = pauses(asksOf(world, HOOKS));
  expect(waits.length, 'it is tried again').toBeGreaterThanOrEqual(2);
  expect(waits.length, 'and not for ever').toBeLessThanOrEqual(10);
  expect(waits[0]).toBeGreaterThanOrEqual(235);
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

statement(
  'C-18',
  async () => {
    // One of two that are read at once has to wait for a minute; the other does not.
    const [held, free] = [await openWorld('github'), await openWorld('github')];
    held.plant(HOOKS, (_request, nth, usual) => (nth === 1 ? refusal(429, 'Slow down', { 'retry-after': '60' }) : usual()));
    const ends: string[] = [];
    const waiting = held.scan({ collectors: ['webhooks'], config: APP_ALONE, speed: 20 }).then((night) => (ends.push('held'), night));
    await vi.waitFor(() => expect(asksOf(held, HOOKS)).toHaveLength(1), { timeout: 60_000, interval: 5 });
    const night = await free.scan({ collectors: ['webhooks', 'members', 'app_installations'], config: APP_ALONE });
    ends.push('free');
    expect(gapsIn(await waiting)).toEqual([]);
    expect(gapsIn(night)).toEqual([]);
    expect(ends).toEqual(['free', 'held']);
    expect(asksOf(held, HOOKS)).toHaveLength(2);
    expect(pauses(asksOf(held, HOOKS))[0]).toBeGreaterThanOrEqual(2950);
  },
  { retry: 2 },
);

statement(
  'C-19',
  async () => {
    // The wait is the one that GitHub asked for: neither added to another, nor taken for a number of tries.
    for (const seconds of [60, 200]) {
      const { world } = await struckOnce(refusal(429, 'Too many requests', { 'retry-after': String(seconds) }), 200);
      const waits = pauses(asksOf(world, HOOKS));
      expect(waits).toHaveLength(1);
      expect(waits[0]).toBeGreaterThanOrEqual(seconds * 5 - 5);
      expect(waits[0]).toBeLessThan(seconds * 5 * 1.9);
    }
  },
  { retry: 2 },
);

statement(
  'C-20',
  async () => {
    const world = await openWorld('github', { people: 80 });
    plantOneOf(world, ['GET /search/code'], () => ok({ total_count: 0, incomplete_results: false, items: [] }));
    await world.scan({ speed: 1000 });
    const at = asksOf(world, 'GET /search/code').map((asked) => asked.at);
    expect(at.length).toBeGreaterThan(0);
    // The eleventh after a minute, which is 60 milliseconds here.
    for (const [place, time] of at.slice(10).entries()) expect(time - at[place]!).toBeGreaterThanOrEqual(58);
  },
  { retry: 2 },
);

statement(
  'C-21',
  async () => {
    const world = await openWorld('github', { people: 80 });
    const collectors = await only(world, 'code_files', 'code_authors');
    expect((await byProgram(world, { collectors })).code).toBe(0);
    const waits = pauses(asksOf(world, GRAPHQL));
    expect(waits.length).toBeGreaterThan(3);
    expect(Math.min(...waits), waits.map(Math.round).join(' ')).toBeGreaterThanOrEqual(950);
  },
  { retry: 2 },
);

statement('C-22', async () => {
  expect((await crowd({})).most).toBe(1);
  const { most, requests } = await crowd({ pace: { perSecond: 10_000, inFlight: 100 } });
  expect(requests).toBeGreaterThan(40);
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
  await vi.waitFor(() => expect(asksOf(world, MEMBERS)).toHaveLength(3), { timeout: 60_000, interval: 5 });
  interrupted.abort();
  await scan.catch(() => undefined);

  lift();
  const before = world.asked.length;
  const soon = new Date(dawn(smallCompany(12), 0).getTime() + 3_600_000);
  const resumed = await world.scan({ collectors: ['members'], config: APP_ALONE, from: soon });
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

test.each([142, 286, 400])('a scan of a company of %i people, too, stays within the formula and a twentieth', async (people) => {
  const { sent, formula } = await costOf(people);
  expect(sent, `${formula} by the formula`).toBeLessThanOrEqual(Math.floor(formula * 1.05));
});

test.each([12, 60])('a scan of a company of %i people sends this beyond the formula, and nothing else', async (people) => {
  const { asked, own } = await costOf(people);
  for (const operation of FIXED) own[operation] = 1;
  const beyond: Record<string, number> = {};
  for (const name of asked.map(nameOf)) beyond[name] = (beyond[name] ?? -(own[name] ?? 0)) + 1;
  expect(Object.fromEntries(Object.entries(beyond).filter(([, number]) => number > 0))).toEqual({
    // They open the connection.
    'GET /app/installations': 1,
    [ACCESS_TOKEN]: 1,
    // As whom the identity provider knows the members.
    ExternalIdentities: 1,
    // The formula has the pages of apps that nobody knows. Those of the others tell which permissions wait for consent.
    'GET /apps/{app_slug}': 9,
    // What a token that waits for consent would reach.
    'GET /orgs/{org}/personal-access-token-requests/{pat_request_id}/repositories': 1,
    // The formula reads them with the commits, 25 repositories a page; they are read 100 a page, and commits 50.
    DeployKeys: 1,
    // What a ruleset demands, and who need not keep it, its list does not say.
    'GET /orgs/{org}/rulesets/{ruleset_id}': 3,
  });
});

/** What of the formula's 35 requests of every scan is sent; the other twelve are of lists that are off or not read, and of single kinds of event. */
const FIXED = [
  'GET /orgs/{org}',
  INSTALLATIONS,
  'GET /orgs/{org}/personal-access-tokens',
  'GET /orgs/{org}/personal-access-token-requests',
  'GET /orgs/{org}/credential-authorizations',
  HOOKS,
  MEMBERS,
  SECRETS,
  'GET /orgs/{org}/dependabot/secrets',
  'GET /orgs/{org}/codespaces/secrets',
  'GET /orgs/{org}/agents/secrets',
  'GET /orgs/{org}/actions/variables',
  'GET /orgs/{org}/agents/variables',
  SEATS,
  'GET /orgs/{org}/copilot/billing',
  'GET /orgs/{org}/copilot/coding-agent/permissions',
  'GET /orgs/{org}/copilot/content_exclusion',
  'GET /orgs/{org}/actions/permissions',
  'GET /orgs/{org}/actions/permissions/workflow',
  RUNNERS,
  'GET /orgs/{org}/secret-scanning/alerts',
  'GET /orgs/{org}/rulesets',
  'GET /orgs/{org}/audit-log',
];

/** Of a query its own name. */
function nameOf({ operation = '', body }: World['asked'][number]): string {
  return operation === GRAPHQL ? /^query (\w+)/.exec((JSON.parse(body) as { query: string }).query)![1]! : operation;
}

/** What a scan of a company of that size costs with all that is on by default, and what it may; `own` = the part that is of this organisation's own. */
async function costOf(people: number) {
  const world = await openWorld('github', { people });
  const { connector } = await sourceOf({ name: 'github', config: world.provider.config });
  const night = await world.scan({ collectors: connector.collectors.filter(({ optional }) => !optional).map(({ id }) => id) });
  expect(gapsIn(night)).toEqual([]);
  const sizes = world.provider.sizes();
  const further = (rows: number) => Math.max(0, Math.ceil(rows / 100 - 1));
  const unknown = world.provider.expected().filter(({ kind, ids }) => kind === 'app_installation' && !LISTED_APPS.has(ids[0]!));
  const pages = Math.ceil(sizes['repositories']! / 25);
  const own: Record<string, number> = {
    'GET /apps/{app_slug}': unknown.length,
    'GET /orgs/{org}/personal-access-tokens/{pat_id}/repositories': sizes['subset_tokens']!,
    ...Object.fromEntries(SELECTED_AI_SECRETS.map((store) => [`GET /orgs/{org}/${store}/secrets/{secret_name}/repositories`, 1])),
    CodeFiles: pages,
    CodeAuthors: pages,
  };
  const lists = further(sizes['members']!) + further(sizes['seats']!) + further(sizes['alerts']!);
  // How often a token is renewed is a matter of time, which runs faster here than the machine.
  const renewals = asksOf(world, ACCESS_TOKEN).length - 1;
  const formula = 35 + lists + Object.values(own).reduce((sum, each) => sum + each, 0);
  return { sent: world.asked.length - renewals, formula, asked: world.asked, own };
}

/** Of the apps of this world, those that the facts list by their id; of the others one asks what they are. */
const LISTED_APPS = new Set('1210556 347564 1236702 1144995 946600 956858 484649 1066231 1027498 48477 158384'.split(' '));
/** Where the organisation has a secret that is named after AI and shown to chosen repositories. */
const SELECTED_AI_SECRETS = ['actions', 'dependabot', 'codespaces', 'agents'];

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
