import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../connector/index.ts';

/** A clock that runs that many times faster than the real one, from a given moment on. */
export function fastClock(options: { from?: Date; speed?: number } = {}): Clock {
  const started = Date.now();
  const from = (options.from ?? new Date()).getTime();
  const speed = options.speed ?? 1000;
  return {
    now: () => new Date(from + (Date.now() - started) * speed),
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      const end = Date.now() + milliseconds / speed;
      try {
        // A timer may be a millisecond early, which is much on a fast clock.
        do await wait(Math.max(0, end - Date.now()), undefined, signal ? { signal } : {});
        while (Date.now() < end);
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },
  };
}
