import { expect, test } from 'vitest';
import type { Fact } from '../../src/policy/integration.ts';
import { summaryOf, traceOf, type Sighting, type Trace } from '../../src/policy/trace.ts';

const NIGHTS = ['2026-01-01T02:00:00.000Z', '2026-01-02T02:00:00.000Z', '2026-01-03T02:00:00.000Z'] as const;

function sighting(fact: Partial<Fact>, more: Partial<Sighting> = {}): Sighting {
  return {
    fact: {
      connector: 'inventory-cloud',
      account: 'A1',
      collector: 'grants',
      mode: 'inventory',
      thing: 'grant/1',
      kind: 'oauth_grant',
      state: 'present',
      subject: { app: 'app-1', name: 'Notes' },
      principal: { id: 'u1', name: 'ada@lanternworks.example', traits: [] },
      signals: [],
      permissions: ['files'],
      attributes: {},
      ...fact,
    },
    firstSeen: NIGHTS[0],
    lastSeen: NIGHTS[2],
    administrator: false,
    standing: null,
    ...more,
  };
}

const whose = { namedBy: 'id of the app', product: null };
const log = { mode: 'log', collector: 'uses', permissions: [] } as const;

test('what a list, a log and a directory say of one grant is one trace', () => {
  const trace = traceOf(
    [
      sighting({}, { administrator: true, standing: 'suspended' }),
      sighting(
        {
          ...log,
          attributes: { bytes: '9007199254740993' },
          lastUsedAt: { at: NIGHTS[1], from: 'log' },
          grantedAt: { at: '2025-12-24T00:00:00.000Z', from: 'log' },
        },
        { firstSeen: NIGHTS[1], lastSeen: null },
      ),
      sighting({ ...log, collector: 'more', attributes: { bytes: '2' } }, { lastSeen: null }),
    ],
    whose,
  );
  expect(trace).toEqual({
    connector: 'inventory-cloud',
    account: 'A1',
    app: 'app-1',
    name: 'Notes',
    namedBy: 'id of the app',
    product: null,
    kind: 'oauth_grant',
    thing: 'grant/1',
    state: 'live',
    holder: { id: 'u1', name: 'ada@lanternworks.example', standing: 'suspended', administrator: true },
    permissions: ['files'],
    grantedAt: { at: '2025-12-24T00:00:00.000Z', from: 'log' },
    firstSeen: NIGHTS[0],
    lastSeen: NIGHTS[2],
    lastUsedAt: { at: NIGHTS[1], from: 'log' },
    // A double would get this wrong.
    bytes: '9007199254740995',
  } satisfies Trace);
});

test.each([
  ['a list that has it', [sighting({})], 'live'],
  ['a list that could not be read', [sighting({ state: 'unverified' })], 'unverified'],
  ['a list that has it no more', [sighting({ state: 'gone' })], 'gone'],
  ['a log alone', [sighting(log)], 'unverified'],
  ['a log of what a list has no more', [sighting({ state: 'gone' }), sighting(log)], 'gone'],
])('is as live as %s says', (_, sightings, state) => {
  expect(traceOf(sightings, whose).state).toBe(state);
});

test('the sum is live where one of them is, and what was decided about an app is no access of it', () => {
  const gone = traceOf([sighting({ state: 'gone', thing: 'grant/2' })], whose);
  const unread = traceOf([sighting({ state: 'unverified', thing: 'grant/3' })], whose);
  const live = traceOf([sighting({}, { administrator: true })], whose);
  const decided = traceOf([sighting({ kind: 'control', thing: 'decision/1' })], whose);
  expect(summaryOf([gone, unread, live, decided], ['Notes', 'Mail', 'Notes'])).toMatchObject({
    state: 'live',
    things: { live: 1, unverified: 1, gone: 1 },
    names: ['Mail', 'Notes'],
    administrators: ['ada@lanternworks.example'],
    bytes: null,
    firstSeen: NIGHTS[0],
    lastSeen: NIGHTS[2],
  });
  expect([[gone, unread, decided], [gone, decided], [decided], []].map((traces) => summaryOf(traces, []).state)).toEqual([
    'unverified',
    'gone',
    'not seen',
    'not seen',
  ]);
});
