import type { Database as Connection } from 'better-sqlite3';
import type { Sighting } from '../policy/adoption.ts';
import { findingsAt, integrationsAt, observationsAt } from './past.ts';

/** What of AI was accepted, and who holds what nobody sanctioned. */
export interface Adoption {
  /** Since when each finding that is excepted is so. */
  excepted: string[];
  /** People who are active, where people are listed; how many of them hold an AI integration, and one that no approval in force covers. */
  people: { of: number; holding: number; unsanctioned: number };
}

export function readAdoption(database: Connection, tenant: string, scanId: number, asOf: number | undefined): Adoption {
  return {
    excepted: database
      .prepare(
        `SELECT (SELECT s.started_at FROM finding_event e JOIN scan s ON s.id = e.scan_id
           WHERE e.key = f.key AND e.event = 'excepted' AND e.scan_id <= @scanId ORDER BY e.scan_id DESC LIMIT 1) AS since
         FROM ${findingsAt(asOf)} f WHERE f.tenant = @tenant AND f.state = 'excepted' ORDER BY since`,
      )
      .pluck()
      .all({ tenant, scanId }) as string[],
    people: readPeople(database, tenant, asOf),
  };
}

/** Observations with their words of then, and how to ask them of what they are about. */
function told(asOf: number | undefined): { source: string; app: string; thing: string; kind: string } {
  return asOf === undefined
    ? { source: 'observation', app: 'o.app_id', thing: 'o.thing', kind: 'o.kind' }
    : { source: observationsAt(asOf), app: `o.body ->> '$.subject.app'`, thing: `o.body ->> '$.thing'`, kind: `o.body ->> '$.kind'` };
}

const OF_INTEGRATION = 'c.tenant = i.tenant AND c.connector = i.connector AND c.account = i.account';

/** Everything that an AI integration ever held, one after the other: when it was granted, seen, and when its list was first read. */
export function readSightings(database: Connection, tenant: string, scanId: number, asOf: number | undefined): IterableIterator<Sighting> {
  const { source, app, thing, kind } = told(asOf);
  return database
    .prepare(
      `WITH began AS (SELECT collector_id, min(started_at) AS at FROM reading WHERE state = 'ended' AND scan_id <= @scanId GROUP BY collector_id)
       SELECT t.granted, t.readSince, s.started_at AS seen FROM (
         SELECT min(o.body ->> '$.grantedAt.at') AS granted, min(b.at) AS readSince, min(o.first_scan) AS scan
         FROM ${integrationsAt(asOf)} i JOIN ${source} o ON ${app} = i.app_id JOIN collector c ON c.id = o.collector_id AND ${OF_INTEGRATION}
         LEFT JOIN began b ON b.collector_id = c.id
         WHERE i.tenant = @tenant AND i.verdict = 'ai' AND ${kind} NOT IN ('identity', 'control') AND o.first_scan <= @scanId
         GROUP BY c.connector, c.account, ${thing}) t
       JOIN scan s ON s.id = t.scan`,
    )
    .iterate({ tenant, scanId }) as IterableIterator<Sighting>;
}

function readPeople(database: Connection, tenant: string, asOf: number | undefined): Adoption['people'] {
  const { source, app, kind } = told(asOf);
  const holder = `o.body ->> '$.principal.id'`;
  const has = (trait: string) => `max(instr(o.body -> '$.principal.traits', '"${trait}"') > 0)`;
  return database
    .prepare(
      `WITH person AS (
         SELECT c.connector, c.account, ${holder} AS id FROM ${source} o JOIN collector c ON c.id = o.collector_id
         WHERE c.tenant = @tenant AND ${kind} = 'identity' AND o.state <> 'gone' AND ${holder} IS NOT NULL
         GROUP BY c.connector, c.account, ${holder}
         HAVING (${has('directory_person')} OR ${has('interactive_login')}) AND NOT ${has('bot_account')}
           AND min(coalesce(o.body ->> '$.principal.standing', 'active') = 'active') = 1),
       held AS (
         SELECT c.connector, c.account, ${holder} AS id, max(coalesce(i.body ->> '$.supervision.sanctioned', 0) = 0) AS unsanctioned
         FROM ${integrationsAt(asOf)} i JOIN ${source} o ON ${app} = i.app_id JOIN collector c ON c.id = o.collector_id AND ${OF_INTEGRATION}
         WHERE i.tenant = @tenant AND i.verdict = 'ai' AND i.state <> 'gone'
           AND c.mode = 'inventory' AND o.state <> 'gone' AND ${kind} NOT IN ('identity', 'control') AND ${holder} IS NOT NULL
         GROUP BY c.connector, c.account, ${holder})
       SELECT count(*) AS "of", count(held.id) AS holding, count(*) FILTER (WHERE held.unsanctioned) AS unsanctioned
       FROM person LEFT JOIN held USING (connector, account, id)`,
    )
    .get({ tenant }) as Adoption['people'];
}
