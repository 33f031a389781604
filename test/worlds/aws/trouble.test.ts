/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { IAMClient } from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { clientOver } from '../../../connectors/aws/client.ts';
import { translated } from '../../../connectors/aws/refusals.ts';
import { sdkOf } from '../../../connectors/aws/services.ts';
import type { Session } from '../../../connectors/aws/session.ts';
import { CALL_LIMITS } from '../../../src/connector/calls.ts';
import { createCalls, ProviderFault, reading, type ConnectTools } from '../../../src/connector/index.ts';
import { loadConnector } from '../../../src/scan/registry.ts';
import { fastClock } from '../../../src/testing/clock.ts';
import { openWorld, statementsOf } from '../world.ts';
import { comparable, DETAILS, openKeys, realGaps, refusal } from './reading.ts';
import { json, regionOf, xml, xmlError } from './wire.ts';

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
  // Both read that list.
  expect(new Set(gaps.map(({ collector }) => collector))).toEqual(new Set(['identities', 'last_accessed']));
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

test('a credential that dies in mid-scan is refused, and no region is said not to be there', async () => {
  const world = await openWorld('aws');
  const quiet = await world.scan();
  const lists = new Set(world.asked.map((request) => request.operation!).filter((operation) => !/^(iam|sts|account)\./.test(operation)));
  let dead = false;
  for (const operation of lists)
    world.plant(operation, (request) => {
      // Before any list of a region was ever answered.
      dead = true;
      return refusal(request, UNRECOGNISED);
    });
  for (const operation of ['sts.GetCallerIdentity', DETAILS])
    world.plant(operation, (_request, _nth, usual) => (dead ? xmlError(403, 'InvalidClientTokenId') : usual()));
  for (const config of [{}, { regions: ['us-east-1'] }]) {
    dead = false;
    const night = await world.scan({ config });
    const gaps = realGaps(night);
    expect(gaps.filter(({ scope }) => scope.includes('/region/us-east-1/')).length).toBeGreaterThan(5);
    expect(gaps.filter(({ reason }) => reason !== 'permission_denied')).toEqual([]);
    expect(openKeys(night)).toEqual(openKeys(quiet));
  }
});

const lost = (code: string) => new ProviderFault('fetch failed', { retry: true, cause: Object.assign(new Error(code), { code }) });

function notAsked(): never {
  throw new Error('The clients are made already');
}

/** Asks for functions once, over the SDK's own clients, whose line breaks as it is told. Answers the gap, and how often each was sent. */
async function functionsOver({ service, home }: { service: string; home?: string }) {
  const sent = { service: 0, home: 0 };
  const breaking = (of: keyof typeof sent, code: string | undefined) => ({
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(): Promise<never> {
      sent[of]++;
      throw lost(code!);
    },
    destroy() {},
  });
  const credentials = { accessKeyId: 'AKIAMADE', secretAccessKey: 'made' };
  const options = { region: 'us-east-1', credentials, maxAttempts: 1 };
  const world = await openWorld('aws');
  world.plant('sts.GetCallerIdentity', () => xml('sts.GetCallerIdentity', { Account: '444455556666' }));
  const sdk = await sdkOf('lambda');
  const lambda = sdk.client({ ...options, requestHandler: breaking('service', service) });
  const sts = new STSClient(
    home === undefined ? { ...options, endpoint: world.provider.url } : { ...options, requestHandler: breaking('home', home) },
  );
  const session: Session = { credentials, iam: new IAMClient(options), sts, regional: async () => ({ client: lambda, sdk }) };
  const clock = fastClock({ from: new Date(), speed: 10_000 });
  const { signal } = new AbortController();
  const tools: ConnectTools = {
    now: () => clock.now(),
    sleep: (milliseconds) => clock.sleep(milliseconds, signal),
    signal,
    calls: (pace, classify) => createCalls({ clock, pace, classify, signal }),
    pageSize: (largest) => largest,
    secret: notAsked,
    wire: notAsked,
  };
  const { client } = clientOver(
    tools,
    { current: async () => session, renew: () => false },
    { accounts: [], organizationId: undefined, read: [] },
  );
  const loss = { scope: 'account/1/region/us-east-1/function', effect: 'Every function is unknown' };
  const { gap } = await reading(loss, () => client.ask('lambda.ListFunctions', 'us-east-1', {}, z.unknown()));
  return { reason: gap?.reason, sent };
}

/** A service whose name nobody has: asked once, and not there where AWS itself answers. */
async function unreachable(): Promise<void> {
  expect(await functionsOver({ service: 'ENOTFOUND' })).toEqual({ reason: 'not_observable', sent: { service: 1, home: 0 } });
}

test.each([{ service: 'ENOTFOUND', home: 'ENOTFOUND' }, { service: 'ENOTFOUND', home: 'EAI_AGAIN' }, { service: 'EAI_AGAIN' }])(
  'names that are not resolved are a fault, asked again like any other: %o',
  async (how) => {
    const { reason, sent } = await functionsOver(how);
    expect(reason).toBe('provider_error');
    expect(sent.service).toBe(CALL_LIMITS.attempts);
    expect(sent.home).toBe('home' in how ? CALL_LIMITS.attempts : 0);
  },
);

test("only a name that is known to be nobody's says that a service of a region is not there", () => {
  expect(translated(lost('ENOTFOUND'), 'lambda.ListFunctions')).toMatchObject({ name: 'Refusal', reason: 'not_observable', whole: false });
  expect(translated(lost('EAI_AGAIN'), 'lambda.ListFunctions')).toMatchObject({ name: 'ProviderFault', retry: true });
  for (const code of ['ENOTFOUND', 'EAI_AGAIN'])
    expect(translated(lost(code), 'iam.GetAccountAuthorizationDetails')).toMatchObject({ name: 'ProviderFault', retry: true });
});
