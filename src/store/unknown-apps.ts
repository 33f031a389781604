import type { Match } from '../catalog/match.ts';
import type { Signal } from '../connector/index.ts';
import { asStorageError, openReadOnly } from './database.ts';

/** An app that the catalog could not name, as the last scan judged it. */
export interface UnknownApp {
  connector: string;
  account: string;
  appId: string;
  name: string;
  match: Pick<Match, 'verdict' | 'reasons'>;
  holders: number;
  reach: readonly { dataClass: string; access: 'read' | 'write' | 'admin'; plain: string }[];
  /** All that its statements carry, each once. */
  signals: readonly Signal[];
}

/** Apps of a tenant that are here, and that the catalog calls unknown or only suspects. */
export function readUnknownApps(file: string, tenant: string): UnknownApp[] {
  const database = openReadOnly(file);
  try {
    const rows = database
      .prepare(
        `SELECT i.connector, i.account, i.app_id AS appId, i.name, i.body,
           (SELECT json_group_array(json(s.value)) FROM (
             SELECT DISTINCT j.value FROM observation o JOIN collector c ON c.id = o.collector_id, json_each(o.body, '$.signals') j
             WHERE o.app_id = i.app_id AND c.tenant = i.tenant AND c.connector = i.connector AND c.account = i.account ORDER BY j.value) s) AS signals
         FROM integration i
         WHERE i.tenant = ? AND i.verdict IN ('unknown', 'suspected') AND i.state <> 'gone'
         ORDER BY i.connector, i.account, i.app_id`,
      )
      .all(tenant) as { connector: string; account: string; appId: string; name: string; body: string; signals: string }[];
    return rows.map(({ body, signals, ...app }) => {
      const { match, reach, holders } = JSON.parse(body) as Pick<UnknownApp, 'match' | 'reach'> & { holders: { count: number } };
      return { ...app, match, reach, holders: holders.count, signals: JSON.parse(signals) as Signal[] };
    });
  } catch (error) {
    throw asStorageError(error, file);
  } finally {
    database.close();
  }
}
