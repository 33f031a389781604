import type { CommandContext } from './context.ts';

export interface PageOptions {
  /** At most so many; 0 = all. */
  limit: number;
  /** After this one: what the page before said to go on with. */
  after?: string;
}

/** How many rows have to be read to know whether there are more: -1 = all. */
export function toRead(limit: number): number {
  return limit === 0 ? -1 : limit + 1;
}

/** One page of a list. */
export interface Page<Row> extends Iterable<Row> {
  /** Once it was taken: what to go on with, where there is more. */
  next(): string | undefined;
}

/** The first rows of a list, one after the other; `cursorOf` says after which row the next page begins. */
export function pageOf<Row>(rows: Iterable<Row>, limit: number, cursorOf: (row: Row) => string): Page<Row> {
  let next: string | undefined;
  return {
    *[Symbol.iterator]() {
      let last: Row | undefined;
      let count = 0;
      for (const row of rows) {
        if (limit > 0 && count === limit) {
          next = cursorOf(last!);
          return;
        }
        count++;
        last = row;
        yield row;
      }
    },
    next: () => next,
  };
}

/** A list that ends early must not pass for a whole one, in a pipe least of all. */
export function tellMore(context: CommandContext, limit: number, next: string | undefined): void {
  if (next !== undefined) context.err(`There are more than these ${limit}: ask for them with --limit, or go on with --after ${next}\n`);
}
