import { type Company, createCompany } from '../../../src/testing/company.ts';
import { accountId, createWorlds, organizationId } from './world.ts';
import type { World } from './model.ts';

/** The organisation of the account that Noctule runs in, which is its management account. */
export interface Organization {
  id: string;
  management: string;
  accounts: readonly Member[];
}

export interface Member {
  id: string;
  name: string;
  /** Absent = the answer says only what AWS has announced to drop. */
  state: string | undefined;
  joined: Date;
  world(night: number): World;
}

/** People of an account that is not the management account. */
const PEOPLE = 12;

/** So many active accounts beside the management account, and three of which it is not said that they are. */
export function createOrganization(company: Company, options: { empty: boolean; members: number }): Organization {
  const home = accountId(company);
  const member = (name: string, state: string | undefined, empty = true): Member => {
    const own = createCompany({ seed: `${company.seed} ${name}`, people: PEOPLE, today: company.today });
    return { id: accountId(own), name, state, joined: company.ago(700), world: createWorlds(own, { empty, within: company }) };
  };
  const management: Member = {
    id: home,
    name: company.name,
    state: 'ACTIVE',
    joined: company.ago(2000),
    world: createWorlds(company, { empty: options.empty }),
  };
  const active = Array.from({ length: options.members }, (_, index) => member(`product-${index + 1}`, 'ACTIVE', false));
  return {
    id: organizationId(company),
    management: home,
    accounts: [management, ...active, member('sandbox', 'SUSPENDED'), member('former', 'PENDING_CLOSURE'), member('acquired', undefined)],
  };
}
