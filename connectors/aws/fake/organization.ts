import { type Company, createCompany } from '../../../src/testing/company.ts';
import { accountId, createWorlds, organizationId } from './world.ts';
import type { World } from './model.ts';
import { emptyRegions } from './regions.ts';

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

interface Options {
  empty?: boolean;
  members?: number;
  peopleOfMembers?: number;
  regions?: number;
}

/** People of an account that is not the management account. */
const PEOPLE = 12;

/** So many active accounts beside the management account, and three of which it is not said that they are. */
export function createOrganization(company: Company, options: Options): Organization {
  const { empty: isEmpty = false, members = 0, peopleOfMembers = PEOPLE, regions = 1 } = options;
  const home = accountId(company);
  const wider = (worldOn: (night: number) => World) => eachOnce((night) => withRegions(worldOn(night), regions));
  const member = (name: string, state: string | undefined, empty = true): Member => {
    const own = createCompany({ seed: `${company.seed} ${name}`, people: peopleOfMembers, today: company.today });
    return { id: accountId(own), name, state, joined: company.ago(700), world: wider(createWorlds(own, { empty, within: company })) };
  };
  const management: Member = {
    id: home,
    name: company.name,
    state: 'ACTIVE',
    joined: company.ago(2000),
    world: wider(createWorlds(company, { empty: isEmpty })),
  };
  const active = Array.from({ length: members }, (_, index) => member(`product-${index + 1}`, 'ACTIVE', false));
  return {
    id: organizationId(company),
    management: home,
    accounts: [management, ...active, member('sandbox', 'SUSPENDED'), member('former', 'PENDING_CLOSURE'), member('acquired', undefined)],
  };
}

/** One world a night: whoever asks again must find the same. */
function eachOnce(make: (night: number) => World): (night: number) => World {
  const made = new Map<number, World>();
  return (night) => {
    const world = made.get(night) ?? make(night);
    made.set(night, world);
    return world;
  };
}

const MORE_REGIONS = ['eu-west-1', 'ap-southeast-2', 'us-west-2'];

function withRegions(world: World, regions: number): World {
  const more = MORE_REGIONS.slice(0, Math.max(0, regions - world.regions.length)).map((name) => ({ ...emptyRegions()[0]!, name }));
  return more.length === 0 ? world : { ...world, regions: [...world.regions, ...more] };
}
