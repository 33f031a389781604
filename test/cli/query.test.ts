import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { newFolder, noctule, PROGRAM, shell } from './run.ts';

const database = join(newFolder(), 'noctule.db');
beforeAll(() => openDatabase(database).close());

const query = (sql: string, ...args: string[]) => noctule(['query', sql, '--db', database, ...args]);

/** It has no end, and gives no row by which it could be stopped. */
const ENDLESS = `WITH RECURSIVE n(i) AS (VALUES (${process.pid}) UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`;

/** On which page a table begins. */
function rootOf(path: string, table: string): { root: number } {
  const opened = openDatabase(path);
  try {
    return opened.prepare('SELECT rootpage AS root FROM sqlite_schema WHERE name = ?').get(table) as { root: number };
  } finally {
    opened.close();
  }
}

/** The processes that keep its limit of time: they are told its number. */
function watchersOf(id: number): string[] {
  return readdirSync('/proc').filter((entry) => {
    try {
      const words = /^\d+$/.test(entry) ? readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0') : [];
      return words[0]?.endsWith('sh') === true && words.includes('-c') && words.includes(String(id));
    } catch {
      return false;
    }
  });
}

const NAMED = 'Names of persons in it: whom the question asks for.\n';

describe('a question', () => {
  test('with two columns of one name shows both values in a table and as CSV', async () => {
    const sql = "SELECT 1 AS a, 2 AS a, NULL AS b, 'x' AS c";
    expect(await query(sql, '--format', 'csv')).toEqual({
      code: 0,
      stdout: 'a,a,b,c\r\n1,2,,x\r\n',
      stderr: NAMED,
    });
    expect((await query(sql)).stdout).toBe('a  a  b  c\n-  -  -  -\n1  2     x\n');
  });

  test.each(['json', 'ndjson'])('with two columns of one name is refused as %s, where one would be lost', async (format) => {
    const { code, stdout, stderr } = await query('SELECT 1 AS a, 2 AS a', '--format', format);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'Two columns of the answer are called "a"\n  Give each a name of its own, SELECT 1 AS one, 2 AS two, or ask for --format csv.\n',
    );
    expect((await query('SELECT 1 AS a, NULL AS b', '--format', format)).stdout.replaceAll(/\s/g, '').replaceAll(/[[\]]/g, '')).toBe(
      '{"a":1,"b":null}',
    );
  });

  test.each(['0', '86401', '2147484', '999999999'])('stopped after %s seconds is out of range', async (seconds) => {
    const { code, stdout, stderr } = await query('SELECT 1', '--seconds', seconds);
    expect([code, stdout, stderr]).toEqual([2, '', `--seconds ${seconds} is out of range\n  Give 1 to 86400.\n`]);
  });

  test('may take a day', async () => {
    expect((await query('SELECT 1 AS one', '--seconds', '86400', '--format', 'csv')).stdout).toBe('one\r\n1\r\n');
  });

  test('that takes too long is stopped, and says so', async () => {
    const asked = spawn(process.execPath, [PROGRAM, 'query', ENDLESS, '--seconds', '1', '--db', database], { stdio: 'pipe' });
    const said = { out: '', err: '' };
    asked.stdout.on('data', (text) => void (said.out += String(text)));
    asked.stderr.on('data', (text) => void (said.err += String(text)));
    expect(await once(asked, 'close')).toEqual([null, 'SIGKILL']);
    expect(said).toEqual({
      out: '',
      err: 'The question took longer than 1 s and was stopped\n  Ask for less, or give it more time with --seconds.\n',
    });
    await vi.waitFor(() => expect(watchersOf(asked.pid!)).toEqual([]));
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('is given up at once by %s, and nobody is left to wait for it', async (signal) => {
    const asked = spawn(process.execPath, [PROGRAM, 'query', ENDLESS, '--seconds', '60', '--db', database], { stdio: 'ignore' });
    const end = once(asked, 'exit');
    await vi.waitFor(() => expect(watchersOf(asked.pid!)).not.toEqual([]), 20_000);
    // SQLite has begun soon after.
    await new Promise((resolve) => setTimeout(resolve, 500));
    asked.kill(signal);
    expect(await end).toEqual([null, signal]);
    await vi.waitFor(() => expect(watchersOf(asked.pid!)).toEqual([]));
  });

  test('is not asked where a signal came before it', async () => {
    // It waits for its configuration until somebody writes there.
    const config = join(newFolder(), 'config.json');
    execFileSync('mkfifo', [config]);
    const asked = spawn(process.execPath, [PROGRAM, 'query', ENDLESS, '--seconds', '30', '--db', database, '--config', config], {
      stdio: 'ignore',
    });
    const begun = performance.now();
    const end = once(asked, 'exit');
    const writer = spawn('bash', ['-c', 'exec 3>"$1"; echo open; read -r _; echo "{}" >&3', 'bash', config], { stdio: 'pipe' });
    await once(writer.stdout, 'data');
    asked.kill('SIGTERM');
    writer.stdin.end('go\n');
    expect(await end).toEqual([143, null]);
    expect(performance.now() - begun).toBeLessThan(25_000);
  });

  test('is not stopped by time once it is answered, however slowly the answer is read', async () => {
    const sql = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i, printf('%.100c', 'x') FROM n";
    const { code, stdout } = await shell(`noctule query "${sql}" --seconds 1 --db '${database}' --format csv | (sleep 2; wc -l)`);
    expect([code, stdout.trim()]).toEqual([0, '5001']);
  });

  test('is asked elsewhere where it is the first process of a container, which nobody can end', async (context) => {
    const first = ['--pid', '--fork', '--mount-proc', process.execPath, PROGRAM, 'query'];
    const contained = (...words: string[]) => spawnSync('unshare', [...first, ...words, '--db', database], { encoding: 'utf8' });
    if (spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status !== 0)
      context.skip('a process may not be the first of its own here');
    expect(contained('SELECT 1 AS one', '--format', 'csv')).toMatchObject({ status: 0, stdout: 'one\r\n1\r\n' });
    const { status, stdout, stderr } = contained(ENDLESS, '--seconds', '1');
    expect([status, stdout]).toEqual([137, '']);
    expect(stderr).toContain('The question took longer than 1 s and was stopped\n');
  });

  test.each([
    'SELECT 1; SELECT 2',
    'DELETE FROM finding',
    'CREATE TABLE mine (a)',
    'PRAGMA query_only = OFF',
    "ATTACH 'other.db' AS other",
  ])('that is no single question is refused: %s', async (sql) => {
    const { code, stdout, stderr } = await query(sql);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Ask one SELECT over the views');
  });

  test('is cut at as many rows as were asked for', async () => {
    const sql = 'WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT i FROM n';
    const { code, stdout, stderr } = await query(sql, '--max-rows', '2', '--format', 'csv');
    expect([code, stdout, stderr]).toEqual([0, 'i\r\n1\r\n2\r\n', `${NAMED}The answer was cut at 2 rows.\n`]);
  });

  test('of which no row is wanted is refused: elsewhere 0 means all', async () => {
    for (const asked of ['SELECT 1', 'vendor-reach']) {
      const { code, stdout, stderr } = await query(asked, '--max-rows', '0');
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('--max-rows 0 leaves no row')]);
    }
  });

  test('of a database that is damaged within says so, and not that the question is wrong', async () => {
    const damaged = join(newFolder(), 'noctule.db');
    openDatabase(damaged).close();
    const file = openSync(damaged, 'r+');
    // The first page, with the names of all tables and views, and the pages that these names continue on are whole.
    const { root } = rootOf(damaged, 'scan');
    writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, (root - 1) * 4096);
    closeSync(file);
    const { code, stdout, stderr } = await noctule(['query', 'SELECT * FROM scans', '--db', damaged]);
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toContain('is damaged or no database');
  });

  test('that ships is found behind its values, too', async () => {
    const usual = await query('vendor-breach', '--param', 'vendor=openai', '--format', 'csv');
    expect(usual).toMatchObject({ code: 0, stdout: expect.stringContaining('grant_id,holder') });
    for (const args of [
      ['--param', 'vendor=openai', 'vendor-breach'],
      ['--param', 'vendor=openai', 'tenant=default', 'vendor-breach'],
      ['--param', 'vendor=openai', '--param', 'tenant=default', '--', 'vendor-breach'],
      ['vendor-breach', '--param', 'vendor=openai', '--param', 'tenant=default'],
      ['vendor-breach', '--param', 'vendor=openai', 'tenant=default'],
    ])
      expect(await noctule(['query', '--db', database, '--format', 'csv', ...args])).toEqual(usual);
    for (const args of [
      ['--param', 'vendor=openai'],
      ['--param', 'vendor=openai', 'vendor-breach', 'agents'],
    ])
      expect(await noctule(['query', '--db', database, ...args])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('No question was asked'),
      });
  });

  test('keeps numbers that JSON has no word for apart from nothing', async () => {
    expect((await query('SELECT 9e999 AS most, NULL AS missing', '--format', 'csv')).stdout).toBe('most,missing\r\nInfinity,\r\n');
    // What no number holds stays whole.
    expect((await query('SELECT 9007199254740993 AS most, 7 AS few', '--format', 'csv')).stdout).toBe('most,few\r\n9007199254740993,7\r\n');
  });

  test('whose answer is too large is cut before it is spelled out', async () => {
    const { code, stdout, stderr } = await query('SELECT zeroblob(300000000) AS blob', '--format', 'json');
    expect([code, stdout, stderr]).toEqual([0, '[]\n', `${NAMED}The answer was cut at 33554432 bytes.\n`]);
    const one = await query("SELECT x'00ff' AS blob", '--format', 'json');
    expect(JSON.parse(one.stdout)).toEqual([{ blob: '00ff' }]);
  });

  test('is asked of the whole database: no tenant is offered, and none is taken', async () => {
    expect((await noctule(['query', '--help'])).stdout).not.toContain('--tenant');
    const { code, stderr } = await query('SELECT 1', '--tenant', 'default');
    expect([code, stderr]).toEqual([2, expect.stringContaining("unknown option '--tenant'")]);
  });
});
