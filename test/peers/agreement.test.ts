import { expect, it } from 'vitest';
import { agreement, complete } from './agreement.ts';

it('an agreement is complete when nothing is missing and nothing invented, in any order', () => {
  expect(agreement(['a', 'b', 'b'], ['b', 'a', 'b'])).toEqual(complete(3));
});

it('a fact that is found twice and was planted once is invented once', () => {
  expect(agreement(['a', 'b', 'c', 'd'], ['a', 'a', 'b', 'x'])).toEqual({
    planted: 4,
    found: 4,
    recall: 0.5,
    precision: 0.5,
    missing: ['c', 'd'],
    invented: ['a', 'x'],
  });
});
