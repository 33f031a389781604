import { createAppAuth } from '@octokit/auth-app';
import { ConfigError, pageGuard, Refusal } from '../../src/connector/index.ts';
import type { Secret } from '../../src/secret/secret.ts';
import { nextPage } from './link.ts';
import type { CredentialId, List } from './operations.ts';
import { accessToken, bareRows, namedInstallation } from './schema.ts';
import type { Send } from './send.ts';

/** Installation tokens live one hour; an older one than this is not used any more. */
const RENEW_AFTER = 55 * 60_000;

/** One way to be let in. */
export interface Credential {
  id: CredentialId;
  /** Sends at the pace of this credential. */
  send: Send;
  /** What the `authorization` header says. Throws a Refusal, for the whole credential, where GitHub does not let it in. */
  authorization(): Promise<string>;
  /** Does it see more of a list than what is public, by GitHub's own word? `scopes` are those that came with the answer. */
  seesAll(needs: List, scopes: string | undefined): boolean;
  /** Was it let into some repositories alone? Known once it was used. */
  isSelective(): boolean;
  /** Gives up a token that stopped being accepted; false where no other can be had. */
  renew(used: string): boolean;
}

export function tokenCredential(secret: Secret, send: Send): Credential {
  return {
    id: 'token',
    send,
    authorization: async () => `bearer ${secret.reveal().trim()}`,
    // To see, it is enough to read: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
    seesAll: (needs, scopes) => {
      const subject = needs.token?.split(':').at(-1);
      const held = (scopes ?? '').split(/\s*,\s*/);
      return held.includes(subject ?? '') || ['admin', 'write', 'read'].some((level) => held.includes(`${level}:${subject}`));
    },
    isSelective: () => false,
    renew: () => false,
  };
}

export interface AppOptions {
  appId: number;
  privateKey: Secret;
  installation: number | undefined;
  organization: string;
  baseUrl: string;
  pageSize: number;
  send: Send;
  now(): Date;
}

/** A GitHub App: its key signs a short-lived assertion, which buys a token for its installation in the organisation. */
export function appCredential(options: AppOptions): Credential {
  let installation: Promise<number> | undefined;
  let held: { header: Promise<string>; since: number } | undefined;
  let last: string | undefined;
  let granted: Readonly<Record<string, string>> = {};
  let selection: string | undefined;

  async function fetchToken(): Promise<string> {
    try {
      installation ??= options.installation === undefined ? findInstallation(options) : Promise.resolve(options.installation);
      const route = 'POST /app/installations/{installation_id}/access_tokens';
      const { data } = await options.send(() => assertion(options), { route, installation_id: await installation }, accessToken);
      last = `bearer ${data.token}`;
      granted = data.permissions ?? {};
      selection = data.repository_selection;
      return last;
    } catch (error) {
      installation = undefined;
      held = undefined;
      throw error instanceof Refusal ? wholly(error) : error;
    }
  }

  return {
    id: 'app',
    send: options.send,
    authorization() {
      const now = options.now().getTime();
      if (!held || now - held.since > RENEW_AFTER) held = { header: fetchToken(), since: now };
      return held.header;
    },
    seesAll: ({ app }) => app !== undefined && Object.hasOwn(granted, app.split(':')[1]!),
    isSelective: () => selection === 'selected',
    renew(used) {
      // Several calls may notice at once: only the first of them throws the token away.
      if (used === last) held = undefined;
      return true;
    },
  };
}

function wholly(refusal: Refusal): Refusal {
  if (refusal.whole) return refusal;
  const { reason, permission, cause } = refusal;
  return new Refusal(`it gets no token: ${refusal.message}`, { reason, whole: true, cause, ...(permission && { permission }) });
}

async function assertion({ appId, privateKey }: Pick<AppOptions, 'appId' | 'privateKey'>): Promise<string> {
  try {
    const { token } = await createAppAuth({ appId, privateKey: privateKey.reveal() })({ type: 'app' });
    return `bearer ${token}`;
  } catch {
    // Neither the text nor the parser's message may travel on: both can hold parts of the key.
    throw new ConfigError('The private key of the GitHub App cannot be read', {
      key: 'app.privateKey',
      fix: 'Generate a private key on the settings page of the App and point "app.privateKey" at the whole .pem file.',
    });
  }
}

async function findInstallation(options: AppOptions): Promise<number> {
  const { organization } = options;
  for await (const row of installationsOf(options)) {
    const { data } = namedInstallation.safeParse(row);
    if (data?.account?.login?.toLowerCase() === organization.toLowerCase()) return data.id;
  }
  throw new Refusal(`GitHub App ${options.appId} is not installed in ${organization}`, { reason: 'permission_denied', whole: true });
}

/** Everywhere that the App is installed, as it is told itself: in organisations, and with people and enterprises too. */
export async function* installationsOf(options: Omit<AppOptions, 'organization' | 'installation'>): AsyncGenerator<unknown> {
  const { baseUrl, pageSize, send } = options;
  const guard = pageGuard();
  let next: string | null = null;
  do {
    const request = next === null ? { route: 'GET /app/installations', per_page: pageSize } : { route: `GET ${next}` };
    const answer = await send(() => assertion(options), request, bareRows);
    yield* answer.data.rows;
    next = nextPage(answer.link, { baseUrl, paths: ['/app/installations'] });
    if (next !== null) guard(next);
  } while (next !== null);
}
