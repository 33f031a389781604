import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { connector } from '../../../connectors/github/index.ts';
import { ConfigError, type Connector, type Json } from '../../../src/connector/index.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { runConnector, type Run } from '../../../src/testing/runner.ts';
import { startFakeServer, type FakeAnswer, type FakeRequest, type FakeServer } from '../../../src/testing/server.ts';

const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const ROW = { id: 1, login: 'ada', type: 'User' };

type Routes = Record<string, (request: FakeRequest) => FakeAnswer>;
let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** One collector against a server that knows a few routes: `GET /orgs/{org}/members` and its answer. */
async function scan(
  only: string,
  routes: Routes,
  options: { config?: Json; base?: string; key?: string } = {},
): Promise<Run & { seen: FakeRequest[] }> {
  const seen: FakeRequest[] = [];
  const answered = (answer: FakeAnswer): FakeAnswer => ({ ...answer, headers: { 'x-oauth-scopes': 'repo, read:org', ...answer.headers } });
  const all: Routes = { 'GET /orgs/{org}': () => ({ status: 200, body: { id: 42, login: 'acme' } }), ...appRoutes(), ...routes };
  server = await startFakeServer({
    routes: Object.entries(all).map(([operation, answer]) => {
      const [method, path] = operation.split(' ') as ['GET' | 'POST', string];
      return {
        operation,
        method,
        path: `${options.base ?? ''}${path}`,
        answer: (request) => (seen.push(request), answered(answer(request))),
      };
    }),
    refuse: (status) => ({ status, body: { message: 'refused' } }),
  });
  const credentials = options.config ?? { token: { env: 'TOKEN' } };
  const provider = {
    config: { connector: 'github', organization: 'acme', baseUrl: `${server.url}${options.base ?? ''}`, ...(credentials as object) },
    environment: { TOKEN: 'ghp_x', KEY: options.key ?? KEY },
  };
  const run = await runConnector(connector as unknown as Connector, provider as unknown as FakeProvider, {
    only: [only],
    largestPage: 100,
  });
  return { ...run, seen };
}

function appRoutes(): Routes {
  let issued = 0;
  return {
    'GET /app/installations': () => ({ status: 200, body: [{ id: 9, account: { login: 'Acme' } }] }),
    'POST /app/installations/{installation_id}/access_tokens': () => ({
      status: 201,
      body: { token: `ghs_${++issued}`, permissions: { members: 'read' } },
    }),
  };
}

const APP = { app: { id: 7, privateKey: { env: 'KEY' } } };
const page = (rows: unknown[], link?: string): FakeAnswer => ({ status: 200, body: rows, ...(link && { headers: { link } }) });
const eventsOf = (run: Run) => run.collectors[0]!.events;

describe('a request', () => {
  test('names the version of the API, the media type and Noctule', async () => {
    const { seen } = await scan('members', { 'GET /orgs/{org}/members': () => page([ROW]) });
    for (const { headers } of seen) {
      expect(headers).toMatchObject({
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        authorization: 'bearer ghp_x',
      });
      expect(headers['user-agent']).toMatch(/^noctule\/\d+\.\d+\.\d+ /);
    }
    expect(seen.at(-1)!.url.search).toBe('?per_page=100');
  });

  test('goes below the base path of Enterprise Server, and follows its pages there', async () => {
    const run = await scan(
      'members',
      {
        'GET /orgs/{org}/members': ({ url }) => page([ROW], `<${url.origin}/api/v3/organizations/42/members?page=2>; rel="next"`),
        'GET /organizations/{id}/members': () => page([{ ...ROW, id: 2 }]),
      },
      { base: '/api/v3' },
    );
    expect(eventsOf(run).map(({ type }) => type)).toEqual(['observation', 'checkpoint', 'observation', 'covered', 'checkpoint']);
  });

  test('is not sent to Enterprise Server for what it does not have', async () => {
    const run = await scan('copilot_seats', {}, { base: '/api/v3' });
    expect(eventsOf(run)).toEqual([
      {
        type: 'gap',
        scope: `organization/42@${new URL(server!.url).host}/seats/copilot`,
        reason: 'not_licensed',
        permission: 'app:organization_copilot_seat_management:read',
        effect: 'Who holds a Copilot seat is unknown: Enterprise Server does not have them',
      },
    ]);
    expect(run.seen).toHaveLength(1);
  });
});

describe('a token of an App', () => {
  test('that stops being accepted is renewed once, and the scan goes on', async () => {
    const run = await scan(
      'members',
      { 'GET /orgs/{org}/members': ({ headers }) => (headers.authorization === 'bearer ghs_1' ? { status: 401, body: {} } : page([ROW])) },
      { config: APP },
    );
    expect(eventsOf(run).map(({ type }) => type)).toEqual(['observation', 'covered', 'checkpoint']);
    expect([...run.collectors[0]!.requests]).toEqual([['GET /orgs/{org}/members', 1]]);
  });

  test('that is never accepted is renewed once only', async () => {
    const run = await scan('members', { 'GET /orgs/{org}/members': () => ({ status: 401, body: {} }) }, { config: APP });
    expect(eventsOf(run)).toMatchObject([{ type: 'gap', reason: 'permission_denied', permission: 'app:members:read' }]);
    expect(run.seen.filter(({ method }) => method === 'POST')).toHaveLength(2);
  });

  test('is not asked for where the installation is named in the configuration', async () => {
    const config = { app: { ...APP.app, installation: 5 } };
    const { seen } = await scan('members', { 'GET /orgs/{org}/members': () => page([ROW]) }, { config });
    expect(seen.map(({ method, url }) => `${method} ${url.pathname}`).slice(0, 2)).toEqual([
      'POST /app/installations/5/access_tokens',
      'GET /orgs/acme',
    ]);
  });

  test('needs an installation in this very organisation', async () => {
    const routes: Routes = {
      'GET /app/installations': () =>
        page([
          { id: 9, account: { login: 'other' } },
          { id: 10, account: null },
        ]),
    };
    const run = await scan('members', routes, { config: APP });
    expect(run.refused).toMatchObject({ name: 'Refusal', whole: true, message: expect.stringContaining('App 7 is not installed in acme') });
  });

  test('gives way to the token of a person where the App is refused, for that list alone', async () => {
    const routes: Routes = {
      'GET /orgs/{org}/members': ({ headers }) => (headers.authorization === 'bearer ghp_x' ? page([ROW]) : { status: 404, body: {} }),
    };
    const run = await scan('members', routes, { config: { ...APP, token: { env: 'TOKEN' } } });
    expect(eventsOf(run).map(({ type }) => type)).toEqual(['observation', 'covered', 'checkpoint']);
    expect(run.seen.at(-3)!.headers.authorization).toBe('bearer ghs_1');
  });
});

test('a private key that is none is the user’s to fix, and is not repeated in the error', async () => {
  const run = await scan(
    'members',
    {},
    { config: APP, key: '-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0IHdvcmRz\n-----END RSA PRIVATE KEY-----' },
  );
  expect(run.refused).toBeInstanceOf(ConfigError);
  expect(run.refused).toMatchObject({ key: 'app.privateKey', cause: undefined });
  expect(String(run.refused)).not.toContain('c2VjcmV0');
});

test('a list of public members never passes for the list of members', async () => {
  const run = await scan('members', {
    'GET /orgs/{org}/members': ({ url }) => ({ status: 302, headers: { location: `${url.origin}/orgs/acme/public_members` } }),
    'GET /orgs/{org}/public_members': () => page([ROW]),
  });
  expect(run.collectors[0]!.error).toBeUndefined();
  expect(eventsOf(run)).toMatchObject([
    { type: 'gap', reason: 'permission_denied', effect: expect.stringContaining('public members only') },
  ]);
  expect(run.seen.at(-1)!.url.pathname).toBe('/orgs/acme/members');
});

describe('a list of members of which GitHub silently shows the public ones', () => {
  const routes = (permissions: object | undefined, scopes?: string): Routes => ({
    'POST /app/installations/{installation_id}/access_tokens': () => ({
      status: 201,
      body: { token: 'ghs_1', ...(permissions && { permissions }) },
    }),
    'GET /orgs/{org}/members': ({ headers }) => {
      const byToken = headers.authorization === 'bearer ghp_x';
      return {
        status: 200,
        body: byToken ? [ROW, { ...ROW, id: 2 }] : [ROW],
        headers: { 'x-oauth-scopes': byToken ? (scopes ?? '') : '' },
      };
    },
  });

  test.each([
    ['another permission only', { metadata: 'read', organization_secrets: 'read' }],
    ['none', {}],
    ['none that GitHub speaks of', undefined],
  ])('is a gap that names the permission: the token of the App has %s', async (_title, permissions) => {
    const run = await scan('members', routes(permissions), { config: APP });
    expect(eventsOf(run)).toEqual([
      {
        type: 'gap',
        scope: 'organization/42/members',
        reason: 'permission_denied',
        permission: 'app:members:read',
        effect:
          'Who is a member of the organisation is unknown: the GitHub App: it lacks the permission, so GitHub shows what is public only',
      },
    ]);
  });

  test.each(['', 'repo, read:user', 'admin:org_hook'])('is a gap where the scopes of a classic token are "%s"', async (scopes) => {
    const run = await scan('members', routes({}, scopes));
    expect(eventsOf(run)).toMatchObject([{ type: 'gap', permission: 'token:read:org', effect: expect.stringContaining('public only') }]);
  });

  test.each(['read:org', 'repo, write:org', 'admin:org, gist'])(
    'is read with the classic token instead, where its scopes are "%s"',
    async (scopes) => {
      const run = await scan('members', routes({}, scopes), { config: { ...APP, token: { env: 'TOKEN' } } });
      expect(eventsOf(run).map(({ type }) => type)).toEqual(['observation', 'observation', 'covered', 'checkpoint']);
    },
  );
});

test('fewer rows than GitHub speaks of are a gap over the list', async () => {
  const secret = { name: 'KEY', visibility: 'all', created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' };
  const run = await scan('codespaces_secret_names', {
    'GET /orgs/{org}/codespaces/secrets': () => ({ status: 200, body: { total_count: 2, secrets: [secret] } }),
  });
  expect(eventsOf(run).filter(({ type }) => type !== 'checkpoint')).toMatchObject([
    { type: 'observation', scope: 'organization/42/secrets/codespaces/KEY' },
    {
      type: 'gap',
      scope: 'organization/42/secrets/codespaces',
      reason: 'truncated',
      effect: expect.stringContaining('speaks of 2 and lists 1'),
    },
  ]);
});

test('a malformed row is a gap in its own place, and a seat without a holder is nobody’s', async () => {
  const seat = { assignee: ROW, created_at: '2026-01-01T00:00:00+01:00' };
  const seats = [seat, { ...seat, assignee: { ...ROW, id: 2 }, created_at: 'yesterday' }, { ...seat, assignee: null }];
  const run = await scan('copilot_seats', {
    'GET /orgs/{org}/copilot/billing/seats': () => ({ status: 200, body: { total_seats: 3, seats } }),
  });
  const [gap, observation, claim] = eventsOf(run);
  expect(gap).toMatchObject({ type: 'gap', scope: 'organization/42/seats/copilot/2', reason: 'provider_error' });
  expect(observation).toMatchObject({ type: 'observation', nativeId: '1', grantedAt: { at: '2025-12-31T23:00:00.000Z' } });
  expect(claim).toEqual({ type: 'covered', scope: 'organization/42/seats/copilot' });
});

test.each([
  ['not an address?key=VALUE', undefined],
  ['mailto:build@acme.example', undefined],
  [undefined, undefined],
  ['https://User:VALUE@Hooks.Acme.example/in?key=VALUE', 'hooks.acme.example'],
])('a webhook that sends to "%s" is there whatever its host, and none is invented', async (url, host) => {
  const row = { id: 7, events: ['push'], active: true, config: { ...(url !== undefined && { url }) }, created_at: '2026-01-01T00:00:00Z' };
  const run = await scan('webhooks', { 'GET /orgs/{org}/hooks': () => page([row]) });
  const [observation, claim] = eventsOf(run);
  expect(observation).toMatchObject({
    type: 'observation',
    thing: 'webhook/7',
    subject: {
      app: host === undefined ? 'webhook/id/7' : `webhook/${host}`,
      credential: '7',
      name: host ?? 'Webhook 7, whose address cannot be read',
    },
    signals: host === undefined ? [] : [{ type: 'webhook_host', value: host }],
    attributes: { events: ['push'], ...(host !== undefined && { host }) },
  });
  expect(JSON.stringify(observation)).not.toMatch(/unknown|VALUE/);
  expect(claim).toEqual({ type: 'covered', scope: 'organization/42/webhooks' });
});
