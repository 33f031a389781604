import type { ListReader, ScanRow } from '../store/read.ts';
import { terminalText } from '../text/terminal.ts';
import type { CommandContext } from './context.ts';

export interface PageOptions {
  /** At most so many; 0 = all. */
  limit: number;
  /** After this one: what the page before said to go on with. */
  after?: string;
}

/** The same of a list that is written in forms for other programs, too. */
export interface SomePageOptions extends Omit<PageOptions, 'limit'> {
  /** Absent = as many as people look at; in a form whose readers compare one file with the next, all. */
  limit?: number;
}

/** Rows of a list for which no limit is given. */
const USUAL_LIMIT = 200;

/** What is missing there passes for gone. */
const COMPARED: ReadonlySet<string> = new Set(['sarif', 'ocsf', 'cyclonedx']);

export function withLimit<Options extends SomePageOptions & { format: string }>(options: Options): Options & { limit: number } {
  return { ...options, limit: options.limit ?? (COMPARED.has(options.format) ? 0 : USUAL_LIMIT) };
}

/** How many rows have to be read to know whether there are more: -1 = all. */
export function toRead(limit: number): number {
  return limit === 0 ? -1 : limit + 1;
}

/** One page of a list. */
export interface Page<Row> extends Iterable<Row> {
  /** Once it was taken: what to go on with, where there is more. */
  next(): string | undefined;
  /** How many rows of it were taken. */
  taken(): number;
}

/** The first rows of a list, one after the other; `cursorOf` says after which row the next page begins. */
export function pageOf<Row>(rows: Iterable<Row>, limit: number, cursorOf: (row: Row) => string): Page<Row> {
  let next: string | undefined;
  let count = 0;
  return {
    *[Symbol.iterator]() {
      let last: Row | undefined;
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
    taken: () => count,
  };
}

/** A list that ends early must not pass for a whole one, in a pipe least of all. */
export function tellMore(context: CommandContext, limit: number, next: string | undefined): void {
  if (next !== undefined) context.err(`There are more than these ${limit}: ask for them with --limit, or go on with --after ${next}\n`);
}

/** What a scan could not read is missing in its lists: an empty one must not pass for nothing that is there. */
export function tellUnread(context: CommandContext, reader: Pick<ListReader, 'unreadSources'>, { id }: Pick<ScanRow, 'id'>): void {
  const unread = reader.unreadSources(id).map((source) => terminalText(source));
  if (unread.length > 0) context.err(`Nothing of ${unread.join(', ')} was read in that scan: \`noctule coverage\` says why.\n`);
}

/** Filters by ids of what is stored. */
export const ID_FILTERS = ['source', 'connector', 'account', 'collector', 'product', 'vendor'] as const;
export type IdFilters = Partial<Record<(typeof ID_FILTERS)[number], string | readonly string[]>>;

/** An id that nothing is stored of must not pass for one that has nothing in an empty list. */
export async function tellUnknown(
  context: CommandContext,
  place: { database: string; tenant: string },
  asked: IdFilters,
  rows: number,
): Promise<void> {
  if (rows > 0 || ID_FILTERS.every((kind) => asked[kind] === undefined)) return;
  (await import('./unknown-ids.ts')).tellUnknownIds(context, place, asked);
}
