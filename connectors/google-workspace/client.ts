import { JWT } from 'google-auth-library';
import { admin } from 'googleapis/build/src/apis/admin/index.js';
import type { z } from 'zod';
import {
  ConfigError,
  path,
  ProviderFault,
  Refusal,
  type Calls,
  type Connection,
  type ConnectContext,
  type Fate,
  type Wire,
} from '../../src/connector/index.ts';
import type { Config } from './config.ts';
import { SCOPES } from './operations.ts';
import { activityPage, ACTIVITY_FIELDS, customer, serviceAccountKey, tokenList, TOKEN_FIELDS, userPage, USER_FIELDS } from './schema.ts';

const API = 'https://admin.googleapis.com';
const TOKEN_ENDPOINT = 'https://oauth2.googleapis.com';
/** Google's default quota is 2,400 requests a minute for each user and project; this leaves it room. */
const PACE = { perSecond: 30, inFlight: 12 };

/** What the collectors ask Google. Every method answers one page, checked, or throws a Refusal or a ProviderFault. */
export interface Client {
  users(query: { deleted: boolean; pageToken: string | undefined }): Promise<z.infer<typeof userPage>>;
  tokens(userId: string): Promise<z.infer<typeof tokenList>>;
  activities(query: {
    application: string;
    event: string;
    from: string;
    to: string;
    pageToken: string | undefined;
  }): Promise<z.infer<typeof activityPage>>;
}

export async function connect(context: ConnectContext<Config>): Promise<Connection<Client>> {
  const { endpoint } = context.config;
  const wire = context.wire({
    api: { url: API, ...(endpoint && { sendTo: endpoint }) },
    // The token call has a constant host in the SDK: only the transport can lead it to a simulated server.
    token: { url: TOKEN_ENDPOINT, ...(endpoint && { sendTo: endpoint }) },
  });
  const calls = context.calls(PACE, fateOf);
  const authorise = authoriser(context, wire);
  const ask = asker(calls, authorise);
  const directory = admin({ version: 'directory_v1', rootUrl: `${API}/` });
  const reports = admin({ version: 'reports_v1', rootUrl: `${API}/` });
  const options = (auth: JWT) => ({ auth, fetchImplementation: wire.fetch, retry: false, timeout: 0 });

  const account = await ask(SCOPES.customer, customer, (auth) =>
    directory.customers.get({ customerKey: 'my_customer', fields: 'id,customerDomain' }, options(auth)),
  );
  const client: Client = {
    users: ({ deleted, pageToken }) =>
      ask(SCOPES.users, userPage, (auth) =>
        directory.users.list(
          {
            customer: account.id,
            maxResults: context.pageSize(500),
            fields: USER_FIELDS,
            ...(deleted && { showDeleted: 'true' }),
            ...(pageToken && { pageToken }),
          },
          options(auth),
        ),
      ),
    tokens: (userId) =>
      ask(SCOPES.grants, tokenList, (auth) => directory.tokens.list({ userKey: userId, fields: TOKEN_FIELDS }, options(auth))),
    activities: ({ application, event, from, to, pageToken }) =>
      ask(SCOPES.audit, activityPage, (auth) =>
        reports.activities.list(
          {
            userKey: 'all',
            applicationName: application,
            eventName: event,
            startTime: from,
            endTime: to,
            maxResults: context.pageSize(1000),
            fields: ACTIVITY_FIELDS,
            ...(pageToken && { pageToken }),
          },
          options(auth),
        ),
      ),
  };
  return { client, account: { id: account.id, name: account.customerDomain ?? account.id, scope: path('customer', account.id) } };
}

/** One credential for each scope: a single refused scope would refuse the token of all of them. */
function authoriser(context: ConnectContext<Config>, wire: Wire) {
  const { subject, serviceAccount } = context.config;
  const key = readKey(context.secret(serviceAccount).reveal());
  const held = new Map<string, JWT>();
  return {
    of(scope: string): JWT {
      let jwt = held.get(scope);
      if (!jwt) {
        jwt = new JWT({ email: key.client_email, key: key.private_key, subject, scopes: [scope] });
        jwt.transporter.defaults.fetchImplementation = wire.fetch;
        // The SDK would repeat token calls by itself, past our pace and our count.
        jwt.transporter.interceptors.request.add({ resolved: async ({ retryConfig: _its, ...call }) => ({ ...call, retry: false }) });
        held.set(scope, jwt);
      }
      return jwt;
    },
    forget: (scope: string) => void held.delete(scope),
  };
}

function readKey(text: string): z.infer<typeof serviceAccountKey> {
  const fix = 'Download a JSON key of the service account and point "serviceAccount" at it.';
  try {
    return serviceAccountKey.parse(JSON.parse(text));
  } catch {
    // Neither the text nor the parser's message may travel on: both hold parts of the key.
    throw new ConfigError('The service account key is not the JSON file that Google issues', { key: 'serviceAccount', fix });
  }
}

function asker(calls: Calls, authorise: ReturnType<typeof authoriser>) {
  return async <Answer>(scope: string, schema: z.ZodType<Answer>, send: (auth: JWT) => Promise<{ data: unknown }>): Promise<Answer> => {
    let renewed = false;
    return calls.run(async () => {
      for (;;) {
        try {
          const auth = authorise.of(scope);
          await fetchToken(auth);
          return checked(schema, (await send(auth)).data);
        } catch (error) {
          // The SDK does not fetch a new token when one stops being accepted in mid-scan.
          if (renewed || statusOf(error) !== 401 || isTokenCall(error)) throw namingScope(error, scope);
          renewed = true;
          authorise.forget(scope);
        }
      }
    });
  };
}

/** A sign-in page instead of a token would otherwise end in a call without one, and look like a refusal. */
async function fetchToken(auth: JWT): Promise<void> {
  try {
    await auth.getAccessToken();
  } catch (error) {
    if (statusOf(error) !== undefined || (error instanceof Error && error.cause !== undefined)) throw error;
    throw new ProviderFault('The token endpoint answers without a token', { retry: true, cause: error });
  }
}

/** A page of HTML, or a body that broke off, arrives as text with status 200: it must not look like "none". */
function checked<Answer>(schema: z.ZodType<Answer>, data: unknown): Answer {
  if (typeof data !== 'object' || data === null) throw new ProviderFault('The answer is no JSON object', { retry: true });
  const parsed = schema.safeParse(data);
  if (!parsed.success)
    throw new ProviderFault(`The answer has another shape than documented: ${parsed.error.issues[0]?.path.join('.')}`, { retry: true });
  return parsed.data;
}

/** What the token endpoint's codes mean for whoever set the source up. */
const TOKEN_REFUSALS: Readonly<Record<string, string>> = {
  invalid_grant: 'the key was deleted, the subject is unknown, or the clock of this machine is wrong (invalid_grant)',
  unauthorized_client: 'the scope is not delegated to the service account (unauthorized_client)',
  invalid_client: 'the service account does not exist any more (invalid_client)',
};

const LATER = new Set(['userRateLimitExceeded', 'rateLimitExceeded', 'quotaExceeded']);

/** What Google's errors mean. https://developers.google.com/workspace/admin/directory/v1/limits */
function fateOf(error: unknown): Fate | undefined {
  const status = statusOf(error);
  if (status === undefined) return undefined;
  const reason = reasonOf(error);
  const after = retryAfter(error);
  if (status === 429 || (status === 403 && LATER.has(reason))) return { retry: 'throttled', ...(after !== undefined && { after }) };
  if (status >= 500) return { retry: 'fault', ...(after !== undefined && { after }) };
  const permission = error instanceof Error && 'scope' in error && typeof error.scope === 'string' ? error.scope : undefined;
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
    const whole = reason !== 'forbidden' && reason !== 'notAuthorized';
    return { final: new Refusal(`Google refuses: ${reason || 'forbidden'}`, { reason: 'permission_denied', whole, ...details }) };
  }
  return { final: new ProviderFault(`Google answers ${status} ${reason}`.trim(), { cause: error }) };
}

/** The refusal should name what to grant, which Google's answers do not. */
function namingScope(error: unknown, scope: string): unknown {
  if (error instanceof Error && statusOf(error) !== undefined) Object.defineProperty(error, 'scope', { value: scope, enumerable: false });
  return error;
}

function responseOf(error: unknown): { status?: number; data?: unknown; headers?: Headers; config?: { url?: string | URL } } | undefined {
  if (!(error instanceof Error) || !('response' in error)) return undefined;
  return error.response as ReturnType<typeof responseOf>;
}

function statusOf(error: unknown): number | undefined {
  return responseOf(error)?.status;
}

function isTokenCall(error: unknown): boolean {
  return String(responseOf(error)?.config?.url ?? '').startsWith(TOKEN_ENDPOINT);
}

function reasonOf(error: unknown): string {
  const data = responseOf(error)?.data as { error?: string | { errors?: { reason?: string }[]; status?: string } } | undefined;
  const body = data?.error;
  if (typeof body === 'string') return body;
  return body?.errors?.[0]?.reason ?? body?.status ?? '';
}

function retryAfter(error: unknown): number | undefined {
  const value = responseOf(error)?.headers?.get('retry-after');
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  // A date, by the provider's clock, which its answer tells.
  const until = Date.parse(value) - Date.parse(responseOf(error)?.headers?.get('date') ?? '');
  return Number.isNaN(until) ? undefined : Math.max(0, until);
}
