/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import { openWorld, statementsOf } from '../world.ts';
import { accountOf, activeKey, ago, detailsPage, policy, reportAnswer, reportOf, trustOf } from './estate.ts';
import { about, DETAILS, IAM_ONLY, openKeys, OUTSIDE, realGaps, role, speaking, trusts, worldOf } from './reading.ts';
import { formOf, xml, xmlError } from './wire.ts';

// The core of IAM: details, credential report.

const statement = statementsOf('aws');

statement('A01', async () => {
  const names = (prefix: string, length: number) => Array.from({ length }, (_, index) => `${prefix}-${index}`);
  const roles = (...list: string[]) => Object.fromEntries(list.map((name) => [name, {}]));
  const users = roles(...names('user', 60));
  const world = await worldOf({ users });
  const account = accountOf(world);
  world.plant(DETAILS, (request) => {
    const marker = formOf(request).get('Marker');
    if (marker === null) return detailsPage(account, { users, roles: roles(...names('first', 40)) }, { IsTruncated: true, Marker: 'two' });
    if (marker === 'two') return detailsPage(account, { roles: roles(...names('second', 40)) }, { IsTruncated: true, Marker: 'three' });
    if (marker === 'three') return detailsPage(account, { roles: roles('last') }, { IsTruncated: false });
    return xmlError(400, 'ValidationError', 'Invalid Marker.');
  });
  const night = await world.scan({ collectors: IAM_ONLY });
  expect(night.sent(DETAILS)).toEqual({ first: 3, repeats: 0 });
  const entities = night.facts.filter(({ thing }) => /^(user|role)\//.test(thing));
  expect(new Set(entities.map(({ thing }) => thing)).size).toBe(141);
  expect(realGaps(night)).toEqual([]);
});

statement('A02', async () => {
  const world = await worldOf({ roles: { kept: { trust: trustOf({ AWS: `arn:aws:iam::${OUTSIDE}:root` }) }, seen: {} } });
  const before = await world.scan({ collectors: IAM_ONLY });
  expect(openKeys(before)).not.toEqual([]);
  world.plant(DETAILS, () => detailsPage(accountOf(world), { roles: { seen: {} } }, { IsTruncated: true }));
  const night = await world.scan({ collectors: IAM_ONLY });
  expect(night.sent(DETAILS).first).toBe(1);
  expect(night.source.state).not.toBe('read');
  expect(
    realGaps(night)
      .map(({ collector, reason }) => `${collector} ${reason}`)
      .join(),
  ).toMatch(/identities (truncated|provider_error)/);
  expect(role(night, 'kept').state).toBe('unverified');
  expect(openKeys(night)).toEqual(openKeys(before));
});

statement('A03', async () => {
  const world = await openWorld('aws');
  await world.scan({ collectors: IAM_ONLY, largestPage: 5 });
  const requests = world.asked.filter(({ operation }) => operation === DETAILS);
  expect(requests.length).toBeGreaterThan(2);
  for (const request of requests) {
    const filters = [...formOf(request)].filter(([name]) => name.startsWith('Filter.')).map(([, value]) => value);
    expect(filters.sort()).toEqual(['Group', 'LocalManagedPolicy', 'Role', 'User']);
  }
});

statement('A04', async () => {
  const document = (sid: string) => ({
    Version: '2012-10-17',
    Statement: [{ Sid: sid, Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OUTSIDE}:root` }, Action: 'sts:AssumeRole' }],
  });
  const night = await (
    await worldOf({
      roles: {
        encoded: { trust: encodeURIComponent(JSON.stringify(document('plain'))) },
        raw: { trust: JSON.stringify(document('plain')) },
        percent: { trust: JSON.stringify(document('half 50% and 100%zz')) },
      },
    })
  ).scan({ collectors: IAM_ONLY });
  const parties = ['encoded', 'raw', 'percent'].map((name) => trusts(night, name).map(({ subject }) => subject.app));
  expect(parties).toEqual([[OUTSIDE], [OUTSIDE], [OUTSIDE]]);
});

statement('A05', async () => {
  const arn = `arn:aws:iam::${OUTSIDE}:role/reader`;
  const bare = (statement: unknown) => encodeURIComponent(JSON.stringify({ Version: '2012-10-17', Statement: statement }));
  const invoke = { Effect: 'Allow', Action: 'bedrock:InvokeModel', Resource: '*' };
  const night = await (
    await worldOf({
      roles: {
        short: {
          trust: bare({ Effect: 'Allow', Principal: { AWS: arn }, Action: 'sts:AssumeRole' }),
          inline: { p: bare(invoke) },
        },
        long: {
          trust: bare([{ Effect: 'Allow', Principal: { AWS: [arn] }, Action: ['sts:AssumeRole'] }]),
          inline: { p: bare([{ ...invoke, Action: [invoke.Action], Resource: [invoke.Resource] }]) },
        },
        star: { trust: bare({ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }) },
        stars: { trust: bare([{ Effect: 'Allow', Principal: { AWS: ['*'] }, Action: ['sts:AssumeRole'] }]) },
      },
    })
  ).scan({ collectors: IAM_ONLY });
  const read = (name: string) =>
    trusts(night, name).map(({ subject, attributes: { roleArn: _, ...attributes } }) => ({ app: subject.app, ...attributes }));
  expect(read('short')).toHaveLength(1);
  expect(read('short')[0]!.app).toBe(OUTSIDE);
  expect(read('short')).toEqual(read('long'));
  expect(role(night, 'short').attributes['aiLevel']).toBe('invoke-star');
  expect(role(night, 'short').permissions).toEqual(role(night, 'long').permissions);
  expect(read('star')).toHaveLength(1);
  expect(read('star')).toEqual(read('stars'));
});

statement('A06', async () => {
  const night = await (
    await worldOf({
      roles: {
        'broken-trust': { trust: 'this is no document' },
        'broken-inline': { inline: { p: 'nor%20is%20this' } },
        whole: { trust: trustOf({ AWS: OUTSIDE }), inline: { p: policy({ Effect: 'Allow', Action: 'bedrock:*', Resource: '*' }) } },
      },
    })
  ).scan({ collectors: IAM_ONLY });
  expect(role(night, 'whole').attributes['aiLevel']).toBe('service-wildcard');
  expect(trusts(night, 'whole')).toHaveLength(1);
  for (const name of ['broken-trust', 'broken-inline']) {
    const { principal, scope, attributes } = role(night, name);
    const gap = realGaps(night).find((candidate) => candidate.scope.startsWith(scope) || candidate.effect.includes(principal!.id));
    expect(`${gap?.effect ?? ''} ${JSON.stringify(attributes)}`).toMatch(/unparsed|not understood|not read|unread|cannot be read|unknown/i);
  }
});

statement('A07', async () => {
  const many = (prefix: string, length: number) => Array.from({ length }, (_, index) => `${prefix}-${index}`);
  const users = Object.fromEntries(many('person', 200).map((name) => [name, {}]));
  const roles = many('worker', 300).map((name) => [name, {}] as const);
  const world = await worldOf({ users });
  const account = accountOf(world);
  const everything = [...Object.keys(users), ...roles.map(([name]) => name)];
  world.plant(DETAILS, (request) => {
    const from = Number(formOf(request).get('Marker') ?? 0);
    const names = everything.slice(from, from + 100);
    const pick = (prefix: string) => Object.fromEntries(names.filter((name) => name.startsWith(prefix)).map((name) => [name, {}]));
    const more = from + 100 < everything.length;
    return detailsPage(
      account,
      { users: pick('person'), roles: pick('worker') },
      { IsTruncated: more, ...(more && { Marker: `${from + 100}` }) },
    );
  });
  const issuers = many('issuer', 4).map((name) => `arn:aws:iam::${account}:oidc-provider/${name}.example`);
  world.plant('iam.ListOpenIDConnectProviders', () =>
    xml('iam.ListOpenIDConnectProviders', { OpenIDConnectProviderList: issuers.map((Arn) => ({ Arn })) }),
  );
  world.plant('iam.GetOpenIDConnectProvider', (request) =>
    xml('iam.GetOpenIDConnectProvider', {
      Url: formOf(request).get('OpenIDConnectProviderArn')!.split('/').at(-1),
      ClientIDList: ['sts.amazonaws.com'],
      ThumbprintList: ['a'.repeat(40)],
      CreateDate: ago(10),
    }),
  );
  const night = await world.scan({ collectors: ['identities', 'service_credentials', 'providers'] });
  expect(realGaps(night)).toEqual([]);
  expect(night.facts.filter(({ thing }) => /^(user|role)\//.test(thing))).toHaveLength(500);
  // The four, and whether the account is a provider itself.
  const provided = night.facts.filter(({ collector }) => collector === 'providers').map(({ kind }) => kind);
  expect(provided.sort()).toEqual(['control', ...issuers.map(() => 'vendor_integration')]);
  expect(world.asked.filter(({ operation }) => !operation?.startsWith('sts.')).length).toBeLessThanOrEqual(20);
});

statement('A08', async () => {
  const speed = 25;
  const world = await worldOf({ users: { 'ci-runner': { report: activeKey() } } });
  const csv = reportOf(accountOf(world), { users: { 'ci-runner': { report: activeKey() } } });
  let progress = 0;
  const states = ['STARTED', 'INPROGRESS', 'INPROGRESS', 'INPROGRESS'];
  world.plant('iam.GenerateCredentialReport', () => xml('iam.GenerateCredentialReport', { State: states[progress++] ?? 'COMPLETE' }));
  world.plant('iam.GetCredentialReport', () => {
    if (progress === 0) return xmlError(410, 'ReportNotPresent', 'Unknown');
    if (progress < states.length) {
      progress++;
      return xmlError(404, 'ReportInProgress', 'Unknown');
    }
    return reportAnswer(csv, new Date());
  });
  const night = await world.scan({ collectors: IAM_ONLY, speed });
  expect(about(night, 'ci-runner', 'api_key')).toHaveLength(1);
  expect(progress).toBeGreaterThanOrEqual(states.length);
  const polls = world.asked.filter(({ operation }) => operation?.endsWith('CredentialReport'));
  // What is not ready is asked for again a second later at the earliest; the read after "complete" may follow at once.
  const waits = polls.slice(1, -1).map(({ at }, index) => (at - polls[index]!.at) * speed);
  expect(waits.length).toBeGreaterThanOrEqual(3);
  expect(waits.filter((wait) => wait < 1000)).toEqual([]);
});

statement('A09', async () => {
  const estate = { users: { 'ci-runner': { report: activeKey() } } };
  const world = await worldOf(estate);
  const generated = new Date(ago(0).getTime() - 3 * 3_600_000);
  world.plant('iam.GenerateCredentialReport', () => xmlError(409, 'LimitExceeded', 'Cannot exceed quota'));
  world.plant('iam.GetCredentialReport', () => reportAnswer(reportOf(accountOf(world), estate), generated));
  const night = await world.scan({ collectors: IAM_ONLY });
  expect(night.sent('iam.GenerateCredentialReport').first).toBeGreaterThan(0);
  const keys = about(night, 'ci-runner', 'api_key');
  expect(keys).toHaveLength(1);
  expect(`${JSON.stringify(keys)} ${JSON.stringify(night.gaps)}`).toContain(generated.toISOString().slice(0, 19));
});

statement('A10', async () => {
  const world = await worldOf({ root: activeKey(1, 'iam') });
  const night = await world.scan({ collectors: IAM_ONLY });
  const keys = night.facts.filter(({ kind, subject }) => kind === 'api_key' && JSON.stringify(subject).includes('root'));
  expect(keys).toHaveLength(1);
  expect(realGaps(night)).toEqual([]);
  expect(speaking(night, 'root').map(({ severity }) => severity)).toContain('critical');
});

statement('A11', async () => {
  const unknown = (value: string) => ({ ...activeKey(), access_key_1_last_used_date: value });
  const night = await (
    await worldOf({
      users: { 'not-applicable': { report: unknown('N/A') }, silent: { report: unknown('no_information') } },
      root: unknown('not_supported'),
    })
  ).scan({ collectors: IAM_ONLY });
  const keys = night.facts.filter(({ kind }) => kind === 'api_key');
  expect(keys).toHaveLength(3);
  expect(keys.map(({ lastUsedAt }) => lastUsedAt)).toEqual([undefined, undefined, undefined]);
  expect(new Set(keys.map(({ attributes }) => JSON.stringify(attributes['lastUsed']))).size).toBe(3);
});
