import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Database as Connection } from 'better-sqlite3';
import { asStorageError, connect, newestMigration, refuseOthers } from './database.ts';

/** What a database file holds. No byte of it is written, and no file beside it is left that was not there. */
export interface Inspection {
  exists: boolean;
  /** Version of its schema, and the one that this program knows. A lower one is raised by the next command that opens it. */
  schema: number;
  newestSchema: number;
  /** Who does what nobody else may do meanwhile, or died over it. */
  lease: { holder: string; pid: number; host: string; beatAt: string } | null;
  lastScan: { id: number; startedAt: string; endedAt: string } | null;
  /** True where the pages themselves were checked; a large database would take too long. */
  checked: boolean;
}

/** Beyond that, a copy in memory and a check of every page would keep somebody waiting. */
const LARGEST = 256 * 1024 * 1024;

/** Says whether the SQLite addon can be loaded on this system; throws a StorageError where it cannot. */
export function tryAddon(): void {
  connect(':memory:', {}).close();
}

/** Looks into a database. Throws a StorageError where it is damaged, foreign or newer than this program. */
export function inspectDatabase(file: string, tenant: string): Inspection {
  const absent = { exists: false, schema: 0, newestSchema: newestMigration(), lease: null, lastScan: null, checked: false };
  let database: Connection | undefined;
  try {
    const header = refuseOthers(file);
    if (!header) return absent;
    const found = { ...absent, exists: true, schema: header.version };
    if (header.version === 0) return found;
    const small = statSync(file).size <= LARGEST;
    database = untouched(file, small);
    if (small) refuseDamage(database);
    return { ...found, ...contentOf(database, tenant), checked: small };
  } catch (error) {
    throw asStorageError(error, file);
  } finally {
    database?.close();
  }
}

/**
 * SQLite puts two files beside a database that it only reads, and leaves them there. Where nobody has it open the file is
 * whole in itself, and a copy in memory says the same; where somebody has, those files are there already. A file too large to
 * be copied is opened as if to write: the last who may write takes the two files away when it closes.
 */
export function untouched(file: string, small: boolean): Connection {
  const log = `${file}-wal`;
  if (existsSync(log)) return connect(file, { readonly: true });
  if (!small) return reading(connect(file, {}));
  const copy = readFileSync(file);
  // Somebody may have begun to write while it was read.
  return existsSync(log) ? connect(file, { readonly: true }) : connect(withoutLog(copy), { readonly: true });
}

function reading(database: Connection): Connection {
  database.pragma('query_only = ON');
  return database;
}

/** Bytes 18 and 19 of the header ask for a write-ahead log, which memory does not have. https://www.sqlite.org/fileformat2.html */
function withoutLog(copy: Buffer): Buffer {
  copy.subarray(18, 20).fill(1);
  return copy;
}

function refuseDamage(database: Connection): void {
  const said = String(database.pragma('quick_check(1)', { simple: true }));
  if (said !== 'ok') throw Object.assign(new Error(said), { code: 'SQLITE_CORRUPT' });
}

function contentOf(database: Connection, tenant: string): Pick<Inspection, 'lease' | 'lastScan'> {
  const lease = database.prepare('SELECT holder, pid, host, beat_at AS beatAt FROM lease WHERE tenant = ?').get(tenant);
  const lastScan = database
    .prepare(
      `SELECT id, started_at AS startedAt, ended_at AS endedAt FROM scan WHERE tenant = ? AND state = 'concluded' ORDER BY id DESC LIMIT 1`,
    )
    .get(tenant);
  return { lease: (lease as Inspection['lease'] | undefined) ?? null, lastScan: (lastScan as Inspection['lastScan'] | undefined) ?? null };
}
