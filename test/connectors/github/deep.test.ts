import { afterEach, describe, expect, test } from 'vitest';
import { fake, type GithubFake, type GithubOptions } from '../../../connectors/github/fake/index.ts';
import { planText } from '../../../src/commands/plan.ts';
import type { Source } from '../../../src/scan/engine.ts';
import { createCompany, type Company } from '../../../src/testing/company.ts';
import { factsOf, find, requestsOf } from '../../../src/testing/contract/facts.ts';
import { seededRandom } from '../../../src/testing/random.ts';
import { runConnector, type RunOptions } from '../../../src/testing/runner.ts';
import { openStore } from '../../../src/store/store.ts';
import { runScan } from '../../../src/scan/engine.ts';
import { companyDay, dawn, scanOptions, sourceOf, TENANT } from '../../scan/night.ts';
import { rowsOf } from '../../store/logical-dump.ts';
import { temporaryFolder } from '../../store/facts.ts';

const file = temporaryFolder();
const open: GithubFake[] = [];
afterEach(async () => {
  for (const github of open.splice(0)) await github.close();
});

interface Organization {
  company: Company;
  github: GithubFake;
  source: Source;
  path: string;
}

/** An organisation that is read deeply, and by nothing else; its repositories are seven tenths of its people. */
async function organization(people: number, options: GithubOptions & { config?: object } = {}): Promise<Organization> {
  const company = createCompany({ people, today: companyDay() });
  const github = await fake.start(company, options);
  open.push(github);
  const source = await sourceOf({ name: 'github', config: { ...github.config, profile: 'deep', ...options.config } });
  const collectors = Object.fromEntries(source.connector.collectors.map(({ id }) => [id, id === 'repository_settings']));
  // Several repositories at once, which has to change nothing.
  return { company, github, source: { ...source, collectors, pace: { ...source.pace, inFlight: 4 } }, path: file() };
}

/** The repositories that were read in a night, in order, by their numbers. */
async function night(
  { company, github, source, path }: Organization,
  number: number,
  random?: () => number,
  largestPage?: number,
): Promise<number[]> {
  github.night(number);
  const from = github.requests.length;
  const store = openStore(path);
  const options = scanOptions(store, {
    sources: [source],
    environment: github.environment,
    from: dawn(company, number),
    interest: () => 'ai',
    ...(largestPage !== undefined && { largestPage }),
  });
  try {
    const { sources } = await runScan({ ...options, ...(random && { random }) });
    expect(sources.flatMap(({ bugs }) => bugs)).toEqual([]);
  } finally {
    await store.close();
  }
  return github.requests
    .slice(from)
    .flatMap(({ path: asked }) => /-(\d+)\/actions\/secrets$/.exec(asked)?.[1] ?? [])
    .map(Number);
}

const states = (path: string) =>
  rowsOf<{ id: string; state: string }>(path, 'SELECT native_id AS id, state FROM observation').map(
    ({ id, state }) => [id, state] as const,
  );
const gaps = (path: string) =>
  rowsOf<{ scope: string; reason: string; effect: string }>(
    path,
    'SELECT scope, reason, effect FROM gaps WHERE scan = (SELECT max(id) FROM scan) ORDER BY scope',
  );
const count = (rows: readonly (readonly [string, string])[], state: string) => rows.filter(([, each]) => each === state).length;

describe('a budget', () => {
  test('reads the most recently pushed first, goes on with the rest, and then with what was read the longest ago', async () => {
    const of = await organization(20, { plan: 'team', config: { deep: { maxRequests: 100 } } });
    const nights = [await night(of, 0), await night(of, 1), await night(of, 2)];
    // Fourteen repositories, of which one in three has two environments and takes four requests more.
    expect(nights[0]!.slice(0, 3)).toEqual([0, 1, 2]);
    expect(nights[0]!.length).toBeGreaterThan(6);
    expect(nights[0]!.length).toBeLessThan(14);
    expect([...nights[0]!, ...nights[1]!].slice(0, 14).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, index) => index));
    // The second night came as far as here in the order of the first.
    expect(nights[2]![0]).toBe(nights[0]![nights[0]!.length + nights[1]!.length - 14]);
  });

  test('says what it left over, and closes nothing of it', async () => {
    const of = await organization(20, { plan: 'team', config: { deep: { maxRequests: 100 } } });
    const read = await night(of, 0);
    const left = 14 - read.length;
    expect(gaps(of.path)).toEqual([
      {
        scope: expect.stringMatching(/^organization\/\d+\/repositories$/),
        reason: 'over_budget',
        effect: `What single repositories are set to is unknown for ${left} of 14 repositories: the source allows 100 requests a night, and the next goes on with them`,
      },
    ]);
    await night(of, 1);
    const rows = states(of.path);
    expect(count(rows, 'gone')).toBe(0);
    expect(count(rows, 'unverified')).toBeGreaterThan(0);
  });

  test('that is large enough leaves nothing over', async () => {
    const of = await organization(20, { plan: 'team' });
    expect(await night(of, 0)).toHaveLength(14);
    expect(gaps(of.path)).toEqual([]);
    expect(await night(of, 1)).toHaveLength(14);
  });

  test('sends no more than it allows, by what one repository takes', async () => {
    const of = await organization(60, { plan: 'team', config: { deep: { maxRequests: 150 } } });
    await night(of, 0);
    // Up to four requests of each repository are known only when its environments are.
    expect(of.github.requests.filter(({ path }) => path.startsWith('/repos/') || path.endsWith('/graphql')).length).toBeLessThanOrEqual(
      150 + 4 * 4,
    );
  });
});

describe('a list of repositories that changes between two of its pages', () => {
  /** Whatever `happens` after the first page of the second night. */
  async function changed(happens: (github: GithubFake, at: Date) => void) {
    const of = await organization(40, { plan: 'team' });
    expect(await night(of, 0, undefined, 10)).toHaveLength(28);
    const before = states(of.path);
    of.github.plant('POST /graphql', (_request, nth, usual) => {
      const answer = usual();
      if (nth === 1) happens(of.github, dawn(of.company, 1));
      return answer;
    });
    const read = await night(of, 1, undefined, 10);
    of.github.plant('POST /graphql', (_request, _nth, usual) => usual());
    return { of, before, read };
  }

  test('by a push closes nothing, is read whole, and what was pushed comes first', async () => {
    const { of, before, read } = await changed((github, at) => github.push(27, at));
    expect(states(of.path)).toEqual(before);
    expect(gaps(of.path)).toEqual([]);
    expect(read).toHaveLength(28);
    expect((await night(of, 2, undefined, 10))[0]).toBe(27);
  });

  test('by a new repository closes nothing, and has it too', async () => {
    const { of, before, read } = await changed((github) => github.add());
    const after = states(of.path);
    expect(count(after, 'present')).toBeGreaterThan(before.length);
    expect([count(after, 'gone'), gaps(of.path)]).toEqual([0, []]);
    expect(read).toContain(28);
  });

  test.each([3, 15])('by the end of repository %i closes nothing before a night in which it stands still', async (number) => {
    const { of, before } = await changed((github) => github.remove(number));
    const during = states(of.path);
    expect(count(during, 'gone')).toBe(0);
    expect(gaps(of.path).filter(({ scope }) => /^organization\/\d+\/repositories$/.test(scope))).toMatchObject([{ reason: 'truncated' }]);
    await night(of, 2, undefined, 10);
    const lost = count(states(of.path), 'gone');
    expect(lost).toBeGreaterThan(0);
    expect([count(states(of.path), 'present'), gaps(of.path)]).toEqual([before.length - lost, []]);
  });

  test('closes nothing where a repository takes the place of one that was passed over', async () => {
    const of = await organization(40, { plan: 'team' });
    await night(of, 0, undefined, 10);
    // The second page begins with what ended the first, and the total is the same.
    of.github.plant('POST /graphql', (request, _nth, usual) => {
      const answer = usual();
      const { repositories } = (answer.body as { data: { organization: { repositories: { nodes: object[] } } } }).data.organization;
      if (JSON.parse(request.body).variables.after === null) last = repositories.nodes.at(-1)!;
      else if (last) repositories.nodes[0] = last;
      return answer;
    });
    let last: object | undefined;
    await night(of, 1, undefined, 10);
    expect(count(states(of.path), 'gone')).toBe(0);
    expect(gaps(of.path).map(({ reason }) => reason)).toEqual(['truncated']);
  });
});

/** What a full night asks: the list, and of each repository. */
const OF_REPOSITORIES = /graphql$|^GET \/repos\//;
const OPEN = ['app:secrets:read', 'app:organization_administration:read'];

describe('a night by the audit log', () => {
  test('reads what the log names, the most recently pushed and a few by chance, and keeps the rest', async () => {
    const of = await organization(200);
    expect(await night(of, 0)).toHaveLength(140);
    const before = states(of.path);
    const at = new Date(dawn(of.company, 0).getTime() + 3_600_000);
    of.github.change({ repository: 70, secrets: [], at });
    of.github.change({ repository: 33, secrets: ['MISTRAL_API_KEY'], at });
    const read = await night(of, 1, seededRandom('a few'));
    expect(read.slice(0, 3).toSorted((a, b) => a - b)).toEqual([0, 33, 70]);
    expect(read).toHaveLength(3 + 5);
    const after = states(of.path);
    // Number 70 had one secret, number 33 had two, and has another.
    expect(count(after, 'gone')).toBe(3);
    expect(count(after, 'unverified')).toBe(0);
    expect(count(after, 'present')).toBe(before.length - 3 + 1);
    expect(gaps(of.path)).toEqual([]);
  });

  test('leaves the plan at what a full night sends, and once a week, when all is read, it is counted anew', async () => {
    const of = await organization(60);
    const planned = () => Number(/repository_settings +inventory +(\d+)/.exec(planText([of.source], of.path, TENANT))![1]);
    const sent = async (number: number) => {
      const before = of.github.requests.length;
      await night(of, number);
      return of.github.requests.slice(before).filter(({ operation }) => OF_REPOSITORIES.test(operation)).length;
    };
    const full = await sent(0);
    expect(planned()).toBe(full);
    of.github.remove(7);
    expect(await sent(1)).toBeLessThan(full / 2);
    expect(planned()).toBe(full);
    for (let each = 2; each < 7; each++) await sent(each);
    const again = await sent(7);
    expect(again).toBeLessThan(full);
    expect(again).toBeGreaterThan(full * 0.9);
    expect(planned()).toBe(again);
  });

  test('reads everything where the plan has no log', async () => {
    const of = await organization(20, { plan: 'team' });
    await night(of, 0);
    expect(await night(of, 1)).toHaveLength(14);
  });

  test('reads everything where the log cannot be read, or is not understood', async () => {
    for (const fault of [403, 500, 'html'] as const) {
      const of = await organization(20);
      await night(of, 0);
      of.github.faults.add({ operation: 'GET /orgs/{org}/audit-log', fault, where: 'environment' });
      expect(await night(of, 1), String(fault)).toHaveLength(14);
      expect(gaps(of.path), String(fault)).toEqual([
        {
          scope: expect.stringMatching(/^organization\/\d+\/repositories\/audit_log$/),
          reason: fault === 403 ? 'permission_denied' : 'provider_error',
          effect: expect.stringContaining('The audit log does not tell which repositories changed: all of them are read'),
        },
      ]);
      expect(count(states(of.path), 'present'), String(fault)).toBe(states(of.path).length);
    }
  });

  test('does not read everything for the sake of a permission that is lacking everywhere, and keeps its gaps', async () => {
    const of = await organization(100);
    for (const id of ['app:repository_hooks:read', 'token:repo']) of.github.revoke(id);
    await night(of, 0);
    const lacking = gaps(of.path);
    expect(lacking).toHaveLength(70);
    expect(await night(of, 1)).toHaveLength(1 + 5);
    expect(gaps(of.path).map(({ scope, reason }) => [scope, reason])).toEqual(lacking.map(({ scope, reason }) => [scope, reason]));
    // Once it is granted, all of these are read.
    of.github.restore('app:repository_hooks:read');
    expect(await night(of, 2)).toHaveLength(70);
    expect(gaps(of.path)).toEqual([]);
  });

  test('that misses one change in a hundred is found out within 30 nights, and nothing is closed wrongly', async () => {
    const random = seededRandom('one in a hundred');
    let found = 0;
    const companies = 10;
    for (let number = 0; number < companies; number++) {
      // One list of each repository is open, so that a night costs few requests.
      const of = await organization(400, { plan: 'server', config: { token: undefined } });
      for (const permission of of.github.permissions) if (!OPEN.includes(permission)) of.github.revoke(permission);
      const truth = new Map<string, number>();
      for (let each = 0; each < 30; each++) {
        await night(of, each, random);
        const expected = new Set(
          of.github.expected().flatMap(({ kind, ids }) => (kind === 'secret_name' && ids[1] === 'repository' ? [ids.join('/')] : [])),
        );
        expect(states(of.path).filter(([id, state]) => state === 'gone' && expected.has(id))).toEqual([]);
        if (rowsOf(of.path, 'SELECT 1 FROM reading WHERE withdrawn = 1').length > 0) {
          found++;
          break;
        }
        for (let event = 0; event < 20; event++) {
          const repository = Math.floor(random() * 280);
          const turn = (truth.get(String(repository)) ?? 0) + 1;
          truth.set(String(repository), turn);
          const at = new Date(dawn(of.company, each).getTime() + 10 * 3_600_000);
          of.github.change({ repository, secrets: random() < 0.3 ? [] : [`KEY_${turn}`], at, told: random() >= 0.01 });
        }
      }
      await open.pop()!.close();
    }
    expect(found / companies).toBeGreaterThanOrEqual(0.95);
  });
});

test('an App on selected repositories does not take them for all', async () => {
  const of = await organization(20, { selective: true });
  await night(of, 0);
  expect(gaps(of.path).map(({ reason, effect }) => [reason, effect])).toEqual([
    ['permission_denied', 'What single repositories are set to is unknown beyond those that the App is installed on'],
  ]);
});

test('a walk that is killed while it has read ahead goes on with what it had not kept, and knows all in the end', async () => {
  const { github, source } = await organization(200);
  const provider = { ...github, config: { ...github.config, profile: 'deep' } } as GithubFake;
  const read = async (more: RunOptions) =>
    find(
      await runConnector(source.connector, provider, { only: ['repository_settings'], largestPage: 100, inFlight: 4, ...more }),
      'repository_settings',
    );
  const whole = await read({});
  const checkpoints = whole.events.filter((event) => event.type === 'checkpoint');
  // Two pages, and twice the repositories between two checkpoints.
  expect(checkpoints).toHaveLength(4);
  // What the next night is planned by.
  expect(checkpoints.at(-1)!.sizes).toEqual({ deep_repositories: 140, repository_settings: requestsOf(whole) - 2 });
  let ahead = 0;
  for (const stopAfter of [1, 3]) {
    // One of them takes longer than those behind it.
    github.faults.add({ operation: 'GET /repos/{owner}/{repo}/actions/variables', fault: 500, nth: 78, times: 2 });
    const start = await read({ stopAfter });
    const cut = start.events.at(-1)!;
    if (cut.type !== 'checkpoint') throw new Error('It did not stop at a checkpoint');
    github.faults.clear();
    const rest = await read({ cursors: { repository_settings: cut.cursor } });
    expect(factsOf({ ...whole, events: [...start.events, ...rest.events] }), `killed after ${stopAfter}`).toEqual(factsOf(whole));
    ahead += requestsOf(start) + requestsOf(rest) - requestsOf(whole);
  }
  expect(ahead).toBeGreaterThan(0);
});
