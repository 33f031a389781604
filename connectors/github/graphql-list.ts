import { z } from 'zod';
import {
  pageGuard,
  pagesAhead,
  parseItems,
  ProviderFault,
  reading,
  Refusal,
  type CollectContext,
  type Observation,
  type ScanEvent,
  type Scope,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { pageSizes, QueryTooLarge, type QueryAnswer } from './graphql.ts';

/** A list of GraphQL, page by page. https://docs.github.com/en/graphql/guides/using-pagination-in-the-graphql-api */
export const connection = z.object({
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  nodes: z.array(z.unknown()),
});
type Connection = z.infer<typeof connection>;

/** The page behind a cursor, null = the first, and how many rows it may have. */
export type Asked = Readonly<{ after: string | null; n: number }>;

interface Reading<Item, Answer extends Connection> {
  scope: Scope;
  /** Name of how many there are in the formula of costs. */
  size: string;
  permission: string;
  effect: string;
  /** What one of them is, in words. */
  what: string;
  schema: z.ZodType<Item>;
  /** One page, or why there is none. */
  ask(page: Asked): Promise<Answer | { none: string }>;
  observe(item: Item, page: Answer): Iterable<Observation | Extract<ScanEvent, { type: 'gap' }>>;
}

/** `size` = how many rows a page asks for; 0 = as many as GitHub gives. */
const position = z.object({ done: z.boolean(), after: z.string().nullable(), rows: z.int(), size: z.int().default(0) });

/** Reads a list that is all that its query asks for. A page that is too much for GitHub is asked for by halves. */
export async function* readConnection<Item, Answer extends Connection>(
  context: CollectContext<Config, Client>,
  { scope, size, permission, effect, what, schema, ask, observe }: Reading<Item, Answer>,
): AsyncGenerator<ScanEvent> {
  let at = position.parse(context.cursor ?? { done: false, after: null, rows: 0 });
  const guard = pageGuard();
  const largest = context.pageSize(100);
  const sizes = pageSizes(largest, at.size || largest);
  const pages = pagesAhead(context, read);
  while (!at.done) {
    const page = await pages.next();
    if (page.gap) return void (yield page.gap);
    if ('smaller' in page.value) {
      sizes.halve();
      continue;
    }
    if ('none' in page.value) return void (yield { type: 'gap', scope, reason: 'not_observable', effect: page.value.none, byDesign: true });
    const { answer, items, gaps } = page.value;
    sizes.read(true);
    const { pageInfo, nodes } = answer;
    at = { done: !pageInfo.hasNextPage, after: pageInfo.endCursor, rows: at.rows + nodes.length, size: sizes.now() };
    if (!at.done) await pages.goOn();
    yield* gaps;
    for (const item of items) yield* observe(item, answer);
    if (at.done) yield { type: 'covered', scope };
    yield { type: 'checkpoint', cursor: at, sizes: { [size]: at.rows } };
  }

  async function read() {
    let said = '';
    const page = await reading({ scope, effect, permission }, async () => {
      try {
        const answer = await ask({ after: at.after, n: sizes.now() });
        return 'none' in answer ? answer : { answer, ...parsed(answer) };
      } catch (error) {
        if (error instanceof QueryTooLarge && sizes.now() > 1) return { smaller: true } as const;
        if (error instanceof Refusal || error instanceof ProviderFault) said = `: ${error.message}`;
        throw error;
      }
    });
    return page.gap ? { gap: { ...page.gap, effect: effect + said } } : page;
  }

  function parsed({ pageInfo, nodes }: Connection) {
    if (pageInfo.hasNextPage && pageInfo.endCursor === null)
      throw new ProviderFault('There is a next page without an address', { reason: 'truncated' });
    if (pageInfo.hasNextPage) guard(pageInfo.endCursor!);
    return parseItems(nodes, schema, { what, scope: () => scope });
  }
}

/** GitHub answers the rest where it forbids a part: here a part is all that was asked for. */
export function refuseParts({ wrong }: QueryAnswer<unknown>, permission: string): void {
  const [first] = wrong;
  if (first?.type === 'FORBIDDEN') throw new Refusal('GraphQL answers FORBIDDEN', { reason: 'permission_denied', permission });
  if (first) throw new ProviderFault(`GraphQL answers ${first.type ?? 'an error'} for ${first.path.join('.')}`);
}
