import type { Gap, Sizes } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Rows } from './inventory.ts';
import type { ListId } from './operations.ts';

/** Lists that several collectors read. What the first of them read whole in a scan, the others are given page by page. */
const SIZES = { 'GET /orgs/{org}/installations': 'installations', 'GET /orgs/{org}/personal-access-tokens': 'tokens' } as const;
type Shared = keyof typeof SIZES;

/** A list with more rows than that is kept for nobody, and each collector asks for it: so an organisation of any size takes the same memory. */
const MOST_ROWS = 1_000;

interface Kept {
  /** By the address of each; the first has none. */
  pages: Map<string | null, Rows<unknown>>;
  rows: number;
  /** Where the page after these is; null = these are all. */
  next: string | null;
}

/** A connection, and so its client, lasts for one scan. */
const kept = new WeakMap<Client, Map<ListId, Kept>>();

/** One page: as it was read before, where the whole list was, and else as `read` has it. Whoever asks parses with the schema of the others. */
export async function readOnce<Row>(
  client: Client,
  { list, from }: { list: ListId; from: string | null },
  read: () => Promise<Rows<Row> | { gap: Gap }>,
): Promise<Rows<Row> | { gap: Gap }> {
  if (!(list in SIZES)) return read();
  const lists = kept.get(client) ?? new Map<ListId, Kept>();
  kept.set(client, lists);
  const known = lists.get(list);
  const before = known?.next === null ? known.pages.get(from) : undefined;
  if (before) return before as Rows<Row>;
  const page = await read();
  const grown = keptWith(from === null ? { pages: new Map(), rows: 0, next: null } : known, from, page);
  if (grown) lists.set(list, grown);
  else lists.delete(list);
  return page;
}

/** undefined = it is kept for nobody: it broke off, part of it is malformed, it was not read from its first page on, or it is too long. */
function keptWith(before: Kept | undefined, from: string | null, page: Rows<unknown> | { gap: Gap }): Kept | undefined {
  if (!before || before.next !== from || 'gap' in page || page.gaps.length > 0) return undefined;
  const rows = before.rows + page.rows;
  return rows > MOST_ROWS ? undefined : { pages: before.pages.set(from, page), rows, next: page.next };
}

/** What a shared list costs every collector that reads it, for the formulas: nothing, unless it is too long. */
export function costOfEach(list: Shared, sizes: Sizes): number {
  return isKept(list, sizes) ? 0 : sizes.pages(SIZES[list], 100);
}

/** What it costs the first of them. */
export function costOfFirst(list: Shared, sizes: Sizes): Readonly<Record<string, number>> {
  return isKept(list, sizes) ? { [list]: sizes.pages(SIZES[list], 100) } : {};
}

function isKept(list: Shared, sizes: Sizes): boolean {
  return sizes.of(SIZES[list]) <= MOST_ROWS;
}
