import type { Database as Connection } from 'better-sqlite3';

/** The check of the key by which the tenant keeps pseudonyms; undefined = it keeps people as their providers name them. */
export function personsCheck(database: Connection, tenant: string): string | undefined {
  return database.prepare('SELECT key_check FROM pseudonymous_tenant WHERE tenant = ?').pluck().get(tenant) as string | undefined;
}
