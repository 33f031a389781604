import { z } from 'zod';
import {
  ahead,
  within,
  type CollectContext,
  type Delta,
  type Gap,
  type Scope,
  type ScanEvent,
  type Statement,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { closedGap, placeOf } from './inventory.ts';
import { GRAPHQL, LISTS, type ListId } from './operations.ts';
import { listPosition, listRepositories, repositoryQuery } from './repositories.ts';
import type { Repository } from './schema.ts';

/** Requests that one night may send for single repositories: at GitHub's smallest quota of an App, three hours. */
const MAX_REQUESTS = 15_000;
/** So many repositories are read between two checkpoints, which name all of them: more where more are read at once. */
const BATCH = { least: 50, forEachAtOnce: 20 };
/** Repositories that wait for one that takes long, for each that may be under way beside it: a checkpoint is true of all before it. */
const AHEAD = 5;

type Context = CollectContext<Config, Client>;

/** Something that is read of one repository: what it states lies at `root/ID/name`, and below. */
export interface Part {
  name: string;
  list: ListId;
  /** Lists that hang on what this one says, by the names of their places. */
  below?: readonly { name: string; list: ListId }[];
  /** Everything about it, gaps included: what no gap is stated of was read. */
  read(context: Context, repository: Repository): Promise<readonly ScanEvent[]>;
}

/** A walk over single repositories, several requests each, within what the source allows for a night. */
export interface Deep {
  root: string;
  effect: string;
  parts: readonly Part[];
  /** Name of the number of requests below the list of repositories, in the formula of costs. */
  size: string;
  /** Repositories that the log names since then, or why it cannot be read: then it vouches for nothing. Absent = there is none. */
  changedSince?(context: Context, since: Date, all: readonly Repository[]): Promise<ReadonlySet<string> | { gap: Gap }>;
}

/** What the list says of one: its id, `owner/name`, and when it was pushed to, in seconds; 0 = never, or not said. */
const row = z.tuple([z.string(), z.string(), z.number()]);
type Row = z.infer<typeof row>;
const position = z.object({
  /** Where the list goes on; null = it was not begun. */
  list: listPosition.nullable(),
  /** Why the list is not known to be whole. */
  listGap: z
    .object({ reason: z.enum(['permission_denied', 'truncated']), permission: z.string().nullable(), effect: z.string() })
    .nullable(),
  /** Once all are listed: the most recently pushed first. */
  repositories: z.array(row),
  /** What the log names, and parts that are closed everywhere; null = no log was asked. */
  log: z.object({ changed: z.array(z.string()), closed: z.array(z.string()) }).nullable(),
  /** Repositories that were read, in the order of this night. */
  done: z.int(),
  /** Sent so far, and how many of these were for pages of the list and of the log. */
  requests: z.int(),
  pages: z.int(),
});
type Position = z.infer<typeof position>;
const START: Position = { list: null, listGap: null, repositories: [], log: null, done: 0, requests: 0, pages: 0 };

const node = z.object({
  databaseId: z.int().transform(String),
  nameWithOwner: z.string().regex(/^[^/]+\/[^/]+$/),
  pushedAt: z.iso.datetime({ offset: true }).nullish(),
});
const FIELDS = `
        pushedAt @include(if: $whole)`;
const LIST = repositoryQuery('Repositories', FIELDS, node);

/**
 * Reads repository after repository: those that were never read first, the most recently pushed before others, and then those
 * that were read the longest ago. What the night has no requests left for is a gap, and comes first on the next.
 *
 * Where a log tells what changed since the last night, only that is read, and what the engine wants to see all the same.
 */
export async function* readDeep(context: Context, deep: Deep): AsyncGenerator<ScanEvent> {
  // A position that an older program left behind begins anew.
  let at = position.safeParse(context.cursor).data ?? START;
  const counting = countingContext(context);
  for await (const step of listed(counting, deep, at)) {
    if ('gap' in step) return void (yield step.gap);
    at = step.at;
    yield { type: 'checkpoint', cursor: at, sizes: { deep_repositories: at.repositories.length } };
  }
  const all = at.repositories;
  const most = context.config.deep?.maxRequests ?? MAX_REQUESTS;
  const told = all.length > 0 && context.delta && deep.changedSince ? await asked(counting, deep, context.delta, all, at) : undefined;
  // That a plan has no log is said by the limits of the collector.
  if (told && 'gap' in told && told.gap.reason !== 'not_licensed') yield told.gap;
  const whole = told && 'gap' in told ? undefined : told;
  if (whole) {
    yield* whole.events;
    at = whole.at;
    yield { type: 'checkpoint', cursor: at };
  }
  const order = await orderOf(counting, deep, all, whole);
  // What it costs to read everything is counted where that is done.
  const isFull = order.unread.every(({ type }) => type !== 'unchanged');
  // What the log vouches for is said once, before the first checkpoint of this part.
  if (at.done === 0 && order.unread.length > 0) yield* order.unread;
  const bounds = {
    inFlight: context.inFlight,
    held: 1 + AHEAD * (context.inFlight - 1),
    goesOn: () => at.requests + counting.client.sent() + deep.parts.length <= most,
  };
  const batch = Math.max(BATCH.least, BATCH.forEachAtOnce * context.inFlight);
  const left = order.read.slice(at.done);
  let read = 0;
  const checkpoint = (): ScanEvent => {
    // Requests for repositories behind it count too; if the night ends here, they are sent again.
    at = { ...at, done: at.done + read, requests: at.requests + counting.client.take() };
    read = 0;
    const sizes = { deep_repositories: all.length, [deep.size]: at.requests - at.pages };
    return { type: 'checkpoint', cursor: at, ...(isFull && { sizes }) };
  };
  for await (const events of ahead(left, bounds, (each) => readRepository(counting, deep, each))) {
    yield* events;
    if (++read === batch) yield checkpoint();
  }
  if (read > 0) yield checkpoint();
  yield* conclusionOf(context, deep, at, order.read.length - at.done, most);
}

async function* listed(context: Counting, { root, effect }: Deep, start: Position): AsyncGenerator<{ gap: Gap } | { at: Position }> {
  const list = { query: LIST, place: [root], effect, permission: LISTS[GRAPHQL].app, largest: 100 };
  let at = start;
  for await (const page of listRepositories(context, list, start.list ?? undefined)) {
    if ('gap' in page) return void (yield page);
    const sent = context.client.take();
    const rows = page.nodes.flatMap((each): Position['repositories'] =>
      each ? [[each.databaseId, each.nameWithOwner, Date.parse(each.pushedAt ?? '') / 1000 || 0]] : [],
    );
    const all = [...at.repositories, ...rows];
    at = {
      ...at,
      list: { ...page.at, last: page.at.done ? [] : page.at.last },
      listGap: page.said?.type === 'gap' ? listGapOf(page.said) : null,
      repositories: page.at.done ? once(all).sort(([, , a], [, , b]) => b - a) : all,
      requests: at.requests + sent,
      pages: at.pages + sent,
    };
    if (at.repositories.length < all.length)
      at.listGap ??= { reason: 'truncated', permission: null, effect: `${effect}: the list names one twice` };
    yield { at };
  }
}

function listGapOf({ reason, permission, effect }: Gap): Position['listGap'] {
  return { reason: reason === 'truncated' ? reason : 'permission_denied', permission: permission ?? null, effect };
}

function once(rows: Position['repositories']): Position['repositories'] {
  return [...new Map(rows.map((each) => [each[0], each])).values()];
}

interface Asked {
  at: Position;
  /** What was read on the way. */
  events: readonly ScanEvent[];
  changed: ReadonlySet<string>;
  answer: Awaited<ReturnType<Delta['toRead']>>;
}

/**
 * Asks the log, and the engine what has to be read all the same. The first repository is read in any case: it tells which parts
 * are closed tonight whatever the repository, so that nothing is read again for the sake of a part that is.
 */
async function asked(context: Counting, deep: Deep, delta: Delta, all: readonly Row[], at: Position): Promise<Asked | { gap: Gap }> {
  const [first] = all;
  const events: ScanEvent[] = [];
  let { log, requests, pages } = at;
  if (!log) {
    const named = await deep.changedSince!(context, delta.since, all.map(repositoryOf));
    if ('gap' in named) return named;
    pages += context.client.take();
    requests += pages - at.pages;
    events.push(...(await readRepository(context, deep, first!)));
    const closed = listsOf(deep).filter(({ list }) => context.client.isClosed(list));
    log = { changed: [...named], closed: closed.map(({ name }) => name) };
  }
  const changed = new Set(log.changed).add(first![0]);
  const quiet = all.filter(([id]) => !changed.has(id)).map((each) => placeOfRepository(context, deep, each));
  return {
    at: { ...at, log, requests: requests + context.client.take(), pages },
    events,
    changed,
    answer: await delta.toRead(quiet, { stillClosed: log.closed }),
  };
}

/** Which repositories are read tonight, in order, and what is said of the others. */
async function orderOf(
  context: Counting,
  deep: Deep,
  all: readonly Row[],
  whole: Asked | undefined,
): Promise<{ read: Row[]; unread: ScanEvent[] }> {
  const place = (each: Row) => placeOfRepository(context, deep, each);
  const readAt = await context.readAt(all.map(place));
  const longestAgo = all.toSorted((a, b) => (readAt.get(place(a))?.getTime() ?? 0) - (readAt.get(place(b))?.getTime() ?? 0));
  if (!whole) return { read: longestAgo, unread: [] };
  const { changed, answer } = whole;
  const [spot, due] = [new Set(answer.spotChecks), new Set(answer.unvouched)];
  const rank = (each: Row) => (changed.has(each[0]) ? 0 : spot.has(place(each)) ? 1 : 2);
  const [first] = all[0]!;
  const read = longestAgo
    .filter((each) => each[0] !== first && (changed.has(each[0]) || spot.has(place(each)) || due.has(place(each))))
    .toSorted((a, b) => rank(a) - rank(b));
  const ids = new Set(read.map(([id]) => id));
  const unread = all.filter(([id]) => id !== first && !ids.has(id)).map((each): ScanEvent => ({ type: 'unchanged', scope: place(each) }));
  const lists = listsOf(deep);
  for (const scope of answer.closed) {
    const { list } = lists.find(({ name }) => scope.endsWith(`/${name}`))!;
    unread.push(await closedGap(context.client, list, scope, deep.effect));
  }
  return { read, unread };
}

function listsOf({ parts }: Deep): readonly { name: string; list: ListId }[] {
  return parts.flatMap((part) => [part, ...(part.below ?? [])]);
}

async function readRepository(context: Counting, deep: Deep, of: Row): Promise<ScanEvent[]> {
  const place = placeOfRepository(context, deep, of);
  const each = repositoryOf(of);
  // No part waits for another: how many requests are under way at once is the pace's to say.
  const parts = await Promise.all(deep.parts.map((part) => part.read(context, each)));
  // What a part covers is covered with its repository: the ledger stays small for a company of any size.
  return [{ type: 'covered', scope: place }, ...parts.flat().filter(({ type }) => type !== 'covered')];
}

function* conclusionOf(context: Context, deep: Deep, at: Position, left: number, most: number): Generator<Statement> {
  const scope = placeOf(context, { place: [deep.root] });
  const gap = (reason: Gap['reason'], effect: string, permission: string | null = null): Gap => ({
    type: 'gap',
    scope,
    reason,
    effect,
    ...(permission !== null && { permission }),
  });
  const { listGap } = at;
  const gaps = [
    ...(listGap ? [gap(listGap.reason, listGap.effect, listGap.permission)] : []),
    ...(left > 0
      ? [
          gap(
            'over_budget',
            `${deep.effect} for ${left} of ${at.repositories.length} repositories: the source allows ${most} requests a night, and the next goes on with them`,
          ),
        ]
      : []),
  ];
  yield* gaps.length > 0 ? gaps : [{ type: 'covered' as const, scope }];
}

function repositoryOf([id, full]: Row): Repository {
  const [login, name] = full.split('/') as [string, string];
  return { id, name, full_name: full, owner: { login } };
}

function placeOfRepository(context: Context, deep: Deep, [id]: Row): Scope {
  return within(placeOf(context, { place: [deep.root] }), id);
}

interface CountingClient extends Client {
  /** Requests since they were last taken. */
  sent(): number;
  take(): number;
}
type Counting = CollectContext<Config, CountingClient>;

function countingContext(context: Context): Counting {
  const { client } = context;
  let sent = 0;
  const count = (list: ListId) => void (sent += client.isClosed(list) ? 0 : 1);
  const counting: CountingClient = {
    ...client,
    page: (list, ...rest) => (count(list), client.page(list, ...rest)),
    one: (list, ...rest) => (count(list), client.one(list, ...rest)),
    query: (...asked) => (sent++, client.query(...asked)),
    sent: () => sent,
    take() {
      const taken = sent;
      sent = 0;
      return taken;
    },
  };
  return { ...context, client: counting };
}
