import { z } from 'zod';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import type { Caller } from './credentials.ts';
import { commitsOf, deployKeyNode, deployKeysOf, objectAt, pullsOf } from './code.ts';
import { ENTERPRISE, enterpriseOrganizations } from './enterprise.ts';
import type { Github } from './gate.ts';
import { ENTERPRISE_ISSUER, IDENTITY_ISSUER, signedIn } from './external-identities.ts';
import { execute, Forbidden, type Source } from './graphql.ts';
import { all, type Listing, listingOf, part } from './listing.ts';
import type { Repository } from './repositories.ts';
import { branchProtections, protectionNode, repositoryRulesets, rulesetNode } from './rules.ts';

const body = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).default({}) });

/** What GraphQL shows of the organisation. */
export function graphqlAnswer(github: Github, request: FakeRequest, caller: Caller): FakeAnswer {
  const { query, variables } = body.parse(JSON.parse(request.body));
  const root: Source = {
    organization: ({ login }: { login: string }) =>
      login.toLowerCase() === github.world.organization.login ? organization(github, caller) : null,
    enterprise: ({ slug }: { slug: string }) => {
      if (slug !== ENTERPRISE.slug || caller.kind !== 'token' || !github.held.has('token:read:enterprise')) throw new Forbidden();
      return {
        __typename: 'Enterprise',
        databaseId: ENTERPRISE.id,
        slug: ENTERPRISE.slug,
        ownerInfo: ownerInfo(github),
        organizations: organizationsOf(github),
      };
    },
  };
  // Names of organisations want a scope of their own, whoever owns the enterprise.
  const lacks = query.includes('organizations(') && !github.held.has('token:read:org');
  if (lacks) return { status: 200, body: { data: null, errors: [{ type: 'INSUFFICIENT_SCOPES', message: WORDS.scopes }] } };
  return { status: 200, body: overstrained(github, query, variables) ?? execute(query, variables, root) };
}

const WORDS = {
  scopes: 'Your token has not been granted the required scopes to execute this query.',
  timeout: 'Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug.',
  'went wrong': 'Something went wrong while executing your query on 2026-11-21T02:00:00Z. Please include `C0DE` when reporting this issue.',
  'no time': "We couldn't respond to your request in time. Sorry about that. Please try resubmitting your request.",
};

/** What GitHub answers where a query is too much: nothing, or the shell of an answer, and words that have no place in it. */
function overstrained(github: Github, query: string, { n }: Readonly<Record<string, unknown>>): object | undefined {
  const { strain } = github;
  if (!strain || typeof n !== 'number' || n < strain.rows || strain.times === 0) return undefined;
  if (strain.times !== undefined) github.strain = { ...strain, times: strain.times - 1 };
  const { says } = strain;
  if (says === 'nothing') return { data: query.includes('enterprise(') ? { enterprise: null } : { organization: null } };
  if (says !== 'resource limits') return { data: null, errors: [{ message: WORDS[says] }] };
  const errors = [{ type: 'RESOURCE_LIMITS_EXCEEDED', message: 'Resource limits for this query exceeded.' }];
  return { data: { organization: { repositories: null, samlIdentityProvider: null } }, errors };
}

function organization(github: Github, caller: Caller): Source {
  return {
    __typename: 'Organization',
    databaseId: github.world.organization.id,
    samlIdentityProvider: () => {
      const isSeen = caller.kind === 'installation' ? github.held.has('app:members:read') : github.held.has('token:read:org');
      if (!isSeen) throw new Forbidden();
      const signsIn = github.plan === 'saml' && (github.signIn ?? 'organisation') === 'organisation';
      return signsIn ? identityProvider(github, 'OrganizationIdentityProvider', IDENTITY_ISSUER) : null;
    },
    repositories: ({ first, after, orderBy = MADE }: { first: number; after?: string | null; orderBy?: RepositoryOrder }) => {
      if (!(first >= 1 && first <= 100)) throw new Error('GraphQL asks for 1 to 100 rows');
      const all = ordered(github, orderBy);
      const from = all.after(after ?? null);
      const until = Math.min(all.size, from + first);
      const nodes = Array.from({ length: until - from }, (_, index) => repositoryNode(github, caller, all.at(from + index)));
      const endCursor = until > from ? cursorOf(all.keyOf(until - 1)) : null;
      return { totalCount: all.size, pageInfo: { hasNextPage: until < all.size, endCursor }, nodes };
    },
  };
}

interface RepositoryOrder {
  field: 'CREATED_AT' | 'PUSHED_AT';
  direction: 'ASC' | 'DESC';
}

const MADE: RepositoryOrder = { field: 'CREATED_AT', direction: 'ASC' };

/** A list in an order, with a key for each row that rises along it: a cursor holds that of the last row, so that it stands for no position. */
function ordered({ world }: Github, { field, direction }: RepositoryOrder) {
  const all = world.repositories();
  if (`${field} ${direction}` === 'CREATED_AT ASC') return seekable(all, ({ number }) => number + 1);
  if (`${field} ${direction}` !== 'PUSHED_AT DESC') throw new Error(`This GitHub has no order ${field} ${direction}`);
  const keyOf = (repository: Repository) => -Date.parse(world.pushedAt(repository)) + repository.number / 1e6;
  const rows = Array.from({ length: all.size }, (_, index) => all.at(index)).sort((a, b) => keyOf(a) - keyOf(b));
  return seekable(listingOf(rows), keyOf);
}

function seekable(rows: Listing<Repository>, keyOf: (repository: Repository) => number) {
  return {
    size: rows.size,
    at: (index: number) => rows.at(index),
    keyOf: (index: number) => keyOf(rows.at(index)),
    /** Where the rows behind a cursor begin. */
    after(cursor: string | null): number {
      if (cursor === null) return 0;
      const text = Buffer.from(cursor, 'base64').toString();
      const key = Number(text.slice(text.lastIndexOf(':') + 1));
      let [from, until] = [0, rows.size];
      while (from < until) {
        const middle = (from + until) >> 1;
        if (keyOf(rows.at(middle)) <= key) from = middle + 1;
        else until = middle;
      }
      return from;
    },
  };
}

function cursorOf(key: number): string {
  return Buffer.from(`cursor:v2:${key}`).toString('base64');
}

/** What GitHub shows to owners of the enterprise. */
function ownerInfo(github: Github): Source {
  const { signIn = 'enterprise' } = github;
  return {
    __typename: 'EnterpriseOwnerInfo',
    samlIdentityProvider: signIn === 'enterprise' ? identityProvider(github, 'EnterpriseIdentityProvider', ENTERPRISE_ISSUER) : null,
    oidcProvider: signIn === 'enterprise by OIDC' ? { __typename: 'OIDCProvider', providerType: 'AAD' } : null,
  };
}

/** The organisations of the enterprise in the order in which they were made. */
function organizationsOf({ world }: Github) {
  return ({ first, after }: { first: number; after?: string | null }) => {
    const all = enterpriseOrganizations(world);
    const from = positionOf(after);
    const until = Math.min(all.length, from + first);
    const nodes = all.slice(from, until).map(({ id, login }) => ({ __typename: 'Organization', databaseId: id, login }));
    return { pageInfo: { hasNextPage: until < all.length, endCursor: cursorAt(until, from) }, nodes };
  };
}

/** Of people alone: a machine user is nobody whom an identity provider signs in. One identity waits for a member to claim it. */
function identityProvider({ world, night }: Github, __typename: string, issuer: string): Source {
  return {
    __typename,
    issuer,
    externalIdentities: ({ first, after }: { first: number; after?: string | null }) => {
      const people = signedIn(world, night);
      const size = people.size + 1;
      const from = positionOf(after);
      const until = Math.min(size, from + first);
      const page = [...all(part(people, from, until)), ...(until === size && from < size ? [undefined] : [])];
      const nodes = page.map((person) => ({
        __typename: 'ExternalIdentity',
        user: person ? { __typename: 'User', databaseId: person.id, login: person.login } : null,
        samlIdentity: { nameId: person?.email ?? `newcomer@${world.company.domain}` },
        scimIdentity: null,
      }));
      return { pageInfo: { hasNextPage: until < size, endCursor: cursorAt(until, from) }, nodes };
    },
  };
}

function positionOf(after: string | null | undefined): number {
  return !after ? 0 : Number(Buffer.from(after, 'base64').toString().replace('cursor:', ''));
}

function cursorAt(until: number, from: number): string | null {
  return until > from ? Buffer.from(`cursor:${until}`).toString('base64') : null;
}

function repositoryNode(github: Github, caller: Caller, repository: Repository): Source {
  const { company, organization: owner } = github.world;
  const may = (permission: string) => {
    if (caller.kind === 'installation' && !github.held.has(permission)) throw new Forbidden();
  };
  const keys = deployKeysOf(repository);
  return {
    __typename: 'Repository',
    databaseId: repository.id,
    nameWithOwner: `${owner.login}/${repository.name}`,
    isArchived: false,
    isFork: false,
    visibility: 'PRIVATE',
    pushedAt: github.world.pushedAt(repository),
    object: ({ expression }: { expression: string }) => (may('app:contents:read'), objectAt(repository, expression)),
    pullRequests: () => (may('app:pull_requests:read'), { nodes: pullsOf(repository, company) }),
    defaultBranchRef: () => (
      may('app:contents:read'),
      { target: { __typename: 'Commit', history: { nodes: commitsOf(repository, company) } } }
    ),
    rulesets: () => (
      may('app:administration:read'),
      listOf(repositoryRulesets(repository).map((rule) => rulesetNode(rule, caller.kind === 'token')))
    ),
    branchProtectionRules: () => (may('app:administration:read'), listOf(branchProtections(repository).map(protectionNode))),
    deployKeys: ({ first }: { first: number }) => (
      may('app:administration:read'),
      { totalCount: keys.length, nodes: keys.slice(0, first).map((key) => deployKeyNode(key, company)) }
    ),
  };
}

function listOf<Row>(nodes: readonly Row[]) {
  return { totalCount: nodes.length, nodes };
}

/** The next page of a query is a cursor, not an address: it can be the same for ever, and leads to no other host. */
export function repeatedPage(answer: FakeAnswer, request: FakeRequest): FakeAnswer | undefined {
  const { variables } = body.parse(JSON.parse(request.body));
  const text = JSON.stringify(answer.body);
  const cursor = typeof variables.after === 'string' ? variables.after : Buffer.from('cursor:0').toString('base64');
  const turned = text.replace(/"hasNextPage":\w+,"endCursor":("[^"]*"|null)/, `"hasNextPage":true,"endCursor":"${cursor}"`);
  return turned === text
    ? undefined
    : { ...answer, body: turned, headers: { ...answer.headers, 'content-type': 'application/json; charset=utf-8' } };
}
