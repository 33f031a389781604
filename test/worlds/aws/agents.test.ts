/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { join } from 'node:path';
import { expect } from 'vitest';
import { openReader } from '../../../src/store/read.ts';
import { newFolder } from '../../cli/run.ts';
import { dawn, runNight, smallCompany, sourceOf, startFake, TENANT } from '../../scan/night.ts';
import { type Night, openWorld, statementsOf } from '../world.ts';
import { accountOf, ago, plantRegions, plantRuntimes } from './estate.ts';
import { about, AI_RULES, only, realGaps, speaking } from './reading.ts';
import { json, regionOf, restError } from './wire.ts';

// Agents and their identities.

const statement = statementsOf('aws');
const AGENTS = ['agents'];

statement('A38', async () => {
  const world = await openWorld('aws');
  plantRegions(world, 'us-east-1');
  const arn = (name: string) => `arn:aws:iam::${accountOf(world)}:role/${name}`;
  plantRuntimes(world, [
    { id: 'orders-a1b2c3d4e5', role: arn('both') },
    { id: 'refunds-a1b2c3d4e5', role: arn('both') },
    { id: 'alone-a1b2c3d4e5', role: arn('alone') },
  ]);
  const night = await world.scan({ collectors: AGENTS });
  expect(night.facts.filter(({ attributes }) => attributes['roleArn'] === arn('both'))).toHaveLength(2);
  const shared = night.findings.filter(({ title, body }) =>
    /shared|same role|share/i.test(`${title} ${String(JSON.parse(body).why)} ${String(JSON.parse(body).details)}`),
  );
  expect(JSON.stringify(shared)).toContain('both');
  expect(JSON.stringify(shared)).not.toContain('alone');
});

statement('A39', async () => {
  const world = await openWorld('aws');
  plantRegions(world, 'us-east-1');
  const gateway = (name: string, authorizerType: string) => ({
    gatewayId: `${name}-0a1b2c3d4e`,
    name,
    status: 'READY',
    createdAt: ago(9).toISOString(),
    updatedAt: ago(9).toISOString(),
    authorizerType,
    protocolType: 'MCP',
  });
  world.plant('bedrock-agentcore-control.ListGateways', () =>
    json({ items: [gateway('open-tools', 'NONE'), gateway('shut-tools', 'CUSTOM_JWT')] }),
  );
  const night = await world.scan({ collectors: AGENTS });
  expect(about(night, 'open-tools')).toHaveLength(1);
  const open = (name: string) =>
    speaking(night, name).filter(({ rule, title, body }) => !AI_RULES.has(rule) && /open|anybody|anyone|without/i.test(`${title} ${body}`));
  expect(open('shut-tools')).toEqual([]);
  expect(open('open-tools')).toHaveLength(1);
});

statement('A40', async () => {
  const company = smallCompany(12);
  const [aws, github] = await Promise.all([startFake('aws', company), startFake('github', company)]);
  try {
    // The installation that GitHub's inventory calls Claude, and nothing that the catalog knows of itself.
    const clientId = 'Iv23liQq7PlantedHere';
    github.plant('GET /orgs/{org}/installations', (_request, _nth, usual) => {
      const answer = usual();
      const body = answer.body as { installations: Record<string, unknown>[] };
      const installations = body.installations.map((row) => (row['app_slug'] === 'claude' ? { ...row, client_id: clientId } : row));
      return { ...answer, body: { ...body, installations } };
    });
    aws.plant('bedrock-agentcore-control.GetOauth2CredentialProvider', (_request, _nth, usual) => {
      const answer = usual();
      const config = { githubOauth2ProviderConfig: { oauthDiscovery: {}, clientId } };
      return { ...answer, body: { ...(answer.body as object), oauth2ProviderConfigOutput: config } };
    });
    const sources = await Promise.all([
      sourceOf({ name: 'github', config: github.config }),
      sourceOf({ name: 'aws', config: aws.config, collectors: await only('aws', AGENTS) }),
    ]);
    const database = join(newFolder(), 'noctule.db');
    await runNight(database, { sources, environment: { ...aws.environment, ...github.environment }, from: dawn(company, 0) });
    const reader = openReader(database);
    const findings = reader.findings({ tenant: TENANT, states: ['open', 'acknowledged', 'excepted'], limit: -1 });
    reader.close();
    const claude = findings.find(({ connector, name }) => connector === 'github' && /claude/i.test(name));
    expect(claude?.product).toMatch(/^anthropic\//);
    const provider = findings.filter(({ connector, appId }) => connector === 'aws' && appId.startsWith('oauth_provider/'));
    expect(provider.map(({ product }) => product)).toContain(claude!.product);
  } finally {
    await Promise.all([aws.close(), github.close()]);
  }
});

statement('A41', async () => {
  const world = await openWorld('aws');
  const account = accountOf(world);
  const id = 'orders-a1b2c3d4e5';
  const plantForm = (runtime: string, service: string) => {
    plantRegions(world, 'us-east-1');
    plantRuntimes(world, [{ id, arn: `arn:aws:bedrock-agentcore:us-east-1:${account}:${runtime}` }]);
    const credentialProviderArn = `arn:aws:${service}:us-east-1:${account}:token-vault/default/apikeycredentialprovider/search`;
    const provider = { name: 'search', credentialProviderArn, createdTime: 1_780_000_000, lastUpdatedTime: 1_780_000_000 };
    world.plant('bedrock-agentcore-control.ListApiKeyCredentialProviders', () => json({ credentialProviders: [provider] }));
  };
  plantForm(`runtime/${id}`, 'bedrock-agentcore');
  const first = await world.scan({ collectors: AGENTS });
  plantForm('agent/0f1e2d3c-4b5a-4968-8776-655443322110:1', 'acps');
  const second = await world.scan({ collectors: AGENTS, night: 1 });
  const things = (night: Night) => night.facts.filter(({ kind }) => /agent|api_key/.test(kind)).map(({ thing, state }) => [thing, state]);
  expect(things(first)).toHaveLength(2);
  expect(things(second)).toEqual(things(first));
  expect(second.facts.some(({ attributes }) => JSON.stringify(attributes).includes(':acps:'))).toBe(true);
  expect(second.changes.filter((change) => ['appeared', 'gone', 'returned'].includes(change.class))).toEqual([]);
});

statement('A42', async () => {
  const world = await openWorld('aws');
  plantRegions(world, 'us-east-1', 'eu-west-1', 'ap-south-1');
  const runtimes = [{ id: 'orders-a1b2c3d4e5' }];
  plantRuntimes(world, runtimes);
  const list = 'bedrock-agentcore-control.ListAgentRuntimes';
  world.plant(list, (request) =>
    regionOf(request) === 'eu-west-1'
      ? restError(403, 'AccessDeniedException')
      : json({
          agentRuntimes: runtimes.map(({ id }) => ({
            agentRuntimeArn: `arn:aws:bedrock-agentcore:${regionOf(request)}:${accountOf(world)}:runtime/${id}`,
            agentRuntimeId: id,
            agentRuntimeVersion: '1',
            agentRuntimeName: 'orders',
            description: '',
            lastUpdatedAt: ago(5).toISOString(),
            status: 'READY',
          })),
        }),
  );
  const night = await world.scan({ collectors: AGENTS });
  const agents = night.facts.filter(({ kind }) => kind === 'agent').map(({ attributes }) => attributes['region']);
  expect(agents).toHaveLength(2);
  expect(new Set(agents)).toEqual(new Set(['ap-south-1', 'us-east-1']));
  // What else the planted regions would answer is not planted.
  const gaps = realGaps(night).filter(({ permission }) => permission?.endsWith('AgentRuntimes'));
  expect(gaps.map(({ reason, permission }) => [reason, permission])).toEqual([
    ['permission_denied', 'bedrock-agentcore:ListAgentRuntimes'],
  ]);
  expect(gaps[0]!.scope).toContain('eu-west-1');
  expect(night.source.state).toBe('partly');
});
