import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { PROGRAM as VERBS } from '../../src/cli/verbs.ts';
import type { Verb } from '../../src/cli/verb.ts';
import { TOLD_FILTERS } from '../../src/commands/export.ts';
import { connect } from '../../src/store/database.ts';
import { demoWorld } from './demo-world.ts';
import { newFolder, PROGRAM, shell } from './run.ts';

const world = demoWorld(20);

interface Told {
  number: number;
  actor: string;
  action: string;
  subject: string;
  details: Record<string, unknown>;
}

/** The last events of the trail, the last first. */
async function trail(limit = 1): Promise<Told[]> {
  return world.json('audit', 'log', '--limit', String(limit));
}

function sha256(content: string | Buffer): string {
  return hash('sha256', content, 'hex');
}

describe('an export', () => {
  test('is what is asked for in a form for other programs or into a file; what is looked at is no event', async () => {
    const [before] = await trail();
    for (const args of [
      ['findings', '--limit', '20'],
      ['grants'],
      ['identities'],
      ['changes'],
      ['coverage'],
      ['diff'],
      ['query', '--list'],
    ])
      expect([args, (await world.run(...args)).code]).toEqual([args, 0]);
    expect(await trail()).toEqual([before]);
  });

  test('into a file is told with its form, rows, bytes, digest, names and filters', async () => {
    const file = join(newFolder(), 'grants.csv');
    expect((await world.run('grants', '--verdict', 'ai', '--limit', '3', '--format', 'csv', '--output', file)).code).toBe(0);
    const content = readFileSync(file);
    const [told] = await trail();
    expect(told).toMatchObject({ action: 'export.written', subject: 'grants', actor: expect.stringMatching(/ \(claimed\)$/) });
    expect(told!.details).toEqual({
      form: 'csv',
      to: 'file',
      bytes: content.length,
      sha256: sha256(content),
      rows: 3,
      names: 'holders, with standing, times and last use',
      filters: { sort: 'app', limit: 3 },
      withheld: ['verdict'],
    });
    expect((await world.run('audit', 'verify')).code).toBe(0);
    expect((await world.run('audit', 'log')).stdout).toContain('export.written');
  });

  test.each([
    ['findings', '--format', 'sarif'],
    ['findings', '--format', 'json', '--limit', '2'],
    ['integrations', '--format', 'cyclonedx'],
    ['identities', '--format', 'markdown'],
    ['changes', '--format', 'ndjson'],
    ['coverage', '--format', 'json'],
    ['diff', '--format', 'csv'],
    ['ioc', 'openai', '--format', 'json'],
    ['query', 'held-by', '--param', 'holder_id=somebody', '--format', 'csv'],
    ['query', 'SELECT 1 AS one', '--format', 'json'],
  ])('of %s %s %s to another program is told with its bytes, and without a digest', async (...args) => {
    const { code, stdout, stderr } = await world.run(...args);
    expect([code, code === 0 || stderr]).toEqual([0, true]);
    const [told] = await trail();
    expect(told).toMatchObject({
      action: 'export.written',
      subject: args[0],
      details: { to: 'output', form: args.at(args.indexOf('--format') + 1), bytes: Buffer.byteLength(stdout) },
    });
    expect(told!.details).not.toHaveProperty('sha256');
  });

  test('that a shell puts into a file is told with the digest of it', async () => {
    const file = join(newFolder(), 'findings.json');
    const { code } = await shell(`noctule findings --limit 2 --format json --config "${join(world.folder, 'config.json')}" > "${file}"`);
    expect(code).toBe(0);
    const [told] = await trail();
    expect(told!.details).toMatchObject({ to: 'output', bytes: readFileSync(file).length, sha256: sha256(readFileSync(file)) });
  });

  test('in Parquet, and a backup, are told too', async () => {
    const folder = newFolder();
    const file = join(folder, 'identities.parquet');
    expect((await world.run('identities', '--format', 'parquet', '--output', file)).code).toBe(0);
    expect((await world.run('db', 'backup', join(folder, 'copy.db'))).code).toBe(0);
    const [backup, parquet] = await trail(2);
    expect(parquet!.details).toMatchObject({ form: 'parquet', sha256: sha256(readFileSync(file)) });
    expect(backup).toMatchObject({
      action: 'export.written',
      subject: 'db backup',
      details: { form: 'sqlite', names: 'everybody who is stored' },
    });
  });

  test('is told without a name: whom was asked about, in a filter or in SQL, is not repeated', async () => {
    const asked = ['ada@corp.example', 'grace-hopper'];
    expect((await world.run('grants', '--holder', asked[0]!, '--format', 'csv')).code).toBe(0);
    expect((await world.run('identities', '--id', asked[0]!, '--account', asked[1]!, '--format', 'csv')).code).toBe(0);
    expect((await world.run('query', `SELECT '${asked[1]}' AS who`, '--format', 'csv')).code).toBe(0);
    expect((await world.run('query', 'held-by', '--param', `holder_id=${asked[0]}`, '--format', 'csv')).code).toBe(0);
    const told = await trail(4);
    for (const name of asked) expect(JSON.stringify(told)).not.toContain(name);
    expect(told.map(({ details }) => [details['question'], details['withheld']])).toEqual([
      ['held-by', ['param']],
      ['sql', []],
      [undefined, ['account', 'id']],
      [undefined, ['holder']],
    ]);
  });

  test('repeats no filter whose words are not ours', () => {
    const options = exportsOf(VERBS).flatMap(({ options: own = [] }) => own);
    // Found to be a scan, a rule or a control before anything is listed.
    const examined = new Set(['asOf', 'since', 'until', 'rule', 'control']);
    const told = options.filter(({ flags }) => TOLD_FILTERS.has(nameOf(flags)));
    expect(new Set(told.map(({ flags }) => nameOf(flags)))).toEqual(TOLD_FILTERS);
    for (const { flags, choices } of told) expect([flags, choices !== undefined || examined.has(nameOf(flags))]).toEqual([flags, true]);
  });

  test('while another process writes waits its turn, and is told', async () => {
    const [before] = await trail();
    const other = connect(world.database, {});
    other.exec('BEGIN IMMEDIATE');
    const running = world.run('findings', '--format', 'csv');
    await wait(1_500);
    other.exec('COMMIT');
    other.close();
    expect((await running).code).toBe(0);
    expect((await trail())[0]!.number).toBe(before!.number + 1);
  });

  test(
    'that is interrupted while it waits is there, and says that the trail does not tell of it',
    { skip: process.platform === 'win32' },
    async () => {
      const [before] = await trail();
      const other = connect(world.database, {});
      other.exec('BEGIN IMMEDIATE');
      const config = join(world.folder, 'config.json');
      const { code, stdout, stderr } = await shell(
        `"${process.execPath}" "${PROGRAM}" findings --format csv -c '${config}' > '${world.folder}/list.csv' &
        while [ ! -s '${world.folder}/list.csv' ]; do sleep 0.1; done; sleep 2; kill -INT $!; wait $!; code=$?; cat '${world.folder}/list.csv'; exit $code`,
      );
      other.exec('ROLLBACK');
      other.close();
      expect(stdout).toContain('severity');
      expect(stderr).toContain('the audit trail does not tell of it: it was interrupted');
      expect(code).toBe(130);
      expect(await trail()).toEqual([before]);
    },
  );

  test('of which the trail has no room to tell is there, and ends with 5', { skip: process.platform !== 'linux' }, async () => {
    const [before] = await trail();
    // Somebody else has it open, so that its log is there; it cannot grow.
    const other = connect(world.database, {});
    other.exec('BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS audit_room (a); ROLLBACK');
    const config = join(world.folder, 'config.json');
    const { code, stdout, stderr } = await shell(
      `trap '' XFSZ; ulimit -f 0; "${process.execPath}" "${PROGRAM}" findings --format csv -c '${config}'`,
    );
    other.close();
    expect(stdout).toContain('severity');
    expect(stderr).toContain('What was asked for was written, but the audit trail does not tell of it');
    expect(code).toBe(5);
    expect(await trail()).toEqual([before]);
  });
});

/** Verbs whose answers can be taken elsewhere. */
function exportsOf(verb: Verb): Verb[] {
  const own = (verb.options ?? []).some(({ flags }) => flags.includes('--output ')) ? [verb] : [];
  return [...own, ...(verb.verbs ?? []).flatMap(exportsOf)];
}

/** `--as-of <scan>` is asOf. */
function nameOf(flags: string): string {
  return /--([a-z-]+)/.exec(flags)![1]!.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
