import { afterEach, describe, expect, test } from 'vitest';
import { fake } from '../../../connectors/aws/fake/index.ts';
import { connector } from '../../../connectors/aws/index.ts';
import type { Connector, Gap, Observation } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { runConnector } from '../../../src/testing/runner.ts';

const open: FakeProvider[] = [];
afterEach(async () => {
  for (const provider of open.splice(0)) await provider.close();
});

async function start(): Promise<FakeProvider> {
  const provider = await fake.start(createCompany({ people: 12 }));
  open.push(provider);
  return provider;
}

async function read(provider: FakeProvider) {
  const run = await runConnector(connector as Connector, provider, { only: ['identity_center'] });
  const events = run.collectors.flatMap((collector) => collector.events);
  return {
    account: run.account!.id,
    seen: events.filter((event): event is Observation => event.type === 'observation'),
    gaps: events.filter((event): event is Gap => event.type === 'gap'),
    covered: events.filter((event) => event.type === 'covered').map(({ scope }) => scope),
  };
}

const json = (body: object) => ({ status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body });

describe('an application of Identity Center', () => {
  test('is one integration, whatever is said of it, and the hosts that tokens are sent to say whose it is', async () => {
    const { seen, gaps } = await read(await start());
    expect(gaps).toEqual([]);
    const own = seen.filter(({ subject }) => subject.name === 'notes for meetings');
    expect(new Set(own.map(({ subject }) => subject.app)).size).toBe(1);
    expect(own.map(({ kind, signals, permissions }) => [kind, signals, permissions])).toEqual([
      [
        'app_installation',
        [
          { type: 'app_name', value: 'notes for meetings' },
          { type: 'domain', value: 'notes.lanternworks.example' },
        ],
        [],
      ],
      // A program on a person's own machine is nobody's host.
      ['oauth_grant', [{ type: 'domain', value: 'chatgpt.com' }], []],
      ['oauth_grant', [], []],
      ['oauth_grant', [], ['sso:account:access']],
      ['oauth_grant', [], ['codewhisperer:conversations']],
      ['oauth_grant', [], ['codewhisperer:analysis']],
      ['app_installation', [], []],
    ]);
    expect(own[0]!.attributes).toMatchObject({ managedBy: 'customer', provider: 'custom', status: 'ENABLED' });
    expect(own.at(-1)!.attributes).toEqual({ region: 'us-east-1', assignedUsers: 2, assignedGroups: 1, groups: [expect.any(String)] });
    expect(JSON.stringify(own)).not.toContain('state=1');
  });

  test('that may open AWS itself says so in plain words', () => {
    const opens = connector.meaning('sso:account:access');
    expect(opens).toMatchObject({ dataClass: 'cloud', access: 'write', known: true });
    // A scope that nobody explains is shown as it is.
    expect(connector.meaning('unheard:of:access')).toMatchObject({ known: false, access: 'write' });
  });

  test('of AWS says which of its services it is', async () => {
    const { seen } = await read(await start());
    expect(seen.find(({ subject }) => subject.name === 'QDevProfile-us-east-1')?.attributes).toMatchObject({
      managedBy: 'aws',
      provider: 'qdeveloper',
    });
  });

  test('is not counted out where its assignments are refused: that alone is unknown', async () => {
    const provider = await start();
    provider.revoke('sso:ListApplicationAssignments');
    const { seen, gaps } = await read(provider);
    expect(gaps.map(({ scope, permission }) => [scope.split('/').at(-1), permission])).toEqual([
      ['assignments', 'sso:ListApplicationAssignments'],
      ['assignments', 'sso:ListApplicationAssignments'],
    ]);
    expect(seen.filter(({ thing }) => thing.startsWith('identity_center_application/'))).toHaveLength(2);
    expect(seen.filter(({ thing }) => thing.startsWith('identity_center_assignments/'))).toEqual([]);
  });
});

describe('an instance of Identity Center', () => {
  test.each([
    ['that belongs to another account', { OwnerAccountId: '012345678910' }, 'the account 012345678910'],
    ['that is copied from another region', { PrimaryRegion: 'eu-west-1' }, 'the region eu-west-1'],
  ])('%s is read there, and a gap here', async (_what, member, home) => {
    const provider = await start();
    provider.plant('sso-admin.ListInstances', (_request, _nth, usual) => {
      const { Instances } = usual().body as { Instances: object[] };
      return json({ Instances: Instances.map((instance) => ({ ...instance, ...member })) });
    });
    const { seen, gaps } = await read(provider);
    expect(seen).toEqual([]);
    expect(gaps).toMatchObject([{ reason: 'not_of_interest', byDesign: true, effect: expect.stringContaining(home) }]);
    expect(provider.requests.map(({ operation }) => operation)).not.toContain('sso-admin.ListApplications');
  });

  test('that there is none is known', async () => {
    const provider = await fake.start(createCompany({ people: 12 }), { empty: true });
    open.push(provider);
    const { account, seen, gaps, covered } = await read(provider);
    expect([seen, gaps, covered]).toEqual([[], [], [`account/${account}`]]);
  });
});
