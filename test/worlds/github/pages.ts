/**
 * The largest page of everything that may be asked, as GitHub documents it; `single` = it has no pages.
 * Lists of variables are shorter, and usage records the shortest.
 */
export const LARGEST_PAGES: Readonly<Record<string, number | 'single'>> = {
  ...pagesOf(
    'single',
    `/rate_limit /meta /versions /user /user/memberships/orgs/{org} /orgs/{org} /app /app/installations/{installation_id}
     /orgs/{org}/installation /repos/{owner}/{repo}/installation /orgs/{org}/organization-roles /users/{username}
     /orgs/{org}/rulesets/{ruleset_id} /repos/{owner}/{repo}/rulesets/{ruleset_id} /apps/{app_slug} /orgs/{org}/copilot/billing
     /orgs/{org}/members/{username}/copilot /orgs/{org}/copilot/metrics/reports/organization-1-day
     /orgs/{org}/copilot/metrics/reports/organization-28-day/latest /orgs/{org}/copilot/metrics/reports/users-1-day
     /orgs/{org}/copilot/metrics/reports/users-28-day/latest /orgs/{org}/copilot/metrics/reports/repos-1-day
     /orgs/{org}/copilot/metrics/reports/user-teams-1-day /orgs/{org}/copilot/coding-agent/permissions
     /orgs/{org}/copilot/content_exclusion /repos/{owner}/{repo}/copilot/cloud-agent/configuration /orgs/{org}/actions/permissions
     /orgs/{org}/actions/permissions/selected-actions /orgs/{org}/actions/permissions/workflow
     /repos/{owner}/{repo}/git/trees/{tree_sha} /repos/{owner}/{repo}/contents/{path} /repos/{owner}/{repo}/dependency-graph/sbom
     /repos/{owner}/{repo}/dependency-graph/sbom/generate-report
     /repos/{owner}/{repo}/dependency-graph/sbom/fetch-report/{sbom_uuid} /orgs/{org}/custom-repository-roles
     /enterprises/{enterprise}/settings/billing/ai_credit/usage /enterprises/{enterprise}/settings/billing/premium_request/usage`,
  ),
  ...pagesOf(
    100,
    `/app/installations /installation/repositories /user/installations /user/installations/{installation_id}/repositories
     /orgs/{org}/repos /orgs/{org}/members /orgs/{org}/outside_collaborators /users/{username}/keys /users/{username}/ssh_signing_keys
     /orgs/{org}/rulesets /repos/{owner}/{repo}/rulesets /orgs/{org}/installations /orgs/{org}/personal-access-tokens
     /orgs/{org}/personal-access-tokens/{pat_id}/repositories /orgs/{org}/personal-access-token-requests
     /orgs/{org}/personal-access-token-requests/{pat_request_id}/repositories /orgs/{org}/hooks /repos/{owner}/{repo}/hooks
     /repos/{owner}/{repo}/keys /orgs/{org}/actions/secrets /orgs/{org}/actions/secrets/{secret_name}/repositories
     /orgs/{org}/actions/variables/{name}/repositories /orgs/{org}/dependabot/secrets
     /orgs/{org}/dependabot/secrets/{secret_name}/repositories /orgs/{org}/codespaces/secrets
     /orgs/{org}/codespaces/secrets/{secret_name}/repositories /orgs/{org}/agents/secrets
     /orgs/{org}/agents/secrets/{secret_name}/repositories /orgs/{org}/agents/variables/{name}/repositories
     /repos/{owner}/{repo}/actions/secrets /repos/{owner}/{repo}/actions/organization-secrets /repos/{owner}/{repo}/environments
     /repos/{owner}/{repo}/environments/{environment_name}/secrets /repos/{owner}/{repo}/dependabot/secrets
     /repos/{owner}/{repo}/codespaces/secrets /repos/{owner}/{repo}/agents/secrets /repos/{owner}/{repo}/agents/organization-secrets
     /orgs/{org}/copilot/billing/seats /orgs/{org}/copilot/coding-agent/permissions/repositories /orgs/{org}/copilot-spaces
     /agents/repos/{owner}/{repo}/tasks /agents/tasks /orgs/{org}/actions/runners /repos/{owner}/{repo}/actions/runners
     /repos/{owner}/{repo}/actions/workflows /search/code /orgs/{org}/secret-scanning/alerts
     /repos/{owner}/{repo}/secret-scanning/alerts /repos/{owner}/{repo}/secret-scanning/alerts/{alert_number}/locations
     /enterprises/{enterprise}/apps/organizations/{org}/installations
     /enterprises/{enterprise}/apps/organizations/{org}/installations/{installation_id}/repositories
     /orgs/{org}/credential-authorizations /orgs/{org}/audit-log /enterprises/{enterprise}/audit-log
     /enterprises/{enterprise}/copilot/billing/seats /enterprises/{enterprise}/copilot/custom-agents
     /enterprises/{enterprise}/secret-scanning/alerts`,
  ),
  ...pagesOf(
    30,
    `/orgs/{org}/actions/variables /orgs/{org}/agents/variables /repos/{owner}/{repo}/actions/variables
     /repos/{owner}/{repo}/actions/organization-variables /repos/{owner}/{repo}/environments/{environment_name}/variables
     /repos/{owner}/{repo}/agents/variables /repos/{owner}/{repo}/agents/organization-variables`,
  ),
  ...pagesOf(25, '/enterprises/{enterprise}/copilot/usage-records'),
};

function pagesOf(largest: number | 'single', paths: string): Record<string, number | 'single'> {
  return Object.fromEntries(paths.split(/\s+/).map((path) => [`GET ${path}`, largest]));
}
