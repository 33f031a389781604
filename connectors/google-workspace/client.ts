import type { JWT } from 'google-auth-library';
import { admin } from 'googleapis/build/src/apis/admin/index.js';
import { path, type Connection, type ConnectContext } from '../../src/connector/index.ts';
import { asker } from './ask.ts';
import type { Config } from './config.ts';
import { fateOf, TOKEN_ENDPOINT } from './fate.ts';
import { delegated, ORIGINS, SCOPES } from './operations.ts';
import * as schema from './schema.ts';
import type { Page } from './schema.ts';

/** Google's default quota is 2,400 requests a minute for each user and project; this leaves it room. */
const PACE = { perSecond: 30, inFlight: 12 };

/** Where in a list to go on; undefined = at its beginning. */
export interface From {
  pageToken: string | undefined;
}

/** What the collectors ask Google. Every method answers one page, checked, or throws a Refusal or a ProviderFault. */
export interface Client {
  users(query: From & { deleted: boolean }): Promise<Page>;
  tokens(userId: string): Promise<Page>;
  appPasswords(userId: string): Promise<Page>;
  roles(query: From): Promise<Page>;
  roleAssignments(query: From): Promise<Page>;
  activities(query: From & { application: string; event?: string; filters?: string; from: string; to: string }): Promise<Page>;
}

export async function connect(context: ConnectContext<Config>): Promise<Connection<Client>> {
  const { endpoint } = context.config;
  const hosts = { ...ORIGINS, token: TOKEN_ENDPOINT };
  // The token call has a constant host in the SDK: only the transport can lead it to a simulated server.
  const origins = Object.entries(hosts).map(([name, url]) => [name, { url, ...(endpoint && { sendTo: endpoint }) }]);
  const wire = context.wire(Object.fromEntries(origins));
  const ask = asker(context.calls(PACE, fateOf), context, wire);
  const sent = (auth: JWT) => ({ auth, fetchImplementation: wire.fetch, retry: false, timeout: 0 });
  const directory = admin({ version: 'directory_v1', rootUrl: `${ORIGINS.admin}/` });
  const reports = admin({ version: 'reports_v1', rootUrl: `${ORIGINS.admin}/` });

  const account = await ask(delegated(SCOPES.customer), schema.customer, (auth) =>
    directory.customers.get({ customerKey: 'my_customer', fields: 'id,customerDomain' }, sent(auth)),
  );
  const customer = account.id;
  const items = schema.pageOf('items');
  const client: Client = {
    users: ({ deleted, ...from }) =>
      ask(delegated(SCOPES.users), schema.pageOf('users'), (auth) =>
        directory.users.list(
          {
            customer,
            maxResults: context.pageSize(500),
            fields: schema.USER_FIELDS,
            ...(deleted && { showDeleted: 'true' }),
            ...given(from),
          },
          sent(auth),
        ),
      ),
    tokens: (userKey) =>
      ask(delegated(SCOPES.grants), items, (auth) => directory.tokens.list({ userKey, fields: schema.TOKEN_FIELDS }, sent(auth))),
    appPasswords: (userKey) =>
      ask(delegated(SCOPES.grants), items, (auth) => directory.asps.list({ userKey, fields: schema.APP_PASSWORD_FIELDS }, sent(auth))),
    roles: (from) =>
      ask(delegated(SCOPES.roles), items, (auth) =>
        directory.roles.list({ customer, maxResults: context.pageSize(100), fields: schema.ROLE_FIELDS, ...given(from) }, sent(auth)),
      ),
    roleAssignments: (from) =>
      ask(delegated(SCOPES.roles), items, (auth) =>
        directory.roleAssignments.list(
          { customer, maxResults: context.pageSize(200), fields: schema.ASSIGNMENT_FIELDS, ...given(from) },
          sent(auth),
        ),
      ),
    activities: ({ application, event, filters, from, to, ...rest }) =>
      ask(delegated(SCOPES.audit), items, (auth) =>
        reports.activities.list(
          {
            userKey: 'all',
            applicationName: application,
            ...(event && { eventName: event }),
            ...(filters && { filters }),
            startTime: from,
            endTime: to,
            maxResults: context.pageSize(1000),
            fields: schema.ACTIVITY_FIELDS,
            ...given(rest),
          },
          sent(auth),
        ),
      ),
  };
  return { client, account: { id: customer, name: account.customerDomain ?? customer, scope: path('customer', customer) } };
}

function given({ pageToken }: From): { pageToken?: string } {
  return pageToken === undefined ? {} : { pageToken };
}
