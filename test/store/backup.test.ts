import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { backupDatabase } from '../../src/store/backup.ts';
import { checkDatabase } from '../../src/store/check.ts';
import { StorageError } from '../../src/store/database.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { ACCOUNT, begin, fact, open, said, scan, temporaryFolder, TENANT } from './facts.ts';
import { connect, logicalDump } from './logical-dump.ts';

const file = temporaryFolder();
const whole = [said('covered', ACCOUNT)];
const many = Array.from({ length: 300 }, (_, number) => fact(String(number), { says: 'x'.repeat(300) }));

async function filled(): Promise<string> {
  const path = file();
  const store = openStore(path);
  await scan(store, 0, { grants: { rows: many, statements: whole } });
  await scan(store, 1, { grants: { rows: many.slice(0, 200), statements: whole } });
  await store.close();
  return path;
}

function refusal(work: () => unknown): StorageError {
  try {
    work();
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  throw new Error('It was not refused');
}

describe('a backup', () => {
  test('says the same as the database, is one file for its owner alone, and is scanned into when it is restored', async () => {
    const path = await filled();
    const target = file('copy.db');
    const { audit, faults } = backupDatabase(path, target);
    expect(logicalDump(target)).toBe(logicalDump(path));
    expect([statSync(target).mode & 0o777, faults]).toEqual([0o600, []]);
    expect(readdirSync(dirname(target)).filter((name) => name.startsWith('copy.db'))).toEqual(['copy.db']);
    const reader = openReader(path);
    expect(audit).toEqual([{ tenant: TENANT, ...reader.auditHead(TENANT) }]);
    reader.close();
    const store = openStore(target);
    expect((await scan(store, 2, { grants: { rows: many.slice(0, 200), statements: whole } })).classes).toEqual({ persisting: 200 });
    await store.close();
  });

  test('is taken while a scan writes, as of one moment', async () => {
    const path = await filled();
    const store = openStore(path);
    const id = await begin(store, 2);
    const reading = await open(store, id, 2);
    await store.commitBatch(reading, { rows: [fact('new')], statements: [] });
    const other = connect(path);
    other.exec(`BEGIN IMMEDIATE; UPDATE scan SET actor = 'half'`);
    const target = file();
    backupDatabase(path, target);
    other.exec('COMMIT');
    other.close();
    const copy = connect(target, { readonly: true });
    expect(copy.prepare('SELECT id, state, actor FROM scan ORDER BY id').all().at(-1)).toEqual({
      id,
      state: 'running',
      actor: 'ada@host (claimed)',
    });
    copy.close();
    await store.close();
  });

  test('overwrites nothing, follows no link, and leaves nothing where it fails', async () => {
    const path = await filled();
    const [taken, link] = [file('taken'), file('link')];
    writeFileSync(taken, 'precious');
    symlinkSync(taken, link);
    for (const target of [taken, link, path])
      expect(refusal(() => backupDatabase(path, target)).message).toBe(`${target} is already there`);
    expect(readFileSync(taken, 'utf8')).toBe('precious');
    const dangling = file('dangling');
    symlinkSync(file('nowhere'), dangling);
    expect(refusal(() => backupDatabase(path, dangling)).message).toContain('is already there');
    expect(existsSync(file('nowhere'))).toBe(false);
    expect(refusal(() => backupDatabase(path, join(file('none'), 'x', 'copy.db'))).message).toContain('does not exist');
    const missing = file();
    expect(refusal(() => backupDatabase(missing, file('copy-of-nothing'))).message).toContain('There is no database');
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect([existsSync(missing), existsSync(file('copy-of-nothing'))]).toEqual([false, false]);
  });

  test('of a database whose trail was tampered with, or that is damaged, gets no name', async () => {
    const path = await filled();
    tampered(path);
    const target = file();
    expect(refusal(() => backupDatabase(path, target)).message).toMatch(
      /The copy of .* is not whole: The audit trail of default breaks at event 1/,
    );
    const broken = await filled();
    damaged(broken);
    expect(refusal(() => backupDatabase(broken, target))).toBeInstanceOf(StorageError);
    expect(readdirSync(dirname(target)).filter((name) => name.startsWith(basename(target)))).toEqual([]);
  });
});

describe('a check', () => {
  test('finds a whole database whole, and writes nothing', async () => {
    const path = await filled();
    const before = readFileSync(path);
    const checked = checkDatabase(path);
    expect(checked).toMatchObject({ faults: [], bytes: statSync(path).size, audit: [{ tenant: TENANT, number: expect.any(Number) }] });
    expect(checked.schema).toBe(checked.newestSchema);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}-`))).toEqual([]);
  });

  test('tells of damaged pages, lost references and a broken trail', async () => {
    const path = await filled();
    tampered(path);
    const database = connect(path);
    database.pragma('foreign_keys = OFF');
    database.exec('DELETE FROM collector');
    database.close();
    expect(checkDatabase(path).faults).toEqual([
      expect.stringMatching(/^\d+ rows of \w+ that name no collector$/),
      expect.stringMatching(/^\d+ rows of \w+ that name no collector$/),
      expect.stringContaining('The audit trail of default breaks at event 1: its content is not what it was'),
    ]);
    const broken = await filled();
    damaged(broken);
    const faults = (() => {
      try {
        return checkDatabase(broken).faults;
      } catch (error) {
        return error instanceof StorageError ? [error.message] : [];
      }
    })();
    expect(faults.length).toBeGreaterThan(0);
    expect(refusal(() => checkDatabase(file())).message).toContain('There is no database');
  });
});

/** Somebody changes what was done, past the triggers. */
function tampered(path: string): void {
  const database = connect(path);
  database.exec(`DROP TRIGGER audit_event_is_not_changed; UPDATE audit_event SET actor = 'mallory' WHERE number = 1`);
  database.close();
}

/** Pages in the middle are no pages any more. */
function damaged(path: string): void {
  const bytes = readFileSync(path);
  bytes.fill(0x5a, 4096 * 12, 4096 * 24);
  writeFileSync(path, bytes);
}
