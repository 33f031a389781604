import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { fake as aws } from '../../connectors/aws/fake/index.ts';
import { fake as github } from '../../connectors/github/fake/index.ts';
import { fake as google } from '../../connectors/google-workspace/fake/index.ts';
import { withLease } from '../../src/scan/lease.ts';
import { openStore } from '../../src/store/store.ts';
import { dawn, runNight, smallCompany, sourceOf } from '../scan/night.ts';
import { temporaryFolder } from '../store/facts.ts';
import { connect, integrityOf, logicalDump, rowsOf } from '../store/logical-dump.ts';
import { bytesBelow, newFolder, noctule, writeConfig } from './run.ts';

interface Answer {
  label: string;
  rows: Record<string, number>;
  sha256: string;
  present: boolean;
  planned: boolean;
}

const file = temporaryFolder();

describe('forgetting a person', () => {
  const company = smallCompany(40);
  let original: string;

  beforeAll(async () => {
    original = file('original.db');
    const started = await Promise.all(
      Object.entries({ aws, github, google }).map(async ([name, fake]) => ({ name, provider: await fake.start(company) })),
    );
    const environment = Object.assign({}, ...started.map(({ provider }) => provider.environment)) as Record<string, string>;
    const sources = await Promise.all(started.map(({ name, provider }) => sourceOf({ name, config: provider.config })));
    const everything = sources.map((source) => ({
      ...source,
      collectors: Object.fromEntries(source.connector.collectors.map(({ id }) => [id, true])),
    }));
    const owner = company.person(3).email;
    const approval = { product: 'openai/chatgpt', owner, approver: owner, reason: 'Reviewed' };
    const policy = { formatVersion: 1, tenant: 'default', approvals: [approval], denials: [], exceptions: [] } as const;
    for (const night of [0, 1]) {
      for (const { provider } of started) provider.night(night);
      await runNight(original, {
        sources: everything,
        environment,
        from: dawn(company, night),
        policy: { ...policy, approvals: [...policy.approvals], denials: [], exceptions: [] },
      });
    }
    for (const { provider } of started) await provider.close();
  });

  /** A copy in a folder of its own, so that no byte of another database lies beside it. */
  function copied(): string {
    const path = join(newFolder(), 'noctule.db');
    const database = connect(original);
    database.prepare('VACUUM INTO ?').run(path);
    database.close();
    return path;
  }

  /** Lines of what is known that hold a text, without regard to case. */
  const linesWith = (path: string, text: string) =>
    logicalDump(path)
      .split('\n')
      .filter((line) => line.toLowerCase().includes(text.toLowerCase()));

  const counts = (path: string) =>
    Object.fromEntries(
      rowsOf<{ name: string }>(path, `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`).map(({ name }) => [
        name,
        rowsOf<{ n: number }>(path, `SELECT count(*) AS n FROM ${name}`)[0]!.n,
      ]),
    );

  /** Decides about the first findings in the name of a person, as the commands do, with a policy beside the database. */
  async function decideAs(path: string, email: string): Promise<void> {
    const folder = newFolder();
    const config = writeConfig(folder, { workspace: { connector: 'google-workspace', subject: email, serviceAccount: { env: 'NO_KEY' } } });
    const found = JSON.parse((await noctule(['findings', '--rule', 'unapproved-ai-tool', '--db', path, '--format', 'json'])).stdout) as {
      key: string;
    }[];
    const [one, other] = found as [{ key: string }, { key: string }];
    const day = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const signed = ['--owner', email, '--approver', email, '--reason', `Asked for by ${email}`, '--db', path, '-c', config];
    const approved = await noctule(['approve', one.key, ...signed, '--expires', day, '--evidence', `mail of ${email}`]);
    const excepted = await noctule(['except', other.key, ...signed, '--until', day]);
    expect([approved.code, excepted.code]).toEqual([0, 0]);
    expect(readFileSync(join(folder, 'policy.json'), 'utf8')).toContain(email);
  }

  test('leaves no byte of the address and of the id, in any version, and every count as it was', async () => {
    const path = copied();
    const { email } = company.person(3);
    await decideAs(path, email);
    const [{ id }] = rowsOf<{ id: string }>(
      path,
      `SELECT DISTINCT principal_id AS id FROM observation WHERE body ->> '$.principal.name' = ?`,
      email,
    ) as [{ id: string }];
    const before = counts(path);
    const summaries = [
      'SELECT severity, state, count(*) AS n FROM findings GROUP BY 1, 2 ORDER BY 1, 2',
      'SELECT state, sum(holders) AS n FROM integrations GROUP BY 1',
    ];
    const told = summaries.map((sql) => rowsOf(path, sql));
    const ended = await noctule(['db', 'forget', email, '--db', path, '--format', 'json']);
    expect(ended.code).toBe(0);
    const answer = JSON.parse(ended.stdout) as Answer;
    expect(answer).toMatchObject({ planned: false, present: true, label: expect.stringMatching(/^forgotten-[0-9a-f]{12}$/) as string });
    expect(Object.keys(answer.rows)).toEqual(expect.arrayContaining(['observation', 'statement', 'integration', 'finding', 'document']));
    expect(ended.stderr).toContain('the next scan stores again what it is told');

    for (const name of [email, id]) expect(linesWith(path, name)).toEqual([]);
    // Nor in pages that are free, nor in the log.
    const bytes = bytesBelow(join(path, '..')).toLowerCase();
    expect([answer.label, email.toLowerCase(), id].map((name) => bytes.includes(name))).toEqual([true, false, false]);
    const { audit_event: events, ...others } = counts(path);
    expect({ ...others, audit_event: events! - 1 }).toEqual(before);
    expect(summaries.map((sql) => rowsOf(path, sql))).toEqual(told);
    expect(integrityOf(path)).toBe('ok');
    expect((await noctule(['audit', 'verify', '--db', path])).code).toBe(0);
  });

  test('is an event with counts and a digest, and not of whom', async () => {
    const path = copied();
    const { email } = company.person(9);
    const { stdout } = await noctule(['db', 'forget', email, '--db', path, '--format', 'json']);
    const { label, rows, sha256 } = JSON.parse(stdout) as Answer;
    const [event] = rowsOf<{ action: string; subject: string; details: string }>(
      path,
      'SELECT action, subject, details FROM audit_event ORDER BY number DESC LIMIT 1',
    );
    expect(event).toMatchObject({ action: 'person.forgotten', subject: `person/${label}` });
    expect(JSON.parse(event!.details)).toEqual({ principals: expect.any(Number) as number, rows, sha256 });
    // The person had the address on two planes.
    const { stdout: again } = await noctule(['db', 'forget', label, '--connector', 'aws', '--db', path, '--plan']);
    expect(again).toContain(`${label} would be replaced in:`);
  });

  test('touches nobody else: every other name is where it was, and planned is what is done', async () => {
    const path = copied();
    const { email } = company.person(9);
    const names = () =>
      rowsOf<{ name: string; n: number }>(
        path,
        `SELECT body ->> '$.principal.name' AS name, count(*) AS n FROM observation WHERE principal_id IS NOT NULL AND name <> ? GROUP BY 1 ORDER BY 1`,
        email,
      );
    const before = names();
    const dump = logicalDump(path);
    const plan = JSON.parse((await noctule(['db', 'forget', email, '--db', path, '--plan', '--format', 'json'])).stdout) as Answer;
    expect(logicalDump(path) === dump).toBe(true);
    const done = JSON.parse((await noctule(['db', 'forget', email, '--db', path, '--format', 'json'])).stdout) as Answer;
    expect(done.rows).toEqual(plan.rows);
    expect(names().filter(({ name }) => name !== done.label)).toEqual(before);
    const changed = logicalDump(path)
      .split('\n')
      .filter((line) => !dump.includes(line) && !line.includes('person.forgotten'));
    expect(changed.length).toBeGreaterThan(3);
    expect(changed.filter((line) => !line.includes(done.label))).toEqual([]);
  });

  test('works by login in one account, and leaves the same login elsewhere to who it is there', async () => {
    const path = copied();
    const [{ login }] = rowsOf<{ login: string }>(
      path,
      `SELECT name AS login FROM identities WHERE connector = 'github' AND name NOT LIKE '%@%' ORDER BY name LIMIT 1`,
    ) as [{ login: string }];
    expect((await noctule(['db', 'forget', login, '--connector', 'github', '--db', path])).code).toBe(0);
    expect(rowsOf(path, `SELECT 1 FROM observation o WHERE o.body ->> '$.principal.name' = ?`, login)).toEqual([]);
    expect(rowsOf(path, `SELECT 1 FROM identities WHERE connector = 'github' AND name LIKE 'forgotten-%'`)).toHaveLength(1);
  });

  test('works by login also on what an identity provider says of the person, in the person’s own facts alone', async () => {
    const path = copied();
    const addressOf = `SELECT o.body ->> '$.principal.name' AS login, o.body ->> '$.attributes.nameId' AS address FROM observation o WHERE o.thing LIKE 'external_identity/%' ORDER BY o.id LIMIT 1`;
    const [{ login, address }] = rowsOf<{ login: string; address: string }>(path, addressOf) as [{ login: string; address: string }];
    const holding = () =>
      rowsOf<{ connector: string }>(
        path,
        'SELECT DISTINCT c.connector FROM observation o JOIN collector c ON c.id = o.collector_id WHERE instr(o.body, ?) > 0 ORDER BY 1',
        address,
      ).map(({ connector }) => connector);
    expect(holding()).toEqual(expect.arrayContaining(['github', 'google-workspace']));
    expect((await noctule(['db', 'forget', login, '--connector', 'github', '--db', path])).code).toBe(0);
    expect(holding()).not.toContain('github');
    expect(holding()).toContain('google-workspace');
    const [{ address: left }] = rowsOf<{ address: string }>(path, addressOf) as [{ address: string }];
    expect(left).toMatch(/^forgotten-/);
  });

  test('takes with it what an analyst said of the person', async () => {
    const path = copied();
    const { email } = company.person(9);
    await noctule(['classify', email, 'machine', '--connector', 'google-workspace', '--reason', `Mailbox of ${email}`, '--db', path]);
    const { stdout } = await noctule(['db', 'forget', email, '--db', path]);
    expect(stdout).toMatch(/identity_override +1/);
    expect(rowsOf(path, 'SELECT * FROM identity_override')).toEqual([]);
    expect(linesWith(path, email)).toEqual([]);
  });

  test('is not done while somebody reads the file, says so, and the rest is done when it is asked for again', async () => {
    const path = copied();
    const { email } = company.person(9);
    // Looked for in a process of its own: who closes a file gives up all locks that its process has on it, the reader's too.
    const remains = () => spawnSync('grep', ['-raiqF', '--', email, join(path, '..')]).status === 0;
    const reader = connect(path);
    reader.pragma('journal_mode = WAL');
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM observation').get();
    const ended = await noctule(['db', 'forget', email, '--db', path]);
    expect([ended.code, ended.stderr]).toEqual([5, expect.stringContaining('The file is not written anew')]);
    expect(ended.stderr).toContain('noctule db rewrite');
    // What is promised to be still there is.
    expect(remains()).toBe(true);
    const again = await noctule(['db', 'forget', email, '--db', path]);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('noctule db rewrite')]);
    expect((await noctule(['db', 'rewrite', '--db', path])).code).toBe(5);
    reader.close();
    const done = await noctule(['db', 'rewrite', '--db', path]);
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('The file is written anew')]);
    expect(remains()).toBe(false);
    expect(integrityOf(path)).toBe('ok');
  });

  test('plans with the ids that are meant', async () => {
    const path = copied();
    const { email } = company.person(9);
    const ids = rowsOf<{ id: string }>(
      path,
      `SELECT DISTINCT principal_id AS id FROM observation WHERE body ->> '$.principal.name' = ? AND kind = 'identity'`,
      email,
    );
    const { stdout } = await noctule(['db', 'forget', email, '--db', path, '--plan']);
    expect(ids.length).toBeGreaterThan(0);
    for (const { id } of ids) expect(stdout).toContain(`  ${id}  ${email}`);
  });

  test('takes an owner whom no provider lists out of the files by which was judged', async () => {
    const path = copied();
    const database = connect(path);
    const address = 'auditor@elsewhere.example';
    database.prepare(`UPDATE document SET content = replace(content, ?, ?) WHERE kind = 'policy'`).run(company.person(3).email, address);
    database.close();
    expect(linesWith(path, address).length).toBeGreaterThan(0);
    const { code, stdout } = await noctule(['db', 'forget', address, '--db', path]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/document +1/)]);
    expect(linesWith(path, address)).toEqual([]);
  });

  test('is refused while a scan runs, and after one was interrupted', async () => {
    const path = copied();
    const store = openStore(path);
    const { email } = company.person(9);
    await withLease({ store, tenant: 'default' }, async () => {
      const { code, stderr } = await noctule(['db', 'forget', email, '--db', path]);
      expect([code, stderr]).toEqual([5, expect.stringContaining('is scanning')]);
    });
    await store.close();
    const database = connect(path);
    database.exec(
      `INSERT INTO scan (tenant, state, started_at, config_hash, catalog_hash, program_version) VALUES ('default', 'running', '2026-01-01', 'c', 'k', '0')`,
    );
    database.close();
    const { code, stderr } = await noctule(['db', 'forget', email, '--db', path]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('A scan was interrupted')]);
    expect(linesWith(path, email).length).toBeGreaterThan(0);
  });

  test.each([
    ['coderabbitai', 'is made for programs, and no person'],
    ['nobody@lanternworks.example', 'Nothing is stored of nobody@lanternworks.example'],
    ['nobody', 'No principal is stored under the id or the name nobody'],
    ['', 'No principal is stored under'],
  ])('%s is refused', async (name, message) => {
    const path = copied();
    const dump = logicalDump(path);
    const { code, stderr } = await noctule(['db', 'forget', name, '--db', path]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(logicalDump(path) === dump).toBe(true);
  });
});
