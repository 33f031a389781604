import { hash, randomBytes } from 'node:crypto';
import type { Database as Connection } from 'better-sqlite3';
import { appendAudit } from './audit.ts';
import type { Candidate } from './candidates.ts';
import { changesFor } from './forget-rows.ts';
import type { KnownAs } from './person-text.ts';

/** What was done to forget somebody. */
export interface Forgotten {
  /** What stands in the person's place from now on. */
  label: string;
  /** Rows in which something was replaced or which were removed, by table. */
  rows: Readonly<Record<string, number>>;
  /** Of these rows as they are now. */
  sha256: string;
  /** Events of the audit trail that name the person as whoever acted. They stay: the trail is never changed. */
  actedIn: number;
}

/**
 * Takes somebody out of every table and version: what named the person names a label that means nobody, so that counts and histories stay as
 * they were. The audit trail tells that it was done, with counts and a digest, and not of whom. `plan`: says what would be done, and does nothing.
 */
export function forgetPerson(
  database: Connection,
  tenant: string,
  { people, actor, at, plan }: { people: readonly Candidate[]; actor: string; at: string; plan: boolean },
): Forgotten {
  const known = knownAs(people);
  const updates = changesFor(database, tenant, people, known);
  const removal = database.prepare(`DELETE FROM identity_override WHERE tenant = ? AND connector = ? AND account = ? AND principal_id = ?`);
  const overrides = database
    .prepare('SELECT count(*) FROM identity_override WHERE tenant = ? AND connector = ? AND account = ? AND principal_id = ?')
    .pluck();
  const removed = people.reduce((sum, { connector, account, id }) => sum + Number(overrides.get(tenant, connector, account, id)), 0);
  const rows = Object.fromEntries(
    [...Map.groupBy(updates, ({ table }) => table)]
      .map(([table, own]) => [table, own.length] as const)
      .concat(removed > 0 ? [['identity_override', removed]] : []),
  );
  const sha256 = hash(
    'sha256',
    updates
      .map(({ table, values }) => JSON.stringify([table, values.map(spelled)]))
      .sort()
      .join('\n'),
    'hex',
  );
  const done = { label: known.label, rows, sha256, actedIn: actedIn(database, tenant, known) };
  if (plan) return done;
  for (const { sql, values, key } of updates) database.prepare(sql).run(...values, ...key);
  for (const { connector, account, id } of people) removal.run(tenant, connector, account, id);
  const details = JSON.stringify({ principals: people.length, rows, sha256 });
  appendAudit(database, tenant, { at, actor, action: 'person.forgotten', subject: `person/${known.label}`, details });
  return done;
}

function knownAs(people: readonly Candidate[]): KnownAs {
  const label = `forgotten-${randomBytes(6).toString('hex')}`;
  const names = [...new Set(people.flatMap((one) => [...one.names, ...(one.id.includes('@') ? [one.id] : [])]))];
  return {
    label,
    ids: people.map(({ connector, account, id }, index) => ({
      connector,
      account,
      id,
      label: index === 0 ? label : `${label}-${index + 1}`,
    })),
    addresses: names.filter((name) => name.includes('@')),
    logins: names.filter((name) => !name.includes('@')),
  };
}

/** Events of which the person was whoever acted, as far as the operating system's user bears one of the names. */
function actedIn(database: Connection, tenant: string, { addresses, logins }: KnownAs): number {
  const actors = database.prepare('SELECT actor FROM audit_event WHERE tenant = ?').pluck().all(tenant) as string[];
  const names = [...addresses, ...logins].map((name) => name.toLowerCase());
  return actors.filter((actor) => names.some((name) => actor.toLowerCase() === name || actor.toLowerCase().startsWith(`${name}@`))).length;
}

function spelled(value: string | Buffer): string {
  return typeof value === 'string' ? value : value.toString('hex');
}
