import type { FakeAnswer, FakeRequest, PlantedAnswer } from '../../../src/testing/server.ts';
import type { Asked, World } from '../world.ts';

export const GRAPHQL = 'POST /graphql';
export const ACCESS_TOKEN = 'POST /app/installations/{installation_id}/access_tokens';
/** What opening the connection asks, whatever is read then. */
export const OPENING = ['GET /app/installations', ACCESS_TOKEN, 'GET /orgs/{org}'];

/** The App alone: what is refused to it is then asked by nobody else. */
export const APP_ALONE = { token: undefined };
export const TOKEN_ALONE = { app: undefined };
export const HOOKS = 'GET /orgs/{org}/hooks';
export const INSTALLATIONS = 'GET /orgs/{org}/installations';
export const MEMBERS = 'GET /orgs/{org}/members';
export const RUNNERS = 'GET /orgs/{org}/actions/runners';
export const SEATS = 'GET /orgs/{org}/copilot/billing/seats';
export const SECRETS = 'GET /orgs/{org}/actions/secrets';
export const SPACES = 'GET /orgs/{org}/copilot-spaces';

export function ok(body: unknown, headers: Record<string, string> = {}): FakeAnswer {
  return { status: 200, headers, body };
}

export function refusal(status: number, message: string, headers: Record<string, string> = {}): FakeAnswer {
  return { status, headers, body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) } };
}

/** A `Link` header as GitHub writes it. */
export function linked(links: Readonly<Record<string, string>>): Record<string, string> {
  return {
    link: Object.entries(links)
      .map(([rel, address]) => `<${address}>; rel="${rel}"`)
      .join(', '),
  };
}

/** The requests of an operation, in the order of their arrival. */
export function asksOf(world: World, operation: string): Asked[] {
  return world.asked.filter((asked) => asked.operation === operation);
}

/** Path and query, as they were sent. */
export function addressOf({ url }: { url: URL }): string {
  return `${url.pathname}${url.search}`;
}

/** Milliseconds of the real clock between each request and the next. */
export function pauses(asked: readonly Asked[]): number[] {
  return asked.slice(1).map(({ at }, index) => at - asked[index]!.at);
}

/** How many repositories a query asks for at once, and after which cursor. */
export function pageAsked(request: Pick<FakeRequest, 'body'>): { size: number; after: string | null } {
  const { query, variables } = JSON.parse(request.body) as { query: string; variables: Record<string, unknown> };
  const size = Object.values(variables).find((value) => typeof value === 'number') ?? Number(/first: ?(\d+)/.exec(query)![1]);
  return { size: size as number, after: (variables['after'] ?? null) as string | null };
}

/** A good answer of GraphQL, to be changed. */
export interface RepositoryPage {
  data: {
    organization: {
      repositories: {
        pageInfo: { hasNextPage: boolean; endCursor: string | null };
        nodes: ({ databaseId: number; nameWithOwner: string } & Record<string, unknown>)[];
      };
    };
  };
  errors?: { type?: string; message: string; path?: (string | number)[] }[];
}

/** A copy of the usual answer, after a change. */
export function changed(usual: () => FakeAnswer, change: (page: RepositoryPage) => void): FakeAnswer {
  const answer = usual();
  const body = structuredClone(answer.body) as RepositoryPage;
  change(body);
  return { ...answer, body };
}

/** Plants for whichever of these operations there are; without any, nothing of it can be asked for. */
export function plantOneOf(world: World, operations: readonly string[], answer: PlantedAnswer): void {
  const missing: unknown[] = [];
  for (const operation of operations) {
    try {
      world.plant(operation, answer);
    } catch (error) {
      missing.push(error);
    }
  }
  if (missing.length === operations.length) throw new AggregateError(missing, `not built: ${operations.join(', ')}`);
}
