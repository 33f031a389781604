import { createHash } from 'node:crypto';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { isScope, type Access } from './access.ts';
import type { Caller } from './credentials.ts';

export const API_VERSIONS = ['2022-11-28', '2026-03-10'] as const;
const DOCS = 'https://docs.github.com/';

/** GitHub's envelope of an error. By the published description, a failed validation alone does not repeat its status. */
export function errorAnswer(status: number, message: string, docs = 'rest'): FakeAnswer {
  const body = { message, documentation_url: `${DOCS}${docs}` };
  return { status, body: status === 422 ? body : { ...body, status: String(status) } };
}

/** Comes from the gate before GitHub's API, so it is no JSON. */
export function withoutUserAgent(): FakeAnswer {
  return {
    status: 403,
    headers: { 'content-type': 'text/html' },
    body: [
      'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
      '(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required).',
      'Check https://developer.github.com for other possible causes.',
    ].join(' '),
  };
}

export function secondaryLimit(): FakeAnswer {
  const answer = errorAnswer(
    429,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    'free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
  );
  return { ...answer, headers: { 'retry-after': '3' } };
}

export function primaryLimit(caller: Caller, ownerId: number): FakeAnswer {
  const whose = caller.kind === 'installation' ? `installation ID ${caller.installation}` : `user ID ${ownerId}`;
  return errorAnswer(403, `API rate limit exceeded for ${whose}.`, 'rest/using-the-rest-api/rate-limits-for-the-rest-api');
}

export interface Limits {
  headers(caller: Caller, answer: 'counted' | 'free' | 'exhausted'): Record<string, string>;
  bucket(caller: Caller): { limit: number; used: number; remaining: number; reset: number };
}

/** GitHub counts by credential. These counters never run dry by themselves: only `exhaust` does that, at a place of the test's choosing. */
export function createLimits(): Limits {
  const counts = new Map<string, number>();
  const bucket = (caller: Caller) => {
    const limit = caller.kind === 'installation' ? 15_000 : caller.kind === 'nobody' ? 60 : 5000;
    const used = Math.min(counts.get(keyOf(caller)) ?? 0, limit - 1);
    return { limit, used, remaining: limit - used, reset: Math.floor(Date.now() / 1000) + 3600 };
  };
  return {
    bucket,
    headers(caller, answer) {
      if (answer === 'counted') counts.set(keyOf(caller), (counts.get(keyOf(caller)) ?? 0) + 1);
      const { limit, used, remaining, reset } = bucket(caller);
      const dry = answer === 'exhausted';
      return {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(dry ? 0 : remaining),
        'x-ratelimit-used': String(dry ? limit : used),
        'x-ratelimit-reset': String(dry ? Math.floor(Date.now() / 1000) + 60 : reset),
        'x-ratelimit-resource': 'core',
      };
    },
  };
}

function keyOf(caller: Caller): string {
  return caller.kind === 'installation' ? `installation ${caller.installation}` : caller.kind;
}

/** Headers that say what the caller holds, and what the operation would have accepted. */
export function permissionHeaders(access: Access, caller: Caller, held: ReadonlySet<string>): Record<string, string> {
  if (caller.kind === 'installation') {
    const accepted = access.app.includes(':') ? access.app.replace(':', '=') : 'metadata=read';
    return access.app === 'never' ? {} : { 'x-accepted-github-permissions': accepted };
  }
  if (caller.kind !== 'token') return {};
  const scopes = [...held].filter((id) => id.startsWith('token:')).map((id) => id.slice('token:'.length));
  scopes.sort();
  // `admin:org` opens the members too, and this server has them behind `read:org` alone: without this one the other is not told.
  return {
    'x-oauth-scopes': scopes.filter((scope) => scope !== 'admin:org' || held.has('token:read:org')).join(', '),
    'x-accepted-oauth-scopes': isScope(access.token) ? access.token : '',
  };
}

/** The headers that every answer of the API carries. */
export function withHeaders(answer: FakeAnswer, request: FakeRequest, headers: Record<string, string>): FakeAnswer {
  const version = versionOf(request);
  return {
    ...answer,
    headers: { 'x-github-media-type': 'github.v3; format=json', 'x-github-api-version-selected': version, ...headers, ...answer.headers },
  };
}

export function versionOf(request: FakeRequest): string {
  return String(request.headers['x-github-api-version'] ?? API_VERSIONS[0]);
}

/** An ETag belongs to one credential: the same page read with another one has another tag. */
export function withEntityTag(answer: FakeAnswer, request: FakeRequest): FakeAnswer {
  if (request.method !== 'GET' || answer.status !== 200) return answer;
  const hash = createHash('sha256').update(`${request.headers.authorization}\n${versionOf(request)}\n${JSON.stringify(answer.body)}`);
  const etag = `W/"${hash.digest('hex')}"`;
  const asked = (request.headers['if-none-match'] ?? '').split(/,\s*/);
  const headers = { ...answer.headers, etag };
  return asked.includes(etag) ? { status: 304, headers } : { ...answer, headers };
}
