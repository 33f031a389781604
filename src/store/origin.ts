import type { Database as Connection } from 'better-sqlite3';
import type { Origin } from '../policy/judged.ts';
import type { AppKey } from './rows.ts';

/**
 * Whether what an app belongs to is listed in the account. `home` = the native id under which it would be; `since` = the first scan
 * that saw the app, before which no list could have had to name its home.
 */
export type Origins = (home: string, since: number) => Origin;

/** Origins by the lists up to a scan: what is in none is outside where one was read whole since the app was first seen. */
export function originReader(
  database: Connection,
  tenant: string,
  scanId: number,
): (app: Pick<AppKey, 'connector' | 'account'>) => Origins {
  const listed = database.prepare(
    `SELECT o.body ->> '$.subject.name' FROM collector c CROSS JOIN observation o ON o.collector_id = c.id AND o.native_id = @home
     WHERE c.tenant = @tenant AND c.connector = @connector AND c.account = @account AND c.mode = 'inventory' AND o.state <> 'gone' LIMIT 1`,
  );
  const names = listed.pluck();
  const wholeOnce = wholeListReader(database, scanId);
  return ({ connector, account }) => {
    const of = { tenant, connector, account };
    return (home, since) => {
      const name = names.get({ ...of, home }) as string | undefined;
      if (name !== undefined) return { of: home, since, is: 'own', name };
      return { of: home, since, is: wholeOnce(of, home) >= since ? 'outside' : 'unknown' };
    };
  };
}

/** Apps whose origin is another one than when they were judged. */
export function movedOrigins(database: Connection, tenant: string, scanId: number): AppKey[] {
  const known = database
    .prepare(
      `SELECT tenant, connector, account, app_id AS appId, body ->> '$.origin' AS origin FROM integration
       WHERE tenant = ? AND body ->> '$.origin' IS NOT NULL`,
    )
    .all(tenant) as (AppKey & { origin: string })[];
  const originsOf = originReader(database, tenant, scanId);
  return known.filter(({ origin, ...app }) => {
    const before = JSON.parse(origin) as Origin;
    return JSON.stringify(originsOf(app)(before.of, before.since)) !== origin;
  });
}

/** Readings in which lists were read whole in which homes of known apps would stand: the last of each up to a scan. */
export function wholeLists(database: Connection, tenant: string, scanId: number): { collectorId: number; scanId: number }[] {
  const known = database
    .prepare(
      `SELECT DISTINCT connector, account, body ->> '$.origin.of' AS home FROM integration WHERE tenant = ? AND body ->> '$.origin.of' IS NOT NULL`,
    )
    .all(tenant) as { connector: string; account: string; home: string }[];
  const collectors = database.prepare('SELECT id FROM collector WHERE tenant = ? AND connector = ? AND account = ?').pluck();
  const wholeOnce = wholeListReader(database, scanId);
  return known.flatMap(({ connector, account, home }) => {
    const whole = wholeOnce({ tenant, connector, account }, home);
    return whole === 0
      ? []
      : (collectors.all(tenant, connector, account) as number[]).map((collectorId) => ({ collectorId, scanId: whole }));
  });
}

/** The last scan in which the list that a home would stand in was read whole; 0 = none. A list is known by those that stand in it. */
function wholeListReader(database: Connection, scanId: number) {
  const beside = database.prepare(
    `SELECT c.id AS collectorId, o.scope FROM collector c CROSS JOIN observation o ON o.collector_id = c.id
       AND o.native_id >= @family || '/' AND o.native_id < @family || '0'
     WHERE c.tenant = @tenant AND c.connector = @connector AND c.account = @account AND c.mode = 'inventory' LIMIT 1`,
  );
  const whole = database
    .prepare(
      `SELECT max(r.scan_id) FROM reading r JOIN scan s ON s.id = r.scan_id AND s.state <> 'running'
       WHERE r.collector_id = @collectorId AND r.state = 'ended' AND r.scan_id <= @scanId
         AND EXISTS (SELECT 1 FROM statement t WHERE t.reading_id = r.id AND t.statement = 'covered'
           AND substr(@list || '/', 1, length(t.scope) + 1) = t.scope || '/')
         AND NOT EXISTS (SELECT 1 FROM statement g WHERE g.reading_id = r.id AND g.statement = 'gap'
           AND (substr(@list || '/', 1, length(g.scope) + 1) = g.scope || '/' OR substr(g.scope, 1, length(@list) + 1) = @list || '/'))`,
    )
    .pluck();
  const memory = new Map<string, number>();
  return (of: Omit<AppKey, 'appId'>, home: string): number => {
    const family = upTo(home);
    const key = JSON.stringify([of, family]);
    let last = memory.get(key);
    if (last === undefined) {
      const found = beside.get({ ...of, family }) as { collectorId: number; scope: string } | undefined;
      last = found ? Number(whole.get({ collectorId: found.collectorId, scanId, list: upTo(found.scope) }) ?? 0) : 0;
      memory.set(key, last);
    }
    return last;
  };
}

/** All but the last segment. */
function upTo(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
