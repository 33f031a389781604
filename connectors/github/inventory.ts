import { hash } from 'node:crypto';
import { z } from 'zod';
import {
  pageGuard,
  parseItems,
  ProviderFault,
  reading,
  Refusal,
  within,
  concurrent,
  type CollectContext,
  type Gap,
  type Loss,
  type Observation,
  type Scope,
  type ScanEvent,
  type Statement,
} from '../../src/connector/index.ts';
import type { Parameters } from './asker.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { credentialsFor, listNeeds, type ListId } from './operations.ts';
import { readOnce } from './shared-lists.ts';

/** One list of GitHub, and what its rows mean. */
export interface Listing<Row> {
  list: ListId;
  /** Values for its path, besides the organisation. */
  parameters?: Parameters;
  /** Its place below the account. */
  place: readonly string[];
  /** One row, in a word. */
  what: string;
  /** What is unknown where it cannot be read: a sentence without a full stop. */
  effect: string;
  /** Name of its size in the formula of costs. */
  size: string;
  schema: z.ZodType<Row>;
  /** The field of a row, from the outside in, that names its place within the list. */
  key: readonly string[];
  /**
   * What the total counts, where it is not rows: rows of the same answer count once. undefined = it cannot be told what the row
   * counts as, and the total is held against nothing.
   */
  counts?(row: Row): string | undefined;
  /** undefined = the row states nothing about anybody. */
  observe(row: Row, place: Scope): Observation | undefined;
  /** What is read for some of its rows besides. */
  below?: Below<Row>;
}

/** What is read for each row of a list. */
export interface Below<Row> {
  /** Name of the number of leaves in the formula of costs. */
  size: string;
  leavesOf(row: Row): readonly (Leaf | Gap)[];
}

/** One object of GitHub, and what it means. */
export interface Single<Data> {
  one: ListId;
  parameters?: Parameters;
  place: readonly string[];
  /** As of a list. */
  effect: string;
  schema: z.ZodType<Data>;
  observe(data: Data, place: Scope): readonly Observation[];
  /** Why what was answered is not all, or may not be: then nothing is stated of it, and what was known stays. undefined = it is all. */
  lacks?(data: Data): Pick<Gap, 'reason' | 'effect'> | undefined;
  /** Where GitHub shows the object to few and answers 404 to others: then nothing is wrong with the set-up, and this is why. */
  hidden?: string;
}

/** What is read for one row of a list: a list of its own, or one object. */
export type Leaf = { of: Listing<unknown> } | { of: Single<unknown> };

/** Keeps the row's type within, where leaves of several types stand side by side. */
export function leaf<Row>(of: Listing<Row> | Single<Row>): Leaf {
  return { of: of as unknown as Listing<unknown> };
}

/** A limit of every list of which GitHub gives no total: a row that is skipped so cannot be noticed. */
export const UNCOUNTED =
  'GitHub cuts the list into pages of 100 by position and says no total: where a row leaves it while it is read, another may be skipped, and looks gone until the next scan';

type Context = CollectContext<Config, Client>;

/** What an interrupted scan has to know of the pages before. */
const order = {
  /** What the first page promised. */
  total: z.int().nullable(),
  /** Marks of the rows of the last page, and whether one of them stood on the page before it too. */
  last: z.array(z.string()),
  moved: z.boolean(),
};

/** Where an interrupted scan goes on: in which list, at which page, and how many rows each list has had. */
const position = z.object({
  list: z.int(),
  next: z.string().nullable(),
  rows: z.array(z.int()),
  /** How many leaves the rows of each list have had. */
  leaves: z.array(z.int()).default([]),
  /** What was counted so far, where the total does not count rows; null = that cannot be told. */
  counted: z.array(z.string()).nullable().default(null),
  ...order,
});

/** Reads lists one after the other: each has its own claim and its own gaps, and a checkpoint follows each page. */
export async function* readLists<Row>(context: Context, listings: readonly Listing<Row>[]): AsyncGenerator<ScanEvent> {
  const start = position.parse(context.cursor ?? { list: 0, next: null, rows: listings.map(() => 0), counted: [], ...UNREAD });
  const rows = [...start.rows];
  const leaves = listings.map((_listing, index) => start.leaves[index] ?? 0);
  for (const [index, listing] of listings.entries()) {
    if (index < start.list) continue;
    const guard = pageGuard();
    let next = index === start.list ? start.next : null;
    const pages = orderOf(index === start.list ? start : UNREAD);
    const counted = countOf(listing, index === start.list ? start.counted : []);
    do {
      const page = await readPage(context, listing, next, guard);
      if ('gap' in page) {
        yield page.gap;
        break;
      }
      yield* page.gaps;
      yield* statedBy(context, listing, page.items);
      if (listing.below) leaves[index]! += yield* readBelow(context, listing.below, page.items);
      rows[index]! += page.rows;
      counted.add(page);
      const steady = pages.isSteady(page.total, page.items.map(markOf));
      next = page.next;
      if (next === null) yield conclusion(context, listing, counted.read(rows[index]!, page.total), page.total, steady);
      yield {
        type: 'checkpoint',
        cursor: {
          list: next === null ? index + 1 : index,
          next,
          rows: [...rows],
          leaves: [...leaves],
          counted: next === null ? [] : counted.kept(),
          ...(next === null ? UNREAD : pages.kept()),
        },
        sizes: sizesOf(listings.slice(0, index + 1), rows, leaves),
      };
    } while (next !== null);
  }
}

/** Lists of several kinds may count what is read below them together. */
function sizesOf<Row>(read: readonly Listing<Row>[], rows: readonly number[], leaves: readonly number[]): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const [list, { size, below }] of read.entries()) {
    sizes[size] = rows[list]!;
    if (below) sizes[below.size] = (sizes[below.size] ?? 0) + leaves[list]!;
  }
  return sizes;
}

/** Gives how many leaves there were. */
async function* readBelow<Row>(context: Context, { leavesOf }: Below<Row>, items: readonly Row[]): AsyncGenerator<ScanEvent, number> {
  const all = items.flatMap((row) => leavesOf(row));
  yield* all.filter((each): each is Gap => 'type' in each);
  const work = all.filter((each): each is Leaf => 'of' in each);
  for await (const events of concurrent(work, context.inFlight, (each) => readLeaf(context, each))) yield* events;
  return work.length;
}

function* statedBy<Row>(context: Context, listing: Listing<Row>, items: readonly Row[]): Generator<Observation> {
  for (const item of items) {
    const observation = listing.observe(item, rowPlace(context, listing, item));
    if (observation) yield observation;
  }
}

/** Counts what the total of a list counts, where that is not its rows. */
function countOf<Row>({ counts }: Listing<Row>, before: readonly string[] | null) {
  const found = new Set(before);
  let isKnown = before !== null;
  return {
    add({ items, rows }: Rows<Row>): void {
      if (!counts) return;
      const read = items.flatMap((item) => counts(item) ?? []);
      for (const one of read) found.add(one);
      isKnown &&= read.length === rows;
    },
    /** How much of the total was read; undefined = it cannot be told. Who holds a seat that is not billed is more than the total, and no loss. */
    read(rows: number, total: number | undefined): number | undefined {
      if (!counts) return rows;
      return isKnown && total !== undefined ? Math.min(found.size, total) : undefined;
    },
    kept: () => (isKnown ? [...found] : null),
  };
}

interface Order {
  total: number | null;
  last: readonly string[];
  moved: boolean;
}

const UNREAD: Order = { total: null, last: [], moved: false };

/**
 * Pages are cut by position. A list that shrinks while it is read skips a row, and only its total tells; where a row moves
 * to the front, the last of a page stands on the next one as well, and somewhere another was skipped.
 */
function orderOf({ total, last, moved }: Order) {
  return {
    isSteady(of: number | undefined, rows: readonly string[]): boolean {
      const before = new Set(last);
      moved ||= rows.some((row) => before.has(row)) || new Set(rows).size < rows.length;
      const same = total === null || of === total;
      total ??= of ?? null;
      last = rows;
      return same && !moved;
    },
    kept: (): Order => ({ total, last: [...last], moved }),
  };
}

/** Tells a row from others at the length of a word: it is kept while the next page is read. */
function markOf(row: unknown): string {
  return hash('sha256', JSON.stringify(row), 'base64url').slice(0, 12);
}

/** Reads single objects one after the other. */
export async function* readSingles(context: Context, singles: readonly Leaf[]): AsyncGenerator<ScanEvent> {
  const done = z.int().parse(context.cursor ?? 0);
  for (const [index, single] of singles.entries()) {
    if (index < done) continue;
    yield* await readLeaf(context, single);
    yield { type: 'checkpoint', cursor: index + 1 };
  }
}

/** Where an interrupted scan goes on in a list whose rows are read one by one. */
const rowPosition = z.object({ done: z.boolean(), next: z.string().nullable(), rows: z.int(), leaves: z.int(), ...order });

/**
 * Reads, for each row of a list, what `leavesOf` says. What could be read below a row claims itself; the list claims all that is
 * below it once its last page was seen, so that what hung on a row that is no longer listed is gone.
 */
export async function* readEach<Row>(
  context: Context,
  /** Its rows are stated too where it says what they mean. */
  listing: Omit<Listing<Row>, 'observe'> & Partial<Pick<Listing<Row>, 'observe'>>,
  below: Below<Row>,
): AsyncGenerator<ScanEvent> {
  const rows: Listing<Row> = { observe: () => undefined, ...listing };
  const start = rowPosition.parse(context.cursor ?? { done: false, next: null, rows: 0, leaves: 0, ...UNREAD });
  if (start.done) return;
  const guard = pageGuard();
  const pages = orderOf(start);
  let { next, rows: seen, leaves } = start;
  do {
    const page = await readPage(context, rows, next, guard);
    if ('gap' in page) return void (yield page.gap);
    yield* page.gaps;
    yield* statedBy(context, rows, page.items);
    leaves += yield* readBelow(context, below, page.items);
    seen += page.rows;
    const steady = pages.isSteady(page.total, page.items.map(markOf));
    next = page.next;
    if (next === null) yield conclusion(context, rows, seen, page.total, steady);
    yield {
      type: 'checkpoint',
      cursor: { done: next === null, next, rows: seen, leaves, ...pages.kept() },
      sizes: { [listing.size]: seen, [below.size]: leaves },
    };
  } while (next !== null);
}

export async function readLeaf(context: Context, { of }: Leaf): Promise<ScanEvent[]> {
  if ('one' in of) return readSingle(context, of);
  const events: ScanEvent[] = [];
  for await (const event of readLists({ ...context, cursor: undefined }, [of])) if (event.type !== 'checkpoint') events.push(event);
  return events;
}

async function readSingle<Data>(context: Context, single: Single<Data>): Promise<ScanEvent[]> {
  const scope = within(context.account.scope, ...single.place);
  const read = await readingTold(single.one, { scope, effect: single.effect }, async () => {
    try {
      return await context.client.one(single.one, single.schema, single.parameters);
    } catch (error) {
      if (single.hidden !== undefined && isNotFound(error)) throw new Refusal(single.hidden, { reason: 'not_observable' });
      throw error;
    }
  });
  if (!read.gap) {
    const lacks = single.lacks?.(read.value);
    if (lacks) return [{ type: 'gap', scope, ...lacks, effect: `${single.effect}: ${lacks.effect}` }];
    return [...single.observe(read.value, scope), { type: 'covered', scope }];
  }
  const byDesign = read.gap.reason === 'not_observable' && single.hidden !== undefined;
  if (!byDesign) return [read.gap];
  const { permission: _none, ...gap } = read.gap;
  return [{ ...gap, byDesign }];
}

/** The gap of a list that is closed. The client has been refused before, and refuses again without asking. */
export async function closedGap({ one }: Client, list: ListId, scope: Scope, effect: string): Promise<Gap> {
  const read = await readingTold(undefined, { scope, effect }, () => one(list, z.unknown()));
  if (!read.gap) throw new Error(`${list} was closed, and answers`);
  return read.gap;
}

/** Reads what the permission for `list` opens. The gap says what GitHub said: it names what it would accept, and that belongs into the report. */
export async function readingTold<T>(
  list: ListId | undefined,
  loss: Omit<Loss, 'permission'>,
  read: () => Promise<T>,
): Promise<{ value: T; gap?: never } | { gap: Gap }> {
  const permission = list && permissionFor(list);
  let said = '';
  const result = await reading({ ...loss, ...(permission && { permission }) }, async () => {
    try {
      return await read();
    } catch (error) {
      if (error instanceof Refusal || error instanceof ProviderFault) said = `: ${error.message}`;
      throw error;
    }
  });
  return result.gap ? { gap: { ...result.gap, effect: loss.effect + said } } : result;
}

function isNotFound(error: unknown): boolean {
  const { cause } = error instanceof Refusal ? error : {};
  const inner = cause instanceof Refusal ? cause.cause : cause;
  return inner instanceof Error && 'status' in inner && inner.status === 404;
}

function permissionFor(list: ListId): string | undefined {
  return listNeeds(list)[credentialsFor(list)[0]!];
}

/** One page of a list, parsed: what is malformed in it stands among the gaps. */
export interface Rows<Row> {
  items: Row[];
  gaps: Gap[];
  /** Malformed ones included. */
  rows: number;
  total: number | undefined;
  next: string | null;
}

/** The pages of a list from one on, or from its first; a page that cannot be read is a gap, and the last. */
export async function* pagesOf<Row>(
  context: Context,
  listing: Omit<Listing<Row>, 'observe'>,
  from: string | null = null,
): AsyncGenerator<Rows<Row> | { gap: Gap }> {
  const guard = pageGuard();
  let next = from;
  do {
    const page = await readPage(context, listing, next, guard);
    yield page;
    if ('gap' in page) return;
    next = page.next;
  } while (next !== null);
}

function readPage<Row>(
  context: Context,
  listing: Omit<Listing<Row>, 'observe'>,
  from: string | null,
  guard: (address: string) => void,
): Promise<Rows<Row> | { gap: Gap }> {
  return readOnce(context.client, { list: listing.list, from }, () => askPage(context, listing, from, guard));
}

async function askPage<Row>(
  context: Context,
  listing: Omit<Listing<Row>, 'observe'>,
  from: string | null,
  guard: (address: string) => void,
): Promise<Rows<Row> | { gap: Gap }> {
  const read = await readingTold(listing.list, { scope: placeOf(context, listing), effect: listing.effect }, async () => {
    const page = await context.client.page(listing.list, from, listing.parameters);
    if (from === null) guard(page.url);
    if (page.next !== null) guard(page.next);
    const where = { what: listing.what, scope: (raw: unknown) => rowPlace(context, listing, raw) };
    return { ...parseItems(page.rows, listing.schema, where), rows: page.rows.length, total: page.total, next: page.next };
  });
  return read.gap ? { gap: read.gap } : read.value;
}

function conclusion(
  context: Context,
  listing: Pick<Listing<unknown>, 'place' | 'effect'>,
  read: number | undefined,
  total: number | undefined,
  steady: boolean,
): Statement {
  const scope = placeOf(context, listing);
  const isAll = total === undefined || read === undefined || total === read;
  if (steady && isAll) return { type: 'covered', scope };
  const said = isAll ? 'the list changed while it was read' : `GitHub speaks of ${total} and lists ${read}`;
  return { type: 'gap', scope, reason: 'truncated', effect: `${listing.effect}: ${said}` };
}

export function placeOf(context: Context, { place }: Pick<Listing<unknown>, 'place'>): Scope {
  return within(context.account.scope, ...place);
}

/** The place of one row, also of a malformed one, so that it alone becomes a gap. */
function rowPlace(context: Context, listing: Pick<Listing<unknown>, 'place' | 'key'>, row: unknown): Scope {
  const place = placeOf(context, listing);
  let id = row;
  for (const field of listing.key) id = typeof id === 'object' && id !== null ? Reflect.get(id, field) : undefined;
  const isId = (typeof id === 'string' && id !== '') || typeof id === 'number' || typeof id === 'bigint';
  return isId ? within(place, String(id)) : place;
}
