import { chmodSync, closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Database as Connection } from 'better-sqlite3';

/** "NOCT": says that a file is ours before a byte of it is changed. */
const APPLICATION_ID = 0x4e4f4354;
const MIGRATIONS = new URL('./migrations/', import.meta.url);
const BUSY_TIMEOUT = 5_000;

/** The database cannot be used. Nothing was changed in it. */
export class StorageError extends Error {
  override name = 'StorageError';
  readonly fix: string;
  constructor(message: string, fix: string, cause?: unknown) {
    super(message, { cause });
    this.fix = fix;
  }
}

/** Opens the database file, brings its schema up to date, and refuses what is not ours, newer than us, or broken. */
export function openDatabase(file: string): Connection {
  refuseForeignFile(file);
  const database = connect(file, {});
  try {
    refuseOthers(database, file);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    if (file !== ':memory:') chmodSync(file, 0o600);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw asStorageError(error, file);
  }
}

/** A second connection for everything that only reads: it cannot write, whatever SQL it is given. */
export function openReadOnly(file: string): Connection {
  if (!existsSync(file))
    throw new StorageError(`There is no database at ${file} yet`, 'Run `noctule scan` first, or give its path with --db.');
  refuseForeignFile(file);
  bringUpToDate(file);
  const database = connect(file, { readonly: true });
  try {
    database.pragma('query_only = ON');
    database.pragma('trusted_schema = OFF');
    refuseOthers(database, file);
    return database;
  } catch (error) {
    database.close();
    throw asStorageError(error, file);
  }
}

/** A database of an older release is brought up to date before it is read: the views that are asked belong to this release. */
function bringUpToDate(file: string): void {
  const looked = connect(file, { readonly: true });
  try {
    refuseOthers(looked, file);
    if (version(looked) === migrations().at(-1)!.number) return;
  } catch (error) {
    throw asStorageError(error, file);
  } finally {
    looked.close();
  }
  openDatabase(file).close();
}

/** SQLite's own errors, told as the user's: what is wrong with the file and what to do. */
export function asStorageError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof StorageError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT'))
    return new StorageError(
      `${file} is damaged or no database`,
      'Restore a backup, or give another path with --db. Nothing was overwritten.',
      error,
    );
  if (code.startsWith('SQLITE_FULL'))
    return new StorageError(`No space left for ${file}`, 'Free some disk space and scan again; nothing that was committed is lost.', error);
  if (code.startsWith('SQLITE_BUSY'))
    return new StorageError(`${file} is locked by another process`, 'Wait for it, or find it with `fuser`.', error);
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN'))
    return new StorageError(`${file} cannot be read or written (${code})`, 'Check the disk, the folder and its permissions.', error);
  return error;
}

function connect(file: string, options: { readonly?: boolean }): Connection {
  // Loaded here alone: a platform without the addon can still print its help.
  const load = createRequire(import.meta.url);
  try {
    const Database = load('better-sqlite3') as new (file: string, options: object) => Connection;
    return new Database(file, { ...options, timeout: BUSY_TIMEOUT });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_DLOPEN_FAILED')
      throw new StorageError(
        'The SQLite addon cannot be loaded on this system',
        'Use a glibc-based Linux, macOS or Windows on x64 or arm64.',
        error,
      );
    throw asStorageError(error, file);
  }
}

/** Looks at the header before SQLite does: opening a foreign file for writing may already change it. */
function refuseForeignFile(file: string): void {
  if (file === ':memory:' || !existsSync(file) || statSync(file).size === 0) return;
  const header = Buffer.alloc(100);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, header, 0, 100, 0);
  } finally {
    closeSync(descriptor);
  }
  const hint = 'Give another path with --db. The file was not touched.';
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') throw new StorageError(`${file} is not a database`, hint);
  const application = header.readUInt32BE(68);
  if (application !== APPLICATION_ID && application !== 0) throw new StorageError(`${file} belongs to another program`, hint);
}

function migrate(database: Connection): void {
  for (const step of migrations()) {
    database
      .transaction(() => {
        if (version(database) >= step.number) return;
        database.exec(step.sql);
        database.pragma(`user_version = ${step.number}`);
        database.pragma(`application_id = ${APPLICATION_ID}`);
      })
      .immediate();
  }
}

/** A database without our mark that already holds tables, or one of a newer schema, is left as it is. */
function refuseOthers(database: Connection, file: string): void {
  const newest = migrations().at(-1)!.number;
  if (version(database) > newest)
    throw new StorageError(
      `${file} was written by a newer Noctule (schema ${version(database)}, this program knows ${newest})`,
      'Update Noctule. Nothing was changed.',
    );
  const application = Number(database.pragma('application_id', { simple: true }));
  const tables = Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
  if (application === 0 && tables > 0)
    throw new StorageError(`${file} belongs to another program`, 'Give another path with --db. The file was not touched.');
}

function version(database: Connection): number {
  return Number(database.pragma('user_version', { simple: true }));
}

function migrations(): { number: number; sql: string }[] {
  return readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ number: Number.parseInt(name, 10), sql: readFileSync(new URL(name, MIGRATIONS), 'utf8') }));
}
