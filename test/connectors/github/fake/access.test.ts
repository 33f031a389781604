import { request as send } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { describe, expect, it } from 'vitest';
import {
  ORG,
  LISTS,
  OTHERS,
  REPOSITORY,
  ALL,
  start,
  type Answer,
  ask,
  owner,
  appId,
  assertion,
  installation,
  issue,
  app,
  rowsOf,
  everything,
} from './asking.ts';

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
    for (const permission of ['app:members:read', 'token:read:org']) github.revoke(permission);
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
      'admin:enterprise, admin:org_hook, read:audit_log, read:enterprise, read:org, repo, security_events',
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
