import { AsyncLocalStorage } from 'node:async_hooks';
import type { OperationId } from '../connector/index.ts';

/** First attempts and repeats, by operation. */
export type RequestCounts = Map<OperationId, { first: number; repeats: number }>;

/** What is counted of the work that is under way, beside other work on the same connection. */
const apart = new AsyncLocalStorage<RequestCounts>();

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
    for (const counts of [this.total, apart.getStore() ?? this.#current]) {
      const entry = counts.get(operation) ?? { first: 0, repeats: 0 };
      counts.set(operation, attempt === 'first' ? { ...entry, first: entry.first + 1 } : { ...entry, repeats: entry.repeats + 1 });
    }
  }
  /** Lets it work, and counts into `counts` what it sends, however much else is sent meanwhile. */
  countInto<Result>(counts: RequestCounts, work: () => Promise<Result>): Promise<Result> {
    return apart.run(counts, work);
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
