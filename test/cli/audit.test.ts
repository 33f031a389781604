import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { newFolder, noctule } from './run.ts';
import { workspace, type Summary } from './workspace.ts';

describe('the audit trail', () => {
  let site: Awaited<ReturnType<typeof workspace>>;
  let head: NonNullable<Summary['audit']>;

  beforeAll(async () => {
    site = await workspace({ people: 3 });
    await site.scan();
    head = (await site.scan()).summary.audit!;
  });

  test('ends with what the summary of the scan holds, and is whole', async () => {
    const verified = await site.run('audit', 'verify');
    expect(verified).toMatchObject({ code: 0, stdout: `${head.hash}\n` });
    expect(verified.stderr).toContain(`${head.number} events`);
    expect(await site.run('audit', 'verify', '--head', head.hash)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('holds the head'),
    });
  });

  test('tells who scanned, and what became of it', async () => {
    const { stdout } = await site.run('audit', 'log', '--format', 'json', '--limit', '1');
    const [last] = JSON.parse(stdout) as { actor: string; action: string; details: { sources: object[] } }[];
    expect(last).toMatchObject({ action: 'scan.concluded', actor: expect.stringMatching(/^[^@]+@.+ \(claimed\)$/) });
    expect(last!.details.sources).toMatchObject([{ source: 'workspace', state: 'read' }]);
    expect((await site.run('audit', 'log')).stdout).toContain('scan.concluded');
  });

  test('that was changed behind its back ends with 5 and names the event', async () => {
    const database = new Database(join(site.folder, 'noctule.db'));
    const copy = join(newFolder(), 'copy.db');
    await database.backup(copy);
    database.close();
    const changed = new Database(copy);
    changed.exec(`DROP TRIGGER audit_event_is_not_changed; UPDATE audit_event SET actor = 'nobody' WHERE number = 1`);
    changed.close();
    expect(await site.run('audit', 'verify', '--db', copy)).toEqual({
      code: 5,
      stdout: '',
      stderr: 'The audit trail breaks at event 1: its content is not what it was.\n',
    });
  });

  test('is not held against what is no head', async () => {
    const { code, stderr } = await site.run('audit', 'verify', '--head', 'abc');
    expect([code, stderr.includes('64 hexadecimal digits')]).toEqual([2, true]);
    const other = await site.run('audit', 'verify', '--head', 'f'.repeat(64));
    expect([other.code, other.stderr.includes('the head that was kept is not in the chain')]).toEqual([5, true]);
    expect((await noctule(['audit', '--help'])).stdout).toContain('noctule audit verify');
  });
});
