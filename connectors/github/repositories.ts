import { z } from 'zod';
import {
  pageGuard,
  pagesAhead,
  reading,
  Refusal,
  ProviderFault,
  within,
  type CollectContext,
  type Gap,
  type Scope,
  type ScanEvent,
  type Statement,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { pageSizes, QueryTooLarge, type Query, type QueryAnswer, type Wrong } from './graphql.ts';

/** Which repositories there are, one query a page, in the order in which they were made: no push changes it. */
export interface RepositoryList<Node> {
  /** Asks for `$org`, `$after`, `$n` and `$whole`; without `$whole` it answers what names a repository alone. */
  query: Query<RepositoryPage<Node>>;
  /** Its place below the account; each repository is a place within it. */
  place: readonly string[];
  effect: string;
  permission: string;
  /** The most rows that one query may ask for. */
  largest: number;
}

/** A walk over all repositories of the organisation. */
export interface Walk<Node> extends RepositoryList<Node> {
  /** Permissions of single fields, where they need another. */
  permissions?: Readonly<Record<string, string>>;
  /** Everything about one repository. What it says is covered, unless it says of itself that it is not. */
  observe(node: Node, place: Scope): readonly ScanEvent[];
  /** For a log: how far back what is seen of a repository reaches. */
  window?(): { from: string; to: string };
}

export interface RepositoryPage<Node> {
  organization: {
    repositories: { totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string | null }; nodes: (Node | null)[] };
  };
}

/**
 * The query of a list: what names a repository, and of the whole ones the `fields` of a node. `can` as of the query.
 * A cursor of this order holds the time and the id of a row: what is made, pushed to or deleted meanwhile moves no other row past it.
 */
export function repositoryQuery<Node>(
  name: string,
  fields: string,
  node: z.ZodType<Node>,
  { can }: Pick<Query<unknown>, 'can'> = {},
): Query<RepositoryPage<Node>> {
  const text = `query ${name}($org: String!, $after: String, $n: Int!, $whole: Boolean!) {
  organization(login: $org) {
    repositories(first: $n, after: $after, orderBy: { field: CREATED_AT, direction: ASC }) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        databaseId
        nameWithOwner${fields}
      }
    }
  }
}`;
  const repositories = z.object({
    totalCount: z.int(),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    nodes: z.array(node.nullable()),
  });
  return { name, text, schema: z.object({ organization: z.object({ repositories }) }), ...(can && { can }) };
}

/** GitHub's id of a repository, the same as in REST. */
export interface Named {
  databaseId: string;
  nameWithOwner: string;
}

/** Where an interrupted scan goes on in a list. */
export const listPosition = z.object({
  done: z.boolean(),
  after: z.string().nullable(),
  rows: z.int(),
  size: z.int(),
  unnamed: z.int(),
  /** What the last page said that there are, the rows of that page by their ids, and whether any page told that the list changed. */
  total: z.int(),
  last: z.array(z.string()),
  moved: z.boolean(),
});
type Position = z.infer<typeof listPosition>;

type Context = CollectContext<Config, Client>;

/** One page of the list. */
interface Listed<Node> {
  nodes: readonly (Node | null)[];
  wrong: readonly Wrong[];
  /** False = only what names the one repository of the page. */
  whole: boolean;
  at: Position;
  /** With the last page: whether the list is known to be whole. */
  said?: Statement;
}

/** The pages of the list from a position on, or from its first; a page that cannot be read is a gap, and the last. */
export async function* listRepositories<Node extends Named>(
  context: Context,
  list: RepositoryList<Node>,
  start: Position | undefined,
): AsyncGenerator<Listed<Node> | { gap: Gap }> {
  const largest = context.pageSize(list.largest);
  let at = start ?? { done: false, after: null, rows: 0, size: largest, unnamed: 0, total: 0, last: [], moved: false };
  const guard = pageGuard();
  const sizes = pageSizes(largest, at.size);
  const pages = pagesAhead(context, () => readPage(context, list, { ...at, size: sizes.now() }, guard));
  while (!at.done) {
    const page = await pages.next();
    if ('gap' in page) return void (yield page);
    if ('smaller' in page) {
      sizes.halve();
      continue;
    }
    const { totalCount, nodes, pageInfo } = page.value.data.organization.repositories;
    sizes.read(page.whole);
    at = {
      done: !pageInfo.hasNextPage,
      after: pageInfo.endCursor,
      rows: at.rows + nodes.length,
      size: sizes.now(),
      unnamed: at.unnamed + nodes.filter((node) => node === null).length,
      ...changes(at, totalCount, nodes),
    };
    if (!at.done) await pages.goOn();
    yield { nodes, wrong: page.value.wrong, whole: page.whole, at, ...(at.done && { said: conclusion(context, list, at) }) };
  }
}

/** A repository that is new stands at the end. One that is gone, or that stands on two pages, may have made another be passed over. */
function changes<Node extends Named>({ total, last, moved }: Position, now: number, nodes: readonly (Node | null)[]) {
  const before = new Set(last);
  const ids = nodes.flatMap((node) => node?.databaseId ?? []);
  const again = new Set(ids).size < ids.length || ids.some((id) => before.has(id));
  return { total: now, last: ids, moved: moved || now < total || again };
}

export async function* readRepositories<Node extends Named>(context: Context, walk: Walk<Node>): AsyncGenerator<ScanEvent> {
  // A position that an older program left behind is one in another order: then the walk begins anew.
  const start = listPosition.safeParse(context.cursor).data;
  for await (const page of listRepositories(context, walk, start)) {
    if ('gap' in page) return void (yield page.gap);
    yield* eventsOf(context, walk, page);
    if (page.said) yield { ...page.said, ...(page.said.type === 'covered' && walk.window && { window: walk.window() }) };
    yield { type: 'checkpoint', cursor: page.at, sizes: { repositories: page.at.rows } };
  }
}

type Read<Node> = { value: QueryAnswer<RepositoryPage<Node>>; whole: boolean } | { gap: Gap } | { smaller: true };

async function readPage<Node>(
  context: Context,
  list: RepositoryList<Node>,
  at: Position,
  guard: (token: string) => void,
): Promise<Read<Node>> {
  let tooLarge = false;
  let said = '';
  const ask = async (whole: boolean) => {
    const answer = await context.client.query(list.query, { after: at.after, n: at.size, whole });
    const { pageInfo } = answer.data.organization.repositories;
    if (pageInfo.hasNextPage && pageInfo.endCursor === null)
      throw new ProviderFault('There is a next page without an address', { reason: 'truncated' });
    if (pageInfo.hasNextPage) guard(pageInfo.endCursor!);
    return { value: answer, whole };
  };
  const scope = within(context.account.scope, ...list.place);
  const read = await reading({ scope, effect: list.effect, permission: list.permission }, async () => {
    try {
      return await ask(true);
    } catch (error) {
      tooLarge = error instanceof QueryTooLarge;
      // One repository that is too much for GitHub must not hide all that come after it.
      if (tooLarge && at.size === 1) return await ask(false);
      if (error instanceof Refusal || error instanceof ProviderFault) said = `: ${error.message}`;
      throw error;
    }
  });
  if (!read.gap) return read.value;
  if (tooLarge && at.size > 1) return { smaller: true };
  return { gap: { ...read.gap, effect: list.effect + said } };
}

function* eventsOf<Node extends Named>(context: Context, walk: Walk<Node>, { nodes, wrong, whole }: Listed<Node>): Generator<ScanEvent> {
  for (const [index, node] of nodes.entries()) {
    if (node === null) continue;
    const place = within(context.account.scope, ...walk.place, node.databaseId);
    const broken = wrong.filter(({ path }) => path[2] === 'nodes' && path[3] === index);
    if (!whole || broken.length > 0) yield partial(walk, place, node, broken, whole);
    else yield { type: 'covered', scope: place, ...(walk.window && { window: walk.window() }) };
    if (whole) yield* walk.observe(node, place);
  }
}

function partial<Node extends Named>(walk: Walk<Node>, scope: Scope, node: Node, broken: readonly Wrong[], whole: boolean): Gap {
  const forbidden = broken.find(({ type }) => type === 'FORBIDDEN');
  const why = whole
    ? `GraphQL answers ${broken[0]?.type ?? 'an error'} for ${String(broken[0]?.path[4] ?? 'it')}`
    : 'it takes GitHub too long';
  return {
    type: 'gap',
    scope,
    reason: forbidden ? 'permission_denied' : 'provider_error',
    ...(forbidden && { permission: walk.permissions?.[String(forbidden.path[4])] ?? walk.permission }),
    effect: `${walk.effect} for ${node.nameWithOwner}: ${why}`,
  };
}

function conclusion<Node>(context: Context, { place, effect, permission }: RepositoryList<Node>, at: Position): Statement {
  const scope = within(context.account.scope, ...place);
  const gap = (reason: Gap['reason'], said: string): Gap => ({ type: 'gap', scope, reason, effect: `${effect}${said}` });
  if (context.client.isSelective()) return gap('permission_denied', ' beyond those that the App is installed on');
  if (at.unnamed > 0) return { ...gap('permission_denied', `: ${at.unnamed} repositories are hidden`), permission };
  if (at.rows !== at.total) return gap('truncated', `: GitHub speaks of ${at.total} and lists ${at.rows}`);
  if (at.moved) return gap('truncated', ': the list changed while it was read');
  return { type: 'covered', scope };
}
