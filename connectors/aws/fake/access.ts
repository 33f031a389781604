import type { Company } from '../../../src/testing/company.ts';
import { letters } from '../../../src/testing/random.ts';
import type { FakeRequest } from '../../../src/testing/server.ts';
import { AwsError } from './aws-error.ts';
import { uniqueId } from './ids.ts';
import { scannerArn, SCANNER } from './machine-users.ts';

/** Who signed a request. */
export interface Caller {
  arn: string;
  userId: string;
  account: string;
  /** What the session policy allows; undefined = all that the principal may. */
  allowed?: ReadonlySet<string>;
  /** Temporary credentials have a token and an end. */
  session: boolean;
}

export interface Credentials {
  accessKeyId: string;
  secret: string;
}

interface SessionCredentials extends Credentials {
  token: string;
  expires: Date;
}

/** Which credentials exist and what they may call. Signatures are not recomputed: a fake need not doubt its own tests. */
export interface Access {
  readonly own: Credentials;
  /** What every session of this server holds as its secret and its token. */
  readonly sessionSecrets: { secret: string; token: string };
  readonly revoked: Set<string>;
  callerOf(request: FakeRequest): Caller;
  /** The region that the request was signed for. */
  regionOf(request: FakeRequest): string;
  openSession(request: FakeRequest, caller: Omit<Caller, 'session'>, seconds: number): SessionCredentials;
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function createAccess({ seed }: Company, account: string): Access {
  const own = { accessKeyId: uniqueId('AKIA', seed, 'scanner'), secret: letters(40, `${ALPHANUMERIC}/+`, seed, 'aws', 'secret') };
  const sessionSecrets = {
    secret: letters(40, `${ALPHANUMERIC}/+`, seed, 'aws', 'session secret'),
    token: `IQoJb3JpZ2luX2VjE${letters(103, ALPHANUMERIC, seed, 'aws', 'session token')}`,
  };
  const scanner: Caller = { arn: scannerArn(account), userId: uniqueId('AIDA', seed, 'machine', SCANNER), account, session: false };
  const sessions = new Map<string, { caller: Caller; expires: Date }>();
  return {
    own,
    sessionSecrets,
    revoked: new Set(),
    callerOf(request) {
      const accessKeyId = accessKeyOf(request);
      if (accessKeyId === own.accessKeyId) return scanner;
      const session = sessions.get(accessKeyId);
      if (!session || request.headers['x-amz-security-token'] !== sessionSecrets.token) throw unknownCredentials();
      if (signedAt(request) > session.expires) throw expiredCredentials();
      return session.caller;
    },
    regionOf: (request) => /\/\d{8}\/([\w-]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '',
    openSession(request, caller, seconds) {
      const accessKeyId = uniqueId('ASIA', seed, sessions.size);
      const expires = new Date(signedAt(request).getTime() + seconds * 1000);
      sessions.set(accessKeyId, { caller: { ...caller, session: true }, expires });
      return { accessKeyId, ...sessionSecrets, expires };
    },
  };
}

/** A session does what its policy allows and its role may, and no more. */
export function mayNot(caller: Caller, revoked: ReadonlySet<string>, action: string): boolean {
  return revoked.has(action) || caller.allowed?.has(action) === false;
}

export function unknownCredentials(): AwsError {
  return new AwsError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
}

export function expiredCredentials(): AwsError {
  return new AwsError(403, 'ExpiredToken', 'The security token included in the request is expired');
}

export function accessDenied(caller: string, action: string, resource = '*'): AwsError {
  const message = `User: ${caller} is not authorized to perform: ${action} on resource: ${resource}`;
  return new AwsError(403, 'AccessDenied', `${message} because no identity-based policy allows the ${action} action`);
}

function accessKeyOf(request: FakeRequest): string {
  const header = request.headers.authorization;
  if (header === undefined) throw new AwsError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
  const signature =
    /^AWS4-HMAC-SHA256 Credential=(\w+)\/\d{8}\/[\w-]+\/[a-z-]+\/aws4_request, ?SignedHeaders=\S+, ?Signature=[0-9a-f]{64}$/;
  const found = signature.exec(header);
  if (!found) throw unknownCredentials();
  return found[1]!;
}

/** The caller's clock, which AWS keeps within minutes of its own: sessions end in the time of whoever uses them. */
function signedAt(request: FakeRequest): Date {
  const [, date, hours, minutes, seconds] = /^(\d{8})T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers['x-amz-date'])) ?? [];
  if (!date)
    throw new AwsError(400, 'IncompleteSignature', "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  return new Date(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${hours}:${minutes}:${seconds}Z`);
}
