import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asStorageError, openDatabase, openReadOnly, StorageError } from '../../src/store/database.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { ACCOUNT, begin, conclude, dateOf, fact, open, said, scan, temporaryFolder, TENANT } from './facts.ts';
import { asNobody, footprint, isRoot } from './files.ts';
import { connect, integrityOf, logicalDump } from './logical-dump.ts';
import { newest } from './released.ts';

const file = temporaryFolder();
const whole = [said('covered', ACCOUNT)];
const many = Array.from({ length: 400 }, (_, number) => fact(String(number), { says: 'x'.repeat(300) }));

/** A path in a folder of its own, so that files beside it are seen. */
function alone(name = 'noctule.db'): string {
  const folder = mkdtempSync(file('alone-'));
  return join(folder, name);
}

function refusal(work: () => unknown): { name: string; message: string; fix: string } {
  try {
    const opened = work() as { close?(): void } | undefined;
    opened?.close?.();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return { name: error.name, message: error.message, fix: error.fix };
  }
  throw new Error('The file was not refused');
}

async function filled(path: string): Promise<void> {
  const store = openStore(path);
  await scan(store, 0, { grants: { rows: many, statements: whole } });
  await store.close();
}

/** A database that a program left behind when it died: what it wrote last stands in the write-ahead log alone. */
function leftBehind(path: string, sql: string): void {
  const original = alone('original.db');
  const database = connect(original);
  database.pragma('journal_mode = WAL');
  database.exec(sql);
  copyFileSync(original, path);
  copyFileSync(`${original}-wal`, `${path}-wal`);
  database.close();
}

describe('a file that is not ours', () => {
  const foreign: readonly [title: string, make: (path: string) => void][] = [
    ['a text', (path) => writeFileSync(path, 'Dear diary,\n'.repeat(1000))],
    ['a short text', (path) => writeFileSync(path, 'x')],
    ['a text that begins like a database', (path) => writeFileSync(path, 'SQLite format 3\0 is a nice format')],
    [
      "another program's database without a mark",
      (path) => {
        const database = connect(path);
        database.exec('CREATE TABLE bookmark (url TEXT); INSERT INTO bookmark VALUES (1)');
        database.close();
      },
    ],
    [
      "another program's database with its mark",
      (path) => {
        const database = connect(path);
        database.exec('PRAGMA application_id = 42; CREATE TABLE bookmark (url TEXT)');
        database.close();
      },
    ],
    [
      "another program's database with its mark and no tables",
      (path) => {
        const database = connect(path);
        database.exec('PRAGMA application_id = 42; VACUUM');
        database.close();
      },
    ],
    [
      "another program's marked database with a write-ahead log",
      (path) =>
        leftBehind(
          path,
          'PRAGMA application_id = 42; CREATE TABLE bookmark (url TEXT); PRAGMA wal_checkpoint; INSERT INTO bookmark VALUES (2)',
        ),
    ],
  ];

  test.each(foreign)('is refused and left as it is: %s', (_title, make) => {
    const path = alone();
    make(path);
    const before = footprint(path);
    for (const way of [openDatabase, openReadOnly, openStore, openReader]) {
      const { name, message, fix } = refusal(() => way(path));
      expect({ name, names: message.includes(path), hint: fix.length > 10 }).toEqual({ name: 'StorageError', names: true, hint: true });
    }
    expect(footprint(path)).toEqual(before);
  });
});

describe('a database of a newer Noctule', () => {
  test('is refused with the advice to update, and left as it is', async () => {
    const path = alone();
    await filled(path);
    const database = connect(path);
    database.pragma('user_version = 9999');
    database.close();
    const before = readFileSync(path);
    for (const way of [openDatabase, openReadOnly])
      expect(refusal(() => way(path))).toEqual({
        name: 'StorageError',
        message: `${path} was written by a newer Noctule (schema 9999, this program knows ${newest})`,
        fix: 'Update Noctule. Nothing was changed.',
      });
    // A reading connection may leave an empty log beside it; the file itself keeps its bytes.
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe('a damaged database', () => {
  /** Whatever goes wrong, at opening or at work, is told as a StorageError, and never as a wrong answer. */
  async function outcome(path: string): Promise<'refused' | 'works'> {
    let store: Store | undefined;
    try {
      store = openStore(path);
      await scan(store, 1, { grants: { rows: many.slice(1), statements: whole } });
      return 'works';
    } catch (error) {
      if (!(error instanceof StorageError) || error.fix === '') throw error;
      return 'refused';
    } finally {
      await store?.close();
    }
  }

  test('a file that was cut off is refused, wherever it was cut', async () => {
    const path = alone();
    await filled(path);
    const size = statSync(path).size;
    const outcomes: Record<string, string> = {};
    for (const share of [0.001, 0.02, 0.1, 0.3, 0.6, 0.9]) {
      const cut = alone();
      copyFileSync(path, cut);
      truncateSync(cut, Math.max(101, Math.floor(size * share)));
      outcomes[share] = await outcome(cut);
    }
    expect(outcomes).toEqual({ 0.001: 'refused', 0.02: 'refused', 0.1: 'refused', 0.3: 'refused', 0.6: 'refused', 0.9: 'refused' });
  });

  test('a file with rubbish in its pages is refused', async () => {
    const path = alone();
    await filled(path);
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4096);
    writeFileSync(path, bytes);
    expect(await outcome(path)).toBe('refused');
  });

  test('a file whose first page is rubbish behind a good header is refused and not overwritten', async () => {
    const path = alone();
    await filled(path);
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 100, 4096);
    writeFileSync(path, bytes);
    const before = readFileSync(path);
    expect(refusal(() => openDatabase(path)).message).toBe(`${path} is damaged or no database`);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe('a place where nothing can be written', () => {
  test('a new database in a read-only folder is refused with a hint', ({ skip }) => {
    if (process.platform === 'win32') skip('Windows has no such modes');
    const folder = mkdtempSync(join(tmpdir(), 'noctule-closed-'));
    chmodSync(folder, 0o555);
    try {
      expect(asNobody(join(folder, 'noctule.db'))).toBe('StorageError Check who owns the file and its folder.');
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      chmodSync(folder, 0o755);
      rmSync(folder, { recursive: true });
    }
  });

  test('a database that belongs to somebody else and may not be written is refused with a hint', ({ skip }) => {
    if (!isRoot) skip('only root can give a file to somebody else');
    const folder = mkdtempSync(join(tmpdir(), 'noctule-others-'));
    try {
      const path = join(folder, 'noctule.db');
      openDatabase(path).close();
      chmodSync(path, 0o644);
      chmodSync(folder, 0o755);
      expect(asNobody(path)).toBe('StorageError Check who owns the file and its folder.');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a full disk', () => {
  function leave(folder: string): void {
    spawnSync('/usr/bin/env', ['umount', folder]);
    rmSync(folder, { recursive: true });
  }

  /** A disk of that size; undefined where this process may not mount one. */
  function smallDisk(kilobytes: number): { folder: string; unmount(): void } | undefined {
    const folder = mkdtempSync(join(tmpdir(), 'noctule-small-'));
    const mounted =
      process.platform === 'linux' &&
      spawnSync('/usr/bin/env', ['mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder]).status === 0;
    if (mounted) return { folder, unmount: () => leave(folder) };
    rmSync(folder, { recursive: true });
    return undefined;
  }

  test('ends the unit of work with a hint; what was committed before stays, and the scan goes on once there is space', async ({ skip }) => {
    const disk = smallDisk(1280);
    if (!disk) return skip('mounting a small disk needs root');
    const path = join(disk.folder, 'noctule.db');
    try {
      const store = openStore(path);
      await scan(store, 0, { grants: { rows: many.slice(0, 50), statements: whole } });
      const before = logicalDump(path);
      const scanId = await begin(store, 1);
      const reading = await open(store, scanId, 1);
      await store.commitBatch(reading, { rows: [fact('first')], statements: [], cursor: '1' });
      writeFileSync(join(disk.folder, 'ballast'), Buffer.alloc(300 * 1024));
      const attempt = async () => {
        for (let number = 0; number < 100; number++)
          await store.commitBatch(reading, {
            rows: many.map((row) => ({ ...row, nativeId: `${row.nativeId}/${number}` })),
            statements: [],
            cursor: String(number + 2),
          });
      };
      const error = await attempt().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StorageError);
      expect(error).toMatchObject({
        message: `No space left for ${path}`,
        fix: 'Free some disk space and scan again; nothing that was committed is lost.',
      });
      rmSync(join(disk.folder, 'ballast'));
      const again = await open(store, scanId, 1);
      expect(Number(again.cursor)).toBeGreaterThanOrEqual(1);
      await store.commitBatch(again, { rows: [fact('last')], statements: [], cursor: '"done"' });
      await store.close();
      expect(integrityOf(path)).toBe('ok');
      expect(before).not.toBe('');
    } finally {
      disk.unmount();
    }
  });
});

describe('who may read the database', () => {
  const modes = (path: string) =>
    Object.fromEntries(
      ['', '-wal', '-shm']
        .filter((tail) => existsSync(path + tail))
        .map((tail) => [tail, (statSync(path + tail).mode & 0o777).toString(8)]),
    );

  test('the file, its log and its index belong to their owner alone, whatever the umask', async ({ skip }) => {
    if (process.platform === 'win32') skip('Windows has no such modes');
    for (const umask of [0o000, 0o022, 0o077]) {
      const path = alone();
      const before = process.umask(umask);
      try {
        const store = openStore(path);
        await scan(store, 0, { grants: { rows: many, statements: whole } });
        const reader = openReader(path);
        reader.scans(TENANT, 1);
        expect(modes(path), umask.toString(8)).toEqual({ '': '600', '-wal': '600', '-shm': '600' });
        reader.close();
        await store.close();
        expect(modes(path), umask.toString(8)).toEqual({ '': '600' });
      } finally {
        process.umask(before);
      }
    }
  });
});

describe('opening', () => {
  test('what was written is read again, and an empty file becomes a database', async () => {
    const path = alone();
    writeFileSync(path, '');
    await filled(path);
    const dump = logicalDump(path);
    await openStore(path).close();
    expect(logicalDump(path)).toBe(dump);
    expect(integrityOf(path)).toBe('ok');
  });

  test('a reader of a file that is not there says how to make one, and makes none', () => {
    const path = alone();
    expect(refusal(() => openReader(path))).toEqual({
      name: 'StorageError',
      message: `There is no database at ${path} yet`,
      fix: 'Run `noctule scan` first, or give its path with --db.',
    });
    expect(footprint(path)).toEqual({});
  });

  test('a reading connection cannot write, whatever SQL it is given', async () => {
    const path = alone();
    await filled(path);
    const database = openReadOnly(path);
    for (const sql of [
      'DELETE FROM observation',
      'CREATE TABLE x (y)',
      'PRAGMA user_version = 7',
      'PRAGMA query_only = OFF; DELETE FROM scan',
    ])
      expect(() => database.exec(sql), sql).toThrow(/readonly/);
    database.close();
    const reader = openReader(path);
    expect(reader.scans(TENANT, -1)).toHaveLength(1);
    reader.close();
  });

  test('two processes that make the same new database both find it whole', () => {
    const path = alone();
    const script = `
      import { openStore } from '${new URL('../../src/store/store.ts', import.meta.url).href}';
      await openStore(process.argv[1]).close();`;
    const command = `for i in 1 2 3 4; do "$0" --input-type=module -e "$1" "$2" & done; wait`;
    const run = spawnSync('sh', ['-c', command, process.execPath, script, path], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(integrityOf(path)).toBe('ok');
    logicalDump(path);
  });

  test('errors that are not of the database are handed on as they are', () => {
    const other = new TypeError('ours');
    expect(asStorageError(other, 'x')).toBe(other);
    expect(asStorageError('text', 'x')).toBe('text');
  });

  test('a scan that waits is found again, and a scan that is concluded is not', async () => {
    const path = alone();
    const store = openStore(path);
    const scanId = await begin(store, 0);
    expect(await store.runningScan(TENANT)).toEqual({
      id: scanId,
      tenant: TENANT,
      startedAt: dateOf(0),
      configHash: 'config',
      catalogHash: 'catalog',
      policyHash: null,
      programVersion: '0',
      partial: false,
      actor: 'ada@host (claimed)',
    });
    expect(await store.runningScan('another')).toBeUndefined();
    await conclude(store, scanId, 0);
    expect(await store.runningScan(TENANT)).toBeUndefined();
    await store.close();
  });
});
