import { createPublicKey, generateKeyPairSync, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { letters } from '../../../src/testing/random.ts';
import { appClientId, OWN_APP } from './installed-apps.ts';

/** Who a request says it is. */
export type Caller =
  | { kind: 'nobody' }
  | { kind: 'unreadable'; message: string }
  | { kind: 'app' }
  /** `here` = installed on our organisation. `narrowed` = the permissions that the token was asked to be cut down to. */
  | { kind: 'installation'; installation: number; here: boolean; narrowed?: ReadonlySet<string> }
  | { kind: 'token' };

export interface Credentials {
  /** PEM as GitHub hands it out. */
  privateKey: string;
  /** A classic token of the organisation's owner. */
  token: string;
  identify(authorization: string | undefined): Caller;
  issue(installation: number, here: boolean, narrowed?: ReadonlySet<string>): { token: string; expiresAt: Date };
  /** Every installation token handed out so far. */
  issued(): readonly string[];
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const HOUR = 3_600_000;

export function createCredentials(seed: string): Credentials {
  const { pem, publicKey } = keyOfThisProcess();
  const token = `ghp_${letters(36, LETTERS, seed, 'owner token')}`;
  const installationTokens = new Map<string, { caller: Caller; expiresAt: Date }>();
  return {
    privateKey: pem,
    token,
    identify(authorization) {
      const [, value] = /^(?:bearer|token)\s+(\S+)$/i.exec(authorization ?? '') ?? [];
      if (value === undefined) return authorization ? badCredentials() : { kind: 'nobody' };
      if (value === token) return { kind: 'token' };
      if (value.split('.').length === 3) return appOf(value, publicKey);
      const issued = installationTokens.get(value);
      return issued && issued.expiresAt.getTime() > Date.now() ? issued.caller : badCredentials();
    },
    issue(installation, here, narrowed) {
      const value = `ghs_${letters(36, LETTERS, seed, 'installation token', installationTokens.size)}`;
      const expiresAt = new Date(Math.floor((Date.now() + HOUR) / 1000) * 1000);
      const caller: Caller = { kind: 'installation', installation, here, ...(narrowed && { narrowed }) };
      installationTokens.set(value, { caller, expiresAt });
      return { token: value, expiresAt };
    },
    issued: () => [...installationTokens.keys()],
  };
}

function badCredentials(): Caller {
  return { kind: 'unreadable', message: 'Bad credentials' };
}

let key: { pem: string; publicKey: KeyObject } | undefined;

/** Making an RSA key takes longer than everything else here together. PKCS#1, as GitHub's own downloads. */
function keyOfThisProcess(): { pem: string; publicKey: KeyObject } {
  if (key) return key;
  const { privateKey: pem } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  key = { pem, publicKey: createPublicKey(pem) };
  return key;
}

const claims = z.object({ iss: z.union([z.string(), z.number()]), iat: z.number(), exp: z.number() });

/** GitHub's rules for the App's JWT: RS256, issued by the App, not in the future, and not good for more than ten minutes. */
function appOf(jwt: string, publicKey: KeyObject): Caller {
  const undecodable: Caller = { kind: 'unreadable', message: 'A JSON web token could not be decoded' };
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  if (!verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'))) return undecodable;
  const algorithm = z.object({ alg: z.literal('RS256') }).safeParse(jsonOf(header));
  const said = claims.safeParse(jsonOf(payload));
  if (!algorithm.success || !said.success) return undecodable;
  const { iss, iat, exp } = said.data;
  const now = Date.now() / 1000;
  if (String(iss) !== String(OWN_APP.appId) && iss !== appClientId(OWN_APP)) return undecodable;
  if (iat > now + 60)
    return {
      kind: 'unreadable',
      message: "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    };
  if (exp <= now)
    return {
      kind: 'unreadable',
      message: "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    };
  if (exp > now + 600) return { kind: 'unreadable', message: "'Expiration time' claim ('exp') is too far in the future" };
  return { kind: 'app' };
}

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
