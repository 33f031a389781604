import { describe, expect, test } from 'vitest';
import type { Measured } from '../../src/policy/metrics.ts';
import { personaOf } from '../../src/policy/persona.ts';
import { measuredReadiness, READINESS_IDS, readinessOf, type Answer } from '../../src/policy/readiness.ts';
import { standingOf } from '../../src/policy/standing.ts';
import { supervisionOf } from '../../src/policy/supervision.ts';
import { trainingOf } from '../../src/policy/training.ts';
import { NOW, policy, SIGNED } from './apps.ts';
import { app } from './invented.ts';

const SAID = { by: 'ciso', on: '2026-10-01' };
const said = (answer: Answer['answer']): Answer => ({ answer, ...SAID });
const DECIDED = policy({
  approvals: [
    { apps: ['a', 'b', 'c', 'd'], ...SIGNED },
    { apps: ['due'], review: '2026-01-31', ...SIGNED },
  ],
});
const measured = (...ids: string[]): Measured[] =>
  ids.map((appId) => {
    const one = app({ appId });
    return { name: appId, supervision: supervisionOf(one, standingOf(one, DECIDED, NOW)) };
  });

describe('readiness', () => {
  test('is a gap in points, over the items that are both declared and measured', () => {
    const shares = measuredReadiness(measured('a', 'b', 'c', 'due'), { unread: 1, of: 4 });
    expect(shares).toEqual({
      inventory: { part: 3, of: 4 },
      approval: { part: 4, of: 4 },
      owners: { part: 4, of: 4 },
      reviews: { part: 3, of: 4 },
      scope: { part: 4, of: 4 },
      endings: { part: 0, of: 4 },
      use: { part: 0, of: 4 },
    });
    const told = readinessOf({ inventory: said('yes'), endings: said('partly'), data: said('yes'), training: said('yes') }, shares);
    expect(told).toMatchObject({ claimed: 87.5, compared: 2, perceived: 75, measured: 37.5, gap: 37.5 });
    expect(told.items.map(({ id }) => id)).toEqual(READINESS_IDS);
    expect(told.items.find(({ id }) => id === 'data')).toEqual({ id: 'data', declared: said('yes') });
    expect(READINESS_IDS).toHaveLength(10);
  });

  test('tells no gap where nothing can be held against anything', () => {
    expect(readinessOf({}, { inventory: { part: 1, of: 1 } })).toMatchObject({ compared: 0, gap: undefined, perceived: undefined });
    expect(readinessOf({ approval: said('yes') }, { approval: { part: 0, of: 0 } }).compared).toBe(0);
  });

  test('takes training for measured where records are imported, and nobody for watched over whom an earlier program judged', () => {
    expect(measuredReadiness([{ name: 'old' }], { unread: 0, of: 1 }, { part: 1, of: 2 })).toMatchObject({
      training: { part: 1, of: 2 },
      approval: { part: 0, of: 1 },
      reviews: { part: 0, of: 0 },
    });
  });
});

describe('towards AI, an organisation', () => {
  const nothing = policy({});
  const closed = { ...nothing, declared: { blockedByDefault: said('yes') } };
  const nobody = { part: 0, of: 20 };
  const all = { unread: 0, of: 3 };
  const is = (measured: Measured[], decided: typeof nothing, holders: typeof nobody, unread = all) =>
    personaOf(measured, decided, holders, unread).is;

  test('is unaware where AI is in use and nothing was ever decided', () => {
    expect(is(measured('x'), nothing, nobody)).toBe('unaware');
    expect(is([], nothing, nobody)).toBe('between');
  });

  test('is ready where nearly all is approved, owned and not overdue', () => {
    expect(is(measured('a', 'b', 'c', 'd', 'x'), DECIDED, nobody)).toBe('ready');
    expect(is(measured('a', 'b', 'c', 'x'), DECIDED, nobody)).toBe('between');
    expect(is(measured('a', 'b', 'c', 'd', 'due'), DECIDED, nobody)).toBe('between');
  });

  test('is not ready where a list or a log was not read: what stands in it may be neither approved nor owned', () => {
    expect(is(measured('a', 'b', 'c', 'd', 'x'), DECIDED, nobody, { unread: 1, of: 3 })).toBe('between');
    expect(is(measured('a', 'b', 'c', 'd', 'x'), DECIDED, nobody, { unread: 0, of: 3 })).toBe('ready');
  });

  test('is risk-averse where apps are blocked, few hold any, and nothing is tried for a time', () => {
    expect(is(measured('x'), closed, { part: 2, of: 20 })).toBe('risk-averse');
    expect(is(measured('x'), closed, { part: 3, of: 20 })).toBe('between');
    expect(is(measured('x'), closed, { part: 0, of: 0 })).toBe('between');
    // Who holds what was not read?
    expect(is([], closed, nobody, { unread: 1, of: 3 })).toBe('between');
    const trial = { ...closed, approvals: [{ ...DECIDED.approvals[0]!, expires: '2027-01-01' }] };
    expect(is(measured('x'), trial, nobody)).toBe('between');
  });

  test('is told with the facts that decided, each with who says so', () => {
    const facts = (...parts: Parameters<typeof personaOf>) =>
      personaOf(...parts).facts.map(({ fact, value, from }) => `${fact}: ${value} (${from})`);
    const old: Measured = { name: 'judged by an earlier program' };
    const some = policy({
      approvals: [
        { apps: ['a'], ...SIGNED },
        { apps: ['due'], review: '2026-01-31', ...SIGNED },
        { apps: ['c'], expires: '2027-01-31', ...SIGNED },
      ],
      denials: [{ apps: ['x'], reason: 'no' }],
    });
    expect(facts([...measured('a', 'due', 'x'), old], some, { part: 3, of: 9 }, { unread: 1, of: 7 })).toEqual([
      'approvals and denials in the policy: 4 (policy)',
      'approvals with an end or a review: 2 of 3 (policy)',
      'AI integrations that are approved: 2 of 4 (measured)',
      'AI integrations with an owner: 2 of 4 (measured)',
      'approvals exceeded, over or due for review: 1 (measured)',
      'listed people who hold AI: 3 of 9 (measured)',
      'lists and logs that were not read: 1 of 7 (measured)',
      'apps are blocked by default: not declared (declared)',
    ]);
    expect(facts(measured('x'), closed, nobody, all)).toContain('apps are blocked by default: yes (declared)');
  });
});

test('training is held against whole names and ids, in any case of letters', () => {
  const holders = [
    { id: '1', name: 'ada@corp.example' },
    { id: 'U-2', name: 'bo@corp.example' },
    { id: '3', name: 'cy@corp.example' },
  ];
  const record = (person: string) => ({ person, course: 'AI', date: '2026-01-01' });
  expect(trainingOf(holders, ['ADA@corp.example', 'u-2', 'cy', 'nobody', 'nobody'].map(record))).toEqual({
    trained: { part: 2, of: 3 },
    without: ['cy@corp.example'],
    others: 2,
  });
});
