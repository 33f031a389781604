import { given, type From, type Sender } from './ask.ts';
import { ACCOUNT_FIELDS, ACCOUNT_KEY_FIELDS, API_KEY_FIELDS, FOLDER_FIELDS, PROJECT_FIELDS, SERVICE_FIELDS } from './cloud-schema.ts';
import { once } from './console-client.ts';
import { CLOUD_PERMISSIONS, itself, ORIGINS, SCOPES } from './operations.ts';
import { pageOf, type Page } from './schema.ts';

/** Reads of single projects of Google Cloud, where its inventory of assets cannot be asked. */
export interface ProjectClient {
  /** Folders and projects that lie in `organizations/123` or `folders/123` itself. */
  folders(query: From & { parent: string }): Promise<Page>;
  projects(query: From & { parent: string }): Promise<Page>;
  /** Services that a project, by its id, has enabled. */
  services(query: From & { project: string }): Promise<Page>;
  serviceAccounts(query: From & { project: string }): Promise<Page>;
  /** Keys of a service account, by its number, that somebody may hold: a list without pages. */
  serviceAccountKeys(query: { project: string; account: string }): Promise<Page>;
  /** API keys, without the keys themselves. */
  apiKeys(query: From & { project: string }): Promise<Page>;
}

export function projectClient({ ask, sent, pageSize }: Sender): ProjectClient {
  const resources = once(async () =>
    (await import('googleapis/build/src/apis/cloudresourcemanager/index.js')).cloudresourcemanager({
      version: 'v3',
      rootUrl: `${ORIGINS.resources}/`,
    }),
  );
  const usage = once(async () =>
    (await import('googleapis/build/src/apis/serviceusage/index.js')).serviceusage({ version: 'v1', rootUrl: `${ORIGINS.services}/` }),
  );
  const accounts = once(
    async () =>
      (await import('googleapis/build/src/apis/iam/index.js')).iam({ version: 'v1', rootUrl: `${ORIGINS.accounts}/` }).projects
        .serviceAccounts,
  );
  const keys = once(
    async () =>
      (await import('googleapis/build/src/apis/apikeys/index.js')).apikeys({ version: 'v2', rootUrl: `${ORIGINS.apiKeys}/` }).projects
        .locations.keys,
  );
  return {
    folders: ({ parent, ...from }) =>
      ask(itself(SCOPES.cloudRead, CLOUD_PERMISSIONS.folders), pageOf('folders'), async (auth) =>
        (await resources()).folders.list({ parent, fields: FOLDER_FIELDS, pageSize: pageSize(500), ...given(from) }, sent(auth)),
      ),
    projects: ({ parent, ...from }) =>
      ask(itself(SCOPES.cloudRead, CLOUD_PERMISSIONS.projects), pageOf('projects'), async (auth) =>
        (await resources()).projects.list({ parent, fields: PROJECT_FIELDS, pageSize: pageSize(500), ...given(from) }, sent(auth)),
      ),
    services: ({ project, ...from }) =>
      ask(itself(SCOPES.cloudRead, CLOUD_PERMISSIONS.services), pageOf('services'), async (auth) =>
        (await usage()).services.list(
          { parent: `projects/${project}`, filter: 'state:ENABLED', fields: SERVICE_FIELDS, pageSize: pageSize(200), ...given(from) },
          sent(auth),
        ),
      ),
    // IAM takes no scope that only reads.
    serviceAccounts: ({ project, ...from }) =>
      ask(itself(SCOPES.cloud, CLOUD_PERMISSIONS.accounts), pageOf('accounts'), async (auth) =>
        (await accounts()).list(
          { name: `projects/${project}`, fields: ACCOUNT_FIELDS, pageSize: pageSize(100), ...given(from) },
          sent(auth),
        ),
      ),
    serviceAccountKeys: ({ project, account }) =>
      ask(itself(SCOPES.cloud, CLOUD_PERMISSIONS.accountKeys), pageOf('keys'), async (auth) =>
        (await accounts()).keys.list(
          { name: `projects/${project}/serviceAccounts/${account}`, keyTypes: ['USER_MANAGED'], fields: ACCOUNT_KEY_FIELDS },
          sent(auth),
        ),
      ),
    apiKeys: ({ project, ...from }) =>
      ask(itself(SCOPES.apiKeys, CLOUD_PERMISSIONS.apiKeys), pageOf('keys'), async (auth) =>
        (await keys()).list(
          { parent: `projects/${project}/locations/global`, fields: API_KEY_FIELDS, pageSize: pageSize(300), ...given(from) },
          sent(auth),
        ),
      ),
  };
}
