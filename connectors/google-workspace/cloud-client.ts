import { given, type From, type Sender } from './ask.ts';
import { once } from './console-client.ts';
import { CLOUD_PERMISSIONS, ORIGINS, SCOPES } from './operations.ts';
import { ASSET_FIELDS, ORGANIZATION_FIELDS, pageOf, type Page } from './schema.ts';

/** Reads of Google Cloud, by a service account of its own that acts as itself. */
export interface CloudClient {
  organizations(query: From): Promise<Page>;
  /** Resources of one type in the whole organisation, `organizations/123`. */
  assets(query: From & { organization: string; type: string }): Promise<Page>;
}

export function cloudClient({ ask, sent, pageSize }: Sender): CloudClient {
  const resources = once(async () =>
    (await import('googleapis/build/src/apis/cloudresourcemanager/index.js')).cloudresourcemanager({
      version: 'v3',
      rootUrl: `${ORIGINS.resources}/`,
    }),
  );
  const inventory = once(async () =>
    (await import('googleapis/build/src/apis/cloudasset/index.js')).cloudasset({ version: 'v1', rootUrl: `${ORIGINS.assets}/` }),
  );
  return {
    organizations: (from) =>
      ask(itself(SCOPES.cloudRead, CLOUD_PERMISSIONS.organizations), pageOf('organizations'), async (auth) =>
        (await resources()).organizations.search({ fields: ORGANIZATION_FIELDS, pageSize: pageSize(500), ...given(from) }, sent(auth)),
      ),
    assets: ({ organization, type, ...from }) =>
      ask(itself(SCOPES.cloud, CLOUD_PERMISSIONS.assets), pageOf('assets'), async (auth) =>
        (await inventory()).assets.list(
          {
            parent: organization,
            assetTypes: [type],
            contentType: 'RESOURCE',
            fields: ASSET_FIELDS,
            pageSize: pageSize(1000),
            ...given(from),
          },
          sent(auth),
        ),
      ),
  };
}

function itself(scope: string, permission: string) {
  return { scope, permission, as: 'itself' } as const;
}
