import type { Database as Connection } from 'better-sqlite3';
import type { Json } from '../connector/index.ts';
import type { HeldIn } from '../policy/integration.ts';
import { heldReader } from './held.ts';
import { at as bodyAt, stateAt } from './past.ts';
import type { AppKey } from './rows.ts';

/** What a thing of an app said before it changed. */
export interface EarlierBody {
  thing: string;
  /** Start of the scan that first saw it otherwise. */
  until: string;
  permissions: readonly string[];
  attributes: Readonly<Record<string, Json>>;
}

/** That a thing of an app was gone and came back, and the start of the scan that saw it again. */
export interface Return {
  thing: string;
  at: string;
}

/** A setting of an account that bears on what happens in it. */
export interface StoredControl {
  thing: string;
  name: string;
  /** Those that were asked for. */
  attributes: Readonly<Record<string, Json>>;
}

/** What is stored of an app's own past. */
export interface AppHistory {
  earlier: readonly EarlierBody[];
  returned: readonly Return[];
  /** How many held it before, by each list of its holders. */
  held: readonly HeldIn[];
}

/** Only lists tell; a log never says that something is otherwise now. */
const OF_APP = `o.app_id = @appId AND c.tenant = @tenant AND c.connector = @connector AND c.account = @account AND c.mode = 'inventory'
  AND o.kind NOT IN ('identity', 'control')`;

/**
 * The past of apps up to a scan. What a new version of a reader made of a thing is no change of the world, and what was said before
 * cannot be compared with it.
 */
export function historyReader(database: Connection, scanId: number): (app: AppKey) => AppHistory {
  const earlier = database.prepare(
    `SELECT o.thing, s.started_at AS until, v.body ->> '$.permissions' AS permissions, v.body ->> '$.attributes' AS attributes
     FROM observation o JOIN collector c ON c.id = o.collector_id JOIN observation_version v ON v.observation_id = o.id
     JOIN scan s ON s.id = v.until_scan
     WHERE ${OF_APP} AND o.body_scan > o.first_scan AND v.until_scan <= @scanId AND v.body ->> '$.subject.app' = @appId
       AND v.until_scan > coalesce((SELECT max(d.scan_id) FROM diff_entry d
         WHERE d.observation_id = o.id AND d.class = 'reader_changed' AND d.scan_id <= @scanId), 0)
     ORDER BY o.thing, v.until_scan, o.native_id`,
  );
  const returned = database.prepare(
    `SELECT o.thing, max(s.started_at) AS at FROM observation o JOIN collector c ON c.id = o.collector_id
     JOIN diff_entry d ON d.observation_id = o.id AND d.class = 'returned' JOIN scan s ON s.id = d.scan_id
     WHERE ${OF_APP} AND o.state_scan > o.first_scan AND d.scan_id <= @scanId GROUP BY o.thing ORDER BY o.thing`,
  );
  const heldOf = heldReader(database, scanId);
  return (app) => ({
    held: heldOf(app),
    earlier: (earlier.all({ ...app, scanId }) as { thing: string; until: string; permissions: string; attributes: string }[]).map(
      ({ permissions, attributes, ...row }) => ({
        ...row,
        permissions: JSON.parse(permissions) as string[],
        attributes: JSON.parse(attributes) as Record<string, Json>,
      }),
    ),
    returned: returned.all({ ...app, scanId }) as Return[],
  });
}

/**
 * The settings of an account as they were read last: one that could not be read tonight closes nothing. Asked once for each account. What names
 * somebody, as who is in a group, is no setting, and what says nothing of what is `asked` is left out: a large account has tens of thousands.
 */
export function controlReader(
  database: Connection,
  scanId: number,
): (app: Omit<AppKey, 'appId'>, asked: readonly string[]) => readonly StoredControl[] {
  const scan = String(scanId);
  const read = database.prepare(
    `SELECT thing, body ->> '$.subject.name' AS name, body ->> '$.attributes' AS attributes FROM (
       SELECT o.thing, ${bodyAt(scan, 'body')} AS body, ${stateAt(scan)} AS state FROM observation o JOIN collector c ON c.id = o.collector_id
       WHERE o.kind = 'control' AND o.principal_id IS NULL AND o.first_scan <= ${scan} AND c.tenant = @tenant AND c.connector = @connector AND c.account = @account)
     WHERE state <> 'gone' ORDER BY thing`,
  );
  const memory = new Map<string, readonly StoredControl[]>();
  return ({ tenant, connector, account }, asked) => {
    const key = JSON.stringify([tenant, connector, account, asked]);
    const known = memory.get(key);
    if (known) return known;
    const found: StoredControl[] = [];
    const rows = read.iterate({ tenant, connector, account }) as IterableIterator<{ thing: string; name: string; attributes: string }>;
    for (const { thing, name, attributes } of rows) {
      const all = JSON.parse(attributes) as Record<string, Json>;
      const told = asked.filter((one) => all[one] !== undefined);
      if (told.length > 0) found.push({ thing, name, attributes: Object.fromEntries(told.map((one) => [one, all[one]!])) });
    }
    memory.set(key, found);
    return found;
  };
}
