import { JWT } from 'google-auth-library';
import type { z } from 'zod';
import { ConfigError, ProviderFault, type Calls, type ConnectContext, type Wire } from '../../src/connector/index.ts';
import type { Config } from './config.ts';
import { fateOf, isTokenCall, namingPermission, statusOf } from './fate.ts';
import type { Need } from './operations.ts';
import { serviceAccountKey } from './schema.ts';

/** Sends one read with a token that is worth what it needs, and answers what the schema leaves of it. */
export type Ask = <Answer>(need: Need, schema: z.ZodType<Answer>, send: (auth: JWT) => Promise<{ data: unknown }>) => Promise<Answer>;

/** What every read of the SDK is sent with. */
export interface Sender {
  ask: Ask;
  /** Options of an SDK's call: our transport, and none of its own retries. */
  sent(auth: JWT): { auth: JWT; fetchImplementation: Wire['fetch']; retry: false; timeout: number };
  pageSize(largest: number): number;
}

/** Where in a list to go on; undefined = at its beginning. */
export interface From {
  pageToken: string | undefined;
}

export function given({ pageToken }: From): { pageToken?: string } {
  return pageToken === undefined ? {} : { pageToken };
}

export function asker(calls: Calls, context: ConnectContext<Config>, wire: Wire): Ask {
  const authorise = authoriser(context, wire);
  return async (need, schema, send) => {
    let renewed = false;
    const attempt = async () => {
      for (;;) {
        const auth = authorise.of(need);
        try {
          await authorise.token(auth);
          return checked(schema, (await send(auth)).data);
        } catch (error) {
          // The SDK does not fetch a new token when one stops being accepted in mid-scan.
          if (renewed || statusOf(error) !== 401 || isTokenCall(error)) throw namingPermission(error, need.permission);
          renewed = true;
          authorise.forget(need, auth);
        }
      }
    };
    return calls.run(attempt, need.quota === undefined ? {} : { quota: need.quota });
  };
}

/**
 * One credential for each scope: a single refused scope would refuse the token of all of them. Google Cloud has a service
 * account of its own, without a subject: with one, the widest of all scopes would act as that administrator.
 */
function authoriser(context: ConnectContext<Config>, wire: Wire) {
  const { subject, serviceAccount, cloud } = context.config;
  const key = readKey(context.secret(serviceAccount).reveal(), 'serviceAccount');
  const cloudKey = cloud && readKey(context.secret(cloud.serviceAccount).reveal(), 'cloud.serviceAccount');
  const held = new Map<string, JWT>();
  /** Until when the endpoint asked to be left alone, in milliseconds of the scan's clock, and what it answered. */
  const asleep = new WeakMap<JWT, { until: number; answer: unknown }>();
  return {
    of({ scope, as }: Need): JWT {
      let jwt = held.get(scope);
      if (!jwt) {
        const signer = as === 'administrator' ? { ...key, subject } : cloudKey;
        if (!signer)
          throw new ConfigError('No service account for Google Cloud is configured', { key: 'cloud', fix: 'Configure "cloud".' });
        const { client_email: email, private_key: signing, ...acting } = signer;
        jwt = new JWT({ email, key: signing, scopes: [scope], ...('subject' in acting && { subject: acting.subject }) });
        jwt.transporter.defaults.fetchImplementation = wire.fetch;
        // The SDK would repeat token calls by itself, past our pace and our count.
        jwt.transporter.interceptors.request.add({ resolved: async ({ retryConfig: _its, ...call }) => ({ ...call, retry: false }) });
        held.set(scope, jwt);
      }
      return jwt;
    },
    /** Many requests under way may meet the same stale token: whoever comes later finds a new one, and leaves it. */
    forget({ scope }: Need, stale: JWT): void {
      if (held.get(scope) === stale) held.delete(scope);
    },
    /** Many requests may wait for one token: what one of them was told to wait holds for all. */
    async token(auth: JWT): Promise<void> {
      const told = asleep.get(auth);
      if (told && context.now().getTime() < told.until) throw told.answer;
      try {
        await fetchToken(auth);
      } catch (error) {
        const fate = fateOf(error);
        if (fate && 'after' in fate && fate.after !== undefined)
          asleep.set(auth, { until: context.now().getTime() + fate.after, answer: error });
        throw error;
      }
    },
  };
}

function readKey(text: string, setting: string): z.infer<typeof serviceAccountKey> {
  const fix = `Download a JSON key of the service account and point "${setting}" at it.`;
  try {
    return serviceAccountKey.parse(JSON.parse(text));
  } catch {
    // Neither the text nor the parser's message may travel on: both hold parts of the key.
    throw new ConfigError('The service account key is not the JSON file that Google issues', { key: setting, fix });
  }
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
