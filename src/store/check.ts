import { statSync } from 'node:fs';
import type { Database as Connection } from 'better-sqlite3';
import { verified, type Head } from '../audit/chain.ts';
import { auditLinks } from './audit.ts';
import { asStorageError, newestMigration, refuseOthers, StorageError } from './database.ts';
import { untouched } from './inspect.ts';

/** What a check of a whole database found. Nothing is written, not even a schema that is behind. */
export interface Checked {
  bytes: number;
  /** Version of its schema, and the one that this program knows. */
  schema: number;
  newestSchema: number;
  /** The end of each tenant's audit trail, as far as it follows from its beginning. */
  audit: readonly ({ tenant: string } & Head)[];
  /** What is wrong, in words; none = it is whole. */
  faults: readonly string[];
}

/** So many faults of a kind are told. */
const MOST = 20;
/** Since then there is an audit trail. */
const AUDITED_SINCE = 8;

/**
 * Reads every page, every reference between tables and every link of the audit trails.
 * Throws a StorageError where the file is missing, foreign, newer than this program, or too damaged to be asked.
 */
export function checkDatabase(file: string): Checked {
  let database: Connection | undefined;
  try {
    const header = refuseOthers(file);
    if (!header) throw new StorageError(`There is no database at ${file} yet`, 'Run `noctule scan` first, or give its path with --db.');
    database = untouched(file, false);
    const pages = (database.pragma(`integrity_check(${MOST})`) as { integrity_check: string }[]).map((row) => row.integrity_check);
    const damage = pages.filter((text) => text !== 'ok');
    const audit = header.version >= AUDITED_SINCE ? chainsOf(database) : [];
    return {
      bytes: statSync(file).size,
      schema: header.version,
      newestSchema: newestMigration(),
      audit: audit.map(({ tenant, head }) => ({ tenant, ...head })),
      faults: [
        ...damage,
        ...lostReferences(database),
        ...audit.flatMap(({ tenant, broken }) =>
          broken ? [`The audit trail of ${tenant} breaks at event ${broken.number}: ${broken.why}`] : [],
        ),
      ],
    };
  } catch (error) {
    throw asStorageError(error, file);
  } finally {
    database?.close();
  }
}

function chainsOf(database: Connection) {
  const tenants = database.prepare('SELECT DISTINCT tenant FROM audit_event ORDER BY tenant').pluck().all() as string[];
  return tenants.map((tenant) => ({ tenant, ...verified(tenant, auditLinks(database, tenant)) }));
}

function lostReferences(database: Connection): string[] {
  const lost = database.pragma('foreign_key_check') as { table: string; parent: string }[];
  const counts = Map.groupBy(lost, ({ table, parent }) => `${table} that name no ${parent}`);
  return [...counts].slice(0, MOST).map(([what, rows]) => `${rows.length} rows of ${what}`);
}
