import { hash } from 'node:crypto';
import type { Database as Connection } from 'better-sqlite3';
import { headOfNothing, linked, type AuditEvent, type AuditLink, type Head } from '../audit/chain.ts';
import { gapsOf } from './scans.ts';

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

function appendAudit(database: Connection, tenant: string, event: AuditEvent): void {
  const link = linked(tenant, auditHead(database, tenant), event);
  database
    .prepare(
      `INSERT INTO audit_event (tenant, number, previous, at, actor, action, subject, details, hash)
       VALUES (@tenant, @number, @previous, @at, @actor, @action, @subject, @details, @hash)`,
    )
    .run(link);
}

interface JudgedScan {
  id: number;
  tenant: string;
  state: string;
  startedAt: string;
  partial: number;
  config: string;
  catalog: string;
  policy: string | null;
  program: string;
}

/** What scans were judged by; a change of it is an event of its own. */
const BASES = ['config', 'catalog', 'policy'] as const;

/** Tells of every scan that is judged now: by what, what it read, and what became of findings. Runs in the transaction of the judgement. */
export function auditScans(database: Connection, scanIds: readonly number[], actor: string, now: Date): void {
  for (const id of scanIds) {
    const scan = database
      .prepare(
        `SELECT id, tenant, state, started_at AS startedAt, partial, config_hash AS config, catalog_hash AS catalog, policy_hash AS policy,
                program_version AS program FROM scan WHERE id = ?`,
      )
      .get(id) as JudgedScan;
    const tell = (action: string, subject: string, details: object) =>
      appendAudit(database, scan.tenant, { at: now.toISOString(), actor, action, subject, details: JSON.stringify(details) });
    const before = lastBases(database, scan);
    for (const base of before ? BASES : [])
      if (before![base] !== scan[base]) tell(`${base}.changed`, base, { before: before![base], after: scan[base] });
    const { state, startedAt, partial, config, catalog, policy, program } = scan;
    tell(`scan.${state}`, `scan/${id}`, {
      startedAt,
      partial: partial === 1,
      judgedBy: { config, catalog, policy, program },
      sources: sourcesOf(database, id),
      gaps: gapsOf(database, id),
      findings: findingsOf(database, id),
    });
  }
}

function lastBases(database: Connection, { id, tenant }: JudgedScan): Pick<JudgedScan, (typeof BASES)[number]> | undefined {
  return database
    .prepare(
      `SELECT config_hash AS config, catalog_hash AS catalog, policy_hash AS policy FROM scan
       WHERE tenant = ? AND id < ? AND judged = 1 ORDER BY id DESC LIMIT 1`,
    )
    .get(tenant, id) as Pick<JudgedScan, (typeof BASES)[number]> | undefined;
}

function sourcesOf(database: Connection, scanId: number): unknown[] {
  return database.prepare('SELECT source, connector, account, state FROM source_result WHERE scan_id = ? ORDER BY source').all(scanId);
}

/** How many findings met with which event, and a digest of which they were: the list itself is with the facts, and may be pruned. */
function findingsOf(database: Connection, scanId: number): { events: Record<string, number>; sha256: string } {
  const events: Record<string, number> = {};
  const told: string[] = [];
  const rows = database.prepare('SELECT key, event FROM finding_event WHERE scan_id = ? ORDER BY key, event').iterate(scanId);
  for (const { key, event } of rows as IterableIterator<{ key: string; event: string }>) {
    events[event] = (events[event] ?? 0) + 1;
    told.push(`${key} ${event}`);
  }
  return { events, sha256: hash('sha256', told.join('\n'), 'hex') };
}
