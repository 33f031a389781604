import type { OperationId } from '../connector/index.ts';

/** First attempts and repeats, by operation. */
export type RequestCounts = Map<OperationId, { first: number; repeats: number }>;

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
    for (const counts of [this.total, this.#current]) {
      const entry = counts.get(operation) ?? { first: 0, repeats: 0 };
      counts.set(operation, attempt === 'first' ? { ...entry, first: entry.first + 1 } : { ...entry, repeats: entry.repeats + 1 });
    }
  }
  /** What was counted since the last time. */
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
