import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nightTimes, wallClock } from '../../src/schedule/times.ts';

/** All times from one moment to another. */
function times(timeZone: string, cron: string, from: string, to: string): Date[] {
  const { next } = nightTimes({ cron, timeZone });
  const found: Date[] = [];
  for (let at = next(new Date(from)); at && at < new Date(to); at = next(at)) found.push(at);
  return found;
}

const shown = (timeZone: string, cron: string, from: string, to: string) =>
  times(timeZone, cron, from, to).map((at) => `${at.toISOString().slice(0, 16)} ${wallClock(at, timeZone).slice(0, 16)}`);

describe('the night on which clocks are changed', () => {
  test('has one night where the time does not exist: it begins when the clocks have been put forward', () => {
    expect(shown('Europe/Berlin', '30 2 * * *', '2026-03-28T00:00Z', '2026-03-31T00:00Z')).toEqual([
      '2026-03-28T01:30 2026-03-28 02:30',
      '2026-03-29T01:00 2026-03-29 03:00',
      '2026-03-30T00:30 2026-03-30 02:30',
    ]);
    expect(shown('America/New_York', '30 2 * * *', '2026-03-07T00:00Z', '2026-03-10T00:00Z')).toEqual([
      '2026-03-07T07:30 2026-03-07 02:30',
      '2026-03-08T07:00 2026-03-08 03:00',
      '2026-03-09T06:30 2026-03-09 02:30',
    ]);
    // Half an hour there, at two: 02:15 is left out.
    expect(shown('Australia/Lord_Howe', '15 2 * * *', '2026-10-03T00:00Z', '2026-10-05T00:00Z')).toEqual([
      '2026-10-03T15:30 2026-10-04 02:30',
      '2026-10-04T15:15 2026-10-05 02:15',
    ]);
  });

  test('has one night where the time exists twice: the first time', () => {
    expect(shown('Europe/Berlin', '30 2 * * *', '2026-10-24T12:00Z', '2026-10-27T00:00Z')).toEqual([
      '2026-10-25T00:30 2026-10-25 02:30',
      '2026-10-26T01:30 2026-10-26 02:30',
    ]);
    expect(shown('America/New_York', '30 1 * * *', '2026-10-31T12:00Z', '2026-11-03T00:00Z')).toEqual([
      '2026-11-01T05:30 2026-11-01 01:30',
      '2026-11-02T06:30 2026-11-02 01:30',
    ]);
    expect(shown('Australia/Lord_Howe', '45 1 * * *', '2026-04-04T00:00Z', '2026-04-06T00:00Z')).toEqual([
      '2026-04-04T14:45 2026-04-05 01:45',
      '2026-04-05T15:15 2026-04-06 01:45',
    ]);
    // Asked between the two, the answer is the next day.
    expect(nightTimes({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' }).next(new Date('2026-10-25T01:00Z'))).toEqual(
      new Date('2026-10-26T01:30Z'),
    );
    expect(times('Europe/Berlin', '0,30 2 * * *', '2026-10-24T12:00Z', '2026-10-25T12:00Z')).toHaveLength(2);
  });

  test('a day that a country left out has none', () => {
    expect(shown('Pacific/Apia', '30 2 * * *', '2011-12-29T00:00Z', '2012-01-01T00:00Z')).toEqual([
      '2011-12-29T12:30 2011-12-29 02:30',
      '2011-12-30T12:30 2011-12-31 02:30',
      '2011-12-31T12:30 2012-01-01 02:30',
    ]);
  });

  test('in a year of any zone, at any time, each day has its night once', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Pacific/Apia', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Africa/Cairo', 'UTC'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 59 }),
        fc.constantFrom(2021, 2025, 2026),
        (timeZone, hour, minute, year) => {
          const days = times(timeZone, `${minute} ${hour} * * *`, `${year}-01-01T18:00Z`, `${year + 1}-01-01T18:00Z`).map((at) =>
            wallClock(at, timeZone).slice(0, 10),
          );
          expect(days).toHaveLength(365);
          expect(new Set(days).size).toBe(365);
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('the last time by a moment is the one after which no other comes by then', () => {
  const { next, last } = nightTimes({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' });
  expect(last(new Date('2026-10-25T00:30:00Z'))).toEqual(new Date('2026-10-25T00:30Z'));
  expect(last(new Date('2026-10-25T00:29:59Z'))).toEqual(new Date('2026-10-24T00:30Z'));
  const monthly = nightTimes({ cron: '0 3 1 2 *', timeZone: 'UTC' });
  expect(monthly.last(new Date('2026-01-31T00:00Z'))).toEqual(new Date('2025-02-01T03:00Z'));
  fc.assert(
    fc.property(fc.date({ min: new Date('2026-03-25T00:00Z'), max: new Date('2026-11-05T00:00Z'), noInvalidDate: true }), (moment) => {
      const found = last(moment)!;
      expect(found <= moment && next(found)! > moment).toBe(true);
    }),
  );
});

test('an expression that is wrong, has seconds, or a zone that nobody knows is refused', () => {
  for (const cron of ['61 2 * * *', 'at night', '0 30 2 * * *', '']) expect(() => nightTimes({ cron, timeZone: 'UTC' }), cron).toThrow();
  for (const timeZone of ['Europe/Entenhausen', '+01:00', ''])
    expect(() => nightTimes({ cron: '30 2 * * *', timeZone }), timeZone).toThrow('is no time zone');
  expect(nightTimes({ cron: '0 0 30 2 *', timeZone: 'UTC' }).next(new Date('2026-01-01T00:00Z'))).toBeUndefined();
});
