import { describe, expect, test } from 'vitest';
import { keepNights, type NightEvent, type NightsOptions } from '../../src/schedule/nights.ts';
import { nightTimes } from '../../src/schedule/times.ts';
import { virtualClock } from '../connector/virtual-clock.ts';

const BERLIN = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
const HOUR = 3_600_000;

interface Kept {
  nights: string[];
  events: NightEvent[];
}

/** Keeps nights on a clock of its own until so many were had, each of which takes that many hours. */
async function kept(from: string, count: number, more: Partial<NightsOptions> & { hours?: number } = {}): Promise<Kept> {
  const clock = virtualClock(new Date(from));
  const stop = new AbortController();
  const nights: string[] = [];
  const events: NightEvent[] = [];
  const options: NightsOptions = {
    clock,
    signal: stop.signal,
    times: nightTimes(BERLIN),
    jitter: 0,
    random: () => 0.5,
    catchUp: true,
    lastNight: () => undefined,
    night: async () => {
      nights.push(clock.now().toISOString());
      if (more.hours) await clock.sleep(more.hours * HOUR);
      if (nights.length === count) stop.abort(new Error('enough'));
    },
    told: (event) => void events.push(event),
    ...more,
  };
  await expect(keepNights(options)).rejects.toThrow('enough');
  return { nights, events };
}

describe('night after night', () => {
  test('each begins at its time, across both changes of the clocks', async () => {
    expect((await kept('2026-03-28T12:00Z', 2)).nights).toEqual(['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z']);
    expect((await kept('2026-10-24T12:00Z', 2)).nights).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']);
  });

  test('a little later by chance, and never so late that the next one is due', async () => {
    const { nights, events } = await kept('2026-06-01T12:00Z', 1, { jitter: HOUR });
    expect(nights).toEqual(['2026-06-02T01:00:00.000Z']);
    expect(events).toEqual([{ is: 'waiting', due: new Date('2026-06-02T00:30Z'), at: new Date('2026-06-02T01:00Z') }]);
    const often = { times: nightTimes({ cron: '0 * * * *', timeZone: 'UTC' }), jitter: 24 * HOUR, random: () => 0.999_999 };
    expect((await kept('2026-06-01T12:00Z', 3, often)).nights.map((at) => at.slice(11, 16))).toEqual(['13:29', '14:29', '15:29']);
  });

  test('one that still runs is not begun again: the times that came meanwhile are left out and told', async () => {
    const { nights, events } = await kept('2026-06-01T12:00Z', 2, { hours: 50 });
    expect(nights).toEqual(['2026-06-02T00:30:00.000Z', '2026-06-05T00:30:00.000Z']);
    expect(events.filter(({ is }) => is === 'left out').slice(0, 1)).toEqual([
      { is: 'left out', times: 2, last: new Date('2026-06-04T00:30Z') },
    ]);
  });

  test('one that was missed is made up for at once, once, however many were', async () => {
    const lastNight = () => new Date('2026-05-28T00:31Z');
    const { nights, events } = await kept('2026-06-01T12:00Z', 2, { lastNight, jitter: HOUR });
    expect(nights).toEqual(['2026-06-01T12:00:00.000Z', '2026-06-02T01:00:00.000Z']);
    expect(events[0]).toEqual({ is: 'caught up', due: new Date('2026-06-01T00:30Z') });
  });

  test('none is made up for where the last time was kept, where there was never a night, or where nobody wants it', async () => {
    const next = ['2026-06-02T00:30:00.000Z'];
    expect((await kept('2026-06-01T12:00Z', 1, { lastNight: () => new Date('2026-06-01T00:30Z') })).nights).toEqual(next);
    expect((await kept('2026-06-01T12:00Z', 1)).nights).toEqual(next);
    expect((await kept('2026-06-01T12:00Z', 1, { lastNight: () => new Date('2026-05-01T00:30Z'), catchUp: false })).nights).toEqual(next);
  });

  test('one that somebody else has had is left to him', async () => {
    let asked = 0;
    const { nights, events } = await kept('2026-06-01T12:00Z', 1, {
      lastNight: () => (++asked === 2 ? new Date('2026-06-02T00:30:05Z') : new Date('2026-06-01T00:30Z')),
    });
    expect(nights).toEqual(['2026-06-03T00:30:00.000Z']);
    expect(events).toContainEqual({ is: 'had elsewhere', due: new Date('2026-06-02T00:30Z') });
  });

  test('a clock that is put back brings no night twice, and one that jumps ahead is noticed within a minute', async () => {
    const clock = virtualClock(new Date('2026-06-02T00:29Z'));
    let shift = 0;
    const nights: string[] = [];
    const stop = new AbortController();
    const shifted = { ...clock, now: () => new Date(clock.now().getTime() + shift) };
    await expect(
      keepNights({
        clock: shifted,
        signal: stop.signal,
        times: nightTimes(BERLIN),
        jitter: 0,
        random: () => 0,
        catchUp: true,
        lastNight: () => undefined,
        told: () => {},
        night: async (due) => {
          nights.push(due.toISOString());
          shift = nights.length === 1 ? -HOUR : 72 * HOUR;
          if (nights.length === 3) stop.abort(new Error('enough'));
        },
      }),
    ).rejects.toThrow('enough');
    expect(nights).toEqual(['2026-06-02T00:30:00.000Z', '2026-06-03T00:30:00.000Z', '2026-06-07T00:30:00.000Z']);
  });

  test('a clock that was ahead by weeks and is set right stops no night', async () => {
    const clock = virtualClock(new Date('2026-06-02T00:29Z'));
    let shift = 30 * 24 * HOUR;
    const now = () => new Date(clock.now().getTime() + shift);
    const nights: string[] = [];
    const stop = new AbortController();
    let last: Date | undefined;
    await expect(
      keepNights({
        clock: { ...clock, now },
        signal: stop.signal,
        times: nightTimes(BERLIN),
        jitter: 0,
        random: () => 0,
        catchUp: true,
        lastNight: () => last,
        told: () => {},
        night: async (due) => {
          nights.push(due.toISOString());
          last = now();
          shift = 0;
          if (nights.length === 3) stop.abort(new Error('enough'));
        },
      }),
    ).rejects.toThrow('enough');
    expect(nights).toEqual(['2026-07-02T00:30:00.000Z', '2026-06-03T00:30:00.000Z', '2026-06-04T00:30:00.000Z']);
  });

  test('a signal ends the waiting at once', async () => {
    const stop = new AbortController();
    const clock = virtualClock(new Date('2026-06-01T12:00Z'));
    const waiting = keepNights({
      clock: { now: clock.now, sleep: (_, signal) => new Promise((_, no) => signal!.addEventListener('abort', () => no(signal!.reason))) },
      signal: stop.signal,
      times: nightTimes(BERLIN),
      jitter: 0,
      random: () => 0,
      catchUp: true,
      lastNight: () => undefined,
      told: () => {},
      night: async () => {},
    });
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });
});
