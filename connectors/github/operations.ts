import type { Operation } from '../../src/connector/index.ts';

/** The kinds of credential that a source may have. */
export type CredentialId = 'app' | 'token';

export interface List {
  /** Permission of a GitHub App that opens it. Absent = GitHub never answers Apps here. */
  app?: string;
  /** Scope of a classic token that opens it. Absent = GitHub answers Apps only. */
  token?: string;
  /** Not part of Enterprise Server. */
  cloudOnly?: boolean;
  /**
   * Without the permission GitHub does not refuse: it answers with what is public, and does not say that there is more.
   * https://docs.github.com/en/rest/orgs/members#list-organization-members
   */
  publicPart?: boolean;
}

const ADMIN = 'token:admin:org';

/** Every list that we read. Tables of permissions: https://docs.github.com/en/rest/authentication */
export const LISTS = {
  'GET /orgs/{org}/installations': { app: 'app:organization_administration:read', token: ADMIN },
  'GET /orgs/{org}/personal-access-tokens': { app: 'app:organization_personal_access_tokens:read' },
  'GET /orgs/{org}/personal-access-token-requests': { app: 'app:organization_personal_access_token_requests:read' },
  'GET /orgs/{org}/actions/secrets': { app: 'app:organization_secrets:read', token: ADMIN },
  'GET /orgs/{org}/dependabot/secrets': { app: 'app:organization_dependabot_secrets:read', token: ADMIN },
  'GET /orgs/{org}/agents/secrets': { app: 'app:organization_agent_secrets:read', token: ADMIN, cloudOnly: true },
  'GET /orgs/{org}/codespaces/secrets': { token: ADMIN, cloudOnly: true },
  'GET /orgs/{org}/copilot/billing/seats': {
    app: 'app:organization_copilot_seat_management:read',
    token: 'token:manage_billing:copilot',
    cloudOnly: true,
  },
  'GET /orgs/{org}/members': { app: 'app:members:read', token: ADMIN, publicPart: true },
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
  return { first, following: first.replace('/orgs/{org}/', '/organizations/{organization_id}/') };
}

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
];

function isList(id: string): id is ListId {
  return id in LISTS;
}

function addressesOf(list: ListId): Operation[] {
  const { app, token } = listNeeds(list);
  const permission = app ?? token;
  const { first, following } = listPaths(list);
  return [first, following].map((path) => ({
    id: list,
    method: 'GET',
    origin: 'api',
    path,
    class: 'read',
    ...(permission && { permission }),
    credentials: credentialsFor(list),
  }));
}
