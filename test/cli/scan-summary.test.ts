import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { noctule, shell } from './run.ts';
import { workspace } from './workspace.ts';

describe('the summary', () => {
  test('that cannot be written ends with 2 and says why; what was read is kept', async () => {
    const site = await workspace();
    const { code, stderr } = await site.run('scan', '--summary', join(site.folder, 'no', 'summary.json'));
    expect(code).toBe(2);
    expect(stderr).toContain('summary.json cannot be written (ENOENT)');
    const below = await site.run('scan', '--summary', join(site.config, 'summary.json'));
    expect([below.code, below.stderr.includes('summary.json cannot be written (ENOTDIR)')]).toEqual([2, true]);
    const both = await site.run('scan', '--source', 'wrkspace', '--summary', join(site.folder, 'no', 'summary.json'));
    expect(both.code).toBe(2);
    expect(both.stderr).toMatch(/summary\.json cannot be written \(ENOENT\)\n[^\n]*\nThere is no source "wrkspace"/);
    expect((await site.run('findings', '--format', 'json')).stdout).toContain('ChatGPT');
  });

  test('of a scan that fails says why, and none of an earlier one is left', async () => {
    const site = await workspace({ people: 3 });
    expect((await site.scan()).summary).toMatchObject({ scan: 1, exitCode: 0 });
    const failed = { formatVersion: 1, scan: null, resumed: false, sources: [] };
    const usage = await site.scan('--source', 'wrkspace');
    expect(usage.summary).toMatchObject({ ...failed, conditions: ['usage'], exitCode: 2, message: 'There is no source "wrkspace"' });
    const storage = await site.scan('--db', site.folder);
    expect(storage.summary).toMatchObject({ ...failed, conditions: ['storage'], exitCode: 5, message: `${site.folder} is a folder` });

    const holder = new Database(join(site.folder, 'noctule.db'));
    const { pid } = process;
    holder
      .prepare('INSERT INTO lease (tenant, holder, pid, host, beat_at) VALUES (?, ?, ?, ?, ?)')
      .run('default', 'another', pid, hostname(), new Date().toISOString());
    const lease = await site.scan();
    expect(lease.summary).toMatchObject({ ...failed, conditions: ['storage'], exitCode: 5, message: expect.stringContaining(`${pid}`) });
    // A table that is missing is a fault of ours: what it quotes stays out of the summary.
    holder.exec('DELETE FROM lease; DROP TABLE request_count');
    holder.close();
    const bug = await site.scan();
    expect(bug.summary).toMatchObject({ ...failed, conditions: ['internal'], exitCode: 70, message: "A bug of Noctule's" });
    expect([usage.code, storage.code, lease.code, bug.code]).toEqual([2, 5, 5, 70]);
  });

  test('of an earlier scan is gone as soon as the next begins: one that is killed leaves none', async () => {
    const site = await workspace({ people: 3, latency: 200 });
    const summary = join(site.folder, 'summary.json');
    writeFileSync(summary, '{"exitCode":0}');
    const { code } = await noctule(['scan', '-c', site.config, '--summary', summary], {
      env: site.provider.environment,
      whenItSpeaks: (child) => void child.kill('SIGKILL'),
    });
    expect([code, existsSync(summary)]).toEqual([null, false]);
  });

  test('replaces a link instead of following it, and may be a device', async () => {
    const site = await workspace();
    const precious = join(site.folder, 'precious');
    writeFileSync(precious, 'mine');
    symlinkSync(precious, join(site.folder, 'summary.json'));
    expect((await site.scan()).summary.exitCode).toBe(0);
    expect(readFileSync(precious, 'utf8')).toBe('mine');
    const device = await site.run('scan', '--summary', '/dev/null');
    expect([device.code, statSync('/dev/null').isCharacterDevice()]).toEqual([0, true]);
  });

  test(
    'goes through a link to a pipe or to its own output, and leaves the link as it is',
    { skip: process.platform === 'win32' },
    async () => {
      const site = await workspace();
      const [pipe, toPipe, toOutput] = ['pipe', 'to-pipe', 'to-output'].map((name) => join(site.folder, name)) as [string, string, string];
      execFileSync('mkfifo', [pipe]);
      symlinkSync(pipe, toPipe);
      symlinkSync('/dev/fd/1', toOutput);
      const options = { env: site.provider.environment, cwd: site.folder };
      const scan = (to: string) => `noctule --quiet scan -c ${site.config} --summary ${to}`;
      // Its output is a socket in the second, and a file in the third.
      const runs = [
        await shell(`cat ${pipe} & ${scan(toPipe)}; wait`, options),
        await noctule(scan(toOutput).split(' ').slice(1), options),
        await shell(`${scan(toOutput)} > kept.json; cat kept.json`, options),
      ];
      for (const { stdout } of runs) expect(JSON.parse(stdout)).toMatchObject({ formatVersion: 1 });
      expect([readlinkSync(toPipe), readlinkSync(toOutput)]).toEqual([pipe, '/dev/fd/1']);
    },
  );
});
