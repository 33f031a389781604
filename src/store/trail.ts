import { statSync } from 'node:fs';
import type { Database as Connection } from 'better-sqlite3';
import type { AuditEvent } from '../audit/chain.ts';
import { appendAudit } from './audit.ts';
import { asStorageError, openDatabase, StorageError } from './database.ts';
import { turnsOf, type TurnOptions } from './turns.ts';

/**
 * Adds one event to the audit trail of a tenant, or of every tenant where none is given, by a writable opening that is as short as that. It waits its
 * turn where another process is writing. A tenant of which nothing was ever read has no trail to add to.
 */
export async function tellTrail(file: string, tenant: string | undefined, event: AuditEvent, options: TurnOptions = {}): Promise<void> {
  const database = openDatabase(file);
  try {
    const tenants = database.prepare('SELECT DISTINCT tenant FROM scan WHERE @tenant IS NULL OR tenant = @tenant ORDER BY tenant').pluck();
    await turnsOf(database, file, options).turn(() => {
      for (const one of tenants.all({ tenant: tenant ?? null }) as string[]) appendAudit(database, one, event);
    });
    if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > MOST_LEFT) putAway(database, file);
  } finally {
    database.close();
  }
}

/** Bytes of the log that exports leave. An event takes some twelve thousand, and each question reads all of it. */
const MOST_LEFT = 1 << 18;

/** An export has the database open to read as well, and so SQLite never puts away the log by itself. What cannot be put away stays told. */
function putAway(database: Connection, file: string): void {
  try {
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    if (!(asStorageError(error, file) instanceof StorageError)) throw error;
  }
}
