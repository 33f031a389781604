import { z } from 'zod';
import { ProviderFault, Refusal } from '../../src/connector/index.ts';
import type { CredentialId, List } from './operations.ts';

/** One query, and the shape of what it answers. It asks for `$org` and never changes anything. */
export interface Query<Data> {
  name: string;
  text: string;
  schema: z.ZodType<Data>;
  /** What it asks of a credential; absent = what all queries about repositories ask. */
  needs?: List;
  /** Kinds of credential that are answered in full; absent = all. */
  can?: readonly CredentialId[];
  /** Where it is asked at all; absent = everywhere. */
  only?: Pick<List, 'cloudOnly' | 'enterpriseOnly'>;
}

/** GitHub answers what it can: `wrong` says which part it could not, as the path of a field. */
export interface QueryAnswer<Data> {
  data: Data;
  wrong: readonly Wrong[];
}

export interface Wrong {
  path: readonly (string | number)[];
  /** `FORBIDDEN`, `NOT_FOUND` … where GitHub classifies it. */
  type: string | undefined;
  message: string;
}

/** A limit that comes as an answer with status 200; its headers say how long it lasts. */
export class QueryLimited extends Error {
  override name = 'QueryLimited';
  readonly headers: Headers;
  constructor(headers: Headers) {
    super('The limit of GraphQL is used up');
    this.headers = headers;
  }
}

/** Those of an answer, in small letters. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** The query took too long: the same with fewer rows may do. */
export class QueryTooLarge extends ProviderFault {
  override name = 'QueryTooLarge';
}

const errors = z.array(
  z.object({ type: z.string().optional(), message: z.string(), path: z.array(z.union([z.string(), z.number()])).optional() }),
);
/** Where the limit is used up there is no data at all. */
const envelope = z.object({ data: z.unknown().optional(), errors: errors.optional() });

/** GitHub writes the type both ways. https://github.com/octokit/plugin-throttling.js/issues/824 */
const LIMITED = new Set(['RATE_LIMIT', 'RATE_LIMITED']);

/**
 * The query was too much for GitHub: it ran out of time, or used up what one query may use, and then the rest of the answer is no more whole.
 * https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
 */
const TOO_LARGE = /\btimed? ?-?out\b|couldn['’]t respond|resource limits/i;
/** What the caller may not see; what it is not even told of is "not found". Nothing else that goes wrong is a refusal. */
const REFUSALS = new Set(['FORBIDDEN', 'INSUFFICIENT_SCOPES', 'NOT_FOUND']);

/**
 * Throws where the answer to a query is none: a limit, or a failure of GitHub's own. One for all attempts at a query: what went wrong
 * twice goes wrong again, and may go well with fewer rows.
 */
export function answerGuard(): (answer: unknown, headers: Headers) => void {
  let wentWrong = 0;
  return (answer, headers) => {
    const said = envelope.safeParse(answer).data?.errors ?? [];
    if (said.some(({ type }) => LIMITED.has(type ?? ''))) throw new QueryLimited(headers);
    if (said.some(({ type, message }) => type === 'RESOURCE_LIMITS_EXCEEDED' || TOO_LARGE.test(message)))
      throw new QueryTooLarge('GitHub has no time, or no room, for the query');
    if (!said.some(({ message }) => message.startsWith('Something went wrong'))) return;
    if (wentWrong++ > 0) throw new QueryTooLarge('GitHub says twice that something went wrong');
    throw new ProviderFault('GitHub says that something went wrong', { retry: true });
  };
}

/**
 * The answer in its envelope. Where nothing at all was shown, that is a refusal; where a part was, if that is not enough. Where what should
 * hold the answer is null and nobody forbade it, the query was too much.
 */
export function answered<Data>({ schema }: Query<Data>, enough: 'whole' | 'any'): z.ZodType<QueryAnswer<Data>> {
  return envelope.transform((answer, context) => {
    const wrong = (answer.errors ?? []).map(({ path = [], type, message }) => ({ path, type, message }));
    const parsed = schema.safeParse(answer.data);
    const isAll = (path: Wrong['path']) => path.length <= 1 || !parsed.success;
    const refused = wrong.find(
      ({ path, type = '' }) => (REFUSALS.has(type) && isAll(path)) || (enough === 'whole' && type === 'FORBIDDEN'),
    );
    if (refused) throw new Refusal(`GraphQL answers ${refused.type ?? 'an error'}`, { reason: 'permission_denied' });
    if (!parsed.success && parsed.error.issues.some(({ path }) => isNull(answer.data, path)))
      throw new QueryTooLarge('GitHub answers nothing where it forbids nothing');
    const failed = wrong.find(({ path }) => path.length <= 1);
    if (failed) throw new ProviderFault(`GraphQL answers ${failed.type ?? 'an error'}`);
    if (parsed.success) return { data: parsed.data, wrong };
    for (const issue of parsed.error.issues) context.addIssue({ code: 'custom', message: issue.message, path: issue.path });
    return z.NEVER;
  });
}

function isNull(data: unknown, path: readonly PropertyKey[]): boolean {
  let found = data;
  for (const key of path) found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined;
  return found === null;
}

/** After so many good pages, a page that had to be made smaller grows again. */
const GOOD_PAGES = 10;

/** How many rows to ask for: half as many where that is too much for GitHub, down to one, and more again once it goes well. */
export function pageSizes(largest: number, start = largest) {
  let size = start;
  let good = 0;
  return {
    now: () => size,
    halve(): void {
      size = Math.max(1, Math.floor(size / 2));
      good = 0;
    },
    read(whole: boolean): void {
      good = whole ? good + 1 : 0;
      if (good < GOOD_PAGES || size === largest) return;
      size = Math.min(largest, size * 2);
      good = 0;
    },
  };
}
