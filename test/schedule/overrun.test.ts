import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { CommandContext } from '../../src/commands/context.ts';
import { night } from '../../src/commands/night.ts';
import { scheduleCommand } from '../../src/commands/schedule.ts';
import { workspace } from '../cli/workspace.ts';
import { virtualClock } from '../connector/virtual-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'noctule-overrun-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a night that takes too long is asked to end, and the next one comes at its time', async () => {
  const schedule = { cron: '30 2 * * *', timeZone: 'Europe/Berlin', mostHours: 30 };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ formatVersion: 1, sources: {}, schedule }), { mode: 0o600 });
  const clock = virtualClock(new Date('2026-10-23T12:00Z'));
  const stop = new AbortController();
  const nights: string[][] = [];
  let said = '';
  const context: CommandContext = {
    out: () => {},
    err: (text) => void (said += text),
    environment: {},
    directory: folder,
    clock,
    signal: stop.signal,
    isFile: false,
    live: false,
    quiet: false,
    // A process that ends when it is asked to, and not before.
    async again(args, ending) {
      const began = clock.now().toISOString();
      if (nights.length === 2) stop.abort(new Error('enough'));
      await clock.sleep(1_000 * 3_600_000, ending).catch(() => {});
      nights.push([began, clock.now().toISOString(), args.join(' ')]);
      return 143;
    },
    elsewhere: () => Promise.reject(new Error('It is not asked for')),
    endable: async (work) => work(),
    async *input() {},
  };
  await expect(scheduleCommand(context, { config: 'config.json' })).rejects.toThrow('enough');
  const order = 'schedule --once -c config.json';
  // Thirty hours each: the time between is left out. In between, the clocks were put back.
  expect(nights.slice(0, 2)).toEqual([
    ['2026-10-24T00:30:00.000Z', '2026-10-25T06:30:00.000Z', order],
    ['2026-10-26T01:30:00.000Z', '2026-10-27T07:30:00.000Z', order],
  ]);
  expect(said).toContain('A time came while the night still ran: left out');
  expect(JSON.parse(readFileSync(join(folder, 'noctule-health.json'), 'utf8'))).toMatchObject({ state: 'ended', next: null });
});

test('one night, as cron has it, is ended too when it takes too long, and tells so', async () => {
  const MOST = 0.1;
  const site = await workspace({ people: 40, latency: 60, config: { schedule: { cron: '30 2 * * *', timeZone: 'UTC', mostHours: MOST } } });
  let said = '';
  const context: CommandContext = {
    out: () => {},
    err: (text) => void (said += text),
    environment: site.provider.environment,
    directory: site.folder,
    // The hours are over as soon as the scan reads.
    clock: {
      now: () => new Date(),
      async sleep(milliseconds, signal) {
        if (milliseconds < MOST * 3_600_000) return wait(milliseconds, undefined, signal && { signal });
        while (site.provider.requests.length < 20) await wait(10, undefined, signal && { signal });
      },
    },
    signal: new AbortController().signal,
    isFile: false,
    live: false,
    quiet: true,
    again: () => Promise.reject(new Error('Nothing is run again')),
    elsewhere: () => Promise.reject(new Error('It is not asked for')),
    endable: async (work) => work(),
    async *input() {},
  };
  expect(await night(context, { config: site.config })).toBe(130);
  expect(said).toContain('The night has taken the 0.1 hours that `mostHours` gives it, and is ended.\n');
  const [health, summary] = ['noctule-health.json', 'noctule-summary.json'].map(
    (name) => JSON.parse(readFileSync(join(site.folder, name), 'utf8')) as Record<string, unknown>,
  );
  expect(health).toMatchObject({ state: 'ended', outcome: { exitCode: 130, conditions: ['interrupted'] } });
  expect(summary).toMatchObject({ conditions: ['interrupted'], startedAt: expect.any(String), endedAt: expect.any(String) });
  expect(summary).not.toHaveProperty('changes');
});
