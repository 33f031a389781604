import { createSign, generateKeyPairSync } from 'node:crypto';
import { request as send } from 'node:http';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fake, type GithubFake } from '../../../connectors/github/fake/index.ts';
import { createCompany } from '../../../src/testing/company.ts';

const ORG = '/orgs/lanternworks';
const LISTS = {
  installations: `${ORG}/installations`,
  tokens: `${ORG}/personal-access-tokens`,
  token_requests: `${ORG}/personal-access-token-requests`,
  actions_secrets: `${ORG}/actions/secrets`,
  dependabot_secrets: `${ORG}/dependabot/secrets`,
  codespaces_secrets: `${ORG}/codespaces/secrets`,
  agents_secrets: `${ORG}/agents/secrets`,
  seats: `${ORG}/copilot/billing/seats`,
  members: `${ORG}/members`,
};
/** What is answered to the App besides, by path. */
const OTHERS = {
  authorizations: `${ORG}/credential-authorizations`,
  hooks: `${ORG}/hooks`,
  actions_variables: `${ORG}/actions/variables`,
  agents_variables: `${ORG}/agents/variables`,
  billing: `${ORG}/copilot/billing`,
  agent: `${ORG}/copilot/coding-agent/permissions`,
  exclusion: `${ORG}/copilot/content_exclusion`,
  actions: `${ORG}/actions/permissions`,
  workflow: `${ORG}/actions/permissions/workflow`,
  runners: `${ORG}/actions/runners`,
  rulesets: `${ORG}/rulesets`,
  alerts: `${ORG}/secret-scanning/alerts?hide_secret=true`,
};
const REPOSITORY = [
  'environments',
  'environments/production/secrets',
  'copilot/cloud-agent/configuration',
  'actions/secrets',
  'dependabot/secrets',
  'codespaces/secrets',
  'agents/secrets',
  'actions/variables',
  'agents/variables',
  'hooks',
];
type List = keyof typeof LISTS;
const ALL = [
  'installations',
  'tokens',
  'token_requests',
  'actions_secrets',
  'dependabot_secrets',
  'codespaces_secrets',
  'agents_secrets',
  'seats',
  'members',
] satisfies List[];

const open: GithubFake[] = [];
afterEach(async () => {
  for (const github of open.splice(0)) await github.close();
});

async function start(options: { people?: number; empty?: boolean } = {}): Promise<GithubFake> {
  const github = await fake.start(createCompany({ people: options.people ?? 60 }), options.empty ? { empty: true } : {});
  open.push(github);
  return github;
}

interface Answer {
  status: number;
  headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are what the test is about
  body: any;
}

async function ask(
  url: string,
  authorization: string,
  init: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(url, { ...init, headers: { 'user-agent': 'test', authorization, ...init.headers } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

function owner(github: GithubFake): string {
  return `token ${github.environment.GITHUB_TOKEN}`;
}

function appId(github: GithubFake): number {
  return z.object({ id: z.number() }).parse(github.config.app).id;
}

function assertion(github: GithubFake, said: object = {}, key = github.environment.GITHUB_APP_KEY!): string {
  const now = Math.floor(Date.now() / 1000);
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded({ iss: appId(github), iat: now - 30, exp: now + 540, ...said })}`;
  return `Bearer ${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(key, 'base64url')}`;
}

async function installation(github: GithubFake, organization = 'lanternworks'): Promise<number> {
  const { body } = await ask(`${github.url}/app/installations`, assertion(github));
  return body.find((row: { account: { login: string } }) => row.account.login === organization).id;
}

async function issue(github: GithubFake, body: object = {}, organization?: string): Promise<Answer> {
  const url = `${github.url}/app/installations/${await installation(github, organization)}/access_tokens`;
  return ask(url, assertion(github), { method: 'POST', body: JSON.stringify(body) });
}

async function app(github: GithubFake): Promise<string> {
  return `Bearer ${(await issue(github)).body.token}`;
}

// oxlint-disable-next-line typescript/no-explicit-any -- rows are what the test is about
function rowsOf({ body }: Answer): any[] {
  return Array.isArray(body) ? body : (body.installations ?? body.secrets ?? body.seats);
}

function nextOf(answer: Answer): string | undefined {
  return /<([^>]*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
}

// oxlint-disable-next-line typescript/no-explicit-any -- rows are what the test is about
async function everything(github: GithubFake, list: List, perPage = 100): Promise<any[]> {
  const authorization = list === 'codespaces_secrets' ? owner(github) : await app(github);
  const rows = [];
  for (let url: string | undefined = `${github.url}${LISTS[list]}?per_page=${perPage}`; url !== undefined;) {
    const answer = await ask(url, authorization);
    expect(answer.status).toBe(200);
    rows.push(...rowsOf(answer));
    url = nextOf(answer);
  }
  return rows;
}

const MCP_FILE = `query Mcp { organization(login: "lanternworks") { repositories(first: 1) {
  nodes { object(expression: "HEAD:.mcp.json") { ... on Blob { text } } }
} } }`;

// oxlint-disable-next-line typescript/no-explicit-any -- rows are what the test is about
async function others(github: GithubFake, path: string, field?: string): Promise<any[]> {
  const { body } = await ask(`${github.url}${path}`, owner(github));
  return field === undefined ? body : body[field];
}

describe('credentials', () => {
  it('serves the official client with the App that the configuration names', async () => {
    const github = await start();
    const auth = { appId: appId(github), privateKey: github.environment.GITHUB_APP_KEY!, installationId: await installation(github) };
    const octokit = new Octokit({ authStrategy: createAppAuth, auth, baseUrl: github.url });
    const members = await octokit.paginate(octokit.rest.orgs.listMembers, { org: 'lanternworks', per_page: 5 });
    expect(members.map(({ login }) => login)).toEqual((await everything(github, 'members')).map(({ login }) => login));
  });

  it('takes the App by its client id as well', async () => {
    const github = await start();
    const own = (await everything(github, 'installations')).find((row) => row.app_id === appId(github));
    expect((await ask(`${github.url}/app/installations`, assertion(github, { iss: own.client_id }))).status).toBe(200);
  });

  it('refuses assertions of another key, another App, the past, and too long a time', async () => {
    const github = await start();
    const now = Math.floor(Date.now() / 1000);
    const foreign = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey;
    const refused = await Promise.all(
      [
        assertion(github, {}, foreign),
        assertion(github, { iss: 12 }),
        assertion(github, { exp: now - 5 }),
        assertion(github, { exp: now + 3600 }),
        assertion(github, { iat: now + 600 }),
        owner(github),
      ].map((authorization) => ask(`${github.url}/app/installations`, authorization)),
    );
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401]);
    expect(refused[3]?.body.message).toBe("'Expiration time' claim ('exp') is too far in the future");
  });

  it('hands out installation tokens that last an hour and say what they may do', async () => {
    const github = await start();
    const { status, body } = await issue(github);
    expect(status).toBe(201);
    expect(body.token).toMatch(/^ghs_\w{36}$/);
    expect((new Date(body.expires_at).getTime() - Date.now()) / 60_000).toBeCloseTo(60, 0);
    expect(Object.keys(body.permissions).map((permission) => `app:${permission}:read`)).toEqual(
      expect.arrayContaining(github.permissions.filter((permission) => permission.startsWith('app:'))),
    );
  });

  it('cuts an installation token down to the permissions that were asked for', async () => {
    const github = await start();
    const token = `Bearer ${(await issue(github, { permissions: { members: 'read' } })).body.token}`;
    expect((await ask(`${github.url}${LISTS.members}`, token)).status).toBe(200);
    expect((await ask(`${github.url}${LISTS.installations}`, token)).status).toBe(403);
    expect((await issue(github, { permissions: { contents: 'write' } })).status).toBe(422);
  });

  it('gives a token for the other organisation no view of this one', async () => {
    const github = await start();
    const token = `Bearer ${(await issue(github, {}, 'lanternworks-labs')).body.token}`;
    expect((await ask(`${github.url}${LISTS.installations}`, token)).status).toBe(403);
  });

  it('has no credential that could read everything alone', async () => {
    const github = await start();
    const readBy = async (authorization: string) => {
      const answers = await Promise.all(ALL.map((list) => ask(`${github.url}${LISTS[list]}`, authorization)));
      return ALL.filter((_, place) => answers[place]?.status === 200);
    };
    expect(await readBy(await app(github))).toEqual(ALL.filter((list) => list !== 'codespaces_secrets'));
    expect(await readBy(owner(github))).toEqual(ALL.filter((list) => !list.startsWith('token')));
  });
});

describe('refusals', () => {
  it('names the missing permission to the App, for every permission', async () => {
    const github = await start();
    const token = await app(github);
    // Without `members`, GitHub does not refuse; the others open fields alone.
    const [repository] = (await ask(`${github.url}${ORG}/repos?per_page=1`, token)).body;
    const repositoryPaths = REPOSITORY.map((path) => `/repos/${repository.full_name}/${path}`);
    const silent = [
      'app:members:read',
      'app:organization_plan:read',
      'app:administration:read',
      'app:contents:read',
      'app:pull_requests:read',
    ];
    for (const permission of github.permissions.filter((id) => id.startsWith('app:') && !silent.includes(id))) {
      github.revoke(permission);
      const answers = await Promise.all(
        [...Object.values(LISTS), ...Object.values(OTHERS), ...repositoryPaths].map((path) => ask(`${github.url}${path}`, token)),
      );
      const refused = answers.filter(({ headers, status }) => status === 403 && headers.has('x-accepted-github-permissions'));
      expect([...new Set(refused.map(({ headers }) => headers.get('x-accepted-github-permissions')))]).toEqual([
        permission.replace('app:', '').replace(':read', '=read'),
      ]);
      expect(refused[0]?.body.message).toBe('Resource not accessible by integration');
      github.restore(permission);
    }
  });

  it('shows members who hide it to nobody without the permission, and does not say that there are more', async () => {
    const github = await start();
    const [narrowed, foreign] = await Promise.all([
      issue(github, { permissions: { organization_secrets: 'read' } }),
      issue(github, {}, 'lanternworks-labs'),
    ]);
    const whole = await ask(`${github.url}${LISTS.members}?per_page=100`, await app(github));
    for (const permission of ['app:members:read', 'token:admin:org']) github.revoke(permission);
    const tokens = [owner(github), await app(github), `Bearer ${narrowed.body.token}`, `Bearer ${foreign.body.token}`];
    const seen = await Promise.all(tokens.map((token) => ask(`${github.url}${LISTS.members}?per_page=100`, token)));
    for (const { status, headers, body } of seen) {
      expect([status, headers.get('link')]).toEqual([200, null]);
      expect(body).toEqual(seen[0]!.body);
    }
    const logins = (answer: Answer) => rowsOf(answer).map(({ login }) => login);
    expect(logins(seen[0]!).length).toBeGreaterThan(0);
    expect(logins(seen[0]!).length).toBeLessThan(logins(whole).length / 2);
    expect(logins(whole)).toEqual(expect.arrayContaining(logins(seen[0]!)));
  });

  it('tells a classic token its scopes, and hides from it what it may not see', async () => {
    const github = await start();
    github.revoke('token:admin:org');
    const [secrets, installations, tokens] = await Promise.all(
      [LISTS.actions_secrets, LISTS.installations, LISTS.tokens].map((path) => ask(`${github.url}${path}`, owner(github))),
    );
    expect([secrets?.status, installations?.status, tokens?.status]).toEqual([403, 404, 403]);
    expect(installations?.headers.get('x-oauth-scopes')).toBe(
      'admin:org_hook, copilot, manage_billing:copilot, read:audit_log, repo, security_events',
    );
    expect(installations?.headers.get('x-accepted-oauth-scopes')).toBe('admin:org');
    expect(tokens?.body.message).toBe('Resource not accessible by personal access token');
  });

  it('does not know a permission that it does not have', async () => {
    const github = await start();
    expect(() => github.revoke('app:everything:read')).toThrow('no permission');
  });

  it('answers 401 without or with a wrong token, and 404 for another organisation', async () => {
    const github = await start();
    expect((await ask(`${github.url}${LISTS.members}`, 'Bearer ghp_no')).body).toEqual({
      message: 'Bad credentials',
      documentation_url: 'https://docs.github.com/rest/orgs/members#list-organization-members',
      status: '401',
    });
    expect((await ask(`${github.url}/orgs/other/members`, owner(github))).status).toBe(404);
    expect((await ask(`${github.url}/orgs/LanternWorks/members`, owner(github))).status).toBe(200);
  });

  it('refuses a request without a user agent, in HTML', async () => {
    const github = await start();
    const [status, type] = await new Promise<[number | undefined, string | undefined]>((resolve, reject) => {
      send(`${github.url}/rate_limit`, { headers: { authorization: owner(github) } }, (response) => {
        response.resume();
        resolve([response.statusCode, response.headers['content-type']]);
      })
        .on('error', reject)
        .end();
    });
    expect([status, type]).toEqual([403, 'text/html']);
  });

  it('says which version answered, and refuses one that does not exist', async () => {
    const github = await start();
    const asked = (version?: string) =>
      ask(`${github.url}/rate_limit`, owner(github), version ? { headers: { 'x-github-api-version': version } } : {});
    const answers = await Promise.all([asked(), asked('2026-03-10'), asked('1999-01-01')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400]);
    expect(answers[0]?.headers.get('x-github-api-version-selected')).toBe('2022-11-28');
    expect(answers.map(({ body }) => 'rate' in body)).toEqual([true, false, false]);
  });
});

describe('paging', () => {
  it('has 30 rows a page, never more than 100, and links in both directions', async () => {
    const github = await start({ people: 1200 });
    const url = `${github.url}${LISTS.members}`;
    const sizes = await Promise.all(['', '?per_page=100', '?per_page=500', '?per_page=0'].map((query) => ask(url + query, owner(github))));
    expect(sizes.map(({ body }) => body.length)).toEqual([30, 100, 100, 30]);
    const link = (await ask(`${url}?per_page=100&page=2`, owner(github))).headers.get('link');
    expect([...link!.matchAll(/rel="(\w+)"/g)].map(([, rel]) => rel)).toEqual(['prev', 'next', 'last', 'first']);
  });

  it('leads on to the members at the address that names the organisation by its id', async () => {
    const github = await start();
    const { body } = await ask(`${github.url}${ORG}`, owner(github));
    const first = await ask(`${github.url}${LISTS.members}?per_page=5`, owner(github));
    expect(nextOf(first)).toBe(`${github.url}/organizations/${body.id}/members?per_page=5&page=2`);
    const second = await ask(nextOf(first)!, owner(github));
    expect(second.status).toBe(200);
    expect(github.requests.at(-1)?.operation).toBe('GET /orgs/{org}/members');
  });

  it.each(ALL)('serves every one of %s once, whatever the size of the page', async (list) => {
    const github = await start();
    const rows = await everything(github, list, 4);
    expect(rows).toEqual(await everything(github, list));
    expect(rows).toHaveLength(github.sizes()[list]!);
    expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(rows.length);
  });

  it('separates the owner from the other members', async () => {
    const github = await start();
    const [admins, others] = await Promise.all(
      ['admin', 'member'].map((role) => ask(`${github.url}${LISTS.members}?per_page=100&role=${role}`, owner(github))),
    );
    expect(admins?.body).toHaveLength(1);
    expect(others?.body).toHaveLength(github.sizes().members! - 1);
  });

  it('can lead back to the same page, and away to another host', async () => {
    const github = await start();
    const url = `${github.url}${LISTS.installations}?per_page=100`;
    github.faults.add({ operation: 'GET /orgs/{org}/installations', fault: 'self_page', times: 1 });
    expect(nextOf(await ask(url, owner(github)))).toBe(url);
    github.faults.add({ operation: 'GET /orgs/{org}/installations', fault: 'foreign_page', times: 1 });
    expect(new URL(nextOf(await ask(url, owner(github)))!).host).toBe('127.0.0.2:9');
    expect(nextOf(await ask(url, owner(github)))).toBeUndefined();
  });
});

describe('limits', () => {
  it('answers 304 to whoever knows the page already, free of charge, and to nobody else', async () => {
    const github = await start();
    const url = `${github.url}${LISTS.installations}`;
    const first = await ask(url, owner(github));
    const condition = { headers: { 'if-none-match': first.headers.get('etag')! } };
    const again = await ask(url, owner(github), condition);
    expect([again.status, again.body]).toEqual([304, undefined]);
    expect(again.headers.get('x-ratelimit-used')).toBe(first.headers.get('x-ratelimit-used'));
    expect((await ask(url, await app(github), condition)).status).toBe(200);
    github.night(1);
    expect((await ask(url, owner(github), condition)).status).toBe(200);
  });

  it('counts requests by credential', async () => {
    const github = await start();
    await ask(`${github.url}${ORG}`, owner(github));
    await ask(`${github.url}${ORG}`, owner(github));
    const core = async (authorization: string) => (await ask(`${github.url}/rate_limit`, authorization)).body.resources.core;
    expect(await core(owner(github))).toMatchObject({ limit: 5000, used: 2, remaining: 4998 });
    expect(await core(await app(github))).toMatchObject({ limit: 15_000, used: 0 });
  });

  it('runs the primary limit dry where it was told to, and recovers', async () => {
    const github = await start();
    github.exhaust({ operation: 'GET /orgs/{org}/members', nth: 2, times: 1 });
    const ask2 = (page: number) => ask(`${github.url}${LISTS.members}?per_page=5&page=${page}`, owner(github));
    expect((await ask2(1)).status).toBe(200);
    const limited = await ask2(2);
    expect(limited.status).toBe(403);
    expect(limited.body.message).toMatch(/^API rate limit exceeded for user ID \d+\.$/);
    expect(limited.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(limited.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000);
    expect(limited.headers.has('retry-after')).toBe(false);
    expect((await ask2(2)).status).toBe(200);
  });

  it('says how long to wait at a secondary limit', async () => {
    const github = await start();
    github.faults.add({ operation: 'GET /user', fault: 429, times: 1 });
    const limited = await ask(`${github.url}/user`, owner(github));
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '3']);
    expect(limited.body.message).toContain('secondary rate limit');
  });
});

describe('the world', () => {
  it('expects exactly what it serves, on every night', async () => {
    const github = await start();
    for (const night of [0, 1, 2, 40]) {
      github.night(night);
      const served = [
        ...(await everything(github, 'members')).map((row) => ['identity', row.id]),
        ...(await everything(github, 'installations')).map((row) => ['app_installation', row.app_id]),
        ...(await everything(github, 'tokens')).map((row) => ['api_key', row.token_id]),
        ...(await everything(github, 'token_requests')).map((row) => ['api_key', 'request', row.id]),
        ...(await everything(github, 'actions_secrets')).map((row) => ['secret_name', 'actions', row.name]),
        ...(await everything(github, 'dependabot_secrets')).map((row) => ['secret_name', 'dependabot', row.name]),
        ...(await everything(github, 'codespaces_secrets')).map((row) => ['secret_name', 'codespaces', row.name]),
        ...(await everything(github, 'agents_secrets')).map((row) => ['secret_name', 'agents', row.name]),
        ...(await everything(github, 'seats')).map((row) => ['seat', row.assignee.id]),
        ...(await others(github, OTHERS.authorizations)).map((row) => [
          row.credential_type.endsWith('app token') ? 'oauth_grant' : 'api_key',
          'credential',
          row.credential_id,
        ]),
        ...(await others(github, OTHERS.actions_variables, 'variables')).map((row) => ['secret_name', 'actions_variables', row.name]),
        ...(await others(github, OTHERS.agents_variables, 'variables')).map((row) => ['secret_name', 'agents_variables', row.name]),
        ...(await others(github, OTHERS.hooks)).map((row) => ['vendor_integration', row.id]),
        ...(await others(github, `${ORG}/copilot-spaces`, 'spaces')).map((row) => ['agent', row.id]),
        ...(await others(github, OTHERS.runners, 'runners')).map((row) => ['service_account', row.id]),
        ...(await others(github, OTHERS.alerts))
          .filter((row) => row.provider !== 'Slack')
          .map((row) => ['exposure', row.repository.id, row.number]),
      ].map((entry) => entry.map(String));
      const expected = github.expected().map(({ kind, ids }) => [kind, ...ids]);
      // Settings, what is read repository by repository, and what GraphQL shows are the contract suite's to compare.
      expect(served).toEqual(
        expected
          .filter(([kind, id]) => kind !== 'control' && kind !== 'code_evidence' && id !== 'deploy_key' && id !== 'runner')
          .filter((entry) => !['repository', 'environment', 'agent'].some((word) => entry.includes(word, 1)))
          .filter((entry) => !/^51\d{6}$/.test(entry[2] ?? '')),
      );
      expect(new Set(expected.map(String)).size).toBe(expected.length);
    }
  });

  it('expects the moment at which a token expires, whatever zone it is written in', async () => {
    const github = await start();
    const expected = github.expected().filter(({ kind, ids }) => kind === 'api_key' && ids.length === 1);
    const served = (await everything(github, 'tokens')).map(({ token_expires_at: at }) =>
      at === null ? 'never' : new Date(at).toISOString(),
    );
    expect(expected.map(({ expiresAt }) => expiresAt)).toEqual(served);
    expect(served.filter((at) => at === 'never').length).toBeGreaterThan(0);
  });

  it('is the same world for the same seed, in whatever order it is asked', async () => {
    const [one, other] = [await start(), await start()];
    other.night(3);
    other.expected();
    other.night(0);
    expect(other.expected()).toEqual(one.expected());
  });

  it('installs, renames, removes, returns and empowers apps over the nights', async () => {
    const github = await start();
    // oxlint-disable-next-line typescript/no-explicit-any -- rows are what the test is about
    const apps: Map<number, any>[] = [];
    for (const night of [0, 1, 2]) {
      github.night(night);
      apps.push(new Map((await everything(github, 'installations')).map((row) => [row.app_id, row])));
    }
    const over = (id: number, field: string) => apps.map((night) => night.get(id)?.[field]);
    expect(over(956_858, 'app_slug')).toEqual([undefined, 'gemini-code-assist', 'gemini-code-assist']);
    expect(over(484_649, 'app_slug')).toEqual(['qodo-merge-pro', 'qodo-merge', 'qodo-merge']);
    expect(new Set(over(484_649, 'id')).size).toBe(1);
    expect(over(1_066_231, 'app_slug')).toEqual(['windsurf-bot', undefined, 'windsurf-bot']);
    expect(over(1_066_231, 'id')[2]).not.toBe(over(1_066_231, 'id')[0]);
    expect(over(1_027_498, 'permissions').map((permissions) => permissions.contents)).toEqual(['read', 'write', 'write']);
    expect(over(48_477, 'suspended_at')[0]).toMatch(/Z$/);
    expect(apps[0]?.size).toBeGreaterThanOrEqual(10);
  });

  it('lets leavers go, and keeps their tokens', async () => {
    const github = await start();
    const members = async () => new Set((await everything(github, 'members')).map(({ login }) => login));
    const before = await members();
    github.night(1);
    const after = await members();
    const left = [...before].filter((login) => !after.has(login));
    expect(left.map((login) => login.split('-').at(-1))).toEqual(['6', '7']);
    const standing = (await everything(github, 'tokens')).filter(
      (token) => !after.has(token.owner.login) && token.token_expires_at === null,
    );
    expect(standing.map((token) => token.token_name)).toEqual(expect.arrayContaining(['codex-cli', 'langchain-experiments']));
  });

  it('moves the dates of last use every night, and nothing else of a token', async () => {
    const github = await start();
    const before = new Map((await everything(github, 'tokens')).map((token) => [token.token_id, token]));
    github.night(2);
    const after = (await everything(github, 'tokens')).filter((token) => before.has(token.token_id));
    const used = after.filter((token) => token.token_last_used_at !== null);
    expect(used.every((token) => token.token_last_used_at > before.get(token.token_id).token_last_used_at)).toBe(true);
    const still = ({ token_last_used_at: _used, token_expired: _expired, ...token }: Record<string, unknown>) => token;
    expect(after.map(still)).toEqual(after.map((token) => still(before.get(token.token_id))));
    expect(used[0].token_last_used_at).toMatch(/-07:00$/);
    expect(after.some((token) => token.token_expired)).toBe(true);
    expect(new Set(after.map((token) => token.repository_selection))).toEqual(new Set(['none', 'all', 'subset']));
  });

  it('turns a request that was approved into a token with the same id', async () => {
    const github = await start();
    const pending = (await everything(github, 'token_requests')).map((request) => request.token_id);
    github.night(1);
    const still = (await everything(github, 'token_requests')).map((request) => request.token_id);
    const [approved] = pending.filter((id) => !still.includes(id));
    expect((await everything(github, 'tokens')).map((token) => token.token_id)).toContain(approved);
    expect([pending.length, still.length]).toEqual([2, 2]);
  });

  it('gives about 60 of 100 developers a seat, and keeps that of a leaver until the month ends', async () => {
    const github = await start({ people: 1000 });
    const { seats, members } = github.sizes();
    expect(seats! / members!).toBeCloseTo(0.6, 1);
    const cancelled = async () => (await everything(github, 'seats')).filter((seat) => seat.pending_cancellation_date !== null);
    expect((await cancelled()).map((seat) => seat.pending_cancellation_date)).toEqual(['2026-12-01']);
    github.night(30);
    expect(await cancelled()).toEqual([]);
  });

  it('names things in a hostile way where anybody can name them', async () => {
    const github = await start();
    const names = (await everything(github, 'tokens')).map((token) => token.token_name).join('\n');
    const reasons = (await everything(github, 'token_requests')).map((request) => request.reason).join('\n');
    for (const text of [names, reasons]) {
      expect(text).toContain('\u001b[');
      expect(text).toContain('\u202E');
      expect(text.length).toBeGreaterThan(10_000);
    }
  });

  it('has nothing in an empty organisation but its owner', async () => {
    const github = await start({ empty: true });
    const { members, audit_apart: silent, ...others } = github.sizes();
    expect([members, silent]).toEqual([1, 8]);
    expect(new Set(Object.values(others))).toEqual(new Set([0]));
    expect(github.expected().filter(({ kind }) => kind !== 'control')).toHaveLength(1);
    const token = await app(github);
    expect((await ask(`${github.url}${LISTS.actions_secrets}`, token)).body).toEqual({ total_count: 0, secrets: [] });
    expect((await ask(`${github.url}${LISTS.seats}`, token)).body).toEqual({ total_seats: 0, seats: [] });
  });

  it.each([1, 2, 5])('exists for a company of %i', async (people) => {
    const github = await start({ people });
    for (const list of ALL) expect(await everything(github, list)).toHaveLength(github.sizes()[list]!);
  });

  it('plants every secret that it counts among the canaries', async () => {
    const github = await start();
    const token = await app(github);
    const pages = await Promise.all(
      [
        '/user',
        ORG,
        LISTS.installations,
        OTHERS.authorizations,
        OTHERS.hooks,
        OTHERS.actions_variables,
        `${ORG}/secret-scanning/alerts`,
        `${ORG}/audit-log?phrase=${encodeURIComponent('action:org created:>=2026-01-01')}`,
      ].map((path) => ask(`${github.url}${path}`, owner(github)).then(({ body }) => JSON.stringify(body))),
    );
    const files = await ask(`${github.url}/graphql`, owner(github), { method: 'POST', body: JSON.stringify({ query: MCP_FILE }) });
    pages.push(JSON.stringify(files.body));
    const seen = `${pages.join('\n')}\n${github.environment.GITHUB_APP_KEY}\n${github.environment.GITHUB_TOKEN}\n${token}`;
    expect(github.canaries.length).toBeGreaterThanOrEqual(8);
    expect(github.canaries.filter((canary) => canary.length >= 20 && seen.includes(canary))).toEqual(github.canaries);
  });
});
