import { spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { syncTickets } from '../../src/tickets/sync.ts';
import { temporaryFolder } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { plannerOf, scanNight, type AppTonight } from './nights.ts';
import { worldClock } from './world-clock.ts';
import type { SyncOrder } from './sync-process.ts';
import { startTracker } from './tracker.ts';

const file = temporaryFolder();
const FIRST = { a: { holders: 1, read: true }, b: { holders: 1, read: true }, c: { holders: 1, read: true } };
/** One is new, one says something else, one is gone for good, and one that was closed is back: every operation in one sync. */
const LAST: Record<string, AppTonight> = {
  a: { holders: 30, read: true, severity: 'critical' },
  b: { read: true },
  c: { holders: 1, read: true },
  d: { holders: 1, read: true },
};

/** Three nights, of which the last waits to be synced. */
async function prepared() {
  const clock = worldClock();
  const tracker = await startTracker(clock);
  const path = file();
  const store = openStore(path);
  const options = {
    queue: store,
    tenant: 'default',
    sinks: [{ name: 'queue', sink: tracker.sink }],
    clock,
    signal: new AbortController().signal,
  };
  const night = async (number: number, apps: Record<string, AppTonight>, synced: boolean) => {
    clock.to(Date.parse('2026-11-02T02:00:00Z') + number * 86_400_000);
    await scanNight(store, 'default', number, apps, { now: clock.now() });
    if (synced) await syncTickets({ ...options, planner: (now) => plannerOf(apps, now) });
  };
  await night(0, FIRST, true);
  await night(1, { ...FIRST, b: { read: true }, c: { ...FIRST.c, approved: true } }, true);
  await night(2, LAST, false);
  await store.close();
  return { path, clock, tracker };
}

/** Runs a sync that is killed at a step, and says whether it got there. */
async function killed(order: SyncOrder): Promise<boolean> {
  const child = spawn(process.execPath, [new URL('sync-process.ts', import.meta.url).pathname, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (part: Buffer) => void (complaint += part.toString()));
  const by = await new Promise((resolve) => child.once('close', (_code, signal) => resolve(signal)));
  if (complaint !== '') throw new Error(complaint);
  return by === 'SIGKILL';
}

/** Between any two steps of the queue, and around each write of the sink. */
const STEPS = [
  'recoverWrites:after:1',
  'sawTicket:after:1',
  'planTickets:before:1',
  'plan:inside:1',
  'planTickets:after:1',
  'waitingWrites:after:1',
  'find:after:1',
  ...[1, 2, 3, 4, 5].flatMap((nth) => [
    `beginWrite:before:${nth}`,
    `beginWrite:after:${nth}`,
    `endWrite:before:${nth}`,
    `endWrite:after:${nth}`,
  ]),
];

describe('a sync whose process is killed', () => {
  test('between any two steps of the outbox loses nothing and doubles nothing', async () => {
    const { path, clock, tracker } = await prepared();
    const before = await tracker.tickets();
    expect(before.map(({ state }) => state).sort()).toEqual(['closed', 'open', 'open']);
    const missed: string[] = [];
    /** Two at a time: the tracker takes both, and each has a database of its own, with other markers. */
    const told: [string, string[]][] = [];
    for (let index = 0; index < STEPS.length; index += 2)
      await Promise.all(
        STEPS.slice(index, index + 2).map(async (kill) => {
          const own = await startTracker(clock);
          for (const ticket of before) own.put(ticket);
          const database = file();
          copyFileSync(path, database);
          if (!(await killed({ database, tracker: own.address, from: clock.now().toISOString(), apps: LAST, kill }))) missed.push(kill);
          const store = openStore(database);
          // At once: what was made a moment ago is not listed yet.
          const later = worldClock(clock.now().toISOString());
          own.at(later.now);
          const options = {
            queue: store,
            tenant: 'default',
            sinks: [{ name: 'queue', sink: own.sink }],
            clock: later,
            signal: new AbortController().signal,
          };
          await syncTickets({ ...options, planner: (now) => plannerOf(LAST, now) });
          expect(rowsOf(database, `SELECT * FROM outbox WHERE state <> 'done'`), kill).toEqual([]);
          await store.close();
          told.push([kill, (await own.tickets()).map(({ marker, state, comments }) => `${marker} ${state} ${comments.length}`).sort()]);
          await own.close();
        }),
      );
    expect(missed).toEqual([]);
    const [, whole] = told[0]!;
    expect(whole.map((line) => line.split(' ').slice(1).join(' ')).sort()).toEqual(['closed 1', 'open 0', 'open 1', 'open 2']);
    for (const [kill, tickets] of told) expect([kill, tickets]).toEqual([kill, whole]);
    await tracker.close();
  });

  test('in the middle of a judgement leaves neither findings nor tickets of it, and the next scan has both', async () => {
    const database = file();
    const store = openStore(database);
    await scanNight(store, 'default', 0, {});
    await store.close();
    const order = {
      database,
      tracker: 'http://127.0.0.1:1',
      from: '2026-11-03T02:00:00Z',
      apps: { a: { holders: 1, read: true } },
      kill: 'plan:inside:1',
      night: 1,
    };
    expect(await killed(order)).toBe(true);
    const counts = () =>
      ['finding', 'decision', 'outbox'].map((table) => rowsOf<{ n: number }>(database, `SELECT count(*) AS n FROM ${table}`)[0]!.n);
    expect(counts()).toEqual([0, 0, 0]);
    const again = openStore(database);
    await scanNight(again, 'default', 2, { a: { holders: 1, read: true } });
    await again.close();
    expect(counts()).toEqual([1, 1, 1]);
  });
});
