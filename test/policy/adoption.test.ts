import { describe, expect, test } from 'vitest';
import { adoptionLag, discoveryLatency, exceptionBacklog, type Adopted } from '../../src/policy/adoption.ts';
import { debtsOf } from '../../src/policy/metrics.ts';
import { standingOf } from '../../src/policy/standing.ts';
import { supervisionOf } from '../../src/policy/supervision.ts';
import { NOW, policy, SIGNED } from './apps.ts';
import { app } from './invented.ts';

const DECIDED = policy({
  approvals: [
    { apps: ['first'], decided: '2026-10-01', ...SIGNED },
    { apps: ['same day'], decided: '2026-10-10', ...SIGNED },
    { apps: ['late'], decided: '2026-10-31', expires: '2026-11-01', ...SIGNED },
    { apps: ['undated'], ...SIGNED },
  ],
});
const adopted = (appId: string): Adopted => {
  const one = app({ appId });
  return { firstSeen: '2026-10-10T22:00:00.000Z', supervision: supervisionOf(one, standingOf(one, DECIDED, NOW)) };
};

describe('the adoption lag', () => {
  test('is the day of the approval less the day on which it was first seen, and says what it leaves out', () => {
    const all = ['first', 'same day', 'late', 'undated', 'undecided'].map(adopted);
    expect(adoptionLag([...all, { firstSeen: '2026-10-10T22:00:00.000Z' }])).toEqual({
      count: 3,
      median: 0,
      adoptedBefore: { part: 1, of: 3 },
      withoutApproval: 2,
      withoutDay: 1,
    });
    expect(adoptionLag([adopted('first')]).median).toBe(-9);
    expect(adoptionLag([adopted('late')]).median).toBe(21);
    expect(adoptionLag([])).toEqual({ count: 0, median: undefined, adoptedBefore: { part: 0, of: 0 }, withoutApproval: 0, withoutDay: 0 });
  });
});

describe('the discovery latency', () => {
  const READ = '2026-10-01T02:00:00.000Z';
  test('is counted where its provider dates a grant and somebody looked', () => {
    const sightings = [
      { granted: '2026-10-02T02:00:00Z', seen: '2026-10-02T14:00:00.000Z', readSince: READ },
      { granted: '2026-10-02T02:00:00.000Z', seen: '2026-10-06T02:00:00.000Z', readSince: READ },
      { granted: null, seen: READ, readSince: READ },
      { granted: '2026-09-30T02:00:00.000Z', seen: '2026-10-01T01:59:00.000Z', readSince: READ },
      { granted: '2026-10-02T02:00:00.000Z', seen: '2026-10-03T02:00:00.000Z', readSince: null },
      { granted: '2026-10-09T02:00:00.000Z', seen: '2026-10-02T02:00:00.000Z', readSince: READ },
    ];
    expect(discoveryLatency(sightings)).toEqual({ count: 2, median: 0.5, undated: 1, before: 2, again: 1 });
  });

  test('is longer where a night was not read', () => {
    const seen = (at: string) => discoveryLatency([{ granted: '2026-10-02T02:00:00.000Z', seen: at, readSince: READ }]).median;
    expect(seen('2026-10-04T02:00:00.000Z')).toBeGreaterThan(seen('2026-10-03T02:00:00.000Z')!);
  });
});

test('exceptions are counted with their age', () => {
  const now = '2026-10-11T00:00:00.000Z';
  expect(exceptionBacklog(['2026-10-01T00:00:00.000Z', '2026-10-10T00:00:00.000Z'], now)).toEqual({ count: 2, median: 1, oldest: 10 });
  expect(exceptionBacklog([], now)).toEqual({ count: 0, median: undefined, oldest: undefined });
});

test('debts are told by group, the greatest first, and what belongs to several counts in each', () => {
  const one = { ...adopted('first'), name: 'one' };
  const other = { ...adopted('undecided'), name: 'other' };
  expect(debtsOf([one, other], ({ name }) => (name === 'one' ? ['a', 'b'] : ['a']))).toEqual([
    { name: 'a', integrations: 2, trustDebt: expect.closeTo(1 + 10 / 6) },
    { name: 'b', integrations: 1, trustDebt: expect.closeTo(1) },
  ]);
});
