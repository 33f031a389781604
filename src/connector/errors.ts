import type { GapReason } from './statements.ts';

/** The user's to fix: which key, what is wrong, what to do. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly fix: string;
  /** The path of the key, `sources.workspace.subject`, where one key is at fault. */
  readonly key: string | undefined;
  /** Line in the file, counted from 1, where it is known. */
  readonly line: number | undefined;
  constructor(message: string, details: { fix: string; key?: string; line?: number; cause?: unknown }) {
    super(message, { cause: details.cause });
    this.fix = details.fix;
    this.key = details.key;
    this.line = details.line;
  }
}

/** The provider will not show this to this credential: becomes a gap, and is never repeated. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly reason: Extract<GapReason, 'permission_denied' | 'not_licensed' | 'not_observable'>;
  /** What the provider itself says is missing. */
  readonly permission: string | undefined;
  /** True where the credential itself is not accepted: then nothing else of this source will answer either. */
  readonly whole: boolean;
  constructor(message: string, details: { reason: Refusal['reason']; permission?: string; whole?: boolean; cause?: unknown }) {
    super(message, { cause: details.cause });
    this.reason = details.reason;
    this.permission = details.permission;
    this.whole = details.whole ?? false;
  }
}

/** The provider failed to answer: repeated where that may help, then a gap. */
export class ProviderFault extends Error {
  override name = 'ProviderFault';
  readonly reason: Extract<GapReason, 'provider_error' | 'rate_limited' | 'truncated' | 'over_budget'>;
  /** May the same request do better? */
  readonly retry: boolean;
  constructor(message: string, details: { reason?: ProviderFault['reason']; retry?: boolean; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.reason = details.reason ?? 'provider_error';
    this.retry = details.retry ?? false;
  }
}

/** No whole answer came within the time that one request may take. A smaller question may do better than the same once more. */
export class AnswerTimedOut extends ProviderFault {
  override name = 'AnswerTimedOut';
}

/** The provider leads elsewhere: to another host, or to what no operation declares. Nothing was sent there. */
export class RedirectRefused extends ProviderFault {
  override name = 'RedirectRefused';
  /** Where it leads; undefined = the address could not be read. */
  readonly target: URL | undefined;
  constructor(message: string, target: URL | undefined, cause?: unknown) {
    super(message, { cause });
    this.target = target;
  }
}

/** Ours: a request that no operation declares was about to be sent. Nothing left the machine. */
export class UndeclaredRequest extends Error {
  override name = 'UndeclaredRequest';
}
