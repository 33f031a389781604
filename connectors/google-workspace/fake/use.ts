import { chance } from '../../../src/testing/random.ts';
import { type App, APPS } from './apps.ts';
import type { World } from './world.ts';

/** One call that an app made in somebody's name. */
export interface Call {
  actor: number;
  app: App;
  day: number;
  api: string;
  method: string;
  /** 64-bit, so never a number. */
  bytes: string;
}

/** Only the first people's apps are told of: Google logs every call, and a simulated company need not drown in them. */
const TOLD = 300;
const USED = new Set<App>([APPS.chatgpt, APPS.claude, APPS.otter, APPS.slack]);

/** Calls that are told whoever else uses anything: two sums that a double would get wrong. */
const STORIES: readonly Call[] = [
  { actor: 2, app: APPS.contextAi, day: 3, api: 'drive', method: 'drive.files.get', bytes: '9007199254740993' },
  { actor: 2, app: APPS.contextAi, day: 9, api: 'gmail', method: 'gmail.users.messages.list', bytes: '2' },
  { actor: 2, app: APPS.contextAi, day: 9, api: 'drive', method: 'drive.files.list', bytes: '4096' },
];

/** Asked for again with every page of every app, so added up once. */
const told = new WeakMap<World, Map<number, Call[]>>();

export function callsOn(world: World, day: number): readonly Call[] {
  if (!world.logsUse) return [];
  const days = told.get(world) ?? callsByDay(world);
  told.set(world, days);
  return days.get(day) ?? [];
}

function callsByDay(world: World): Map<number, Call[]> {
  const { seed } = world.company;
  const calls = world.people > 2 ? [...STORIES] : [];
  for (let actor = 0; actor < Math.min(world.people, TOLD); actor++) {
    for (const { kind, app, day: since } of world.history.deedsOf(actor)) {
      if (kind !== 'authorize' || !USED.has(app)) continue;
      const day = 1 + Math.floor(chance(seed, 'google use', actor, app.clientId) * 25);
      if (since <= day) continue;
      const bytes = String(1000 + Math.floor(chance(seed, 'google bytes', actor, app.clientId) * 1e7));
      calls.push({ actor, app, day, api: 'drive', method: 'drive.files.get', bytes });
    }
  }
  return Map.groupBy(calls, ({ day }) => day);
}
