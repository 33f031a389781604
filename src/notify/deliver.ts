import type { Clock } from '../connector/index.ts';
import type { Notice } from './notice.ts';
import { NotifyError, type Notifier } from './notifier.ts';

/** How an attempt to tell somebody ended. */
export interface Delivery {
  delivered: boolean;
  /** Why it was not, or what was odd. */
  trouble: string | null;
}

/** Milliseconds before the second and the third try. */
const PAUSES_MS = [2_000, 10_000];
/** Whoever asks for more patience is asked again by the next night. */
const LONGEST_PAUSE_MS = 60_000;

/** Sends a notice, and again where that may help: always under the same id. Throws the signal's reason, and nothing else. */
export async function deliver(
  notifier: Notifier,
  notice: Notice,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Delivery> {
  for (const pause of [...PAUSES_MS, undefined]) {
    signal.throwIfAborted();
    try {
      return { delivered: true, trouble: (await notifier.send(notice, signal)) ?? null };
    } catch (error) {
      signal.throwIfAborted();
      const failed = error instanceof NotifyError ? error : new NotifyError('refused', 'Unexpected failure', { cause: error });
      const wait = Math.max(pause ?? 0, failed.retryAfterMs ?? 0);
      if (pause === undefined || failed.outcome === 'refused' || wait > LONGEST_PAUSE_MS)
        return { delivered: false, trouble: failed.message };
      await clock.sleep(wait, signal);
    }
  }
  throw new Error('A notice was tried without end');
}
