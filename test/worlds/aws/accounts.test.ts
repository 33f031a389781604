/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { join } from 'node:path';
import { expect } from 'vitest';
import { openReader } from '../../../src/store/read.ts';
import type { FakeRequest } from '../../../src/testing/server.ts';
import { newFolder } from '../../cli/run.ts';
import { runNight, sourceOf, TENANT } from '../../scan/night.ts';
import { openWorld, statementsOf } from '../world.ts';
import { accountOf, ago, detailsPage, trustOf } from './estate.ts';
import { comparable, DETAILS, EXPIRED, IAM_ONLY, only, refusal, ROOT, worldOf } from './reading.ts';
import { formOf, inputOf, json, signerOf, xml, xmlError } from './wire.ts';

// Accounts of an organisation.

const statement = statementsOf('aws');

statement('A57', async () => {
  const world = await openWorld('aws');
  const ids = Array.from({ length: 45 }, (_, index) => String(100_000_000_000 + index));
  const pages = [ids.slice(0, 20), [], ids.slice(20, 40), ids.slice(40)];
  world.plant('organizations.ListAccounts', (request) => {
    const page = Number(inputOf(request)['NextToken'] ?? 0);
    const Accounts = pages[page]!.map((Id) => organisationAccount(Id));
    return json({ Accounts, ...(page < 3 && { NextToken: String(page + 1) }) });
  });
  const night = await world.scan({ collectors: [...IAM_ONLY, 'accounts'], config: ORGANISATION });
  expect(night.sent('organizations.ListAccounts').first).toBe(4);
  expect(ids.filter((id) => JSON.stringify([night.facts, night.gaps]).includes(id))).toHaveLength(45);
});

const ORGANISATION = { organization: { roleName: 'NoctuleReadOnly' } };

const organisationAccount = (Id: string, more: object = { State: 'ACTIVE' }) => ({
  Id,
  Arn: `arn:aws:organizations::111122223333:account/o-a1b2c3d4e5/${Id}`,
  Name: `account ${Id}`,
  Email: `aws+${Id}@lanternworks.example`,
  JoinedMethod: 'CREATED',
  JoinedTimestamp: 1_700_000_000,
  ...more,
});

statement('A58', async () => {
  const world = await openWorld('aws');
  const states = { '100000000001': 'SUSPENDED', '100000000002': 'PENDING_CLOSURE', '100000000003': 'CLOSED' };
  const Accounts = [
    ...Object.entries(states).map(([Id, State]) => organisationAccount(Id, { State })),
    organisationAccount('100000000004', { Status: 'ACTIVE' }),
  ];
  world.plant('organizations.ListAccounts', () => json({ Accounts }));
  const night = await world.scan({ collectors: [...IAM_ONLY, 'accounts'], config: ORGANISATION });
  const assumed = world.asked.filter(({ operation }) => operation === 'sts.AssumeRole').map((request) => formOf(request).get('RoleArn'));
  expect(assumed.filter((arn) => Accounts.some(({ Id }) => arn?.includes(Id)))).toEqual([]);
  for (const { Id } of Accounts) expect(JSON.stringify([night.facts, night.gaps])).toContain(Id);
});

statement('A59', async () => {
  const world = await worldOf({});
  const ids = Array.from({ length: 5 }, (_, index) => String(100_000_000_000 + index));
  let denied = '';
  const sessionOf = (id: string) => `ASIA${id}XXXX`;
  const accountAt = (request: Pick<FakeRequest, 'headers'>) => ids.find((id) => signerOf(request) === sessionOf(id));
  world.plant('sts.AssumeRole', (request) => {
    const id = formOf(request).get('RoleArn')!.split(':')[4]!;
    if (id === denied) return xmlError(403, 'AccessDenied', 'is not authorized to perform: sts:AssumeRole');
    const Credentials = {
      AccessKeyId: sessionOf(id),
      SecretAccessKey: 's'.repeat(40),
      SessionToken: `token${id}`,
      Expiration: ago(-1 / 24),
    };
    return xml('sts.AssumeRole', {
      Credentials,
      AssumedRoleUser: { AssumedRoleId: 'AROAX:noctule', Arn: `arn:aws:sts::${id}:assumed-role/NoctuleReadOnly/noctule` },
    });
  });
  world.plant('sts.GetCallerIdentity', (request) => {
    const id = accountAt(request) ?? accountOf(world);
    return xml('sts.GetCallerIdentity', {
      Arn: `arn:aws:sts::${id}:assumed-role/NoctuleReadOnly/noctule`,
      UserId: 'AROAX:noctule',
      Account: id,
    });
  });
  world.plant('iam.ListAccountAliases', () => xml('iam.ListAccountAliases', { AccountAliases: [], IsTruncated: false }));
  world.plant(DETAILS, (request) =>
    detailsPage(accountAt(request)!, { roles: { open: { trust: trustOf({ AWS: ROOT }) } } }, { IsTruncated: false }),
  );
  const sources = await Promise.all(
    ids.map(async (id) => {
      const assumeRole = { roleArn: `arn:aws:iam::${id}:role/NoctuleReadOnly`, externalId: 'same' };
      return sourceOf({ name: `aws-${id}`, config: { ...world.provider.config, assumeRole }, collectors: await only('aws', IAM_ONLY) });
    }),
  );
  const database = join(newFolder(), 'noctule.db');
  const scan = async () => {
    const outcome = await runNight(database, { sources, environment: world.provider.environment, from: new Date() });
    const reader = openReader(database);
    const findings = reader.findings({ tenant: TENANT, limit: -1 }).filter(({ rule }) => rule === 'trust-without-condition');
    reader.close();
    return {
      states: outcome.sources.map(({ state }) => state),
      messages: outcome.sources.map(({ message }) => message),
      accounts: findings.map(({ account }) => account).sort(),
      unverified: findings.filter(({ unverifiedSince }) => unverifiedSince !== null).map(({ account }) => account),
    };
  };
  expect(await scan()).toMatchObject({ states: ids.map(() => 'read'), accounts: ids, unverified: [] });
  denied = ids[2]!;
  const second = await scan();
  expect(second.states).toEqual(['read', 'read', 'unread', 'read', 'read']);
  expect(second.messages[2]).toMatch(/AssumeRole/);
  expect(second.accounts).toEqual(ids);
  expect(second.unverified).toEqual([denied]);
});

statement('A60', async () => {
  const calm = await openWorld('aws');
  const undisturbed = await calm.scan({ largestPage: 5 });
  const world = await openWorld('aws');
  let first: string | undefined;
  let ended = false;
  let turnedAway = 0;
  for (const operation of new Set(calm.asked.map((request) => request.operation!)))
    if (!operation.startsWith('sts.'))
      world.plant(operation, (request, nth, usual) => {
        first ??= signerOf(request);
        if (operation === DETAILS && nth === 3) ended = true;
        if (!ended || signerOf(request) !== first) return usual();
        turnedAway++;
        return refusal(request, EXPIRED);
      });
  const night = await world.scan({ largestPage: 5 });
  expect(turnedAway).toBeGreaterThan(0);
  expect(night.sent('sts.AssumeRole').first + night.sent('sts.AssumeRole').repeats).toBe(2);
  expect(night.source.state).toBe('read');
  expect(comparable(night)).toEqual(comparable(undisturbed));
});
