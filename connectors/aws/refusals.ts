import { ConfigError, ProviderFault, Refusal, UndeclaredRequest, type Fate } from '../../src/connector/index.ts';
import { operations, type AwsOperation } from './operations.ts';

/**
 * An error answer of AWS: its code and status, and nothing else of the reply.
 * The SDK's own error is dropped, because the whole reply hangs on it.
 */
export class AwsError extends Error {
  override name = 'AwsError';
  readonly operation: AwsOperation;
  /** As it stands in the reply, without `Exception`. Empty where the reply names none. */
  readonly code: string;
  readonly status: number;
  /** The action that the reply says is missing, else the operation's own permission. */
  readonly permission: string;
  /** Milliseconds that AWS asks us to wait. */
  readonly after: number | undefined;
  /** The SDK has just learnt how far our clock is off: the same request will be signed for another time. */
  readonly clockCorrected: boolean;
  constructor(operation: AwsOperation, error: SdkError, status: number) {
    const code = codeOf(error);
    super(`${operation} answers ${status} ${code}`.trim());
    this.operation = operation;
    this.code = code;
    this.status = status;
    this.permission =
      /is not authorized to perform: ([a-z0-9-]+:\w+)/.exec(error.message)?.[1] ??
      operations.find(({ id }) => id === operation)!.permission;
    const seconds = error.$response?.headers?.['retry-after'];
    this.after = seconds !== undefined && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined;
    this.clockCorrected = error.$metadata?.clockSkewCorrected === true;
  }
}

interface SdkError extends Error {
  Code?: unknown;
  $fault?: unknown;
  $metadata?: { httpStatusCode?: number; clockSkewCorrected?: boolean };
  $response?: { headers?: Record<string, string> };
}

/** Names that the SDK gives to codes of the wire. */
const WIRE_CODE: Readonly<Record<string, string>> = {
  CredentialReportNotPresent: 'ReportNotPresent',
  CredentialReportExpired: 'ReportExpired',
  CredentialReportNotReady: 'ReportInProgress',
};

function codeOf(error: SdkError): string {
  // Without $fault it is an error of the parser: the reply is no error of AWS at all.
  if (error.$fault === undefined) return '';
  const text = (typeof error.Code === 'string' ? error.Code : error.name).replace(/Exception$/, '');
  return /^\w{1,64}$/.test(text) ? (WIRE_CODE[text] ?? text) : '';
}

/** What an error of the SDK is, freed of the reply; what is not the provider's comes back as it is. */
export function translated(error: unknown, operation: AwsOperation): unknown {
  if (!(error instanceof Error)) return error;
  if (hasNoAddress(error)) return isOfARegion(operation) ? notThere('the service has no address there', error) : noNames();
  if (isOurs(error)) return error;
  const { $metadata, $response }: SdkError = error;
  if (error.name === 'CredentialsProviderError' || error.name === 'TokenProviderError') return noCredentials();
  const status = $metadata?.httpStatusCode;
  if (status === undefined || $response === undefined) return error;
  if (status < 300) return new ProviderFault('The answer is not the one that AWS documents', { retry: true });
  return new AwsError(operation, error, status);
}

/** Services that are asked in regions which may lack them; everything else is there, or nothing is. */
function isOfARegion(operation: AwsOperation): boolean {
  return !/^(?:iam|sts|account|organizations)\./.test(operation);
}

/**
 * Does the answer say that the region or the service is not there, in words that a dead credential or an outage of names also has?
 * Where AWS itself answers the same credential, it is so.
 */
export function isInDoubt(told: unknown): boolean {
  if (told instanceof AwsError) return UNKNOWN_THERE.has(told.code) && isOfARegion(told.operation);
  return told instanceof Refusal && hasNoAddress(told);
}

/** The name of the host resolves to nothing: of one service, because it is not there; of all, because names are not resolved. */
function hasNoAddress(error: Error): boolean {
  for (let inner: unknown = error, depth = 0; inner instanceof Error && depth < 8; inner = inner.cause, depth++)
    if ('code' in inner && inner.code === 'ENOTFOUND') return true;
  return false;
}

/** Without its cause, which would be taken for that of the service that is asked for. */
function noNames(): ProviderFault {
  return new ProviderFault('AWS has no address (ENOTFOUND): are names resolved on this machine?', { retry: true });
}

function notThere(why: string, cause: Error): Refusal {
  return new Refusal(`The region is not enabled, or lacks the service: ${why}`, { reason: 'not_observable', cause });
}

function isOurs(error: Error): boolean {
  return [AwsError, Refusal, ProviderFault, UndeclaredRequest, ConfigError].some((ours) => error instanceof ours);
}

function noCredentials(): ConfigError {
  return new ConfigError('The SDK finds no AWS credentials on this machine, or cannot use those that it finds', {
    fix: 'Set AWS_PROFILE or the access key variables, sign in again ("aws sso login"), or configure "profile" or "accessKey".',
  });
}

/** Limits have no status of their own in IAM: most arrive as 400. */
const THROTTLED = new Set(['Throttling', 'RequestThrottled', 'TooManyRequests', 'RequestLimitExceeded', 'LimitExceeded', 'SlowDown']);
/** The credential itself is not accepted: no other call will be. */
const NOT_ACCEPTED = new Set([
  'InvalidClientTokenId',
  'UnrecognizedClient',
  'ExpiredToken',
  'SignatureDoesNotMatch',
  'InvalidSignature',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'InvalidAccessKeyId',
  'AuthFailure',
  'RequestExpired',
  'RequestTimeTooSkewed',
]);
/** A region that the account has not enabled knows no credential of it; see `isInDoubt`. */
const UNKNOWN_THERE = new Set(['UnrecognizedClient', 'InvalidClientTokenId']);
const NOT_THERE = new Set([...UNKNOWN_THERE, 'OptInRequired', 'SubscriptionRequired']);
const DENIED = new Set(['AccessDenied', 'UnauthorizedOperation', 'NotAuthorized']);

/** What AWS's errors mean. https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
export function fateOf(error: unknown): Fate | undefined {
  if (!(error instanceof AwsError)) return undefined;
  const { code, status, permission, after } = error;
  const wait = after !== undefined && { after };
  if (status === 429 || THROTTLED.has(code)) return { retry: 'throttled', ...wait };
  if (status >= 500 || error.clockCorrected) return { retry: 'fault', ...wait };
  if (NOT_THERE.has(code) && isOfARegion(error.operation)) return { final: notThere(code, error) };
  if (status === 401 || NOT_ACCEPTED.has(code))
    return {
      final: new Refusal(`AWS does not accept the credential: ${code || status}`, {
        reason: 'permission_denied',
        permission,
        whole: true,
        cause: error,
      }),
    };
  if (status === 403 || DENIED.has(code))
    return { final: new Refusal(`AWS refuses ${permission}`, { reason: 'permission_denied', permission, cause: error }) };
  return { final: new ProviderFault(error.message, { cause: error }) };
}
