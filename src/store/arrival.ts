import type { Database as Connection } from 'better-sqlite3';
import { integrationsAt } from './past.ts';
import type { AppKey } from './rows.ts';
import { statementAt, WITHOUT_GAP, type Said } from './statements.ts';

/** A place in which a list first stated something of an app, and the scan in which it did. */
export interface FirstPlace {
  collector: string;
  /** The place itself, and every one around it, narrowest first. */
  scopes: readonly string[];
  firstScan: number;
}

/** The scan that first saw an app, and its start. */
export interface Arrival {
  scan: number;
  at: string;
}

/**
 * The arrival of an app after a moment, ISO 8601, in a place that was being read; undefined = it is older, or none of the lists that
 * first stated it had read its place whole before it came.
 */
export type Arrivals = (app: AppKey, after: string, places: readonly FirstPlace[]) => Arrival | undefined;

/** Where a product was known before a scan, and what it could do there. */
export interface Elders {
  /** Other accounts, the oldest first; `since` = start of the scan that first saw it there. */
  known: readonly { connector: string; account: string; since: string }[];
  /** What its apps held there just before that scan. */
  held: readonly { connector: string; permission: string }[];
}

/**
 * The elders of an app that a scan first saw: apps of its product in other accounts that an earlier scan saw, and whose product is told by
 * ids. Undefined where there are none, or its own account had one, told by ids or not.
 */
export type ElderLookup = (app: AppKey, product: string, scan: number) => Elders | undefined;

/** An app that nobody judged yet arrives in the scan itself. */
export function arrivalReader(database: Connection, scanId: number): Arrivals {
  const seen = database.prepare(
    `SELECT s.id AS scan, s.started_at AS at FROM integration i JOIN scan s ON s.id = i.first_scan
     WHERE i.tenant = @tenant AND i.connector = @connector AND i.account = @account AND i.app_id = @appId`,
  );
  const tonight = database.prepare('SELECT id AS scan, started_at AS at FROM scan WHERE id = ?').get(scanId) as Arrival;
  const readBefore = wholeBefore(database);
  return (app, after, places) => {
    const arrival = (seen.get(app) as Arrival | undefined) ?? tonight;
    return arrival.at > after && places.some((place) => readBefore(app, arrival.scan, place)) ? arrival : undefined;
  };
}

/**
 * Did a collector read a place whole before a scan, and before it first stated something there, as it read then? What another version of it,
 * or another catalog, makes it see may have been there long before.
 */
function wholeBefore(database: Connection): (app: AppKey, scan: number, place: FirstPlace) => boolean {
  const alike = database
    .prepare(
      `SELECT r.id FROM collector c JOIN reading f ON f.collector_id = c.id AND f.scan_id = @firstScan
       JOIN reading r ON r.collector_id = c.id AND r.scan_id < @before AND r.state = 'ended'
         AND r.version = f.version AND r.catalog_hash IS f.catalog_hash
       WHERE c.tenant = @tenant AND c.connector = @connector AND c.account = @account AND c.collector = @collector ORDER BY r.scan_id DESC`,
    )
    .pluck();
  const atScope = statementAt(database);
  const whole = database.prepare(`SELECT 1 FROM reading r WHERE r.id = ? AND ${WITHOUT_GAP}`).pluck();
  const readings = remembered((key: string) => alike.all(JSON.parse(key)) as number[]);
  const isWhole = remembered((reading: number) => whole.get(reading) !== undefined);
  return ({ tenant, connector, account }, scan, { collector, scopes, firstScan }) => {
    // A scan that was given up saw it too, though a later one judged it first.
    const before = Math.min(scan, firstScan);
    const isCovered = (reading: number) => nearest(scopes, (scope) => atScope(reading, scope)) === 'covered';
    return readings(JSON.stringify({ tenant, connector, account, collector, before, firstScan })).some(
      (reading) => isWhole(reading) && isCovered(reading),
    );
  };
}

/** What the most specific statement says. */
function nearest(scopes: readonly string[], at: (scope: string) => Said | undefined): Said | undefined {
  for (const scope of scopes) {
    const said = at(scope);
    if (said) return said;
  }
  return undefined;
}

/** An account that has apps of a product: the scan that first saw one, and the one that first saw one told by ids (null = none did). */
type ElderPlace = Elders['known'][number] & { first: number; known: number | null };

/** Elders as they are known now, or as they were when an earlier scan had been judged. */
export function elderReader(database: Connection, tenant: string, past?: number): ElderLookup {
  // Left to itself, SQLite goes by the tenant, and through all of its apps for each product.
  const from = past === undefined ? 'integration i INDEXED BY integration_of_product' : `${integrationsAt(past)} i`;
  const apps = `FROM ${from} WHERE i.tenant = @tenant AND i.product = @product`;
  const byIds = `i.grade IN ('exact', 'strong')`;
  const places = database.prepare(
    `SELECT p.connector, p.account, p.first, p.known, s.started_at AS since
     FROM (SELECT i.connector, i.account, min(i.first_scan) AS first, min(iif(${byIds}, i.first_scan, NULL)) AS known ${apps} GROUP BY i.connector, i.account) p
     LEFT JOIN scan s ON s.id = p.known ORDER BY p.known, p.connector, p.account`,
  );
  // As it was then, so that what becomes of elders later makes nothing of this milder or graver.
  const then = `coalesce((SELECT v.body FROM integration_version v WHERE v.integration_id = i.id AND v.until_scan >= @scan
    ORDER BY v.until_scan LIMIT 1), i.body)`;
  const held = database.prepare(
    `SELECT DISTINCT e.connector, p.value AS permission
     FROM (SELECT i.connector, ${then} AS body ${apps} AND ${byIds} AND i.first_scan < @scan) e, json_each(e.body, '$.reach') r, json_each(r.value, '$.permissions') p
     ORDER BY e.connector, permission`,
  );
  const placesOf = remembered((product: string) => places.all({ tenant, product }) as ElderPlace[]);
  const heldBefore = remembered((key: string) => held.all({ tenant, ...(JSON.parse(key) as object) }) as Elders['held']);
  return ({ connector, account }, product, scan) => {
    const before = placesOf(product).filter(({ first }) => first < scan);
    if (before.some((one) => one.connector === connector && one.account === account)) return undefined;
    const known = before.filter((one) => one.known !== null && one.known < scan);
    if (known.length === 0) return undefined;
    return { known: known.map(({ first: _first, known: _known, ...place }) => place), held: heldBefore(JSON.stringify({ product, scan })) };
  };
}

function remembered<Key, Value>(ask: (key: Key) => Value): (key: Key) => Value {
  const memory = new Map<Key, Value>();
  return (key) => {
    if (!memory.has(key)) memory.set(key, ask(key));
    return memory.get(key)!;
  };
}
