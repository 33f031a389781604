import { z } from 'zod';
import {
  pageGuard,
  parseItems,
  ProviderFault,
  reading,
  Refusal,
  within,
  type CollectContext,
  type Gap,
  type Observation,
  type Scope,
  type ScanEvent,
  type Statement,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { credentialsFor, listNeeds, type ListId } from './operations.ts';

/** One list of GitHub, and what its rows mean. */
export interface Listing<Row> {
  list: ListId;
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
  /** undefined = the row states nothing about anybody. */
  observe(row: Row, place: Scope): Observation | undefined;
}

/** A limit of every list of which GitHub gives no total: a row that is skipped so cannot be noticed. */
export const UNCOUNTED =
  'GitHub cuts the list into pages of 100 by position and says no total: where a row leaves it while it is read, another may be skipped, and looks gone until the next scan';

type Context = CollectContext<Config, Client>;

/** Where an interrupted scan goes on: in which list, at which page, how many rows each list has had, and what this one's first page promised. */
const position = z.object({ list: z.int(), next: z.string().nullable(), rows: z.array(z.int()), total: z.int().nullable() });

/** Reads lists one after the other: each has its own claim and its own gaps, and a checkpoint follows each page. */
export async function* readLists<Row>(context: Context, listings: readonly Listing<Row>[]): AsyncGenerator<ScanEvent> {
  const start = position.parse(context.cursor ?? { list: 0, next: null, rows: listings.map(() => 0), total: null });
  const rows = [...start.rows];
  for (const [index, listing] of listings.entries()) {
    if (index < start.list) continue;
    const guard = pageGuard();
    let next = index === start.list ? start.next : null;
    let promised = index === start.list ? start.total : null;
    do {
      const page = await readPage(context, listing, next, guard);
      if ('gap' in page) {
        yield page.gap;
        break;
      }
      yield* page.gaps;
      for (const item of page.items) {
        const observation = listing.observe(item, rowPlace(context, listing, item));
        if (observation) yield observation;
      }
      rows[index]! += page.rows;
      // Pages are cut by number: a list that shrinks while it is read skips a row, and only its total tells.
      const steady = promised === null || page.total === promised;
      promised ??= page.total ?? null;
      next = page.next;
      if (next === null) yield conclusion(context, listing, rows[index]!, page.total, steady);
      yield {
        type: 'checkpoint',
        cursor: { list: next === null ? index + 1 : index, next, rows: [...rows], total: next === null ? null : promised },
        sizes: Object.fromEntries(listings.slice(0, index + 1).map(({ size }, list) => [size, rows[list]!])),
      };
    } while (next !== null);
  }
}

interface Rows<Row> {
  items: Row[];
  gaps: Gap[];
  /** Malformed ones included. */
  rows: number;
  total: number | undefined;
  next: string | null;
}

async function readPage<Row>(
  context: Context,
  listing: Listing<Row>,
  from: string | null,
  guard: (address: string) => void,
): Promise<Rows<Row> | { gap: Gap }> {
  const { effect } = listing;
  const needs = listNeeds(listing.list);
  const permission = needs[credentialsFor(listing.list)[0]!];
  let said = '';
  const read = await reading({ scope: placeOf(context, listing), effect, ...(permission && { permission }) }, async () => {
    try {
      const page = await context.client.page(listing.list, from);
      if (from === null) guard(page.url);
      if (page.next !== null) guard(page.next);
      const where = { what: listing.what, scope: (raw: unknown) => rowPlace(context, listing, raw) };
      return { ...parseItems(page.rows, listing.schema, where), rows: page.rows.length, total: page.total, next: page.next };
    } catch (error) {
      // GitHub names what it would accept, and that belongs into the report.
      if (error instanceof Refusal || error instanceof ProviderFault) said = `: ${error.message}`;
      throw error;
    }
  });
  return read.gap ? { gap: { ...read.gap, effect: effect + said } } : read.value;
}

function conclusion<Row>(context: Context, listing: Listing<Row>, rows: number, total: number | undefined, steady: boolean): Statement {
  const scope = placeOf(context, listing);
  if (total === undefined || (total === rows && steady)) return { type: 'covered', scope };
  return { type: 'gap', scope, reason: 'truncated', effect: `${listing.effect}: GitHub speaks of ${total} and lists ${rows}` };
}

function placeOf<Row>(context: Context, { place }: Listing<Row>): Scope {
  return within(context.account.scope, ...place);
}

/** The place of one row, also of a malformed one, so that it alone becomes a gap. */
function rowPlace<Row>(context: Context, listing: Listing<Row>, row: unknown): Scope {
  const place = placeOf(context, listing);
  let id = row;
  for (const field of listing.key) id = typeof id === 'object' && id !== null ? Reflect.get(id, field) : undefined;
  const isId = (typeof id === 'string' && id !== '') || typeof id === 'number' || typeof id === 'bigint';
  return isId ? within(place, String(id)) : place;
}
