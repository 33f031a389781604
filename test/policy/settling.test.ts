import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settlingOf, type Turning } from '../../src/policy/settling.ts';

const day = (number: number) => new Date(Date.parse('2026-11-01T02:00:00Z') + number * 86_400_000).toISOString();
const turn = (key: string, event: Turning['event'], at: number, rule = 'unapproved-ai-tool'): Turning => ({
  key,
  rule,
  event,
  at: day(at),
});
const NONE = { count: 0, open: 0, median: undefined };

test('is the median of all, what stands still counts until now, and leaks are apart', () => {
  const turnings = [
    turn('a', 'began', 0),
    turn('b', 'began', 0),
    turn('leak', 'began', 0, 'leaked-ai-secret'),
    turn('a', 'settled', 2),
    turn('leak', 'settled', 1, 'leaked-ai-secret'),
    turn('a', 'began', 5),
  ];
  expect(settlingOf(turnings, day(9))).toEqual({ secrets: { count: 1, open: 0, median: 1 }, others: { count: 3, open: 2, median: 4 } });
  expect(settlingOf([], day(9))).toEqual({ secrets: NONE, others: NONE });
});

test('a key that lies open is a leaked secret', () => {
  expect(settlingOf([turn('a', 'began', 0, 'exposed-key')], day(1)).secrets.count).toBe(1);
});

test('what was settled before it began, or began twice, is told once', () => {
  const turnings = [
    turn('a', 'settled', 0),
    turn('a', 'began', 1),
    turn('a', 'began', 2),
    turn('a', 'settled', 3),
    turn('a', 'settled', 4),
  ];
  expect(settlingOf(turnings, day(9)).others).toEqual({ count: 1, open: 0, median: 2 });
});

test('is no better where a gap keeps findings from being settled', () => {
  const spans = fc.array(fc.record({ from: fc.nat(5), to: fc.integer({ min: 6, max: 12 }), unread: fc.boolean() }), { minLength: 1 });
  fc.assert(
    fc.property(spans, (all) => {
      const median = (withGaps: boolean) =>
        settlingOf(
          all.flatMap(({ from, to, unread }, key) => [
            turn(String(key), 'began', from),
            ...(withGaps && unread ? [] : [turn(String(key), 'settled', to)]),
          ]),
          day(12),
        ).others.median!;
      expect(median(true)).toBeGreaterThanOrEqual(median(false));
    }),
  );
});
