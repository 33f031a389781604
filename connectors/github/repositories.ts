import { z } from 'zod';
import {
  pageGuard,
  reading,
  Refusal,
  ProviderFault,
  within,
  type CollectContext,
  type Gap,
  type Scope,
  type ScanEvent,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { QueryTooLarge, type Query, type QueryAnswer, type Wrong } from './graphql.ts';

/** A walk over all repositories of the organisation, the most recently pushed first, with one query a page. */
export interface Walk<Node> {
  /** Asks for `$org`, `$after`, `$n` and `$whole`; without `$whole` it answers what names a repository alone. */
  query: Query<RepositoryPage<Node>>;
  /** Its place below the account; each repository is a place within it. */
  place: readonly string[];
  effect: string;
  permission: string;
  /** Permissions of single fields, where they need another. */
  permissions?: Readonly<Record<string, string>>;
  /** The most rows that one query may ask for. */
  largest: number;
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

/** The query of a walk: what names a repository, and of the whole ones the `fields` of a node. `can` as of the query. */
export function repositoryQuery<Node>(
  name: string,
  fields: string,
  node: z.ZodType<Node>,
  { can }: Pick<Query<unknown>, 'can'> = {},
): Query<RepositoryPage<Node>> {
  const text = `query ${name}($org: String!, $after: String, $n: Int!, $whole: Boolean!) {
  organization(login: $org) {
    repositories(first: $n, after: $after, orderBy: { field: PUSHED_AT, direction: DESC }) {
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

const position = z.object({ done: z.boolean(), after: z.string().nullable(), rows: z.int(), size: z.int(), unnamed: z.int() });
type Position = z.infer<typeof position>;
/** After so many good pages, a page that had to be made smaller grows again. */
const GOOD_PAGES = 10;

type Context = CollectContext<Config, Client>;

export async function* readRepositories<Node extends Named>(context: Context, walk: Walk<Node>): AsyncGenerator<ScanEvent> {
  const scope = within(context.account.scope, ...walk.place);
  const largest = context.pageSize(walk.largest);
  let at: Position = position.parse(context.cursor ?? { done: false, after: null, rows: 0, size: largest, unnamed: 0 });
  if (at.done) return;
  const guard = pageGuard();
  let good = 0;
  for (;;) {
    const page = await readPage(context, walk, at, guard);
    if ('gap' in page) return void (yield page.gap);
    if ('smaller' in page) {
      at = { ...at, size: Math.max(1, Math.floor(at.size / 2)) };
      good = 0;
      continue;
    }
    const { totalCount, nodes, pageInfo } = page.value.data.organization.repositories;
    yield* eventsOf(context, walk, nodes, page.value.wrong, page.whole);
    good = page.whole ? good + 1 : 0;
    const grown = good >= GOOD_PAGES && at.size < largest;
    at = {
      done: !pageInfo.hasNextPage,
      after: pageInfo.endCursor,
      rows: at.rows + nodes.length,
      size: grown ? Math.min(largest, at.size * 2) : at.size,
      unnamed: at.unnamed + nodes.filter((node) => node === null).length,
    };
    if (grown) good = 0;
    if (at.done) yield conclusion(walk, scope, at, { total: totalCount, isSelective: context.client.isSelective() });
    yield { type: 'checkpoint', cursor: at, sizes: { repositories: at.rows } };
    if (at.done) return;
  }
}

type Read<Node> = { value: QueryAnswer<RepositoryPage<Node>>; whole: boolean } | { gap: Gap } | { smaller: true };

async function readPage<Node>(context: Context, walk: Walk<Node>, at: Position, guard: (token: string) => void): Promise<Read<Node>> {
  let tooLarge = false;
  let said = '';
  const ask = async (whole: boolean) => {
    const answer = await context.client.query(walk.query, { after: at.after, n: at.size, whole });
    const { pageInfo } = answer.data.organization.repositories;
    if (pageInfo.hasNextPage && pageInfo.endCursor === null)
      throw new ProviderFault('There is a next page without an address', { reason: 'truncated' });
    if (pageInfo.hasNextPage) guard(pageInfo.endCursor!);
    return { value: answer, whole };
  };
  const scope = within(context.account.scope, ...walk.place);
  const read = await reading({ scope, effect: walk.effect, permission: walk.permission }, async () => {
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
  return { gap: { ...read.gap, effect: walk.effect + said } };
}

function* eventsOf<Node extends Named>(
  context: Context,
  walk: Walk<Node>,
  nodes: readonly (Node | null)[],
  wrong: readonly Wrong[],
  whole: boolean,
): Generator<ScanEvent> {
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

function conclusion<Node>(walk: Walk<Node>, scope: Scope, at: Position, said: { total: number; isSelective: boolean }): ScanEvent {
  const { total } = said;
  if (said.isSelective)
    return { type: 'gap', scope, reason: 'permission_denied', effect: `${walk.effect} beyond those that the App is installed on` };
  if (at.unnamed > 0)
    return {
      type: 'gap',
      scope,
      reason: 'permission_denied',
      permission: walk.permission,
      effect: `${walk.effect}: ${at.unnamed} repositories are hidden`,
    };
  if (at.rows !== total)
    return { type: 'gap', scope, reason: 'truncated', effect: `${walk.effect}: GitHub speaks of ${total} and lists ${at.rows}` };
  return { type: 'covered', scope, ...(walk.window && { window: walk.window() }) };
}
