import type { Caller } from './credentials.ts';

/** What an operation asks of a caller. */
export interface Access {
  /** With the App: its own JWT, any installation token, an installation token with this permission, or never. */
  app: 'jwt' | 'any' | 'never' | `${string}:read`;
  /** With the owner's classic token: whatever its scopes, with this scope, or never. */
  token: 'any' | 'never' | Scope;
  /** How GitHub refuses a classic token without the scope: with its own words, or as if there were nothing. */
  unscoped?: string;
  /** Who may not see it all is not refused: GitHub answers with what is public, and does not say that there is more. */
  publicPart?: true;
  /** Page of GitHub's reference, named in every error. */
  docs: string;
}

type Scope = 'admin:org' | 'manage_billing:copilot';

/**
 * Which credential reads what. GitHub takes more than is listed in one place, and this server is narrower there, so that each
 * permission can be missed on its own: Copilot seats are also shown with `organization_administration` and to tokens with `read:org`.
 */
export const ACCESS = {
  'GET /app/installations': {
    app: 'jwt',
    token: 'never',
    docs: 'rest/apps/apps#list-installations-for-the-authenticated-app',
  },
  'POST /app/installations/{installation_id}/access_tokens': {
    app: 'jwt',
    token: 'never',
    docs: 'rest/apps/apps#create-an-installation-access-token-for-an-app',
  },
  'GET /rate_limit': {
    app: 'any',
    token: 'any',
    docs: 'rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user',
  },
  'GET /user': { app: 'never', token: 'any', docs: 'rest/users/users#get-the-authenticated-user' },
  'GET /orgs/{org}': { app: 'any', token: 'any', docs: 'rest/orgs/orgs#get-an-organization' },
  'GET /orgs/{org}/installations': {
    app: 'organization_administration:read',
    token: 'admin:org',
    docs: 'rest/orgs/orgs#list-app-installations-for-an-organization',
  },
  'GET /orgs/{org}/personal-access-tokens': {
    app: 'organization_personal_access_tokens:read',
    token: 'never',
    docs: 'rest/orgs/personal-access-tokens#list-fine-grained-personal-access-tokens-with-access-to-organization-resources',
  },
  'GET /orgs/{org}/personal-access-token-requests': {
    app: 'organization_personal_access_token_requests:read',
    token: 'never',
    docs: 'rest/orgs/personal-access-tokens#list-requests-to-access-organization-resources-with-fine-grained-personal-access-tokens',
  },
  'GET /orgs/{org}/actions/secrets': {
    app: 'organization_secrets:read',
    token: 'admin:org',
    unscoped: 'You must be an org admin or have the actions secrets fine-grained permission.',
    docs: 'rest/actions/secrets#list-organization-secrets',
  },
  'GET /orgs/{org}/dependabot/secrets': {
    app: 'organization_dependabot_secrets:read',
    token: 'admin:org',
    docs: 'rest/dependabot/secrets#list-organization-secrets',
  },
  'GET /orgs/{org}/codespaces/secrets': {
    app: 'never',
    token: 'admin:org',
    docs: 'rest/codespaces/organization-secrets#list-organization-secrets',
  },
  'GET /orgs/{org}/agents/secrets': {
    app: 'organization_agent_secrets:read',
    token: 'admin:org',
    docs: 'rest/agents/secrets#list-organization-secrets',
  },
  'GET /orgs/{org}/copilot/billing/seats': {
    app: 'organization_copilot_seat_management:read',
    token: 'manage_billing:copilot',
    docs: 'rest/copilot/copilot-user-management#list-all-copilot-seat-assignments-for-an-organization',
  },
  'GET /orgs/{org}/members': {
    app: 'members:read',
    token: 'admin:org',
    publicPart: true,
    docs: 'rest/orgs/members#list-organization-members',
  },
} as const satisfies Record<string, Access>;

export type Operation = keyof typeof ACCESS;

/** By GitHub's names, each behind the credential that holds it. */
export const PERMISSIONS: readonly string[] = [
  ...new Set(
    Object.values<Access>(ACCESS).flatMap(({ app, token }) => [
      ...(app.includes(':') ? [`app:${app}`] : []),
      ...(token.includes(':') ? [`token:${token}`] : []),
    ]),
  ),
].sort();

export function accessOf(operation: string): Access | undefined {
  return (ACCESS as Record<string, Access>)[operation];
}

/** GitHub's refusal; undefined = the caller may read it. `held` are the permissions that nobody revoked. */
export function refusalFor(access: Access, caller: Caller, held: ReadonlySet<string>): { status: number; message: string } | undefined {
  if (caller.kind === 'unreadable') return { status: 401, message: caller.message };
  if (caller.kind === 'nobody') return { status: 401, message: 'Requires authentication' };
  if (access.app === 'jwt') return caller.kind === 'app' ? undefined : { status: 401, message: 'A JSON web token could not be decoded' };
  if (caller.kind === 'app') return { status: 401, message: 'Bad credentials' };
  if (caller.kind === 'installation') {
    const allowed = access.app === 'any' || (held.has(`app:${access.app}`) && (caller.narrowed?.has(access.app) ?? true));
    return allowed && caller.here ? undefined : { status: 403, message: 'Resource not accessible by integration' };
  }
  if (access.token === 'never') return { status: 403, message: 'Resource not accessible by personal access token' };
  if (access.token === 'any' || held.has(`token:${access.token}`)) return undefined;
  return access.unscoped ? { status: 403, message: access.unscoped } : { status: 404, message: 'Not Found' };
}
