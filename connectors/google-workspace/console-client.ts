import { given, type From, type Sender } from './ask.ts';
import { delegated, ORIGINS, SCOPES } from './operations.ts';
import { LICENCE_FIELDS, pageOf, SETTING_FIELDS, type Page } from './schema.ts';

/** Reads of what stands in the admin console beside the directory: settings, licences, browsers. */
export interface ConsoleClient {
  settings(query: From): Promise<Page>;
  licences(query: From & { product: string }): Promise<Page>;
  /** Web apps that managed browsers visited. */
  sites(query: From): Promise<Page>;
  /** Who visited one of them, by the name that the report gives it. */
  visitors(query: From & { site: string }): Promise<Page>;
  extensions(query: From): Promise<Page>;
  /** Managed profiles that have an extension. */
  extensionHolders(query: From & { extension: string }): Promise<Page>;
}

/** The APIs are loaded when the first of their reads is asked for: most sources ask for none. */
export function consoleClient({ ask, sent, pageSize }: Sender, customerId: string): ConsoleClient {
  const settings = once(async () =>
    (await import('googleapis/build/src/apis/cloudidentity/index.js')).cloudidentity({ version: 'v1', rootUrl: `${ORIGINS.settings}/` }),
  );
  const licensing = once(async () =>
    (await import('googleapis/build/src/apis/licensing/index.js')).licensing({ version: 'v1', rootUrl: `${ORIGINS.licences}/` }),
  );
  const chrome = once(async () =>
    (await import('googleapis/build/src/apis/chromemanagement/index.js')).chromemanagement({
      version: 'v1',
      rootUrl: `${ORIGINS.chrome}/`,
    }),
  );
  const customer = `customers/${customerId}`;
  return {
    settings: (from) =>
      ask(delegated(SCOPES.settings), pageOf('policies'), async (auth) =>
        (await settings()).policies.list({ pageSize: pageSize(100), fields: SETTING_FIELDS, ...given(from) }, sent(auth)),
      ),
    licences: ({ product, ...from }) =>
      ask(delegated(SCOPES.licences), pageOf('items'), async (auth) =>
        (await licensing()).licenseAssignments.listForProduct(
          { productId: product, customerId, maxResults: pageSize(1000), fields: LICENCE_FIELDS, ...given(from) },
          sent(auth),
        ),
      ),
    sites: (from) =>
      ask(delegated(SCOPES.chrome), pageOf('saasReports'), async (auth) =>
        (await chrome()).customers.reports.findSaasUsage(
          { customer, orderBy: 'distinct_users_count desc', pageSize: pageSize(200), ...given(from) },
          sent(auth),
        ),
      ),
    visitors: ({ site, ...from }) =>
      ask(delegated(SCOPES.chrome), pageOf('profileReports'), async (auth) =>
        (await chrome()).customers.reports.findSaasUsageProfiles(
          { customer, app: site, pageSize: pageSize(200), ...given(from) },
          sent(auth),
        ),
      ),
    extensions: (from) =>
      ask(delegated(SCOPES.chrome), pageOf('installedApps'), async (auth) =>
        (await chrome()).customers.reports.countInstalledApps(
          { customer, filter: 'app_type=EXTENSION', pageSize: pageSize(100), ...given(from) },
          sent(auth),
        ),
      ),
    extensionHolders: ({ extension, ...from }) =>
      ask(delegated(SCOPES.chrome), pageOf('profiles'), async (auth) =>
        (await chrome()).customers.reports.findInstalledAppProfiles(
          { customer, appId: extension, appType: 'EXTENSION', pageSize: pageSize(100), ...given(from) },
          sent(auth),
        ),
      ),
  };
}

/** What is made at the first call, and kept. */
export function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
