import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDatabase, StorageError } from '../../src/store/database.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { ACCOUNT, begin, fact, said, scan, temporaryFolder, TENANT } from './facts.ts';
import { footprint } from './files.ts';
import { connect } from './logical-dump.ts';

const file = temporaryFolder();

function alone(name = 'noctule.db'): string {
  return join(mkdtempSync(file('alone-')), name);
}

/** A database that a program left behind when it died: what it wrote last stands in the write-ahead log alone. */
function leftBehind(path: string, fill: (original: string) => ReturnType<typeof connect>): void {
  const original = alone('original.db');
  const database = fill(original);
  copyFileSync(original, path);
  copyFileSync(`${original}-wal`, `${path}-wal`);
  database.close();
}

describe('the database', () => {
  test("another program's unmarked database with a write-ahead log is refused and left as it is", () => {
    const path = alone();
    leftBehind(path, (original) => {
      const database = connect(original);
      database.exec('PRAGMA journal_mode = WAL; CREATE TABLE bookmark (url TEXT); INSERT INTO bookmark VALUES (1)');
      return database;
    });
    const before = footprint(path);
    expect(() => openDatabase(path)).toThrow(StorageError);
    expect(footprint(path)).toEqual(before);
  });

  test('a database that a newer Noctule left behind with a write-ahead log is refused and left as it is', () => {
    const path = alone();
    leftBehind(path, (original) => {
      const database = openDatabase(original);
      database.pragma('user_version = 9999');
      return database;
    });
    const before = footprint(path);
    expect(() => openDatabase(path)).toThrow(StorageError);
    expect(footprint(path)).toEqual(before);
  });
  test('a folder in place of the file is refused with a hint', () => {
    const path = alone();
    mkdirSync(path);
    expect(() => openDatabase(path)).toThrow(StorageError);
  });

  test('a file in a folder that does not exist is refused with a hint', () => {
    expect(() => openDatabase(alone('no/such/folder.db'))).toThrow(StorageError);
  });
  test('a reader of an empty file says that nothing was scanned yet', () => {
    const path = alone();
    writeFileSync(path, '');
    expect(() => openReader(path).scans(TENANT, 1)).toThrow(StorageError);
  });
  test('a reader of a damaged file tells the user what to do', async () => {
    const path = alone();
    const store = openStore(path);
    const rows = Array.from({ length: 2000 }, (_, number) => fact(String(number), { says: 'x'.repeat(300) }));
    await scan(store, 0, { grants: { rows, statements: [said('covered', ACCOUNT)] } });
    await store.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, bytes.length >> 1);
    writeFileSync(path, bytes);
    const reader = openReader(path);
    expect(() => reader.observationsOfApp({ tenant: TENANT, connector: 'google-workspace', account: 'C01', appId: 'app' }, -1)).toThrow(
      StorageError,
    );
  });
  test('a database that others could read is closed to them when it is opened, its log and its index too', async () => {
    const path = alone();
    await openStore(path).close();
    chmodSync(path, 0o644);
    const store = openStore(path);
    await begin(store, 1);
    const modes = ['', '-wal', '-shm'].map((tail) => (statSync(path + tail).mode & 0o777).toString(8));
    expect(modes).toEqual(['600', '600', '600']);
    await store.close();
  });
});
