import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { newFolder, noctule } from './run.ts';
import { workspace } from './workspace.ts';

type Site = Awaited<ReturnType<typeof workspace>>;

/** Scans of four nights, of which the first two were a year ago. */
async function aged(): Promise<Site> {
  const site = await workspace({ people: 20 });
  for (const night of [0, 1, 2, 2]) {
    site.provider.night(night);
    expect((await site.run('scan')).code).toBe(0);
  }
  const database = new Database(join(site.folder, 'noctule.db'));
  database.exec(`UPDATE scan SET started_at = strftime('%Y-%m-%dT%H:%M:%fZ', started_at, '-400 days'), ended_at = strftime('%Y-%m-%dT%H:%M:%fZ', ended_at, '-400 days') WHERE id <= 2;
    UPDATE reading SET started_at = strftime('%Y-%m-%dT%H:%M:%fZ', started_at, '-400 days') WHERE scan_id <= 2`);
  database.close();
  return site;
}

describe('pruning by the command line', () => {
  let site: Site;
  beforeAll(async () => {
    site = await aged();
  });

  test('needs to be told how much is kept, and at least a month', async () => {
    for (const args of [[], ['--keep-days', '30']]) {
      const { code, stderr } = await site.run('db', 'prune', ...args);
      expect([code, stderr]).toEqual([2, expect.stringContaining('Give at least 31')]);
    }
  });

  test('answers every question about what is kept as before, and says of what is not that it is not', async () => {
    const [finding] = JSON.parse((await site.run('findings', '--format', 'json', '--limit', '1')).stdout) as [{ key: string }];
    const questions = [
      ['findings', '--format', 'json'],
      ['findings', '--format', 'json', '--as-of', '3'],
      ['findings', '--format', 'json', '--as-of', '3', '--judge-with', 'current'],
      ['findings', '--format', 'json', '--state', 'resolved'],
      ['show', finding.key, '--format', 'json'],
      ['diff', '3', '4', '--format', 'json'],
      ['diff'],
      ['coverage', '--format', 'json'],
      ['coverage', '--as-of', '3', '--format', 'json'],
      ['metrics', '--format', 'json'],
    ];
    const ask = () => Promise.all(questions.map(async (args) => ({ args, ...(await site.run(...args)) })));
    const before = await ask();
    expect(before.map(({ code }) => code)).toEqual(questions.map(() => 0));
    const plan = await site.run('db', 'prune', '--keep-days', '31', '--plan');
    expect([plan.code, plan.stdout]).toEqual([0, expect.stringContaining('The history of 2 scans before scan 3 would be taken away:')]);
    const done = await site.run('db', 'prune', '--keep-days', '31', '--format', 'json');
    expect(JSON.parse(done.stdout)).toMatchObject({
      planned: false,
      keepDays: 31,
      firstKept: 3,
      scans: 2,
      rows: { request_count: expect.any(Number) },
    });
    const after = await ask();
    // The trend of the metrics shows scans, and those that went no more; what is gone may have lost the date that a log told of it.
    const kept = (answers: typeof before) =>
      answers.map((answer) => {
        if (answer.args[0] !== 'metrics') return answer;
        type Told = { discovery: Record<string, number> };
        const { trend, discovery, nights, ...metrics } = JSON.parse(answer.stdout) as Told & { trend: Told[]; nights: { of: number } };
        const together = ({ again, undated, count, before }: Told['discovery']) => ({ count, before, others: again! + undated! });
        // Of a night whose history went nobody can say what it read.
        expect([2, 4]).toContain(nights.of);
        const then = trend.slice(0, 2).map((one) => ({ ...one, discovery: together(one.discovery) }));
        return { ...metrics, trend: then, discovery: together(discovery) };
      });
    expect(kept(after)).toEqual(kept(before));
    const [undatedBefore, undatedAfter] = [before, after].map((answers) => {
      const { stdout } = answers.find(({ args }) => args[0] === 'metrics')!;
      return (JSON.parse(stdout) as { discovery: { undated: number } }).discovery.undated;
    });
    expect(undatedAfter, 'no date is made up').toBeGreaterThanOrEqual(undatedBefore!);
    for (const args of [
      ['findings', '--as-of', '2'],
      ['show', finding.key, '--as-of', '1'],
      ['diff', '2', '4'],
      ['metrics', '--as-of', '1'],
      ['coverage', '--as-of', '2'],
    ]) {
      const { code, stderr } = await site.run(...args);
      expect([code, stderr], args.join(' ')).toEqual([
        2,
        expect.stringMatching(/The history of scan [12] was pruned on .*\n {2}The first scan of which all is kept is 3/),
      ]);
    }
    const trail = JSON.parse((await site.run('audit', 'log', '--format', 'json')).stdout) as { action: string }[];
    expect(trail.filter(({ action }) => action === 'history.pruned')).toEqual([expect.objectContaining({ subject: 'scan/3' })]);
    expect((await site.run('audit', 'verify')).code).toBe(0);
    expect((await site.run('db', 'prune', '--keep-days', '31')).stdout).toBe('Nothing is that old: all is kept from scan 3 on.\n');
    site.provider.night(2);
    expect((await site.run('scan')).code).toBe(0);
    expect((await site.run('db', 'check')).code).toBe(0);
  });

  test('a night prunes by itself what the configuration lets go, and says so in its summary', async () => {
    const own = await aged();
    const config = JSON.parse(readFileSync(own.config, 'utf8')) as object;
    writeFileSync(own.config, JSON.stringify({ ...config, retention: { keepDays: 31 } }), { mode: 0o600 });
    const file = join(own.folder, 'night.json');
    const { code, stderr } = await own.run('schedule', '--once', '--summary', file);
    expect([code, stderr]).toEqual([0, expect.stringContaining('The history of 2 scans before scan 3 was taken away:')]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ scan: 5, pruned: { scans: 2, firstKept: 3 }, notices: [] });
    // No timetable, no file of its health.
    expect(existsSync(join(own.folder, 'noctule-health.json'))).toBe(false);
  });
});

describe('a backup by the command line', () => {
  test('is written, checked and restorable; a damaged one is told with 5', async () => {
    const site = await workspace({ people: 5 });
    await site.run('scan');
    const copy = join(site.folder, 'copy.db');
    // That it was written, the original alone tells.
    const head = JSON.parse((await site.run('audit', 'log', '--format', 'json', '--limit', '1')).stdout) as [{ hash: string }];
    const { code, stdout, stderr } = await site.run('db', 'backup', copy);
    expect([code, stdout]).toEqual([0, `${copy}\n`]);
    expect(stderr).toContain(head[0].hash);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect((await site.run('db', 'backup', copy)).code).toBe(5);
    const elsewhere = newFolder();
    const checked = await noctule(['db', 'check', '--db', copy, '--format', 'json'], { cwd: elsewhere });
    expect(JSON.parse(checked.stdout)).toMatchObject({ database: copy, faults: [], audit: [{ hash: head[0].hash }] });
    const asked = await noctule(['findings', '--db', copy, '--format', 'json'], { cwd: elsewhere });
    expect(asked.stdout).toBe((await site.run('findings', '--format', 'json')).stdout);
    const bytes = readFileSync(copy);
    writeFileSync(copy, bytes.fill(0x5a, 4096 * 20, 4096 * 60));
    expect((await noctule(['db', 'check', '--db', copy], { cwd: elsewhere })).code).toBe(5);
  });

  test('room is given back, but not while somebody reads', async () => {
    const site = await workspace({ people: 5 });
    await site.run('scan');
    const file = join(site.folder, 'noctule.db');
    const other = new Database(file);
    other.exec(
      'CREATE TABLE bulk (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO bulk SELECT randomblob(200) FROM n; DROP TABLE bulk',
    );
    other.pragma('wal_checkpoint(TRUNCATE)');
    const before = statSync(file).size;
    const reading = other.prepare('SELECT * FROM observation').iterate();
    reading.next();
    const busy = await site.run('db', 'compact');
    expect([busy.code, busy.stderr]).toEqual([5, expect.stringContaining('another process uses the database')]);
    reading.return!();
    other.close();
    expect((await site.run('db', 'compact')).code).toBe(0);
    expect(statSync(file).size).toBeLessThan(before - 500_000);
  });
});
