import { defineConnector } from '../../src/connector/index.ts';
import { agentAccess } from './agent-access.ts';
import { agentGrants } from './agent-grants.ts';
import { agentRegistry } from './agent-registry.ts';
import { agentTools } from './agent-tools.ts';
import { aiLicences } from './ai-licences.ts';
import { aiUse } from './ai-use.ts';
import { aiResources } from './ai-resources.ts';
import { appControl } from './app-control.ts';
import { appUse } from './app-use.ts';
import { adminRoles } from './admin-roles.ts';
import { appPasswords } from './app-passwords.ts';
import { chromeExtensions } from './chrome-extensions.ts';
import { chromeSites } from './chrome-sites.ts';
import type { Client } from './client.ts';
import { cloudAssets } from './cloud-assets.ts';
import { cloudProjects } from './cloud-projects.ts';
import { config, type Config } from './config.ts';
import { delegation } from './delegation.ts';
import { grants } from './grants.ts';
import { groups } from './groups.ts';
import { imports } from './imports.ts';
import { keyUse } from './key-use.ts';
import { homeOf } from './home.ts';
import { meaning } from './meaning.ts';
import { operations } from './operations.ts';
import { people } from './people.ts';
import { documents } from './set-up.ts';
import { settings } from './settings.ts';
import { tokenLog } from './token-log.ts';
import { personBehind, users } from './users.ts';

export const connector = defineConnector<Config, Client>({
  id: 'google-workspace',
  title: 'Google Workspace',
  config,
  credentials: [
    { id: 'service_account', title: 'Service account with domain-wide delegation', keys: ['serviceAccount', 'subject'] },
    { id: 'cloud_service_account', title: 'Service account for Google Cloud, without delegation', keys: ['cloud'] },
  ],
  operations,
  collectors: [
    users,
    grants,
    tokenLog,
    delegation,
    adminRoles,
    appControl,
    appPasswords,
    groups,
    appUse,
    aiUse,
    settings,
    aiLicences,
    chromeSites,
    chromeExtensions,
    cloudAssets,
    cloudProjects,
    aiResources,
    keyUse,
    agentRegistry,
    agentTools,
    agentAccess,
    agentGrants,
    imports,
  ],
  connect: async (context) => (await import('./client.ts')).connect(context),
  meaning,
  homeOf,
  people,
  personBehind,
  documents,
  remediation: {
    oauth_grant: 'Admin console > Security > API controls > App access control: set the app to Blocked, which also ends its tokens.',
    app_installation:
      'Marketplace apps: Admin console > Apps > Google Workspace Marketplace apps > Apps list. Extensions: Admin console > Devices > Chrome > Apps & extensions: block it.',
    api_key:
      'Google Cloud console > APIs & Services > Credentials, or IAM > Service accounts: delete the key. App passwords: Admin console > the user > Security.',
    service_account: 'Admin console > Account > Admin roles: take its role; Google Cloud console > IAM > Service accounts: disable it.',
    trust: 'Google Cloud console > IAM & Admin > Workload Identity Federation: disable the provider, or delete its pool.',
    vendor_integration: 'Google Cloud console > APIs & Services > the service: disable it in the project.',
    agent: 'Google Cloud console > Agent Registry: the agent, and the runtime that it names.',
    usage: 'Take the access away where it was given: the app, the extension, or the connection of the agent.',
    seat: 'Admin console > Billing > Licence settings: take the licence back.',
    delegation: 'Admin console > Security > API controls > Domain-wide delegation: delete the client.',
  },
});
