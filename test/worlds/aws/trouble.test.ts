/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import { loadConnector } from '../../../src/scan/registry.ts';
import { openWorld, statementsOf } from '../world.ts';
import { comparable, DETAILS, openKeys, realGaps, refusal } from './reading.ts';
import { json, regionOf, xmlError } from './wire.ts';

// Throttling, refusals, regions.

const statement = statementsOf('aws');
const THROTTLED = { query: 'Throttling', other: 'ThrottlingException', status: 400, rest: 429 };
const DENIED = { query: 'AccessDenied', other: 'AccessDeniedException', status: 403, rest: 403 };
const UNRECOGNISED = { query: 'UnrecognizedClientException', other: 'UnrecognizedClientException', status: 403, rest: 403 };

statement('A54', async () => {
  const calm = await openWorld('aws');
  const undisturbed = await calm.scan();
  const world = await openWorld('aws');
  let calls = 0;
  let refused = 0;
  for (const operation of new Set(calm.asked.map((request) => request.operation!)))
    world.plant(operation, (request, _nth, usual) => {
      if (calls++ % 2 === 0) return usual();
      refused++;
      return refusal(request, THROTTLED);
    });
  const night = await world.scan();
  expect(refused).toBeGreaterThan(30);
  expect(night.source.state).toBe('read');
  expect(comparable(night)).toEqual(comparable(undisturbed));
  const counted = [...night.outcome.requests.values()];
  expect(counted.reduce((sum, { first, repeats }) => sum + first + repeats, 0)).toBe(calls);
  expect(counted.reduce((sum, { repeats }) => sum + repeats, 0)).toBeGreaterThanOrEqual(refused);
});

statement('A55', async () => {
  const world = await openWorld('aws');
  world.plant(DETAILS, () => xmlError(400, 'Throttling', 'Rate exceeded'));
  const night = await world.scan({ speed: 5000 });
  expect(night.outcome.state).toBe('concluded');
  expect(night.source.state).toBe('partly');
  const gaps = realGaps(night);
  expect(new Set(gaps.map(({ collector }) => collector))).toEqual(new Set(['identities']));
  expect(gaps.map(({ reason }) => reason).join()).toMatch(/rate_limited|over_budget/);
  const others = new Set(night.facts.map(({ collector }) => collector));
  for (const collector of ['service_credentials', 'providers', 'agents', 'secret_names', 'environment_names'])
    expect(others).toContain(collector);
  expect(night.sent(DETAILS).repeats).toBeGreaterThan(0);
  expect(night.sent(DETAILS).repeats).toBeLessThan(50);
});

statement('A56', async () => {
  const world = await openWorld('aws');
  const before = await world.scan();
  expect(before.source.state).toBe('read');
  const connector = await loadConnector('aws');
  const owners = new Map<string, string>();
  for (const { id } of connector.collectors) {
    const alone = await world.scan({ collectors: [id] });
    for (const operation of alone.outcome.requests.keys()) if (!owners.has(operation)) owners.set(operation, id);
  }
  expect(owners.size).toBe(new Set(world.asked.map(({ operation }) => operation)).size);
  const wrong: unknown[] = [];
  for (const [operation, collector] of owners) {
    if (operation === 'sts.GetCallerIdentity') continue; // AWS never refuses it for a permission.
    let denying = true;
    world.plant(operation, (request, _nth, usual) => (denying ? refusal(request, DENIED) : usual()));
    const night = await world.scan({ collectors: [collector] });
    denying = false;
    const gap = realGaps(night).some((row) => row.reason === 'permission_denied' && row.collector === collector);
    const told = operation.startsWith('sts.') ? night.source.state === 'unread' : night.source.state === 'partly' && gap;
    const kept = JSON.stringify(openKeys(night)) === JSON.stringify(openKeys(before));
    if (!told || !kept) wrong.push({ operation, state: night.source.state, gap, kept });
  }
  expect(owners.size).toBeGreaterThan(30);
  expect(wrong).toEqual([]);
});

statement('A61', async () => {
  const quiet = await openWorld('aws');
  const only = await quiet.scan();
  const world = await openWorld('aws');
  const Regions = ['us-east-1', 'me-south-1'].map((RegionName) => ({ RegionName, RegionOptStatus: 'ENABLED' }));
  world.plant('account.ListRegions', () => json({ Regions }));
  for (const operation of new Set(quiet.asked.map((request) => request.operation!)))
    if (!/^(iam|sts|account)\./.test(operation))
      world.plant(operation, (request, _nth, usual) => (regionOf(request) === 'us-east-1' ? usual() : refusal(request, UNRECOGNISED)));
  const night = await world.scan();
  expect(comparable(night)).toEqual(comparable(only));
  const there = world.asked.filter((request) => regionOf(request) === 'me-south-1');
  expect(there.length).toBeGreaterThan(5);
  expect(new Set(there.map(({ operation, url, body }) => `${operation} ${url.search} ${body}`)).size).toBe(there.length);
  const gaps = realGaps(night);
  expect(gaps.length).toBeGreaterThan(0);
  expect(gaps.filter(({ scope }) => !scope.includes('me-south-1'))).toEqual([]);
  // No permission opens a region that is not there.
  expect(gaps.filter(({ reason }) => reason !== 'not_licensed' && reason !== 'not_observable')).toEqual([]);
  await unreachable();
});

/** An endpoint whose name nobody has. */
async function unreachable(): Promise<void> {
  const world = await openWorld('aws');
  const before = { ...process.env };
  Object.assign(process.env, { AWS_ENDPOINT_URL: world.provider.url, AWS_ENDPOINT_URL_LAMBDA: 'https://lambda.nowhere.invalid' });
  try {
    const night = await world.scan({ collectors: ['environment_names'], config: { endpoint: undefined, regions: ['us-east-1'] } });
    expect(night.facts.filter(({ evidence }) => evidence.source === 'ecs.DescribeTaskDefinition')).not.toEqual([]);
    expect(
      realGaps(night)
        .map(({ scope }) => scope)
        .join(),
    ).toContain('us-east-1/function');
    expect(night.sent('lambda.ListFunctions')).toEqual({ first: 1, repeats: 0 });
  } finally {
    for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_LAMBDA']) delete process.env[name];
    Object.assign(process.env, before);
  }
}
