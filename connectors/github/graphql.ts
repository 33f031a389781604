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

/** Throws where the answer is none: a limit, or a failure of GitHub's own that another attempt may mend. */
export function refuseLimited(answer: unknown, headers: Headers): void {
  const said = envelope.safeParse(answer).data?.errors ?? [];
  if (said.some(({ type }) => LIMITED.has(type ?? ''))) throw new QueryLimited(headers);
  if (said.some(({ message }) => message.startsWith('Something went wrong')))
    throw new ProviderFault('GitHub says that something went wrong', { retry: true });
}

/** The answer in its envelope. Where nothing at all was answered, that is a refusal; where a part was, if that is not enough. */
export function answered<Data>({ schema }: Query<Data>, enough: 'whole' | 'any'): z.ZodType<QueryAnswer<Data>> {
  return envelope.transform((answer, context) => {
    const wrong = (answer.errors ?? []).map(({ path = [], type, message }) => ({ path, type, message }));
    const refused = wrong.find(({ path, type }) => path.length <= 1 || (enough === 'whole' && type === 'FORBIDDEN'));
    if (refused) throw new Refusal(`GraphQL answers ${refused.type ?? 'an error'}`, { reason: 'permission_denied' });
    const parsed = schema.safeParse(answer.data);
    if (parsed.success) return { data: parsed.data, wrong };
    for (const issue of parsed.error.issues) context.addIssue({ code: 'custom', message: issue.message, path: issue.path });
    return z.NEVER;
  });
}
