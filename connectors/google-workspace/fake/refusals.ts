import type { FakeAnswer } from '../../../src/testing/server.ts';

/** Thrown where a request is refused; what the client gets is `answer`. */
export class Refused extends Error {
  readonly answer: FakeAnswer;
  constructor(answer: FakeAnswer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

/** Why a quota answers 403 rather than 429: too fast for one user, or too much at once for the account. */
export type QuotaReason = 'userRateLimitExceeded' | 'quotaExceeded';

/** The wording of a status in Google's APIs. */
export function refusal(status: number, operation?: string): FakeAnswer {
  switch (status) {
    case 401:
      return envelope(401, 'UNAUTHENTICATED', 'authError', 'Request had invalid authentication credentials.', {
        headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
      });
    case 403:
      return envelope(403, 'PERMISSION_DENIED', 'forbidden', 'Not Authorized to access this resource/api');
    case 404:
      return envelope(404, 'NOT_FOUND', 'notFound', operation === 'directory.tokens.list' ? 'Resource Not Found: userKey' : 'Not Found');
    case 429:
      return envelope(429, 'RESOURCE_EXHAUSTED', 'rateLimitExceeded', 'Rate Limit Exceeded', {
        domain: 'usageLimits',
        headers: { 'retry-after': '2' },
      });
    case 503:
      return envelope(503, 'UNAVAILABLE', 'backendError', 'Service unavailable. Please try again');
    default:
      return envelope(status, 'INTERNAL', 'backendError', 'Internal error encountered.');
  }
}

export function quotaRefusal(reason: QuotaReason): FakeAnswer {
  const message = reason === 'quotaExceeded' ? 'Quota exceeded.' : 'User Rate Limit Exceeded';
  return envelope(403, undefined, reason, message, { domain: 'usageLimits' });
}

/** The token is good, but was not given for this. */
export function scopeRefusal(scope: string): FakeAnswer {
  return envelope(403, 'PERMISSION_DENIED', 'insufficientPermissions', 'Request had insufficient authentication scopes.', {
    headers: { 'www-authenticate': `Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="${scope}"` },
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
        domain: 'googleapis.com',
        metadata: { service: 'admin.googleapis.com' },
      },
    ],
  });
}

export function badParameter(name: string, message: string): Refused {
  return new Refused(envelope(400, 'INVALID_ARGUMENT', 'invalidParameter', message, { location: name, locationType: 'parameter' }));
}

/** The token endpoint speaks OAuth, not Google's envelope. */
export function tokenRefusal(status: number): FakeAnswer {
  if (status === 401) {
    const text =
      'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.';
    return oauthError(401, 'unauthorized_client', text);
  }
  if (status === 403) return oauthError(403, 'disabled_client', 'The OAuth client was disabled.');
  if (status === 404) return oauthError(404, 'not_found', 'Not found.');
  if (status === 429) return { ...oauthError(429, 'rate_limit_exceeded', 'Too many token requests.'), headers: { 'retry-after': '2' } };
  return oauthError(status, status === 503 ? 'temporarily_unavailable' : 'internal_failure', 'Try again later.');
}

export function oauthError(status: number, error: string, description: string): FakeAnswer {
  return { status, body: { error, error_description: description } };
}

interface Wording {
  domain?: string;
  headers?: Record<string, string>;
  details?: readonly object[];
  location?: string;
  locationType?: string;
}

function envelope(code: number, status: string | undefined, reason: string, message: string, wording: Wording = {}): FakeAnswer {
  const { domain = 'global', headers, details, ...where } = wording;
  const errors = [{ message, domain, reason, ...where }];
  return {
    status: code,
    ...(headers && { headers }),
    body: { error: { code, message, errors, ...(status && { status }), ...(details && { details }) } },
  };
}
