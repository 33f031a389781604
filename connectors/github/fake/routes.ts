import type { FakeAnswer, FakeRequest, FakeRoute } from '../../../src/testing/server.ts';
import type { Operation } from './access.ts';
import { accountRow } from './accounts.ts';
import { versionOf } from './answers.ts';
import type { Caller } from './credentials.ts';
import { answerTo, type Github, type Handler, type View } from './gate.ts';
import { type Installation, installationRow } from './installations.ts';
import { appClientId } from './installed-apps.ts';
import { organizationRow, userRow } from './organization.ts';
import { accessToken, ownInstallations } from './own-app.ts';
import { pageOf } from './pages.ts';
import { seatRow } from './seats.ts';
import { secretRow, type Store, STORES } from './secrets.ts';
import { requestRow } from './token-requests.ts';
import { tokenRow } from './tokens.ts';
import { all, type Listing, listingOf, mapped, part } from './world.ts';

export function routesOf(github: Github): FakeRoute[] {
  const { world } = github;
  const { company, organization, owner } = world;
  const route = (operation: Operation, handler: Handler, path = operation.slice(operation.indexOf(' ') + 1)): FakeRoute => ({
    operation,
    method: operation.startsWith('POST') ? 'POST' : 'GET',
    path,
    answer: (request) => answerTo(github, operation, handler, request),
  });
  const installed = (fact: Installation, origin: string) => ({
    ...installationRow(fact, organization, owner, origin),
    client_id: appClientId(fact.app),
  });
  const members = listed((request, view) => membersFor(github, request, view), { next: `/organizations/${organization.id}/members` });
  const secrets = (store: Store) =>
    listed(
      ({ url }) =>
        mapped(world.secrets(store, github.night), (fact) => secretRow(fact, company, organization.login, url.origin, github.night)),
      { count: 'total_count', rows: 'secrets' },
    );
  return [
    route(
      'GET /app/installations',
      listed(({ url }) => ownInstallations(github, url.origin)),
    ),
    route('POST /app/installations/{installation_id}/access_tokens', (request) => accessToken(github, request)),
    route('GET /rate_limit', (request, caller) => rateLimit(github, request, caller)),
    route('GET /user', ({ url }) => ({ status: 200, body: userRow(owner, url.origin) })),
    route('GET /orgs/{org}', ({ url }, caller) => {
      const view = caller.kind === 'token' && github.held.has('token:admin:org') ? 'owner' : 'public';
      return { status: 200, body: organizationRow(organization, url.origin, view, world.members(github.night).size) };
    }),
    route(
      'GET /orgs/{org}/installations',
      listed(({ url }) => mapped(world.installations(github.night), (fact) => installed(fact, url.origin)), {
        count: 'total_count',
        rows: 'installations',
      }),
    ),
    route(
      'GET /orgs/{org}/personal-access-tokens',
      listed(({ url }) => mapped(world.tokens(github.night), (fact) => tokenRow(fact, company, organization, url.origin, github.night))),
    ),
    route(
      'GET /orgs/{org}/personal-access-token-requests',
      listed(({ url }) => mapped(world.requests(github.night), (fact) => requestRow(fact, company, organization, url.origin))),
    ),
    ...STORES.map((store) => route(`GET /orgs/{org}/${store}/secrets`, secrets(store))),
    route(
      'GET /orgs/{org}/copilot/billing/seats',
      listed(({ url }) => mapped(world.seats(github.night), (fact) => seatRow(fact, company, organization, url.origin, github.night)), {
        count: 'total_seats',
        rows: 'seats',
      }),
    ),
    route('GET /orgs/{org}/members', members),
    route('GET /orgs/{org}/members', members, '/organizations/{organization_id}/members'),
  ];
}

/** Some lists are bare, others stand beside their length. `next` is where the other pages are, if not at the same address. */
function listed(
  rowsFor: (request: FakeRequest, view: View) => Listing<unknown>,
  shape: { count?: string; rows?: string; next?: string } = {},
): Handler {
  return (request, _caller, view) => {
    const listing = rowsFor(request, view);
    const { rows, headers } = pageOf(request, listing, shape.next);
    const body = shape.count && shape.rows ? { [shape.count]: listing.size, [shape.rows]: rows } : rows;
    return { status: 200, headers, body };
  };
}

function membersFor({ world, night }: Github, { url }: FakeRequest, view: View): Listing<unknown> {
  const everybody = world.members(night);
  const seen = view === 'whole' ? everybody : listingOf([...all(everybody)].filter((account) => world.isPublicMember(account)));
  const members = mapped(seen, (account) => accountRow(account, url.origin));
  const role = url.searchParams.get('role') ?? 'all';
  return role === 'all' ? members : role === 'admin' ? part(members, 0, 1) : part(members, 1);
}

function rateLimit({ limits }: Github, request: FakeRequest, caller: Caller): FakeAnswer {
  const core = limits.bucket(caller);
  const other = (limit: number) => ({ limit, used: 0, remaining: limit, reset: core.reset });
  const resources = { core, graphql: other(10_000), search: other(30), code_search: other(10) };
  // The older version says the most important thing twice.
  return { status: 200, body: { resources, ...(versionOf(request) === '2022-11-28' && { rate: core }) } };
}
