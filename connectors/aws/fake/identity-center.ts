import type { Expected } from '../../../src/testing/fake.ts';
import { directoryId, identityStoreId, storeUsers, type StoreUser } from './identity-store.ts';
import { hexadecimal } from './ids.ts';
import type { Setting } from './model.ts';

/** Identity Center, where a region has one. */
export interface IdentityCenter {
  arn: string;
  owner: string;
  /** Id of the directory that its people stand in. */
  store: string;
  users: readonly StoreUser[];
  applications: readonly Application[];
}

interface Application {
  arn: string;
  name: string;
  /** Behind `applicationProvider/`: those of AWS are named after their service. */
  provider: string;
  account: string;
  created: Date;
  address?: string;
  grants: readonly { type: 'authorization_code' | 'refresh_token'; redirects?: readonly string[] }[];
  scopes: readonly string[];
  users: readonly string[];
  groups: readonly string[];
}

/** One application of AWS, and one that somebody made for a vendor; the vendor has more of everything. */
export function identityCenter(setting: Setting): IdentityCenter {
  const { company, account } = setting;
  const id = `ssoins-${hexadecimal(16, company.seed, 'identity center')}`;
  const person = (number: number) => directoryId(company, number);
  const group = (number: number) => directoryId(company, 'group', number);
  const application = (name: string, provider: string, more: Partial<Application>): Application => ({
    arn: `arn:aws:sso::${account}:application/${id}/apl-${hexadecimal(16, company.seed, name)}`,
    name,
    provider,
    account,
    created: company.ago(100),
    grants: [],
    scopes: [],
    users: [],
    groups: [],
    ...more,
  });
  return {
    arn: `arn:aws:sso:::instance/${id}`,
    owner: account,
    store: identityStoreId(company),
    users: storeUsers(setting),
    applications: [
      application('QDevProfile-us-east-1', 'qdeveloper', { scopes: ['codewhisperer:completions'], groups: [group(1)] }),
      application('notes for meetings', 'custom', {
        address: 'https://notes.lanternworks.example/start?team=1',
        grants: [
          { type: 'authorization_code', redirects: ['https://chatgpt.com/oauth/callback?state=1', 'http://127.0.0.1/oauth'] },
          { type: 'refresh_token' },
        ],
        scopes: ['sso:account:access', 'codewhisperer:conversations', 'codewhisperer:analysis'],
        // One of them leaves, and stays assigned.
        users: [person(1), person(2), person(7)],
        groups: [group(2)],
      }),
    ],
  };
}

export function expectedInIdentityCenter({ arn, applications, users }: IdentityCenter): Expected[] {
  return [
    { kind: 'control', ids: ['identity_center', arn] },
    ...users.map(({ id, name, status }): Expected => ({
      kind: 'control',
      ids: ['identity_store_user', id],
      name,
      ...(status !== undefined && { standing: status === 'ENABLED' ? 'active' : 'suspended' }),
    })),
    ...applications.flatMap((one): Expected[] => [
      { kind: 'app_installation', ids: ['identity_center_application', one.arn], name: one.name },
      { kind: 'app_installation', ids: ['identity_center_assignments', one.arn], name: one.name },
      ...one.users.map((user): Expected => ({ kind: 'seat', ids: ['identity_center_assignment', one.arn, user], name: one.name })),
      ...one.grants.map(({ type }): Expected => ({ kind: 'oauth_grant', ids: ['identity_center_grant', one.arn, type], name: one.name })),
      ...one.scopes.map((scope): Expected => ({
        kind: 'oauth_grant',
        ids: ['identity_center_scope', one.arn, scope],
        name: one.name,
        permissions: [scope],
      })),
    ]),
  ];
}

/** Requests beyond the list of instances, two items a page. */
export function requestsForIdentityCenter({ applications }: IdentityCenter): number {
  const pages = (items: number) => Math.max(1, Math.ceil(items / 2));
  // AWS alone decides how long a page of grants is: they are on one.
  const parts = applications.reduce(
    (sum, { scopes, users, groups }) => sum + 1 + pages(scopes.length) + pages(users.length + groups.length),
    0,
  );
  return pages(applications.length) + parts;
}

/** Requests for the people of the directory, two a page: an empty one costs one. */
export function requestsForIdentityStore({ users }: IdentityCenter): number {
  return Math.max(1, Math.ceil(users.length / 2));
}
