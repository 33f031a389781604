import { everybody } from '../../../src/testing/company.ts';
import type { Expected } from '../../../src/testing/fake.ts';
import { administrationSizes, administrationTruth } from './administration.ts';
import { agentTruth } from './agents.ts';
import { nameOf } from './apps.ts';
import { cloudSizes } from './assets.ts';
import { cloudTruth } from './cloud.ts';
import { consoleSizes, consoleTruth } from './console.ts';
import { CONTROL_TRUTH } from './controls.ts';
import { DECLARED_TRUTH } from './delegations.ts';
import { groupTruth } from './groups.ts';
import { listed, userId } from './people.ts';
import { callsOn } from './use.ts';
import { isReadable, readableDays, type World } from './world.ts';

/** What a complete scan of the night must observe. */
export function expected(world: World, night: number): Expected[] {
  const truth: Expected[] = [];
  for (const person of peopleOf(world)) {
    if (listed(world.company, person, night) === 'nowhere') continue;
    const id = userId(world.company, person.number);
    truth.push({ kind: 'identity', ids: [id], standing: person.standing(night) });
    for (const { app, scopes } of world.history.grants(person.number, night))
      truth.push({ kind: 'oauth_grant', ids: [id, app.clientId], name: nameOf(app, night), permissions: scopes });
  }
  for (const [clientId, permissions] of delegationsOf(world, night)) truth.push({ kind: 'delegation', ids: [clientId], permissions });
  return [
    ...truth,
    ...administrationTruth(world),
    ...consoleTruth(world, night),
    ...cloudTruth(world),
    ...agentTruth(world),
    ...groupTruth(world),
    ...(world.controls.length > 0 ? CONTROL_TRUTH : []),
    ...(world.delegations.length > 0 ? DECLARED_TRUTH : []),
  ];
}

/** Delegations that still stand, as far as the log reaches back. */
function delegationsOf(world: World, night: number): Map<string, readonly string[]> {
  const standing = new Map<string, readonly string[]>();
  for (const deed of world.delegations.toReversed()) {
    if (!isReadable(deed.day, night)) continue;
    if (deed.kind === 'authorize') standing.set(deed.clientId, deed.scopes);
    else standing.delete(deed.clientId);
  }
  return standing;
}

/** The true sizes of the night. */
export function sizes(world: World, night: number) {
  const count = {
    users: 0,
    deleted: 0,
    tokenEvents_authorize: 0,
    tokenEvents_revoke: 0,
    tokenEvents_deny: world.denials.filter(({ day }) => isReadable(day, night)).length,
    tokenEvents_request: world.askings.filter(({ day }) => isReadable(day, night)).length,
    adminEvents_authorize: 0,
    adminEvents_remove: 0,
    adminEvents: [...world.delegations, ...world.controls].filter(({ day }) => isReadable(day, night)).length,
    ...administrationSizes(world),
    ...consoleSizes(world, night),
    ...cloudSizes(world),
  };
  for (const person of peopleOf(world)) {
    const list = listed(world.company, person, night);
    if (list !== 'nowhere') count[list]++;
    for (const deed of world.history.deedsOf(person.number)) if (isReadable(deed.day, night)) count[`tokenEvents_${deed.kind}`]++;
  }
  for (const deed of world.delegations) if (isReadable(deed.day, night)) count[`adminEvents_${deed.kind}`]++;
  return count;
}

/** Pages that the use of every authorised app has, one app at least one. */
export function usePages(world: World, night: number, size: number): number {
  const events = new Map<string, number>();
  for (const person of peopleOf(world))
    for (const { kind, app, day } of world.history.deedsOf(person.number))
      if (kind === 'authorize' && isReadable(day, night)) events.set(app.clientId, 0);
  for (const day of readableDays(night))
    for (const { app } of callsOn(world, day)) if (events.has(app.clientId)) events.set(app.clientId, events.get(app.clientId)! + 1);
  return [...events.values()].reduce((sum, count) => sum + Math.max(1, Math.ceil(count / size)), 0);
}

function peopleOf(world: World) {
  return everybody({ ...world.company, people: world.people });
}
