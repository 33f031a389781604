import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newFolder, noctule } from './run.ts';
import { workspace } from './workspace.ts';

describe('the database', () => {
  test('in a folder that is not there yet is made, for its owner alone', { skip: process.platform === 'win32' }, async () => {
    const site = await workspace({ config: { database: 'data/nightly/found.db' } });
    expect((await site.scan()).code).toBe(0);
    expect(statSync(join(site.folder, 'data/nightly')).mode & 0o077).toBe(0);
    expect((await site.run('findings', '--format', 'json')).code).toBe(0);
  });

  test('that is damaged, foreign or no file ends with 5, and is left as it is', async () => {
    const site = await workspace();
    expect((await site.scan()).code).toBe(0);
    const database = join(site.folder, 'noctule.db');
    const damaged = Buffer.from(readFileSync(database));
    damaged.fill(0xa5, 4096);
    const files: Record<string, Buffer> = {
      'foreign.db': Buffer.from('this is a letter, and no database at all'),
      'header.db': damaged.subarray(0, 50),
      'damaged.db': damaged,
    };
    for (const [name, content] of Object.entries(files)) {
      const file = join(site.folder, name);
      writeFileSync(file, content, { mode: 0o600 });
      const runs = await Promise.all([['scan'], ['findings'], ['coverage'], ['show', '0a']].map((args) => site.run(...args, '--db', file)));
      for (const { code, stdout, stderr } of runs) {
        expect([name, code, stdout]).toEqual([name, 5, '']);
        expect(stderr).not.toContain('    at ');
      }
      expect(readFileSync(file).equals(content), name).toBe(true);
    }
  });

  test('that holds no scan of the tenant is no empty answer: every question ends with 2', async () => {
    const site = await workspace();
    expect((await site.scan()).code).toBe(0);
    for (const line of ['findings', 'coverage', 'diff', 'catalog rematch', 'show 0a'])
      expect([
        line,
        await site.run(...line.split(' '), '--tenant', 'other', ...(line.startsWith('show') ? [] : ['--format', 'json'])),
      ]).toEqual([
        line,
        {
          code: 2,
          stdout: '',
          stderr:
            'Nothing of the tenant "other" has been scanned to its end yet\n  Run `noctule scan`, or give another tenant with --tenant.\n',
        },
      ]);
  });

  test('that is named with --db is asked for the tenant of the configuration, where there is one', async () => {
    const site = await workspace({ config: { tenant: 'acme' } });
    const elsewhere = join(site.folder, 'elsewhere.db');
    expect((await site.scan('--db', elsewhere)).code).toBe(0);
    const asked = ['findings', '--format', 'json', '--db', elsewhere];
    const found = await site.run(...asked);
    expect(found.stdout).toContain('ChatGPT');
    expect(await site.run(...asked, '--tenant', 'acme')).toEqual(found);
    expect((await site.run(...asked, '--tenant', 'default')).code).toBe(2);
    const [nowhere, broken] = [join(site.folder, 'nowhere.json'), join(site.folder, 'broken.json')];
    writeFileSync(broken, '{');
    for (const config of [nowhere, broken]) {
      expect(await noctule([...asked, '-c', config, '--tenant', 'acme'])).toEqual(found);
      expect((await noctule([...asked, '-c', config])).stderr).toContain('Nothing of the tenant "default"');
    }
  });

  test('that is a folder ends with 5', async () => {
    const folder = newFolder();
    expect((await noctule(['findings', '--db', folder])).code).toBe(5);
  });

  test('that nobody has written yet is said to be missing', async () => {
    const site = await workspace();
    const { code, stdout, stderr } = await site.run('findings');
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toContain('Run `noctule scan` first');
    expect(existsSync(join(site.folder, 'noctule.db'))).toBe(false);
  });
});
