import { afterEach, describe, expect, test } from 'vitest';
import { fake } from '../../../connectors/aws/fake/index.ts';
import { connector } from '../../../connectors/aws/index.ts';
import type { Connector, Gap, Observation, ScanEvent } from '../../../src/connector/index.ts';
import { identitiesOf } from '../../../src/commands/identities.ts';
import { tiesOf } from '../../../src/identity/person.ts';
import { hidingBy } from '../../../src/persons/hiding.ts';
import { openReader } from '../../../src/store/read.ts';
import { createCompany } from '../../../src/testing/company.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { runConnector } from '../../../src/testing/runner.ts';
import { dawn, runNight, smallCompany, sourceOf, startFake, TENANT } from '../../scan/night.ts';
import { temporaryFolder } from '../../store/facts.ts';
import { openWorld } from '../../worlds/world.ts';
import { rowsOf } from '../../store/logical-dump.ts';

const open: FakeProvider[] = [];
afterEach(async () => {
  for (const provider of open.splice(0)) await provider.close();
});

async function start(): Promise<FakeProvider> {
  const provider = await fake.start(createCompany({ people: 12 }));
  open.push(provider);
  return provider;
}

async function read(provider: FakeProvider, only = ['identity_store'], config: object = {}) {
  const run = await runConnector(connector as Connector, { ...provider, config: { ...provider.config, ...config } }, { only });
  const events: ScanEvent[] = run.collectors.flatMap((collector) => collector.events);
  return {
    account: run.account!.id,
    events,
    seen: events.filter((event): event is Observation => event.type === 'observation'),
    gaps: events.filter((event): event is Gap => event.type === 'gap'),
    covered: events.filter((event) => event.type === 'covered').map(({ scope }) => scope),
  };
}

/** What AWS answers, made otherwise. */
function changed<Body>(provider: FakeProvider, operation: string, change: (body: Body) => object) {
  provider.plant(operation, (_request, _nth, usual) => {
    const { status, headers, body } = usual();
    return { status, ...(headers && { headers }), body: change(body as Body) };
  });
}
/** The list of users, as AWS would answer it. */
const listed = (provider: FakeProvider, ...Users: object[]) => changed(provider, 'identitystore.ListUsers', () => ({ Users }));
const inStore = (UserId: string, more: object) => ({ IdentityStoreId: 'd-0123456789', UserId, ...more });
const asked = (provider: FakeProvider, operation: string) => provider.requests.filter((request) => request.operation === operation).length;

const ADA = inStore('u-ada', {
  UserName: 'ada',
  ExternalIds: [{ Issuer: 'https://idp.example/scim', Id: '00u1' }],
  Name: { Formatted: 'Ada Countess', FamilyName: 'Countess' },
  DisplayName: 'Ada Countess',
  NickName: 'Countess',
  Emails: [{ Value: 'Ada@corp.example', Primary: true }],
  PhoneNumbers: [{ Value: '+44 20 7946 0000' }],
  Addresses: [{ StreetAddress: '12 St James Square' }],
  Title: 'Analyst',
  Birthdate: '1815-12-10',
  UserStatus: 'ENABLED',
});
const EMERGENCY = inStore('u-emergency', { UserName: 'emergency', Emails: [{ Value: 'ada@corp.example', Primary: true }] });

function stated(seen: readonly Observation[], id: string) {
  const fact = seen.find(({ principal }) => principal?.id === id)!;
  return { ...fact, principal: fact.principal! };
}

describe('people of Identity Center', () => {
  test('are listed page after page, and of each only what tells who it is', async () => {
    const provider = await start();
    const { account, seen, gaps, covered } = await read(provider);
    expect(gaps).toEqual([]);
    expect(covered).toEqual([`account/${account}`]);
    expect(asked(provider, 'identitystore.ListUsers')).toBe(Math.ceil(seen.length / 2));
    expect(seen.length).toBeGreaterThan(6);
    // It is no list of what people may do: permission sets are not read.
    expect(new Set(seen.map(({ kind, permissions }) => `${kind} ${permissions.length}`))).toEqual(new Set(['control 0']));

    listed(provider, ADA);
    const { events } = await read(provider);
    const [fact] = events.filter((event) => event.type === 'observation');
    expect(fact).toEqual({
      type: 'observation',
      thing: 'identity_store_user/u-ada',
      nativeId: 'identity_store_user/u-ada',
      kind: 'control',
      scope: expect.stringMatching(/^account\/\d+\/region\/us-east-1\/identity_center\/[^/]+\/identity_store_user\/u-ada$/),
      subject: { app: expect.stringMatching(/^identity_store\/d-[0-9a-f]{10}$/), name: 'ada' },
      principal: { id: 'u-ada', name: 'ada', traits: ['interactive_login', 'directory_person'], standing: 'active' },
      signals: [],
      permissions: [],
      attributes: {
        region: 'us-east-1',
        identityStore: expect.stringMatching(/^d-/),
        email: 'Ada@corp.example',
        externalIds: [{ issuer: 'https://idp.example/scim', externalId: '00u1' }],
      },
      evidence: { source: 'identitystore.ListUsers', url: expect.stringContaining('/singlesignon/') },
    });
    for (const unread of ['Countess', '7946', 'James', 'Analyst', '1815']) expect(JSON.stringify(events)).not.toContain(unread);
  });

  test('are switched off, or nothing is said of that', async () => {
    const provider = await start();
    listed(provider, inStore('u-1', { UserName: 'a', UserStatus: 'DISABLED' }), inStore('u-2', { UserName: 'b' }), inStore('u-3', {}));
    const { seen } = await read(provider);
    expect(seen.map(({ principal }) => [principal!.name, principal!.standing])).toEqual([
      ['a', 'suspended'],
      ['b', undefined],
      ['u-3', undefined],
    ]);
  });

  test('that may not be listed are a gap that names the permission and the owner, and no list without rows', async () => {
    const provider = await start();
    provider.revoke('identitystore:ListUsers');
    const { seen, gaps } = await read(provider);
    expect(seen).toEqual([]);
    expect(gaps).toEqual([
      {
        type: 'gap',
        scope: expect.stringMatching(/\/identity_center\/[^/]+\/identity_store_user$/),
        reason: 'permission_denied',
        permission: 'identitystore:ListUsers',
        effect: 'Who the people of one instance of Identity Center in the region us-east-1 are is unknown',
      },
    ]);
    type Instances = { Instances: object[] };
    changed<Instances>(provider, 'sso-admin.ListInstances', ({ Instances: [instance] }) => ({
      Instances: [{ ...instance, OwnerAccountId: '012345678910' }],
    }));
    const asDelegated = await read(provider);
    expect(asDelegated.gaps.map(({ reason, effect }) => [reason, effect])).toEqual([
      [
        'permission_denied',
        'Who the people of one instance of Identity Center, which belongs to the account 012345678910, in the region us-east-1 are is unknown',
      ],
    ]);
  });

  test('of whom a page is missing are not listed in part', async () => {
    const provider = await start();
    provider.faults.add({ operation: 'identitystore.ListUsers', fault: 500, nth: 2 });
    const { seen, gaps } = await read(provider);
    expect(seen).toEqual([]);
    expect(gaps.map(({ reason, scope }) => [reason, scope.split('/').at(-1)])).toEqual([['provider_error', 'identity_store_user']]);
  });

  test('are unknown where instances may not be listed, and where AWS does not name their directory', async () => {
    const provider = await start();
    provider.revoke('sso:ListInstances');
    expect((await read(provider)).gaps.map(({ permission }) => permission)).toEqual(['sso:ListInstances']);
    provider.restore('sso:ListInstances');
    type Instances = { Instances: { IdentityStoreId?: string }[] };
    changed<Instances>(provider, 'sso-admin.ListInstances', ({ Instances: [instance] }) => {
      const { IdentityStoreId: _store, ...rest } = instance!;
      return { Instances: [rest] };
    });
    const { seen, gaps } = await read(provider);
    expect([seen, asked(provider, 'identitystore.ListUsers')]).toEqual([[], 0]);
    expect(gaps.map(({ reason, effect }) => [reason, effect])).toEqual([
      ['provider_error', 'AWS does not name the identity store of this instance of Identity Center: its people are unknown'],
    ]);
    // Nor is anybody who was assigned taken for gone.
    const assigned = await read(provider, ['identity_center']);
    expect(assigned.gaps.map(({ reason, scope }) => [reason, scope.split('/').slice(-2).join('/')])).toEqual([
      ['provider_error', 'assignments/identity_store_user'],
    ]);
  });

  test('are read where Identity Center is at home, and a gap by design elsewhere', async () => {
    const provider = await start();
    type Instances = { Instances: object[] };
    changed<Instances>(provider, 'sso-admin.ListInstances', ({ Instances: [instance] }) => ({
      Instances: [{ ...instance, PrimaryRegion: 'eu-west-1' }],
    }));
    const { gaps } = await read(provider);
    expect(asked(provider, 'identitystore.ListUsers')).toBe(0);
    expect(gaps.map(({ byDesign, effect }) => [byDesign, effect])).toEqual([
      [true, 'People of this instance of Identity Center are read in the region eu-west-1 alone, to which it belongs'],
    ]);
  });

  test('that there are none is known where there is no Identity Center', async () => {
    const provider = await fake.start(createCompany({ people: 12 }), { empty: true });
    open.push(provider);
    const { account, seen, gaps, covered } = await read(provider);
    expect([seen, gaps, covered]).toEqual([[], [], [`account/${account}`]]);
  });

  test('of whom one cannot be understood are stated without him, and the list is not whole', async () => {
    const provider = await start();
    listed(provider, ADA, inStore('', { UserName: 'nobody' }));
    const { seen, gaps } = await read(provider);
    expect(seen.map(({ principal }) => principal!.id)).toEqual(['u-ada']);
    expect(gaps.map(({ reason, scope }) => [reason, scope.split('/').at(-1)])).toEqual([['provider_error', 'identity_store_user']]);
  });
});

describe('the person behind', () => {
  const addressed = (value: string) => ({
    connector: 'mail',
    account: 'C1',
    id: '1',
    evidence: [{ by: 'verified_address', value }] as const,
  });
  const at = (account: string, fact: ReturnType<typeof stated>) => ({
    connector: 'aws',
    account,
    id: fact.principal.id,
    evidence: connector.personBehind!(fact),
  });

  test('a user is whom the identity provider that made him says', async () => {
    const provider = await start();
    listed(provider, ADA);
    const { seen } = await read(provider);
    const ada = stated(seen, 'u-ada');
    const issuer = `${ada.attributes['identityStore'] as string}/https:%2F%2Fidp.example%2Fscim`;
    expect(connector.personBehind!(ada)).toEqual([
      { by: 'directory_user', value: 'u-ada', issuer: 'AWS Identity Store' },
      { by: 'directory_user', value: '00u1', issuer },
      { by: 'scim_user_name', value: 'ada', issuer },
      { by: 'scim_address', value: 'Ada@corp.example', issuer },
    ]);
    const own = at('111122223333', ada);
    expect(tiesOf([own, addressed('ada@corp.example')]).get(own)).toEqual([
      { other: { connector: 'mail', account: 'C1', id: '1' }, by: 'SCIM address = verified address' },
    ]);
  });

  test('a user is known by what his provider calls him within one identity store, whoever else calls somebody so', async () => {
    const provider = await start();
    listed(provider, { ...ADA, Emails: [] });
    const ada = stated((await read(provider)).seen, 'u-ada');
    const own = at('111122223333', ada);
    const elsewhere = { ...ada, principal: { ...ada.principal, id: 'u-2' }, attributes: { ...ada.attributes, identityStore: 'd-other' } };
    expect(tiesOf([own, at('210987654321', elsewhere)])).toEqual(new Map());
    // Two accounts that are shown the same identity store know the same people.
    expect(
      tiesOf([own, at('210987654321', ada)])
        .get(own)
        ?.map(({ by }) => by),
    ).toEqual(['user of the directory = user of the directory', 'SCIM userName = SCIM userName']);
  });

  test('a user whom an administrator wrote down is nobody else, whatever address stands there', async () => {
    const provider = await start();
    listed(provider, EMERGENCY);
    const own = at('111122223333', stated((await read(provider)).seen, 'u-emergency'));
    expect(own.evidence.map(({ by }) => by)).toEqual(['directory_user']);
    expect(tiesOf([own, addressed('ada@corp.example')])).toEqual(new Map());
  });

  test('a seat in another account is the user of its id', async () => {
    const provider = await start();
    const { seen } = await read(provider, ['identity_store', 'assistants']);
    const seat = seen.find(({ kind, principal }) => kind === 'seat' && principal!.traits.length > 0)!;
    const user = seen.find(({ kind, principal }) => kind === 'control' && principal!.id === seat.principal!.id)!;
    const [holder, person] = [
      at('210987654321', stated([seat], seat.principal!.id)),
      at('111122223333', stated([user], seat.principal!.id)),
    ];
    expect(tiesOf([holder, person]).get(holder)).toEqual([
      {
        other: { connector: 'aws', account: '111122223333', id: seat.principal!.id },
        by: 'user of the directory = user of the directory',
      },
    ]);
    const group = seen.find(({ kind, principal }) => kind === 'seat' && principal!.traits.length === 0)!;
    expect(connector.personBehind!(stated([group], group.principal!.id))).toEqual([]);
  });
});

describe('an assignment to an application', () => {
  const seats = (seen: readonly Observation[]) =>
    seen.filter(({ kind }) => kind === 'seat').map(({ principal }) => principal!.name.replace(/^.*@/, '@'));

  test('has its holder’s name, and the users are asked for once', async () => {
    const provider = await start();
    const { seen, gaps } = await read(provider, ['identity_store', 'identity_center']);
    expect(gaps).toEqual([]);
    // One of them is known by a login.
    expect(seats(seen).toSorted()).toEqual(['@lanternworks.example', '@lanternworks.example', expect.stringMatching(/^\w+\.\w+\.2$/)]);
    const users = seen.filter(({ kind, principal }) => kind === 'control' && principal).length;
    expect(asked(provider, 'identitystore.ListUsers')).toBe(Math.ceil(users / 2));
    expect(asked(provider, 'sso-admin.ListInstances')).toBe(1);
  });

  test('is not stated anew where the names are refused: how many there are is known', async () => {
    const provider = await start();
    provider.revoke('identitystore:ListUsers');
    const { seen, gaps } = await read(provider, ['identity_center']);
    expect(seats(seen)).toEqual([]);
    expect(seen.find(({ attributes }) => attributes['assignedUsers'] === 3)).toBeDefined();
    expect(gaps.map(({ scope, permission, effect }) => [scope.split('/').slice(-2).join('/'), permission, effect])).toEqual([
      [
        'assignments/identity_store_user',
        'identitystore:ListUsers',
        'Of the people who are assigned to one application in the region us-east-1 themselves it is known only how many they are',
      ],
    ]);
  });

  test('asks no second time where it was refused', async () => {
    const provider = await start();
    provider.revoke('identitystore:ListUsers');
    const { gaps } = await read(provider, ['identity_store', 'identity_center']);
    expect(gaps.map(({ permission }) => permission)).toEqual(['identitystore:ListUsers', 'identitystore:ListUsers']);
    expect(asked(provider, 'identitystore.ListUsers')).toBe(1);
    provider.revoke('sso:ListInstances');
    const both = await read(provider, ['identity_store', 'identity_center']);
    expect(both.gaps.map(({ permission }) => permission)).toEqual(['sso:ListInstances', 'sso:ListInstances']);
    expect(asked(provider, 'sso-admin.ListInstances')).toBe(2);
  });

  test('of somebody whose user cannot be understood stays as it was', async () => {
    const world = await openWorld('aws');
    const plan = { collectors: ['identity_store', 'identity_center'] };
    const before = await world.scan(plan);
    const [seat, ...others] = before.facts.filter(({ kind }) => kind === 'seat');
    const held = seat!.principal!;
    world.plant('identitystore.ListUsers', (_request, _nth, usual) => {
      const { status, headers, body } = usual();
      const { Users, ...rest } = body as { Users: { UserId: string }[] };
      const broken = Users.map((user) => (user.UserId === held.id ? { ...user, UserName: '' } : user));
      return { status, ...(headers && { headers }), body: { ...rest, Users: broken } };
    });
    const after = await world.scan({ ...plan, from: new Date(Date.UTC(2026, 9, 2, 2)) });
    expect(held.name).not.toBe(held.id);
    expect(after.facts.filter(({ kind }) => kind === 'seat').map(({ principal, state }) => [principal!.name, state])).toEqual(
      expect.arrayContaining([[held.name, 'unverified'], ...others.map(({ principal }) => [principal!.name, 'present'])]),
    );
    expect(after.changes.filter(({ kind }) => kind === 'seat').map((change) => change.class)).toEqual(['unverified']);
    const place = 'assignments/identity_store_user';
    expect(after.gaps.filter(({ scope }) => scope.endsWith(place))).toMatchObject([
      { reason: 'provider_error', effect: expect.stringContaining('only how many they are') },
    ]);
  });

  test('of somebody who was deleted keeps his id', async () => {
    const provider = await start();
    provider.night(1);
    const { seen } = await read(provider, ['identity_center']);
    const unnamed = seen.filter(({ kind, principal }) => kind === 'seat' && principal!.name === principal!.id);
    expect(unnamed).toHaveLength(1);
  });
});

describe('a scan', () => {
  const file = temporaryFolder();

  test('knows that a user was deleted, and without the permission it does not', async () => {
    const provider = await startFake('aws', smallCompany(12));
    open.push(provider);
    const source = await sourceOf({ name: 'aws', config: provider.config });
    const database = file();
    const night = (number: number) =>
      runNight(database, { sources: [source], environment: provider.environment, from: dawn(smallCompany(12), number) });
    const states = () =>
      rowsOf<{ state: string; n: number }>(
        database,
        `SELECT state, count(*) AS n FROM observation WHERE native_id LIKE 'identity_store_user/%' GROUP BY state ORDER BY state`,
      ).map(({ state, n }) => `${state} ${n}`);
    await night(0);
    const [present] = states();
    provider.revoke('identitystore:ListUsers');
    provider.night(1);
    await night(1);
    expect(states()).toEqual([present!.replace('present', 'unverified')]);
    provider.restore('identitystore:ListUsers');
    await night(2);
    const count = Number(present!.split(' ')[1]);
    expect(states()).toEqual(['gone 1', `present ${count - 1}`]);
  });

  test('finds who has a seat in another account', async () => {
    const [home, other] = [await startFake('aws', smallCompany(12)), await startFake('aws', createCompany({ seed: 'other', people: 12 }))];
    open.push(home, other);
    const user = home.expected().find(({ ids: [what] }) => what === 'identity_store_user')!;
    changed<{ subscriptions: object[] }>(other, 'qbusiness.ListSubscriptions', ({ subscriptions: [first] }) => ({
      subscriptions: [{ ...first, principal: { user: user.ids[1] } }],
    }));
    const sources = [];
    for (const [name, provider] of Object.entries({ home, other })) {
      const source = await sourceOf({ name, config: provider.config });
      const on = name === 'home' ? 'identity_store' : 'assistants';
      sources.push({ ...source, collectors: Object.fromEntries(source.connector.collectors.map(({ id }) => [id, id === on])) });
    }
    const database = file();
    // Each has its own key under the same name.
    for (const [index, provider] of [home, other].entries())
      await runNight(database, {
        sources: [sources[index]!],
        environment: provider.environment,
        from: dawn(smallCompany(12), index),
        partial: true,
      });
    const reader = openReader(database);
    try {
      const found = (await identitiesOf(reader, TENANT, undefined, undefined)).filter(({ id }) => id === user.ids[1]);
      expect(found.map(({ name, sameAs }) => [name, sameAs.map((tie) => [tie.name, tie.by])])).toEqual(
        expect.arrayContaining([
          [user.name, [[user.ids[1], 'user of the directory = user of the directory']]],
          [user.ids[1], [[user.name, 'user of the directory = user of the directory']]],
        ]),
      );
      expect(found).toHaveLength(2);
    } finally {
      reader.close();
    }
  });

  test('without that collector asks for no user, and says so of each application with people', async () => {
    const provider = await startFake('aws', smallCompany(12));
    open.push(provider);
    const source = { ...(await sourceOf({ name: 'aws', config: provider.config })), collectors: { identity_store: false } };
    const database = file();
    await runNight(database, { sources: [source], environment: provider.environment, from: dawn(smallCompany(12), 0) });
    expect(asked(provider, 'identitystore.ListUsers')).toBe(0);
    expect(rowsOf(database, `SELECT reason, by_design FROM statement WHERE scope LIKE '%/assignments/identity_store_user'`)).toEqual([
      { reason: 'not_of_interest', by_design: 1 },
    ]);
  });
});

test('under pseudonyms nothing that names a user stays', async () => {
  const provider = await start();
  const { seen } = await read(provider, ['identity_store', 'identity_center', 'assistants']);
  const hidden = hidingBy({
    people: connector.people,
    stand: (name) => {
      const [, domain] = name.split('@');
      return `<somebody>${domain === undefined ? '' : `@${domain}`}`;
    },
    verdictOn: () => '',
  });
  const users = seen.filter(({ kind, principal }) => kind === 'control' && principal);
  const names = users.flatMap(({ principal, attributes }) => [
    principal!.id,
    principal!.name,
    ...(attributes['externalIds'] as { externalId: string }[]).map(({ externalId }) => externalId),
    ...(typeof attributes['email'] === 'string' ? [attributes['email']] : []),
  ]);
  expect(names.length).toBeGreaterThan(3 * 8);
  const kept = JSON.stringify(seen.map((fact) => hidden.observation(fact)));
  expect(names.filter((name) => kept.includes(name))).toEqual([]);
});
