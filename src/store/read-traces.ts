import type { Database as Connection } from 'better-sqlite3';
import { fold } from '../text/fold.ts';
import { at, integrationsAt, observationsAt, stateAt } from './past.ts';
import type { AppKey, StoredObservation } from './rows.ts';

/** An app that an indicator may lead to: what it said of itself now and earlier tells whether it does. */
export interface Suspect extends AppKey {
  product: string | null;
  /** How sure the product is. */
  grade: string | null;
  /** Every body that is stored of it. */
  bodies(): IterableIterator<string>;
  /** Its observations, thing by thing. */
  sightings(): IterableIterator<SightingRow>;
}

export interface SightingRow extends StoredObservation {
  firstSeen: string;
  lastSeen: string | null;
  administrator: 0 | 1;
  standing: string | null;
}

/** Apps of which anything that is stored contains one of some texts, or that were judged to be a product; of a scan and before, or of all. */
export function readSuspects(
  database: Connection,
  tenant: string,
  { texts, product }: { texts: readonly string[]; product: string | undefined },
  asOf: number | undefined,
): Suspect[] {
  const until = asOf ?? Number.MAX_SAFE_INTEGER;
  // As it stands within a text of JSON.
  const needles = JSON.stringify(texts.map((text) => JSON.stringify(fold(text)).slice(1, -1)));
  const isNamed = (body: string) => `EXISTS (SELECT 1 FROM json_each(@needles) n WHERE instr(fold(${body}), n.value) > 0)`;
  const apps = database
    .prepare(
      `SELECT DISTINCT connector, account, appId FROM (
         SELECT c.connector, c.account, o.app_id AS appId FROM observation o JOIN collector c ON c.id = o.collector_id
           WHERE c.tenant = @tenant AND o.kind <> 'identity' AND o.first_scan <= @until AND ${isNamed('o.body')}
         UNION ALL
         SELECT c.connector, c.account, v.body ->> '$.subject.app' FROM observation_version v
           JOIN observation o ON o.id = v.observation_id JOIN collector c ON c.id = o.collector_id
           WHERE c.tenant = @tenant AND o.kind <> 'identity' AND v.from_scan <= @until AND ${isNamed('v.body')}
         UNION ALL
         SELECT connector, account, app_id FROM ${integrationsAt(asOf)} WHERE tenant = @tenant AND product = @product)
       ORDER BY connector, account, appId`,
    )
    .all({ tenant, until, needles, product: product ?? null }) as Omit<AppKey, 'tenant'>[];
  const taken = database.prepare(
    `SELECT product, grade FROM ${integrationsAt(asOf)} WHERE tenant = @tenant AND connector = @connector AND account = @account AND app_id = @appId`,
  );
  const bodies = database.prepare(bodiesOfApp()).pluck();
  const sightings = database.prepare(sightingsOfApp(asOf));
  return apps.map((app) => {
    const key = { tenant, ...app };
    const { product: is, grade } = (taken.get(key) as Pick<Suspect, 'product' | 'grade'> | undefined) ?? { product: null, grade: null };
    return {
      ...key,
      product: is,
      grade,
      bodies: () => bodies.iterate({ ...key, until }) as IterableIterator<string>,
      sightings: () => sightings.iterate({ ...key, until }) as IterableIterator<SightingRow>,
    };
  });
}

const OF_APP = `c.tenant = @tenant AND c.connector = @connector AND c.account = @account AND o.kind <> 'identity'`;

function bodiesOfApp(): string {
  return `SELECT o.body FROM observation o JOIN collector c ON c.id = o.collector_id WHERE o.app_id = @appId AND o.body_scan <= @until AND ${OF_APP}
    UNION SELECT v.body FROM observation_version v JOIN observation o ON o.id = v.observation_id JOIN collector c ON c.id = o.collector_id
      WHERE v.body ->> '$.subject.app' = @appId AND v.from_scan <= @until AND ${OF_APP}`;
}

/** With the last night on which each was there, as a list or a change log vouched, and with what is known of the holder. */
function sightingsOfApp(asOf: number | undefined): string {
  const [source, thing, kind, isApp] =
    asOf === undefined
      ? ([`(SELECT * FROM observation WHERE app_id = @appId AND kind <> 'identity')`, 'o.thing', 'o.kind', 'TRUE'] as const)
      : ([observationsAt(asOf), `o.body ->> '$.thing'`, `o.body ->> '$.kind'`, `o.body ->> '$.subject.app' = @appId`] as const);
  const [state, body] = asOf === undefined ? ['o.state', 'o.body'] : [stateAt(String(asOf)), at(String(asOf), 'body')];
  const left = `(SELECT min(d.scan_id) FROM diff_entry d WHERE d.observation_id = o.id AND d.state <> 'present' AND d.scan_id <= @until
    AND d.scan_id > coalesce((SELECT max(p.scan_id) FROM diff_entry p WHERE p.observation_id = o.id AND p.state = 'present' AND p.scan_id <= @until), 0))`;
  const holder = (what: string, where: string) =>
    `(SELECT ${what} FROM observation o JOIN collector h ON h.id = o.collector_id
      WHERE o.principal_id = holder AND h.tenant = @tenant AND h.connector = @connector AND h.account = @account
        AND o.first_scan <= @until AND ${state} <> 'gone' AND ${where} LIMIT 1)`;
  return `SELECT collector, mode, thing, kind, state, firstScan, body, volatile, firstSeen, lastSeen,
      EXISTS ${holder('1', `EXISTS (SELECT 1 FROM json_each(${body}, '$.principal.traits') t WHERE t.value = 'administrator')`)} AS administrator,
      ${holder(`${body} ->> '$.principal.standing'`, `o.kind = 'identity'`)} AS standing
    FROM (SELECT c.collector, c.mode, ${thing} AS thing, ${kind} AS kind, o.state, o.first_scan AS firstScan, o.body, o.volatile,
        o.body ->> '$.principal.id' AS holder, s.started_at AS firstSeen,
        CASE c.mode WHEN 'inventory' THEN (SELECT n.started_at FROM reading r JOIN scan n ON n.id = r.scan_id AND n.state <> 'running'
          WHERE r.collector_id = o.collector_id AND r.state = 'ended' AND r.scan_id <= @until AND r.scan_id < coalesce(${left}, @until + 1)
          ORDER BY r.scan_id DESC LIMIT 1) END AS lastSeen
      FROM ${source} o JOIN collector c ON c.id = o.collector_id JOIN scan s ON s.id = o.first_scan
      WHERE ${isApp} AND ${thing} IS NOT NULL AND ${kind} <> 'identity' AND c.tenant = @tenant AND c.connector = @connector AND c.account = @account
      ORDER BY thing, c.mode, o.id)`;
}

/** A collector that an earlier scan opened and this one did not, and when it was last read to its end before; null = never. */
export interface LeftOut {
  connector: string;
  account: string;
  collector: string;
  lastRead: string | null;
}

export function readLeftOut(database: Connection, tenant: string, scanId: number): LeftOut[] {
  return database
    .prepare(
      `SELECT c.connector, c.account, c.collector,
         (SELECT max(r.started_at) FROM reading r WHERE r.collector_id = c.id AND r.scan_id < @scanId AND r.state = 'ended') AS lastRead
       FROM collector c WHERE c.tenant = @tenant
         AND EXISTS (SELECT 1 FROM reading r WHERE r.collector_id = c.id AND r.scan_id <= @scanId)
         AND NOT EXISTS (SELECT 1 FROM reading r WHERE r.collector_id = c.id AND r.scan_id = @scanId)
       ORDER BY c.connector, c.account, c.collector`,
    )
    .all({ tenant, scanId }) as LeftOut[];
}
