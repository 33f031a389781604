import { expect, test } from 'vitest';
import { config, webPage } from '../../../connectors/github/config.ts';

const app = { id: 7, privateKey: { env: 'KEY' } };
const token = { env: 'TOKEN' };

test('an App, a token or both; never neither', () => {
  expect(config.parse({ organization: 'acme', app })).toEqual({
    organization: 'acme',
    app,
    profile: 'organisation',
    baseUrl: 'https://api.github.com',
    apiVersion: '2022-11-28',
  });
  expect(config.safeParse({ organization: 'acme', app, token }).success).toBe(true);
  const neither = config.safeParse({ organization: 'acme' });
  expect(neither.error?.issues[0]?.message).toBe('a source needs a GitHub App ("app"), a token ("token"), or both');
});

test('credentials travel over https, or stay on this machine', () => {
  const base = (baseUrl: string) => config.safeParse({ organization: 'acme', token, baseUrl }).success;
  expect(base('https://git.example.com/api/v3/')).toBe(true);
  expect(base('http://127.0.0.1:4601')).toBe(true);
  expect(base('http://git.example.com/api/v3')).toBe(false);
  expect(base('ftp://127.0.0.1')).toBe(false);
});

test.each([
  ['https://api.github.com', true],
  ['https://api.acme.ghe.com/', true],
  ['https://git.example.com/api/v3/', true],
  ['https://proxy.example.com/github/api/v3', true],
  ['https://git.example.com', false],
  ['https://git.example.com/api', false],
  ['https://github.com', false],
  ['https://api.github.com/graphql', false],
])('%s is an address of the API: %s', (baseUrl, is) => {
  const parsed = config.safeParse({ organization: 'acme', token, baseUrl });
  expect(parsed.error?.issues[0]?.message).toBe(
    is ? undefined : 'no address of the API: https://api.github.com, or https://HOST/api/v3 for Enterprise Server',
  );
});

test('an unknown key and a value in the place of a reference are refused', () => {
  expect(config.safeParse({ organization: 'acme', token: 'ghp_x' }).success).toBe(false);
  expect(config.safeParse({ organization: 'acme', token, org: 'acme' }).success).toBe(false);
  expect(config.safeParse({ organization: 'https://github.com/acme', token }).success).toBe(false);
});

test('people look at another host than the API', () => {
  const page = (baseUrl: string) => webPage(config.parse({ organization: 'acme', token, baseUrl }), '/orgs/acme/people');
  expect(page('https://api.github.com')).toBe('https://github.com/orgs/acme/people');
  expect(page('https://git.example.com/api/v3/')).toBe('https://git.example.com/orgs/acme/people');
  expect(page('https://api.acme.ghe.com')).toBe('https://acme.ghe.com/orgs/acme/people');
});

test('one organisation, or all in which the App is installed', () => {
  const wrong = (value: object) => config.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  expect(wrong({ organizations: 'installed', app })).toBeUndefined();
  expect(wrong({ organizations: 'installed', app, token })).toBeUndefined();
  const one =
    'organization: a source reads one organisation ("organization"), all in which its App is installed ("organizations": "installed"), or an enterprise ("enterprise"), which may stand beside "organizations"';
  expect(wrong({ app })).toEqual([one]);
  expect(wrong({ organization: 'acme', organizations: 'installed', app })).toEqual([one]);
  const found = 'organizations: the organisations are found by the GitHub App ("app"), and "app.installation" would name one of them';
  expect(wrong({ organizations: 'installed', token })).toEqual([found]);
  expect(wrong({ organizations: 'installed', app: { ...app, installation: 5 } })).toEqual([found]);
});
