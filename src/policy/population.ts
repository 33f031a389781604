import type { Integration, Thing } from './integration.ts';
import type { Approval } from './policy.ts';

/** What of an app is beyond the population that its approval allows, one sentence each. */
export function populationExcess(limits: Approval['population'], { things, units, groups }: Integration): string[] {
  if (!limits) return [];
  const live = things.filter((thing) => thing.state !== 'gone' && !thing.logOnly);
  const holders = new Map(live.flatMap(({ holder }) => (holder ? [[holder.id, holder.name] as const] : [])));
  const { most, units: allowed, groups: members, repositories } = limits;
  return [
    ...(most !== undefined && holders.size > most ? [`${holders.size} holders, approved for ${most}`] : []),
    ...(allowed
      ? outside(
          [...holders],
          ([id]) => isWithin(units?.get(id), allowed),
          ([id, name]) => `${name} of ${units?.get(id) ?? 'no known unit'}`,
        )
      : []),
    ...(members
      ? outside(
          [...holders],
          ([id]) => groups?.get(id)?.some((group) => members.includes(group)) === true,
          ([id, name]) => `${name} in ${groups?.get(id)?.length ? 'none of the groups' : 'no group that was read'}`,
        )
      : []),
    ...(repositories ? outside(live, (thing) => isIn(thing, repositories), whereOf) : []),
  ];
}

/** How many are told by name. */
const SOME = 5;

function outside<One>(all: readonly One[], isAllowed: (one: One) => boolean, told: (one: One) => string): string[] {
  const beyond = [...new Set(all.filter((one) => !isAllowed(one)).map(told))].sort();
  return [...beyond.slice(0, SOME), ...(beyond.length > SOME ? [`${beyond.length - SOME} more`] : [])].map(
    (one) => `${one}, which is not approved`,
  );
}

/** A unit holds those below it; `/` holds all. */
function isWithin(unit: string | undefined, allowed: readonly string[]): boolean {
  return unit !== undefined && allowed.some((path) => path === '/' || unit === path || unit.startsWith(`${path}/`));
}

function isIn(thing: Thing, repositories: readonly string[]): boolean {
  const id = repositoryOf(thing);
  return id !== undefined && repositories.includes(id);
}

function whereOf(thing: Thing): string {
  const { repositoryName: name } = thing.attributes;
  const id = repositoryOf(thing);
  if (id === undefined) return `${thing.name} in no known repository`;
  return `repository ${typeof name === 'string' ? `${name} ` : ''}(${id})`;
}

function repositoryOf({ attributes: { repository } }: Thing): string | undefined {
  return typeof repository === 'string' || typeof repository === 'number' ? String(repository) : undefined;
}
