import type { Database as Connection } from 'better-sqlite3';
import type { Configured } from '../policy/seed.ts';

/** What administrators decided about apps, by what lists and logs of them state: which unit it is for stands in each. */
export function readConfigured(database: Connection, tenant: string): Configured[] {
  return database
    .prepare(
      `SELECT c.connector, c.account, o.app_id AS appId, o.body ->> '$.attributes.state' AS state, o.body ->> '$.attributes.unit' AS unit,
         coalesce(o.body ->> '$.attributes.takenAt', o.body ->> '$.attributes.decidedAt') AS at, o.body ->> '$.attributes.decidedBy.email' AS by
       FROM observation o JOIN collector c ON c.id = o.collector_id
       WHERE c.tenant = ? AND o.kind = 'control' AND o.state <> 'gone' AND o.body ->> '$.attributes.unit' IS NOT NULL
         AND coalesce(o.body ->> '$.attributes.takenAt', o.body ->> '$.attributes.decidedAt') IS NOT NULL
       ORDER BY o.id`,
    )
    .all(tenant) as Configured[];
}
