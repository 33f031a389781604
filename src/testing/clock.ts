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
      try {
        await wait(milliseconds / speed, undefined, signal ? { signal } : {});
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },
  };
}
