import { ProviderFault, Refusal, type Fate } from '../../src/connector/index.ts';

/** Where tokens are fetched: a constant of the SDK. */
export const TOKEN_ENDPOINT = 'https://oauth2.googleapis.com';

/** What the token endpoint's codes mean for whoever set the source up. */
const TOKEN_REFUSALS: Readonly<Record<string, string>> = {
  invalid_grant: 'the key was deleted, the subject is unknown, or the clock of this machine is wrong (invalid_grant)',
  unauthorized_client: 'the scope is not delegated to the service account (unauthorized_client)',
  invalid_client: 'the service account does not exist any more (invalid_client)',
};

/** The first wait, in milliseconds, where Google names none. Its quotas are counted by the minute, and six attempts outlast one. */
const QUOTA_WAIT = 2_000;

const LATER = new Set(['userRateLimitExceeded', 'rateLimitExceeded', 'quotaExceeded']);

/** A privilege is missing: in the older envelope, and by the status alone in the newer one. */
const PRIVILEGE = new Set(['forbidden', 'notAuthorized', 'PERMISSION_DENIED']);

/** What a detail of the error may say instead. https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto */
const SET_UP = new Set(['ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'SERVICE_DISABLED']);

/** What Google's errors mean. https://developers.google.com/workspace/admin/directory/v1/limits */
export function fateOf(error: unknown): Fate | undefined {
  const status = statusOf(error);
  if (status === undefined) return undefined;
  const reason = reasonOf(error);
  const after = retryAfter(error);
  if (status === 429 || (status === 403 && LATER.has(reason)))
    return { retry: 'throttled', ...(after === undefined ? { first: QUOTA_WAIT } : { after }) };
  if (status >= 500) return { retry: 'fault', ...(after !== undefined && { after }) };
  const permission = error instanceof Error && 'permission' in error && typeof error.permission === 'string' ? error.permission : undefined;
  const details = { cause: error, ...(permission && { permission }) };
  if (isTokenCall(error) && status < 500) {
    const told = TOKEN_REFUSALS[reason] ?? reason;
    return { final: new Refusal(`Google gives no token: ${told}`, { reason: 'permission_denied', whole: true, ...details }) };
  }
  if (status === 401)
    return {
      final: new Refusal('Google does not accept the credential for this scope', { reason: 'permission_denied', whole: true, ...details }),
    };
  if (status === 403) {
    // A missing scope concerns everybody; a missing privilege may concern one user alone, an administrator for instance.
    const whole = !PRIVILEGE.has(reason) || (bodyOf(error)?.details ?? []).some((detail) => SET_UP.has(detail.reason ?? ''));
    return { final: new Refusal(`Google refuses: ${reason || 'forbidden'}`, { reason: 'permission_denied', whole, ...details }) };
  }
  if (status === 400 && bodyOf(error)?.status === 'INVALID_ARGUMENT' && asksForAssets(error))
    return { final: new Refusal('The inventory does not support this type of asset', { reason: 'not_observable', cause: error }) };
  return { final: new ProviderFault(`Google answers ${status} ${reason}`.trim(), { cause: error }) };
}

/** The refusal should name what to grant, which Google's answers do not. */
export function namingPermission(error: unknown, permission: string): unknown {
  if (error instanceof Error && statusOf(error) !== undefined)
    Object.defineProperty(error, 'permission', { value: permission, enumerable: false });
  return error;
}

function responseOf(error: unknown): { status?: number; data?: unknown; headers?: Headers; config?: { url?: string | URL } } | undefined {
  if (!(error instanceof Error) || !('response' in error)) return undefined;
  return error.response as ReturnType<typeof responseOf>;
}

export function statusOf(error: unknown): number | undefined {
  return responseOf(error)?.status;
}

export function isTokenCall(error: unknown): boolean {
  return String(responseOf(error)?.config?.url ?? '').startsWith(TOKEN_ENDPOINT);
}

/** The first page of a list of assets of one type. What else is asked there is the same for every type: whoever reads several can tell. */
function asksForAssets(error: unknown): boolean {
  const url = URL.parse(String(responseOf(error)?.config?.url ?? ''));
  return url?.pathname.endsWith('/assets') === true && !url.searchParams.has('pageToken');
}

/** Newer services leave `errors` out. https://google.aip.dev/193 */
interface ErrorBody {
  status?: string;
  errors?: { reason?: string }[];
  details?: { reason?: string }[];
}

/** What Google says of an error; absent where it is none of Google's envelopes. */
function bodyOf(error: unknown): ErrorBody | undefined {
  const told = toldIn(error);
  return typeof told === 'object' && told !== null ? told : undefined;
}

function toldIn(error: unknown): string | ErrorBody | null | undefined {
  return (responseOf(error)?.data as { error?: string | ErrorBody | null } | null | undefined)?.error;
}

function reasonOf(error: unknown): string {
  const told = toldIn(error);
  if (typeof told === 'string') return told;
  return told?.errors?.[0]?.reason ?? told?.status ?? '';
}

function retryAfter(error: unknown): number | undefined {
  const value = responseOf(error)?.headers?.get('retry-after');
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  // A date, by the provider's clock, which its answer tells.
  const until = Date.parse(value) - Date.parse(responseOf(error)?.headers?.get('date') ?? '');
  return Number.isNaN(until) ? undefined : Math.max(0, until);
}
