import { describe, expect, test } from 'vitest';
import { fateOf } from '../../../connectors/github/fate.ts';
import { QueryLimited } from '../../../connectors/github/graphql.ts';

/** An error as the SDK throws it. */
function answer(status: number, headers: Record<string, string> = {}, message = 'x'): Error {
  return Object.assign(new Error(message), { name: 'HttpError', status, response: { status, headers, data: {} } });
}

const DATE = 'Sat, 21 Nov 2026 02:00:00 GMT';
const NOON = Date.parse(DATE) / 1000;

describe('a limit', () => {
  test('of 429 waits as long as it is told, and a minute and more where it is not told', () => {
    expect(fateOf(answer(429, { 'retry-after': '7' }))).toEqual({ retry: 'throttled', after: 7_000 });
    expect(fateOf(answer(429))).toEqual({ retry: 'throttled', first: 60_000 });
  });

  test('comes as 403 too: with retry-after, whatever the message says', () => {
    expect(fateOf(answer(403, { 'retry-after': '30' }, 'Forbidden'))).toEqual({ retry: 'throttled', after: 30_000 });
    expect(fateOf(answer(403, { 'retry-after': 'Sat, 21 Nov 2026 02:01:30 GMT', date: DATE }))).toEqual({
      retry: 'throttled',
      after: 90_000,
    });
  });

  test('that is used up waits for its reset, by the clock of the server', () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOON + 120), date: DATE };
    expect(fateOf(answer(403, headers))).toEqual({ retry: 'throttled', after: 121_000 });
    expect(fateOf(answer(429, headers))).toEqual({ retry: 'throttled', after: 121_000 });
    const past = { ...headers, 'x-ratelimit-reset': String(NOON - 120) };
    expect(fateOf(answer(403, past))).toEqual({ retry: 'throttled', after: 0 });
  });

  test('says how long it lasts, however long that is', () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOON + 99_999), date: DATE };
    expect(fateOf(answer(403, headers))).toEqual({ retry: 'throttled', after: 100_000_000 });
    expect(fateOf(answer(429, { 'retry-after': '999999' }))).toEqual({ retry: 'throttled', after: 999_999_000 });
  });

  test('of GraphQL, which comes with status 200, says in its headers how long it lasts', () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOON + 450), date: DATE };
    expect(fateOf(new QueryLimited(headers))).toEqual({ retry: 'throttled', after: 451_000 });
    expect(fateOf(new QueryLimited({ 'retry-after': '7' }))).toEqual({ retry: 'throttled', after: 7_000 });
    expect(fateOf(new QueryLimited({}))).toEqual({ retry: 'throttled', first: 60_000 });
  });

  test('of the secondary kind is told from a missing permission by its words', () => {
    const message = 'You have exceeded a secondary rate limit. Please wait';
    expect(fateOf(answer(403, { 'x-ratelimit-remaining': '4000' }, message))).toEqual({ retry: 'throttled', first: 60_000 });
  });
});

test('a fault of GitHub is repeated', () => {
  expect(fateOf(answer(500))).toEqual({ retry: 'fault' });
  expect(fateOf(answer(503, { 'retry-after': '5' }))).toEqual({ retry: 'fault', after: 5_000 });
});

describe('a refusal', () => {
  const refusal = (error: Error) => {
    const fate = fateOf(error);
    if (!fate || !('final' in fate)) throw new Error('It is repeated');
    return fate.final;
  };

  test('of 401 is one of the whole credential', () => {
    expect(refusal(answer(401))).toMatchObject({ name: 'Refusal', reason: 'permission_denied', whole: true });
  });

  test('of 403 and 404 says what GitHub would accept', () => {
    expect(refusal(answer(403, { 'x-ratelimit-remaining': '4999', 'x-accepted-github-permissions': 'members=read' }))).toMatchObject({
      name: 'Refusal',
      reason: 'permission_denied',
      whole: false,
      message: 'GitHub answers 403, no permission; it accepts the permission members=read',
    });
    const scopes = { 'x-accepted-oauth-scopes': 'admin:org', 'x-oauth-scopes': 'read:org, repo' };
    expect(refusal(answer(404, scopes)).message).toBe(
      'GitHub answers 404, which means no permission, a feature that is off, or another plan; it accepts the scope admin:org; this token has read:org, repo',
    );
  });

  test('by single sign-on says so, and gives away no address', () => {
    const { message } = refusal(answer(403, { 'x-github-sso': 'required; url=https://github.com/orgs/acme/sso?authorization_request=A1' }));
    expect(message).toContain('single sign-on');
    expect(message).not.toContain('A1');
  });

  test('carries no control characters of a header into the report', () => {
    expect(refusal(answer(403, { 'x-oauth-scopes': 'a\u001b[2J\u202e<b>' })).message).toMatch(/this token has a2Jb$/);
  });
});

test('another answer is a fault that is not repeated', () => {
  expect(fateOf(answer(422))).toMatchObject({ final: { name: 'ProviderFault', retry: false } });
});

test.each([400, 410])('a version of the API that GitHub does not have, %i, is told as the setting to look at', (status) => {
  expect(fateOf(answer(status))).toMatchObject({
    final: { name: 'ProviderFault', retry: false, message: expect.stringContaining('"apiVersion"') },
  });
});

test('an error without an answer is not GitHub’s', () => {
  expect(fateOf(new TypeError('ours'))).toBeUndefined();
  expect(fateOf(Object.assign(new Error('no answer'), { status: 500 }))).toBeUndefined();
});
