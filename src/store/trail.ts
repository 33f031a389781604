import type { AuditEvent } from '../audit/chain.ts';
import { appendAudit } from './audit.ts';
import { openDatabase } from './database.ts';
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
  } finally {
    database.close();
  }
}
