import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fake } from '../../../connectors/github/fake/index.ts';
import { connector } from '../../../connectors/github/index.ts';
import { listRepositories, repositoryQuery } from '../../../connectors/github/repositories.ts';
import { ProviderFault, type Connector } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { runConnector, type CollectorRun } from '../../../src/testing/runner.ts';
import { startFakeServer, type FakeAnswer, type FakeServer } from '../../../src/testing/server.ts';

interface Variables {
  org: string;
  after: string | null;
  n: number;
  whole: boolean;
}

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Deploy keys of an organisation whose GraphQL answers as told. */
async function scan(
  answer: (asked: Variables, count: number) => FakeAnswer,
  options: { scopes?: string; base?: string; graphql?: string } = {},
): Promise<CollectorRun & { asked: Variables[] }> {
  const asked: Variables[] = [];
  const { base = '', graphql = '/graphql' } = options;
  server = await startFakeServer({
    routes: [
      { operation: 'org', method: 'GET', path: `${base}/orgs/{org}`, answer: () => ({ status: 200, body: { id: 42, login: 'acme' } }) },
      {
        operation: 'POST /graphql',
        method: 'POST',
        path: graphql,
        answer({ body }) {
          const { variables } = JSON.parse(body) as { variables: Variables };
          asked.push(variables);
          const said = answer(variables, asked.length);
          return { ...said, headers: { 'x-oauth-scopes': options.scopes ?? 'repo', ...said.headers } };
        },
      },
    ],
    refuse: (status) => ({ status, body: { message: 'refused' } }),
  });
  const provider = {
    config: { organization: 'acme', baseUrl: `${server.url}${base}`, token: { env: 'TOKEN' } },
    environment: { TOKEN: 'ghp_x' },
  };
  const run = await runConnector(connector as unknown as Connector, provider as unknown as FakeProvider, {
    only: ['deploy_keys'],
    largestPage: 100,
  });
  if (run.refused) throw run.refused;
  return { ...run.collectors[0]!, asked };
}

const COUNT = 60;
const key = (id: number) => ({ id: `K${id}`, title: 'deploy', readOnly: true, enabled: true, createdAt: '2026-01-01T00:00:00Z' });

/** A page of the numbered repositories, with one key each. */
function page({ after, n, whole }: Variables, change: (node: Record<string, unknown>, id: number) => unknown = (node) => node): FakeAnswer {
  const from = Number(after ?? 0);
  const until = Math.min(COUNT, from + n);
  const nodes = Array.from({ length: until - from }, (_, index) => {
    const id = from + index + 1;
    return change({ databaseId: id, nameWithOwner: `acme/r${id}`, ...(whole && { deployKeys: { totalCount: 1, nodes: [key(id)] } }) }, id);
  });
  const pageInfo = { hasNextPage: until < COUNT, endCursor: String(until) };
  return { status: 200, body: { data: { organization: { repositories: { totalCount: COUNT, pageInfo, nodes } } } } };
}

const keysOf = ({ events }: CollectorRun) => events.flatMap((event) => (event.type === 'observation' ? [event.nativeId] : []));
const gapsOf = ({ events }: CollectorRun) => events.filter((event) => event.type === 'gap');
const isClaimed = ({ events }: CollectorRun) =>
  events.some(({ type, ...event }) => type === 'covered' && 'scope' in event && event.scope === 'organization/42/deploy_keys');

test('whatever is too much for GitHub is read in smaller pages, by every collector that asks in GraphQL, and nothing is missing', async () => {
  const github = await fake.start(createCompany({ people: 12 }));
  try {
    const only = connector.collectors
      .filter(({ operations }) => (operations as readonly string[]).includes('POST /graphql'))
      .map(({ id }) => id);
    const factsOf = async () => {
      const { collectors } = await runConnector(connector as unknown as Connector, github, { only, largestPage: 100 });
      return collectors.map(({ collector, events, error }) => ({
        id: collector.id,
        error,
        stated: events.filter(({ type }) => type !== 'checkpoint').map((event) => ('scope' in event ? [event.type, event.scope] : event)),
      }));
    };
    const usual = await factsOf();
    expect(usual.map(({ id }) => id)).toEqual(expect.arrayContaining(['code_files', 'external_identities', 'enterprise_identities']));
    for (const says of ['timeout', 'went wrong', 'no time', 'resource limits', 'nothing'] as const) {
      github.strain({ rows: 2, says });
      expect(await factsOf(), says).toEqual(usual);
    }
  } finally {
    await github.close();
  }
});

describe('a query', () => {
  test('is asked page after page, by the cursor', async () => {
    const run = await scan((asked) => page({ ...asked, n: Math.min(asked.n, 40) }));
    expect(run.asked).toEqual([
      { org: 'acme', after: null, n: 100, whole: true },
      { org: 'acme', after: '40', n: 100, whole: true },
    ]);
    expect([keysOf(run).length, gapsOf(run), isClaimed(run)]).toEqual([COUNT, [], true]);
  });

  test('goes to its own address on Enterprise Server', async () => {
    const run = await scan((asked) => page(asked), { base: '/api/v3', graphql: '/api/graphql' });
    expect(keysOf(run)).toHaveLength(COUNT);
  });

  test.each(['RATE_LIMIT', 'RATE_LIMITED'])('that meets the limit %s in an answer with status 200 is asked again', async (type) => {
    const limited: FakeAnswer = { status: 200, body: { data: null, errors: [{ type, message: 'API rate limit exceeded' }] } };
    const run = await scan((asked, count) => (count <= 2 ? limited : page(asked)));
    expect([run.asked.length, keysOf(run).length, gapsOf(run)]).toEqual([3, COUNT, []]);
  });

  test('is asked again where any of the errors says that something went wrong', async () => {
    const errors = [{ type: 'NOT_FOUND', message: 'x' }, { message: 'Something went wrong while executing your query.' }];
    const run = await scan((asked, count) => (count === 1 ? { status: 200, body: { data: null, errors } } : page(asked)));
    expect([run.asked.length, keysOf(run).length, gapsOf(run)]).toEqual([2, COUNT, []]);
  });

  test('whose answer lacks a part of one repository leaves that one unread, and no other', async () => {
    const run = await scan((asked) => {
      const answer = page(asked, (node, id) => (id === 7 ? { ...node, deployKeys: null } : node));
      const errors = [{ type: 'FORBIDDEN', path: ['organization', 'repositories', 'nodes', 6, 'deployKeys'], message: 'no' }];
      return { ...answer, body: { ...(answer.body as object), errors } };
    });
    expect(keysOf(run)).toHaveLength(COUNT - 1);
    expect(gapsOf(run)).toEqual([
      {
        type: 'gap',
        scope: 'organization/42/deploy_keys/7',
        reason: 'permission_denied',
        permission: 'app:administration:read',
        effect: 'Which deploy keys open repositories is unknown for acme/r7: GraphQL answers FORBIDDEN for deployKeys',
      },
    ]);
  });

  test('that hides whole repositories claims nothing about the list', async () => {
    const run = await scan((asked) => page(asked, (node, id) => (id === 3 ? null : node)));
    expect([keysOf(run).length, isClaimed(run)]).toEqual([COUNT - 1, false]);
    expect(gapsOf(run).map(({ effect }) => effect)).toEqual(['Which deploy keys open repositories is unknown: 1 repositories are hidden']);
  });

  test.each([502, 504])('that ends in %i is asked with half the rows, from the same cursor', async (status) => {
    const run = await scan((asked) => (asked.n > 25 ? { status, body: { message: 'timeout' } } : page(asked)));
    expect(run.asked.slice(0, 4).map(({ n, after }) => [n, after])).toEqual([
      [100, null],
      [50, null],
      [25, null],
      [25, '25'],
    ]);
    expect([keysOf(run).length, gapsOf(run), isClaimed(run)]).toEqual([COUNT, [], true]);
  });

  test.each([
    ['says that time ran out', { data: null, errors: [{ message: 'Something went wrong. This may be the result of a timeout.' }] }],
    ['says that it could not respond', { data: null, errors: [{ message: "We couldn't respond to your request in time." }] }],
    ['says nothing of repositories', { data: { organization: { repositories: null } } }],
    ['says nothing of the organisation', { data: { organization: null }, errors: [{ message: 'x', path: ['organization'] }] }],
    [
      'says that it used up too much, and answers a part',
      {
        data: { organization: { repositories: { totalCount: COUNT, pageInfo: { hasNextPage: true, endCursor: '1' }, nodes: [null] } } },
        errors: [{ type: 'RESOURCE_LIMITS_EXCEEDED', message: 'Resource limits for this query exceeded.', path: ['organization'] }],
      },
    ],
    ['says so of no place', { data: { organization: null }, errors: [{ type: 'RESOURCE_LIMITS_EXCEEDED', message: 'x' }] }],
  ])('whose answer %s is asked with half the rows at once', async (_how, body) => {
    const run = await scan((asked) => (asked.n > 25 ? { status: 200, body } : page(asked)));
    expect(run.asked.slice(0, 3).map(({ n, after }) => [n, after])).toEqual([
      [100, null],
      [50, null],
      [25, null],
    ]);
    expect([keysOf(run).length, gapsOf(run), isClaimed(run)]).toEqual([COUNT, [], true]);
  });

  test('in which something went wrong is asked once more, and then with half the rows', async () => {
    const body = { data: null, errors: [{ message: 'Something went wrong while executing your query.' }] };
    const run = await scan((asked) => (asked.n > 50 ? { status: 200, body } : page(asked)));
    expect(run.asked.map(({ n }) => n)).toEqual([100, 100, 50, 50]);
    expect([keysOf(run).length, gapsOf(run), isClaimed(run)]).toEqual([COUNT, [], true]);
  });

  test('that is too much for one repository alone leaves that one unread, whatever GitHub calls it', async () => {
    const holds = ({ after, n }: Variables, number: number) => Number(after ?? 0) < number && number <= Number(after ?? 0) + n;
    const body = { data: { organization: { repositories: null } }, errors: [{ type: 'RESOURCE_LIMITS_EXCEEDED', message: 'x' }] };
    const run = await scan((asked) => (asked.whole && holds(asked, 42) ? { status: 200, body } : page(asked)));
    expect(keysOf(run)).toHaveLength(COUNT - 1);
    expect(gapsOf(run).map(({ scope, reason }) => [scope, reason])).toEqual([['organization/42/deploy_keys/42', 'provider_error']]);
  });

  test.each(['FORBIDDEN', 'INTERNAL'])('that ends in %s as a whole is refused only where GitHub forbids it', async (type) => {
    const run = await scan(() => ({ status: 200, body: { data: null, errors: [{ type, message: 'no' }] } }));
    expect(gapsOf(run).map(({ reason, permission }) => [reason, permission])).toEqual([
      type === 'FORBIDDEN' ? ['permission_denied', 'token:repo'] : ['provider_error', undefined],
    ]);
  });

  test('whose list GitHub forbids is refused, and asked once', async () => {
    const errors = [{ type: 'FORBIDDEN', path: ['organization', 'repositories'], message: 'no' }];
    const run = await scan(() => ({ status: 200, body: { data: { organization: { repositories: null } }, errors } }));
    expect([run.asked.length, gapsOf(run).map(({ reason }) => reason)]).toEqual([1, ['permission_denied']]);
  });

  test('that fails for one repository alone leaves that one unread and goes on behind it', async () => {
    const holds = ({ after, n }: Variables, number: number) => Number(after ?? 0) < number && number <= Number(after ?? 0) + n;
    const run = await scan((asked) => (asked.whole && holds(asked, 42) ? { status: 502, body: { message: 'timeout' } } : page(asked)));
    expect(keysOf(run)).toHaveLength(COUNT - 1);
    expect(gapsOf(run).map(({ scope, reason }) => [scope, reason])).toEqual([['organization/42/deploy_keys/42', 'provider_error']]);
    expect(isClaimed(run)).toBe(true);
  });

  test('by a token without the scope for private repositories reads nothing as if it were all', async () => {
    const run = await scan((asked) => page(asked), { scopes: 'read:org' });
    expect([keysOf(run), gapsOf(run).map(({ reason }) => reason)]).toEqual([[], ['permission_denied']]);
  });

  test('that is refused as a whole is a gap', async () => {
    const run = await scan(() => ({
      status: 200,
      body: { data: { organization: null }, errors: [{ type: 'FORBIDDEN', path: ['organization'], message: 'no' }] },
    }));
    expect(gapsOf(run).map(({ scope, reason }) => [scope, reason])).toEqual([['organization/42/deploy_keys', 'permission_denied']]);
  });
});

describe('the next page of a walk', () => {
  const list = {
    query: repositoryQuery('Listed', '', z.object({ databaseId: z.string(), nameWithOwner: z.string() })),
    place: ['all'],
    effect: '',
    permission: '',
    largest: 20,
  };
  const walk = (query: (after: string | null) => unknown, inFlight = 2) =>
    listRepositories(
      {
        inFlight,
        account: { id: '42', scope: 'organization/42' },
        pageSize: (largest: number) => largest,
        client: { isSelective: () => false, query: async (_query: unknown, { after }: Variables) => query(after) },
      } as never,
      list,
      undefined,
    );
  const answered = (after: string | null) => ({
    data: (page({ org: 'acme', after, n: 20, whole: true }).body as { data: unknown }).data,
    wrong: [],
  });

  test.each([
    [1, [1, 2, 3]],
    [2, [2, 3, 3]],
  ])(
    'with %i under way at most is on its way while one is kept, or is not, and there is none after the last',
    async (inFlight, expected) => {
      const asked: (string | null)[] = [];
      const seen: number[] = [];
      for await (const found of walk((after) => (asked.push(after), answered(after)), inFlight)) {
        expect('gap' in found).toBe(false);
        seen.push(asked.length);
      }
      expect(asked).toEqual([null, '20', '40']);
      expect(seen).toEqual(expected);
    },
  );

  test('that fails is a gap once it is its turn, and nothing where nobody goes on', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const failing = (error: Error) => walk((after) => (after === null ? answered(after) : Promise.reject(error)));
    for await (const found of failing(new Error('ours'))) {
      expect('gap' in found).toBe(false);
      break;
    }
    const gaps: boolean[] = [];
    for await (const found of failing(new ProviderFault('no answer'))) gaps.push('gap' in found);
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('unhandledRejection', note);
    expect(gaps).toEqual([false, true]);
    expect(unhandled).toEqual([]);
  });
});
