import { type Listing, mapped } from './listing.ts';
import type { World } from './world.ts';

/** Who vouches for the members: the company's own identity provider. */
export const IDENTITY_ISSUER = 'https://idp.lanternworks.example/metadata';

/** Who vouches for the users of the enterprise that holds it. */
export const ENTERPRISE_ISSUER = 'https://idp.lanternworks.example/enterprise';

/**
 * Where people sign in by SAML. GitHub lets an enterprise sign in for its organisations instead of theirs; absent = both are shown side by side,
 * so that each can be missed by itself.
 */
export type SignIn = 'organisation' | 'enterprise' | 'enterprise by OIDC' | 'none';

/** Members as the identity provider knows them: by the address that the company gave them. */
export function signedIn(world: World, night: number): Listing<{ id: number; login: string; email: string }> {
  return mapped(world.people(night), ({ account, email }) => ({ id: account.id, login: account.login, email }));
}
