/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { join } from 'node:path';
import { expect } from 'vitest';
import { loadConnector } from '../../src/scan/registry.ts';
import type { FakeRequest } from '../../src/testing/server.ts';
import { openReader } from '../../src/store/read.ts';
import { bytesBelow, formsOf, newFolder, noctule, writeConfig } from '../cli/run.ts';
import { dawn, runNight, smallCompany, sourceOf, startFake, TENANT } from '../scan/night.ts';
import {
  accountOf,
  activeKey,
  ago,
  CLAUDE_PLATFORM,
  detailsPage,
  type Estate,
  idOf,
  keyId,
  keysPage,
  PASSWORD,
  plantEstate,
  plantKeys,
  plantRegions,
  plantReport,
  plantRuntimes,
  policy,
  reportAnswer,
  reportOf,
  SERVED,
  type ServiceKey,
  trustOf,
} from './aws/estate.ts';
import { lookedUp, plantEvents, type TrailEvent } from './aws/trail.ts';
import { PLANNED } from './aws/planned.ts';
import { formOf, inputOf, json, jsonError, regionOf, restError, signerOf, xml, xmlError } from './aws/wire.ts';
import { openWorld, statementsOf, type Fact, type Found, type Night, type World } from './world.ts';

const statement = statementsOf('aws');

const DETAILS = 'iam.GetAccountAuthorizationDetails';
const KEYS = 'iam.ListServiceSpecificCredentials';
const IAM_ONLY = ['identities'];
const AI_RULES = new Set(['unapproved-ai-tool', 'suspected-ai-tool', 'ai-feature-of-general-tool', 'denied-ai-tool']);
/** In the catalog's evidence this account is nobody's. */
const OUTSIDE = '444455556666';

/** A world whose IAM holds the estate and nothing else. */
async function worldOf(estate: Estate): Promise<World> {
  const world = await openWorld('aws');
  plantEstate(world, estate);
  return world;
}

function about(night: Night, name: string, kind?: Fact['kind']): Fact[] {
  return night.facts.filter((fact) => (fact.subject.name === name || fact.principal?.name === name) && (!kind || fact.kind === kind));
}

function role(night: Night, name: string): Fact {
  const found = night.facts.find((fact) => fact.kind === 'service_account' && fact.subject.name === name);
  if (!found) throw new Error(`No fact about the role ${name}`);
  return found;
}

function user(night: Night, name: string): Fact {
  const found = night.facts.find((fact) => fact.thing.startsWith('user/') && fact.subject.name === name);
  if (!found) throw new Error(`No fact about the user ${name}`);
  return found;
}

function trusts(night: Night, holder: string): Fact[] {
  return night.facts.filter((fact) => fact.kind === 'trust' && fact.principal?.name === holder);
}

/** Findings that speak of somebody or something by this name. */
function speaking(night: Night, name: string): Found[] {
  return night.findings.filter((finding) => `${finding.title} ${finding.body}`.includes(name));
}

function openKeys(night: Night): string[] {
  return night.findings.map(({ key }) => key).sort();
}

/** Gaps that are not there by design. */
function realGaps(night: Night) {
  return night.gaps.filter(({ byDesign }) => byDesign === 0);
}

/** Facts without where and when they were read. */
function comparable(night: Night): string[] {
  return night.facts
    .map(({ attributes: { reportGeneratedAt: _, ...attributes }, ...fact }) => JSON.stringify({ ...fact, attributes }))
    .sort();
}

// The core of IAM: details, credential report.

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
  expect(night.facts.filter(({ collector }) => collector === 'providers')).toHaveLength(4);
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

// Keys for single services.

const PHANTOM = { attached: ['AmazonBedrockLimitedAccess'] };

/** Users and keys for services of an account that holds nothing else. */
async function keysWorld(users: Estate['users'], ...keys: ServiceKey[]): Promise<World> {
  const world = await worldOf({ users: users ?? {} });
  plantKeys(world, ...keys);
  return world;
}

const KEY_READERS = ['identities', 'service_credentials'];

statement('A12', async () => {
  const world = await keysWorld({ ann: {}, ben: {} });
  world.plant(KEYS, (request) =>
    formOf(request).get('Marker') === 'second'
      ? keysPage([{ user: 'ben' }], { IsTruncated: false })
      : keysPage([{ user: 'ann' }], { IsTruncated: true, Marker: 'second' }),
  );
  const night = await world.scan({ collectors: KEY_READERS });
  const credentials = night.facts.filter(({ collector }) => collector === 'service_credentials');
  expect(new Set(credentials.map(({ subject }) => subject.credential))).toEqual(new Set([keyId('ann'), keyId('ben')]));
  const forms = world.asked.filter(({ operation }) => operation === KEYS).map(formOf);
  expect(forms.map((form) => form.get('Marker'))).toEqual([null, 'second']);
  for (const form of forms) {
    expect(form.get('AllUsers')).toBe('true');
    expect([form.has('ServiceName'), form.has('UserName')]).toEqual([false, false]);
  }
});

statement('A13', async () => {
  const world = await keysWorld(
    { 'BedrockAPIKey-aaaa': PHANTOM, 'BedrockAPIKey-bbbb': PHANTOM },
    { user: 'BedrockAPIKey-aaaa' },
    { user: 'BedrockAPIKey-bbbb', expires: ago(-60) },
  );
  const night = await world.scan({ collectors: KEY_READERS });
  const found = night.findings.filter(({ rule }) => rule === 'never-expiring-ai-key');
  expect(found.map(({ credentialId }) => credentialId)).toEqual([keyId('BedrockAPIKey-aaaa')]);
  expect(found[0]!.title).toMatch(/never expires/);
  expect(found[0]!.severity).toBe('critical');
});

statement('A14', async () => {
  const night = await (await keysWorld({ 'olga.berg': { report: PASSWORD } }, { user: 'olga.berg' })).scan({ collectors: KEY_READERS });
  expect(
    about(night, 'olga.berg')
      .filter(({ kind }) => kind === 'api_key')
      .map(({ subject }) => subject.credential),
  ).toContain(keyId('olga.berg'));
  expect(night.findings.map(({ rule, credentialId }) => [rule, credentialId])).toContainEqual([
    'never-expiring-ai-key',
    keyId('olga.berg'),
  ]);
});

statement('A15', async () => {
  const night = await (
    await keysWorld({ ann: {} }, { user: 'ann' }, { user: 'ann', service: CLAUDE_PLATFORM })
  ).scan({ collectors: KEY_READERS });
  const rules = (service: string) =>
    night.findings
      .filter(({ appId }) => appId === service)
      .map(({ rule }) => rule)
      .sort();
  expect(rules('bedrock.amazonaws.com')).toContain('never-expiring-ai-key');
  expect(rules(CLAUDE_PLATFORM)).toEqual(rules('bedrock.amazonaws.com'));
  const product = (service: string) => night.findings.find(({ appId }) => appId === service)!.product;
  expect(product('bedrock.amazonaws.com')).toBe('aws/bedrock');
  expect(product(CLAUDE_PLATFORM)).toMatch(/^anthropic\//);
});

statement('A16', async () => {
  const service = 'lumen-inference.amazonaws.com';
  const night = await (await keysWorld({ ann: {} }, { user: 'ann', service })).scan({ collectors: KEY_READERS });
  const keys = night.facts.filter(({ subject }) => subject.app === service);
  expect(keys.map(({ subject }) => subject.credential)).toEqual([keyId('ann', service)]);
  const said = JSON.stringify([keys.map(({ attributes }) => attributes), speaking(night, service), night.gaps]);
  expect(said).toMatch(/new service|unknown service|unfamiliar|"family":"unknown"|"known":false|not known/i);
});

statement('A17', async () => {
  const service = 'logs.amazonaws.com';
  const night = await (await keysWorld({ ann: {} }, { user: 'ann', service }, { user: 'ann' })).scan({ collectors: KEY_READERS });
  expect(night.facts.filter(({ subject }) => subject.credential === keyId('ann', service))).toHaveLength(1);
  expect(night.findings.filter(({ appId }) => appId === 'bedrock.amazonaws.com')).not.toEqual([]);
  expect(night.findings.filter(({ appId }) => appId === service)).toEqual([]);
});

statement('A18', async () => {
  const night = await (
    await keysWorld(
      { 'BedrockAPIKey-old1': PHANTOM, 'BedrockAPIKey-used': PHANTOM },
      { user: 'BedrockAPIKey-old1', status: 'Expired', expires: ago(40), created: ago(100) },
      { user: 'BedrockAPIKey-old1', status: 'Expired', expires: ago(10), created: ago(80), second: true },
      { user: 'BedrockAPIKey-used', expires: ago(-40) },
    )
  ).scan({ collectors: KEY_READERS });
  const orphans = (name: string) =>
    speaking(night, name).filter(({ title, body }) =>
      /orphan|left behind|no longer has a key|keys? (has|have) ended/i.test(
        `${title} ${String(JSON.parse(body).why)} ${String(JSON.parse(body).details)}`,
      ),
    );
  expect(night.facts.filter(({ kind, use }) => kind === 'api_key' && use === 'inactive')).toHaveLength(2);
  expect(orphans('BedrockAPIKey-used')).toEqual([]);
  expect(orphans('BedrockAPIKey-old1')).toHaveLength(1);
});

statement('A19', async () => {
  const night = await (
    await keysWorld(
      { 'BedrockAPIKey-t7wz': { ...PHANTOM, report: activeKey() }, plain: {} },
      { user: 'BedrockAPIKey-t7wz' },
      { user: 'plain' },
    )
  ).scan({ collectors: KEY_READERS });
  const found = night.findings.filter(({ rule }) => rule === 'general-key-of-key-holder');
  expect(found).toHaveLength(1);
  expect(found[0]!.severity).toBe('critical');
  expect(found[0]!.body).toContain('BedrockAPIKey-t7wz');
});

statement('A20', async () => {
  const world = await keysWorld({ ann: {} }, { user: 'ann' });
  const before = await world.scan({ collectors: KEY_READERS });
  expect(before.findings.map(({ rule }) => rule)).toContain('never-expiring-ai-key');
  world.plant(KEYS, () => xmlError(403, 'AccessDenied', 'is not authorized to perform: iam:ListServiceSpecificCredentials'));
  const night = await world.scan({ collectors: KEY_READERS, night: 1 });
  const gap = realGaps(night).find(({ collector }) => collector === 'service_credentials');
  expect(gap).toMatchObject({ reason: 'permission_denied', permission: 'iam:ListServiceSpecificCredentials' });
  expect(gap!.effect).toMatch(/API keys .*unknown/);
  expect(openKeys(night)).toEqual(openKeys(before));
  expect(night.findings.find(({ rule }) => rule === 'never-expiring-ai-key')!.unverifiedSince).not.toBeNull();
});

// What people and programs are, and what they can do with AI.

statement('A21', async () => {
  const night = await (
    await worldOf({
      roles: { young: { created: ago(30), lastUsed: {} }, old: { created: ago(200), lastUsed: {} } },
    })
  ).scan({ collectors: IAM_ONLY });
  const said = (name: string) => JSON.stringify([role(night, name).attributes, speaking(night, name)]);
  expect(said('old')).toMatch(/stale|400 days/i);
  expect(said('young')).not.toMatch(/stale|400 days/i);
});

statement('A22', async () => {
  const night = await (
    await worldOf({ users: { mixed: { report: { ...PASSWORD, ...activeKey() } }, program: { report: activeKey() } } })
  ).scan({ collectors: IAM_ONLY });
  const traits = (name: string) => new Set(about(night, name).flatMap(({ principal }) => principal?.traits ?? []));
  expect([...traits('mixed')]).toEqual(expect.arrayContaining(['interactive_login', 'standing_credential']));
  expect([...traits('program')]).not.toContain('interactive_login');
  const said = (name: string) => JSON.stringify([about(night, name).map(({ attributes }) => attributes), speaking(night, name)]);
  expect(said('mixed')).toMatch(/shared|human ?(\+|and) ?machine/i);
});

statement('A23', async () => {
  const night = await (
    await worldOf({ roles: { runner: { trust: trustOf({ Service: 'bedrock-agentcore.amazonaws.com' }) }, plain: { trust: SERVED } } })
  ).scan({ collectors: IAM_ONLY });
  expect(role(night, 'runner').principal!.traits).toContain('agent_runtime');
  expect(role(night, 'plain').principal!.traits).not.toContain('agent_runtime');
  expect(JSON.stringify([role(night, 'runner'), ...trusts(night, 'runner')])).toContain('bedrock-agentcore.amazonaws.com');
});

statement('A24', async () => {
  const inline = { p: policy({ Effect: 'Allow', Action: 'bedrock:*', Resource: '*' }) };
  const night = await (await worldOf({ users: { wanda: { report: PASSWORD, inline } } })).scan({ collectors: IAM_ONLY });
  const { principal, attributes } = user(night, 'wanda');
  expect(principal!.traits).toContain('interactive_login');
  expect(principal!.traits).not.toContain('agent_runtime');
  expect(principal!.traits).not.toContain('workload');
  expect(attributes['aiLevel']).toBe('service-wildcard');
});

/** How far a role with these statements gets with AI services. */
async function levelsOf(policies: Record<string, Parameters<typeof policy>>): Promise<Record<string, unknown>> {
  const roles = Object.entries(policies).map(([name, statements]) => [name, { inline: { p: policy(...statements) } }]);
  const night = await (await worldOf({ roles: Object.fromEntries(roles) })).scan({ collectors: IAM_ONLY });
  return Object.fromEntries(Object.keys(policies).map((name) => [name, role(night, name).attributes['aiLevel']]));
}

statement('A25', async () => {
  const levels = await levelsOf({
    broad: [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }],
    narrow: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
  });
  expect(levels).toEqual({ broad: 'admin', narrow: 'none' });
});

statement('A26', async () => {
  const levels = await levelsOf({
    odd: [{ Effect: 'Allow', Action: 'Bedrock:invokemodel*', Resource: '*' }],
    mark: [{ Effect: 'Allow', Action: 'BEDROCK:Invoke?odel', Resource: '*' }],
    other: [{ Effect: 'Allow', Action: 'Bedrocks:invokemodel*', Resource: '*' }],
  });
  expect(levels).toEqual({ odd: 'invoke-star', mark: 'invoke-star', other: 'none' });
});

const ALLOW_BEDROCK = { Effect: 'Allow', Action: 'bedrock:*', Resource: '*' } as const;

statement('A27', async () => {
  const levels = await levelsOf({
    denied: [ALLOW_BEDROCK, { Effect: 'Deny', Action: 'bedrock:*', Resource: '*' }],
    allowed: [ALLOW_BEDROCK, { Effect: 'Deny', Action: 's3:*', Resource: '*' }],
  });
  expect(levels).toEqual({ denied: 'none', allowed: 'service-wildcard' });
  // Wherever both come from: a group allows, a policy of the customer's own denies.
  const world = await openWorld('aws');
  const deny = policy({ Effect: 'Deny', Action: ['bedrock:*'], Resource: ['*'] });
  plantEstate(world, {
    groups: { lab: { inline: { p: policy(ALLOW_BEDROCK) } } },
    policies: { 'no-models': deny },
    users: { ann: { groups: ['lab'] }, ben: { groups: ['lab'], attached: [`arn:aws:iam::${accountOf(world)}:policy/no-models`] } },
  });
  const night = await world.scan({ collectors: IAM_ONLY });
  expect([user(night, 'ann').attributes['aiLevel'], user(night, 'ben').attributes['aiLevel']]).toEqual(['service-wildcard', 'none']);
});

statement('A28', async () => {
  const levels = await levelsOf({
    'at-times': [
      ALLOW_BEDROCK,
      { Effect: 'Deny', Action: 'bedrock:*', Resource: '*', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } },
    ],
    somewhere: [ALLOW_BEDROCK, { Effect: 'Deny', Action: 'bedrock:*', Resource: 'arn:aws:bedrock:*::foundation-model/other.*' }],
  });
  expect(levels).toEqual({ 'at-times': 'service-wildcard', somewhere: 'service-wildcard' });
});

statement('A29', async () => {
  const world = await worldOf({
    roles: { phantom: { attached: ['AmazonBedrockLimitedAccess'] }, reader: { attached: ['job-function/ViewOnlyAccess'] } },
  });
  const night = await world.scan({ collectors: IAM_ONLY });
  expect(role(night, 'phantom').attributes['aiLevel']).toBe('service-wildcard');
  expect(role(night, 'reader').attributes['aiLevel']).toBe('none');
  const operations = new Set(world.asked.map(({ operation }) => operation).filter((operation) => operation?.startsWith('iam.')));
  expect(operations).toEqual(new Set(['iam.GenerateCredentialReport', DETAILS, 'iam.GetCredentialReport']));
  expect(night.sent(DETAILS).first).toBe(1);
});

// Whom roles let in.

const ROOT = `arn:aws:iam::${OUTSIDE}:root`;
const boundTo = (id: string) => ({ StringEquals: { 'sts:ExternalId': id } });

/** Severities of `trust-without-condition` about what a role with this trust lets in, one scan for each role. */
async function openTrusts(
  trustsOfRoles: Record<string, string>,
  config: Readonly<Record<string, unknown>> = {},
): Promise<{ night: Night; severities: Record<string, string[]> }> {
  const severities: Record<string, string[]> = {};
  let last: Night | undefined;
  for (const [name, trust] of Object.entries(trustsOfRoles)) {
    last = await (await worldOf({ roles: { [name]: { trust } } })).scan({ collectors: IAM_ONLY, config });
    expect(trusts(last, name).length).toBeGreaterThan(0);
    severities[name] = last.findings.filter(({ rule }) => rule === 'trust-without-condition').map(({ severity }) => severity);
  }
  return { night: last!, severities };
}

statement('A30', async () => {
  const { severities } = await openTrusts({ open: trustOf({ AWS: ROOT }), bound: trustOf({ AWS: ROOT }, boundTo('a-5f2c')) });
  expect(severities).toEqual({ open: ['high'], bound: [] });
});

statement('A31', async () => {
  const { severities } = await openTrusts({
    star: trustOf({ AWS: ROOT }, { StringLike: { 'sts:ExternalId': '*' } }),
    'if-exists': trustOf({ AWS: ROOT }, { StringEqualsIfExists: { 'sts:ExternalId': 'a-5f2c' } }),
    case: trustOf({ AWS: ROOT }, { StringEquals: { 'STS:externalid': 'a-5f2c' } }),
    // Whoever is let in by one statement needs no other.
    'one-of-two': policy(
      { Effect: 'Allow', Principal: { AWS: ROOT }, Action: 'sts:AssumeRole', Condition: boundTo('a-5f2c') },
      { Effect: 'Allow', Principal: { AWS: ROOT }, Action: 'sts:*' },
    ),
    // Something is asked, and anybody of the other side has it.
    aside: trustOf({ AWS: ROOT }, { Bool: { 'aws:SecureTransport': 'true' } }),
  });
  expect(severities).toEqual({ star: ['high'], 'if-exists': ['high'], case: [], 'one-of-two': ['high'], aside: ['high'] });
});

statement('A32', async () => {
  const world = await worldOf({ roles: { shared: { trust: trustOf({ AWS: ROOT }) } } });
  const outside = await world.scan({ collectors: IAM_ONLY });
  expect(speaking(outside, OUTSIDE)).not.toEqual([]);
  const night = await (
    await worldOf({ roles: { shared: { trust: trustOf({ AWS: ROOT }) } } })
  ).scan({
    collectors: IAM_ONLY,
    config: { ownAccounts: [OUTSIDE] },
  });
  expect(trusts(night, 'shared').map(({ attributes }) => attributes['internal'])).toEqual([true]);
  expect(speaking(night, OUTSIDE)).toEqual([]);
});

statement('A33', async () => {
  const heldTo = (organisation: string) => trustOf('*', { StringEquals: { 'aws:PrincipalOrgID': organisation } });
  const { severities } = await openTrusts(
    { other: heldTo('o-zzzzzzzzzz'), none: trustOf('*'), ours: heldTo('o-a1b2c3d4e5') },
    { organizationId: 'o-a1b2c3d4e5' },
  );
  const ours = await (
    await worldOf({ roles: { ours: { trust: heldTo('o-a1b2c3d4e5') } } })
  ).scan({
    collectors: IAM_ONLY,
    config: { organizationId: 'o-a1b2c3d4e5' },
  });
  expect(trusts(ours, 'ours').map(({ attributes }) => attributes['internal'])).toEqual([true]);
  expect(severities).toEqual({ ours: [], other: ['high'], none: ['critical'] });
});

statement('A34', async () => {
  const night = await (
    await worldOf({
      roles: {
        digits: { trust: trustOf({ AWS: OUTSIDE }) },
        arn: { trust: trustOf({ AWS: `arn:aws:iam::${OUTSIDE}:role/team/reader` }) },
        root: { trust: trustOf({ AWS: ROOT }) },
        both: { trust: trustOf({ AWS: [OUTSIDE, ROOT] }) },
      },
    })
  ).scan({ collectors: IAM_ONLY });
  const parties = ['digits', 'arn', 'root', 'both'].map((name) => trusts(night, name).map(({ subject }) => subject.app));
  expect(parties).toEqual([[OUTSIDE], [OUTSIDE], [OUTSIDE], [OUTSIDE]]);
});

const GITHUB = 'token.actions.githubusercontent.com';

statement('A35', async () => {
  const federated = (conditions: unknown) =>
    trustOf({ Federated: `arn:aws:iam::111122223333:oidc-provider/${GITHUB}` }, conditions, 'sts:AssumeRoleWithWebIdentity');
  const { severities } = await openTrusts({
    anybody: federated({ StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' } }),
    star: federated({ StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' }, StringLike: { [`${GITHUB}:sub`]: '*' } }),
    'any-owner': federated({
      StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' },
      StringLike: { [`${GITHUB}:sub`]: '*:environment:production' },
    }),
    exact: federated({
      StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com', [`${GITHUB}:sub`]: 'repo:lanternworks/shop:ref:refs/heads/main' },
    }),
  });
  expect(severities).toEqual({ anybody: ['critical'], star: ['critical'], 'any-owner': ['critical'], exact: [] });
});

statement('A36', async () => {
  const dead = idOf('AROA', 'deleted long ago');
  const night = await (await worldOf({ roles: { left: { trust: trustOf({ AWS: dead }) } } })).scan({ collectors: IAM_ONLY });
  expect(night.findings.map(({ rule, severity, appId }) => [rule, severity, appId])).toEqual([['trust-of-deleted-party', 'low', dead]]);
});

statement('A37', async () => {
  const world = await worldOf({
    roles: {
      tracking: { trust: trustOf({ AWS: 'arn:aws:iam::725579432336:role/WandbIntegration' }, boundTo('w-1')) },
      hub: { trust: trustOf({ AWS: 'arn:aws:iam::754289655784:root' }, boundTo('h-1')) },
      images: { trust: trustOf({ AWS: 'arn:aws:iam::855262394183:root' }, boundTo('g-1')) },
    },
  });
  const night = await world.scan({ collectors: IAM_ONLY });
  const found = night.findings.filter(({ appId }) => appId === '725579432336');
  expect(found.map(({ rule }) => rule)).toEqual(['unapproved-ai-tool']);
  expect(`${found[0]!.title} ${found[0]!.body}`).toMatch(/Weights (&|and) Biases/);
  const shown = await world.cli(['show', found[0]!.key.slice(0, 12)]);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/exact/);
  for (const weak of ['754289655784', '855262394183']) {
    expect(night.facts.filter(({ subject }) => subject.app === weak)).toHaveLength(1);
    expect(night.findings.filter(({ appId, rule }) => appId === weak && AI_RULES.has(rule))).toEqual([]);
  }
  expect(shown.stdout).toMatch(/https:\/\/[^\s]*(wandb|known_aws_accounts)/);
});

// Agents and their identities.

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

/** Which collectors run, as a source wants it. */
async function only(id: string, collectors: readonly string[]): Promise<Record<string, boolean>> {
  const connector = await loadConnector(id);
  return Object.fromEntries(connector.collectors.map((collector) => [collector.id, collectors.includes(collector.id)]));
}

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

// Tokens for outside services.

statement('A43', async () => {
  const world = await openWorld('aws');
  const night = await world.scan({ collectors: ['identities', 'providers'] });
  expect(world.asked.map(({ body }) => new URLSearchParams(body).get('Action'))).toContain('GetOutboundWebIdentityFederationInfo');
  expect(
    night.facts
      .filter(({ kind }) => kind === 'control')
      .map(({ attributes }) => JSON.stringify(attributes))
      .join(),
  ).toMatch(/off|false|disabled/i);
  expect(night.source.state).toBe('read');
});

const mint = (audience: string, operator = 'ForAnyValue:StringEquals') => ({
  Effect: 'Allow' as const,
  Action: 'sts:GetWebIdentityToken',
  Resource: '*',
  Condition: { [operator]: { 'sts:IdentityTokenAudience': audience } },
});

statement('A44', async () => {
  const night = await (
    await worldOf({ roles: { keyless: { inline: { mint: policy(mint('https://api.openai.com/v1')) } }, plain: {} } })
  ).scan({ collectors: IAM_ONLY });
  const found = night.findings.filter(({ rule }) => rule === 'unapproved-ai-tool');
  expect(found).toHaveLength(1);
  expect(found[0]!.product).toMatch(/^openai\//);
  expect(found[0]!.body).toContain('keyless');
  expect(
    night.facts
      .filter(({ kind, attributes }) => kind === 'trust' && attributes['trusts'] === 'audience')
      .map(({ principal }) => principal!.name),
  ).toEqual(['keyless']);
});

statement('A45', async () => {
  const audience = 'https://api.anthropic.com';
  const night = await (
    await worldOf({
      roles: {
        managed: { attached: ['AnthropicInferenceAccess'] },
        copied: {
          inline: {
            p: policy({
              ...mint(audience),
              Condition: { ...mint(audience).Condition, StringEquals: { 'aws:CalledViaLast': CLAUDE_PLATFORM } },
            }),
          },
        },
        own: { inline: { p: policy(mint(audience)) } },
      },
    })
  ).scan({ collectors: IAM_ONLY });
  expect(role(night, 'managed').attributes['aiLevel']).not.toBe('none');
  const minting = night.facts.filter(({ kind, attributes }) => kind === 'trust' && attributes['trusts'] === 'audience');
  expect(minting.map(({ principal }) => principal!.name)).toEqual(['own']);
});

// What CloudTrail knows of use.

const TRAIL = ['invocations'];
const LOOKUP = 'cloudtrail.LookupEvents';

statement('A46', async () => {
  const world = await openWorld('aws');
  plantRegions(world, 'us-east-1', 'eu-west-1');
  world.plant(LOOKUP, () => lookedUp([]));
  const night = await world.scan({ collectors: ['identities', ...TRAIL] });
  expect(new Set(world.asked.filter(({ operation }) => operation === LOOKUP).map(regionOf))).toEqual(new Set(['us-east-1', 'eu-west-1']));
  expect(night.facts.filter(({ kind }) => kind === 'usage')).toEqual([]);
  const ai = night.findings.filter(({ product }) => product === 'aws/bedrock');
  expect(ai).not.toEqual([]);
  expect(night.findings.filter(({ title, body }) => /\bunused\b|not used|never used/i.test(`${title} ${body}`))).toEqual([]);
  expect(night.facts.filter(({ attributes }) => /"unused|"never/i.test(JSON.stringify(attributes)))).toEqual([]);
  const said = ai.map(({ explained }) => explained['lastUsed']);
  expect(said).toContain('unknown');
});

const call = (at: Date, more: Partial<TrailEvent> = {}): TrailEvent => ({ name: 'InvokeModel', role: 'caller', at, ...more });
const NOW = ago(0);
/** Two events a page, an hour apart, the newest first. */
const pageOfEvents = (page: number) => [0, 1].map((index) => call(new Date(NOW.getTime() - (page * 2 + index) * 3_600_000)));

statement('A47', async () => {
  const world = await openWorld('aws');
  plantRegions(world, 'us-east-1');
  plantEvents(world, (page) => (page < 30 ? pageOfEvents(page) : []), 30);
  const night = await world.scan({ collectors: TRAIL });
  expect(night.sent(LOOKUP)).toEqual({ first: 20, repeats: 0 });
  const cut = realGaps(night).filter(({ reason }) => reason === 'truncated');
  expect(cut).toHaveLength(1);
  expect(cut[0]!.effect).toContain(pageOfEvents(19)[1]!.at.toISOString().slice(0, 19));
});

/** A scan at the connector's own pace: the harness asks for none. */
async function pacedScan(world: World, collectors: readonly string[], speed: number): Promise<void> {
  const source = await sourceOf({ name: 'aws', config: world.provider.config, collectors: await only('aws', collectors) });
  const { pace: _, ...paced } = source;
  const database = join(newFolder(), 'noctule.db');
  await runNight(database, { sources: [paced], environment: world.provider.environment, from: new Date(), speed });
}

/** Times in milliseconds of the scan's clock at which an operation was asked. */
function timesOf(world: World, operation: string, speed: number, region?: string): number[] {
  return world.asked
    .filter((request) => request.operation === operation && (region === undefined || regionOf(request) === region))
    .map(({ at }) => at * speed);
}

statement('A48', async () => {
  const speed = 4;
  const world = await openWorld('aws');
  plantRegions(world, 'us-east-1', 'eu-west-1');
  plantEvents(world, pageOfEvents, 10);
  await pacedScan(world, TRAIL, speed);
  for (const region of ['us-east-1', 'eu-west-1']) {
    const times = timesOf(world, LOOKUP, speed, region);
    expect(times).toHaveLength(10);
    // Three within a second would be too many; the timers of a busy machine are some milliseconds off, times four.
    const tooFast = times.slice(2).filter((at, index) => at - times[index]! < 700);
    expect(tooFast).toEqual([]);
  }
});

statement('A49', async () => {
  const world = await worldOf({ roles: { caller: {}, plain: {} } });
  plantRegions(world, 'us-east-1');
  plantEvents(world, () => [call(ago(1), { bearer: true }), call(ago(1), { role: 'plain' })], 1);
  const night = await world.scan({ collectors: ['identities', 'service_credentials', ...TRAIL] });
  expect(
    night.facts
      .filter(({ kind }) => kind === 'usage')
      .map(({ principal }) => principal!.name)
      .sort(),
  ).toEqual(['caller', 'plain']);
  const short = (name: string) =>
    speaking(night, name).filter(({ title, body }) =>
      /short-(term|lived)|temporary key|bearer|key for the service alone/i.test(`${title} ${body}`),
    );
  expect(short('plain')).toEqual([]);
  expect(short('caller')).not.toEqual([]);
});

statement('A50', async () => {
  const world = await worldOf({ roles: { refused: {}, served: {} } });
  plantRegions(world, 'us-east-1');
  plantEvents(world, () => [call(ago(1), { role: 'refused', error: 'AccessDenied' }), call(ago(2), { role: 'served' })], 1);
  const night = await world.scan({ collectors: ['identities', ...TRAIL] });
  const usage = (name: string) => night.facts.find(({ kind, principal }) => kind === 'usage' && principal?.name === name);
  expect(usage('served')!.lastUsedAt?.at.slice(0, 10)).toBe(ago(2).toISOString().slice(0, 10));
  expect(usage('refused')).toBeDefined();
  expect(usage('refused')!.lastUsedAt).toBeUndefined();
  expect(JSON.stringify(usage('refused')!.attributes)).toMatch(/attempt|refused":1/);
});

// Secrets, and names of secrets.

const PLANTED = 'PLANTED-SECRET-VALUE-a8Kq2';

function plantVariables(world: World, names: readonly string[]): void {
  const variables = Object.fromEntries(names.map((name) => [name, PLANTED]));
  plantRegions(world, 'us-east-1');
  plantRuntimes(world, [{ id: 'orders-a1b2c3d4e5', variables }]);
  world.plant('lambda.ListFunctions', () => lambdaPage(variables));
  world.plant('ecs.ListTaskDefinitionFamilies', () => json({ families: ['web'] }));
  world.plant('ecs.DescribeTaskDefinition', () =>
    json({
      taskDefinition: {
        taskDefinitionArn: `arn:aws:ecs:us-east-1:${accountOf(world)}:task-definition/web:7`,
        family: 'web',
        revision: 7,
        status: 'ACTIVE',
        containerDefinitions: [
          { name: 'web', image: 'web:1', environment: Object.entries(variables).map(([name, value]) => ({ name, value })), secrets: [] },
        ],
      },
    }),
  );
}

const lambdaPage = (Variables: Record<string, string>) =>
  json({
    Functions: [
      {
        FunctionName: 'relay',
        FunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:relay',
        Runtime: 'nodejs22.x',
        Role: 'arn:aws:iam::111122223333:role/relay',
        Environment: { Variables },
      },
    ],
  });

statement('A51', async () => {
  const world = await openWorld('aws');
  plantVariables(world, ['OPENAI_API_KEY']);
  const collectors = ['agents', 'environment_names'];
  const night = await world.scan({ collectors });
  expect(about(night, 'OPENAI_API_KEY')).toHaveLength(3);
  const folder = newFolder();
  const own = { ...world.provider.config, collectors: await only('aws', collectors), pace: { perSecond: 1000, inFlight: 4 } };
  const file = writeConfig(folder, { aws: own });
  const run = (...args: string[]) => noctule([...args, '--config', file], { cwd: folder, env: world.provider.environment });
  const said = [await run('scan'), await run('findings', '--format', 'json'), await run('coverage', '--format', 'json')];
  expect(said[1]!.stdout).toContain('OPENAI_API_KEY');
  const everything = [
    world.written(),
    bytesBelow(folder),
    JSON.stringify(night),
    ...said.flatMap(({ stdout, stderr }) => [stdout, stderr]),
  ].join('\n');
  expect(everything).toContain('OPENAI_API_KEY');
  expect(formsOf(PLANTED).filter((form) => everything.includes(form))).toEqual([]);
});

statement('A52', async () => {
  const broken = async (breakIt: (world: World) => void) => {
    const world = await openWorld('aws');
    plantVariables(world, ['OPENAI_API_KEY']);
    breakIt(world);
    const night = await world.scan({ collectors: ['environment_names'] });
    expect(realGaps(night).map(({ collector, reason }) => [collector, reason])).toEqual([['environment_names', 'provider_error']]);
    expect(night.facts.filter(({ evidence }) => evidence.source === 'lambda.ListFunctions')).toEqual([]);
    expect(night.facts.filter(({ evidence }) => evidence.source === 'ecs.DescribeTaskDefinition')).toHaveLength(1);
    const said = `${JSON.stringify([night.gaps, night.source])} ${world.written()}`;
    expect(said).toContain('environment_names');
    expect(['PLANTED', 'Internal page', '{"Funct', 'FunctionName'].filter((text) => said.includes(text))).toEqual([]);
    return world;
  };
  const cut = await broken((world) => world.provider.faults.add({ operation: 'lambda.ListFunctions', fault: 'cut' }));
  expect(cut.provider.faults.struck.has('lambda.ListFunctions')).toBe(true);
  const half = JSON.stringify(lambdaPage({ OPENAI_API_KEY: PLANTED }).body).slice(0, -30);
  await broken((world) => world.plant('lambda.ListFunctions', () => ({ ...lambdaPage({}), body: half })));
  const page = `<!doctype html><title>Internal page</title>${PLANTED}`;
  await broken((world) =>
    world.plant('lambda.ListFunctions', () => ({ status: 500, headers: { 'content-type': 'text/html' }, body: page })),
  );
});

statement('A53', async () => {
  const world = await openWorld('aws');
  const ai = ['OPENAI_API_KEY', 'PROD_OPENROUTER_API_KEY'];
  plantVariables(world, [...ai, 'GITHUB_TOKEN', 'AWS_ACCESS_KEY_ID']);
  const others = ['GITHUB_TOKEN', 'AWS_ACCESS_KEY_ID', 'skillman-token', 'coherent/path', 'jean-claude', 'gemini-exchange/key'];
  const names = ['prod/anthropic-api-key', ...ai, ...others];
  world.plant('secrets-manager.ListSecrets', () =>
    json({
      SecretList: names.map((Name) => ({
        ARN: `arn:aws:secretsmanager:us-east-1:111122223333:secret:${Name}-Ab1Cd2`,
        Name,
        CreatedDate: 1_780_000_000,
      })),
    }),
  );
  world.plant('ssm.DescribeParameters', () => json({ Parameters: [] }));
  const night = await world.scan({ collectors: ['secret_names', 'environment_names'] });
  const stored = night.facts.filter(({ collector }) => collector === 'secret_names').map(({ subject }) => subject.name);
  expect(stored.sort()).toEqual([...names].sort());
  const found = new Map<string, Set<string>>();
  for (const { name, rule } of night.findings) found.set(name, (found.get(name) ?? new Set()).add(rule));
  for (const name of ['prod/anthropic-api-key', ...ai]) expect([name, ...(found.get(name) ?? [])]).toEqual([name, 'unapproved-ai-tool']);
  for (const name of others) expect([name, ...(found.get(name) ?? [])]).toEqual([name]);
  expect(about(night, 'OPENAI_API_KEY').filter(({ collector }) => collector === 'environment_names')).toHaveLength(2);
});

// Throttling, refusals, regions.

/** A refusal in the words of whatever protocol the request speaks. */
function refusal(request: Pick<FakeRequest, 'headers'>, codes: { query: string; other: string; status: number; rest: number }) {
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/x-www-form-urlencoded')) return xmlError(codes.status, codes.query);
  return type.startsWith('application/x-amz-json') ? jsonError(400, codes.other) : restError(codes.rest, codes.other);
}

const THROTTLED = { query: 'Throttling', other: 'ThrottlingException', status: 400, rest: 429 };
const DENIED = { query: 'AccessDenied', other: 'AccessDeniedException', status: 403, rest: 403 };
const EXPIRED = { query: 'ExpiredToken', other: 'ExpiredTokenException', status: 403, rest: 403 };
const UNRECOGNISED = { query: 'UnrecognizedClientException', other: 'UnrecognizedClientException', status: 403, rest: 403 };

statement('A54', async () => {
  const calm = await openWorld('aws');
  const undisturbed = await calm.scan();
  const world = await openWorld('aws');
  let calls = 0;
  let refused = 0;
  for (const operation of new Set(calm.asked.map((request) => request.operation!)))
    world.plant(operation, (request, _nth, usual) => {
      if (calls++ % 2 === 0) return usual();
      refused++;
      return refusal(request, THROTTLED);
    });
  const night = await world.scan();
  expect(refused).toBeGreaterThan(30);
  expect(night.source.state).toBe('read');
  expect(comparable(night)).toEqual(comparable(undisturbed));
  const counted = [...night.outcome.requests.values()];
  expect(counted.reduce((sum, { first, repeats }) => sum + first + repeats, 0)).toBe(calls);
  expect(counted.reduce((sum, { repeats }) => sum + repeats, 0)).toBeGreaterThanOrEqual(refused);
});

statement('A55', async () => {
  const world = await openWorld('aws');
  world.plant(DETAILS, () => xmlError(400, 'Throttling', 'Rate exceeded'));
  const night = await world.scan({ speed: 5000 });
  expect(night.outcome.state).toBe('concluded');
  expect(night.source.state).toBe('partly');
  const gaps = realGaps(night);
  expect(new Set(gaps.map(({ collector }) => collector))).toEqual(new Set(['identities']));
  expect(gaps.map(({ reason }) => reason).join()).toMatch(/rate_limited|over_budget/);
  const others = new Set(night.facts.map(({ collector }) => collector));
  for (const collector of ['service_credentials', 'providers', 'agents', 'secret_names', 'environment_names'])
    expect(others).toContain(collector);
  expect(night.sent(DETAILS).repeats).toBeGreaterThan(0);
  expect(night.sent(DETAILS).repeats).toBeLessThan(50);
});

statement('A56', async () => {
  const world = await openWorld('aws');
  const before = await world.scan();
  expect(before.source.state).toBe('read');
  const connector = await loadConnector('aws');
  const owners = new Map<string, string>();
  for (const { id } of connector.collectors) {
    const alone = await world.scan({ collectors: [id] });
    for (const operation of alone.outcome.requests.keys()) if (!owners.has(operation)) owners.set(operation, id);
  }
  expect(owners.size).toBe(new Set(world.asked.map(({ operation }) => operation)).size);
  const wrong: unknown[] = [];
  for (const [operation, collector] of owners) {
    if (operation === 'sts.GetCallerIdentity') continue; // AWS never refuses it for a permission.
    let denying = true;
    world.plant(operation, (request, _nth, usual) => (denying ? refusal(request, DENIED) : usual()));
    const night = await world.scan({ collectors: [collector] });
    denying = false;
    const gap = realGaps(night).some((row) => row.reason === 'permission_denied' && row.collector === collector);
    const told = operation.startsWith('sts.') ? night.source.state === 'unread' : night.source.state === 'partly' && gap;
    const kept = JSON.stringify(openKeys(night)) === JSON.stringify(openKeys(before));
    if (!told || !kept) wrong.push({ operation, state: night.source.state, gap, kept });
  }
  expect(owners.size).toBeGreaterThan(30);
  expect(wrong).toEqual([]);
});

statement('A61', async () => {
  const quiet = await openWorld('aws');
  const only = await quiet.scan();
  const world = await openWorld('aws');
  const Regions = ['us-east-1', 'me-south-1'].map((RegionName) => ({ RegionName, RegionOptStatus: 'ENABLED' }));
  world.plant('account.ListRegions', () => json({ Regions }));
  for (const operation of new Set(quiet.asked.map((request) => request.operation!)))
    if (!/^(iam|sts|account)\./.test(operation))
      world.plant(operation, (request, _nth, usual) => (regionOf(request) === 'us-east-1' ? usual() : refusal(request, UNRECOGNISED)));
  const night = await world.scan();
  expect(comparable(night)).toEqual(comparable(only));
  const there = world.asked.filter((request) => regionOf(request) === 'me-south-1');
  expect(there.length).toBeGreaterThan(5);
  expect(new Set(there.map(({ operation, url, body }) => `${operation} ${url.search} ${body}`)).size).toBe(there.length);
  const gaps = realGaps(night);
  expect(gaps.length).toBeGreaterThan(0);
  expect(gaps.filter(({ scope }) => !scope.includes('me-south-1'))).toEqual([]);
  // No permission opens a region that is not there.
  expect(gaps.filter(({ reason }) => reason !== 'not_licensed' && reason !== 'not_observable')).toEqual([]);
  await unreachable();
});

/** An endpoint whose name nobody has. */
async function unreachable(): Promise<void> {
  const world = await openWorld('aws');
  const before = { ...process.env };
  Object.assign(process.env, { AWS_ENDPOINT_URL: world.provider.url, AWS_ENDPOINT_URL_LAMBDA: 'https://lambda.nowhere.invalid' });
  try {
    const night = await world.scan({ collectors: ['environment_names'], config: { endpoint: undefined, regions: ['us-east-1'] } });
    expect(night.facts.filter(({ evidence }) => evidence.source === 'ecs.DescribeTaskDefinition')).not.toEqual([]);
    expect(
      realGaps(night)
        .map(({ scope }) => scope)
        .join(),
    ).toContain('us-east-1/function');
    expect(night.sent('lambda.ListFunctions')).toEqual({ first: 1, repeats: 0 });
  } finally {
    for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_LAMBDA']) delete process.env[name];
    Object.assign(process.env, before);
  }
}

// Accounts of an organisation.

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

// The whole scan.

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

statement('A65', async () => {
  const speed = 8;
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
});

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
