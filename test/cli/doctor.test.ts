import { createHash, generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, request as ask, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fake as aws, startAws } from '../../connectors/aws/fake/index.ts';
import { createOrganization } from '../../connectors/aws/fake/organization.ts';
import { fake as github } from '../../connectors/github/fake/index.ts';
import { fake as workspace } from '../../connectors/google-workspace/fake/index.ts';
import type { DoctorReport } from '../../src/commands/doctor.ts';
import { withLease } from '../../src/scan/lease.ts';
import { loadConnectors } from '../../src/scan/registry.ts';
import { openDatabase } from '../../src/store/database.ts';
import { openStore } from '../../src/store/store.ts';
import { createCompany } from '../../src/testing/company.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { actsOnTerminal, bytesBelow, formsOf, newFolder, noctule, writeConfig, type RunOptions } from './run.ts';

const MOST_REQUESTS = 20;
const AUDIT = 'https://www.googleapis.com/auth/admin.reports.audit.readonly';
const GRANTS = 'https://www.googleapis.com/auth/admin.directory.user.security';

const providers = new Map<string, FakeProvider>();
const environment: Record<string, string> = {};
/** Everything that any run printed. */
let printed = '';

beforeAll(async () => {
  const company = createCompany({ people: 12, today: new Date() });
  for (const fake of [github, aws, workspace]) {
    const provider = await fake.start(company);
    providers.set(fake.id, provider);
    Object.assign(environment, provider.environment);
  }
});
afterEach(() => {
  for (const provider of providers.values()) {
    provider.faults.clear();
    for (const permission of provider.permissions) provider.restore(permission);
  }
});
afterAll(async () => {
  for (const provider of providers.values()) await provider.close();
});

/** One source of each provider that is named, without the pace that the real one asks for. */
function sourcesOf(...ids: readonly string[]): Record<string, Record<string, unknown>> {
  return Object.fromEntries(ids.map((id) => [id, { ...providers.get(id)!.config, pace: { perSecond: 1000 } }]));
}

async function doctor(config: string, args: readonly string[] = [], options: RunOptions = {}) {
  const ended = await noctule(['doctor', '-c', config, ...args], { ...options, env: { ...environment, ...options.env } });
  printed += ended.stdout + ended.stderr;
  return ended;
}

async function report(config: string, args: readonly string[] = [], options: RunOptions = {}) {
  const { code, stdout, stderr } = await doctor(config, ['--format', 'json', ...args], options);
  return { code, stderr, ...(JSON.parse(stdout) as DoctorReport) };
}

/** collector, permission and state of everything that was tried. */
function states({ sources }: DoctorReport): string[][] {
  return sources.flatMap(({ collectors }) =>
    collectors.flatMap(({ collector, permissions }) => permissions.map(({ permission, state }) => [collector, permission, state])),
  );
}

function find({ sources }: DoctorReport, permission: string) {
  return sources
    .flatMap(({ collectors }) => collectors.flatMap(({ permissions }) => permissions))
    .find((one) => one.permission === permission);
}

describe('doctor, where all is well', () => {
  test('finds every permission of all three providers granted, with few requests that only read, and ends with 0', async () => {
    const before = [...providers.values()].map(({ requests }) => requests.length);
    const found = await report(writeConfig(newFolder(), sourcesOf('github', 'aws', 'google-workspace')), ['--fail-on', 'coverage-gap']);
    expect([found.code, found.exitCode, found.conditions, found.stderr]).toEqual([0, 0, [], '']);
    expect(found.checks.map(({ check, state }) => [check, state])).toEqual([
      ['runtime', 'ok'],
      ['addon', 'ok'],
      ['configuration', 'ok'],
      ['database', 'ok'],
      ['proxy', 'ok'],
      ['certificates', 'ok'],
    ]);
    const names = (rows: readonly string[][]) => rows.map(([collector, permission]) => `${collector} ${permission}`);
    const byDefault = (await loadConnectors()).flatMap(({ collectors }) =>
      collectors.filter(({ optional, level }) => optional !== true && level === undefined),
    );
    const declared = byDefault.flatMap(({ id, permissions }) => permissions.map((permission) => [id, permission.id]));
    /** What no operation shows is told without asking. */
    const silent = new Set(byDefault.filter(({ operations }) => operations.length === 0).map(({ id }) => id));
    expect(declared.length).toBeGreaterThanOrEqual(71);
    expect(names(states(found)).toSorted()).toEqual(names(declared).toSorted());
    expect(states(found).filter(([, , state]) => state !== 'granted')).toEqual([]);
    for (const { state, account, credentials, collectors } of found.sources) {
      expect(state).toBe('opened');
      for (const credential of credentials) expect([credential.state, credential.account]).toEqual(['accepted', account]);
      for (const { collector, requests, troubles } of collectors) {
        expect(requests > 0, collector).toBe(!silent.has(collector));
        expect(requests).toBeLessThanOrEqual(MOST_REQUESTS);
        expect(troubles).toEqual([]);
      }
    }
    // What it says that it sent is what arrived.
    const arrived = [...providers.values()].map(({ requests }, index) => requests.length - before[index]!);
    expect(found.sources.map(({ requests }) => requests)).toEqual(arrived);
    expect(found.requests).toBe(arrived.reduce((sum, number) => sum + number, 0));
  });

  test('opens every account of an organisation, and tries the permissions in the first that opens', async () => {
    const aws = providers.get('aws')!;
    const source = { aws: { ...aws.groupConfig!, pace: { perSecond: 1000 } } };
    const found = await report(writeConfig(newFolder(), source));
    expect([found.code, found.sources[0]!.message]).toEqual([0, null]);
    expect(states(found)).toEqual(
      expect.arrayContaining([
        ['accounts', 'organizations:DescribeOrganization', 'granted'],
        ['accounts', 'organizations:ListAccounts', 'granted'],
        ['identities', 'iam:GetAccountAuthorizationDetails', 'granted'],
      ]),
    );
    expect(states(found).filter(([, , state]) => state !== 'granted')).toEqual([]);
    aws.faults.add({ operation: 'sts.AssumeRole', fault: 403 });
    const refused = await report(writeConfig(newFolder(), source));
    aws.faults.clear();
    expect(refused.sources[0]).toMatchObject({
      state: 'opened',
      message: expect.stringMatching(/^1 of 1 accounts do not open: \d{12}: AWS refuses sts:AssumeRole$/),
    });
    expect([refused.code, refused.conditions]).toEqual([4, ['source-refused']]);
  });

  test('says so in a table for people', async () => {
    const { code, stdout } = await doctor(writeConfig(newFolder(), sourcesOf('google-workspace')));
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /ok {7}Service account with domain-wide delegation; Service account for Google Cloud, without delegation \[env GOOGLE_SERVICE_ACCOUNT, env GOOGLE_CLOUD_SERVICE_ACCOUNT, env GOOGLE_GAM_TOKENS, env GOOGLE_CONSOLE_APPS, env GOOGLE_DELEGATIONS\]: opens lanternworks\.example \(C\w+\)/,
    );
    expect(stdout).toMatch(new RegExp(`grants +${GRANTS} +granted`));
    expect(stdout).toMatch(/\n\d+ requests were sent; none of them writes\.\n$/);
    expect(actsOnTerminal(stdout)).toEqual([]);
  });

  test('writes nothing, neither beside a database that a scan left nor where there is none', async () => {
    const folder = newFolder();
    const config = writeConfig(folder, sourcesOf('google-workspace'));
    const hash = () => createHash('sha256').update(bytesBelow(folder)).digest('hex');
    const empty = hash();
    await doctor(config);
    expect(hash()).toBe(empty);
    expect((await noctule(['scan', '-c', config], { env: environment })).code).toBe(0);
    const scanned = hash();
    const found = await report(config);
    expect(hash()).toBe(scanned);
    const { database } = found.checks.find(({ check }) => check === 'database')!;
    expect(database).toMatchObject({ exists: true, lease: null, lastScan: { id: 1 }, checked: true });
    // What holds it is named: not everything that does scans.
    const store = openStore(join(folder, 'noctule.db'));
    const held = await withLease({ store, tenant: 'default', does: 'is pruning history' }, () => report(config));
    await store.close();
    expect(held.checks.find(({ check }) => check === 'database')!.message).toMatch(
      new RegExp(`; process ${process.pid} on \\S+ is pruning history, its last sign of life was \\d+ seconds ago`),
    );
    // Too large to be copied: the bytes behind its pages are none of its own.
    const file = join(folder, 'noctule.db');
    openDatabase(file).close();
    const before = { files: readdirSync(folder), bytes: readFileSync(file) };
    expect(before.files).toEqual(['config.json', 'noctule.db']);
    truncateSync(file, 257 * 1024 * 1024);
    const large = (await report(config)).checks.find(({ check }) => check === 'database')!;
    expect(large.database).toMatchObject({ exists: true, lease: null, lastScan: { id: 1 }, checked: false });
    truncateSync(file, before.bytes.length);
    expect([readdirSync(folder), readFileSync(file).equals(before.bytes)]).toEqual([before.files, true]);
  });
});

describe('an organisation of many accounts', () => {
  const open: FakeProvider[] = [];
  afterEach(async () => {
    for (const provider of open.splice(0)) await provider.close();
  });

  /** So many accounts beside the management account, and what asks them. */
  async function organization(members: number) {
    const company = createCompany({ people: 12, today: new Date() });
    const provider = await startAws(company, { members, peopleOfMembers: 1 });
    open.push(provider);
    const accounts = createOrganization(company, { members, peopleOfMembers: 1 }).accounts.map(({ id }) => id);
    const ask = (args: readonly string[], { only, more }: { only?: string; more?: Record<string, unknown> } = {}) => {
      const group = provider.groupConfig as { organization: object };
      const narrowed = { ...group.organization, ...(only !== undefined && { accounts: { include: [only] } }) };
      const source = { ...group, organization: narrowed, pace: { perSecond: 1000 } };
      return report(writeConfig(newFolder(), { aws: source }, more), args, { env: { ...provider.environment } });
    };
    return { provider, accounts, ask };
  }

  test('that do not stand on one page is opened account by account; one that refuses is a gap', async () => {
    const { provider, accounts, ask } = await organization(22);
    const found = await ask(['--fail-on', 'coverage-gap']);
    expect([found.code, found.sources[0]!.message, found.sources[0]!.members]).toEqual([0, null, { opened: 23, refused: [] }]);
    expect(states(found).filter(([, , state]) => state !== 'granted')).toEqual([]);
    expect(states(found)).toContainEqual(['identities', 'iam:GetAccountAuthorizationDetails', 'granted']);
    const id = accounts[3]!;
    provider.faults.add({ operation: 'sts.AssumeRole', fault: 403, where: id });
    const refused = await ask(['--fail-on', 'coverage-gap']);
    expect([refused.code, refused.conditions]).toEqual([3, ['coverage-gap']]);
    const scope = `account/${id}`;
    expect(refused.sources[0]!.members).toEqual({
      opened: 22,
      refused: [{ id, scope, message: 'AWS refuses sts:AssumeRole', accepted: false }],
    });
    expect((await ask([])).code).toBe(0);
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const gap = { source: 'aws', scope, reason: 'Asked for', owner: 'it@example.com', until };
    const accepted = await ask(['--fail-on', 'coverage-gap'], { more: { acceptedGaps: [gap] } });
    expect([accepted.code, accepted.sources[0]!.members?.refused[0]?.accepted]).toEqual([0, true]);
  });

  test('whose list takes more requests than a collector may send is listed whole', async () => {
    const { provider, accounts, ask } = await organization(400);
    const found = await ask([], { only: accounts[0]! });
    expect(provider.requests.filter(({ operation }) => operation === 'organizations.ListAccounts').length).toBeGreaterThan(MOST_REQUESTS);
    expect([found.code, found.sources[0]!.message, found.sources[0]!.members]).toEqual([0, null, { opened: 1, refused: [] }]);
  });

  test('that may not be listed is as unread as a scan would leave it', async () => {
    const { provider, ask } = await organization(1);
    provider.revoke('organizations:ListAccounts');
    const found = await ask([]);
    expect([found.code, found.conditions]).toEqual([4, ['source-refused']]);
    expect(found.sources[0]).toMatchObject({ state: 'refused', members: null, credentials: [{ state: 'accepted' }] });
    expect(find(found, 'organizations:ListAccounts')?.state).toBe('missing');
  });
});

describe('a permission that is missing', () => {
  test.each([
    ['github', ['app:organization_personal_access_tokens:read'], 'Which fine-grained tokens reach the organisation is unknown'],
    ['github', ['app:organization_secrets:read', 'token:admin:org'], 'Which actions secrets the organisation has is unknown'],
    ['aws', ['iam:GetCredentialReport'], 'Access keys, their age and their last use are unknown'],
    ['google-workspace', [GRANTS], 'Which apps users have given access to is unknown'],
    ['google-workspace', [AUDIT], 'When grants were given and revoked is unknown'],
  ])('of %s, %s, is named with what is invisible without it', async (id, permissions, effect) => {
    for (const permission of permissions) providers.get(id)!.revoke(permission);
    const found = await report(writeConfig(newFolder(), sourcesOf(id)), ['--fail-on', 'coverage-gap']);
    expect([found.code, found.conditions]).toEqual([3, ['coverage-gap']]);
    expect(find(found, permissions[0]!)).toMatchObject({
      state: 'missing',
      orElse: permissions.slice(1),
      effect: expect.stringContaining(effect),
    });
    const other = states(found).filter(([, permission]) => !permissions.includes(permission!));
    expect(other.filter(([, , state]) => state !== 'granted')).toEqual([]);
  });

  test.each([
    [['app:administration:read'], ['deploy_keys app:administration:read missing']],
    [['app:pull_requests:read'], ['code_authors app:contents:read not_reached', 'code_authors app:pull_requests:read missing']],
    // Of two refusals within one answer the gap names one: the other is not claimed to be granted.
    [
      ['app:contents:read', 'app:pull_requests:read'],
      ['code_files app:contents:read missing', 'code_authors app:contents:read not_reached', 'code_authors app:pull_requests:read missing'],
    ],
  ])('and opens a part of an answer alone (%s) is not granted because an answer came', async (permissions, expected) => {
    // The token opens the same, with a scope of its own.
    for (const permission of [...permissions, 'token:repo']) providers.get('github')!.revoke(permission);
    const found = await report(writeConfig(newFolder(), sourcesOf('github')), ['--fail-on', 'coverage-gap']);
    expect([found.code, found.conditions]).toEqual([3, ['coverage-gap']]);
    const lost = states(found).filter(([, , state]) => state !== 'granted');
    expect(lost.map((row) => row.join(' '))).toEqual(expected);
  });

  test('is told to people with the permissions of which one would do, and raises the exit code only where it is asked to', async () => {
    for (const permission of ['app:members:read', 'token:read:org']) providers.get('github')!.revoke(permission);
    const { code, stdout } = await doctor(writeConfig(newFolder(), sourcesOf('github')));
    expect(code).toBe(0);
    expect(stdout).toMatch(/members +app:members:read or token:read:org +MISSING/);
    expect(stdout).toContain('Who is a member of the organisation is unknown');
    expect(stdout).toContain('Grant app:members:read, or instead token:read:org.');
  });

  test('is granted where another credential opens the same place, and that is said', async () => {
    providers.get('github')!.revoke('app:members:read');
    const found = await report(writeConfig(newFolder(), sourcesOf('github')), ['--fail-on', 'coverage-gap']);
    expect(found.code).toBe(0);
    expect(find(found, 'app:members:read')).toMatchObject({
      state: 'granted',
      effect: 'One credential was refused; the next one opens it',
    });
  });

  test('that leads to another leaves that one not reached, never granted', async () => {
    providers.get('aws')!.revoke('iam:ListOpenIDConnectProviders');
    const found = await report(writeConfig(newFolder(), sourcesOf('aws')));
    expect(find(found, 'iam:ListOpenIDConnectProviders')?.state).toBe('missing');
    expect(find(found, 'iam:GetOpenIDConnectProvider')).toMatchObject({
      state: 'not_reached',
      effect: expect.stringContaining('was refused'),
    });
    expect(find(found, 'iam:ListSAMLProviders')?.state).toBe('granted');
  });

  test('that the configuration accepts for now is shown, and raises nothing', async () => {
    providers.get('google-workspace')!.revoke(GRANTS);
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const gap = { source: 'google-workspace', collector: 'grants', reason: 'Asked for', owner: 'it@example.com', until };
    const found = await report(writeConfig(newFolder(), sourcesOf('google-workspace'), { acceptedGaps: [gap] }), [
      '--fail-on',
      'coverage-gap',
    ]);
    expect([found.code, find(found, GRANTS)]).toMatchObject([0, { state: 'missing', accepted: true }]);
  });
});

describe('an answer that is none', () => {
  test.each(['html', 'cut', 500] as const)('(%s) grants nothing', async (fault) => {
    providers.get('github')!.faults.add({ operation: 'GET /orgs/{org}/members', fault });
    const found = await report(writeConfig(newFolder(), sourcesOf('github')));
    expect(find(found, 'app:members:read')).toMatchObject({ state: 'not_reached', effect: expect.stringContaining('no usable answer') });
    expect(find(found, 'app:organization_secrets:read')?.state).toBe('granted');
  });

  test('where every single place is refused, asking ends after few requests', async () => {
    providers.get('google-workspace')!.faults.add({ operation: 'directory.tokens.list', fault: 403 });
    const found = await report(writeConfig(newFolder(), sourcesOf('google-workspace')));
    const grants = found.sources[0]!.collectors.find(({ collector }) => collector === 'grants')!;
    expect(grants.requests).toBeLessThanOrEqual(MOST_REQUESTS);
    expect(find(found, GRANTS)).toMatchObject({ state: 'missing' });
  });

  test('of one place alone does not hide that others are answered', async () => {
    providers.get('google-workspace')!.faults.add({ operation: 'directory.tokens.list', fault: 403, nth: 1 });
    const found = await report(writeConfig(newFolder(), sourcesOf('google-workspace')));
    expect(find(found, GRANTS)).toMatchObject({ state: 'granted', effect: 'one place was refused all the same' });
  });
});

describe('a credential', () => {
  test('whose variable is not set is named, the other one is tried all the same, and so are the other sources', async () => {
    const config = writeConfig(newFolder(), sourcesOf('github', 'google-workspace'));
    const found = await report(config, [], { env: { GITHUB_TOKEN: '' } });
    expect([found.code, found.conditions]).toEqual([4, ['source-refused']]);
    const [broken, well] = found.sources;
    expect(broken).toMatchObject({ state: 'refused', message: 'The variable GITHUB_TOKEN is not set', collectors: [] });
    expect(broken!.credentials.map(({ state }) => state)).toEqual(['accepted', 'refused']);
    expect(broken!.credentials[1]!.references).toEqual([
      {
        key: 'token',
        reference: 'env GITHUB_TOKEN',
        found: false,
        message: 'The variable GITHUB_TOKEN is not set',
        fix: expect.stringContaining('Set GITHUB_TOKEN'),
      },
    ]);
    expect(well!.state).toBe('opened');
  });

  const stranger = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
  const wrong: [string, () => Record<string, string>, RegExp][] = [
    ['github', () => ({ GITHUB_APP_KEY: stranger, GITHUB_TOKEN: 'ghp_wrongwrongwrongwrongwrong' }), /does not accept the credential/],
    ['aws', () => ({ AWS_ACCESS_KEY_ID: 'AKIAWRONGWRONGWRONG1' }), /AWS does not accept the credential: InvalidClientTokenId/],
    [
      'google-workspace',
      () => ({
        GOOGLE_SERVICE_ACCOUNT: JSON.stringify({
          ...(JSON.parse(environment['GOOGLE_SERVICE_ACCOUNT']!) as object),
          private_key: stranger,
        }),
      }),
      /Google gives no token: .*\(invalid_grant\)/,
    ],
  ];
  test.each(wrong)('of %s that is another key ends with 4 and in the words of the provider', async (id, env, message) => {
    const { code, stdout } = await doctor(writeConfig(newFolder(), sourcesOf(id)), [], { env: env() });
    expect(code).toBe(4);
    expect(stdout).toMatch(message);
    expect(stdout).toContain('  FAILED   ');
    for (const line of stranger.split('\n').slice(1, -2)) expect(stdout).not.toContain(line);
  });

  test('that is refused beside one that works is told apart', async () => {
    const env = { GITHUB_TOKEN: 'ghp_wrongwrongwrongwrongwrong' };
    const found = await report(writeConfig(newFolder(), sourcesOf('github')), [], { env });
    expect(found.code).toBe(0);
    expect(found.sources[0]!.state).toBe('opened');
    expect(found.sources[0]!.credentials.map(({ state }) => state)).toEqual(['accepted', 'refused']);
    expect(find(found, 'token:admin:org')?.state).toBe('missing');
  });

  test('that opens an account twice is refused the second time, as in a scan', async () => {
    const { github: one } = sourcesOf('github');
    const found = await report(writeConfig(newFolder(), { one, two: one }));
    expect(found.code).toBe(4);
    expect(found.sources.map(({ state }) => state)).toEqual(['opened', 'refused']);
    expect(found.sources[1]!.message).toContain('"one" and "two"');
  });
});

describe('the machine', () => {
  test.each([
    ['behind', 600],
    ['ahead of', -600],
  ])('whose clock is %s that of the provider is warned', async (word, seconds) => {
    const skewed = await startSkewed(providers.get('github')!.url, seconds);
    const { url, server } = skewed;
    const { code, stdout } = await doctor(writeConfig(newFolder(), { github: { ...sourcesOf('github')['github'], baseUrl: url } }));
    server.close();
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`warning  The clock of this machine is (599|600|601) seconds ${word} the provider's`));
  });

  test('whose database is damaged ends with 5, is changed in nothing, and the sources are examined all the same', async () => {
    const folder = newFolder();
    const config = writeConfig(folder, sourcesOf('google-workspace'));
    expect((await noctule(['scan', '-c', config], { env: environment })).code).toBe(0);
    const file = join(folder, 'noctule.db');
    const bytes = readFileSync(file);
    for (const damaged of [
      Buffer.concat([bytes.subarray(0, 8192), Buffer.alloc(bytes.length - 8192, 7)]),
      Buffer.from('no database at all'),
    ]) {
      writeFileSync(file, damaged);
      const found = await report(config);
      expect([found.code, found.conditions]).toEqual([5, ['storage']]);
      expect(found.checks.find(({ check }) => check === 'database')).toMatchObject({
        state: 'failed',
        message: expect.stringContaining(file),
      });
      expect(found.sources[0]!.state).toBe('opened');
      expect(readFileSync(file).equals(damaged)).toBe(true);
    }
  });

  test('on which the addon cannot be loaded ends with 5 after everything else was examined', async () => {
    const folder = newFolder();
    const block = join(folder, 'block.cjs');
    writeFileSync(block, `process.dlopen = () => { throw Object.assign(new Error('no'), { code: 'ERR_DLOPEN_FAILED' }); };`);
    const found = await report(writeConfig(folder, sourcesOf('google-workspace')), [], { env: { NODE_OPTIONS: `--require ${block}` } });
    expect(found.code).toBe(5);
    expect(found.checks.find(({ check }) => check === 'addon')).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('addon'),
    });
    expect(states(found).every(([, , state]) => state === 'granted')).toBe(true);
  });

  test('shows proxy and extra certificates without credentials, and what is wrong with them', async () => {
    const folder = newFolder();
    const config = writeConfig(folder, {});
    const at = async (env: Record<string, string>) =>
      (await report(config, [], { env })).checks.slice(-2).map(({ state, message }) => [state, message]);
    const secret = 'hunter2-hunter2';
    expect(await at({ HTTPS_PROXY: `http://scanner:${secret}@proxy.example:3128`, NO_PROXY: '.internal' })).toEqual([
      ['ok', 'Requests go through the proxy http://proxy.example:3128, with credentials, except to .internal'],
      ['ok', 'No extra certificate authority is set'],
    ]);
    const broken = await at({ HTTPS_PROXY: `scanner:${secret}@:x`, NODE_EXTRA_CA_CERTS: config });
    expect(broken.map(([state]) => state)).toEqual(['warning', 'warning']);
    expect(printed).not.toContain(secret);
  });
});

describe('the files', () => {
  test('that are not there are told with what to do, and the machine is examined', async () => {
    const folder = newFolder();
    const { code, stdout, stderr } = await doctor(join(folder, 'config.json'));
    expect([code, stderr]).toEqual([2, '']);
    expect(stdout).toContain(`FAILED   There is no configuration at ${join(folder, 'config.json')}`);
    expect(stdout).toContain('Run `noctule init`');
    expect(stdout).toContain('ok       The SQLite addon loads');
  });

  test('with a mistake in them, or without the source that was named, end with 2', async () => {
    const folder = newFolder();
    const config = writeConfig(folder, sourcesOf('github'));
    const unnamed = await report(config, ['--source', 'gitlab']);
    expect([unnamed.code, unnamed.requests]).toEqual([2, 0]);
    expect(unnamed.checks[2]).toMatchObject({
      state: 'failed',
      message: 'There is no source "gitlab"',
      fix: expect.stringContaining('github'),
    });
    writeFileSync(join(folder, 'policy.json'), '{"formatVersion": 2}', { mode: 0o600 });
    const mistaken = await report(config);
    expect([mistaken.code, mistaken.checks[2]!.message]).toEqual([2, expect.stringContaining(join(folder, 'policy.json'))]);
  });
});

test('names from elsewhere do not act on the terminal', async () => {
  const hostile = 'x\u001b]0;owned\u0007\u202e';
  const server = createServer(({ url }, response) => {
    // What is no list of theirs would be asked for again and again.
    const status = url?.startsWith('/orgs/acme/') ? 404 : 200;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 7, login: hostile, name: hostile }));
  });
  const url = await listening(server);
  const token = { connector: 'github', organization: 'acme', token: { env: 'GITHUB_TOKEN' }, baseUrl: url, pace: { perSecond: 1000 } };
  const { stdout } = await doctor(writeConfig(newFolder(), { github: token }));
  server.close();
  expect(stdout).toContain('x\u2039001B\u203A]0;owned');
  expect(actsOnTerminal(stdout)).toEqual([]);
});

test('nothing that was printed holds a planted secret, in any encoding', () => {
  expect(printed.length).toBeGreaterThan(10_000);
  for (const provider of providers.values())
    for (const canary of provider.canaries) for (const form of formsOf(canary)) expect(printed.includes(form)).toBe(false);
});

/** The same provider on a machine whose clock is that many seconds ahead. */
async function startSkewed(to: string, seconds: number): Promise<{ url: string; server: Server }> {
  const server = createServer((incoming, response) => {
    const { method = 'GET', url = '/', headers } = incoming;
    const forward = ask(new URL(url, to), { method, headers }, (answer) => {
      const date = new Date(Date.now() + seconds * 1000).toUTCString();
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, date });
      answer.pipe(response);
    });
    incoming.pipe(forward);
  });
  return { url: await listening(server), server };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
