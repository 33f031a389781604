import type { Database as Connection } from 'better-sqlite3';
import { headOfNothing, linked, type AuditEvent, type AuditLink, type Head } from '../audit/chain.ts';

/** The end of a tenant's chain. */
export function auditHead(database: Connection, tenant: string): Head {
  const last = database.prepare('SELECT number, hash FROM audit_event WHERE tenant = ? ORDER BY number DESC LIMIT 1').get(tenant);
  return (last as Head | undefined) ?? headOfNothing(tenant);
}

/** The chain from its beginning, link by link. */
export function auditLinks(database: Connection, tenant: string): IterableIterator<AuditLink> {
  const links = database.prepare(
    'SELECT tenant, number, previous, at, actor, action, subject, details, hash FROM audit_event WHERE tenant = ? ORDER BY number',
  );
  return links.iterate(tenant) as IterableIterator<AuditLink>;
}

/** The last events, the last first. */
export function lastAuditLinks(database: Connection, tenant: string, limit: number): AuditLink[] {
  const links = database.prepare(
    `SELECT tenant, number, previous, at, actor, action, subject, details, hash FROM audit_event
     WHERE tenant = ? ORDER BY number DESC LIMIT ?`,
  );
  return links.all(tenant, limit) as AuditLink[];
}

/** Adds an event. Runs in the transaction of what it tells of. */
export function appendAudit(database: Connection, tenant: string, event: AuditEvent): void {
  const link = linked(tenant, auditHead(database, tenant), event);
  database
    .prepare(
      `INSERT INTO audit_event (tenant, number, previous, at, actor, action, subject, details, hash)
       VALUES (@tenant, @number, @previous, @at, @actor, @action, @subject, @details, @hash)`,
    )
    .run(link);
}
