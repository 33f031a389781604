/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import { statementsOf } from '../world.ts';
import { activeKey, ago, CLAUDE_PLATFORM, keyId, keysPage, PASSWORD } from './estate.ts';
import { about, KEY_READERS, keysWorld, openKeys, realGaps, speaking } from './reading.ts';
import { formOf, xmlError } from './wire.ts';

// Keys for single services.

const statement = statementsOf('aws');
const KEYS = 'iam.ListServiceSpecificCredentials';
const PHANTOM = { attached: ['AmazonBedrockLimitedAccess'] };

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
