import type { Principal } from '../../src/connector/index.ts';
import type { User } from './schema.ts';
import { standingOf, traitsOf } from './users.ts';

/** Somebody who may hold grants, as the list of users says it. */
export type Holder = {
  id: string;
  name: string;
  standing: 'active' | 'suspended' | 'archived';
  administrator: boolean;
  guest: boolean;
};

export function holderOf(item: User): Holder {
  const standing = standingOf(item, false);
  return {
    id: item.id,
    name: item.primaryEmail,
    standing: standing === 'deleted' ? 'suspended' : standing,
    administrator: item.isAdmin === true || item.isDelegatedAdmin === true,
    guest: item.isGuestUser === true,
  };
}

export function principalOf({ id, name, standing, administrator, guest }: Holder): Principal {
  return { id, name, standing, traits: traitsOf({ isAdmin: administrator, isGuestUser: guest }) };
}
