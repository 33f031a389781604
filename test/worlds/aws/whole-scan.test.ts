/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import { loadConnector } from '../../../src/scan/registry.ts';

import { openWorld, statementsOf, type World } from '../world.ts';
import { accountOf, ago, detailsPage, plantRegions, plantReport, plantRuntimes, reportOf } from './estate.ts';
import { PLANNED } from './planned.ts';
import { about, comparable, DETAILS, IAM_ONLY, KEY_READERS, keysWorld, openKeys, pacedScan, realGaps, timesOf } from './reading.ts';
import { formOf, json, xml, xmlError } from './wire.ts';

// The whole scan.

const statement = statementsOf('aws');

statement('A62', async () => {
  const world = await openWorld('aws');
  const night = await world.scan({ night: 0 });
  expect(night.source.state).toBe('read');
  const planned = new Set(
    Object.entries(PLANNED).flatMap(([service, actions]) => actions.split(' ').map((action) => `${service}.${action}`)),
  );
  expect(new Set(world.asked.map(({ operation }) => operation ?? 'unknown')).size).toBeGreaterThan(25);
  expect(
    world.asked
      .filter(({ operation }) => !planned.has(operation ?? 'unknown'))
      .map(({ operation, url, body }) => [operation, url.pathname, body]),
  ).toEqual([]);
  const profiles = world.asked.filter(({ operation }) => operation === 'bedrock.ListInferenceProfiles');
  expect(profiles.map(({ url }) => url.searchParams.get('type') ?? url.searchParams.get('typeEquals'))).toEqual(
    profiles.map(() => 'APPLICATION'),
  );
  expect(profiles.length).toBeGreaterThan(0);
  const wanted = ['WithDecryption', 'IncludeValues', 'includeValues', 'IncludePlannedDeletion'];
  expect(world.asked.filter(({ url, body }) => wanted.some((word) => `${url.search}${body}`.includes(word)))).toEqual([]);
});

statement('A63', async () => {
  const world = await openWorld('aws');
  const first = await world.scan();
  const second = await world.scan();
  expect(second.changes.filter((change) => change.class !== 'persisting')).toEqual([]);
  expect(second.outcome.classes['persisting']).toBeGreaterThan(100);
  expect(openKeys(second)).toEqual(openKeys(first));
  expect(openKeys(first).length).toBeGreaterThan(10);
  expect(comparable(second)).toEqual(comparable(first));
  const other = await world.scan({ night: 1 });
  expect(other.changes.filter((change) => change.class !== 'persisting')).not.toEqual([]);
});

statement('A64', async () => {
  const world = await keysWorld({ ann: {} }, { user: 'ann', status: 'Frozen' });
  plantRegions(world, 'us-east-1');
  plantRuntimes(world, [{ id: 'orders-a1b2c3d4e5', status: 'HIBERNATING' }]);
  const provider = {
    name: 'notes',
    credentialProviderVendor: 'TomorrowOauth2',
    credentialProviderArn: 'arn:aws:bedrock-agentcore:us-east-1:111122223333:token-vault/default/oauth2credentialprovider/notes',
    createdTime: 1_780_000_000,
    lastUpdatedTime: 1_780_000_000,
  };
  world.plant('bedrock-agentcore-control.ListOauth2CredentialProviders', () => json({ credentialProviders: [provider] }));
  world.plant('bedrock-agentcore-control.GetOauth2CredentialProvider', () =>
    json({
      ...provider,
      callbackUrl: 'https://example.com/cb',
      oauth2ProviderConfigOutput: { tomorrowOauth2ProviderConfig: { clientId: 'abc' } },
    }),
  );
  const gateway = {
    gatewayId: 'tools-0a1b2c3d4e',
    name: 'tools',
    status: 'MELTING',
    createdAt: ago(9).toISOString(),
    updatedAt: ago(9).toISOString(),
    authorizerType: 'TELEPATHY',
    protocolType: 'MCP',
  };
  world.plant('bedrock-agentcore-control.ListGateways', () => json({ items: [gateway] }));
  world.plant('bedrock-agentcore-control.ListGatewayTargets', () => json({ items: [] }));
  const night = await world.scan({ collectors: [...KEY_READERS, 'agents'] });
  expect(realGaps(night)).toEqual([]);
  expect(night.source.bugs).toEqual([]);
  const stored = JSON.stringify(night.facts);
  expect(['Frozen', 'HIBERNATING', 'TomorrowOauth2', 'TELEPATHY'].filter((value) => !stored.includes(value))).toEqual([]);
});

statement(
  'A65',
  async () => {
    const speed = 4;
    const pages = 8;
    const [throttled, calm] = await Promise.all([openWorld('aws'), openWorld('aws')]);
    calm.plant('sts.GetCallerIdentity', () =>
      xml('sts.GetCallerIdentity', {
        Arn: 'arn:aws:sts::222233334444:assumed-role/NoctuleReadOnly/noctule',
        UserId: 'AROAX:noctule',
        Account: '222233334444',
      }),
    );
    const paged = (world: World, account: string, refuses: boolean) => {
      plantReport(world, reportOf(account, {}));
      const refused = new Set<string>();
      world.plant(DETAILS, (request) => {
        const marker = formOf(request).get('Marker') ?? '0';
        if (refuses && !refused.has(marker)) return refused.add(marker) && xmlError(400, 'Throttling', 'Rate exceeded');
        const next = Number(marker) + 1;
        return detailsPage(
          account,
          { roles: { [`role-${marker}`]: {} } },
          { IsTruncated: next < pages, ...(next < pages && { Marker: String(next) }) },
        );
      });
    };
    paged(throttled, accountOf(throttled), true);
    paged(calm, '222233334444', false);
    await Promise.all([throttled, calm].map((world) => pacedScan(world, IAM_ONLY, speed)));
    const [slow, fast] = [timesOf(throttled, DETAILS, speed), timesOf(calm, DETAILS, speed)];
    expect([slow.length, fast.length]).toEqual([2 * pages, pages]);
    // Five a second and no fewer, whatever the other account answers; the burst of §10 is twenty, so only the spacing tells.
    const took = (times: number[]) => times.at(-1)! - times[0]!;
    expect(took(fast)).toBeGreaterThan(((pages - 1) / 5) * 1000 * 0.8);
    expect(took(fast)).toBeLessThan(((pages - 1) / 5) * 1000 * 2);
    expect(took(slow)).toBeGreaterThan(took(fast) * 2);
  },
  { retry: 2 },
);

statement('A66', async () => {
  const connector = await loadConnector('aws');
  expect(connector.operations.map(({ id }) => id).filter((id) => id.startsWith('qbusiness.'))).not.toEqual([]);
  const world = await openWorld('aws');
  const application = {
    applicationId: 'a1b2c3d4-0001-4002-8003-000000000001',
    displayName: 'desk-helper',
    status: 'ACTIVE',
    createdAt: 1_780_000_000,
    updatedAt: 1_780_000_000,
  };
  world.plant('qbusiness.ListApplications', () => json({ applications: [application] }));
  const night = await world.scan();
  expect(about(night, 'desk-helper')).not.toEqual([]);
});
