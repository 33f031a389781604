import type { Operation } from '../../src/connector/index.ts';

/** The kinds of credential that a source may have. */
export type CredentialId = 'app' | 'token';

/** What one operation asks of a credential. Most are lists; the others answer one object. */
export interface List {
  /** Permission of a GitHub App that opens it. Absent = GitHub never answers Apps here. */
  app?: string;
  /** Scope of a classic token that opens it. Absent = GitHub answers Apps only. */
  token?: string;
  /** Not part of Enterprise Server. */
  cloudOnly?: boolean;
  /** Part of GitHub Enterprise alone: of Enterprise Cloud, and of Enterprise Server where it is not `cloudOnly`. */
  enterpriseOnly?: boolean;
  /** All credentials are answered alike: what one is refused, no other gets. */
  alike?: boolean;
  /** GitHub's largest page, where it is not the usual 100. https://docs.github.com/en/rest/actions/variables */
  largest?: 30;
  /** Parameters that go along with every request. */
  query?: Readonly<Record<string, string | number | boolean>>;
  /** Instead of an empty list GitHub answers null. */
  noneIsNull?: boolean;
  /** Names of parameters that whoever asks gives, besides those of the path. */
  asks?: readonly string[];
  /**
   * Without the permission GitHub does not refuse: it answers with what is public, and does not say that there is more.
   * https://docs.github.com/en/rest/orgs/members#list-organization-members
   */
  publicPart?: boolean;
}

const ADMIN = 'token:admin:org';
/** Of an owner's token: enough for what GitHub lets be read without the power to change it. */
const READ = 'token:read:org';
const REPO = 'token:repo';
const ADMINISTRATION = 'app:organization_administration:read';
const COPILOT = 'app:organization_copilot_seat_management:read';
const TOKENS = 'app:organization_personal_access_tokens:read';
const TOKEN_REQUESTS = 'app:organization_personal_access_token_requests:read';
/** Repositories on the one page that is read of those that were chosen: GitHub says beside them how many there are. */
export const CHOSEN_PAGE = 100;
const CHOSEN = { query: { per_page: CHOSEN_PAGE } } as const;
/** The list itself asks a token for `admin:org`; of private repositories it tells with `repo` alone. */
const CHOSEN_PRIVATE = { ...CHOSEN, token: REPO, publicPart: true } as const;

/** Everything that we read by REST. Tables of permissions: https://docs.github.com/en/rest/authentication */
export const LISTS = {
  'GET /orgs/{org}/installations': { app: 'app:organization_administration:read', token: ADMIN },
  'GET /apps/{app_slug}': { app: 'app:metadata:read', token: ADMIN, alike: true },
  'GET /orgs/{org}/personal-access-tokens': { app: TOKENS },
  'GET /orgs/{org}/personal-access-tokens/{pat_id}/repositories': { app: TOKENS },
  'GET /orgs/{org}/credential-authorizations': { app: ADMINISTRATION, token: READ, cloudOnly: true, enterpriseOnly: true },
  // Newest first, which is GitHub's own order: an event that comes while the log is read shifts no page.
  'GET /orgs/{org}/audit-log': {
    app: ADMINISTRATION,
    token: 'token:read:audit_log',
    enterpriseOnly: true,
    query: { include: 'web' },
    asks: ['phrase'],
  },
  'GET /orgs/{org}/hooks': { app: 'app:organization_hooks:read', token: 'token:admin:org_hook' },
  'GET /orgs/{org}/personal-access-token-requests': { app: TOKEN_REQUESTS },
  'GET /orgs/{org}/personal-access-token-requests/{pat_request_id}/repositories': { app: TOKEN_REQUESTS },
  'GET /orgs/{org}/actions/secrets': { app: 'app:organization_secrets:read', token: ADMIN },
  'GET /orgs/{org}/dependabot/secrets': { app: 'app:organization_dependabot_secrets:read', token: ADMIN },
  'GET /orgs/{org}/agents/secrets': { app: 'app:organization_agent_secrets:read', token: ADMIN, cloudOnly: true },
  'GET /orgs/{org}/codespaces/secrets': { token: ADMIN, cloudOnly: true },
  'GET /orgs/{org}/actions/secrets/{secret_name}/repositories': { app: 'app:organization_secrets:read', ...CHOSEN_PRIVATE },
  'GET /orgs/{org}/dependabot/secrets/{secret_name}/repositories': {
    app: 'app:organization_dependabot_secrets:read',
    token: ADMIN,
    ...CHOSEN,
  },
  'GET /orgs/{org}/agents/secrets/{secret_name}/repositories': {
    app: 'app:organization_agent_secrets:read',
    cloudOnly: true,
    ...CHOSEN_PRIVATE,
  },
  'GET /orgs/{org}/codespaces/secrets/{secret_name}/repositories': { token: ADMIN, cloudOnly: true, ...CHOSEN },
  'GET /orgs/{org}/actions/variables': { app: 'app:organization_actions_variables:read', token: ADMIN, largest: 30 },
  'GET /orgs/{org}/agents/variables': { app: 'app:organization_agent_variables:read', token: ADMIN, cloudOnly: true, largest: 30 },
  'GET /orgs/{org}/copilot/billing': { app: COPILOT, token: READ, cloudOnly: true },
  'GET /orgs/{org}/copilot/billing/seats': { app: COPILOT, token: READ, cloudOnly: true },
  'GET /orgs/{org}/copilot/coding-agent/permissions': {
    app: 'app:organization_copilot_agent_settings:read',
    token: ADMIN,
    cloudOnly: true,
  },
  'GET /orgs/{org}/copilot/content_exclusion': {
    app: 'app:organization_copilot_content_exclusion:read',
    token: READ,
    cloudOnly: true,
  },
  'GET /orgs/{org}/copilot/metrics/reports/organization-28-day/latest': {
    app: 'app:organization_copilot_metrics:read',
    token: READ,
    cloudOnly: true,
  },
  'GET /orgs/{org}/copilot-spaces': { token: READ, cloudOnly: true },
  'GET /orgs/{org}/actions/permissions': { app: ADMINISTRATION, token: ADMIN },
  'GET /orgs/{org}/actions/permissions/workflow': { app: ADMINISTRATION, token: ADMIN },
  'GET /orgs/{org}/actions/runners': { app: 'app:organization_self_hosted_runners:read', token: ADMIN },
  'GET /orgs/{org}/rulesets': { app: ADMINISTRATION, token: ADMIN },
  // Apps that only read are answered without those who may bypass the rules, which is what it is asked for.
  'GET /orgs/{org}/rulesets/{ruleset_id}': { token: ADMIN },
  'GET /orgs/{org}/secret-scanning/alerts': {
    app: 'app:secret_scanning_alerts:read',
    token: 'token:security_events',
    query: { hide_secret: true },
  },
  'GET /orgs/{org}/members': { app: 'app:members:read', token: 'token:read:org', publicPart: true },
  'GET /orgs/{org}/repos': {
    app: 'app:metadata:read',
    token: REPO,
    alike: true,
    publicPart: true,
    query: { sort: 'pushed', direction: 'desc' },
  },
  'GET /repos/{owner}/{repo}/actions/secrets': { app: 'app:secrets:read', token: REPO },
  'GET /repos/{owner}/{repo}/dependabot/secrets': { app: 'app:dependabot_secrets:read', token: REPO },
  'GET /repos/{owner}/{repo}/codespaces/secrets': { app: 'app:codespaces_secrets:read', token: REPO, cloudOnly: true },
  'GET /repos/{owner}/{repo}/agents/secrets': { app: 'app:agent_secrets:read', token: REPO, cloudOnly: true },
  'GET /repos/{owner}/{repo}/actions/variables': { app: 'app:actions_variables:read', token: REPO, largest: 30 },
  'GET /repos/{owner}/{repo}/agents/variables': { app: 'app:agent_variables:read', token: REPO, cloudOnly: true, largest: 30 },
  'GET /repos/{owner}/{repo}/hooks': { app: 'app:repository_hooks:read', token: REPO },
  'GET /repos/{owner}/{repo}/environments': { app: 'app:actions:read', token: REPO },
  'GET /repos/{owner}/{repo}/environments/{environment_name}/secrets': { app: 'app:environments:read', token: REPO },
  'GET /repos/{owner}/{repo}/environments/{environment_name}/variables': { app: 'app:environments:read', token: REPO, largest: 30 },
  'GET /repos/{owner}/{repo}/actions/runners': { app: 'app:administration:read', token: REPO },
  'GET /repos/{owner}/{repo}/copilot/cloud-agent/configuration': { app: 'app:copilot_agent_settings:read', token: REPO, cloudOnly: true },
  'GET /repos/{owner}/{repo}/dependency-graph/sbom': { app: 'app:contents:read', token: REPO },
  'GET /enterprises/{enterprise}/copilot/billing/seats': { token: 'token:read:enterprise', cloudOnly: true },
  // Null where no repository was named in which the enterprise keeps its agents.
  'GET /enterprises/{enterprise}/copilot/custom-agents': { token: 'token:admin:enterprise', cloudOnly: true, noneIsNull: true },
  // One operation for all queries, so each asks for what it needs: see `Query`.
  'POST /graphql': { app: 'app:metadata:read', token: REPO, publicPart: true },
} as const satisfies Record<string, List>;
export type ListId = keyof typeof LISTS;

export function listNeeds(list: ListId): List {
  return LISTS[list];
}

/** Kinds of credential that a list answers, the least powerful first: an App's permissions only read, `admin:org` does not. */
export function credentialsFor(list: ListId): CredentialId[] {
  const needs = listNeeds(list);
  return [...(needs.app ? (['app'] as const) : []), ...(needs.token ? (['token'] as const) : [])];
}

/** The path that we ask, and the one that GitHub names in `Link` for the pages after it. */
export function listPaths(list: ListId): { first: string; following: string } {
  const first = list.slice('GET '.length);
  const following = first
    .replace('/orgs/{org}/', '/organizations/{organization_id}/')
    .replace('/enterprises/{enterprise}/', '/enterprises/{enterprise_id}/')
    .replace('/repos/{owner}/{repo}/', '/repositories/{id}/');
  return { first, following };
}

/** Names of the parameters in an operation's path, and of those that it is asked with. */
export function parametersOf(list: ListId): string[] {
  return [...[...list.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!), ...(listNeeds(list).asks ?? [])];
}

/** What GraphQL asks for, of an enterprise. Who lacks it is answered null, as if there were nothing. https://docs.github.com/en/graphql/reference/objects#enterprise */
export const OF_ENTERPRISE = { token: 'token:read:enterprise', publicPart: true } as const satisfies List;

/** Reads alone: no query of ours is a mutation. */
export const GRAPHQL = 'POST /graphql';

/** A file of a report, at the signed address that GitHub names: a host of its own, which is shown no credential. */
export const REPORT = 'GET copilot-reports/{+file}';

/** Everything that this connector may ever send. */
export const operations: readonly Operation[] = [
  { id: 'GET /app/installations', method: 'GET', origin: 'api', path: '/app/installations', class: 'read', credentials: ['app'] },
  {
    id: 'POST /app/installations/{installation_id}/access_tokens',
    method: 'POST',
    origin: 'api',
    path: '/app/installations/{installation_id}/access_tokens',
    class: 'auth',
    credentials: ['app'],
  },
  { id: 'GET /orgs/{org}', method: 'GET', origin: 'api', path: '/orgs/{org}', class: 'read', credentials: ['app', 'token'] },
  ...Object.keys(LISTS).filter(isList).flatMap(addressesOf),
  { id: REPORT, method: 'GET', origin: 'reports', path: '/{+file}', class: 'read', credentials: [] },
];

function isList(id: string): id is ListId {
  return id in LISTS;
}

function addressesOf(list: ListId): Operation[] {
  const { app, token } = listNeeds(list);
  const permission = app ?? token;
  if (list === GRAPHQL)
    return [{ id: list, method: 'POST', origin: 'graphql', path: '/graphql', class: 'read', credentials: credentialsFor(list) }];
  const { first, following } = listPaths(list);
  return [...new Set([first, following])].map((path) => ({
    id: list,
    method: 'GET',
    origin: 'api',
    path,
    class: 'read',
    ...(permission && { permission }),
    credentials: credentialsFor(list),
  }));
}
