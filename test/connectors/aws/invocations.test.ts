import { afterEach, describe, expect, test } from 'vitest';
import { fake } from '../../../connectors/aws/fake/index.ts';
import { connector } from '../../../connectors/aws/index.ts';
import type { Connector, Gap, Observation } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { runConnector } from '../../../src/testing/runner.ts';
import { startFakeServer } from '../../../src/testing/server.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function read(provider: FakeProvider) {
  open.push(provider);
  const run = await runConnector(connector as Connector, provider, { only: ['invocations'] });
  const events = run.collectors.flatMap((collector) => collector.events);
  return {
    seen: events.filter((event): event is Observation => event.type === 'observation'),
    gaps: events.filter((event): event is Gap => event.type === 'gap' && event.byDesign !== true),
    covered: events.filter((event) => event.type === 'covered'),
  };
}

describe('calls of models', () => {
  test('belong to the role behind the session; what was refused was attempted, and is no use', async () => {
    const { seen } = await read(await fake.start(createCompany({ people: 12 })));
    const calls = seen.filter(({ thing }) => thing.startsWith('invocation/'));
    const told = calls.map(({ subject, attributes: { calls, refused, bearerToken } }) => [subject.name, { calls, refused, bearerToken }]);
    expect(Object.fromEntries(told)).toEqual({
      'agentcore-orders': { calls: 2, refused: 0, bearerToken: true },
      thumbnailer: { calls: 0, refused: 1, bearerToken: false },
      'order-pipeline': { calls: 1, refused: 0, bearerToken: false },
    });
    expect(calls.every(({ kind, principal }) => kind === 'usage' && principal?.id.startsWith('AROA'))).toBe(true);
    expect(calls.filter(({ lastUsedAt }) => !lastUsedAt).map(({ subject }) => subject.name)).toEqual(['thumbnailer']);
  });

  test('that came with a key are told beside the keys of the service too, by who may hold one', async () => {
    const { seen } = await read(await fake.start(createCompany({ people: 12 })));
    const keyed = seen.filter(({ thing }) => thing.startsWith('key_use/'));
    expect(keyed).toMatchObject([
      {
        subject: { app: 'bedrock.amazonaws.com', name: 'agentcore-orders' },
        principal: { traits: [] },
        attributes: { calls: 1, refused: 0, bearerToken: true },
      },
    ]);
  });

  test('that are none claim the days that the history holds, and no more', async () => {
    const { seen, gaps, covered } = await read(await fake.start(createCompany({ people: 12 }), { empty: true }));
    expect([seen, gaps]).toEqual([[], []]);
    const { from, to } = covered[0]!.window!;
    expect((Date.parse(to) - Date.parse(from)) / 86_400_000).toBe(90);
  });

  test('beyond twenty pages are not read, and where the reading ended is told', async () => {
    const { provider, pages } = await endless();
    const { seen, gaps } = await read(provider);
    expect(pages()).toBe(20);
    expect(gaps).toMatchObject([
      { reason: 'truncated', effect: expect.stringMatching(/^20 pages were read: nothing older than 2026-01-0/) },
    ]);
    expect(seen).toMatchObject([{ attributes: { calls: 20 } }]);
  });
});

/** A history that has one call more on every page. */
async function endless(): Promise<{ provider: FakeProvider; pages(): number }> {
  let page = 0;
  const event = (number: number) => ({
    EventName: 'Converse',
    EventTime: Date.parse('2026-01-10T00:00:00Z') / 1000 - number * 3600,
    CloudTrailEvent: JSON.stringify({
      userIdentity: { type: 'IAMUser', principalId: 'AIDAONE', arn: 'arn:aws:iam::111122223333:user/one' },
    }),
  });
  const identity =
    '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';
  const server = await startFakeServer({
    routes: [
      {
        operation: 'identity',
        method: 'POST',
        path: '/',
        action: 'GetCallerIdentity',
        answer: () => ({ status: 200, headers: { 'content-type': 'text/xml' }, body: identity }),
      },
      {
        operation: 'lookup',
        method: 'POST',
        path: '/',
        action: 'LookupEvents',
        answer: () => ({
          status: 200,
          headers: { 'content-type': 'application/x-amz-json-1.1' },
          body: { Events: [event(++page)], NextToken: `page-${page}` },
        }),
      },
    ],
    refuse: (status) => ({ status, body: '' }),
  });
  const config = {
    connector: 'aws',
    endpoint: server.url,
    regions: ['us-east-1'],
    accessKey: { id: { env: 'ID' }, secret: { env: 'SECRET' } },
  };
  const provider = { ...server, config, environment: { ID: 'AKIAOWN', SECRET: 'not-a-real-secret' } } as unknown as FakeProvider;
  return { provider, pages: () => page };
}
