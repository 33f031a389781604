import { admin } from 'googleapis/build/src/apis/admin/index.js';
import { given, type From, type Sender } from './ask.ts';
import { delegated, ORIGINS, SCOPES } from './operations.ts';
import * as schema from './schema.ts';
import type { Page } from './schema.ts';

/** Which events of a log are wanted, and how much of each. */
export interface EventNarrowing {
  event?: string;
  /** By a parameter: `client_id==…`. */
  filters?: string;
  /** What one agent did, by its id. */
  agent?: string;
  /** Absent = who did it, with all parameters. */
  fields?: string;
}

/** Reads of the directory and of its logs. */
export interface DirectoryClient {
  users(query: From & { deleted: boolean }): Promise<Page>;
  tokens(userId: string): Promise<Page>;
  appPasswords(userId: string): Promise<Page>;
  roles(query: From): Promise<Page>;
  roleAssignments(query: From): Promise<Page>;
  /** Organisational units, all at once. */
  units(): Promise<Page>;
  /** A group by its address or id, and who is in it, also by another group. */
  group(key: string): Promise<schema.Group>;
  members(query: From & { group: string }): Promise<Page>;
  activities(query: From & EventNarrowing & { application: string; from: string; to: string }): Promise<Page>;
}

/** Whom the credential reads, and how. */
export async function directoryClient({ ask, sent, pageSize }: Sender): Promise<DirectoryClient & { account: schema.Customer }> {
  const directory = admin({ version: 'directory_v1', rootUrl: `${ORIGINS.admin}/` });
  const reports = admin({ version: 'reports_v1', rootUrl: `${ORIGINS.admin}/` });
  const account = await ask(delegated(SCOPES.customer), schema.customer, (auth) =>
    directory.customers.get({ customerKey: 'my_customer', fields: 'id,customerDomain' }, sent(auth)),
  );
  const customer = account.id;
  const items = schema.pageOf('items');
  return {
    account,
    units: () =>
      ask(delegated(SCOPES.units), schema.pageOf('organizationUnits'), (auth) =>
        directory.orgunits.list({ customerId: customer, type: 'allIncludingParent', fields: schema.UNIT_FIELDS }, sent(auth)),
      ),
    users: ({ deleted, ...from }) =>
      ask(delegated(SCOPES.users), schema.pageOf('users'), (auth) =>
        directory.users.list(
          {
            customer,
            maxResults: pageSize(500),
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
        directory.roles.list({ customer, maxResults: pageSize(100), fields: schema.ROLE_FIELDS, ...given(from) }, sent(auth)),
      ),
    roleAssignments: (from) =>
      ask(delegated(SCOPES.roles), items, (auth) =>
        directory.roleAssignments.list(
          { customer, maxResults: pageSize(200), fields: schema.ASSIGNMENT_FIELDS, ...given(from) },
          sent(auth),
        ),
      ),
    group: (groupKey) =>
      ask(delegated(SCOPES.groups), schema.group, (auth) => directory.groups.get({ groupKey, fields: schema.GROUP_FIELDS }, sent(auth))),
    members: ({ group: groupKey, ...from }) =>
      ask(delegated(SCOPES.groups), schema.pageOf('members'), (auth) =>
        directory.members.list(
          { groupKey, includeDerivedMembership: true, maxResults: pageSize(200), fields: schema.MEMBER_FIELDS, ...given(from) },
          sent(auth),
        ),
      ),
    activities: ({ application, event, filters, agent, fields, from, to, ...rest }) =>
      ask({ ...delegated(SCOPES.audit), ...((event || filters || agent) && { quota: 'narrowed' as const }) }, items, (auth) =>
        reports.activities.list(
          {
            userKey: 'all',
            applicationName: application,
            ...(event && { eventName: event }),
            ...(filters && { filters }),
            ...(agent && { agentInfoFilter: `agentId="${agent}"` }),
            startTime: from,
            endTime: to,
            maxResults: pageSize(1000),
            fields: fields ?? schema.ACTIVITY_FIELDS,
            ...given(rest),
          },
          sent(auth),
        ),
      ),
  };
}
