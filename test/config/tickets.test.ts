import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig, secretReader } from '../../src/config/config.ts';
import { secretsOfSink } from '../../src/config/tickets.ts';
import type { SINK_KINDS } from '../../src/tickets/sinks/index.ts';
import { complaint, place, put, WORKSPACE } from './place.ts';

const sources = { workspace: WORKSPACE };
const issues = { kind: 'github', repository: 'example/security', token: { env: 'TICKETS_TOKEN' } };

const SECRET = { env: 'AWS_SECRET_ACCESS_KEY' };

function config(folder: string, tickets: unknown, from: object = sources): string {
  return put(folder, 'config.json', { formatVersion: 1, sources: from, tickets });
}

describe('the section "tickets"', () => {
  test('is not needed, and has defaults that open nothing for what is there already', async () => {
    expect((await loadConfig(put(place(), 'config.json', { formatVersion: 1, sources }))).tickets).toBeUndefined();
    const { tickets } = await loadConfig(config(place(), { sinks: { issues } }));
    expect(tickets!.settings).toEqual({
      sinks: [{ name: 'issues', minimumSeverity: 'low' }],
      openExisting: false,
      maxCreatePerRun: 25,
      resolveAfter: 2,
      snoozeDays: 14,
      reopenWindowDays: 90,
    });
  });

  test.each<[string, unknown, string, RegExp]>([
    ['an unknown kind', { sinks: { issues: { ...issues, kind: 'bugzilla' } } }, 'tickets.sinks.issues.kind', /Known kinds: github, jira/],
    [
      'a key that the kind does not know',
      { sinks: { issues: { ...issues, repo: 'x' } } },
      'tickets.sinks.issues.repo',
      /Did you mean|Known keys/,
    ],
    ['a value of a kind', { sinks: { issues: { ...issues, repository: 'security' } } }, 'tickets.sinks.issues.repository', /config schema/],
    [
      'a secret itself',
      { sinks: { issues: { ...issues, token: 'ghp_abcdefghijklmnopqrst' } } },
      'tickets.sinks.issues.token',
      /config schema/,
    ],
    [
      'a severity that is none',
      { sinks: { issues: { ...issues, minimumSeverity: 'bad' } } },
      'tickets.sinks.issues.minimumSeverity',
      /config schema/,
    ],
    ['no scan before closing', { sinks: {}, resolveAfter: 0 }, 'tickets.resolveAfter', /config schema/],
    ['an unknown setting', { sinks: {}, snoozedays: 3 }, 'tickets.snoozedays', /snoozeDays/],
  ])('refuses %s, with its key and what to do', async (_title, tickets, key, fix) => {
    const refused = await complaint(() => loadConfig(config(place(), tickets)));
    expect([refused.key, refused.line !== undefined, refused.message.includes('ghp_')]).toEqual([key, true, false]);
    expect(refused.fix).toMatch(fix);
  });
});

describe('a tracker is refused the credential of a source', () => {
  test('by the name of its variable', async () => {
    const refused = await complaint(() => loadConfig(config(place(), { sinks: { issues: { ...issues, token: { env: 'GOOGLE_KEY' } } } })));
    expect([refused.message, refused.key]).toEqual([
      'The tracker "issues" is given the credential of the source "workspace"',
      'tickets.sinks.issues.token',
    ]);
  });

  const KINDS: Readonly<Record<keyof typeof SINK_KINDS, [settings: object, key: string]>> = {
    github: [{ repository: 'example/security', token: SECRET }, 'token'],
    jira: [{ site: 'https://example.atlassian.net', project: 'SEC', email: 'bot@corp.example', token: SECRET }, 'token'],
    linear: [{ team: 'SEC', token: SECRET }, 'token'],
    redmine: [{ address: 'https://redmine.corp.example', project: 'sec', apiKey: SECRET }, 'apiKey'],
    servicenow: [{ instance: 'https://example.service-now.com', user: 'noctule', password: SECRET }, 'password'],
    webhook: [{ url: 'https://hooks.corp.example/noctule', secrets: [SECRET] }, 'secrets.0'],
    exec: [{ argv: ['./queue'], place: 'a queue', environment: { TOKEN: SECRET } }, 'environment.TOKEN'],
  };

  describe.each(Object.entries(KINDS))('of the kind %s', (kind, [own, key]) => {
    const sinks = { queue: { kind, ...own } };

    test.each([
      ['names', { workspace: { ...WORKSPACE, serviceAccount: SECRET } }],
      ['has its SDK find', { workspace: { connector: 'aws' } }],
    ])('by the variable that a source %s', async (_how, from) => {
      const refused = await complaint(() => loadConfig(config(place(), { sinks }, from)));
      expect([refused.message, refused.key]).toEqual([
        'The tracker "queue" is given the credential of the source "workspace"',
        `tickets.sinks.queue.${key}`,
      ]);
    });

    test('by the value of a variable that the SDK of a source finds, under another name', async () => {
      const folder = place();
      const other = JSON.parse(JSON.stringify(sinks).replaceAll(SECRET.env, 'QUEUE_TOKEN')) as object;
      const from = { workspace: { connector: 'aws' } };
      const { tickets, sources: read } = await loadConfig(config(folder, { sinks: other }, from));
      const secrets = secretsOfSink(tickets!.sinks[0]!, read, secretReader({ [SECRET.env]: 'one', QUEUE_TOKEN: 'one' }, folder));
      expect((await complaint(() => secrets({ env: 'QUEUE_TOKEN' }))).message).toContain('the credential of the source "workspace"');
    });
  });

  test('unless a source of AWS has an access key of its own and does not look there', async () => {
    const accessKey = { id: { env: 'READER_ID' }, secret: { env: 'READER_SECRET' } };
    const from = { workspace: { connector: 'aws', accessKey } };
    const { tickets } = await loadConfig(config(place(), { sinks: { issues: { ...issues, token: SECRET } } }, from));
    expect(tickets!.sinks).toHaveLength(1);
  });

  test('by its file, whatever leads there', async () => {
    const folder = place();
    put(folder, 'key.json', 'secret');
    symlinkSync(join(folder, 'key.json'), join(folder, 'other.json'));
    const from = { workspace: { ...WORKSPACE, serviceAccount: { file: 'key.json' } } };
    for (const file of ['key.json', './key.json', 'other.json', join(folder, 'key.json')])
      expect(
        (await complaint(() => loadConfig(config(folder, { sinks: { issues: { ...issues, token: { file } } } }, from)))).message,
      ).toContain('the credential of the source');
  });

  test('by its value, wherever that stands, and not a value of its own', async () => {
    const folder = place();
    const { tickets, sources: read } = await loadConfig(config(folder, { sinks: { issues } }));
    const secrets = (environment: Record<string, string>) => secretsOfSink(tickets!.sinks[0]!, read, secretReader(environment, folder));
    const shared = await complaint(() => secrets({ GOOGLE_KEY: 'one', TICKETS_TOKEN: 'one' })({ env: 'TICKETS_TOKEN' }));
    expect(shared.message).toContain('the credential of the source "workspace"');
    expect(secrets({ GOOGLE_KEY: 'one', TICKETS_TOKEN: 'two' })({ env: 'TICKETS_TOKEN' }).reveal()).toBe('two');
    // Where the source's is not there, nothing can be compared, and nothing is read with it either.
    expect(secrets({ TICKETS_TOKEN: 'two' })({ env: 'TICKETS_TOKEN' }).reveal()).toBe('two');
  });
});
