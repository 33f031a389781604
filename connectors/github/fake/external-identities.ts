import type { World } from './world.ts';

/** Who vouches for the members: the company's own identity provider. */
export const IDENTITY_ISSUER = 'https://idp.lanternworks.example/metadata';

/** Members as the identity provider knows them: by the address that the company gave them. */
export function signedIn(world: World, night: number): { id: number; login: string; email: string }[] {
  return world.people(night).map(({ account, email }) => ({ id: account.id, login: account.login, email }));
}
