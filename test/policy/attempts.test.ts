import { describe, expect, test } from 'vitest';
import { holdersInQuestion, triedBy, type AttemptFact } from '../../src/policy/attempts.ts';

const period = { trackedFrom: '2025-10-18', trackedUntil: '2026-11-22' };
const tracked = { from: period.trackedFrom, until: period.trackedUntil };

function fact(id: string, name: string, service: string, at: string | null): AttemptFact {
  return { principal: { id, name }, service, attempted: at !== null, lastAttemptAt: at, ...period };
}

const capable = (id: string, name: string) => ({ id, name, canUseAi: true });
const sortOf = (id: string) => /^(user|role)/.exec(id)?.[1];

describe('what a holder tried', () => {
  test('is told with the latest attempt first, is told where there was none, and is unknown without a report', () => {
    const facts = [
      fact('role-1', 'pipeline', 'old', '2026-01-02T00:00:00.000Z'),
      fact('role-1', 'pipeline', 'new', '2026-11-02T00:00:00.000Z'),
      fact('role-1', 'pipeline', 'never', null),
      fact('role-2', 'idle', 'new', null),
    ];
    expect(triedBy([capable('role-1', 'pipeline'), capable('role-2', 'idle'), capable('role-3', 'unread')], facts, sortOf)).toEqual([
      {
        holder: 'pipeline',
        is: 'tried',
        services: [
          { service: 'new', at: '2026-11-02T00:00:00.000Z' },
          { service: 'old', at: '2026-01-02T00:00:00.000Z' },
        ],
        tracked,
      },
      { holder: 'idle', is: 'not-tried', services: [], tracked },
      { holder: 'unread', is: 'unknown', services: [] },
    ]);
  });

  test('at one moment is told by the names of the services, and an attempt without a day is none', () => {
    const [at, earlier] = ['2026-11-02T00:00:00.000Z', '2026-11-01T00:00:00.000Z'];
    const facts = [
      fact('r', 'r', 'b', at),
      fact('r', 'r', 'z', earlier),
      fact('r', 'r', 'a', at),
      { ...fact('r', 'r', 'c', null), attempted: true },
    ];
    const [told] = triedBy([capable('r', 'r')], [...facts, { ...fact('r', 'r', 'd', at), attempted: false }], sortOf);
    expect(told?.services.map(({ service }) => service)).toEqual(['a', 'b', 'z']);
  });

  test('is told of whoever is known by name alone, and never of one of another sort', () => {
    const facts = [
      fact('user-1', 'twin', 'mine', '2026-11-02T00:00:00.000Z'),
      fact('role-1', 'twin', 'another', '2026-11-03T00:00:00.000Z'),
    ];
    expect(triedBy([capable('user-by-name', 'twin')], facts, sortOf)).toMatchObject([{ services: [{ service: 'mine' }] }]);
    expect(triedBy([capable('by-name', 'twin')], facts, sortOf)).toMatchObject([{ is: 'unknown' }]);
  });

  test('of a key alone is told where there is a report, and nothing is said without one', () => {
    const holder = { id: 'user-1', name: 'ann', canUseAi: false };
    expect(triedBy([holder], [], sortOf)).toEqual([]);
    expect(triedBy([holder], [fact('user-1', 'ann', 'one', null)], sortOf)).toMatchObject([{ is: 'not-tried' }]);
  });

  test('matters of those who can use AI services and of those who hold a key', () => {
    const holder = (id: string) => ({ id, name: id, traits: [] });
    expect(
      holdersInQuestion([
        { kind: 'api_key', holder: holder('a'), attributes: {} },
        { kind: 'trust', holder: holder('b'), attributes: { aiLevel: 'service-wildcard' } },
        { kind: 'trust', holder: holder('c'), attributes: { aiLevel: 'none' } },
        { kind: 'trust', holder: holder('d'), attributes: { aiLevel: 'unknown' } },
        { kind: 'trust', attributes: { aiLevel: 'admin' } },
        { kind: 'service_account', holder: holder('a'), attributes: { aiLevel: 'model-scoped' } },
      ]),
    ).toEqual([capable('a', 'a'), capable('b', 'b')]);
  });
});
