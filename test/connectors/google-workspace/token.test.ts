import { expect, it } from 'vitest';
import { fake } from '../../../connectors/google-workspace/fake/index.ts';
import { fastClock } from '../../../src/testing/clock.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { connect } from './connected.ts';

it('a token endpoint that asks for patience is left alone by all who wait for the token', async () => {
  const google = await fake.start(createCompany({ people: 5 }));
  // Slow enough that those who wait, each a little longer than the other, come one after the other.
  const clock = fastClock({ speed: 4 });
  const { connection } = await connect(google, clock);
  let asked = 0;
  let until = 0;
  let early = 0;
  google.plant('oauth2.token', (_request, _nth, usual) => {
    const now = clock.now().getTime();
    if (now < until) early++;
    asked++;
    if (asked === 1) return { status: 503 };
    if (asked > 2) return usual();
    until = now + 2000;
    return { status: 429, headers: { 'retry-after': '2' } };
  });
  const lists = Array.from({ length: 12 }, () => connection.client.users({ deleted: false, pageToken: undefined }));
  const sizes = (await Promise.all(lists)).map(({ items }) => items.length);
  await google.close();
  expect(new Set(sizes).size).toBe(1);
  expect({ asked, early }).toEqual({ asked: 3, early: 0 });
});
