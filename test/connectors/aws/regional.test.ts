import { afterEach, describe, expect, test } from 'vitest';
import { fake } from '../../../connectors/aws/fake/index.ts';
import { connector } from '../../../connectors/aws/index.ts';
import { withoutValues } from '../../../connectors/aws/values.ts';
import type { Connector, Gap, Observation } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { runConnector, type Run } from '../../../src/testing/runner.ts';

const open: FakeProvider[] = [];
afterEach(async () => {
  for (const provider of open.splice(0)) await provider.close();
});

/** A company that is old enough to have forgotten a region. */
async function start(more: Record<string, unknown> = {}): Promise<FakeProvider> {
  const provider = await fake.start(createCompany({ people: 60 }));
  open.push(provider);
  return { ...provider, config: { ...provider.config, ...more } as FakeProvider['config'] };
}

const run = (provider: FakeProvider, only: string) => runConnector(connector as Connector, provider, { only: [only] });
const observed = (result: Run) =>
  result.collectors.flatMap(({ events }) => events.filter((event): event is Observation => event.type === 'observation'));
const gaps = (result: Run) => result.collectors.flatMap(({ events }) => events.filter((event): event is Gap => event.type === 'gap'));
const covered = (result: Run) =>
  result.collectors.flatMap(({ events }) => events.filter((event) => event.type === 'covered').map(({ scope }) => scope));

describe('regions', () => {
  test('all that are enabled are read, and each thing is told apart by its region', async () => {
    const result = await run(await start(), 'agents');
    const regions = observed(result).map(({ attributes }) => attributes['region']);
    expect(new Set(regions)).toEqual(new Set(['eu-central-1', 'us-east-1']));
    expect(gaps(result)).toEqual([]);
    expect(covered(result)).toEqual([result.account!.scope]);
  });

  test('those that the configuration names are read alone, unasked, and the rest is a gap', async () => {
    const provider = await start({ regions: ['us-east-1'] });
    const result = await run(provider, 'agents');
    expect(provider.requests.map(({ operation }) => operation)).not.toContain('account.ListRegions');
    expect(new Set(observed(result).map(({ attributes }) => attributes['region']))).toEqual(new Set(['us-east-1']));
    expect(covered(result)).toEqual([`${result.account!.scope}/region/us-east-1`]);
    expect(gaps(result)).toMatchObject([{ scope: `${result.account!.scope}/region`, reason: 'not_of_interest', byDesign: true }]);
  });

  test('one that is not enabled is a gap of its own, and the others are read', async () => {
    const result = await run(await start({ regions: ['ap-east-1', 'us-east-1'] }), 'secret_names');
    expect(observed(result).length).toBeGreaterThan(0);
    expect(gaps(result).filter(({ byDesign }) => !byDesign)).toMatchObject([
      { scope: `${result.account!.scope}/region/ap-east-1/secret`, reason: 'not_observable' },
      { scope: `${result.account!.scope}/region/ap-east-1/parameter`, reason: 'not_observable' },
    ]);
    // No permission opens a region that is not there.
    expect(gaps(result).filter(({ permission }) => permission !== undefined)).toEqual([]);
  });

  test('a list that one region refuses is unknown there alone', async () => {
    const provider = await start();
    // The first distinct request of the operation is the one of the first region.
    provider.faults.add({ operation: 'bedrock-agentcore-control.ListGateways', fault: 403, nth: 1, times: 1 });
    const result = await run(provider, 'agents');
    expect(gaps(result)).toMatchObject([
      {
        scope: `${result.account!.scope}/region/eu-central-1/gateway`,
        reason: 'permission_denied',
        permission: 'bedrock-agentcore:ListGateways',
      },
    ]);
    expect(observed(result).filter(({ thing }) => thing.startsWith('gateway/'))).toHaveLength(2);
  });

  test('a thing whose details are refused is a gap of its own', async () => {
    const provider = await start();
    provider.faults.add({ operation: 'bedrock-agentcore-control.GetAgentRuntime', fault: 403, where: 'refunds_agent' });
    const result = await run(provider, 'agents');
    expect(gaps(result)).toMatchObject([
      {
        scope: `${result.account!.scope}/region/us-east-1/agent_runtime/refunds_agent-f6G7h8I9j0`,
        permission: 'bedrock-agentcore:GetAgentRuntime',
      },
    ]);
  });

  test('a page in the place of an answer is a gap, not an empty list', async () => {
    const provider = await start();
    provider.faults.add({ operation: 'ssm.DescribeParameters', fault: 'html' });
    const result = await run(provider, 'secret_names');
    expect(gaps(result)).toMatchObject([
      { scope: `${result.account!.scope}/region/eu-central-1/parameter`, reason: 'provider_error' },
      { scope: `${result.account!.scope}/region/us-east-1/parameter`, reason: 'provider_error' },
    ]);
  });
});

describe('agents', () => {
  test('a runtime says as which role it runs, who may call it, and that it is an agent', async () => {
    const found = observed(await run(await start(), 'agents')).filter(({ thing }) => thing.startsWith('agent_runtime/us-east-1'));
    // Two that share a role can be told by its name.
    const shared = expect.stringMatching(/:role\/agentcore-orders$/);
    expect(found.map(({ attributes }) => attributes['roleArn'])).toEqual([shared, shared]);
    expect(found[0]).toMatchObject({
      kind: 'agent',
      principal: { traits: ['workload', 'agent_runtime'] },
      attributes: { authorizer: 'custom', network: 'PUBLIC', protocol: 'HTTP', status: 'READY' },
    });
  });

  test('an OAuth client is known by its id, which other providers know too', async () => {
    const [client] = observed(await run(await start(), 'agents')).filter(({ kind }) => kind === 'vendor_integration');
    expect(client).toMatchObject({
      subject: { name: 'code-host' },
      signals: [
        { type: 'iam_prefix', value: 'bedrock-agentcore' },
        { type: 'oauth_client_id', value: 'Iv1.0123456789abcdef' },
        { type: 'acts_as_client', value: 'Iv1.0123456789abcdef' },
      ],
    });
  });

  test('a gateway without an authoriser is open', async () => {
    const gateways = observed(await run(await start(), 'agents')).filter(({ thing }) => thing.startsWith('gateway/'));
    expect(gateways.map(({ subject, attributes }) => [subject.name, attributes['open']])).toEqual([
      ['tools-gw', false],
      ['demo-gw', true],
    ]);
  });
});

describe('assistants', () => {
  test('say who is let in, where they act and what they read, and none of it but by the host', async () => {
    const found = observed(await run(await start(), 'assistants'));
    expect(found.map(({ kind, subject, attributes }) => [kind, subject.name, attributes])).toEqual([
      ['agent', 'ask-hr', { region: 'us-east-1', status: 'ACTIVE', identityType: 'ANONYMOUS', open: true }],
      [
        'vendor_integration',
        'ask-hr',
        { region: 'us-east-1', plugin: 'tickets', type: 'JIRA_CLOUD', state: 'ENABLED', host: 'tickets.lanternworks.example' },
      ],
      [
        'vendor_integration',
        'ask-hr',
        { region: 'us-east-1', dataSource: 'personnel-files', type: 'SHAREPOINT', status: 'ACTIVE', index: expect.any(String) },
      ],
      ...Array.from({ length: 3 }, () => ['seat', 'ask-hr', { region: 'us-east-1', type: 'Q_BUSINESS' }]),
    ]);
    // One integration, whatever is said of it.
    expect(new Set(found.map(({ subject }) => subject.app)).size).toBe(1);
    expect(found.filter(({ kind }) => kind === 'seat').map(({ principal }) => principal?.traits)).toEqual([
      ['directory_person'],
      ['directory_person'],
      [],
    ]);
  });

  test('whose parts are refused are there all the same, and each part is a gap below them', async () => {
    const provider = await start({ regions: ['us-east-1'] });
    for (const permission of ['qbusiness:ListPlugins', 'qbusiness:ListDataSources', 'qbusiness:ListSubscriptions'])
      provider.revoke(permission);
    const result = await run(provider, 'assistants');
    const [assistant] = observed(result);
    expect(observed(result)).toHaveLength(1);
    expect(gaps(result).filter(({ byDesign }) => !byDesign)).toMatchObject([
      { scope: `${assistant!.scope}/plugin`, permission: 'qbusiness:ListPlugins' },
      { scope: expect.stringMatching(/\/index\/[^/]+\/data_source$/), permission: 'qbusiness:ListDataSources' },
      { scope: `${assistant!.scope}/subscription`, permission: 'qbusiness:ListSubscriptions' },
    ]);
  });
});

describe('metrics', () => {
  test('tell once of each model that was called, and nothing of who did', async () => {
    const result = await run(await start(), 'model_metrics');
    expect(gaps(result)).toEqual([]);
    expect(observed(result)).toMatchObject([
      { kind: 'usage', subject: { name: 'amazon.nova-lite-v1:0' }, attributes: { region: 'us-east-1', model: 'amazon.nova-lite-v1:0' } },
    ]);
    expect(observed(result)[0]).not.toHaveProperty('principal');
    const [claim] = result.collectors[0]!.events.filter((event) => event.type === 'covered');
    expect((Date.parse(claim!.window!.to) - Date.parse(claim!.window!.from)) / 86_400_000).toBe(14);
  });

  test('that are refused are a gap, and no word that nothing was called', async () => {
    const provider = await start();
    provider.revoke('cloudwatch:ListMetrics');
    const result = await run(provider, 'model_metrics');
    expect(observed(result)).toEqual([]);
    expect(gaps(result).map(({ scope, permission }) => [scope.split('/').slice(-2).join('/'), permission])).toEqual([
      ['eu-central-1/model_metric', 'cloudwatch:ListMetrics'],
      ['us-east-1/model_metric', 'cloudwatch:ListMetrics'],
    ]);
  });
});

describe('names', () => {
  test('of variables are kept where they speak of a credential, with the role of the program', async () => {
    const result = await run(await start(), 'environment_names');
    expect(
      observed(result)
        .map(({ thing }) => thing.split('/').slice(2).join(' '))
        .sort(),
    ).toEqual([
      'ecs:search COHERE_API_KEY',
      'ecs:search PINECONE_API_KEY',
      'lambda:chat-relay OPENAI_API_KEY',
      'lambda:summarise GROQ_API_KEY',
    ]);
  });

  test('of parameters say whether the value is kept in clear', async () => {
    const parameters = observed(await run(await start(), 'secret_names')).filter(({ thing }) => thing.includes('/ssm/'));
    expect(parameters.map(({ subject, attributes }) => [subject.name, attributes['encrypted']])).toEqual([
      ['/shop/flags', false],
      ['/shop/openai_api_key', false],
      ['/shop/mistral-api-key', true],
    ]);
  });
});

describe('values that come in the same answer', () => {
  const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const text = (value: Uint8Array) => new TextDecoder().decode(value);
  test.each([
    ['functions', { Functions: [{ Environment: { Variables: { TOKEN: 'PLANTED' } } }] }],
    [
      'functions whose names spell the member',
      { Functions: [{ Environment: { Variables: { Variables: 'PLANTED', environment: 'PLANTED' } } }] },
    ],
    ['containers', { taskDefinition: { containerDefinitions: [{ environment: [{ name: 'TOKEN', value: 'PLANTED' }] }] } }],
    ['agent runtimes', { agentRuntimeName: 'a', environmentVariables: { TOKEN: 'PLANTED', environmentVariables: 'PLANTED' } }],
  ])('of %s are gone before the SDK reads it, and the names are not', (_of, answer) => {
    const left = text(withoutValues(bytes(answer)));
    expect(left).not.toContain('PLANTED');
    expect(left).toMatch(/TOKEN|"Variables":""/);
  });

  test('where there are none, the bytes stay as they came', () => {
    const answer = bytes({ Functions: [{ FunctionName: 'a' }] });
    expect(withoutValues(answer)).toBe(answer);
  });

  test.each(['{"Functions":[{"Environment":{"Variables":{"A":"PLANTED', '<html>PLANTED</html>', '["PLANTED"]', ''])(
    'are not repeated where the answer is none: %s',
    (broken) => {
      expect(() => withoutValues(new TextEncoder().encode(broken))).toThrow(/^The answer is not the one that AWS documents$/);
    },
  );

  test('come out nowhere, whatever breaks', async () => {
    const provider = await start();
    for (const fault of [undefined, 'cut', 'html', 500] as const) {
      provider.faults.clear();
      for (const operation of ['lambda.ListFunctions', 'ecs.DescribeTaskDefinition', 'bedrock-agentcore-control.GetAgentRuntime'])
        if (fault) provider.faults.add({ operation, fault });
      const runs = [await run(provider, 'environment_names'), await run(provider, 'agents')];
      const said = JSON.stringify(runs.map(({ collectors }) => collectors.map(({ events, error }) => [events, String(error)])));
      for (const canary of provider.canaries) expect(said).not.toContain(canary);
    }
  });
});
