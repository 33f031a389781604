import type { Clock } from '../../src/connector/index.ts';

/** A clock on which time passes only while everybody sleeps, and then at once: an hour costs a microsecond and nothing is a race. */
export function virtualClock(from = new Date('2026-11-02T02:00:00Z')): Clock & { elapsed(): number; slept: number[] } {
  let now = from.getTime();
  let order = 0;
  const sleepers = new Set<{ at: number; order: number; wake: () => void }>();
  const slept: number[] = [];

  function passOn(): void {
    // Whatever is already under way comes first.
    setImmediate(() =>
      setImmediate(() => {
        const [next] = [...sleepers].sort((a, b) => a.at - b.at || a.order - b.order);
        if (!next) return;
        sleepers.delete(next);
        now = Math.max(now, next.at);
        next.wake();
        if (sleepers.size > 0) passOn();
      }),
    );
  }

  return {
    now: () => new Date(now),
    elapsed: () => now - from.getTime(),
    slept,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        slept.push(milliseconds);
        const sleeper = { at: now + milliseconds, order: order++, wake: resolve };
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason as Error);
        });
        sleepers.add(sleeper);
        if (sleepers.size === 1) passOn();
      }),
  };
}
