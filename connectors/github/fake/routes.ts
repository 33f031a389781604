import type { FakeAnswer, FakeRequest, FakeRoute } from '../../../src/testing/server.ts';
import { type Operation, PLAN_PERMISSION } from './access.ts';
import { accountRow } from './accounts.ts';
import { alertRow } from './alerts.ts';
import { errorAnswer, versionOf } from './answers.ts';
import { auditRow, eventsFor } from './audit-log.ts';
import { authorizationRow } from './authorizations.ts';
import type { Caller } from './credentials.ts';
import { written } from './dates.ts';
import { customAgents, enterpriseSeatRow, enterpriseSeats, enterpriseTotal } from './enterprise.ts';
import { answerTo, type Github, type Handler, type View } from './gate.ts';
import { hookRow } from './hooks.ts';
import { type Installation, installationRow } from './installations.ts';
import { appClientId } from './installed-apps.ts';
import { organizationRow, userRow } from './organization.ts';
import { accessToken, ownInstallations } from './own-app.ts';
import { type Paging, pageOf } from './pages.ts';
import { graphqlAnswer } from './queries.ts';
import { numberOfId, numberOfName, type Repository, repositoryRow } from './repositories.ts';
import {
  agentSettings,
  environmentRow,
  environmentsOf,
  repositoryHooks,
  repositoryRunners,
  repositoryVariables,
  sbomOf,
} from './repository-lists.ts';
import { seatRow } from './seats.ts';
import { type OrganizationSecret, secretRow, type Store, STORES } from './secrets.ts';
import { appPage, CONTENT_EXCLUSION, copilotBilling, PRIVATE_APP, rulesetRow, runnerRow, spaceRow } from './settings.ts';
import { requestRepositories, requestRow } from './token-requests.ts';
import { REPORT_PATH, SIGNATURE_CANARY, usageFile, usageLinks } from './usage-report.ts';
import { tokenRepositories, tokenRow } from './tokens.ts';
import { VARIABLE_CANARY, variableRow, VARIABLE_STORES, type VariableStore } from './variables.ts';
import { all, type Listing, listingOf, mapped, part } from './listing.ts';

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
  const variables = (store: VariableStore) =>
    listed(({ url }) => mapped(world.variables(store), (fact) => variableRow(fact, company, organization.login, url.origin)), {
      count: 'total_count',
      rows: 'variables',
      largest: 30,
    });
  const secrets = (store: Store) =>
    listed(
      ({ url }) =>
        mapped(world.secrets(store, github.night), (fact) => secretRow(fact, company, organization.login, url.origin, github.night)),
      { count: 'total_count', rows: 'secrets' },
    );
  const chosen =
    (named: (params: FakeRequest['params']) => OrganizationSecret | undefined): Handler =>
    (request, caller, view) => {
      const found = named(request.params);
      if (!found) return errorAnswer(404, 'Not Found');
      const rows = mapped(world.chosenFor(found), (repository) => repositoryRow(repository, organization, request.url.origin));
      return listed(() => rows, { count: 'total_count', rows: 'repositories' })(request, caller, view);
    };
  return [
    route(
      'GET /app/installations',
      listed(({ url }) => ownInstallations(github, url.origin)),
    ),
    route('POST /app/installations/{installation_id}/access_tokens', (request) => accessToken(github, request)),
    route('GET /rate_limit', (request, caller) => rateLimit(github, request, caller)),
    route('GET /user', ({ url }) => ({ status: 200, body: userRow(owner, url.origin) })),
    route('GET /orgs/{org}', ({ url }, caller) => {
      const isOwner = caller.kind === 'token' && github.held.has('token:admin:org');
      const view = isOwner ? 'owner' : caller.kind === 'installation' && github.held.has(PLAN_PERMISSION) ? 'plan' : 'public';
      const said = { view, plan: github.plan, seats: world.members(github.night).size } as const;
      return { status: 200, body: organizationRow(organization, url.origin, said) };
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
    route('POST /graphql', (request, caller) => graphqlAnswer(github, request, caller)),
    ...repositoryRoutes(github, route),
    route('GET /apps/{app_slug}', ({ params, url }) => appFor(github, params.app_slug ?? '', url.origin)),
    route(
      'GET /orgs/{org}/personal-access-tokens/{pat_id}/repositories',
      listed(({ params, url }) =>
        mapped(tokenRepositories(world.token(Number(params.pat_id), github.night), company), (fact) =>
          repositoryRow(fact, organization, url.origin),
        ),
      ),
    ),
    route(
      'GET /orgs/{org}/personal-access-token-requests/{pat_request_id}/repositories',
      listed(({ params, url }) =>
        mapped(requestRepositories(world.requests(github.night), Number(params.pat_request_id), company), (fact) =>
          repositoryRow(fact, organization, url.origin),
        ),
      ),
    ),
    route(
      'GET /orgs/{org}/credential-authorizations',
      listed(() => mapped(world.authorizations(github.night), (fact) => authorizationRow(fact, company, github.night))),
    ),
    route(
      'GET /orgs/{org}/audit-log',
      listed(
        ({ url }) =>
          mapped(eventsFor(world.events(github.night), url.searchParams.get('phrase') ?? ''), (event) =>
            auditRow(event, company, organization),
          ),
        { by: 'after' },
      ),
    ),
    route(
      'GET /orgs/{org}/hooks',
      listed(({ url }) => mapped(world.hooks(github.night), (fact) => hookRow(fact, company, `${url.origin}/orgs/${organization.login}`))),
    ),
    ...VARIABLE_STORES.map((store) => route(`GET /orgs/{org}/${store}/variables`, variables(store))),
    route('GET /orgs/{org}/copilot/billing', () => ({ status: 200, body: copilotBilling(world.seats(github.night).size) })),
    route('GET /orgs/{org}/copilot/coding-agent/permissions', () => ({
      status: 200,
      body: { enabled_repositories: 'all' },
    })),
    route('GET /orgs/{org}/copilot/content_exclusion', () => ({ status: 200, body: world.empty ? {} : CONTENT_EXCLUSION })),
    route('GET /orgs/{org}/copilot/metrics/reports/organization-28-day/latest', () => ({
      status: 200,
      body: usageLinks(company, organization, github.night),
    })),
    // Another host, which knows nothing of GitHub's credentials.
    {
      operation: 'GET copilot-reports/{+file}',
      method: 'GET',
      path: REPORT_PATH,
      answer: ({ params, headers, url }) => {
        if (headers.authorization !== undefined) return errorAnswer(400, 'Authentication information is not given in the correct format.');
        if (url.searchParams.get('sig') !== SIGNATURE_CANARY) return errorAnswer(403, 'Server failed to authenticate the request.');
        const body = usageFile(params.file ?? '', company, organization, world.seats(github.night).size, github.night);
        return body === undefined
          ? errorAnswer(404, 'The specified blob does not exist.')
          : { status: 200, headers: { 'content-type': 'application/octet-stream' }, body };
      },
    },
    route(
      'GET /orgs/{org}/copilot-spaces',
      listed(({ url }) => mapped(world.spaces(), (fact) => spaceRow(fact, company, organization, url.origin)), {
        rows: 'spaces',
        by: 'after',
      }),
    ),
    route('GET /orgs/{org}/actions/permissions', () => ({
      status: 200,
      body: { enabled_repositories: 'all', allowed_actions: 'all', sha_pinning_required: false },
    })),
    route('GET /orgs/{org}/actions/permissions/workflow', () => ({
      status: 200,
      body: { default_workflow_permissions: 'write', can_approve_pull_request_reviews: true },
    })),
    route(
      'GET /orgs/{org}/actions/runners',
      listed(() => mapped(world.runners(), (fact) => runnerRow(fact, github.night)), { count: 'total_count', rows: 'runners' }),
    ),
    route(
      'GET /orgs/{org}/rulesets',
      listed(() => mapped(world.rulesets(), (fact) => rulesetRow(fact, organization.login, 'list'))),
    ),
    route('GET /orgs/{org}/rulesets/{ruleset_id}', ({ params }, caller) => {
      const found = [...all(world.rulesets())].find(({ id }) => String(id) === params.ruleset_id);
      if (!found) return errorAnswer(404, 'Not Found');
      return { status: 200, body: rulesetRow(found, organization.login, caller.kind === 'token' ? 'writer' : 'reader') };
    }),
    route(
      'GET /orgs/{org}/secret-scanning/alerts',
      listed(({ url }) => {
        const isServer = github.plan === 'server';
        const said = { origin: url.origin, night: github.night, isServer, hidden: url.searchParams.get('hide_secret') === 'true' };
        return mapped(world.alerts(), (fact) => alertRow(fact, company, organization, owner, said));
      }),
    ),
    ...STORES.map((store) => route(`GET /orgs/{org}/${store}/secrets`, secrets(store))),
    ...STORES.map((store) =>
      route(
        `GET /orgs/{org}/${store}/secrets/{secret_name}/repositories`,
        chosen(({ secret_name: name }) => [...all(world.secrets(store, github.night))].find((one) => one.name === name)),
      ),
    ),
    route(
      'GET /orgs/{org}/copilot/billing/seats',
      listed(({ url }) => mapped(world.seats(github.night), (fact) => seatRow(fact, company, organization, url.origin, github.night)), {
        count: 'total_seats',
        rows: 'seats',
      }),
    ),
    route('GET /enterprises/{enterprise}/copilot/billing/seats', (request, caller, view) => {
      const { night } = github;
      const rows = mapped(enterpriseSeats(world, night), (fact) =>
        enterpriseSeatRow(fact, company, organization, request.url.origin, night),
      );
      const { headers, ...answer } = listed(() => rows, { rows: 'seats' })(request, caller, view);
      return { ...answer, ...(headers && { headers }), body: { total_seats: enterpriseTotal(world, night), ...(answer.body as object) } };
    }),
    route('GET /enterprises/{enterprise}/copilot/custom-agents', (request, caller, view) => {
      const agents = customAgents(world);
      if (agents === null) return { status: 200, body: { custom_agents: null } };
      return listed(() => agents, { rows: 'custom_agents' })(request, caller, view);
    }),
    route('GET /orgs/{org}/members', members),
    route('GET /orgs/{org}/members', members, '/organizations/{organization_id}/members'),
  ];
}

/** Pages after the first lie at an address with the repository's id, as `Link` says. */
function repositoryRoutes(github: Github, route: (operation: Operation, handler: Handler, path?: string) => FakeRoute): FakeRoute[] {
  const { world } = github;
  const { company, organization } = world;
  const environmentIn = (repository: Repository, { params }: FakeRequest) =>
    environmentsOf(repository).find(({ name }) => name === params.environment_name);
  const found = ({ params }: FakeRequest): Repository | undefined => {
    const number = params.id === undefined ? numberOfName(params.repo ?? '') : numberOfId(Number(params.id));
    const repository = world.repository(number);
    return repository && (repository.name === params.repo || String(repository.id) === params.id) ? repository : undefined;
  };
  const both = (
    operation: Operation,
    rowsOf: (repository: Repository, request: FakeRequest) => readonly unknown[] | undefined,
    shape: Parameters<typeof listed>[1],
  ) => {
    const handler: Handler = (request, caller, view) => {
      const repository = found(request);
      if (!repository) return errorAnswer(404, 'Not Found');
      const path = operation
        .slice(operation.indexOf('{repo}') + '{repo}'.length)
        .replace('{environment_name}', encodeURIComponent(request.params.environment_name ?? ''));
      const next = `${request.url.pathname.startsWith('/api/v3/') ? '/api/v3' : ''}/repositories/${repository.id}${path}`;
      const rows = rowsOf(repository, request);
      if (!rows) return errorAnswer(404, 'Not Found');
      return listed(() => listingOf(rows), { ...shape, next })(request, caller, view);
    };
    return [
      route(operation, handler),
      route(operation, handler, operation.slice('GET '.length).replace('/repos/{owner}/{repo}/', '/repositories/{id}/')),
    ];
  };
  const at = written(company.ago(77));
  return [
    ...STORES.flatMap((store) =>
      both(
        `GET /repos/{owner}/{repo}/${store}/secrets`,
        (repository) => world.repositorySecrets(repository, store).map((name) => ({ name, created_at: at, updated_at: at })),
        { count: 'total_count', rows: 'secrets' },
      ),
    ),
    ...VARIABLE_STORES.flatMap((store) =>
      both(
        `GET /repos/{owner}/{repo}/${store}/variables`,
        (repository) =>
          repositoryVariables(repository, store).map((name) => ({ name, value: VARIABLE_CANARY, created_at: at, updated_at: at })),
        { count: 'total_count', rows: 'variables', largest: 30 },
      ),
    ),
    ...both(
      'GET /repos/{owner}/{repo}/environments',
      (repository, { url }) =>
        environmentsOf(repository).map((each) => environmentRow(each, repository, organization, company, url.origin)),
      { count: 'total_count', rows: 'environments' },
    ),
    ...both(
      'GET /repos/{owner}/{repo}/environments/{environment_name}/secrets',
      (repository, request) => environmentIn(repository, request)?.secrets.map((name) => ({ name, created_at: at, updated_at: at })),
      { count: 'total_count', rows: 'secrets' },
    ),
    ...both(
      'GET /repos/{owner}/{repo}/environments/{environment_name}/variables',
      (repository, request) =>
        environmentIn(repository, request)?.variables.map((name) => ({ name, value: VARIABLE_CANARY, created_at: at, updated_at: at })),
      { count: 'total_count', rows: 'variables', largest: 30 },
    ),
    ...both(
      'GET /repos/{owner}/{repo}/actions/runners',
      (repository) => repositoryRunners(repository).map((each) => runnerRow(each, github.night)),
      {
        count: 'total_count',
        rows: 'runners',
      },
    ),
    route('GET /repos/{owner}/{repo}/dependency-graph/sbom', (request) => {
      const repository = found(request);
      return repository ? { status: 200, body: sbomOf(repository, organization.login, company) } : errorAnswer(404, 'Not Found');
    }),
    route('GET /repos/{owner}/{repo}/copilot/cloud-agent/configuration', (request) => {
      const repository = found(request);
      return repository ? { status: 200, body: agentSettings(repository) } : errorAnswer(404, 'Not Found');
    }),
    ...both(
      'GET /repos/{owner}/{repo}/hooks',
      (repository, { url }) =>
        repositoryHooks(repository).map(({ id, host }) => {
          const api = `${url.origin}/repos/${world.organization.login}/${repository.name}`;
          const row = hookRow({ id, host, events: ['push'], active: true, age: 50 }, company, api);
          const last_response = { code: null, status: 'unused', message: null };
          return { ...row, type: 'Repository', test_url: `${row.url}/tests`, last_response };
        }),
      {},
    ),
  ];
}

/** Some lists are bare, others stand beside their length. `next` is where the other pages are, if not at the same address. */
function listed(
  rowsFor: (request: FakeRequest, view: View) => Listing<unknown>,
  shape: { count?: string; rows?: string } & Paging = {},
): Handler {
  return (request, _caller, view) => {
    const listing = rowsFor(request, view);
    const { rows, headers } = pageOf(request, listing, shape);
    const body = shape.rows ? { ...(shape.count && { [shape.count]: listing.size }), [shape.rows]: rows } : rows;
    return { status: 200, headers, body };
  };
}

function appFor({ world, night }: Github, slug: string, origin: string): FakeAnswer {
  const found = [...all(world.installations(night))].find((installation) => installation.slug === slug);
  if (!found || slug === PRIVATE_APP) return errorAnswer(404, 'Not Found', 'rest/apps/apps#get-an-app');
  return { status: 200, body: appPage(found, world.company, world.owner, origin) };
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
