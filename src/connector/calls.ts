import { AsyncLocalStorage } from 'node:async_hooks';
import pLimit from 'p-limit';
import type { Clock, Pace } from './context.ts';
import { ConfigError, ProviderFault, Refusal, UndeclaredRequest } from './errors.ts';
import { createPacer, createQuota } from './pacer.ts';

/** What an error of an SDK means. Each connector says it for its own provider; see `Classify`. */
export type Fate =
  /**
   * The provider's limit or fault: the same request again, after at least `after` milliseconds. Where it does not say how long,
   * `first` is the wait before the second attempt, and it doubles from there; absent = the usual one.
   */
  | { retry: 'throttled' | 'fault'; after?: number; first?: number }
  /** Nothing will change by asking again. */
  | { final: Refusal | ProviderFault };

/** Translates an SDK's error; undefined = not the provider's, so it is thrown as it is. */
export type Classify = (error: unknown) => Fate | undefined;

/**
 * Sends calls: at the pace that the provider allows, again after its faults, never for ever.
 * The SDKs' own retries are switched off, because the three disagree on what to repeat, how often, and whether to stop.
 */
export interface Calls {
  /** `repeat` marks a poll: it is counted apart from first attempts. `quota` names one of the pace's quotas, which the call spends too. */
  run<T>(send: () => Promise<T>, options?: { repeat?: boolean; quota?: string }): Promise<T>;
  /** How many of them may be under way at once. */
  readonly inFlight: number;
}

export interface CallLimits {
  /** Attempts at one call, the first included. */
  attempts: number;
  /** First wait in milliseconds; it doubles up to `longestWait`. */
  firstWait: number;
  longestWait: number;
  /** When to stop asking altogether, by the scan's clock. */
  deadline?: Date;
}

/** The longest Retry-After that is waited for, in milliseconds: GitHub's hourly limit needs an hour. A longer one ends the call at once. */
const LONGEST_PATIENCE = 65 * 60_000;

export const CALL_LIMITS: CallLimits = { attempts: 6, firstWait: 500, longestWait: 60_000 };

export function createCalls(options: {
  clock: Clock;
  pace: Pace;
  classify: Classify;
  signal: AbortSignal;
  limits?: Partial<CallLimits>;
}): Calls {
  const { clock, classify, signal } = options;
  const limits = { ...CALL_LIMITS, ...options.limits };
  const limit = pLimit(options.pace.inFlight);
  /** Ends the waits of those who hold back because the provider objected. */
  const patient = new Set<() => void>();
  const pacer = createPacer(clock, options.pace, {
    rest(milliseconds) {
      refuseAfterDeadline(milliseconds);
      return waitPatiently(milliseconds);
    },
    goOn: () => patient.forEach((wake) => wake()),
  });
  const quotas = new Map(Object.entries(options.pace.quotas ?? {}).map(([name, quota]) => [name, createQuota(clock, quota, rest)]));

  function quotaNamed(name: string) {
    const quota = quotas.get(name);
    if (!quota) throw new Error(`The pace has no quota "${name}"`);
    return quota;
  }

  function refuseAfterDeadline(wait = 0): void {
    if (limits.deadline && clock.now().getTime() + wait >= limits.deadline.getTime())
      throw new ProviderFault('The time for this source is used up', { reason: 'over_budget' });
  }

  /** Waits for a turn, unless it comes after the deadline. */
  async function rest(milliseconds: number): Promise<void> {
    refuseAfterDeadline(milliseconds);
    await clock.sleep(milliseconds, signal);
  }

  /** Waits, but no longer than until the provider answers again after an objection. */
  async function waitPatiently(milliseconds: number): Promise<void> {
    signal.throwIfAborted();
    const waiting = new AbortController();
    const wake = () => waiting.abort();
    patient.add(wake);
    signal.addEventListener('abort', wake);
    try {
      await clock.sleep(milliseconds, waiting.signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!waiting.signal.aborted) throw error;
    } finally {
      patient.delete(wake);
      signal.removeEventListener('abort', wake);
    }
  }

  async function attempt<T>(send: () => Promise<T>, number: number, call: Call): Promise<T> {
    signal.throwIfAborted();
    refuseAfterDeadline();
    await pacer.turn();
    // Last: what it lets pass is sent at once, unless the connector lets fewer be under way.
    if (call.quota !== undefined) await quotaNamed(call.quota).turn();
    // The turn may have come late.
    signal.throwIfAborted();
    refuseAfterDeadline();
    const sentAt = clock.now().getTime();
    try {
      const value = await calling.run(call, send);
      pacer.answered(sentAt);
      return value;
    } catch (error) {
      signal.throwIfAborted();
      const fate = fateOf(error, classify);
      if (!fate) throw error;
      if ('final' in fate) throw fate.final;
      if (fate.retry === 'throttled') pacer.throttled(sentAt);
      if (number >= limits.attempts) throw exhausted(error, fate.retry, number);
      if (isTooLong(fate.after)) throw tooLong(error, fate);
      const wait = waitBefore(number + 1, fate, limits);
      if (limits.deadline && clock.now().getTime() + wait >= limits.deadline.getTime()) throw exhausted(error, fate.retry, number);
      await (fate.retry === 'throttled' && fate.after === undefined ? waitPatiently(wait) : clock.sleep(wait, signal));
      return attempt(send, number + 1, call);
    }
  }

  return {
    inFlight: options.pace.inFlight,
    run: (send, { repeat = false, quota } = {}) =>
      limit(() => attempt(send, 1, { repeat, sent: new Set(), ...(quota !== undefined && { quota }) })),
  };
}

/** One call over all its attempts. */
interface Call {
  /** A poll: all that it sends was sent before. */
  repeat: boolean;
  sent: Set<string>;
  /** Of the quota that every attempt spends. */
  quota?: string;
}

const calling = new AsyncLocalStorage<Call>();

/**
 * Was this request sent before in the call that is under way, or is the call a poll? The wire counts those apart.
 * An attempt that failed at its token never sent the request itself.
 */
export function isRepeat(request: string): boolean {
  const call = calling.getStore();
  if (!call) return false;
  if (call.repeat || call.sent.has(request)) return true;
  call.sent.add(request);
  return false;
}

/** Our own errors keep their meaning however deep an SDK wraps them; the rest is the connector's to judge. */
function fateOf(error: unknown, classify: Classify): Fate | undefined {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 8; inner = inner.cause, depth++) {
    if (inner instanceof ProviderFault) return inner.retry ? { retry: 'fault' } : { final: inner };
    if (inner instanceof Refusal) return { final: inner };
    if (inner instanceof UndeclaredRequest || inner instanceof ConfigError) throw inner;
  }
  return classify(error);
}

function exhausted(error: unknown, retry: 'throttled' | 'fault', number: number): ProviderFault {
  const reason = retry === 'throttled' ? 'rate_limited' : 'provider_error';
  return new ProviderFault(`No answer after ${number} attempts`, { reason, cause: error });
}

/** A provider may ask for patience, not for the whole night. To ask it sooner than it said would be worse than not at all. */
function isTooLong(after: number | undefined): after is number {
  return Number.isFinite(after) && after! > LONGEST_PATIENCE;
}

function tooLong(cause: unknown, { retry, after }: { retry: 'throttled' | 'fault'; after?: number }): ProviderFault {
  const minutes = Math.round(after! / 60_000);
  const reason = retry === 'throttled' ? 'rate_limited' : 'provider_error';
  return new ProviderFault(`It asks to wait for ${minutes} minutes, and a scan waits for ${LONGEST_PATIENCE / 60_000} at most`, {
    reason,
    cause,
  });
}

function waitBefore(number: number, { after, first }: { after?: number; first?: number }, limits: CallLimits): number {
  const doubled = (first ?? limits.firstWait) * 2 ** (number - 2);
  const backoff = first === undefined ? Math.min(limits.longestWait, doubled) : Math.min(LONGEST_PATIENCE, doubled);
  return Math.max(Number.isFinite(after) ? after! : 0, backoff) * (1 + Math.random() / 10);
}
