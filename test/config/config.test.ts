import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { complaint, place, put, WORKSPACE } from './place.ts';

const DAY = 86_400_000;
const unixOnly = { skip: process.platform === 'win32' };

/** The text of a configuration, one key a line. */
function text(fields: Record<string, unknown>): string {
  return JSON.stringify({ formatVersion: 1, sources: { workspace: WORKSPACE }, ...fields }, null, 2);
}

async function refused(content: string | Record<string, unknown>) {
  const file = put(place(), 'config.json', typeof content === 'string' ? content : text(content));
  return { file, error: await complaint(() => loadConfig(file)) };
}

/** The line, counted from 1, on which a text first stands. */
function lineOf(content: string, part: string): number {
  return content.slice(0, content.indexOf(part)).split('\n').length;
}

describe('a configuration', () => {
  test('with comments, trailing commas and a byte order mark is read, and paths are relative to it', async () => {
    const folder = place();
    const file = put(
      folder,
      'config.json',
      `\uFEFF// ours
      {
        "formatVersion": 1, /* the only one */
        "tenant": "acme",
        "database": "data/found.db",
        "sources": { "workspace": ${JSON.stringify(WORKSPACE)}, },
      }`,
    );
    const config = await loadConfig(file);
    expect(config.tenant).toBe('acme');
    expect(config.database).toBe(join(folder, 'data/found.db'));
    expect(config.sources.map(({ name, connector }) => [name, connector.id])).toEqual([['workspace', 'google-workspace']]);
    expect(config.policy.approvals).toEqual([]);
    expect(config.policyText).toBeUndefined();
  });

  test('says the same to the database whatever the order of its keys', async () => {
    const one = await loadConfig(put(place(), 'config.json', { formatVersion: 1, sources: { workspace: WORKSPACE } }));
    const { connector, ...rest } = WORKSPACE;
    const other = await loadConfig(put(place(), 'config.json', { sources: { workspace: { ...rest, connector } }, formatVersion: 1 }));
    expect(other.text).toBe(one.text);
  });

  test('that is missing is refused with what to do', async () => {
    const file = join(place(), 'config.json');
    const error = await complaint(() => loadConfig(file));
    expect(error.message).toBe(`There is no configuration at ${file}`);
    expect(error.fix).toContain('noctule init');
  });

  test('that is a folder is the mistake of the user, not a bug', async () => {
    const file = join(place(), 'config.json');
    mkdirSync(file);
    expect((await complaint(() => loadConfig(file))).fix).toBe('It is a folder: give the path of a file.');
  });
});

describe('a wrong key', () => {
  const cases: [string, Record<string, unknown>, string, string][] = [
    ['at the top', { databse: 'x.db' }, 'databse', 'Did you mean "database"?'],
    [
      'of all sources',
      { sources: { workspace: { ...WORKSPACE, timeBudgetMinuts: 3 } } },
      'sources.workspace.timeBudgetMinuts',
      'Did you mean "timeBudgetMinutes"?',
    ],
    [
      'of one connector',
      { sources: { workspace: { ...WORKSPACE, subjcet: 'x' } } },
      'sources.workspace.subjcet',
      'Did you mean "subject"?',
    ],
    [
      'further in',
      { sources: { workspace: { ...WORKSPACE, pace: { perSecnd: 3 } } } },
      'sources.workspace.pace.perSecnd',
      'Did you mean "perSecond"?',
    ],
    [
      'in a list',
      { acceptedGaps: [{ source: 'workspace', reason: 'r', onwer: 'o', owner: 'o', until: '2026-01-01' }] },
      'acceptedGaps.0.onwer',
      'Did you mean "owner"?',
    ],
  ];
  test.each(cases)('%s is named with its line and the closest key', async (_where, fields, key, fix) => {
    const { file, error } = await refused(fields);
    const line = lineOf(text(fields), `"${key.split('.').at(-1)}"`);
    expect(error).toMatchObject({ key, line, fix });
    expect(error.message).toBe(`${file}:${line}: unknown key "${key}"`);
  });

  test('that is like no other is answered with all keys that there are', async () => {
    const { error } = await refused({ sources: { workspace: { ...WORKSPACE, zzzzzzzz: 1 } } });
    expect(error.fix).toBe(
      'Known keys here: subject, serviceAccount, cloud, mode, groups, imports, endpoint, collectors, pace, timeBudgetMinutes, fullEveryDays.',
    );
  });

  test('that stands twice is refused, because its first value would be lost in silence', async () => {
    const content = `{
  "formatVersion": 1,
  "sources": {},
  "sources": { "workspace": ${JSON.stringify(WORKSPACE)} }
}`;
    const { file, error } = await refused(content);
    expect(error).toMatchObject({ key: 'sources', line: 4, message: `${file}:4: the key "sources" stands twice` });
  });

  test('__proto__ cannot bring values past the schema', async () => {
    const { error } = await refused(`{ "formatVersion": 1, "__proto__": { "tenant": "stolen" }, "sources": {} }`);
    expect(error.message).toContain('the key "__proto__" has no meaning');
  });
});

describe('a wrong value', () => {
  const cases: [string, Record<string, unknown>, string, RegExp][] = [
    ['of another type', { database: 7 }, 'database', /expected string/],
    ['of another version', { formatVersion: 2 }, 'formatVersion', /expected 1/],
    ['that is no slug', { tenant: 'Acme Ltd' }, 'tenant', /lower case letters, digits and hyphens/],
    ['of a connector', { sources: { workspace: { ...WORKSPACE, subject: 'nobody' } } }, 'sources.workspace.subject', /email/i],
    [
      'that is missing',
      { sources: { workspace: { connector: 'google-workspace', subject: 'a@example.com' } } },
      'sources.workspace.serviceAccount',
      /is missing/,
    ],
    ['without a connector', { sources: { workspace: { subject: 'a@example.com' } } }, 'sources.workspace.connector', /is missing/],
    ['of the pace', { sources: { workspace: { ...WORKSPACE, pace: { inFlight: 0 } } } }, 'sources.workspace.pace.inFlight', />=1/],
    [
      'of a switch',
      { sources: { workspace: { ...WORKSPACE, collectors: { grants: 'no' } } } },
      'sources.workspace.collectors.grants',
      /expected boolean/,
    ],
    [
      'that would send tokens elsewhere',
      { sources: { workspace: { ...WORKSPACE, endpoint: 'http://attacker.example' } } },
      'sources.workspace.endpoint',
      /loopback/,
    ],
    ['of a source name', { sources: { 'My Source': WORKSPACE } }, 'sources.My Source', /lower case letters, digits and hyphens/],
  ];
  test.each(cases)('%s is named with its line', async (_what, fields, key, message) => {
    const { file, error } = await refused(fields);
    expect(error.key).toBe(key);
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(`${file}:${error.line}: ${key}: `)).toBe(true);
    // What is missing has no line of its own: that of the object around it is told.
    const [, parent, last] = /^(?:(.*)\.)?(.*)$/.exec(key)!;
    const written = text(fields).includes(`"${last}"`) ? last : parent!.split('.').at(-1);
    expect(error.line).toBe(lineOf(text(fields), `"${written}"`));
  });

  test('an unknown connector is answered with those that there are', async () => {
    const fields = { sources: { slack: { connector: 'slack' } } };
    const { error } = await refused(fields);
    expect(error).toMatchObject({ key: 'sources.slack.connector', line: lineOf(text(fields), '"connector"') });
    expect(error.fix).toMatch(/^Known connectors: .*google-workspace/);
  });

  test('of a collector that lacks what it needs names the switch, its line and what to add', async () => {
    const fields = { sources: { workspace: { ...WORKSPACE, collectors: { cloud_assets: true } } } };
    const { error } = await refused(fields);
    expect(error).toMatchObject({ key: 'sources.workspace.collectors.cloud_assets', line: lineOf(text(fields), '"cloud_assets"') });
    expect(error.fix).toBe('Add "cloud" to the source, or switch "cloud_assets" off.');
  });

  test('an unknown collector is answered with those that the connector has', async () => {
    const fields = { sources: { workspace: { ...WORKSPACE, collectors: { grnts: true } } } };
    const { error } = await refused(fields);
    expect(error).toMatchObject({ key: 'sources.workspace.collectors.grnts', line: lineOf(text(fields), '"grnts"') });
    expect(error.fix).toContain('grants');
  });

  test.each([
    ['a comma is missing', '{\n  "formatVersion": 1\n  "sources": {}\n}', 3, 'comma expected'],
    ['nothing is there', '', 1, 'value expected'],
    ['a text does not end', '{\n  "tenant": "acme\n}', 2, 'unexpected end of string'],
  ])('%s: the line is told in plain words', async (_what, content, line, words) => {
    const { file, error } = await refused(content);
    expect(error).toMatchObject({ line, message: `${file}:${line}: ${words}` });
  });

  test('a policy that is named and is not there is refused: a slip must not undo all approvals', async () => {
    const fields = { policy: 'polcy.json' };
    const { error } = await refused(fields);
    expect(error).toMatchObject({ key: 'policy', line: lineOf(text(fields), '"policy"') });
  });
});

describe('a secret that is written where a reference belongs', () => {
  const SECRET = 'ghp_CANARYcanaryCANARYcanaryCANARY0123';
  const PEM = '-----BEGIN PRIVATE KEY-----\nCANARYcanaryCANARY\n-----END PRIVATE KEY-----\n';
  test.each([
    ['as the value', SECRET],
    ['as a key of Google', JSON.stringify({ type: 'service_account', private_key: PEM })],
    ['as an object', { value: SECRET }],
    ['as the name of a variable', { env: PEM }],
    ['as the path of a file', { file: PEM }],
    ['in an unknown field beside a reference', { env: 'GOOGLE_KEY', value: SECRET }],
  ])('%s is refused, and is not in the message', async (_how, value) => {
    const { error } = await refused({ sources: { workspace: { ...WORKSPACE, serviceAccount: value } } });
    expect(error.key).toContain('sources.workspace.serviceAccount');
    for (const printed of [error.message, error.fix, inspect(error, { depth: 9 })]) expect(printed).not.toMatch(/canary/i);
  });

  test('is answered with how a reference looks', async () => {
    const { error } = await refused({ sources: { workspace: { ...WORKSPACE, serviceAccount: SECRET } } });
    expect(error.message).toContain('{"env": "NAME"} or {"file": "path"}');
  });
});

describe('a file that everybody may write', () => {
  test('is refused as a configuration', unixOnly, async () => {
    const file = put(place(), 'config.json', text({}));
    chmodSync(file, 0o646);
    expect(await complaint(() => loadConfig(file))).toMatchObject({
      message: `${file} can be written by everybody`,
      fix: `Run \`chmod o-w ${file}\`.`,
    });
  });

  test('is refused as a policy: it could approve what nobody approved', unixOnly, async () => {
    const folder = place();
    const file = put(folder, 'config.json', text({}));
    const policy = put(folder, 'policy.json', { formatVersion: 1 });
    chmodSync(policy, 0o666);
    expect((await complaint(() => loadConfig(file))).message).toBe(`${policy} can be written by everybody`);
  });
});

describe('an accepted gap', () => {
  const gap = { source: 'workspace', reason: 'The plan does not include it', owner: 'it@example.com', until: dayIn(30) };

  test('is read as it stands', async () => {
    const accepted = [gap, { ...gap, collector: 'grants', scope: 'customer/C1/user/7', until: dayIn(-3) }];
    const config = await loadConfig(put(place(), 'config.json', text({ acceptedGaps: accepted })));
    expect(config.acceptedGaps).toEqual(accepted);
  });

  test('may name a source that was removed, where the configuration says so', async () => {
    const accepted = [{ ...gap, source: 'slack' }];
    const config = await loadConfig(put(place(), 'config.json', text({ formerSources: ['slack'], acceptedGaps: accepted })));
    expect(config.acceptedGaps).toEqual(accepted);
  });

  test.each([
    ['lasts for more than a year', { ...gap, until: dayIn(400) }, 'until', /at most one year ahead/],
    ['ends on no day', { ...gap, until: 'never' }, 'until', /date/i],
    ['has no reason', { ...gap, reason: ' ' }, 'reason', />=1/],
    ['has nobody who answers for it', { ...gap, owner: '' }, 'owner', />=1/],
    ['names an unknown source', { ...gap, source: 'slack' }, 'source', /unknown source "slack"/],
    ['names an unknown collector', { ...gap, collector: 'grnts' }, 'collector', /unknown collector "grnts"/],
  ])('that %s is refused with its line', async (_what, wrong, field, message) => {
    const fields = { acceptedGaps: [gap, wrong] };
    const { error } = await refused(fields);
    expect(error.key).toBe(`acceptedGaps.1.${field}`);
    expect(error.message).toMatch(message);
    const content = text(fields);
    expect(error.line).toBe(content.slice(0, content.lastIndexOf(`"${field}"`)).split('\n').length);
  });
});

describe('a mistake in policy.json', () => {
  const approval = { product: 'openai/chatgpt', owner: 'o', approver: 'a', reason: 'r' };

  async function refusedPolicy(content: string) {
    const folder = place();
    const policy = put(folder, 'policy.json', content);
    return { policy, error: await complaint(() => loadConfig(put(folder, 'config.json', text({})))) };
  }

  test.each([
    [
      'an unknown key',
      { approvals: [{ ...approval, expire: '2027-01-01' }] },
      'approvals.0.expire',
      /unknown key/,
      'Did you mean "expires"?',
    ],
    [
      'an unknown class of data',
      { approvals: [{ ...approval, ceiling: { data: { mails: 'read' } } }] },
      'approvals.0.ceiling.data',
      /mail|key/i,
      'Did you mean "mail"?',
    ],
    ['a day that does not exist', { approvals: [{ ...approval, expires: '2027-02-30' }] }, 'approvals.0.expires', /date/i, undefined],
    ['a product that is none', { approvals: [{ ...approval, product: 'ChatGPT' }] }, 'approvals.0.product', /vendor\/product/, undefined],
    [
      'an approval of nothing',
      { approvals: [{ owner: 'o', approver: 'a', reason: 'r' }] },
      'approvals.0',
      /needs "product" or "apps"/,
      undefined,
    ],
    [
      'an exception without an end',
      { exceptions: [{ finding: '0123abcd', owner: 'o', reason: 'r' }] },
      'exceptions.0.until',
      /is missing/,
      undefined,
    ],
    [
      'a finding that is none',
      { exceptions: [{ finding: 'XYZ', owner: 'o', reason: 'r', until: '2027-01-01' }] },
      'exceptions.0.finding',
      /id of a finding/,
      undefined,
    ],
  ])('%s is told with its file and line', async (_what, fields, key, message, fix) => {
    const { policy, error } = await refusedPolicy(JSON.stringify({ formatVersion: 1, ...fields }, null, 2));
    expect(error.key?.startsWith(key)).toBe(true);
    expect(error.message).toMatch(message);
    expect(error.line).toBeGreaterThan(2);
    expect(error.message.startsWith(`${policy}:${error.line}: `)).toBe(true);
    expect(error.fix).toBe(fix ?? 'Correct the value; `noctule config schema` describes every key.');
  });

  test('one that stands twice under one key is not lost in silence', async () => {
    const { error } = await refusedPolicy('{ "formatVersion": 1,\n "approvals": [],\n "approvals": [] }');
    expect(error).toMatchObject({ key: 'approvals', line: 3 });
  });

  test('a policy that is no JSON is told with its line', async () => {
    const { policy, error } = await refusedPolicy('{\n "formatVersion": 1\n "approvals": [] }');
    expect(error.message).toBe(`${policy}:3: comma expected`);
  });

  test('a policy that cannot be read is the mistake of the user', async () => {
    const folder = place();
    mkdirSync(join(folder, 'policy.json'));
    const config = put(folder, 'config.json', text({}));
    expect((await complaint(() => loadConfig(config))).message).toBe(`${join(folder, 'policy.json')} cannot be read`);
    writeFileSync(config, '');
  });
});

function dayIn(days: number): string {
  return new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
}
