import { defineConnector } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { config, type Config } from './config.ts';
import { appInstallations } from './installations.ts';
import { meaning } from './meaning.ts';
import { members } from './members.ts';
import { operations } from './operations.ts';
import { copilotSeats } from './seats.ts';
import { codespacesSecretNames, secretNames } from './secrets.ts';
import { personalAccessTokens, tokenRequests } from './tokens.ts';

export const connector = defineConnector<Config, Client>({
  id: 'github',
  title: 'GitHub',
  config,
  credentials: [
    { id: 'app', title: 'GitHub App with read permissions', keys: ['app'] },
    { id: 'token', title: 'Classic token of an organisation owner', keys: ['token'] },
  ],
  operations,
  collectors: [members, appInstallations, personalAccessTokens, tokenRequests, secretNames, codespacesSecretNames, copilotSeats],
  connect: async (context) => (await import('./client.ts')).connect(context),
  meaning,
  remediation: {
    app_installation: 'Organization settings > GitHub Apps > Configure beside the app: Suspend stops it at once, Uninstall removes it.',
    api_key:
      'Organization settings > Personal access tokens > Active tokens: open the token and choose Revoke. A token that still waits stands under Pending requests: choose Deny.',
    secret_name:
      'Revoke the key at its vendor first, then run: gh secret delete NAME --org ORGANISATION --app actions (or dependabot, codespaces). Secrets of coding agents: Organization settings > Secrets and variables > Agents.',
    seat: "gh api --method DELETE /orgs/ORGANISATION/copilot/billing/selected_users -f 'selected_usernames[]=LOGIN'. A seat that comes from a team ends when the person leaves the team.",
  },
});
