import type { Expected } from '../../../src/testing/fake.ts';
import { accountOf } from './accounts.ts';
import { STORES } from './secrets.ts';
import { all, type World } from './world.ts';

/** Everything that a complete scan of this night must state. */
export function expectedOn(world: World, night: number): Expected[] {
  return [
    ...[...all(world.members(night))].map((account): Expected => ({ kind: 'identity', ids: [String(account.id)] })),
    ...[...all(world.installations(night))].map((installation): Expected => ({
      kind: 'app_installation',
      ids: [String(installation.app.appId)],
      name: installation.slug,
      permissions: Object.entries(installation.permissions).map(([permission, level]) => `${permission}:${level}`),
    })),
    ...[...all(world.tokens(night))].map((token): Expected => ({
      kind: 'api_key',
      ids: [String(token.tokenId)],
      name: token.name,
      expiresAt: token.expires === null ? 'never' : token.expires.toISOString(),
    })),
    ...[...all(world.requests(night))].map((request): Expected => ({
      kind: 'api_key',
      ids: ['request', String(request.id)],
      name: request.name,
    })),
    ...STORES.flatMap((store) =>
      [...all(world.secrets(store, night))].map((secret): Expected => ({ kind: 'secret_name', ids: [store, secret.name] })),
    ),
    ...[...all(world.seats(night))].map((number): Expected => ({ kind: 'seat', ids: [String(accountOf(world.company, number).id)] })),
  ];
}

export function sizesOn(world: World, night: number): Record<string, number> {
  const stores = STORES.map((store) => [`${store}_secrets`, world.secrets(store, night).size] as const);
  return {
    members: world.members(night).size,
    installations: world.installations(night).size,
    tokens: world.tokens(night).size,
    token_requests: world.requests(night).size,
    ...Object.fromEntries(stores),
    seats: world.seats(night).size,
  };
}
