import { afterEach, describe, expect, test } from 'vitest';
import { fake } from '../../../connectors/aws/fake/index.ts';
import { connector } from '../../../connectors/aws/index.ts';
import { suspectOf } from '../../../connectors/aws/judged-principals.ts';
import type { Connector, Gap, Observation, Signal } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { runConnector } from '../../../src/testing/runner.ts';
import { xml } from '../../worlds/aws/wire.ts';

const [GENERATE, READ] = ['iam.GenerateServiceLastAccessedDetails', 'iam.GetServiceLastAccessedDetails'];

const open: FakeProvider[] = [];
afterEach(async () => {
  for (const provider of open.splice(0)) await provider.close();
});

async function start(): Promise<FakeProvider> {
  const provider = await fake.start(createCompany({ people: 12 }));
  open.push(provider);
  return provider;
}

async function read(provider: FakeProvider, options: Parameters<typeof runConnector>[2] = {}) {
  const run = await runConnector(connector as Connector, provider, { only: ['last_accessed'], ...options });
  const [collected] = run.collectors.filter(({ collector }) => collector.id === 'last_accessed');
  if (collected?.error) throw collected.error;
  const { events, requests } = collected!;
  return {
    place: `${run.account!.scope}/last_accessed`,
    requests,
    seen: events.filter((event): event is Observation => event.type === 'observation'),
    gaps: events.filter((event): event is Gap => event.type === 'gap' && event.byDesign !== true),
    leftOut: events.filter((event): event is Gap => event.type === 'gap' && event.byDesign === true),
    covered: events.filter((event) => event.type === 'covered'),
  };
}

const asked = (provider: FakeProvider, operation: string) => provider.requests.filter((request) => request.operation === operation).length;

describe('what principals last accessed', () => {
  test('is told of AI services alone, as attempts and not as use', async () => {
    const { seen: all, gaps } = await read(await start());
    expect(gaps).toEqual([]);
    const seen = all.filter(({ attributes }) => attributes['attempted'] === true);
    const told = seen.map(({ principal, attributes, signals }) => [principal?.name, attributes['service'], signals]);
    expect(told.map(([name, service]) => [name, service])).toEqual([
      ['AeaApiKey-p3vd', 'aws-external-anthropic'],
      ['BedrockAPIKey-t7wz', 'bedrock'],
      ['order-pipeline', 'bedrock'],
      ['cursor-bedrock', 'bedrock'],
      ['cursor-bedrock', 'sagemaker'],
    ]);
    expect(told.map(([, , signals]) => signals)).toEqual(told.map(([, service]) => [{ type: 'iam_prefix', value: service }]));
    // An attempt may have been refused: it is no use.
    expect(seen.filter(({ lastUsedAt }) => lastUsedAt !== undefined)).toEqual([]);
    expect(seen.every(({ kind }) => kind === 'usage')).toBe(true);
    expect(seen.map(({ attributes }) => attributes['lastAttemptAt'])).toEqual(seen.map(() => expect.stringMatching(/^\d{4}-\d\d-\d\dT/)));
  });

  test('is a fact as well where nobody tried, for as long as AWS keeps it, and is no sign of AI', async () => {
    const provider = await start();
    const { seen, covered } = await read(provider);
    const untried = seen.filter(({ attributes }) => attributes['attempted'] === false);
    // All who are asked about may use it: those who tried are the others.
    expect(seen.filter(({ attributes }) => attributes['service'] === 'bedrock')).toHaveLength(provider.sizes()['ai_principals']!);
    expect(untried.length).toBeGreaterThan(0);
    const windows = new Map(covered.map(({ scope, window }) => [scope, window!]));
    for (const { scope, signals, attributes, lastUsedAt } of untried) {
      expect([signals, lastUsedAt, attributes['lastAttemptAt']]).toEqual([[], undefined, undefined]);
      const { from, to } = windows.get(scope)!;
      expect([attributes['trackedFrom'], attributes['trackedUntil']]).toEqual([from.slice(0, 10), to.slice(0, 10)]);
      // 400 days, of which the last four hours are not told yet: by the calendar 400 days, or 399 in the first hours of a day.
      expect((Date.parse(to) - Date.parse(from)) / 3_600_000).toBe(400 * 24 - 4);
    }
  });

  test('is asked of those who can use AI, are AI, or let it in, and the claim is about them alone', async () => {
    const provider = await start();
    const { place, covered, leftOut } = await read(provider);
    const suspects = provider.sizes()['ai_principals']!;
    expect(covered).toHaveLength(suspects);
    expect(covered.every(({ scope, window }) => scope.startsWith(`${place}/A`) && window !== undefined)).toBe(true);
    expect(leftOut).toMatchObject([{ scope: place, reason: 'not_of_interest' }]);
    // Nobody but the catalog makes one of a role that only lets a known vendor in.
    const unknown = await read(provider, { interest: () => 'unknown' });
    expect(unknown.covered).toHaveLength(suspects - 1);
  });

  test('costs two requests for each of them; polls are repeats, and the list of principals is shared', async () => {
    const provider = await start();
    const { requests } = await read(provider, { only: ['identities', 'last_accessed'], largestPage: 1000 });
    const suspects = provider.sizes()['ai_principals']!;
    expect([...requests]).toEqual([
      [GENERATE, suspects],
      [READ, suspects],
    ]);
    expect(asked(provider, 'iam.GetAccountAuthorizationDetails')).toBe(1);
    // One report was not ready at once.
    expect(asked(provider, READ!)).toBe(suspects + 1);
  });

  test('is asked no further where asking is refused, and nothing is claimed', async () => {
    const provider = await start();
    provider.revoke('iam:GenerateServiceLastAccessedDetails');
    const { place, seen, gaps, covered } = await read(provider);
    expect([seen, covered]).toEqual([[], []]);
    expect(gaps.at(-1)).toMatchObject({ scope: place, reason: 'permission_denied', permission: 'iam:GenerateServiceLastAccessedDetails' });
    // No more than were under way.
    expect(asked(provider, GENERATE!)).toBeLessThan(6);
  });

  test('is unknown of a principal that is gone in between, and of no other', async () => {
    const provider = await start();
    provider.faults.add({ operation: GENERATE!, fault: 404, nth: 1 });
    const { place, gaps, covered } = await read(provider);
    expect(gaps).toMatchObject([{ scope: expect.stringMatching(`^${place}/AIDA`), reason: 'provider_error' }]);
    expect(covered).toHaveLength(provider.sizes()['ai_principals']! - 1);
  });

  const reported = (JobStatus: string) => xml(READ!, { JobCreationDate: '2026-11-01T00:00:00Z', ServicesLastAccessed: [], JobStatus });

  test('is asked no further where three reports fail and none is ready', async () => {
    const provider = await start();
    provider.plant(READ!, () => reported('FAILED'));
    const { place, seen, gaps, covered } = await read(provider);
    expect([seen, covered]).toEqual([[], []]);
    expect(gaps).toMatchObject([{ scope: place, reason: 'provider_error' }]);
    expect(asked(provider, GENERATE!)).toBeLessThan(12);
  });

  test('is unknown of each whose report fails, where others are ready', async () => {
    const provider = await start();
    provider.plant(READ!, (_request, nth, usual) => (nth > 8 ? reported('FAILED') : usual()));
    const { gaps, covered } = await read(provider, { largestPage: 1000 });
    expect(covered.length).toBeGreaterThan(0);
    expect(covered.length + gaps.length).toBe(provider.sizes()['ai_principals']);
    expect(new Set(gaps.map((gap) => gap.reason))).toEqual(new Set(['provider_error']));
  });

  test('is asked no further where no report ends', async () => {
    const provider = await start();
    provider.plant(READ!, () => reported('IN_PROGRESS'));
    const { place, seen, gaps, covered } = await read(provider);
    expect([seen, covered]).toEqual([[], []]);
    expect(gaps.at(-1)).toMatchObject({ scope: place, reason: 'provider_error' });
    expect(asked(provider, GENERATE!)).toBeLessThan(12);
  });

  test('is unknown of the one whose report never ends, and of no other', async () => {
    const provider = await start();
    let slow: string | null = null;
    provider.plant(READ!, (request, nth, usual) => {
      const job = new URLSearchParams(String(request.body)).get('JobId');
      if (nth === 1) slow = job;
      return job === slow ? reported('IN_PROGRESS') : usual();
    });
    const { place, gaps, covered } = await read(provider, { largestPage: 1000 });
    expect(gaps).toMatchObject([{ scope: expect.stringMatching(`^${place}/A`), reason: 'provider_error' }]);
    expect(covered).toHaveLength(provider.sizes()['ai_principals']! - 1);
  });

  test('is claimed up to where AWS may still be late, and is off unless somebody wants it', async () => {
    const before = Date.now();
    const { covered } = await read(await start());
    for (const { window } of covered) expect(new Date(window!.to).getTime()).toBeLessThan(before);
    expect(connector.collectors.find(({ id }) => id === 'last_accessed')?.optional).toBe(true);
  });
});

describe('a principal', () => {
  const stated = (aiLevel: string, trait?: 'administrator' | 'agent_runtime', signals: Signal[] = []): Observation => ({
    type: 'observation',
    thing: 'role/A',
    nativeId: 'role/A',
    kind: 'service_account',
    scope: 'account/1/role/A',
    subject: { app: 'iam/A', name: 'a' },
    principal: { id: 'A', name: 'a', traits: trait ? [trait] : [] },
    signals,
    permissions: [],
    attributes: { arn: 'arn:aws:iam::012345678910:role/a', aiLevel },
    evidence: { source: 'test' },
  });
  const isAsked = (one: Observation) => suspectOf([one], (signals) => (signals.length > 0 ? 'ai' : 'unknown')) !== undefined;

  test.each([
    ['was given a model', stated('model-scoped'), true],
    ['may do everything', stated('admin', 'administrator'), false],
    ['may do nobody knows what', stated('unknown'), false],
    ['is an agent that may do everything', stated('admin', 'agent_runtime'), true],
    ['is called like a product', stated('unknown', undefined, [{ type: 'iam_name', value: 'known' }]), true],
    ['may do nothing with AI', stated('none'), false],
  ])('who %s is worth a question or not', (_who, one, asking) => {
    expect(isAsked(one)).toBe(asking);
  });
});
