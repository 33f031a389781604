import { afterAll } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import type { Sink } from '../../src/tickets/sink.ts';
import { syncTickets, type SinkOutcome, type SyncOptions } from '../../src/tickets/sync.ts';
import type { TicketSettings } from '../../src/tickets/settings.ts';
import type { TicketPlan } from '../../src/tickets/world.ts';
import { temporaryFolder } from '../store/facts.ts';
import { plannerOf, scanNight, SETTINGS, type AppTonight } from './nights.ts';
import { worldClock } from './world-clock.ts';
import { startTracker } from './tracker.ts';

export const newFile = temporaryFolder();
const closers: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closers.map((close) => close())));

type Apps = Readonly<Record<string, AppTonight>>;

/** A company with one tracker, night by night. */
export async function company(more: Partial<TicketSettings> = {}, wrap: (sink: Sink) => Sink = (sink) => sink) {
  const clock = worldClock();
  let path = newFile();
  let store = openStore(path);
  const tracker = await startTracker(clock);
  closers.push(
    () => store.close(),
    () => tracker.close(),
  );
  const settings = { ...SETTINGS, ...more };
  const sink = wrap(tracker.sink);
  let tonight: Apps = {};
  const sync = async (
    given: Partial<TicketSettings> = {},
    also: Partial<SyncOptions> = {},
  ): Promise<{ plan: TicketPlan; outcome: SinkOutcome }> => {
    const planner = (now: Date) => plannerOf(tonight, now, { ...settings, ...given });
    const options = {
      queue: store,
      tenant: 'default',
      sinks: [{ name: 'queue', sink }],
      planner,
      clock,
      signal: new AbortController().signal,
      ...also,
    };
    const { plan, outcomes } = await syncTickets(options);
    return { plan, outcome: outcomes[0]! };
  };
  const scan = async (night: number, apps: Apps) => {
    clock.to(Date.parse('2026-11-02T02:00:00Z') + night * 86_400_000);
    tonight = apps;
    await scanNight(store, 'default', night, apps, { now: clock.now(), settings });
  };
  return {
    tracker,
    get path() {
      return path;
    },
    get store() {
      return store;
    },
    clock,
    scan,
    sync,
    plan: () => store.planTickets('default', plannerOf(tonight, clock.now(), settings), 'look'),
    async night(night: number, apps: Apps) {
      await scan(night, apps);
      return sync();
    },
    /** The database is begun anew; trackers list by now whatever they have. */
    async loseDatabase() {
      await store.close();
      path = newFile();
      store = openStore(path);
      await clock.sleep(60_000);
    },
    /** Titles of tickets by state. */
    async shown() {
      const tickets = await tracker.tickets();
      return tickets.map(({ id, state, title }) => `${id} ${state} ${title.replace('AI tool that nobody approved: ', '')}`);
    },
    ticket: async (id: string) => (await tracker.tickets()).find((one) => one.id === id)!,
  };
}

export const there: AppTonight = { holders: 1, read: true };
export const gone: AppTonight = { read: true };
export const unread: AppTonight = { holders: 1, read: false };
