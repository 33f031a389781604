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

/** A timetable of nothing special, on a clock of its own. */
function timetable(clock: NightsOptions['clock'], signal: AbortSignal): NightsOptions {
  return {
    clock,
    signal,
    times: nightTimes(BERLIN),
    jitter: 0,
    random: () => 0.5,
    catchUp: true,
    lastNight: () => undefined,
    night: async () => {},
    told: () => {},
  };
}

/** Keeps nights on a clock of its own until so many were had, each of which takes that many hours. */
async function kept(from: string, count: number, more: Partial<NightsOptions> & { hours?: number } = {}): Promise<Kept> {
  const clock = virtualClock(new Date(from));
  const stop = new AbortController();
  const nights: string[] = [];
  const events: NightEvent[] = [];
  const options: NightsOptions = {
    ...timetable(clock, stop.signal),
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

/** The three nights that are had on a clock that is so far off at first, and then by what `after` answers once a night begins. */
async function keptOn(
  shift: number,
  after: (nights: number, now: () => Date) => number,
  more: Partial<NightsOptions> = {},
): Promise<string[]> {
  const clock = virtualClock(new Date('2026-06-02T00:29Z'));
  let off = shift;
  const now = () => new Date(clock.now().getTime() + off);
  const nights: string[] = [];
  const stop = new AbortController();
  const options: NightsOptions = {
    ...timetable({ ...clock, now }, stop.signal),
    random: () => 0,
    night: async (due) => {
      nights.push(due.toISOString());
      off = after(nights.length, now);
      if (nights.length === 3) stop.abort(new Error('enough'));
    },
    ...more,
  };
  await expect(keepNights(options)).rejects.toThrow('enough');
  return nights;
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
    const nights = await keptOn(0, (had) => (had === 1 ? -HOUR : 72 * HOUR));
    expect(nights).toEqual(['2026-06-02T00:30:00.000Z', '2026-06-03T00:30:00.000Z', '2026-06-07T00:30:00.000Z']);
  });

  test('a clock that was ahead by weeks and is set right stops no night', async () => {
    let last: Date | undefined;
    const setRight = (_: number, now: () => Date) => {
      last = now();
      return 0;
    };
    const nights = await keptOn(30 * 24 * HOUR, setRight, { lastNight: () => last });
    expect(nights).toEqual(['2026-07-02T00:30:00.000Z', '2026-06-03T00:30:00.000Z', '2026-06-04T00:30:00.000Z']);
  });

  test('a signal ends the waiting at once', async () => {
    const stop = new AbortController();
    const clock = virtualClock(new Date('2026-06-01T12:00Z'));
    const sleep: NightsOptions['clock']['sleep'] = (_, signal) =>
      new Promise((_, no) => signal!.addEventListener('abort', () => no(signal!.reason)));
    const waiting = keepNights(timetable({ now: clock.now, sleep }, stop.signal));
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });
});
