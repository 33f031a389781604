import { lastSegment, type Principal, type Scope } from '../../src/connector/index.ts';
import type { User } from './schema.ts';
import { standingOf, traitsOf, userScope } from './users.ts';

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

/**
 * Everybody whom the list of users names, by place. Who is nothing but active is kept as a name alone: of a hundred thousand people,
 * that is nearly everybody.
 */
export class Holders {
  readonly #account: Scope;
  readonly #kept = new Map<Scope, string | Holder>();

  constructor(account: Scope) {
    this.#account = account;
  }
  add(holder: Holder): void {
    const { standing, administrator, guest } = holder;
    const plain = standing === 'active' && !administrator && !guest;
    this.#kept.set(userScope(this.#account, holder.id), plain ? holder.name : holder);
  }
  at(place: Scope): Holder | undefined {
    const kept = this.#kept.get(place);
    return typeof kept === 'string' ? { id: lastSegment(place), name: kept, standing: 'active', administrator: false, guest: false } : kept;
  }
  has(place: Scope): boolean {
    return this.#kept.has(place);
  }
  get places(): Scope[] {
    return [...this.#kept.keys()].sort();
  }
  get size(): number {
    return this.#kept.size;
  }
}
