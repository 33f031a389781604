import { AsyncLocalStorage } from 'node:async_hooks';
import type { OperationId } from '../connector/index.ts';

/** First attempts and repeats, by operation. */
export type RequestCounts = Map<OperationId, { first: number; repeats: number }>;

/** What is counted of a piece of work, beside other work on the same connection. */
const apart = new AsyncLocalStorage<{ counts: RequestCounts; isOver: boolean }>();

/** Counts requests, per collector and in all. */
export class Meter {
  readonly total: RequestCounts;
  #current: RequestCounts = new Map();

  constructor(total: RequestCounts = new Map()) {
    this.total = total;
  }
  /** Counts for a part of the same source that is read beside others: apart, and to the same total. */
  beside(): Meter {
    return new Meter(this.total);
  }
  count(operation: OperationId, attempt: 'first' | 'repeat'): void {
    const work = apart.getStore();
    for (const counts of [this.total, work && !work.isOver ? work.counts : this.#current]) {
      const entry = counts.get(operation) ?? { first: 0, repeats: 0 };
      counts.set(operation, attempt === 'first' ? { ...entry, first: entry.first + 1 } : { ...entry, repeats: entry.repeats + 1 });
    }
  }
  /** Lets it work, and counts into `counts` what it sends until it ends, however much else is sent meanwhile. */
  async countInto<Result>(counts: RequestCounts, work: () => Promise<Result>): Promise<Result> {
    const piece = { counts, isOver: false };
    try {
      return await apart.run(piece, work);
    } finally {
      // What it left under way is sent all the same, and counted below.
      piece.isOver = true;
    }
  }
  /** What was counted since the last time, and into nothing else. */
  take(): RequestCounts {
    const taken = this.#current;
    this.#current = new Map();
    return taken;
  }
  get requests(): number {
    let sum = 0;
    for (const { first, repeats } of this.total.values()) sum += first + repeats;
    return sum;
  }
}
