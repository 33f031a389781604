import { randomBytes } from 'node:crypto';
import type { Database as Connection } from 'better-sqlite3';
import { appendAudit } from './audit.ts';
import { personsCheck } from './persons-check.ts';

/** The name behind a pseudonym, which the key of the tenant alone opens. */
export interface SealedName {
  pseudonym: string;
  sealed: Uint8Array;
}

/** How a tenant keeps people, held against how it is asked to. */
export type PersonsKept = 'as asked' | 'full' | 'pseudonymous' | 'another key';

/**
 * Settles with a tenant's first scan how people are kept, for as long as the database. `check` = that of the key; null = as providers name
 * them.
 */
export function settlePersons(database: Connection, tenant: string, check: string | null): PersonsKept {
  const settled = personsCheck(database, tenant);
  if (settled !== undefined) return check === null ? 'pseudonymous' : check === settled ? 'as asked' : 'another key';
  if (check === null) return 'as asked';
  if (database.prepare('SELECT 1 FROM scan WHERE tenant = ? LIMIT 1').get(tenant)) return 'full';
  database.prepare('INSERT INTO pseudonymous_tenant (tenant, key_check) VALUES (?, ?)').run(tenant, check);
  return 'as asked';
}

/** Keeps the names behind pseudonyms, those of a tenant's reading. What is there already stays. */
export function keepNames(database: Connection, readingId: number, names: readonly SealedName[]): void {
  const insert = database.prepare(
    `INSERT OR IGNORE INTO pseudonym (tenant, pseudonym, sealed)
     SELECT s.tenant, @pseudonym, @sealed FROM reading r JOIN scan s ON s.id = r.scan_id WHERE r.id = @readingId`,
  );
  for (const { pseudonym, sealed } of names) insert.run({ pseudonym, sealed, readingId });
}

export function sealedNames(database: Connection, tenant: string, pseudonyms: readonly string[]): Map<string, Uint8Array> {
  const find = database.prepare('SELECT sealed FROM pseudonym WHERE tenant = ? AND pseudonym = ?').pluck();
  return new Map(
    pseudonyms.flatMap((pseudonym) => {
      const sealed = find.get(tenant, pseudonym) as Uint8Array | undefined;
      return sealed ? [[pseudonym, sealed] as const] : [];
    }),
  );
}

/**
 * The sealed name behind a pseudonym, for somebody who asks for it. The audit trail tells of the asking; there, whom it is about is a mark, because
 * the trail is never changed and the person may be forgotten.
 */
export function revealed(
  database: Connection,
  tenant: string,
  pseudonym: string,
  { actor, at }: { actor: string; at: string },
): Uint8Array | undefined {
  const kept = database.prepare('SELECT sealed, mark FROM pseudonym WHERE tenant = ? AND pseudonym = ?').get(tenant, pseudonym) as
    | { sealed: Uint8Array; mark: string | null }
    | undefined;
  if (!kept) return undefined;
  const mark = kept.mark ?? randomBytes(16).toString('hex');
  database.prepare('UPDATE pseudonym SET mark = ? WHERE tenant = ? AND pseudonym = ?').run(mark, tenant, pseudonym);
  appendAudit(database, tenant, { at, actor, action: 'person.revealed', subject: `person/${mark}`, details: '{}' });
  return kept.sealed;
}

/** Takes the names away: the pseudonyms then lead nowhere. */
export function dropNames(database: Connection, tenant: string, pseudonyms: readonly string[]): void {
  const remove = database.prepare('DELETE FROM pseudonym WHERE tenant = ? AND pseudonym = ?');
  for (const pseudonym of pseudonyms) remove.run(tenant, pseudonym);
}

/** Where a scan that is over had stopped to look is needed no more, and names people: it goes, where these are not to be named. */
export function dropCursors(database: Connection, scanId: number): void {
  database
    .prepare(
      `UPDATE reading SET cursor = NULL
       WHERE scan_id = @scanId AND EXISTS (SELECT 1 FROM scan s JOIN pseudonymous_tenant p ON p.tenant = s.tenant WHERE s.id = @scanId)`,
    )
    .run({ scanId });
}
