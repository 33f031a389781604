import { expect, test } from 'vitest';
import { effectOf } from '../../src/policy/effect.ts';

const finding = (key: string, more: object = {}) => ({
  key,
  rule: 'r',
  severity: 'high',
  state: 'open',
  title: 't',
  body: '{"lastUsed":"unknown"}',
  ...more,
});
const turns = (before: object[], after: object[]) =>
  effectOf(before as never, after as never).map(({ turn, finding: { key } }) => `${turn} ${key}`);

test('another policy opens, changes, excepts and closes findings, told in that order', () => {
  expect(
    turns(
      [finding('a'), finding('b'), finding('c'), finding('d')],
      [finding('c', { state: 'excepted' }), finding('b', { severity: 'low' }), finding('d'), finding('e')],
    ),
  ).toEqual(['opens e', 'changes b', 'excepts c', 'closes a']);
});

test('a finding whose exception is taken away opens; one that is excepted from its beginning, or was to its end, is no news', () => {
  expect(turns([finding('a', { state: 'excepted' })], [finding('a')])).toEqual(['opens a']);
  expect(turns([finding('a', { state: 'excepted' })], [])).toEqual([]);
  expect(turns([], [finding('a', { state: 'excepted' })])).toEqual([]);
});

test('a date of last use is no change; a title and what is told are', () => {
  expect(turns([finding('a')], [finding('a', { body: '{"lastUsed":{"at":"2026-01-01"}}' })])).toEqual([]);
  expect(turns([finding('a'), finding('b')], [finding('a', { body: '{"why":"x"}' }), finding('b', { title: 'x' })])).toEqual([
    'changes a',
    'changes b',
  ]);
});
