import type { Database as Connection } from 'better-sqlite3';
import { arrivalReader, type Arrival, type ElderLookup, type FirstPlace } from './arrival.ts';
import { besideReader, type Beside } from './beside.ts';
import type { Kin, KinLookup } from '../policy/kin.ts';
import { controlReader, historyReader, type AppHistory, type StoredControl } from './history.ts';
import { originReader, type Origins } from './origin.ts';
import { integrationsAt } from './past.ts';
import type { AppKey } from './rows.ts';
import { WITHOUT_GAP } from './statements.ts';

/** What else is stored that bears on an app. */
export interface KnownAround {
  /** What the account's lists of people know of a holder. */
  directory: Directory;
  /** Whether the account's lists have what the app belongs to. */
  origins: Origins;
  /** When the account was last read whole by all of these collectors, as the start of the earliest; undefined = never by one of them. */
  readWhole(collectors: readonly string[]): string | undefined;
  /** The organisational unit in which the account's lists of people have a holder. */
  unitOf(principalId: string): string | undefined;
  /** The groups that lists of members have a holder in. */
  groupsOf(principalId: string): readonly string[];
  /** What is stored of the app's own past. */
  historyOf(app: AppKey): AppHistory;
  /** The settings of its account that say one of these attributes, with those alone. */
  controls(asked: readonly string[]): readonly StoredControl[];
  /** Who else acts as a principal, and what people may do there. */
  beside: Beside;
  /** Since when it is here, where that is after a moment and one of these places was being read before; see Arrivals. */
  arrival(after: string, places: readonly FirstPlace[]): Arrival | undefined;
  /** Where its product was known before; absent while others are still to be judged. */
  elders?: ElderLookup;
  /** Which app of any account has a client id. */
  kin?: KinLookup;
}

/**
 * The standing of a person in an account, by the lists of people that were read there; undefined where they say nothing.
 * Who is in no list, though a list was read whole since `sinceScan`, is no member.
 */
export type Directory = (principalId: string, sinceScan: number) => string | undefined;

/** All of it but other apps, as it is known in a scan. */
export function aroundReader(database: Connection, tenant: string, scanId: number): (app: AppKey) => KnownAround {
  const directoryOf = directoryReader(database, tenant, scanId);
  const originsOf = originReader(database, tenant, scanId);
  const wholeOf = wholeReader(database, scanId);
  const [historyOf, controlsOf] = [historyReader(database, scanId), controlReader(database, scanId)];
  const besideOf = besideReader(database);
  const arrivalOf = arrivalReader(database, scanId);
  const unit = database
    .prepare(
      `SELECT o.body ->> '$.attributes.orgUnit' FROM observation o JOIN collector c ON c.id = o.collector_id
       WHERE o.principal_id = @principalId AND o.kind = 'identity' AND o.state <> 'gone'
         AND c.tenant = @tenant AND c.connector = @connector AND c.account = @account ORDER BY o.id LIMIT 1`,
    )
    .pluck();
  const groups = database
    .prepare(
      `SELECT DISTINCT o.body ->> '$.attributes.group' FROM observation o JOIN collector c ON c.id = o.collector_id
       WHERE o.principal_id = @principalId AND o.kind = 'control' AND o.state <> 'gone' AND o.body ->> '$.attributes.group' IS NOT NULL
         AND c.tenant = @tenant AND c.connector = @connector AND c.account = @account ORDER BY 1`,
    )
    .pluck();
  return (app) => ({
    directory: directoryOf(app),
    origins: originsOf(app),
    readWhole: wholeOf(app),
    historyOf,
    controls: (asked) => controlsOf(app, asked),
    beside: besideOf(app),
    arrival: (after, places) => arrivalOf(app, after, places),
    groupsOf: (principalId) => groups.all({ ...app, principalId }) as string[],
    unitOf: (principalId) => (unit.get({ ...app, principalId }) as string | null | undefined) ?? undefined,
  });
}

/** Which app of the tenant has a client id, as it was judged last, or in an earlier scan: one pass over the apps, when the first is asked for. */
export function kinReader(database: Connection, tenant: string, past?: number): KinLookup {
  const owned = database.prepare(
    `SELECT c.value AS client, i.connector, i.account, i.name, i.body -> '$.match' AS match
     FROM ${integrationsAt(past)} i, json_each(i.body, '$.clients') c
     WHERE i.tenant = ? AND i.product IS NOT NULL AND i.grade IN ('exact', 'strong') AND i.state <> 'gone'
     ORDER BY i.grade, i.connector, i.account, i.app_id`,
  );
  let owners: Map<string, Omit<Kin, 'match'> & { match: string }> | undefined;
  const read = (): NonNullable<typeof owners> => {
    const found: NonNullable<typeof owners> = new Map();
    const rows = owned.iterate(tenant) as IterableIterator<Omit<Kin, 'match'> & { match: string }>;
    for (const row of rows) if (!found.has(row.client)) found.set(row.client, row);
    return found;
  };
  return (clients) => {
    owners ??= read();
    for (const client of clients) {
      const found = owners.get(client);
      if (found) return { ...found, match: JSON.parse(found.match) as Kin['match'] };
    }
    return undefined;
  };
}

/** Standings by the lists up to a scan. */
function directoryReader(database: Connection, tenant: string, scanId: number): (app: AppKey) => Directory {
  const listed = database.prepare(
    `SELECT o.state, o.body ->> '$.principal.standing' AS standing FROM observation o JOIN collector c ON c.id = o.collector_id
     WHERE o.principal_id = ? AND o.kind = 'identity' AND c.tenant = ? AND c.connector = ? AND c.account = ?
     ORDER BY o.state = 'gone', o.id LIMIT 1`,
  );
  const memory = new Map<string, number>();
  return ({ connector, account }) =>
    (principalId, sinceScan) => {
      const found = listed.get(principalId, tenant, connector, account) as { state: string; standing: string | null } | undefined;
      if (found) return found.state === 'gone' ? 'not_a_member' : (found.standing ?? undefined);
      const key = `${connector}/${account}`;
      const read = memory.get(key) ?? lastWholeList(database, { tenant, connector, account }, scanId);
      memory.set(key, read);
      return read >= sinceScan ? 'not_a_member' : undefined;
    };
}

/** When collectors of an account last read it without a gap, up to a scan. */
export function wholeReader(database: Connection, scanId: number): (app: Omit<AppKey, 'appId'>) => KnownAround['readWhole'] {
  const last = database
    .prepare(
      `SELECT max(r.started_at) FROM reading r JOIN collector c ON c.id = r.collector_id
       WHERE c.tenant = @tenant AND c.connector = @connector AND c.account = @account AND c.collector = @collector
         AND r.scan_id <= @scanId AND r.state = 'ended'
         AND EXISTS (SELECT 1 FROM statement t WHERE t.reading_id = r.id AND t.statement = 'covered')
         AND ${WITHOUT_GAP}`,
    )
    .pluck();
  const memory = new Map<string, string | null>();
  return ({ tenant, connector, account }) =>
    (collectors) => {
      const dates = collectors.map((collector) => {
        const key = JSON.stringify([tenant, connector, account, collector]);
        const found = memory.has(key) ? memory.get(key)! : (last.get({ tenant, connector, account, collector, scanId }) as string | null);
        memory.set(key, found);
        return found;
      });
      return dates.length === 0 || dates.includes(null) ? undefined : (dates as string[]).sort()[0];
    };
}

/**
 * The last scan, up to one, since which every list of people was read whole once: the place of its people covered, and no gap in
 * the reading. 0 = there was none.
 */
export function lastWholeList(database: Connection, of: Omit<AppKey, 'appId'>, until: number): number {
  const found = database
    .prepare(
      `SELECT min(whole) FROM (
         SELECT coalesce((
           SELECT max(r.scan_id) FROM reading r JOIN scan s ON s.id = r.scan_id AND s.state <> 'running'
           JOIN statement t ON t.reading_id = r.id AND t.statement = 'covered' AND substr(p.scope, 1, length(t.scope) + 1) = t.scope || '/'
           WHERE r.collector_id = p.collector_id AND r.state = 'ended' AND r.scan_id <= @until
             AND ${WITHOUT_GAP}), 0) AS whole
         FROM (SELECT o.collector_id, min(o.scope) AS scope FROM observation o JOIN collector c ON c.id = o.collector_id
               WHERE o.kind = 'identity' AND o.first_scan <= @until AND c.tenant = @tenant AND c.connector = @connector AND c.account = @account
               GROUP BY o.collector_id) p)`,
    )
    .pluck()
    .get({ ...of, until }) as number | null;
  return found ?? 0;
}
