import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ENDINGS, type Ending } from '../../src/policy/ending.ts';
import { settlingOf, type Turning } from '../../src/policy/settling.ts';

const day = (number: number) => new Date(Date.parse('2026-11-01T02:00:00Z') + number * 86_400_000).toISOString();
const turn = (key: string, event: Turning['event'], at: number, rule = 'unapproved-ai-tool'): Turning => ({
  key,
  rule,
  event,
  at: day(at),
  scan: at,
});
const settled = (turnings: readonly Turning[], now: string, ending: Ending = 'removed') => settlingOf(turnings, now, () => ending);
const none = () => Object.fromEntries(ENDINGS.map((id) => [id, { count: 0, median: undefined }]));
const NONE = { count: 0, open: 0, oldest: undefined, median: undefined, ended: none() };

test('is the median of what was removed, what stands is longer than any, and leaks are apart', () => {
  const turnings = [
    turn('a', 'began', 0),
    turn('b', 'began', 0),
    turn('leak', 'began', 0, 'leaked-ai-secret'),
    turn('a', 'settled', 2),
    turn('leak', 'settled', 1, 'leaked-ai-secret'),
    turn('a', 'began', 5),
  ];
  expect(settled(turnings, day(9))).toEqual({
    secrets: { count: 1, open: 0, oldest: undefined, median: 1, ended: { ...none(), removed: { count: 1, median: 1 } } },
    others: { count: 3, open: 2, oldest: 9, median: undefined, ended: { ...none(), removed: { count: 1, median: 2 } } },
  });
  expect(settled(turnings.slice(0, 5), day(9)).others).toMatchObject({ count: 2, open: 1, median: 2 });
  expect(settled([], day(9))).toEqual({ secrets: NONE, others: NONE });
});

test('only what is gone counts as remediated, each other end has a number of its own', () => {
  const ends: Record<string, Ending> = {
    a: 'removed',
    b: 'removedDenied',
    c: 'approved',
    d: 'excepted',
    e: 'denied',
    f: 'otherwise',
    g: 'unknown',
  };
  const keys = Object.keys(ends);
  const turnings = [...keys.map((key) => turn(key, 'began', 0)), ...keys.map((key, number) => turn(key, 'settled', number + 1))];
  expect(settlingOf(turnings, day(9), ({ key }) => ends[key]!).others).toEqual({
    count: 2,
    open: 0,
    oldest: undefined,
    median: 1,
    ended: Object.fromEntries(keys.map((key, number) => [ends[key], { count: 1, median: number + 1 }])),
  });
});

test('a key that lies open is a leaked secret', () => {
  expect(settled([turn('a', 'began', 0, 'exposed-key')], day(1)).secrets.count).toBe(1);
});

test('what was settled before it began, or began twice, is told once', () => {
  const turnings = [
    turn('a', 'settled', 0),
    turn('a', 'began', 1),
    turn('a', 'began', 2),
    turn('a', 'settled', 3),
    turn('a', 'settled', 4),
  ];
  expect(settled(turnings, day(9)).others).toMatchObject({ count: 1, open: 0, median: 2 });
});

test('is no better where a gap keeps findings from being settled, whatever ends them else', () => {
  const spans = fc.array(
    fc.record({ from: fc.nat(5), to: fc.integer({ min: 6, max: 12 }), unread: fc.boolean(), ending: fc.constantFrom(...ENDINGS) }),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(spans, (all) => {
      const told = (withGaps: boolean) =>
        settlingOf(
          all.flatMap(({ from, to, unread }, key) => [
            turn(String(key), 'began', from),
            ...(withGaps && unread ? [] : [turn(String(key), 'settled', to)]),
          ]),
          day(12),
          ({ key }) => all[Number(key)]!.ending,
        ).others;
      const median = ({ count, median: value }: ReturnType<typeof told>) => value ?? (count === 0 ? 0 : Infinity);
      expect(median(told(true))).toBeGreaterThanOrEqual(median(told(false)));
      expect(told(true).open).toBeGreaterThanOrEqual(told(false).open);
    }),
  );
});
