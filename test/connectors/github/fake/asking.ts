import { createSign } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import { fake, type GithubFake } from '../../../../connectors/github/fake/index.ts';
import { createCompany } from '../../../../src/testing/company.ts';

export const ORG = '/orgs/lanternworks';
export const LISTS = {
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
export const OTHERS = {
  authorizations: `${ORG}/credential-authorizations`,
  hooks: `${ORG}/hooks`,
  actions_variables: `${ORG}/actions/variables`,
  agents_variables: `${ORG}/agents/variables`,
  billing: `${ORG}/copilot/billing`,
  agent: `${ORG}/copilot/coding-agent/permissions`,
  exclusion: `${ORG}/copilot/content_exclusion`,
  usage: `${ORG}/copilot/metrics/reports/organization-28-day/latest`,
  actions: `${ORG}/actions/permissions`,
  workflow: `${ORG}/actions/permissions/workflow`,
  runners: `${ORG}/actions/runners`,
  rulesets: `${ORG}/rulesets`,
  alerts: `${ORG}/secret-scanning/alerts?hide_secret=true`,
};
export const REPOSITORY = [
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
export type List = keyof typeof LISTS;
export const ALL = [
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

export async function start(options: { people?: number; empty?: boolean } = {}): Promise<GithubFake> {
  const github = await fake.start(createCompany({ people: options.people ?? 60 }), options.empty ? { empty: true } : {});
  onTestFinished(() => github.close());
  return github;
}

export interface Answer {
  status: number;
  headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are what the test is about
  body: any;
}

export async function ask(
  url: string,
  authorization: string,
  init: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(url, { ...init, headers: { 'user-agent': 'test', authorization, ...init.headers } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

export function owner(github: GithubFake): string {
  return `token ${github.environment.GITHUB_TOKEN}`;
}

export function appId(github: GithubFake): number {
  return z.object({ id: z.number() }).parse(github.config.app).id;
}

export function assertion(github: GithubFake, said: object = {}, key = github.environment.GITHUB_APP_KEY!): string {
  const now = Math.floor(Date.now() / 1000);
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded({ iss: appId(github), iat: now - 30, exp: now + 540, ...said })}`;
  return `Bearer ${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(key, 'base64url')}`;
}

export async function installation(github: GithubFake, organization = 'lanternworks'): Promise<number> {
  const { body } = await ask(`${github.url}/app/installations`, assertion(github));
  return body.find((row: { account: { login: string } }) => row.account.login === organization).id;
}

export async function issue(github: GithubFake, body: object = {}, organization?: string): Promise<Answer> {
  const url = `${github.url}/app/installations/${await installation(github, organization)}/access_tokens`;
  return ask(url, assertion(github), { method: 'POST', body: JSON.stringify(body) });
}

export async function app(github: GithubFake): Promise<string> {
  return `Bearer ${(await issue(github)).body.token}`;
}

// oxlint-disable-next-line typescript/no-explicit-any -- rows are what the test is about
export function rowsOf({ body }: Answer): any[] {
  return Array.isArray(body) ? body : (body.installations ?? body.secrets ?? body.seats);
}

export function nextOf(answer: Answer): string | undefined {
  return /<([^>]*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
}

// oxlint-disable-next-line typescript/no-explicit-any -- rows are what the test is about
export async function everything(github: GithubFake, list: List, perPage = 100): Promise<any[]> {
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

// oxlint-disable-next-line typescript/no-explicit-any -- rows are what the test is about
export async function others(github: GithubFake, path: string, field?: string): Promise<any[]> {
  const { body } = await ask(`${github.url}${path}`, owner(github));
  return field === undefined ? body : body[field];
}
