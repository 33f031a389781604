import { describe, expect, test } from 'vitest';
import { nextPage, targetOf } from '../../../connectors/github/link.ts';
import { ProviderFault } from '../../../src/connector/index.ts';

const cloud = { baseUrl: 'https://api.github.com', paths: ['/orgs/acme/members', '/organizations/42/members'] };
const server = { ...cloud, baseUrl: 'https://git.example.com/api/v3' };
const next = (url: string) => `<${url}>; rel="next"`;

describe('the next page', () => {
  test('is the one that the header calls next, wherever it stands in it', () => {
    const link =
      '<https://api.github.com/orgs/acme/members?page=1>; rel="prev", <https://api.github.com/organizations/42/members?per_page=100&page=3>; rel="next", <https://api.github.com/organizations/42/members?page=9>; rel="last"';
    expect(nextPage(link, cloud)).toBe('https://api.github.com/organizations/42/members?per_page=100&page=3');
  });

  test('is none where there is no header, or no next in it', () => {
    expect(nextPage(undefined, cloud)).toBeNull();
    expect(nextPage('', cloud)).toBeNull();
    expect(nextPage('<https://api.github.com/orgs/acme/members?page=1>; rel="first"', cloud)).toBeNull();
    expect(nextPage('<https://api.github.com/orgs/acme/members?page=1>; title="next"', cloud)).toBeNull();
  });

  test('lies below the base path of Enterprise Server', () => {
    const address = 'https://git.example.com/api/v3/organizations/42/members?page=2';
    expect(nextPage(next(address), server)).toBe(address);
    expect(() => nextPage(next('https://git.example.com/organizations/42/members?page=2'), server)).toThrow('another list');
  });

  test('is refused on another host, under another scheme or port, and with a login in it', () => {
    for (const address of [
      'https://evil.example/orgs/acme/members?page=2',
      'http://api.github.com/orgs/acme/members?page=2',
      'https://api.github.com:8443/orgs/acme/members?page=2',
      'https://api.github.com.evil.example/orgs/acme/members?page=2',
      '//evil.example/orgs/acme/members',
      'https://user:word@api.github.com/orgs/acme/members?page=2',
      'https://',
    ])
      expect(() => nextPage(next(address), cloud), address).toThrow(ProviderFault);
  });

  test('is refused in another list, and in the same list of another organisation', () => {
    for (const path of [
      '/orgs/acme/installations',
      '/orgs/other/members',
      '/organizations/7/members',
      '/orgs/acme/members/../installations',
      '/user',
    ])
      expect(() => nextPage(next(`https://api.github.com${path}?page=2`), cloud), path).toThrow('another list');
  });
});

test('a relation is found without quotes, among several and in any case', () => {
  expect(targetOf('<https://a.example/?a=1,2>; rel=next', 'next')).toBe('https://a.example/?a=1,2');
  expect(targetOf('<https://a.example/>; title="x"; REL="last Next"', 'next')).toBe('https://a.example/');
  expect(targetOf('<https://a.example/>; rel="nextish"', 'next')).toBeUndefined();
});
