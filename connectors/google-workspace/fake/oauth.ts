import { generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { z } from 'zod';
import { digits } from '../../../src/testing/random.ts';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { oauthError, Refused, refusal, tokenRefusal } from './refusals.ts';

/** Scopes that the administrator has delegated to the scanner's service account. */
export const SCOPES = {
  users: 'https://www.googleapis.com/auth/admin.directory.user.readonly',
  grants: 'https://www.googleapis.com/auth/admin.directory.user.security',
  audit: 'https://www.googleapis.com/auth/admin.reports.audit.readonly',
  roles: 'https://www.googleapis.com/auth/admin.directory.rolemanagement.readonly',
  units: 'https://www.googleapis.com/auth/admin.directory.orgunit.readonly',
  groups: 'https://www.googleapis.com/auth/admin.directory.group.readonly',
  licences: 'https://www.googleapis.com/auth/apps.licensing',
  settings: 'https://www.googleapis.com/auth/cloud-identity.policies.readonly',
  chrome: 'https://www.googleapis.com/auth/chrome.management.reports.readonly',
  customer: 'https://www.googleapis.com/auth/admin.directory.customer.readonly',
} as const;

/** Scopes of Google Cloud: nobody delegates them, and every service account may ask for them in its own name. */
export const CLOUD_SCOPES: readonly string[] = [
  'https://www.googleapis.com/auth/cloud-platform',
  'https://www.googleapis.com/auth/cloud-platform.read-only',
  'https://www.googleapis.com/auth/agentregistry.read-only',
  'https://www.googleapis.com/auth/apikeys.readonly',
];

/** Google's own constant: it stays the audience wherever the request really goes. */
const AUDIENCE = 'https://oauth2.googleapis.com/token';
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const LONGEST_SECONDS = 3600;
/** Clocks may differ by that much. */
const SKEW_SECONDS = 600;

const assertionHeader = z.object({ alg: z.literal('RS256') });
const assertionClaims = z.object({
  iss: z.string(),
  aud: z.string(),
  scope: z.string().optional(),
  sub: z.string().optional(),
  iat: z.number(),
  exp: z.number(),
});
type Claims = z.infer<typeof assertionClaims>;

export interface TokenOffice {
  /** Answers `POST /token`. */
  token(request: FakeRequest): FakeAnswer;
  /** The scopes of the request's token; refuses a request that has none, or one of somebody who is no administrator. */
  scopesOf(request: FakeRequest): ReadonlySet<string>;
  /** The scopes of a token of the service account for Google Cloud; refuses every other. */
  cloudScopesOf(request: FakeRequest): ReadonlySet<string>;
  /** Part of every token that it issues. */
  canary: string;
}

/** Issues and recognises access tokens. `known` says whether an address is a person, `granted` which scopes are delegated now. */
export function createTokenOffice(options: {
  administrator: string;
  known(address: string): boolean;
  granted(): ReadonlySet<string>;
}): TokenOffice {
  const canary = randomBytes(24).toString('base64url');
  const issued: { scopes: ReadonlySet<string>; actor: 'administrator' | 'cloud' | 'nobody' }[] = [];

  function token(request: FakeRequest): FakeAnswer {
    // RFC 6749, section 4.1.3: parameters come as a form, and say so.
    if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      return oauthError(400, 'invalid_request', 'Required parameter is missing: grant_type');
    const form = new URLSearchParams(request.body);
    if (form.get('grant_type') !== GRANT_TYPE) return oauthError(400, 'unsupported_grant_type', 'Invalid grant_type');
    const claims = claimsOf(form.get('assertion') ?? '');
    if (typeof claims === 'string') return oauthError(400, 'invalid_grant', claims);
    if (claims.sub !== undefined && !options.known(claims.sub)) return oauthError(400, 'invalid_grant', 'Invalid email or User ID');
    const scopes = new Set(claims.scope?.split(/[ ,]+/).filter(Boolean));
    if (scopes.size === 0) return oauthError(400, 'invalid_scope', 'Empty or missing scope not allowed.');
    // One scope that is not delegated spoils the whole request.
    const itself = claims.sub === undefined && [...scopes].every((scope) => CLOUD_SCOPES.includes(scope));
    if (!itself && [...scopes].some((scope) => !options.granted().has(scope))) return tokenRefusal(401);
    const cloud = itself && claims.iss === cloudAccount().key.client_email;
    issued.push({ scopes, actor: cloud ? 'cloud' : claims.sub === options.administrator ? 'administrator' : 'nobody' });
    return { status: 200, body: { access_token: `ya29.${canary}.${issued.length - 1}`, expires_in: 3599, token_type: 'Bearer' } };
  }

  function scopesOf(request: FakeRequest): ReadonlySet<string> {
    return heldBy('administrator', request);
  }

  function heldBy(actor: 'administrator' | 'cloud', request: FakeRequest): ReadonlySet<string> {
    const [, prefix, number] = /^Bearer (ya29\.[\w-]+)\.(\d+)$/.exec(request.headers.authorization ?? '') ?? [];
    const found = prefix === `ya29.${canary}` ? issued[Number(number)] : undefined;
    if (!found) throw new Refused(refusal(401));
    if (found.actor !== actor) throw new Refused(refusal(403));
    return found.scopes;
  }

  return { token, scopesOf, cloudScopesOf: (request) => heldBy('cloud', request), canary };
}

/** The claims of a genuine assertion, or what Google says about another. */
function claimsOf(assertion: string): Claims | string {
  const [header = '', body = '', signature = ''] = assertion.split('.');
  const claims = assertionClaims.safeParse(decoded(body));
  if (!assertionHeader.safeParse(decoded(header)).success || !claims.success) return 'Invalid JWT: malformed assertion.';
  const { iss, aud, iat, exp } = claims.data;
  const account = [serviceAccount(), cloudAccount()].find(({ key }) => key.client_email === iss);
  if (!account) return 'Invalid grant: account not found';
  const { publicKey } = account;
  if (!verify('RSA-SHA256', Buffer.from(`${header}.${body}`), publicKey, Buffer.from(signature, 'base64url')))
    return 'Invalid JWT Signature.';
  if (aud !== AUDIENCE) return 'Failed audience check. The right audience is https://oauth2.googleapis.com/token';
  const now = Date.now() / 1000;
  if (exp - iat > LONGEST_SECONDS || exp < now - SKEW_SECONDS || iat > now + SKEW_SECONDS)
    return 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.';
  return claims.data;
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

type ServiceAccount = ReturnType<typeof createServiceAccount>;
let cached: ServiceAccount | undefined;

/** The scanner's service account. Its key is made once per process, because making one is slow. */
export function serviceAccount(): ServiceAccount {
  return (cached ??= createServiceAccount('noctule'));
}

let cachedCloud: ServiceAccount | undefined;

/** Another one, which reads Google Cloud by its roles and is delegated nothing. */
export function cloudAccount(): ServiceAccount {
  return (cachedCloud ??= createServiceAccount('noctule-cloud'));
}

function createServiceAccount(name: string) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const project = 'lanternworks-audit';
  const key = {
    type: 'service_account',
    project_id: project,
    private_key_id: randomBytes(20).toString('hex'),
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    client_email: `${name}@${project}.iam.gserviceaccount.com`,
    client_id: `1${digits(20, 'google-workspace', 'scanner', name)}`,
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: AUDIENCE,
    universe_domain: 'googleapis.com',
  };
  return { key, publicKey };
}
