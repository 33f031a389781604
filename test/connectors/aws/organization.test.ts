import { afterEach, describe, expect, test } from 'vitest';
import { startAws, type AwsOptions } from '../../../connectors/aws/fake/index.ts';
import { createOrganization } from '../../../connectors/aws/fake/organization.ts';
import { READS_AND_STEPS_ON, READS_ONLY } from '../../../connectors/aws/session-policy.ts';
import { planText } from '../../../src/commands/plan.ts';
import { CALL_LIMITS } from '../../../src/connector/calls.ts';
import { openReader } from '../../../src/store/read.ts';
import { createCompany, type Company } from '../../../src/testing/company.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { companyDay, dawn, runNight, sourceOf, TENANT, type NightOptions, type PlainSource } from '../../scan/night.ts';
import { temporaryFolder } from '../../store/facts.ts';
import { rowsOf } from '../../store/logical-dump.ts';

const file = temporaryFolder();
const open: FakeProvider[] = [];
afterEach(async () => {
  for (const provider of open.splice(0)) await provider.close();
});

interface Site {
  company: Company;
  provider: FakeProvider;
  /** Ids of the accounts: the management account, the active members, and those that are not active. */
  accounts: readonly string[];
  organization: string;
}

async function start(members: number, options: AwsOptions = {}): Promise<Site> {
  const company = createCompany({ people: 12, today: companyDay() });
  const provider = await startAws(company, { members, ...options });
  open.push(provider);
  const { id, accounts } = createOrganization(company, { members });
  return { company, provider, accounts: accounts.map((account) => account.id), organization: id };
}

/** The source of the whole organisation. */
const whole = ({ provider }: Site, more: Record<string, unknown> = {}): PlainSource => {
  const { organization, ...rest } = provider.groupConfig as Record<string, object>;
  return { name: 'all', config: { ...rest, organization: { ...organization, ...more } } as FakeProvider['config'] };
};
/** A source of one of its accounts. */
const alone = ({ provider }: Site, account: string, name = 'one'): PlainSource => ({
  name,
  config: {
    ...provider.config,
    assumeRole: { roleArn: `arn:aws:iam::${account}:role/NoctuleReadOnly`, externalId: 'lanternworks-5f2c91' },
  },
});

async function scan(path: string, site: Site, sources: readonly PlainSource[], more: Partial<NightOptions> & { night?: number } = {}) {
  const { night = 0, ...options } = more;
  return runNight(path, {
    sources: await Promise.all(sources.map(sourceOf)),
    environment: site.provider.environment,
    from: dawn(site.company, night),
    ...options,
  });
}

interface Fact {
  account: string;
  key: string;
  state: string;
}
const factsOf = (path: string) =>
  rowsOf<Fact>(
    path,
    `SELECT c.account, c.collector || ' ' || o.native_id || ' ' || o.app_id AS key, o.state FROM observation o
     JOIN collector c ON c.id = o.collector_id WHERE c.connector = 'aws' ORDER BY 1, 2`,
  );
/** What a log has told stays as it is, whoever reads it no more. */
const inventoriesOf = (path: string) => factsOf(path).filter(({ key }) => !/^(?:last_accessed|model_metrics) /.test(key));
const gapsOf = (path: string) =>
  rowsOf<{ account: string; collector: string; scope: string; reason: string; effect: string; byDesign: number }>(
    path,
    `SELECT account, collector, scope, reason, effect, by_design AS byDesign FROM gaps WHERE scan = (SELECT max(scan) FROM scans)`,
  );
const sent = ({ provider }: Site, operation: string) => provider.requests.filter((request) => request.operation === operation).length;

describe('an organisation', () => {
  test('is read account by account, with the facts that each would have as a source of its own', async () => {
    const site = await start(3);
    const [together, apart] = [file(), file()];
    const outcome = await scan(together, site, [whole(site)]);
    expect(outcome.sources).toMatchObject([{ state: 'partly', refused: false, bugs: [], message: '4 accounts read, 3 left out' }]);
    const active = site.accounts.slice(0, 4);
    await scan(
      apart,
      site,
      active.map((account, index) => alone(site, account, `source-${index}`)),
    );
    const facts = factsOf(together).filter(({ account }) => account !== site.organization);
    expect(facts).toEqual(factsOf(apart));
    expect(new Set(facts.map(({ account }) => account))).toEqual(new Set(active));
  });

  test('lists all its accounts, and says of each that is not active why nothing of it is read', async () => {
    const site = await start(1);
    const path = file();
    await scan(path, site, [whole(site)]);
    const states = rowsOf<{ state: string }>(
      path,
      `SELECT body ->> '$.attributes.state' AS state FROM observation WHERE thing LIKE 'aws_account/%'`,
    );
    expect(states.map(({ state }) => state).toSorted()).toEqual(['ACTIVE', 'ACTIVE', 'PENDING_CLOSURE', 'SUSPENDED', 'unknown']);
    const [suspended, closing, unsaid] = site.accounts.slice(2);
    const place = (account: string | undefined) => `organization/${site.organization}/account/${account}/content`;
    expect(gapsOf(path).filter(({ collector }) => collector === 'accounts')).toMatchObject(
      [
        { scope: place(suspended), reason: 'not_observable', effect: expect.stringContaining('SUSPENDED'), byDesign: 1 },
        { scope: place(closing), reason: 'not_observable', effect: expect.stringContaining('PENDING_CLOSURE'), byDesign: 1 },
        { scope: place(unsaid), reason: 'not_observable', effect: expect.stringContaining('does not say'), byDesign: 0 },
      ].sort((a, b) => (a.scope < b.scope ? -1 : 1)),
    );
    // Whatever the credential may do, nobody tried to step into them.
    expect(sent(site, 'sts.AssumeRole')).toBe(2);
  });

  test('of 45 accounts, with an empty page in between, is listed with four requests', async () => {
    const site = await start(41, { empty: true });
    const path = file();
    await scan(path, site, [{ ...whole(site, { accounts: { include: [site.accounts[0]] } }) }]);
    expect(sent(site, 'organizations.ListAccounts')).toBe(4);
    expect(rowsOf(path, `SELECT count(*) AS accounts FROM observation WHERE thing LIKE 'aws_account/%'`)).toEqual([{ accounts: 45 }]);
  });

  test('knows its own accounts: trusts between them are internal', async () => {
    const site = await start(1);
    const path = file();
    await scan(path, site, [whole(site)]);
    const [management, member] = site.accounts;
    const trusts = rowsOf<{ internal: number }>(
      path,
      `SELECT o.body ->> '$.attributes.internal' AS internal FROM observation o JOIN collector c ON c.id = o.collector_id
       WHERE c.account = ? AND o.kind = 'trust' AND o.app_id = ?`,
      member,
      management,
    );
    expect(trusts).toEqual([{ internal: 1 }]);
  });
});

describe('an account that moves', () => {
  test('from a source of its own into the organisation, and back, has not appeared, gone or been judged anew', async () => {
    const site = await start(0);
    const path = file();
    const own = [alone(site, site.accounts[0]!)];
    const findings = () => rowsOf(path, 'SELECT key, state FROM finding ORDER BY key');
    const steps = [own, [whole(site)], own];
    const scans: number[] = [];
    const found: unknown[] = [];
    for (const [night, sources] of steps.entries()) {
      scans.push((await scan(path, site, sources, { night })).scanId);
      found.push(findings());
    }
    const reader = openReader(path);
    const here = (from: number, to: number) =>
      reader.diff(TENANT, from, to).filter((row) => row.account === site.accounts[0] && row.class !== 'changed');
    expect([here(scans[0]!, scans[1]!), here(scans[1]!, scans[2]!)]).toEqual([[], []]);
    reader.close();
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
    expect(factsOf(path).filter(({ account, state }) => account === site.accounts[0] && state !== 'present')).toEqual([]);
  });
});

describe('a scan that is interrupted', () => {
  test('opens the accounts that it had not finished, and no other, when it goes on', async () => {
    const site = await start(9);
    const [path, undisturbed] = [file(), file()];
    const source = whole(site);
    const last = (await sourceOf(source)).connector.collectors.findLast(({ optional }) => !optional)!.id;
    const stop = new AbortController();
    let done = 0;
    const progress: NightOptions['progress'] = ({ collector, phase }) => {
      if (collector === last && phase === 'read' && ++done === 3) stop.abort();
    };
    expect(await scan(path, site, [source], { signal: stop.signal, progress })).toMatchObject({ state: 'interrupted' });
    const finished = rowsOf<{ account: string }>(
      path,
      `SELECT c.account FROM reading r JOIN collector c ON c.id = r.collector_id WHERE c.collector = ? AND r.state = 'ended'`,
      last,
    );
    expect(finished.length).toBeGreaterThanOrEqual(2);
    const opened = new Set<string>();
    site.provider.watch(({ body }, operation) => {
      if (operation === 'sts.AssumeRole') opened.add(new URLSearchParams(body).get('RoleArn')!.split(':')[4]!);
    });
    const soon = new Date(dawn(site.company, 0).getTime() + 3_600_000);
    expect(await scan(path, site, [source], { from: soon })).toMatchObject({
      state: 'concluded',
      resumed: true,
      sources: [{ message: '10 accounts read, 3 left out' }],
    });
    const left = site.accounts.slice(0, 10).filter((account) => !finished.some((one) => one.account === account));
    expect([...opened].toSorted()).toEqual(left.toSorted());
    await scan(undisturbed, site, [source]);
    expect(factsOf(path)).toEqual(factsOf(undisturbed));
  });
});

describe('accounts that are not read', () => {
  test('one that refuses is a gap of its own; its findings are kept, and the others are read', async () => {
    const site = await start(4);
    const path = file();
    await scan(path, site, [whole(site)]);
    const before = rowsOf(path, 'SELECT key, state FROM finding ORDER BY key');
    const refusing = site.accounts[2]!;
    site.provider.faults.add({ operation: 'sts.AssumeRole', fault: 403, where: refusing });
    const outcome = await scan(path, site, [whole(site)], { night: 1 });
    expect(outcome.sources[0]).toMatchObject({ state: 'partly', refused: false, message: '4 accounts read, 1 refused, 3 left out' });
    expect(rowsOf(path, 'SELECT key, state FROM finding ORDER BY key')).toEqual(before);
    const facts = Map.groupBy(inventoriesOf(path), ({ account }) => account);
    expect(new Set(facts.get(refusing)!.map(({ state }) => state))).toEqual(new Set(['unverified']));
    for (const account of [...site.accounts.slice(0, 2), ...site.accounts.slice(3, 5)])
      expect(new Set(facts.get(account)!.map(({ state }) => state)), account).toEqual(new Set(['present']));
    const gaps = gapsOf(path).filter(({ account, byDesign }) => account === refusing && byDesign === 0);
    expect(new Set(gaps.map(({ scope, reason, effect }) => `${scope} ${reason} ${effect}`))).toEqual(
      new Set([`account/${refusing} permission_denied Nothing of this account was read: AWS refuses sts:AssumeRole`]),
    );
  });

  test('one that refuses on the first night is a gap as well', async () => {
    const site = await start(1);
    const path = file();
    site.provider.faults.add({ operation: 'sts.AssumeRole', fault: 403, where: site.accounts[1]! });
    await scan(path, site, [whole(site)]);
    expect(gapsOf(path).filter(({ account }) => account === site.accounts[1])).not.toEqual([]);
    expect(factsOf(path).filter(({ account }) => account === site.accounts[1])).toEqual([]);
  });

  test('those that the configuration leaves out are named by design, and what was known of them stays', async () => {
    const site = await start(2);
    const path = file();
    await scan(path, site, [whole(site)]);
    const left = site.accounts[1]!;
    await scan(path, site, [whole(site, { accounts: { exclude: [left] } })], { night: 1 });
    expect(
      new Set(
        inventoriesOf(path)
          .filter(({ account }) => account === left)
          .map(({ state }) => state),
      ),
    ).toEqual(new Set(['unverified']));
    const gaps = gapsOf(path).filter(({ account }) => account === left);
    expect(new Set(gaps.map(({ reason, byDesign }) => `${reason} ${byDesign}`))).toEqual(new Set(['not_of_interest 1']));
  });

  test('none is read where they cannot be listed, and nothing of any is concluded', async () => {
    const site = await start(2);
    const path = file();
    await scan(path, site, [whole(site)]);
    site.provider.faults.add({ operation: 'organizations.ListAccounts', fault: 500, nth: 2 });
    const outcome = await scan(path, site, [whole(site)], { night: 1, largestPage: 2 });
    expect(outcome.sources[0]).toMatchObject({ state: 'unread', failure: 'provider_error' });
    const facts = inventoriesOf(path).filter(({ key }) => !key.startsWith('accounts organization/'));
    expect(new Set(facts.map(({ state }) => state))).toEqual(new Set(['unverified']));
    expect(outcome.classes.gone ?? 0).toBe(0);
  });

  test('are asked for anew where the list broke off the first time', async () => {
    const site = await start(1);
    const path = file();
    // As often as the list is tried when the accounts are opened.
    site.provider.faults.add({ operation: 'organizations.ListAccounts', fault: 500, times: CALL_LIMITS.attempts });
    const outcome = await scan(path, site, [whole(site)]);
    expect(outcome.sources[0]).toMatchObject({ state: 'unread', failure: 'provider_error' });
    expect(gapsOf(path).filter(({ collector, reason }) => collector === 'accounts' && reason === 'provider_error')).toEqual([]);
    expect(rowsOf(path, `SELECT count(*) AS accounts FROM observation WHERE thing LIKE 'aws_account/%'`)).toEqual([{ accounts: 5 }]);
  });

  test('from an account that may not list them, those that are named are read all the same', async () => {
    const site = await start(2);
    const path = file();
    site.provider.revoke('organizations:ListAccounts');
    const [, first] = site.accounts;
    const outcome = await scan(path, site, [whole(site, { accounts: { include: [first] } })]);
    expect(outcome.sources[0]).toMatchObject({ state: 'partly', message: '1 accounts read' });
    expect(new Set(factsOf(path).map(({ account }) => account))).toEqual(new Set([first, site.organization]));
    expect(gapsOf(path).filter(({ collector }) => collector === 'accounts')).toMatchObject([{ reason: 'permission_denied' }]);
  });
});

describe('an account that two sources would read', () => {
  test('is read by a source of its own that stands before the organisation', async () => {
    const site = await start(1);
    const path = file();
    const outcome = await scan(path, site, [alone(site, site.accounts[1]!), whole(site)]);
    expect(outcome.sources).toMatchObject([
      { source: 'one', bugs: [] },
      { source: 'all', message: '1 accounts read, 3 left out, 1 read by sources of their own' },
    ]);
    const readers = rowsOf(
      path,
      `SELECT DISTINCT r.source FROM reading r JOIN collector c ON c.id = r.collector_id WHERE c.account = ?`,
      site.accounts[1]!,
    );
    expect(readers).toEqual([{ source: 'one' }]);
  });

  test('is a mistake of the configuration where the organisation stands first', async () => {
    const site = await start(1);
    const outcome = await scan(file(), site, [whole(site), alone(site, site.accounts[1]!)]);
    expect(outcome.sources[1]).toMatchObject({
      state: 'unread',
      message: `The sources "all" and "one" both read account/${site.accounts[1]}`,
    });
  });
});

describe('sessions', () => {
  test('are opened anew when their hour is over, with the same result', async () => {
    const site = await start(1);
    const [calm, late] = [file(), file()];
    await scan(calm, site, [whole(site)]);
    const before = sent(site, 'sts.AssumeRole');
    expect(before).toBe(2);
    // The session ends an hour after the real now, which this clock leaves behind at once, and no day more on a slow machine.
    await scan(late, site, [whole(site)], { from: new Date(Date.now() + 50 * 60_000), speed: 2_000 });
    expect(sent(site, 'sts.AssumeRole') - before).toBeGreaterThan(2);
    expect(factsOf(late)).toEqual(factsOf(calm));
  });

  test('are limited to what we read, by a policy that fits', () => {
    const actions = (text: string) => (JSON.parse(text) as { Statement: [{ Action: string[] }] }).Statement[0].Action;
    expect(
      actions(READS_ONLY).filter(
        (action) =>
          !/:(?:Get|List|Describe|LookupEvents$|SearchAgreements$|GenerateCredentialReport$|GenerateServiceLastAccessedDetails$)/.test(
            action,
          ),
      ),
    ).toEqual([]);
    expect(actions(READS_AND_STEPS_ON).filter((action) => !actions(READS_ONLY).includes(action))).toEqual(['sts:AssumeRole']);
    expect(READS_AND_STEPS_ON.length).toBeLessThanOrEqual(2048);
  });

  test('start from a role of the management account where one is configured', async () => {
    const site = await start(1);
    const source = whole(site);
    const { assumeRole } = site.provider.config as { assumeRole: FakeProvider['config'] };
    // The roles let in the principal itself, and not the role that it stepped into: what matters is who asks, and how.
    const outcome = await scan(file(), site, [{ ...source, config: { ...source.config, assumeRole } }]);
    expect(outcome.sources[0]).toMatchObject({ message: '0 accounts read, 2 refused, 3 left out', bugs: [] });
    expect(sent(site, 'sts.AssumeRole')).toBe(3);
  });
});

describe('what it costs', () => {
  test('is what the formulas say, and what is planned for the next night', async () => {
    const members = 5;
    const site = await start(members, { regions: 3, peopleOfMembers: 3 });
    const path = file();
    const source = await sourceOf(whole(site));
    const outcome = await scan(path, site, [whole(site)]);
    const sentInAll = site.provider.requests.length;
    expect([...outcome.requests.values()].reduce((sum, { first, repeats }) => sum + first + repeats, 0)).toBe(sentInAll);
    const rows = planText([source], path, TENANT)
      .split('\n')
      .map((line) => /^all\s+(\S+)\s+(?:(?:inventory|log)\s+)?(\d+)/.exec(line))
      .filter((row) => row !== null)
      .map(([, collector, requests]) => [collector, Number(requests)] as const);
    const counted = rowsOf<{ collector: string; operation: string; sent: number }>(
      path,
      `SELECT collector, operation, sum(first) AS sent FROM request_count GROUP BY 1, 2`,
    );
    const sentBy = new Map<string, number>();
    for (const { collector, operation, sent: number } of counted) {
      // The list of accounts is asked for when they are opened.
      const by = operation === 'organizations.ListAccounts' ? 'accounts' : collector || '(opening)';
      sentBy.set(by, (sentBy.get(by) ?? 0) + number);
    }
    // The organisation itself, and a role in each account.
    expect(sentBy.get('(opening)')).toBe(1 + (1 + members));
    expect(new Map(rows)).toEqual(sentBy);
    // What outside facts allow an organisation: its list, and for each account a role, 19 of the account and 45 of each region.
    const first = [...outcome.requests.values()].reduce((sum, counts) => sum + counts.first, 0);
    const [accounts, regions] = [1 + members, 3];
    expect(first).toBeLessThanOrEqual(Math.ceil(accounts / 20) + 1 + accounts * (1 + 19 + 45 * regions));
  });

  test('a server that answers 20 requests a second costs patience and loses no call, with 20 under way', async () => {
    const company = createCompany({ people: 60 });
    const provider = await startAws(company, { perSecond: 20, regions: 3 });
    open.push(provider);
    const { accounts, id } = createOrganization(company, {});
    const site: Site = { company, provider, accounts: accounts.map((account) => account.id), organization: id };
    const source = await sourceOf(alone(site, site.accounts[0]!));
    const only = Object.fromEntries(source.connector.collectors.map(({ id }) => [id, ['agents', 'models', 'secret_names'].includes(id)]));
    const path = file();
    const outcome = await runNight(path, {
      sources: [{ ...source, collectors: only, pace: { perSecond: 1_000, inFlight: 20 } }],
      environment: provider.environment,
      from: dawn(company, 0),
      // The server keeps real time, and so must we.
      speed: 1,
      largestPage: 1,
    });
    const refused = provider.requests.filter(({ status }) => status === 400 || status === 429).length;
    expect(refused).toBeGreaterThan(0);
    expect(provider.requests.length - refused).toBeGreaterThan(60);
    expect(outcome.sources[0]).toMatchObject({ bugs: [] });
    expect(gapsOf(path).filter(({ byDesign }) => byDesign === 0)).toEqual([]);
  });
});
