import { expect, it } from 'vitest';
import { fake } from '../../../connectors/google-workspace/fake/index.ts';
import { connector } from '../../../connectors/google-workspace/index.ts';
import { fastClock } from '../../../src/testing/clock.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { connect } from './connected.ts';

it('a quota that answers 403 and 429 costs time, and no user', async () => {
  const google = await fake.start(createCompany({ people: 200 }));
  const clock = fastClock({ speed: 10 });
  google.limit(4, clock);
  const { connection, config, pace, signal } = await connect(google, clock);
  const grants = connector.collectors.find(({ id }) => id === 'grants')!;
  const context = { ...clock, config, ...connection, cursor: undefined, delta: undefined, signal };
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
  expect(pace.perSecond).toBeGreaterThan(4);
  expect(refused.length).toBeGreaterThan(3);
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([403, 429]));
  // Everybody, and the list as a whole.
  expect(said).toMatchObject({ covered: users + 1, gap: 0 });
});

it('a list that Google refuses for most of a minute is read all the same', async () => {
  const google = await fake.start(createCompany({ people: 5 }));
  const clock = fastClock({ speed: 1000 });
  const { connection } = await connect(google, clock);
  const started = clock.now().getTime();
  google.quota({ reason: 'userRateLimitExceeded', operation: 'directory.users.list', times: 5 });
  const { items } = await connection.client.users({ deleted: false, pageToken: undefined });
  await google.close();
  expect(items.length).toBeGreaterThan(0);
  // As long as it may take until the quota of the next minute.
  expect(clock.now().getTime() - started).toBeGreaterThanOrEqual(60_000);
});
