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

async function read(provider: FakeProvider, config: object = {}) {
  const run = await runConnector(
    connector as Connector,
    { ...provider, config: { ...provider.config, ...config } },
    { only: ['identity_center'] },
  );
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
      ['seat', [], []],
      ['seat', [], []],
      ['seat', [], []],
    ]);
    expect(own[0]!.attributes).toMatchObject({ managedBy: 'customer', provider: 'custom', status: 'ENABLED' });
    expect(own.find(({ thing }) => thing.startsWith('identity_center_assignments/'))!.attributes).toEqual({
      region: 'us-east-1',
      assignedUsers: 3,
      assignedGroups: 1,
      groups: [expect.any(String)],
    });
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
  const OTHER = '012345678910';
  function belongs(provider: FakeProvider, member: object) {
    provider.plant('sso-admin.ListInstances', (_request, _nth, usual) => {
      const [{ OwnerAccountId: _owner, ...instance }] = (usual().body as { Instances: [{ OwnerAccountId?: string }] }).Instances;
      return json({ Instances: [{ ...instance, ...member }] });
    });
  }
  const asked = (provider: FakeProvider) => provider.requests.some(({ operation }) => operation === 'sso-admin.ListApplications');

  test('that is copied from another region is read there, and a gap by design here', async () => {
    const provider = await start();
    belongs(provider, { PrimaryRegion: 'eu-west-1' });
    const { seen, gaps } = await read(provider);
    expect([seen, asked(provider)]).toEqual([[], false]);
    expect(gaps.map(({ reason, byDesign, effect }) => [reason, byDesign, effect])).toEqual([
      [
        'not_of_interest',
        true,
        'Applications of this instance of Identity Center are read in the region eu-west-1 alone, to which it belongs',
      ],
    ]);
  });

  test('that is copied from a region which is not read is a gap that somebody can close', async () => {
    const provider = await start();
    belongs(provider, { PrimaryRegion: 'eu-west-1' });
    const { seen, gaps } = await read(provider, { regions: ['us-east-1'] });
    expect([seen, asked(provider)]).toEqual([[], false]);
    expect(gaps.filter(({ byDesign }) => !byDesign).map(({ effect }) => effect)).toEqual([
      'Applications of this instance of Identity Center belong to the region eu-west-1, and are read only where that is read',
    ]);
  });

  test('of an account that is not read is asked for here, as a delegated administrator may', async () => {
    const usual = (await read(await start())).seen.filter(({ thing }) => thing.startsWith('identity_center_application/'));
    const provider = await start();
    belongs(provider, { OwnerAccountId: OTHER });
    const { seen, gaps } = await read(provider);
    expect(gaps).toEqual([]);
    expect(seen.filter(({ thing }) => thing.startsWith('identity_center_application/'))).toHaveLength(usual.length);
    expect(seen.find(({ kind }) => kind === 'control')?.attributes).toMatchObject({ owner: OTHER });
  });

  test('of an account that is not read, and which this one may not see into, is a gap that names the owner', async () => {
    const provider = await start();
    belongs(provider, { OwnerAccountId: OTHER });
    provider.revoke('sso:ListApplications');
    const { gaps } = await read(provider);
    expect(gaps.map(({ reason, byDesign, effect }) => [reason, byDesign, effect])).toEqual([
      [
        'permission_denied',
        undefined,
        `Every application of one instance of Identity Center, which belongs to the account ${OTHER}, in the region us-east-1 is unknown`,
      ],
    ]);
  });

  test('without an owner that AWS names belongs to who sees it', async () => {
    const provider = await start();
    belongs(provider, {});
    const { seen, gaps } = await read(provider);
    expect([gaps, asked(provider)]).toEqual([[], true]);
    expect(JSON.stringify([seen, gaps])).not.toContain('undefined');
  });

  test('that there is none is known', async () => {
    const provider = await fake.start(createCompany({ people: 12 }), { empty: true });
    open.push(provider);
    const { account, seen, gaps, covered } = await read(provider);
    expect([seen, gaps, covered]).toEqual([[], [], [`account/${account}`]]);
  });
});
