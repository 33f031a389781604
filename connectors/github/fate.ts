import { ProviderFault, Refusal, type Fate } from '../../src/connector/index.ts';
import { QueryLimited, QueryTooLarge, type Headers } from './graphql.ts';

/** Where GitHub does not say how long a limit lasts, it asks for a minute at least, and for longer each time. */
const MINUTE = 60_000;

/**
 * What GitHub's errors mean. A version of the API that it never had is 400, one that it has no more 410.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api https://docs.github.com/en/rest/about-the-rest-api/api-versions
 */
export function fateOf(error: unknown): Fate | undefined {
  if (error instanceof QueryLimited) return limited(error.headers);
  const answer = answerOf(error);
  if (!answer) return undefined;
  const { status, headers } = answer;
  if (isLimit(answer)) return limited(headers);
  // A query that takes ten seconds is cut off, and each attempt costs extra: a smaller one is asked instead.
  if (answer.isQuery && (status === 502 || status === 504))
    return { final: new QueryTooLarge(`GitHub answers ${status}`, { cause: error }) };
  if (status === 408 || status >= 500) {
    const after = retryAfter(headers);
    return { retry: 'fault', ...(after !== undefined && { after }) };
  }
  if (status === 401)
    return {
      final: new Refusal('GitHub does not accept the credential (401)', { reason: 'permission_denied', whole: true, cause: error }),
    };
  if (status === 403 || status === 404) return { final: new Refusal(refusalText(answer), { reason: 'permission_denied', cause: error }) };
  const hint = status === 400 || status === 410 ? ': it may not know the version of the API that the source names as "apiVersion"' : '';
  return { final: new ProviderFault(`GitHub answers ${status}${hint}`, { cause: error }) };
}

/**
 * Is it about the permission, and so about every place? 404 may be about this one alone,
 * unless GitHub names the scopes that it would accept, and the token has none of them.
 */
export function isEverywhere({ cause }: Refusal): boolean {
  const answer = answerOf(cause);
  if (answer?.status !== 404) return answer?.status === 403;
  const [accepted, held] = ['x-accepted-oauth-scopes', 'x-oauth-scopes'].map((name) =>
    answer.headers[name]?.split(/\s*,\s*/).filter(Boolean),
  );
  return accepted !== undefined && accepted.length > 0 && held !== undefined && !accepted.some((scope) => held.includes(scope));
}

interface Answer {
  status: number;
  headers: Headers;
  message: string;
  isQuery: boolean;
}

/** The SDK's error, where GitHub really answered; without an answer the error is not GitHub's. */
function answerOf(error: unknown): Answer | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  if (!('response' in error) || typeof error.response !== 'object' || error.response === null) return undefined;
  const { headers } = error.response as { headers?: Headers };
  const { url } = error.response as { url?: string };
  return { status: error.status, headers: headers ?? {}, message: error.message, isQuery: url?.endsWith('/graphql') === true };
}

/** A limit comes as 429 or as 403; only headers and words tell the latter from a missing permission. */
function isLimit({ status, headers, message }: Answer): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  if (headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0') return true;
  return /secondary rate limit|abuse detection/i.test(message);
}

function limited(headers: Headers): Fate {
  const after = retryAfter(headers) ?? untilReset(headers);
  return after === undefined ? { retry: 'throttled', first: MINUTE } : { retry: 'throttled', after };
}

function untilReset(headers: Headers): number | undefined {
  const reset = Number(headers['x-ratelimit-reset']);
  const now = serverTime(headers);
  // The reset is a moment of GitHub's clock: ours may be wrong, so it is compared with the answer's own date.
  if (headers['x-ratelimit-remaining'] === '0' && reset > 0 && now !== undefined) return Math.max(0, reset * 1000 - now + 1000);
  return undefined;
}

function retryAfter(headers: Headers): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const until = Date.parse(value);
  const now = serverTime(headers);
  return Number.isNaN(until) || now === undefined ? undefined : Math.max(0, until - now);
}

function serverTime(headers: Headers): number | undefined {
  const time = Date.parse(headers['date'] ?? '');
  return Number.isNaN(time) ? undefined : time;
}

function refusalText({ status, headers }: Answer): string {
  const said = [
    status === 404
      ? 'GitHub answers 404, which means no permission, a feature that is off, or another plan'
      : 'GitHub answers 403, no permission',
    named('it accepts the permission', headers['x-accepted-github-permissions']),
    named('it accepts the scope', headers['x-accepted-oauth-scopes']),
    named('this token has', headers['x-oauth-scopes']),
    headers['x-github-sso']?.startsWith('required') ? 'the token is not authorised for single sign-on of the organisation' : undefined,
  ];
  return said.filter((part) => part !== undefined).join('; ');
}

/** Headers reach the report: letters that names of permissions do not have are dropped. */
function named(intro: string, value: string | undefined): string | undefined {
  const clean = value?.replace(/[^\w:=,; -]/g, '').slice(0, 200);
  return clean ? `${intro} ${clean}` : undefined;
}
