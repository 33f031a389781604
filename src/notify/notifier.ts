import type { Notice } from './notice.ts';

/** A way to somebody outside. It holds no state, and tries once. */
export interface Notifier {
  /**
   * Answers when the notice is accepted; what is odd about that in words, where anything is.
   * Throws a `NotifyError` where it is not, or where nobody can tell.
   */
  send(notice: Notice, signal: AbortSignal): Promise<string | undefined>;
}

/** Why a notice was not accepted, in words without any secret. */
export class NotifyError extends Error {
  override name = 'NotifyError';
  /** `busy`: the same may be accepted a little later. `refused`: not before somebody has changed something. */
  readonly outcome: 'busy' | 'refused';
  /** Not to be asked again before this many milliseconds. */
  readonly retryAfterMs: number | undefined;
  constructor(outcome: NotifyError['outcome'], message: string, options: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.outcome = outcome;
    this.retryAfterMs = options.retryAfterMs;
  }
}
