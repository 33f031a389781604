import { hash, randomBytes } from 'node:crypto';
import type { Database as Connection } from 'better-sqlite3';
import type { Candidate } from '../identity/meant.ts';
import { fold } from '../text/fold.ts';
import { appendAudit } from './audit.ts';
import { changesFor } from './forget-rows.ts';
import { isActor, type KnownAs } from './person-text.ts';
import { dropNames, sealedNames } from './persons.ts';

/** Who is to be forgotten. */
export interface Forgetting {
  people: readonly Candidate[];
  /** Others who bear or bore one of the same names: what they themselves hold keeps it. */
  others: readonly Candidate[];
  /** The address by which the person was named; it is taken out of files and sentences also where no provider lists anybody under it. */
  address: string | undefined;
  /** By which the tenant knows the person, where it keeps pseudonyms: the names behind them go. */
  pseudonyms?: readonly string[];
  actor: string;
  at: string;
  /** Say what would be done, and do nothing. */
  plan: boolean;
}

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
 * they were. The audit trail tells that it was done, with counts and a digest, and not of whom. Where nothing names the person, nothing is done.
 */
export function forgetPerson(
  database: Connection,
  tenant: string,
  { people, others, address, pseudonyms = [], actor, at, plan }: Forgetting,
): Forgotten {
  const known = knownAs(people, address);
  const updates = changesFor(database, tenant, { people, others, known });
  const removal = database.prepare(`DELETE FROM identity_override WHERE tenant = ? AND connector = ? AND account = ? AND principal_id = ?`);
  const overrides = database
    .prepare('SELECT count(*) FROM identity_override WHERE tenant = ? AND connector = ? AND account = ? AND principal_id = ?')
    .pluck();
  const removed = people.reduce((sum, { connector, account, id }) => sum + Number(overrides.get(tenant, connector, account, id)), 0);
  const rows: Record<string, number> = {};
  for (const { table } of updates) rows[table] = (rows[table] ?? 0) + 1;
  if (removed > 0) rows['identity_override'] = (rows['identity_override'] ?? 0) + removed;
  const sealed = sealedNames(database, tenant, pseudonyms).size;
  if (sealed > 0) rows['pseudonym'] = sealed;
  const sha256 = hash(
    'sha256',
    updates
      .map(({ table, values }) => JSON.stringify([table, values.map(spelled)]))
      .sort()
      .join('\n'),
    'hex',
  );
  const done = { label: known.label, rows, sha256, actedIn: actedIn(database, tenant, known) };
  if (plan || (people.length === 0 && updates.length === 0 && sealed === 0)) return done;
  for (const { sql, values, key } of updates) database.prepare(sql).run(...values, ...key);
  for (const { connector, account, id } of people) removal.run(tenant, connector, account, id);
  dropNames(database, tenant, pseudonyms);
  const details = JSON.stringify({ principals: people.length, rows, sha256 });
  appendAudit(database, tenant, { at, actor, action: 'person.forgotten', subject: `person/${known.label}`, details });
  return done;
}

function knownAs(people: readonly Candidate[], address: string | undefined): KnownAs {
  const label = `forgotten-${randomBytes(6).toString('hex')}`;
  const stated = people.flatMap((one) => [...one.names, ...(one.id.includes('@') ? [one.id] : [])]);
  const names = [...new Set([...stated, ...(address === undefined ? [] : [address])])];
  // Where a name stands in the place of an id, it gets the label of the name; several ids stay several.
  let number = 0;
  const labelOf = (id: string) => (names.some((name) => fold(name) === fold(id)) || ++number === 1 ? label : `${label}-${number}`);
  return {
    label,
    ids: people.map(({ connector, account, id }) => ({ connector, account, id, label: labelOf(id) })),
    addresses: names.filter((name) => name.includes('@')),
    logins: [...names.filter((name) => !name.includes('@')), ...people.flatMap(({ asserted = [] }) => asserted)],
  };
}

/** Events of which the person was whoever acted, as far as the operating system's user bears one of the names. */
function actedIn(database: Connection, tenant: string, { addresses, logins }: KnownAs): number {
  const actors = database.prepare('SELECT actor FROM audit_event WHERE tenant = ?').pluck().all(tenant) as string[];
  const names = [...addresses, ...logins];
  return actors.filter((actor) => names.some((name) => isActor(actor, name))).length;
}

function spelled(value: string | Buffer): string {
  return typeof value === 'string' ? value : value.toString('hex');
}
