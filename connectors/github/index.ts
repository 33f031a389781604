import { defineConnector } from '../../src/connector/index.ts';
import { appListings } from './app-listings.ts';
import { actionsSettings, rulesets } from './approval-gates.ts';
import type { Client } from './client.ts';
import { config, type Config } from './config.ts';
import { auditLog } from './audit-log.ts';
import { codeAuthors } from './code-authors.ts';
import { codeFiles } from './code-files.ts';
import { copilotPolicy, copilotSpaces } from './copilot.ts';
import { copilotUsage } from './copilot-usage.ts';
import { deployKeys } from './deploy-keys.ts';
import { appInstallations } from './installations.ts';
import { enterpriseAgents, enterpriseSeats } from './enterprise.ts';
import { enterpriseOrganizations } from './enterprise-organizations.ts';
import { enterpriseIdentities, externalIdentities, personBehind } from './external-identities.ts';
import { leakedSecrets } from './leaked-secrets.ts';
import { meaning } from './meaning.ts';
import { members } from './members.ts';
import { oauthApps } from './oauth-apps.ts';
import { operations } from './operations.ts';
import { people } from './people.ts';
import { runners } from './runners.ts';
import { copilotSeats } from './seats.ts';
import { codespacesSecretNames, secretNames } from './secrets.ts';
import { repositoryPackages } from './packages.ts';
import { repositoryRules } from './repository-rules.ts';
import { repositorySettings } from './repository-settings.ts';
import { userEverywhere } from './server.ts';
import { ssoCredentials } from './sso-credentials.ts';
import { tokenReach } from './token-reach.ts';
import { personalAccessTokens, tokenRequests } from './tokens.ts';
import { unread } from './unread.ts';
import { variableNames } from './variables.ts';
import { webhooks } from './webhooks.ts';

export const connector = defineConnector<Config, Client>({
  id: 'github',
  title: 'GitHub',
  config,
  credentials: [
    { id: 'app', title: 'GitHub App with read permissions', keys: ['app'] },
    { id: 'token', title: 'Classic token of an owner of the organisation, or of the enterprise', keys: ['token'] },
  ],
  operations,
  readsMany: ({ organizations, enterprise }) => organizations !== undefined || (enterprise !== undefined && 'none'),
  collectors: [
    members,
    externalIdentities,
    appInstallations,
    appListings,
    personalAccessTokens,
    tokenRequests,
    tokenReach,
    ssoCredentials,
    deployKeys,
    oauthApps,
    auditLog,
    secretNames,
    codespacesSecretNames,
    variableNames,
    webhooks,
    copilotSeats,
    copilotPolicy,
    copilotSpaces,
    copilotUsage,
    enterpriseSeats,
    enterpriseAgents,
    enterpriseIdentities,
    enterpriseOrganizations,
    codeFiles,
    codeAuthors,
    runners,
    leakedSecrets,
    actionsSettings,
    rulesets,
    repositorySettings,
    repositoryRules,
    repositoryPackages,
    unread,
  ],
  connect: async (context) => (await import('./client.ts')).connect(context),
  meaning,
  personBehind,
  everywhere: userEverywhere,
  people,
  remediation: {
    app_installation: 'Organization settings > GitHub Apps > Configure beside the app: Suspend stops it at once, Uninstall removes it.',
    api_key:
      'Organization settings > Personal access tokens > Active tokens: open the token and choose Revoke. A token that still waits stands under Pending requests: choose Deny.',
    oauth_grant:
      'Organization settings > Authentication security > SSO authorised credentials of the member: Revoke. The member can also revoke the app under Settings > Applications.',
    vendor_integration: 'gh api --method DELETE /orgs/ORGANISATION/hooks/ID removes a webhook; first ask its owner what hangs on it.',
    exposure: 'Revoke the key at its vendor first: it stays in the history of the repository. Then close the alert with its reason.',
    service_account: 'gh api --method DELETE /orgs/ORGANISATION/actions/runners/ID takes a runner away, after the machine was stopped.',
    agent: 'Open the Space on github.com/copilot/spaces and choose Delete, or take away its sources.',
    code_evidence: 'Remove the file or the step from the default branch by a pull request, after its owner was asked.',
    secret_name:
      'Revoke the key at its vendor first, then run: gh secret delete NAME --org ORGANISATION --app actions (or dependabot, codespaces). Secrets of coding agents: Organization settings > Secrets and variables > Agents.',
    seat: "gh api --method DELETE /orgs/ORGANISATION/copilot/billing/selected_users -f 'selected_usernames[]=LOGIN'. A seat that comes from a team ends when the person leaves the team.",
  },
});
