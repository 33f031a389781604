import type { Operation } from '../../src/connector/index.ts';

const AUTH = 'https://www.googleapis.com/auth/';

/** OAuth scopes that the collectors need. Google has no read-only form of the one for grants. */
export const SCOPES = {
  customer: `${AUTH}admin.directory.customer.readonly`,
  users: `${AUTH}admin.directory.user.readonly`,
  grants: `${AUTH}admin.directory.user.security`,
  audit: `${AUTH}admin.reports.audit.readonly`,
} as const;

/** Everything that this connector may ever send. */
export const operations = [
  { id: 'oauth2.token', method: 'POST', origin: 'token', path: '/token', class: 'auth' },
  {
    id: 'directory.customers.get',
    method: 'GET',
    origin: 'api',
    path: '/admin/directory/v1/customers/{customerKey}',
    class: 'read',
    permission: SCOPES.customer,
  },
  { id: 'directory.users.list', method: 'GET', origin: 'api', path: '/admin/directory/v1/users', class: 'read', permission: SCOPES.users },
  {
    id: 'directory.tokens.list',
    method: 'GET',
    origin: 'api',
    path: '/admin/directory/v1/users/{userKey}/tokens',
    class: 'read',
    permission: SCOPES.grants,
  },
  {
    id: 'reports.activities.list',
    method: 'GET',
    origin: 'api',
    path: '/admin/reports/v1/activity/users/{userKey}/applications/{applicationName}',
    class: 'read',
    permission: SCOPES.audit,
  },
] as const satisfies readonly Operation[];
