import type { Caller } from './credentials.ts';

/** GitHub's plans for organisations. `saml` is Enterprise Cloud with SAML single sign-on, `server` is Enterprise Server. */
export const PLANS = ['free', 'team', 'enterprise', 'saml', 'server'] as const;
export type Plan = (typeof PLANS)[number];

/** An organisation on the free plan can have Copilot Business too; this one has not. */
const COPILOT: readonly Plan[] = ['team', 'enterprise', 'saml'];
const CLOUD: readonly Plan[] = ['free', 'team', 'enterprise', 'saml'];

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
  /** Plans that have it; absent = all. */
  plans?: readonly Plan[];
  /** Page of GitHub's reference, named in every error. */
  docs: string;
}

type Scope =
  | 'read:enterprise'
  | 'admin:enterprise'
  | 'read:org'
  | 'admin:org'
  | 'read:audit_log'
  | 'admin:org_hook'
  | 'repo'
  | 'security_events';

/**
 * Which credential reads what. GitHub takes more than is listed in two places, and this server is narrower there, so that each
 * permission can be missed on its own: Copilot seats are also shown with `organization_administration`, and to tokens with
 * `manage_billing:copilot`, and what is kept from Copilot to tokens with `copilot`.
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
    plans: CLOUD,
    docs: 'rest/codespaces/organization-secrets#list-organization-secrets',
  },
  'GET /orgs/{org}/agents/secrets': {
    app: 'organization_agent_secrets:read',
    token: 'admin:org',
    plans: CLOUD,
    docs: 'rest/agents/secrets#list-organization-secrets',
  },
  'GET /orgs/{org}/actions/secrets/{secret_name}/repositories': {
    app: 'organization_secrets:read',
    token: 'admin:org',
    docs: 'rest/actions/secrets#list-selected-repositories-for-an-organization-secret',
  },
  'GET /orgs/{org}/dependabot/secrets/{secret_name}/repositories': {
    app: 'organization_dependabot_secrets:read',
    token: 'admin:org',
    docs: 'rest/dependabot/secrets#list-selected-repositories-for-an-organization-secret',
  },
  'GET /orgs/{org}/codespaces/secrets/{secret_name}/repositories': {
    app: 'never',
    token: 'admin:org',
    plans: CLOUD,
    docs: 'rest/codespaces/organization-secrets#list-selected-repositories-for-an-organization-secret',
  },
  'GET /orgs/{org}/agents/secrets/{secret_name}/repositories': {
    app: 'organization_agent_secrets:read',
    token: 'admin:org',
    plans: CLOUD,
    docs: 'rest/agents/secrets#list-selected-repositories-for-an-organization-secret',
  },
  'GET /orgs/{org}/copilot/billing/seats': {
    app: 'organization_copilot_seat_management:read',
    token: 'read:org',
    plans: COPILOT,
    docs: 'rest/copilot/copilot-user-management#list-all-copilot-seat-assignments-for-an-organization',
  },
  'POST /graphql': { app: 'any', token: 'repo', publicPart: true, docs: 'graphql' },
  'GET /orgs/{org}/repos': { app: 'any', token: 'repo', publicPart: true, docs: 'rest/repos/repos#list-organization-repositories' },
  'GET /repos/{owner}/{repo}/actions/secrets': { app: 'secrets:read', token: 'repo', docs: 'rest/actions/secrets#list-repository-secrets' },
  'GET /repos/{owner}/{repo}/dependabot/secrets': {
    app: 'dependabot_secrets:read',
    token: 'repo',
    docs: 'rest/dependabot/secrets#list-repository-secrets',
  },
  'GET /repos/{owner}/{repo}/codespaces/secrets': {
    app: 'codespaces_secrets:read',
    token: 'repo',
    plans: CLOUD,
    docs: 'rest/codespaces/repository-secrets#list-repository-secrets',
  },
  'GET /repos/{owner}/{repo}/agents/secrets': {
    app: 'agent_secrets:read',
    token: 'repo',
    plans: CLOUD,
    docs: 'rest/agents/secrets#list-repository-secrets',
  },
  'GET /repos/{owner}/{repo}/actions/variables': {
    app: 'actions_variables:read',
    token: 'repo',
    docs: 'rest/actions/variables#list-repository-variables',
  },
  'GET /repos/{owner}/{repo}/agents/variables': {
    app: 'agent_variables:read',
    token: 'repo',
    plans: CLOUD,
    docs: 'rest/agents/variables#list-repository-variables',
  },
  'GET /repos/{owner}/{repo}/hooks': { app: 'repository_hooks:read', token: 'repo', docs: 'rest/repos/webhooks#list-repository-webhooks' },
  'GET /repos/{owner}/{repo}/environments': { app: 'actions:read', token: 'repo', docs: 'rest/deployments/environments#list-environments' },
  'GET /repos/{owner}/{repo}/environments/{environment_name}/secrets': {
    app: 'environments:read',
    token: 'repo',
    docs: 'rest/actions/secrets#list-environment-secrets',
  },
  'GET /repos/{owner}/{repo}/environments/{environment_name}/variables': {
    app: 'environments:read',
    token: 'repo',
    docs: 'rest/actions/variables#list-environment-variables',
  },
  'GET /repos/{owner}/{repo}/actions/runners': {
    app: 'administration:read',
    token: 'repo',
    docs: 'rest/actions/self-hosted-runners#list-self-hosted-runners-for-a-repository',
  },
  'GET /repos/{owner}/{repo}/copilot/cloud-agent/configuration': {
    app: 'copilot_agent_settings:read',
    token: 'repo',
    plans: COPILOT,
    docs: 'rest/copilot/copilot-cloud-agent-management#get-copilot-cloud-agent-configuration-for-a-repository',
  },
  'GET /repos/{owner}/{repo}/dependency-graph/sbom': {
    app: 'contents:read',
    token: 'repo',
    docs: 'rest/dependency-graph/sboms#export-a-software-bill-of-materials-sbom-for-a-repository',
  },
  'GET /apps/{app_slug}': { app: 'any', token: 'any', docs: 'rest/apps/apps#get-an-app' },
  'GET /orgs/{org}/personal-access-tokens/{pat_id}/repositories': {
    app: 'organization_personal_access_tokens:read',
    token: 'never',
    docs: 'rest/orgs/personal-access-tokens#list-repositories-a-fine-grained-personal-access-token-has-access-to',
  },
  'GET /orgs/{org}/personal-access-token-requests/{pat_request_id}/repositories': {
    app: 'organization_personal_access_token_requests:read',
    token: 'never',
    docs: 'rest/orgs/personal-access-tokens#list-repositories-requested-to-be-accessed-by-a-fine-grained-personal-access-token',
  },
  'GET /orgs/{org}/credential-authorizations': {
    app: 'organization_administration:read',
    token: 'read:org',
    plans: ['saml'],
    docs: 'rest/orgs/orgs#list-saml-sso-authorizations-for-an-organization',
  },
  'GET /orgs/{org}/audit-log': {
    app: 'organization_administration:read',
    token: 'read:audit_log',
    plans: ['enterprise', 'saml', 'server'],
    docs: 'enterprise-cloud@latest/rest/orgs/orgs#get-the-audit-log-for-an-organization',
  },
  'GET /orgs/{org}/hooks': {
    app: 'organization_hooks:read',
    token: 'admin:org_hook',
    docs: 'rest/orgs/webhooks#list-organization-webhooks',
  },
  'GET /orgs/{org}/actions/variables': {
    app: 'organization_actions_variables:read',
    token: 'admin:org',
    docs: 'rest/actions/variables#list-organization-variables',
  },
  'GET /orgs/{org}/agents/variables': {
    app: 'organization_agent_variables:read',
    token: 'admin:org',
    plans: CLOUD,
    docs: 'rest/agents/variables#list-organization-variables',
  },
  'GET /orgs/{org}/copilot/billing': {
    app: 'organization_copilot_seat_management:read',
    token: 'read:org',
    plans: COPILOT,
    docs: 'rest/copilot/copilot-user-management#get-copilot-seat-information-and-settings-for-an-organization',
  },
  'GET /orgs/{org}/copilot/coding-agent/permissions': {
    app: 'organization_copilot_agent_settings:read',
    token: 'admin:org',
    plans: COPILOT,
    docs: 'rest/copilot/copilot-coding-agent-management#get-copilot-coding-agent-permissions-for-an-organization',
  },
  'GET /orgs/{org}/copilot/content_exclusion': {
    app: 'organization_copilot_content_exclusion:read',
    token: 'read:org',
    plans: COPILOT,
    docs: 'rest/copilot/copilot-content-exclusion-management#get-copilot-content-exclusion-rules-for-an-organization',
  },
  'GET /orgs/{org}/copilot/metrics/reports/organization-28-day/latest': {
    app: 'organization_copilot_metrics:read',
    token: 'read:org',
    plans: COPILOT,
    docs: 'rest/copilot/copilot-usage-metrics#get-copilot-organization-usage-metrics',
  },
  'GET /orgs/{org}/copilot-spaces': {
    app: 'never',
    token: 'read:org',
    plans: COPILOT,
    docs: 'rest/copilot-spaces/copilot-spaces#list-organization-copilot-spaces',
  },
  'GET /enterprises/{enterprise}/copilot/billing/seats': {
    app: 'never',
    token: 'read:enterprise',
    plans: ['enterprise', 'saml'],
    docs: 'enterprise-cloud@latest/rest/copilot/copilot-user-management#list-all-copilot-seat-assignments-for-an-enterprise',
  },
  'GET /enterprises/{enterprise}/copilot/custom-agents': {
    app: 'never',
    token: 'admin:enterprise',
    plans: ['enterprise', 'saml'],
    docs: 'enterprise-cloud@latest/rest/copilot/copilot-custom-agents#get-custom-agents-for-an-enterprise',
  },
  'GET /orgs/{org}/actions/permissions': {
    app: 'organization_administration:read',
    token: 'admin:org',
    docs: 'rest/actions/permissions#get-github-actions-permissions-for-an-organization',
  },
  'GET /orgs/{org}/actions/permissions/workflow': {
    app: 'organization_administration:read',
    token: 'admin:org',
    docs: 'rest/actions/permissions#get-default-workflow-permissions-for-an-organization',
  },
  'GET /orgs/{org}/actions/runners': {
    app: 'organization_self_hosted_runners:read',
    token: 'admin:org',
    docs: 'rest/actions/self-hosted-runners#list-self-hosted-runners-for-an-organization',
  },
  'GET /orgs/{org}/rulesets': {
    app: 'organization_administration:read',
    token: 'admin:org',
    plans: ['team', 'enterprise', 'saml', 'server'],
    docs: 'rest/orgs/rules#get-all-organization-repository-rulesets',
  },
  'GET /orgs/{org}/rulesets/{ruleset_id}': {
    app: 'organization_administration:read',
    token: 'admin:org',
    plans: ['team', 'enterprise', 'saml', 'server'],
    docs: 'rest/orgs/rules#get-an-organization-repository-ruleset',
  },
  'GET /orgs/{org}/secret-scanning/alerts': {
    app: 'secret_scanning_alerts:read',
    token: 'security_events',
    plans: ['team', 'enterprise', 'saml', 'server'],
    docs: 'rest/secret-scanning/secret-scanning#list-secret-scanning-alerts-for-an-organization',
  },
  'GET /orgs/{org}/members': {
    app: 'members:read',
    token: 'read:org',
    publicPart: true,
    docs: 'rest/orgs/members#list-organization-members',
  },
} as const satisfies Record<string, Access>;

export type Operation = keyof typeof ACCESS;

export const PLAN_PERMISSION = 'app:organization_plan:read';
/** Without these, GraphQL answers null in the fields that need them. */
export const FIELD_PERMISSIONS = ['app:administration:read', 'app:contents:read', 'app:pull_requests:read'];

/** By GitHub's names, each behind the credential that holds it. */
export const PERMISSIONS: readonly string[] = [
  ...new Set(
    Object.values<Access>(ACCESS).flatMap(({ app, token }) => [
      ...(app.includes(':') ? [`app:${app}`] : []),
      ...(isScope(token) ? [`token:${token}`] : []),
    ]),
  ),
  // No operation asks for it: with it, an App sees the organisation's plan.
  PLAN_PERMISSION,
  ...FIELD_PERMISSIONS,
].sort();

export function isScope(token: Access['token']): token is Scope {
  return token !== 'any' && token !== 'never';
}

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
