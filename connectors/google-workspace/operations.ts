import type { Operation } from '../../src/connector/index.ts';

const AUTH = 'https://www.googleapis.com/auth/';

/** OAuth scopes that the collectors need. Google has no read-only form of those for grants and for licences. */
export const SCOPES = {
  customer: `${AUTH}admin.directory.customer.readonly`,
  users: `${AUTH}admin.directory.user.readonly`,
  grants: `${AUTH}admin.directory.user.security`,
  audit: `${AUTH}admin.reports.audit.readonly`,
  roles: `${AUTH}admin.directory.rolemanagement.readonly`,
  groups: `${AUTH}admin.directory.group.readonly`,
  units: `${AUTH}admin.directory.orgunit.readonly`,
  licences: `${AUTH}apps.licensing`,
  settings: `${AUTH}cloud-identity.policies.readonly`,
  chrome: `${AUTH}chrome.management.reports.readonly`,
  cloudRead: `${AUTH}cloud-platform.read-only`,
  cloud: `${AUTH}cloud-platform`,
  registry: `${AUTH}agentregistry.read-only`,
  apiKeys: `${AUTH}apikeys.readonly`,
} as const;

/**
 * What Google Cloud asks of the service account itself: there the scope is not what is granted. One for each list; that lists of
 * applications ask for the one of agents is our guess, because Google names none for them.
 * https://docs.cloud.google.com/iam/docs/roles-permissions/agentregistry
 * https://docs.cloud.google.com/iam/docs/roles-permissions/agentidentity
 */
export const CLOUD_PERMISSIONS = {
  organizations: 'resourcemanager.organizations.get',
  assets: 'cloudasset.assets.listResource',
  folders: 'resourcemanager.folders.list',
  projects: 'resourcemanager.projects.list',
  services: 'serviceusage.services.list',
  accounts: 'iam.serviceAccounts.list',
  accountKeys: 'iam.serviceAccountKeys.list',
  apiKeys: 'apikeys.keys.list',
  locations: 'agentregistry.locations.list',
  registry: 'agentregistry.agents.list',
  tools: 'agentregistry.mcpServers.list',
  bindings: 'agentregistry.bindings.list',
  access: 'agentidentity.accessSummaries.list',
  providers: 'agentidentity.authProviders.list',
  workloads: 'agentidentity.authProviders.queryWorkloads',
  authorizations: 'agentidentity.authorizations.list',
  keyUse: 'policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query',
} as const;

/** What a read needs: the scope that its token is asked for, and the permission to name where it is refused. */
export interface Need {
  scope: string;
  permission: string;
  /** `administrator`: in the name of the configured subject. `itself`: as the service account for Google Cloud. */
  as: 'administrator' | 'itself';
  /** The quota that such a read spends beside that of all requests; see `QUOTAS`. */
  quota?: keyof typeof QUOTAS;
}

/**
 * Queries of the audit logs that are narrowed have a quota of their own: 250 a minute, and 15,000 an hour, which is as much.
 * What is sent within a minute may arrive within a shorter one. https://developers.google.com/workspace/admin/reports/v1/limits
 */
export const QUOTAS = { narrowed: { most: 240, within: 62_000 } } as const;

/** A read in the name of the administrator, for whom scope and permission are one. */
export function delegated(scope: string): Need {
  return { scope, permission: scope, as: 'administrator' };
}

/** A read as the service account for Google Cloud, to whom nothing is delegated. */
export function itself(scope: string, permission: string): Need {
  return { scope, permission, as: 'itself' };
}

/** The hosts that are asked, beside the one for tokens. */
export const ORIGINS = {
  admin: 'https://admin.googleapis.com',
  settings: 'https://cloudidentity.googleapis.com',
  licences: 'https://licensing.googleapis.com',
  chrome: 'https://chromemanagement.googleapis.com',
  resources: 'https://cloudresourcemanager.googleapis.com',
  assets: 'https://cloudasset.googleapis.com',
  services: 'https://serviceusage.googleapis.com',
  accounts: 'https://iam.googleapis.com',
  apiKeys: 'https://apikeys.googleapis.com',
  registry: 'https://agentregistry.googleapis.com',
  identity: 'https://agentidentity.googleapis.com',
  activity: 'https://policyanalyzer.googleapis.com',
} as const;

const DIRECTORY = '/admin/directory/v1';
const LOCATIONS = '/v1/projects/{project}/locations';
const PROVIDERS = `${LOCATIONS}/{location}/authProviders`;
const REPORTS = '/v1/customers/{customer}/reports';

/** Everything that this connector may ever send. */
export const operations = [
  { id: 'oauth2.token', method: 'POST', origin: 'token', path: '/token', class: 'auth' },
  read('directory.customers.get', 'admin', `${DIRECTORY}/customers/{customerKey}`, SCOPES.customer),
  read('directory.users.list', 'admin', `${DIRECTORY}/users`, SCOPES.users),
  read('directory.tokens.list', 'admin', `${DIRECTORY}/users/{userKey}/tokens`, SCOPES.grants),
  read('directory.asps.list', 'admin', `${DIRECTORY}/users/{userKey}/asps`, SCOPES.grants),
  read('reports.activities.list', 'admin', '/admin/reports/v1/activity/users/{userKey}/applications/{applicationName}', SCOPES.audit),
  read('directory.roles.list', 'admin', `${DIRECTORY}/customer/{customer}/roles`, SCOPES.roles),
  read('directory.roleAssignments.list', 'admin', `${DIRECTORY}/customer/{customer}/roleassignments`, SCOPES.roles),
  read('directory.groups.get', 'admin', `${DIRECTORY}/groups/{groupKey}`, SCOPES.groups),
  read('directory.members.list', 'admin', `${DIRECTORY}/groups/{groupKey}/members`, SCOPES.groups),
  read('directory.orgunits.list', 'admin', `${DIRECTORY}/customer/{customer}/orgunits`, SCOPES.units),
  read('cloudidentity.policies.list', 'settings', '/v1/policies', SCOPES.settings),
  read('licensing.licenseAssignments.listForProduct', 'licences', '/apps/licensing/v1/product/{productId}/users', SCOPES.licences),
  read('chromemanagement.customers.reports.findSaasUsage', 'chrome', `${REPORTS}:findSaasUsage`, SCOPES.chrome),
  read('chromemanagement.customers.reports.findSaasUsageProfiles', 'chrome', `${REPORTS}:findSaasUsageProfiles`, SCOPES.chrome),
  read('chromemanagement.customers.reports.countInstalledApps', 'chrome', `${REPORTS}:countInstalledApps`, SCOPES.chrome),
  read('chromemanagement.customers.reports.findInstalledAppProfiles', 'chrome', `${REPORTS}:findInstalledAppProfiles`, SCOPES.chrome),
  read('cloudresourcemanager.organizations.search', 'resources', '/v3/organizations:search', CLOUD_PERMISSIONS.organizations),
  read('cloudresourcemanager.folders.list', 'resources', '/v3/folders', CLOUD_PERMISSIONS.folders),
  read('cloudresourcemanager.projects.list', 'resources', '/v3/projects', CLOUD_PERMISSIONS.projects),
  read('serviceusage.services.list', 'services', '/v1/projects/{project}/services', CLOUD_PERMISSIONS.services),
  read('iam.projects.serviceAccounts.list', 'accounts', '/v1/projects/{project}/serviceAccounts', CLOUD_PERMISSIONS.accounts),
  read(
    'iam.projects.serviceAccounts.keys.list',
    'accounts',
    '/v1/projects/{project}/serviceAccounts/{account}/keys',
    CLOUD_PERMISSIONS.accountKeys,
  ),
  read('apikeys.projects.locations.keys.list', 'apiKeys', '/v2/projects/{project}/locations/{location}/keys', CLOUD_PERMISSIONS.apiKeys),
  read('cloudasset.assets.list', 'assets', '/v1/organizations/{organization}/assets', CLOUD_PERMISSIONS.assets),
  read('agentregistry.projects.locations.list', 'registry', LOCATIONS, CLOUD_PERMISSIONS.locations),
  read(
    'agentregistry.projects.locations.aiApplications.list',
    'registry',
    `${LOCATIONS}/{location}/aiApplications`,
    CLOUD_PERMISSIONS.registry,
  ),
  read(
    'agentregistry.projects.locations.aiApplications.agents.list',
    'registry',
    `${LOCATIONS}/{location}/aiApplications/{application}/agents`,
    CLOUD_PERMISSIONS.registry,
  ),
  read('agentregistry.projects.locations.agents.list', 'registry', `${LOCATIONS}/{location}/agents`, CLOUD_PERMISSIONS.registry),
  read('agentregistry.projects.locations.mcpServers.list', 'registry', `${LOCATIONS}/{location}/mcpServers`, CLOUD_PERMISSIONS.tools),
  read('agentregistry.projects.locations.bindings.list', 'registry', `${LOCATIONS}/{location}/bindings`, CLOUD_PERMISSIONS.bindings),
  read(
    'agentidentity.projects.locations.accessSummaries.list',
    'identity',
    `${LOCATIONS}/{location}/accessSummaries`,
    CLOUD_PERMISSIONS.access,
  ),
  read(
    'policyanalyzer.projects.locations.activityTypes.activities.query',
    'activity',
    `${LOCATIONS}/{location}/activityTypes/{activityType}/activities:query`,
    CLOUD_PERMISSIONS.keyUse,
  ),
  read('agentidentity.projects.locations.authProviders.list', 'identity', PROVIDERS, CLOUD_PERMISSIONS.providers),
  read(
    'agentidentity.projects.locations.authProviders.queryWorkloads',
    'identity',
    `${PROVIDERS}/{provider}:queryWorkloads`,
    CLOUD_PERMISSIONS.workloads,
  ),
  read(
    'agentidentity.projects.locations.authProviders.authorizations.list',
    'identity',
    `${PROVIDERS}/{provider}/authorizations`,
    CLOUD_PERMISSIONS.authorizations,
  ),
] as const satisfies readonly Operation[];

function read<Id extends string>(id: Id, origin: keyof typeof ORIGINS, path: string, permission: string) {
  return { id, method: 'GET', origin, path, class: 'read', permission } as const;
}
