import {
  GenerateCredentialReportCommand,
  GenerateServiceLastAccessedDetailsCommand,
  GetAccountAuthorizationDetailsCommand,
  type GetAccountAuthorizationDetailsResponse,
  GetAccountSummaryCommand,
  GetCredentialReportCommand,
  GetOpenIDConnectProviderCommand,
  GetOutboundWebIdentityFederationInfoCommand,
  GetServiceLastAccessedDetailsCommand,
  IAMClient,
  ListAccountAliasesCommand,
  ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
  ListServiceSpecificCredentialsCommand,
  paginateGetAccountAuthorizationDetails,
  type RoleDetail,
  type ServiceSpecificCredentialMetadata,
  type UserDetail,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, test } from 'vitest';
import { fake, SCANNER_ROLE } from '../../../connectors/aws/fake/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import type { FakeOptions, FakeProvider } from '../../../src/testing/fake.ts';
import { FAULTS } from '../../../src/testing/faults.ts';

const started: FakeProvider[] = [];
afterEach(async () => {
  for (const provider of started.splice(0)) await provider.close();
});

describe('what the account holds', () => {
  test.each([0, 1, 2, 9])('every list, read through the SDK on night %i, is the stated truth', async (night) => {
    const { provider, iam } = await start({ people: 60 });
    provider.night(night);
    const { users, roles } = await details(iam);
    const rows = await report(iam);
    const credentials = await serviceCredentials(iam);
    const account = rows[0]!['arn']!.split(':')[4]!;
    const idOf = new Map(users.map((user) => [user.UserName, user.UserId]));
    const keys = rows.flatMap((row) =>
      ['access_key_1', 'access_key_2']
        .filter((slot) => row[`${slot}_active`] === 'true' || row[`${slot}_last_rotated`] !== 'N/A')
        .map((slot) => `api_key ${idOf.get(row['user']) ?? 'root'} ${slot}`),
    );
    const oidc = await iam.send(new ListOpenIDConnectProvidersCommand({}));
    const saml = await iam.send(new ListSAMLProvidersCommand({}));
    const read = [
      ...users.map((user) => `${/APIKey-/i.test(user.UserName!) ? 'service_account' : 'identity'} ${user.UserId}`),
      ...keys,
      ...roles.map((role) => `service_account ${role.RoleId}`),
      ...roles.flatMap((role) => [...trustedParties(role, account), ...audiences(role)].map((party) => `trust ${role.RoleId} ${party}`)),
      ...credentials.map((item) => `api_key ${item.ServiceSpecificCredentialId}`),
      ...[...oidc.OpenIDConnectProviderList!, ...saml.SAMLProviderList!].map(({ Arn }) => `vendor_integration ${Arn}`),
      `control outbound_federation ${account}`,
    ];
    expect(read.sort()).toEqual(stated(provider));
    expect(rows.slice(1).map((row) => row['user'])).toEqual(users.map((user) => user.UserName));
  });

  test('an expiry is stated as the list has it, and a key without one never expires', async () => {
    const { provider, iam } = await start();
    const read = (await serviceCredentials(iam)).map((item) => [
      item.ServiceSpecificCredentialId,
      item.ExpirationDate?.toISOString() ?? 'never',
    ]);
    const expiring = inIam(provider).filter((thing) => thing.expiresAt !== undefined);
    expect(read).toEqual(expiring.map((thing) => [thing.ids[0], thing.expiresAt]));
  });

  test('sizes are those of the lists, and the summary of the account agrees', async () => {
    const { provider, iam } = await start({ people: 120 });
    const { users, groups, roles, policies } = await details(iam);
    const sizes = provider.sizes();
    expect(sizes).toMatchObject({ users: users.length, roles: roles.length, entities: users.length + groups + roles.length + policies });
    expect(sizes['service_credentials']).toBe((await serviceCredentials(iam)).length);
    const { SummaryMap } = await iam.send(new GetAccountSummaryCommand({}));
    expect(SummaryMap).toMatchObject({ Users: users.length, Groups: groups, Roles: roles.length, Policies: policies, Providers: 4 });
  });

  test('the same company has the same account, and another seed has another', async () => {
    const first = await start();
    const second = await start();
    const third = await start({ seed: 'other' });
    expect(second.provider.expected()).toEqual(first.provider.expected());
    expect(second.provider.environment).toEqual(first.provider.environment);
    // The root user and the switch of outbound federation are called so in every account.
    const ids = new Set(['root', 'outbound_federation', ...inIam(third.provider).map((thing) => thing.ids[0])]);
    const own = inIam(first.provider).filter((thing) => !['root', 'outbound_federation'].includes(thing.ids[0]!));
    expect(own.filter((thing) => ids.has(thing.ids[0]))).toEqual([]);
  });

  test('a policy document is percent-encoded once, reserved characters included', async () => {
    const { iam } = await start();
    const page = await iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Group'], MaxItems: 1000 }));
    const encoded = page.GroupDetailList!.find((group) => group.GroupName === 'developers')!.GroupPolicyList![0]!.PolicyDocument!;
    expect(encoded).toMatch(/^[A-Za-z0-9\-._~%]+$/);
    expect(JSON.parse(decodeURIComponent(encoded)).Statement.Resource).toBe('arn:aws:s3:::exports/100%/*');
  });

  test('a role says when it was last used, that it was not within the tracking period, or nothing', async () => {
    const { iam } = await start();
    const { roles } = await details(iam);
    const forms = roles.map(({ RoleLastUsed: use }) => (use === undefined ? 'absent' : use.LastUsedDate ? 'date' : 'empty'));
    expect(new Set(forms)).toEqual(new Set(['absent', 'date', 'empty']));
  });

  test('an empty account has a root user without keys and nothing else', async () => {
    const { provider, iam } = await start({ people: 400 }, { empty: true });
    expect(provider.expected().map(({ kind, ids: [first, second] }) => [kind, first, second])).toEqual([
      ['control', 'outbound_federation', expect.stringMatching(/^\d{12}$/)],
      ['control', 'us-east-1', 'invocation_logging'],
    ]);
    expect(await details(iam)).toEqual({ users: [], groups: 0, roles: [], policies: 0 });
    expect(await serviceCredentials(iam)).toEqual([]);
    const rows = await report(iam);
    expect(rows).toMatchObject([{ user: '<root_account>', access_key_1_active: 'false', access_key_1_last_rotated: 'N/A' }]);
  });

  test('the root user of a large company has an access key, that of a small one has none', async () => {
    const large = await report((await start({ people: 400 })).iam);
    const small = await report((await start({ people: 30 })).iam);
    expect([large[0]!['access_key_1_active'], small[0]!['access_key_1_active']]).toEqual(['true', 'false']);
  });

  test('secrets and hostile text stand where the truth says, and in a small company nobody is hostile', async () => {
    const { provider, iam } = await start();
    const { users } = await details(iam);
    const tag = (name: string, key: string) => users.find((user) => user.UserName === name)?.Tags?.find(({ Key }) => Key === key)?.Value;
    expect(provider.canaries).toContain(tag('legacy-importer', 'password'));
    expect(provider.canaries).toContain(provider.environment['AWS_SECRET_ACCESS_KEY']);
    expect(tag('backup-agent', 'owner')).toMatch(/^=HYPERLINK.*\u2028@SUM/);
    const few = await details((await start({ people: 5 })).iam);
    expect(
      few.users.flatMap((user) => [user.UserName, ...user.Tags!.map(({ Value }) => Value)]).filter((text) => /^[=@+]/.test(text!)),
    ).toEqual([]);
  });
});

describe('what happens from night to night', () => {
  test('keys, trusts and roles come, go and change as the stories say', async () => {
    const { provider, iam } = await start();
    const nights = [];
    for (const night of [0, 1, 2]) {
      provider.night(night);
      const { roles } = await details(iam);
      const keys = await serviceCredentials(iam);
      const etl = roles.find((role) => role.RoleName === 'nightly-etl');
      const vendor = roles.find((role) => role.RoleName === 'cursor-bedrock')!;
      nights.push({
        etl: etl?.RoleId,
        vendor: trustedParties(vendor, vendor.Arn!.split(':')[4]!),
        new: keys.filter((key) => key.UserName === 'BedrockAPIKey-n1gt').map((key) => key.ExpirationDate ?? 'never'),
        deleted: keys.filter((key) => key.UserName === 'BedrockAPIKey-t7wz').length,
        switched: keys.find((key) => key.UserName!.endsWith('.2'))!.Status,
      });
    }
    expect(nights).toMatchObject([
      { vendor: ['289469326074'], new: [], deleted: 1, switched: 'Active' },
      { etl: undefined, vendor: ['289469326074', '444455556666'], new: ['never'], deleted: 0, switched: 'Inactive' },
      { vendor: ['289469326074', '444455556666'], new: ['never'], deleted: 0, switched: 'Active' },
    ]);
    expect(nights[2]!.etl).toMatch(/^AROA/);
    expect(nights[2]!.etl).not.toBe(nights[0]!.etl);
  });

  test('a leaver keeps an active access key, and another is deleted with all keys', async () => {
    const { provider, iam } = await start();
    const before = await report(iam);
    provider.night(1);
    const after = await report(iam);
    const of = (rows: Row[], end: string) => rows.find((row) => row['user']!.endsWith(end));
    expect(of(after, '.6')).toMatchObject({ password_enabled: 'false', access_key_1_active: 'true' });
    expect(of(before, '.7')).toMatchObject({ access_key_1_last_rotated: expect.stringMatching(/^20/) });
    expect(of(after, '.7')).toBeUndefined();
  });

  test('dates of last use move every night, all else of an ordinary night stays', async () => {
    const { provider, iam } = await start({ people: 40 });
    const still = async (night: number) => {
      provider.night(night);
      const { users, roles } = await details(iam);
      const rows = await report(iam);
      const used = roles.map((role) => role.RoleLastUsed?.LastUsedDate?.toISOString());
      const moving = /last_used/;
      return {
        used: [...used, ...rows.map((row) => row['access_key_1_last_used_date'])],
        rest: [
          users,
          roles.map((role) => ({ ...role, RoleLastUsed: undefined })),
          rows.map((row) => Object.entries(row).filter(([column]) => !moving.test(column))),
          await serviceCredentials(iam),
        ],
      };
    };
    const [third, fourth] = [await still(3), await still(4)];
    expect(fourth.rest).toEqual(third.rest);
    expect(fourth.used).not.toEqual(third.used);
  });
});

describe('pages', () => {
  test.each([1, 2, 7, 1000])('pages of %i lose nothing and repeat nothing', async (size) => {
    const { provider, iam } = await start({ people: 60 });
    const pages = await pagesOf(iam, size);
    const ids = pages.flatMap(idsOf);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(provider.sizes()['entities']);
    expect(pages.length).toBe(provider.sizes()[`entities_page_${size}`] ?? pages.length);
    expect(pages.map((page) => page.IsTruncated)).toEqual(pages.map((page) => page !== pages.at(-1)));
  });

  test('only the first of more than five pages is short', async () => {
    const { iam } = await start();
    const lengths = (await pagesOf(iam, 3)).map((page) => idsOf(page).length);
    expect(lengths[0]).toBe(2);
    expect(new Set(lengths.slice(1, -1))).toEqual(new Set([3]));
    expect(idsOf((await pagesOf(iam, 30))[0]!).length).toBe(30);
  });

  test('a short page costs one more where the entities filled all pages, and no other list has any', async () => {
    const { provider } = await start();
    for (const night of [0, 1]) {
      provider.night(night);
      const { entities, entities_page_2: requests } = provider.sizes();
      expect(provider.extraPages?.('iam.GetAccountAuthorizationDetails')).toBe(requests! - Math.ceil(entities! / 2));
      expect(provider.extraPages?.('iam.ListServiceSpecificCredentials')).toBe(0);
    }
  });

  test('a filter leaves the other entities out, and no filter lets the policies of AWS in', async () => {
    const { iam } = await start();
    const filtered = await iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Role'], MaxItems: 1000 }));
    expect([filtered.UserDetailList, filtered.GroupDetailList, filtered.Policies]).toEqual([[], [], []]);
    const all = await iam.send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 1000 }));
    expect(all.Policies!.map((policy) => policy.Arn)).toContain('arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess');
  });

  test.each([{ MaxItems: 1001 }, { MaxItems: 0 }, { Marker: 'made up' }])('%o is refused', async (input) => {
    const { iam } = await start();
    await expect(iam.send(new GetAccountAuthorizationDetailsCommand(input))).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('a page that is told to lead to itself does so for ever', async () => {
    const { provider, iam } = await start();
    provider.faults.add({ operation: 'iam.GetAccountAuthorizationDetails', fault: 'self_page' });
    const markers: (string | undefined)[] = [undefined];
    for (let round = 0; round < 3; round++) {
      const page = await iam.send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 1000, Marker: markers.at(-1) }));
      expect(page.IsTruncated).toBe(true);
      markers.push(page.Marker);
    }
    expect(markers[2]).toBe(markers[1]);
    expect(markers[3]).toBe(markers[2]);
  });
});

describe('credentials and permissions', () => {
  test('the key of the environment is a user of the account', async () => {
    const { provider, iam, sts } = await start();
    const caller = await sts.send(new GetCallerIdentityCommand({}));
    const { users } = await details(iam);
    expect(users.find((user) => user.Arn === caller.Arn)?.UserId).toBe(caller.UserId);
    expect(provider.config).toMatchObject({ connector: 'aws', endpoint: provider.url });
  });

  test('another key, and no key, are refused', async () => {
    const { provider } = await start();
    const stranger = new STSClient({
      ...clientOptions(provider),
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' },
    });
    await expect(stranger.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    const body = new URLSearchParams({ Action: 'GetCallerIdentity', Version: '2011-06-15' });
    expect((await fetch(provider.url, { method: 'POST', body })).status).toBe(403);
  });

  test('a role with an external id is assumed with it alone, and its session reads', async () => {
    const { provider, sts } = await start();
    const account = (await sts.send(new GetCallerIdentityCommand({}))).Account;
    const role = { RoleArn: `arn:aws:iam::${account}:role/${SCANNER_ROLE.name}`, RoleSessionName: 'scan-1' };
    await expect(sts.send(new AssumeRoleCommand(role))).rejects.toMatchObject({ name: 'AccessDenied' });
    const { Credentials } = await sts.send(new AssumeRoleCommand({ ...role, ExternalId: SCANNER_ROLE.externalId }));
    const credentials = {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    };
    expect(provider.canaries).toEqual(expect.arrayContaining([credentials.secretAccessKey, credentials.sessionToken]));
    const session = new STSClient({ ...clientOptions(provider), credentials });
    expect((await session.send(new GetCallerIdentityCommand({}))).Arn).toMatch(/:assumed-role\/NoctuleReadOnly\/scan-1$/);
    const later = new STSClient({ ...clientOptions(provider), credentials, systemClockOffset: 2 * 3_600_000 });
    await expect(later.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'ExpiredToken' });
    const half = new STSClient({ ...clientOptions(provider), credentials: { ...credentials, sessionToken: 'another' } });
    await expect(half.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  test('a revoked permission is denied by name until it is given back', async () => {
    const { provider, iam } = await start();
    for (const permission of provider.permissions.filter((id) => id.startsWith('iam:'))) {
      provider.revoke(permission);
      await expect(ask(iam, permission.replace('iam:', 'iam.'))).rejects.toMatchObject({
        name: 'AccessDenied',
        message: expect.stringContaining(permission),
        $metadata: { httpStatusCode: 403 },
      });
      provider.restore(permission);
      if (permission !== 'iam:GetCredentialReport') await ask(iam, permission.replace('iam:', 'iam.'));
    }
  });
});

describe('the credential report', () => {
  test('it is missing, then in progress, then ready, and is reused in the same night', async () => {
    const { provider, iam } = await start();
    const generate = async () => (await iam.send(new GenerateCredentialReportCommand({}))).State;
    const get = () => iam.send(new GetCredentialReportCommand({}));
    await expect(get()).rejects.toMatchObject({ Code: 'ReportNotPresent', $metadata: { httpStatusCode: 410 } });
    expect(await generate()).toBe('STARTED');
    await expect(get()).rejects.toMatchObject({ Code: 'ReportInProgress', $metadata: { httpStatusCode: 404 } });
    expect((await get()).ReportFormat).toBe('text/csv');
    expect(await generate()).toBe('COMPLETE');
    provider.night(1);
    await expect(get()).rejects.toMatchObject({ Code: 'ReportExpired', $metadata: { httpStatusCode: 410 } });
    expect([await generate(), await generate(), await generate()]).toEqual(['STARTED', 'INPROGRESS', 'COMPLETE']);
    expect((await get()).GeneratedTime).toEqual(new Date('2026-11-03T02:00:00Z'));
  });
});

describe('faults', () => {
  test.each([
    [401, 403, 'InvalidClientTokenId'],
    [403, 403, 'AccessDenied'],
    [404, 404, 'NoSuchEntity'],
    [429, 400, 'Throttling'],
    [500, 500, 'ServiceFailure'],
    [503, 503, 'ServiceUnavailable'],
  ] as const)('a planned %i is HTTP %i with the code %s', async (fault, status, code) => {
    const { provider, iam } = await start();
    provider.faults.add({ operation: 'iam.GetAccountSummary', fault });
    await expect(iam.send(new GetAccountSummaryCommand({}))).rejects.toMatchObject({ Code: code, $metadata: { httpStatusCode: status } });
    expect([...provider.faults.struck.keys()]).toEqual(['iam.GetAccountSummary']);
  });

  test('no fault of any operation kills the server', async () => {
    const { provider, iam } = await start();
    const operations = provider.permissions.map((permission) => permission.replace(':', '.'));
    for (const fault of FAULTS) {
      provider.faults.clear();
      for (const operation of operations) provider.faults.add({ operation, fault });
      for (const operation of operations) await ask(iam, operation).catch(() => undefined);
    }
    provider.faults.clear();
    expect((await iam.send(new ListAccountAliasesCommand({}))).AccountAliases).toEqual(['lanternworks']);
  });

  test('an action that nobody knows is InvalidAction', async () => {
    const { provider, iam } = await start();
    const { ListGroupsCommand } = await import('@aws-sdk/client-iam');
    await expect(iam.send(new ListGroupsCommand({}))).rejects.toMatchObject({ name: 'InvalidAction' });
    expect(provider.requests.at(-1)).toMatchObject({ operation: 'unknown', status: 400 });
  });
});

test('service-specific credentials are listed for all users, for one, or for nobody who does not exist', async () => {
  const { iam } = await start();
  const one = await iam.send(new ListServiceSpecificCredentialsCommand({ UserName: 'ship-logs' }));
  expect(one.ServiceSpecificCredentials).toMatchObject([{ ServiceName: 'logs.amazonaws.com', UserName: 'ship-logs' }]);
  const own = await iam.send(new ListServiceSpecificCredentialsCommand({}));
  expect(own.ServiceSpecificCredentials).toEqual([]);
  await expect(iam.send(new ListServiceSpecificCredentialsCommand({ UserName: 'nobody' }))).rejects.toMatchObject({ Code: 'NoSuchEntity' });
});

test('an OIDC provider names its issuer without the scheme', async () => {
  const { iam } = await start();
  const { OpenIDConnectProviderList: list } = await iam.send(new ListOpenIDConnectProvidersCommand({}));
  const found = await Promise.all(list!.map(({ Arn }) => iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: Arn }))));
  expect(found.map(({ Url }) => Url)).toEqual(['oidc.modal.com', 'token.actions.githubusercontent.com']);
});

type Row = Record<string, string>;

async function start(company: { people?: number; seed?: string } = {}, options: FakeOptions = {}) {
  const provider = await fake.start(createCompany({ people: 12, ...company }), options);
  started.push(provider);
  return { provider, iam: new IAMClient(clientOptions(provider)), sts: new STSClient(clientOptions(provider)) };
}

function clientOptions(provider: FakeProvider) {
  return {
    region: 'us-east-1',
    endpoint: provider.url,
    maxAttempts: 1,
    credentials: {
      accessKeyId: provider.environment['AWS_ACCESS_KEY_ID']!,
      secretAccessKey: provider.environment['AWS_SECRET_ACCESS_KEY']!,
    },
  };
}

/** Any call of that operation. */
async function ask(iam: IAMClient, operation: string): Promise<unknown> {
  const { OpenIDConnectProviderList: list } = await iam.send(new ListOpenIDConnectProvidersCommand({})).catch(() => ({
    OpenIDConnectProviderList: [],
  }));
  const job = async () => {
    const { UserDetailList: users } = await iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['User'] }));
    return iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: users![0]!.Arn }));
  };
  const commands: Record<string, () => Promise<unknown>> = {
    'iam.GenerateServiceLastAccessedDetails': job,
    'iam.GetServiceLastAccessedDetails': async () => iam.send(new GetServiceLastAccessedDetailsCommand({ JobId: (await job()).JobId })),
    'iam.ListAccountAliases': () => iam.send(new ListAccountAliasesCommand({})),
    'iam.GetAccountSummary': () => iam.send(new GetAccountSummaryCommand({})),
    'iam.GetAccountAuthorizationDetails': () => iam.send(new GetAccountAuthorizationDetailsCommand({})),
    'iam.GenerateCredentialReport': () => iam.send(new GenerateCredentialReportCommand({})),
    'iam.GetCredentialReport': () => iam.send(new GetCredentialReportCommand({})),
    'iam.ListServiceSpecificCredentials': () => iam.send(new ListServiceSpecificCredentialsCommand({ AllUsers: true })),
    'iam.ListOpenIDConnectProviders': () => iam.send(new ListOpenIDConnectProvidersCommand({})),
    'iam.GetOpenIDConnectProvider': () =>
      iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: list?.[0]?.Arn ?? 'arn:aws:iam::1:oidc-provider/x' })),
    'iam.ListSAMLProviders': () => iam.send(new ListSAMLProvidersCommand({})),
    'iam.GetOutboundWebIdentityFederationInfo': () =>
      iam.send(new GetOutboundWebIdentityFederationInfoCommand({})).catch((error: Error) => {
        // That it is switched off is an answer.
        if (error.name !== 'FeatureDisabledException') throw error;
      }),
  };
  return commands[operation]!();
}

async function pagesOf(iam: IAMClient, pageSize: number): Promise<GetAccountAuthorizationDetailsResponse[]> {
  const pages: GetAccountAuthorizationDetailsResponse[] = [];
  const filter = { Filter: ['User', 'Role', 'Group', 'LocalManagedPolicy'] } satisfies {
    Filter: ('User' | 'Role' | 'Group' | 'LocalManagedPolicy')[];
  };
  for await (const page of paginateGetAccountAuthorizationDetails({ client: iam, pageSize }, filter)) pages.push(page);
  return pages;
}

function idsOf(page: GetAccountAuthorizationDetailsResponse): (string | undefined)[] {
  return [
    ...page.UserDetailList!.map((user) => user.UserId),
    ...page.GroupDetailList!.map((group) => group.GroupId),
    ...page.RoleDetailList!.map((role) => role.RoleId),
    ...page.Policies!.map((policy) => policy.PolicyId),
  ];
}

async function details(iam: IAMClient): Promise<{ users: UserDetail[]; groups: number; roles: RoleDetail[]; policies: number }> {
  const pages = await pagesOf(iam, 50);
  return {
    users: pages.flatMap((page) => page.UserDetailList!),
    groups: pages.flatMap((page) => page.GroupDetailList!).length,
    roles: pages.flatMap((page) => page.RoleDetailList!),
    policies: pages.flatMap((page) => page.Policies!).length,
  };
}

async function serviceCredentials(iam: IAMClient): Promise<ServiceSpecificCredentialMetadata[]> {
  const all: ServiceSpecificCredentialMetadata[] = [];
  let marker: string | undefined;
  do {
    const page = await iam.send(new ListServiceSpecificCredentialsCommand({ AllUsers: true, MaxItems: 4, Marker: marker }));
    all.push(...page.ServiceSpecificCredentials!);
    marker = page.Marker;
  } while (marker !== undefined);
  return all;
}

async function report(iam: IAMClient): Promise<Row[]> {
  while ((await iam.send(new GenerateCredentialReportCommand({}))).State !== 'COMPLETE');
  const { Content } = await iam.send(new GetCredentialReportCommand({}));
  const [header, ...rows] = Buffer.from(Content!)
    .toString('utf8')
    .split('\n')
    .map((line) => line.split(','));
  return rows.map((cells) => {
    // A name with commas stands twice in front of the other columns, with as many commas each time.
    const twice = cells.length - (header!.length - 2);
    const row = [cells.slice(0, twice / 2).join(), cells.slice(twice / 2, twice).join(), ...cells.slice(twice)];
    return Object.fromEntries(header!.map((column, index) => [column, row[index]!]));
  });
}

/** Who may assume the role, read from its document: not the account's own principals, no denial, no other action. */
function trustedParties(role: RoleDetail, account: string): string[] {
  const { Statement } = JSON.parse(decodeURIComponent(role.AssumeRolePolicyDocument!));
  const parties = [Statement].flat().flatMap((statement) => {
    const actions: string[] = [statement.Action].flat();
    if (statement.Effect !== 'Allow' || !actions.some((action) => /^sts:assumerole/i.test(action))) return [];
    if (statement.Principal === '*') return ['*'];
    return Object.values<string | string[]>(statement.Principal).flat().map(party);
  });
  return [...new Set(parties)].filter((found) => found !== account);
}

/** For whom tokens may be minted, read from the inline policies. */
function audiences(role: RoleDetail): string[] {
  return (role.RolePolicyList ?? []).flatMap(({ PolicyDocument }) => {
    const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument!));
    return [Statement].flat().flatMap(({ Condition }) => Condition?.['ForAnyValue:StringEquals']?.['sts:IdentityTokenAudience'] ?? []);
  });
}

function party(principal: string): string {
  if (principal.includes(':oidc-provider/')) return principal.split('/').slice(1).join('/');
  return principal.startsWith('arn:') && !principal.includes(':saml-provider/') ? principal.split(':')[4]! : principal;
}

/** What is in a region begins with its name, what is in Identity Center or the Marketplace with that: tests of their own read it. */
function inIam(provider: FakeProvider) {
  return provider
    .expected()
    .filter(({ ids }) => !/^(?:[a-z]+-[a-z]+-\d$|identity_center|identity_store_user|marketplace_agreement)/.test(ids[0]!));
}

function stated(provider: FakeProvider): string[] {
  return inIam(provider)
    .map((thing) => [thing.kind, ...thing.ids].join(' '))
    .sort();
}
