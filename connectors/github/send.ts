import type { Octokit } from '@octokit/rest';
import type { z } from 'zod';
import { AnswerTimedOut, ProviderFault, RedirectRefused, Refusal, type Calls } from '../../src/connector/index.ts';
import { answerGuard, QueryTooLarge, type Headers } from './graphql.ts';

/** One request of the SDK: `GET /orgs/{org}` and the values of its parameters, or `GET https://…` as a `Link` names it. */
export interface SdkRequest {
  route: string;
  [parameter: string]: unknown;
}

export interface SdkAnswer<Data> {
  data: Data;
  link: string | undefined;
  /** What a classic token may do, as GitHub says with each answer; Apps are not told. */
  scopes: string | undefined;
  /** Where the answer came from, after redirects. */
  url: string;
}

/** Sends one request until it is answered, and checks the shape of the answer. */
export type Send = <Data>(
  /** Asked again at every attempt: an assertion may be too old after a long wait. */
  authorization: () => Promise<string>,
  request: SdkRequest,
  schema: z.ZodType<Data>,
  options?: {
    repeat?: boolean;
    /** False = the answer holds less than was asked for, although GitHub did not refuse. */
    isWhole?(scopes: string | undefined): boolean;
  },
) => Promise<SdkAnswer<Data>>;

/** Calls with one credential: queries of GraphQL have a pace of their own. */
export interface GithubCalls {
  rest: Calls;
  query: Calls;
  /** Does the work once one request more may be under way, of both. It ends with the whole answer. */
  atOnce<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function sender(octokit: Octokit, calls: GithubCalls, apiVersion: string): Send {
  return (authorization, { route, ...parameters }, schema, options) => {
    const isQuery = route.startsWith('POST ') && route.endsWith('/graphql');
    const guard = answerGuard();
    return calls[isQuery ? 'query' : 'rest'].run(async () => {
      const headers = {
        authorization: await authorization(),
        accept: 'application/vnd.github+json',
        'x-github-api-version': apiVersion,
      };
      const {
        status,
        data,
        headers: said,
        url,
      } = await calls.atOnce(() => octokit.request(route, { ...parameters, headers })).catch(isQuery ? asTooLarge : asRefusal);
      // The SDK's types speak of numbers too; what `fetch` gives is text.
      if (isQuery) guard(data, said as Headers);
      const scopes = said['x-oauth-scopes'];
      if (options?.isWhole?.(scopes) === false)
        throw new Refusal('it lacks the permission, so GitHub shows what is public only', { reason: 'permission_denied' });
      return { data: status === 204 ? nothing(schema) : checked(schema, data), link: said.link, scopes, url };
    }, options);
  };
}

/**
 * Who is no member of the organisation is led from its members to those who show themselves in public: a list that must
 * not pass for the whole. The wire does not follow, because that list is none of our operations.
 */
function asRefusal(error: unknown): never {
  const led = error instanceof Error && error.cause instanceof RedirectRefused ? error.cause.target : undefined;
  if (!led?.pathname.endsWith('/public_members')) throw error;
  throw new Refusal('it belongs to no member, so GitHub shows public members only', { reason: 'permission_denied', cause: error });
}

/** GitHub cuts a query off after ten seconds; where not even that is answered, the same once more would take as long. */
function asTooLarge(error: unknown): never {
  const isTimeout = error instanceof Error && error.cause instanceof AnswerTimedOut;
  throw isTimeout ? new QueryTooLarge('GitHub does not answer', { cause: error }) : error;
}

/** 204 says that there is nothing: only where the schema knows that as an answer is it one. */
function nothing<Data>(schema: z.ZodType<Data>): Data {
  const parsed = schema.safeParse(undefined);
  if (parsed.success) return parsed.data;
  throw new ProviderFault('The answer has no content', { retry: true });
}

/** A page of HTML, or a body that broke off, arrives as text with status 200: it must not look like "none". */
function checked<Data>(schema: z.ZodType<Data>, data: unknown): Data {
  if (typeof data !== 'object' || data === null) throw new ProviderFault('The answer is no JSON', { retry: true });
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') || '(whole)';
  throw new ProviderFault(`The answer has another shape than documented: ${field}`, { retry: true });
}
