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

export function callsOn(world: World, day: number): Call[] {
  if (!world.logsUse) return [];
  const calls = STORIES.filter((call) => call.day === day && world.people > 2);
  const { seed } = world.company;
  for (let actor = 0; actor < Math.min(world.people, TOLD); actor++) {
    for (const deed of world.history.deedsOf(actor)) {
      if (deed.kind !== 'authorize' || !USED.has(deed.app) || deed.day <= day) continue;
      if (day !== 1 + Math.floor(chance(seed, 'google use', actor, deed.app.clientId) * 25)) continue;
      const bytes = String(1000 + Math.floor(chance(seed, 'google bytes', actor, deed.app.clientId) * 1e7));
      calls.push({ actor, app: deed.app, day, api: 'drive', method: 'drive.files.get', bytes });
    }
  }
  return calls;
}
