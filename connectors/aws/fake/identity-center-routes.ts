import type { IdentityCenter } from './identity-center.ts';
import { PROVISIONER } from './identity-store.ts';
import { BIG_PAGE, found, paged, rest, seconds, type Json, type ServiceCall, type ServiceRoute } from './service-route.ts';

/** Identity Center and its applications. */
export const IDENTITY_CENTER_ROUTES: readonly ServiceRoute[] = [
  route('ListInstances', 'Instances', 100, ({ region }) =>
    (region.identityCenter ? [region.identityCenter] : []).map(({ arn, owner, store }) => ({
      InstanceArn: arn,
      OwnerAccountId: owner,
      IdentityStoreId: store,
      Status: 'ACTIVE',
      PrimaryRegion: region.name,
    })),
  ),
  route('ListApplications', 'Applications', 100, ({ region, input }) => {
    const instance = found(region.identityCenter?.arn === input['InstanceArn'] ? region.identityCenter : undefined);
    return instance.applications.map((one) => ({
      ApplicationArn: one.arn,
      ApplicationProviderArn: `arn:aws:sso::aws:applicationProvider/${one.provider}`,
      Name: one.name,
      ApplicationAccount: one.account,
      InstanceArn: instance.arn,
      Status: 'ENABLED',
      PortalOptions: {
        Visibility: 'ENABLED',
        ...(one.address !== undefined && { SignInOptions: { Origin: 'APPLICATION', ApplicationUrl: one.address } }),
      },
      CreatedDate: seconds(one.created),
    }));
  }),
  route('ListApplicationGrants', 'Grants', 100, (call) =>
    applicationOf(call).grants.map(({ type, redirects }) => ({
      GrantType: type,
      Grant: redirects ? { AuthorizationCode: { RedirectUris: redirects } } : { RefreshToken: {} },
    })),
  ),
  route('ListApplicationAccessScopes', 'Scopes', 10, (call) => applicationOf(call).scopes.map((Scope) => ({ Scope }))),
  route('ListApplicationAssignments', 'ApplicationAssignments', 100, (call) => {
    const { arn, users, groups } = applicationOf(call);
    const row = (PrincipalType: string) => (PrincipalId: string) => ({ ApplicationArn: arn, PrincipalId, PrincipalType });
    return [...users.map(row('USER')), ...groups.map(row('GROUP'))];
  }),
  route(
    'ListUsers',
    'Users',
    100,
    ({ region, input }) => {
      const { store, users } = found(region.identityCenter?.store === input['IdentityStoreId'] ? region.identityCenter : undefined);
      return users.map((one) => ({
        IdentityStoreId: store,
        UserId: one.id,
        UserName: one.name,
        ...(one.externalId !== undefined && { ExternalIds: [{ Issuer: PROVISIONER, Id: one.externalId }] }),
        Name: { Formatted: one.displayName },
        DisplayName: one.displayName,
        ...(one.email !== undefined && { Emails: [{ Value: one.email, Type: 'work', Primary: true }] }),
        ...(one.status !== undefined && { UserStatus: one.status }),
        CreatedAt: seconds(one.created),
      }));
    },
    ['identitystore', 'identitystore'],
  ),
];

function route(
  action: string,
  items: string,
  largest: number,
  rows: (call: ServiceCall) => readonly Json[],
  [service, prefix]: readonly [string, string] = ['sso-admin', 'sso'],
): ServiceRoute {
  return {
    ...rest(`${service}.${action}`, prefix, 'POST', '/'),
    protocol: 'json',
    next: 'NextToken',
    answer: (call) => paged(rows(call), call.input, BIG_PAGE(items, largest), (row) => row),
  };
}

function applicationOf({ region, input }: ServiceCall): IdentityCenter['applications'][number] {
  return found(region.identityCenter?.applications.find(({ arn }) => arn === input['ApplicationArn']));
}
