import { chmodSync, closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Database as Connection, Statement } from 'better-sqlite3';
import { fold } from '../text/fold.ts';
import { readHeader, type DatabaseHeader } from './header.ts';

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

/** Another process has taken over the lease under which this one was writing: nothing more of it is kept. */
export class LeaseLost extends StorageError {
  override name = 'LeaseLost';
  constructor() {
    super(
      'Another process has taken over this scan, because this one gave no sign of life for too long',
      'Nothing is lost: the other process goes on. If none is running, scan again.',
    );
  }
}

/** Opens the database file, brings its schema up to date, and refuses what is not ours, newer than us, or broken. */
export function openDatabase(file: string): Connection {
  let database: Connection | undefined;
  try {
    refuseOthers(file);
    closeToOthers(file);
    database = connect(file, {});
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    // Kilobytes. A larger cache makes scans no faster: they write in the order of their keys.
    database.pragma('cache_size = -4000');
    // A migration may put a table in another's place, to which others refer; a transaction cannot turn this off.
    database.pragma('foreign_keys = OFF');
    migrate(database);
    database.pragma('foreign_keys = ON');
    return database;
  } catch (error) {
    database?.close();
    throw asStorageError(error, file);
  }
}

/**
 * A second connection for everything that only reads: it cannot write, whatever SQL it is given.
 * A database of an older release is brought up to date before, because the views that are asked belong to this one.
 */
export function openReadOnly(file: string): Connection {
  let database: Connection | undefined;
  try {
    const header = refuseOthers(file);
    if (!header) throw new StorageError(`There is no database at ${file} yet`, 'Run `noctule scan` first, or give its path with --db.');
    if (header.version < newestMigration()) bringUpToDate(file);
    database = connect(file, { readonly: true });
    database.pragma('query_only = ON');
    database.pragma('trusted_schema = OFF');
    return database;
  } catch (error) {
    database?.close();
    throw asStorageError(error, file);
  }
}

/** Who upgrades expects what was scanned to be readable at once, and not to have to scan first. */
function bringUpToDate(file: string): void {
  try {
    openDatabase(file).close();
  } catch (error) {
    const code = error instanceof StorageError && error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : '';
    if (!/^(EACCES|EPERM|EROFS|SQLITE_READONLY.*)$/.test(code)) throw error;
    throw new StorageError(
      `${file} was written by an older Noctule, and cannot be brought up to date (${code})`,
      'Run any command on it once as its owner, or ask a copy that you may write.',
      error,
    );
  }
}

/** SQLite's own errors, told as the user's: what is wrong with the file and what to do. */
export function asStorageError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof StorageError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // A file of ours that is missing is no fault of the database, even where it is missed in the middle of a unit of work.
  if ('path' in error && typeof error.path === 'string' && !error.path.startsWith(file)) return error;
  if (code === 'EISDIR') return new StorageError(`${file} is a folder`, 'Give the path of a file with --db.', error);
  if (code === 'ENOENT' || (error instanceof TypeError && error.message.includes('directory does not exist')))
    return new StorageError(`The folder of ${file} does not exist`, 'Make the folder, or give another path with --db.', error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new StorageError(`${file} cannot be opened (${code})`, 'Check who owns the file and its folder.', error);
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

/**
 * What SQLite leaves of replaced rows in free pages and in the log goes with this alone. False = another process uses the database: the old
 * pages are still in the file, and the new ones wait in its log. It may be asked again.
 */
export function rewritten(database: Connection, file: string): boolean {
  try {
    database.exec('VACUUM');
    const [{ busy }] = database.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }];
    return busy === 0;
  } catch (error) {
    if (isBusy(error)) return false;
    throw asStorageError(error, file);
  }
}

export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

/** Opens a file as it is, or the bytes of one. */
export function connect(file: string | Buffer, options: { readonly?: boolean }): Connection {
  // Loaded here alone: a platform without the addon can still print its help.
  const load = createRequire(import.meta.url);
  try {
    const Database = load('better-sqlite3') as new (file: string | Buffer, options: object) => Connection;
    const database = new Database(file, { ...options, timeout: BUSY_TIMEOUT });
    // SQLite's own lower() knows ASCII alone.
    database.function('fold', { deterministic: true }, (text) => (typeof text === 'string' ? fold(text) : text));
    const prepare = database.prepare.bind(database) as (sql: string) => Statement;
    database.prepare = ((sql: string) => prepare(plannedOnce(sql))) as typeof database.prepare;
    return database;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_DLOPEN_FAILED')
      throw new StorageError(
        'The SQLite addon cannot be loaded on this system',
        'Use a glibc-based Linux, macOS or Windows on x64 or arm64.',
        error,
      );
    throw asStorageError(error, typeof file === 'string' ? file : 'The database');
  }
}

/**
 * The same statement, planned once. To guess how many rows are left, SQLite looks at the values that columns are compared with, and therefore plans
 * a statement of several tables anew each time that a value is bound to it, which takes longer than most answers. What stands behind a plus,
 * which does nothing else, it does not look at. The value of LIMIT it may see: a small one makes another plan the better one. The addon has
 * no switch for it. https://www.sqlite.org/c3ref/c_dbconfig_defensive.html (QPSG)
 */
function plannedOnce(sql: string): string {
  return sql.replaceAll(QUOTED_OR_COMPARED, (whole, compared?: string, value?: string) =>
    value === undefined ? whole : `${compared}+${value}`,
  );
}

/** What is quoted or a comment, or a comparison with a value that is bound. */
const QUOTED_OR_COMPARED = /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|(=\s*|\bIS\s+)([?@:$]\w*)/gi;

/**
 * Looks at the file before SQLite does: opening a foreign database for writing may already change it.
 * Answers the header, or undefined where there is nothing yet.
 */
export function refuseOthers(file: string): DatabaseHeader | undefined {
  const hint = 'Give another path with --db. The file was not touched.';
  const header = readHeader(file);
  if (!header) return undefined;
  if (header === 'foreign') throw new StorageError(`${file} is not a database`, hint);
  if (header.application !== APPLICATION_ID && (header.application !== 0 || header.tables))
    throw new StorageError(`${file} belongs to another program`, hint);
  const newest = newestMigration();
  if (header.version > newest)
    throw new StorageError(
      `${file} was written by a newer Noctule (schema ${header.version}, this program knows ${newest})`,
      'Update Noctule. Nothing was changed.',
    );
  return header;
}

/** Nobody else may read who uses what, nor the log and the index that SQLite makes with the mode of the file. */
function closeToOthers(file: string): void {
  if (file === ':memory:') return;
  closeSync(openSync(file, 'a', 0o600));
  for (const part of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(part)) chmodSync(part, 0o600);
}

function migrate(database: Connection): void {
  // Somebody else may be writing for a while: a database that is up to date is opened all the same.
  if (version(database) >= newestMigration()) return;
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

function version(database: Connection): number {
  return Number(database.pragma('user_version', { simple: true }));
}

/** Version of the schema that this program knows. */
export function newestMigration(): number {
  return (newest ??= Math.max(...migrationFiles().map(({ number }) => number)));
}

/** Every opening asks for it several times, and it is a look into a folder. */
let newest: number | undefined;

function migrations(): { number: number; sql: string }[] {
  return migrationFiles().map(({ name, number }) => ({ number, sql: readFileSync(new URL(name, MIGRATIONS), 'utf8') }));
}

function migrationFiles(): { name: string; number: number }[] {
  return readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, number: Number.parseInt(name, 10) }));
}
