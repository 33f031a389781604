import type { PermissionDocument } from '../../src/connector/index.ts';
import { CLOUD_PERMISSIONS, SCOPES } from './operations.ts';

/** What has to be switched on in the project of the service account, and what the administrator in `subject` must be allowed to. */
const NEEDS: Readonly<Record<string, { api: string; service: string; privilege?: string }>> = {
  [SCOPES.customer]: admin(),
  [SCOPES.users]: admin('Users > Read'),
  [SCOPES.grants]: admin('Users > Update > User security management'),
  [SCOPES.audit]: admin('Reports'),
  [SCOPES.roles]: admin('Admin roles > Read'),
  [SCOPES.units]: admin('Organisational units > Read'),
  [SCOPES.groups]: admin('Groups > Read'),
  [SCOPES.licences]: { api: 'Enterprise License Manager API', service: 'licensing', privilege: 'Licence management > Licence read' },
  [SCOPES.settings]: { api: 'Cloud Identity API', service: 'cloudidentity', privilege: 'Super administrator, and no less' },
  [SCOPES.chrome]: { api: 'Chrome Management API', service: 'chromemanagement', privilege: 'Chrome management > View reports' },
};

function admin(privilege?: string) {
  return { api: 'Admin SDK API', service: 'admin', ...(privilege && { privilege }) };
}

/** `role` absent = no ready role lists and does no more, so that one is made of the permission alone. */
type Role = { role?: string; instead?: string; api: string; service: string };
const BROWSER: Role = { role: 'roles/browser', api: 'Cloud Resource Manager API', service: 'cloudresourcemanager' };
const REVIEWER: Role = { role: 'roles/iam.securityReviewer', api: 'Identity and Access Management (IAM) API', service: 'iam' };
const REGISTRY: Role = { role: 'roles/agentregistry.viewer', api: 'Agent Registry API', service: 'agentregistry' };
const IDENTITY: Role = { role: 'roles/agentidentity.viewer', api: 'Agent Identity API', service: 'agentidentity' };

const ROLES: Readonly<Record<string, Role>> = {
  [CLOUD_PERMISSIONS.organizations]: BROWSER,
  [CLOUD_PERMISSIONS.assets]: { role: 'roles/cloudasset.viewer', api: 'Cloud Asset API', service: 'cloudasset' },
  [CLOUD_PERMISSIONS.folders]: BROWSER,
  [CLOUD_PERMISSIONS.projects]: BROWSER,
  [CLOUD_PERMISSIONS.services]: {
    role: 'roles/serviceusage.serviceUsageViewer',
    api: 'Service Usage API',
    service: 'serviceusage',
  },
  [CLOUD_PERMISSIONS.accounts]: REVIEWER,
  [CLOUD_PERMISSIONS.accountKeys]: REVIEWER,
  // https://cloud.google.com/iam/docs/roles-permissions/serviceusage
  [CLOUD_PERMISSIONS.apiKeys]: {
    instead: 'API Keys Viewer, which may read the keys themselves (apikeys.keys.getKeyString)',
    api: 'API Keys API',
    service: 'apikeys',
  },
  [CLOUD_PERMISSIONS.keyUse]: {
    role: 'roles/policyanalyzer.activityAnalysisViewer',
    api: 'Policy Analyzer API',
    service: 'policyanalyzer',
  },
  [CLOUD_PERMISSIONS.locations]: REGISTRY,
  [CLOUD_PERMISSIONS.registry]: REGISTRY,
  [CLOUD_PERMISSIONS.tools]: REGISTRY,
  [CLOUD_PERMISSIONS.bindings]: REGISTRY,
  [CLOUD_PERMISSIONS.access]: IDENTITY,
  [CLOUD_PERMISSIONS.providers]: IDENTITY,
  [CLOUD_PERMISSIONS.workloads]: IDENTITY,
  [CLOUD_PERMISSIONS.authorizations]: IDENTITY,
};

/** Click by click, for the permissions that the chosen collectors need. */
export const documents: readonly PermissionDocument[] = [
  {
    id: 'setup',
    title: 'what to click and what to enter, in the Google Cloud console and in the Admin console',
    text(permissions) {
      const scopes = [...new Set([SCOPES.customer, ...permissions.filter((id) => NEEDS[id])])].toSorted();
      const roles = permissions.filter((id) => ROLES[id]);
      return `${[...workspace(scopes), ...(roles.length > 0 ? ['', ...cloud(roles)] : [])].join('\n')}\n`;
    },
  },
];

function workspace(scopes: readonly string[]): string[] {
  const needs = scopes.map((scope) => NEEDS[scope]!);
  const privileges = [...new Set(needs.flatMap(({ privilege }) => privilege ?? []))].toSorted();
  return [
    'Google Workspace',
    '',
    '1. console.cloud.google.com > a project of your own > APIs & Services > Library: enable',
    ...apis(needs),
    '2. IAM & Admin > Service accounts > Create service account: no role, no access for others.',
    '   Open it > Keys > Add key > Create new key > JSON. Keep the file with mode 600; "serviceAccount" points at it.',
    '3. admin.google.com > Security > Access and data control > API controls > Manage domain-wide delegation > Add new:',
    '   Client ID: the number "client_id" in the key file. OAuth scopes:',
    `   ${scopes.join(',')}`,
    ...(privileges.length === 0
      ? []
      : [
          '4. admin.google.com > Account > Admin roles > Create new role, with these privileges, and assign it to the user in "subject":',
          ...privileges.map((privilege) => `   - ${privilege}`),
        ]),
    'Then `noctule doctor` asks for each once.',
  ];
}

function cloud(permissions: readonly string[]): string[] {
  const needs = permissions.map((id) => ROLES[id]!);
  const made = permissions.filter((id) => ROLES[id]!.role === undefined);
  return [
    'Google Cloud: a second service account, and nothing delegated to it',
    '',
    '1. APIs & Services > Library: enable',
    ...apis(needs),
    '2. IAM & Admin > Service accounts > Create service account, and a JSON key; "cloud.serviceAccount" points at it.',
    '3. Choose the organisation at the top > IAM & Admin > IAM > Grant access, to the address of that account:',
    ...[...new Set(needs.flatMap(({ role }) => (role === undefined ? [] : `   - ${role}`)))].toSorted(),
    ...made.map((id) => `   - a role of your own (IAM & Admin > Roles > Create role) with ${id} alone, not ${ROLES[id]!.instead}`),
  ];
}

function apis(needs: readonly { api: string; service: string }[]): string[] {
  return [...new Set(needs.map(({ api, service }) => `   - ${api} (gcloud services enable ${service}.googleapis.com)`))].toSorted();
}
