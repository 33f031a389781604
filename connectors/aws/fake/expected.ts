import type { Expected } from '../../../src/testing/fake.ts';
import type { AccessKey, Role, User, World } from './model.ts';
import type { Organization } from './organization.ts';
import { expectedIn } from './expected-regions.ts';

/** Everything that a complete scan of this night must observe. */
export function expectedOn(world: World): readonly Expected[] {
  return [
    ...world.users.flatMap(userThings),
    ...accessKeys('root', world.root.keys),
    ...world.roles.flatMap(roleThings),
    ...world.credentials.map(({ id, expires }): Expected => ({ kind: 'api_key', ids: [id], expiresAt: expires?.toISOString() ?? 'never' })),
    { kind: 'control', ids: ['outbound_federation', world.account] },
    ...[...world.oidcProviders, ...world.samlProviders].map(({ arn }): Expected => ({ kind: 'vendor_integration', ids: [arn] })),
    ...world.regions.flatMap((region) => expectedIn(region, world.account)),
  ];
}

function userThings(user: User): Expected[] {
  const kind = user.forOneKey ? 'service_account' : 'identity';
  return [{ kind, ids: [user.id] }, ...accessKeys(user.id, user.keys)];
}

function accessKeys(holder: string, keys: readonly AccessKey[]): Expected[] {
  return keys.map((_, index) => ({ kind: 'api_key', ids: [holder, `access_key_${index + 1}`] }));
}

function roleThings(role: Role): Expected[] {
  const trusts = [...role.trustedBy, ...role.mintsFor].map((party): Expected => ({ kind: 'trust', ids: [role.id, party] }));
  return [{ kind: 'service_account', ids: [role.id], name: role.name }, ...trusts];
}

/** What the organisation says of itself and its accounts. */
export function expectedAbove({ id: organization, accounts }: Organization): readonly Expected[] {
  return [
    { kind: 'control', ids: ['organization', organization] },
    ...accounts.map(({ id, name }): Expected => ({ kind: 'control', ids: ['aws_account', id], name })),
  ];
}
