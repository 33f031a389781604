import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import Database from 'better-sqlite3';
import { SMTPServer } from 'smtp-server';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { withLease } from '../../src/scan/lease.ts';
import { lastEndedNight, type Health } from '../../src/schedule/health.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { serve } from '../http/server.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { bytesBelow, formsOf, newFolder, noctule, PROGRAM, writeConfig } from './run.ts';
import { workspace } from './workspace.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const SCHEDULE = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };

type Site = Awaited<ReturnType<typeof workspace>>;

function healthOf(site: Site): Health {
  return JSON.parse(readFileSync(join(site.folder, 'noctule-health.json'), 'utf8')) as Health;
}

function summaryOf(site: Site): Record<string, unknown> {
  return JSON.parse(readFileSync(join(site.folder, 'noctule-summary.json'), 'utf8')) as Record<string, unknown>;
}

const once_ = (site: Site, env: Record<string, string> = {}) =>
  noctule(['schedule', '--once', '-c', site.config], { env: { ...site.provider.environment, HOOK_SECRET: SECRET, ...env } });

/** A receiver of signed notices, each of which is verified by another implementation. */
async function receiver(status = () => 204) {
  const notices: { type: string; data: Record<string, unknown> }[] = [];
  const server = await serve((_, response) => {
    const answer = status();
    const { body, headers } = server.asked.at(-1)!;
    if (answer < 300) notices.push(new Webhook(SECRET).verify(body, headers as Record<string, string>) as (typeof notices)[0]);
    response.writeHead(answer).end();
  });
  return { notices, server, notify: { hook: { kind: 'webhook', url: `${server.url}/nights`, secret: { env: 'HOOK_SECRET' } } } };
}

describe('one night', () => {
  test('scans, writes its summary and its health, and tells of it with the head of the audit trail', async () => {
    const { notices, notify } = await receiver();
    const site = await workspace({ config: { schedule: SCHEDULE, notify } });
    const { code, stderr } = await once_(site);
    expect([code, stderr]).toEqual([0, expect.stringContaining('open findings: `noctule findings`')]);
    expect(notices).toHaveLength(1);
    const summary = summaryOf(site);
    expect(notices[0]).toMatchObject({
      type: 'noctule.night',
      data: { tenant: 'default', scan: 1, failure: null, unread: [], audit: summary['audit'], events: { opened: summary['findings'] } },
    });
    expect(summary).toMatchObject({ exitCode: 0, conditions: [], notices: [{ notifier: 'hook', delivered: true, trouble: null }] });
    expect(healthOf(site)).toMatchObject({
      state: 'ended',
      outcome: { exitCode: 0, conditions: [], scan: 1 },
      next: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    for (const name of ['noctule-health.json', 'noctule-summary.json']) expect(statSync(join(site.folder, name)).mode & 0o777).toBe(0o600);
  });

  test('writes to trackers where the configuration asks for it, after everybody was told, and ends with 6 where one fails', async () => {
    const { notices, notify } = await receiver();
    const queue = {
      kind: 'exec',
      argv: [process.execPath, '-e', `process.stdout.write('{"ticket":{"id":"1","label":"Q-1","state":"open"}}')`],
      place: 'a queue',
    };
    const tickets = { sinks: { queue }, openExisting: true, maxCreatePerRun: 1 };
    const site = await workspace({ people: 5, config: { schedule: { ...SCHEDULE, tickets: true }, notify, tickets } });
    const { code, stdout, stderr } = await once_(site);
    expect([code, stdout, notices.length]).toEqual([0, '', 1]);
    expect(stderr.indexOf('queue (a queue): 2 opened')).toBeGreaterThan(stderr.indexOf('Told: hook'));
    expect(summaryOf(site)).toMatchObject({ tickets: [{ name: 'queue', done: { create: 2 }, waiting: 0, refused: 0, failures: [] }] });
    const config = JSON.parse(readFileSync(site.config, 'utf8')) as { tickets: { sinks: { queue: { argv: string[] } } } };
    config.tickets.sinks.queue.argv = ['/nowhere/at/all'];
    writeFileSync(site.config, JSON.stringify(config), { mode: 0o600 });
    site.provider.night(1);
    expect((await once_(site)).code).toBe(6);
    expect(summaryOf(site)).toMatchObject({ exitCode: 6, conditions: ['sink-failed'], notices: [{ delivered: true }] });
    await once_(site);
    const [none, still, left] = notices.map(({ data }) => data['tickets'] as { waiting: number; refused: number });
    expect([none, still]).toEqual(Array(2).fill({ waiting: 0, refused: 0 }));
    expect(left!.waiting + left!.refused).toBeGreaterThan(0);
  });

  test('that cannot tell ends with 6 and keeps the notice: the next one tells both, each under its own id, and nothing is left out', async () => {
    let up = false;
    const { notices, server, notify } = await receiver(() => (up ? 204 : 401));
    const site = await workspace({ people: 5, config: { schedule: SCHEDULE, notify } });
    const first = await once_(site);
    expect([first.code, first.stderr]).toEqual([6, expect.stringContaining('Not told: hook')]);
    expect(summaryOf(site)).toMatchObject({ exitCode: 6, conditions: ['undelivered'], scan: 1, notices: [{ delivered: false }] });
    up = true;
    site.provider.night(1);
    expect((await once_(site)).code).toBe(0);
    expect(notices.map(({ data }) => data['scan'])).toEqual([1, 2]);
    const ids = server.asked.map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual([notices[0]!.data['notice'], notices[0]!.data['notice'], notices[1]!.data['notice']]);
    expect(rowsOf(join(site.folder, 'noctule.db'), 'SELECT since_scan, scan_id, attempts FROM notice ORDER BY made_at')).toEqual([
      { since_scan: 0, scan_id: 1, attempts: 2 },
      { since_scan: 1, scan_id: 2, attempts: 1 },
    ]);
  });

  test('that is killed while it tells is told by the next one, under the same id', async () => {
    let kill: (() => void) | undefined;
    const server = await serve((_, response) => {
      // It has arrived, and nobody will ever note that it has.
      if (kill) kill();
      else response.writeHead(204).end();
    });
    const notify = { hook: { kind: 'webhook', url: server.url, secret: { env: 'HOOK_SECRET' } } };
    const site = await workspace({ people: 3, config: { schedule: SCHEDULE, notify } });
    kill = () => process.kill(healthOf(site).pid, 'SIGKILL');
    expect((await once_(site)).code).toBeNull();
    // The scan stands, with its summary.
    expect(summaryOf(site)).toMatchObject({ scan: 1, exitCode: 0, notices: [] });
    kill = undefined;
    expect((await once_(site)).code).toBe(0);
    const ids = server.asked.map(({ headers }) => headers['webhook-id']);
    expect([ids.length, ids[1] === ids[0], ids[2] === ids[0]]).toEqual([3, true, false]);
  });

  test('of which a scan by hand came in between tells of that too', async () => {
    const { notices, notify } = await receiver();
    const site = await workspace({ people: 40, config: { schedule: SCHEDULE, notify } });
    await once_(site);
    site.provider.night(1);
    await site.run('scan');
    await once_(site);
    const events = rowsOf<{ event: string; n: number }>(
      join(site.folder, 'noctule.db'),
      'SELECT event, count(DISTINCT key) AS n FROM finding_event WHERE scan_id IN (2, 3) GROUP BY event',
    );
    expect(events).not.toEqual([]);
    expect(notices[1]!.data['events']).toEqual(Object.fromEntries(events.map(({ event, n }) => [event, n])));
  });

  test('that could not read a source says so before any finding', async () => {
    const { notices, notify } = await receiver();
    const site = await workspace({ people: 5, config: { schedule: { ...SCHEDULE, failOn: ['coverage-gap'] }, notify } });
    await site.run('scan');
    await site.provider.close();
    const { code } = await once_(site);
    expect(code).toBe(4);
    expect(notices[0]!.data['unread']).toEqual([
      { source: 'workspace', message: expect.stringContaining('No answer after'), scan: 2, readSince: false },
    ]);
    expect(Object.keys(notices[0]!.data).indexOf('unread')).toBeLessThan(Object.keys(notices[0]!.data).indexOf('findings'));
  });

  test('that comes after a scan by hand which could not read a source says that too', async () => {
    const { notices, notify } = await receiver();
    const site = await workspace({ people: 5, config: { schedule: SCHEDULE, notify } });
    await once_(site);
    const silent = await workspace({ people: 5 });
    await silent.provider.close();
    expect((await silent.run('scan', '--db', join(site.folder, 'noctule.db'))).code).toBe(4);
    await once_(site);
    expect(notices[1]!.data).toMatchObject({
      scan: 3,
      unread: [{ source: 'workspace', message: expect.any(String) as string, scan: 2, readSince: true }],
    });
  });

  test('without a scan is told as such, in words of ours', async () => {
    const { notices, notify } = await receiver();
    const site = await workspace({ people: 3, config: { schedule: SCHEDULE, notify, database: 'noctule.db' } });
    writeFileSync(join(site.folder, 'noctule.db'), 'Dear diary,\n'.repeat(500), { mode: 0o600 });
    expect((await once_(site)).code).toBe(5);
    expect(notices[0]!.data).toMatchObject({
      scan: null,
      failure: expect.stringContaining('The database could not be used'),
      findings: [],
    });
    expect(JSON.stringify(notices[0])).not.toContain(site.folder);
    expect(healthOf(site).outcome).toMatchObject({ exitCode: 5, conditions: ['storage'], scan: null });
  });

  test('with "when": "news" tells nobody that nothing is new', async () => {
    const { notices, notify } = await receiver();
    const site = await workspace({ people: 3, config: { schedule: SCHEDULE, notify: { hook: { ...notify.hook, when: 'news' } } } });
    await once_(site);
    await once_(site);
    expect(notices.map(({ data }) => data['scan'])).toEqual([1]);
  });

  test('whose health file cannot be written says so and is had all the same', async () => {
    const site = await workspace({ people: 3, config: { schedule: { ...SCHEDULE, health: 'not-there/health.json' } } });
    const { code, stderr } = await once_(site);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/not-there\/health\.json cannot be written \(ENOENT\)/)]);
    expect(summaryOf(site)).toMatchObject({ scan: 1, exitCode: 0 });
  });

  test('waits while history is pruned', async () => {
    const site = await workspace({ people: 3, config: { schedule: SCHEDULE } });
    const store = openStore(join(site.folder, 'noctule.db'));
    const pruning = withLease({ store, tenant: 'default', does: 'is pruning history' }, () => wait(4_000));
    const { code } = await once_(site);
    await pruning;
    await store.close();
    expect([code, summaryOf(site)['scan']]).toEqual([0, 1]);
  });

  test('that finds a scan under way leaves its health alone where another night runs, and is to be had again where none does', async () => {
    const site = await workspace({ people: 3, config: { schedule: SCHEDULE } });
    const file = join(site.folder, 'noctule-health.json');
    const running = { formatVersion: 1, state: 'running', pid: process.pid, lastStart: '2026-11-03T02:30:00.000Z', lastEnd: null };
    writeFileSync(file, JSON.stringify(running));
    const store = openStore(join(site.folder, 'noctule.db'));
    await withLease({ store, tenant: 'default' }, async () => {
      const { code, stderr } = await once_(site);
      expect([code, stderr]).toEqual([5, expect.stringContaining('is scanning')]);
      expect(healthOf(site)).toEqual(running);
      writeFileSync(file, JSON.stringify({ ...running, state: 'waiting' }));
      await once_(site);
    });
    await store.close();
    expect(healthOf(site).outcome).toMatchObject({ exitCode: 5, conditions: ['storage', 'busy'] });
    expect(lastEndedNight(healthOf(site))).toEqual(new Date(0));
  });

  test('counts a finding once that came back twice, and none that needs nobody any more', async () => {
    const site = await workspace({ people: 20 });
    await site.run('scan');
    const file = join(site.folder, 'noctule.db');
    const [{ n }] = rowsOf<{ n: number }>(file, 'SELECT count(*) AS n FROM finding') as [{ n: number }];
    const [first, second] = rowsOf<{ key: string }>(file, 'SELECT key FROM finding ORDER BY key LIMIT 2').map(({ key }) => key);
    for (const event of ['returned', 'reopened'])
      changeDatabase(site, `INSERT INTO finding_event (scan_id, key, event) VALUES (1, '${first}', '${event}')`);
    changeDatabase(site, `UPDATE finding SET state = 'excepted' WHERE key = '${second}'`);
    const reader = openReader(file);
    const night = reader.night('default', 0, 1, 3);
    reader.close();
    expect([night.freshCount, night.fresh.length, night.events]).toEqual([
      n - 1,
      Math.min(3, n - 1),
      { opened: n, returned: 1, reopened: 1 },
    ]);
  });

  test('sends no notifier what a scanner reads with, by whatever name it is found', async () => {
    const { server, notify } = await receiver();
    const site = await workspace({ people: 3, config: { schedule: SCHEDULE, notify } });
    const [name] = Object.keys(site.provider.environment) as [string];
    const same = writeConfig(
      newFolder(),
      { workspace: { ...site.provider.config } },
      { notify: { hook: { ...notify.hook, secret: { env: name } } } },
    );
    const refused = await noctule(['schedule', '--once', '-c', same], { env: site.provider.environment });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('"notify.hook.secret" is the credential of a scanner')]);
    // Another name, the same value.
    const copied = await once_(site, { HOOK_SECRET: site.provider.environment[name]! });
    expect([copied.code, copied.stderr]).toEqual([6, expect.stringContaining('"notify.hook" is given is the credential of a scanner')]);
    const tried = await noctule(['notify', 'test', 'hook', '-c', site.config], {
      env: { ...site.provider.environment, HOOK_SECRET: site.provider.environment[name]! },
    });
    expect([tried.code, server.asked]).toEqual([2, []]);
  });
});

test('a test notice is marked as one, and whoever is not there is named with those who are', async () => {
  const { notices, notify } = await receiver();
  const config = writeConfig(newFolder(), {}, { notify });
  const env = { HOOK_SECRET: SECRET };
  const { code, stderr } = await noctule(['notify', 'test', 'hook', '-c', config], { env });
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^hook: accepted, notice [0-9a-f-]{36}\n$/)]);
  expect(notices).toEqual([expect.objectContaining({ type: 'noctule.test' })]);
  const unknown = await noctule(['notify', 'test', 'mail', '-c', config], { env });
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Known: hook.')]);
  const down = writeConfig(newFolder(), {}, { notify: { hook: { ...notify.hook, url: 'http://127.0.0.1:2/x' } } });
  expect((await noctule(['notify', 'test', 'hook', '-c', down], { env })).code).toBe(6);
});

test('a channel and a mailbox are told by what the configuration says of them', async () => {
  const channel = await serve((_, response) => void response.end('ok'));
  const mails: string[] = [];
  const smtp = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      username === 'noctule' && password === 'mail-password' ? done(null, { user: username }) : done(new Error('Refused')),
    onData(stream, _session, done) {
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => void (text += part));
      stream.on('end', () => {
        mails.push(text);
        done();
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const { port } = smtp.server.address() as AddressInfo;
  const login = { user: 'noctule', password: { env: 'MAIL_PASSWORD' } };
  const mail = {
    kind: 'email',
    server: '127.0.0.1',
    port,
    security: 'none',
    ...login,
    from: 'noctule@corp.example',
    to: ['it@corp.example'],
  };
  const notify = { channel: { kind: 'slack', url: { env: 'SLACK_URL' } }, mail };
  const site = await workspace({ people: 4, config: { schedule: SCHEDULE, notify } });
  const { code, stderr } = await once_(site, { SLACK_URL: `${channel.url}/services/canary-of-slack`, MAIL_PASSWORD: 'mail-password' });
  await new Promise<void>((resolve) => smtp.close(resolve));
  expect([code, stderr]).toEqual([0, expect.stringContaining('Told: channel, mail.')]);
  expect(channel.asked[0]).toMatchObject({ path: '/services/canary-of-slack', body: expect.stringContaining('Open findings') });
  expect(mails).toEqual([expect.stringMatching(/^Subject: Noctule \(default\): \d+ new findings?, \d+ open\r$/m)]);
  // What they were reached by stands nowhere.
  const kept = `${bytesBelow(site.folder)}${stderr}`;
  for (const secret of ['canary-of-slack', 'mail-password']) for (const form of formsOf(secret)) expect(kept).not.toContain(form);
});

describe('the timetable', () => {
  test('is printed in both clocks, and nothing is scanned', async () => {
    const config = writeConfig(newFolder(), {}, { schedule: SCHEDULE });
    const { code, stdout } = await noctule(['schedule', '--next', '400', '-c', config]);
    const lines = stdout.trim().split('\n');
    expect([code, lines.length]).toEqual([0, 400]);
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT0[01]:[03]0:00\.000Z  \d{4}-\d\d-\d\d 0[23]:[03]0 GMT\+0[12]:00$/);
    expect(new Set(lines.map((line) => line.slice(26, 36))).size).toBe(400);
    expect((await noctule(['schedule', '--next', '-c', config])).stdout.trim().split('\n')).toHaveLength(5);
  });

  test('that is missing or wrong ends with 2 and says what to write', async () => {
    const of = async (schedule: object | undefined) => {
      const { code, stderr } = await noctule(['schedule', '-c', writeConfig(newFolder(), {}, schedule && { schedule })]);
      return [code, stderr.split('\n')[0]!.replace(/^.*config\.json:\d+: /, '')];
    };
    expect(await of(undefined)).toEqual([2, 'The configuration has no timetable']);
    expect(await of({ ...SCHEDULE, cron: '30 25 * * *' })).toEqual([
      2,
      expect.stringContaining('schedule.cron: no cron expression of five fields'),
    ]);
    expect(await of({ ...SCHEDULE, cron: '0 0 30 2 *' })).toEqual([2, expect.stringContaining('names no time to come')]);
    expect(await of({ ...SCHEDULE, timeZone: 'Europe/Entenhausen' })).toEqual([
      2,
      expect.stringContaining('schedule.timeZone: no time zone'),
    ]);
  });
});

/** The scheduler as a supervisor has it: a process that is ended by a signal. */
function supervised(
  site: Site,
  env: Record<string, string> = {},
  config = site.config,
): { child: ChildProcess; said(): string; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [PROGRAM, 'schedule', '-c', config], {
    env: { PATH: process.env['PATH'] ?? '', HOME: site.folder, ...site.provider.environment, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => void (said += text));
  return { child, said: () => said, ended: once(child, 'close').then(([code]) => code as number | null) };
}

function changeDatabase(site: Site, sql: string): void {
  const database = new Database(join(site.folder, 'noctule.db'));
  database.exec(sql);
  database.close();
}

/** As if a night had ended two days ago, and none since. */
function missed(site: Site, health = 'noctule-health.json'): void {
  const at = new Date(Date.now() - 2 * 86_400_000).toISOString();
  const outcome = { exitCode: 0, conditions: [], scan: 1, message: null };
  writeFileSync(
    join(site.folder, health),
    JSON.stringify({ formatVersion: 1, state: 'ended', pid: 1, lastStart: at, lastEnd: at, outcome }),
  );
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const begun = Date.now(); !condition(); await wait(50))
    if (Date.now() - begun > 300_000) throw new Error(`Waited in vain for ${what}`);
}

interface ScanTimes {
  id: number;
  state: string;
  started: string;
  ended: string | null;
}

const scansOf = (site: Site): ScanTimes[] =>
  existsSync(join(site.folder, 'noctule.db'))
    ? rowsOf<ScanTimes>(join(site.folder, 'noctule.db'), 'SELECT id, state, started_at AS started, ended_at AS ended FROM scan ORDER BY id')
    : [];

describe('a scheduler under a supervisor', () => {
  test('makes up for the night that was missed, waits for the next, and ends with 143 on SIGTERM', async () => {
    const site = await workspace({ people: 3, config: { schedule: SCHEDULE } });
    missed(site);
    const { child, said, ended } = supervised(site);
    await until(() => said().includes('The next night is due'), 'the night to end');
    expect(said()).toMatch(/was missed, and begins now[\s\S]*The night ended with 0\./);
    expect(healthOf(site)).toMatchObject({ state: 'waiting', pid: child.pid, outcome: { exitCode: 0, scan: 1 }, next: expect.any(String) });
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
    expect(healthOf(site)).toMatchObject({ state: 'ended', outcome: { exitCode: 0 } });
    // The next start finds that it was had.
    const again = supervised(site);
    await until(() => again.said().includes('The next night is due'), 'the second to wait');
    again.child.kill('SIGINT');
    expect([await again.ended, again.said().includes('missed'), scansOf(site).length]).toEqual([130, false, 1]);
  });

  test('outlives a health file that it cannot write', async () => {
    const site = await workspace({ people: 3, config: { schedule: { ...SCHEDULE, health: 'not-there/health.json' } } });
    await site.run('scan');
    changeDatabase(site, `UPDATE scan SET started_at = '2020-01-01T00:00:00.000Z'`);
    const { child, said, ended } = supervised(site);
    await until(() => said().includes('The next night is due'), 'the night to end');
    expect(said()).toContain('The night ended with 0.');
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
    expect(said()).toContain('health.json cannot be written');
  });

  test('that is stopped in the middle of a night stops the night too, and the next start goes on with the same scan', async () => {
    const site = await workspace({ people: 40, latency: 60, config: { schedule: SCHEDULE } });
    missed(site);
    const first = supervised(site);
    await until(() => site.provider.requests.length > 20, 'the scan to read');
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(143);
    expect(scansOf(site).map(({ id, state }) => [id, state])).toEqual([[1, 'running']]);
    expect(healthOf(site)).toMatchObject({ state: 'ended', outcome: { conditions: ['interrupted'] } });
    const sent = site.provider.requests.length;
    await wait(500);
    expect(site.provider.requests.length).toBe(sent);
    const second = supervised(site);
    await until(() => second.said().includes('The next night is due'), 'the rest of the scan');
    second.child.kill('SIGTERM');
    await second.ended;
    expect(scansOf(site).map(({ id, state }) => [id, state])).toEqual([[1, 'concluded']]);
  });

  test('that is stopped in the middle of a night tells that nothing was concluded', async () => {
    const { notices, notify } = await receiver();
    const site = await workspace({ people: 40, latency: 60, config: { schedule: { ...SCHEDULE }, notify } });
    missed(site);
    const { child, said, ended } = supervised(site, { HOOK_SECRET: SECRET });
    await until(() => site.provider.requests.length > 20, 'the scan to read');
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
    expect(notices.map(({ data }) => [data['scan'], data['failure']])).toEqual([[null, expect.stringContaining('ended before its end')]]);
    expect(said()).not.toContain('A bug of');
    expect(summaryOf(site)).toMatchObject({ conditions: ['interrupted'], notices: [{ delivered: true }] });
  });

  test('says so in the health file where the configuration broke, and the last good night stands there no more', async () => {
    const site = await workspace({ people: 3, config: { schedule: SCHEDULE } });
    missed(site);
    const { child, said, ended } = supervised(site);
    // It has read the configuration; the process of the night has yet to.
    child.stderr!.once('data', () => writeFileSync(site.config, '{"broken'));
    await until(() => said().includes('The next night is due'), 'the night to end');
    expect(said()).toContain('The night ended with 2.');
    expect(healthOf(site)).toMatchObject({ outcome: { exitCode: 2, conditions: ['unbegun'], scan: null } });
    expect(Date.now() - Date.parse(healthOf(site).lastStart!)).toBeLessThan(86_400_000);
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
  });

  test('outlives a night that is killed, and says so', async () => {
    const site = await workspace({ people: 40, latency: 60, config: { schedule: SCHEDULE } });
    missed(site);
    const { child, said, ended } = supervised(site);
    await until(() => site.provider.requests.length > 5, 'the scan to begin');
    process.kill(healthOf(site).pid, 'SIGKILL');
    await until(() => said().includes('The next night is due'), 'the scheduler to go on');
    expect(said()).toContain('The night ended with 137.');
    expect(healthOf(site)).toMatchObject({ state: 'waiting', outcome: { exitCode: 137, conditions: ['killed'] } });
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
  });

  test('and a second one with the same health file: the second ends and changes nothing, and is welcome when the first has died', async () => {
    const site = await workspace({ people: 3, config: { schedule: SCHEDULE } });
    const first = supervised(site);
    await until(() => first.said().includes('The next night is due'), 'the first to wait');
    const health = healthOf(site);
    expect(health.keeper).toMatchObject({ pid: first.child.pid });
    const refused = supervised(site);
    expect(await refused.ended).toBe(2);
    expect(refused.said()).toContain(`Process ${first.child.pid} keeps a timetable with the same health file`);
    expect(healthOf(site)).toEqual(health);
    first.child.kill('SIGKILL');
    await first.ended;
    const next = supervised(site);
    await until(() => next.said().includes('The next night is due'), 'the next to wait');
    next.child.kill('SIGTERM');
    expect([await next.ended, healthOf(site)]).toEqual([143, expect.objectContaining({ state: 'ended', keeper: null })]);
  });

  test('and a second one on the same database never scan at once', async () => {
    const site = await workspace({ people: 40, latency: 150, config: { schedule: SCHEDULE } });
    await openStore(join(site.folder, 'noctule.db')).close();
    const second = join(site.folder, 'second.json');
    const { schedule, ...rest } = JSON.parse(readFileSync(site.config, 'utf8')) as { schedule: object };
    writeFileSync(second, JSON.stringify({ ...rest, schedule: { ...schedule, health: 'second-health.json' } }), { mode: 0o600 });
    missed(site);
    missed(site, 'second-health.json');
    const both = [supervised(site), supervised(site, {}, second)];
    let together = 0;
    const watch = setInterval(() => {
      together = Math.max(together, scansOf(site).filter(({ state }) => state === 'running').length);
    }, 100);
    await until(() => both.every(({ said }) => said().includes('The next night is due')), 'both to wait');
    clearInterval(watch);
    for (const { child } of both) child.kill('SIGTERM');
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([143, 143]);
    const scans = scansOf(site);
    expect(scans.map(({ state }) => state)).not.toContain('running');
    expect(scans.filter(({ started }, index) => index > 0 && started < scans[index - 1]!.ended!)).toEqual([]);
    expect(together).toBe(1);
    // The one that came second while the first scanned was refused.
    expect([scans.length, both.filter(({ said }) => said().includes('is scanning; its last sign of life')).length]).toEqual([1, 1]);
  });
});
