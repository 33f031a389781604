import { defineConnector } from '../../src/connector/index.ts';
import { appControl } from './app-control.ts';
import { appUse } from './app-use.ts';
import { adminRoles } from './admin-roles.ts';
import { appPasswords } from './app-passwords.ts';
import type { Client } from './client.ts';
import { config, type Config } from './config.ts';
import { delegation } from './delegation.ts';
import { grants } from './grants.ts';
import { meaning } from './meaning.ts';
import { operations } from './operations.ts';
import { tokenLog } from './token-log.ts';
import { users } from './users.ts';

export const connector = defineConnector<Config, Client>({
  id: 'google-workspace',
  title: 'Google Workspace',
  config,
  credentials: [{ id: 'service_account', title: 'Service account with domain-wide delegation', keys: ['serviceAccount', 'subject'] }],
  operations,
  collectors: [users, grants, tokenLog, delegation, adminRoles, appControl, appPasswords, appUse],
  connect: async (context) => (await import('./client.ts')).connect(context),
  meaning,
  remediation: {
    oauth_grant: 'Admin console > Security > API controls > App access control: set the app to Blocked, which also ends its tokens.',
    app_installation: 'Admin console > Apps > Google Workspace Marketplace apps > Apps list: uninstall it.',
    api_key: 'Admin console > Directory > Users > the user > Security > Application-specific passwords: revoke it.',
    service_account: 'Admin console > Account > Admin roles: take the role from the service account.',
    delegation: 'Admin console > Security > API controls > Domain-wide delegation: delete the client.',
  },
});
