import { expect, test } from 'vitest';
import { openWorld } from '../../worlds/world.ts';
import { accountOf, detailsPage, plantEstate } from '../../worlds/aws/estate.ts';
import { formOf } from '../../worlds/aws/wire.ts';

const USERS = 600;
const ROLES = 400;
const CORE = ['identities', 'service_credentials', 'providers'];

/** AWS may return shorter pages than asked for: what is told is the size of those that it returns. */
test.each([
  [1000, 8],
  [100, 16],
])('the identity core of 600 users and 400 roles, in pages of %i, takes %i requests at most', async (q, most) => {
  const world = await openWorld('aws');
  plantEstate(world, {});
  const names = [
    ...Array.from({ length: USERS }, (_, index) => `user-${index}`),
    ...Array.from({ length: ROLES }, (_, index) => `role-${index}`),
  ];
  world.plant('iam.GetAccountAuthorizationDetails', (request) => {
    const from = Number(formOf(request).get('Marker') ?? 0);
    const pick = (prefix: string) =>
      Object.fromEntries(names.slice(from, from + q).flatMap((name) => (name.startsWith(prefix) ? [[name, {}]] : [])));
    const next = from + q < names.length && { Marker: String(from + q) };
    return detailsPage(accountOf(world), { users: pick('user'), roles: pick('role') }, { IsTruncated: next !== false, ...next });
  });
  const night = await world.scan({ collectors: CORE });
  expect(night.facts.filter(({ thing }) => /^(?:user|role)\//.test(thing))).toHaveLength(USERS + ROLES);
  const sent = [...night.outcome.requests]
    .filter(([operation]) => operation.startsWith('iam.'))
    .reduce((sum, [, { first }]) => sum + first, 0);
  // The report twice, keys for services, two lists of providers, whether tokens are minted; no provider is there to be asked about.
  expect(sent).toBe(6 + Math.ceil(names.length / q));
  expect(sent).toBeLessThanOrEqual(most);
});
