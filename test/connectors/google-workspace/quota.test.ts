import { expect, it } from 'vitest';
import { fake } from '../../../connectors/google-workspace/fake/index.ts';
import { createWire, createCalls, type Pace } from '../../../src/connector/index.ts';
import { connector } from '../../../connectors/google-workspace/index.ts';
import { Secret } from '../../../src/secret/secret.ts';
import { fastClock } from '../../../src/testing/clock.ts';
import { createCompany } from '../../../src/testing/company.ts';

it('a quota that answers 403 and 429 costs time, and no user', async () => {
  const google = await fake.start(createCompany({ people: 300 }));
  const clock = fastClock({ speed: 20 });
  google.limit(10, clock);
  const { signal } = new AbortController();
  const { connector: _id, ...raw } = google.config;
  let pace: Pace | undefined;
  const connection = await connector.connect({
    ...clock,
    config: connector.config.parse(raw),
    signal,
    pageSize: (largest) => largest,
    secret: (reference) => new Secret('env' in reference ? google.environment[reference.env]! : ''),
    wire: (origins) =>
      createWire({ operations: connector.operations, origins, signal, count: () => {}, limits: { bytes: 1e7, milliseconds: 5_000 } }),
    calls(usual, classify) {
      pace = usual;
      return createCalls({ clock, pace: usual, classify, signal });
    },
  });
  const grants = connector.collectors.find(({ id }) => id === 'grants')!;
  const context = { ...clock, config: connector.config.parse(raw), ...connection, cursor: undefined, delta: undefined, signal };
  const more = {
    known: async () => [],
    readAt: async () => new Map(),
    isOn: () => false,
    inFlight: 12,
    pageSize: (largest: number) => largest,
    interest: () => 'none' as const,
  };
  const said = { covered: 0, gap: 0, observation: 0 };
  for await (const { type } of grants.collect({ ...context, ...more })) if (type in said) said[type as keyof typeof said]++;
  const refused = google.requests.filter(({ status }) => status === 403 || status === 429);
  const users = google.sizes()['users']!;
  await google.close();
  expect(pace!.perSecond).toBeGreaterThan(10);
  expect(refused.length).toBeGreaterThan(3);
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([403, 429]));
  // Everybody, and the list as a whole.
  expect(said).toMatchObject({ covered: users + 1, gap: 0 });
}, 60_000);
