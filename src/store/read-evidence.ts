import type { Database as Connection } from 'better-sqlite3';
import { observationsAt } from './past.ts';
import type { AppKey } from './rows.ts';

/** What a finding about an app rests on. */
export interface ObservationView {
  collector: string;
  mode: 'inventory' | 'log';
  thing: string;
  kind: string;
  state: string;
  body: string;
  volatile: string | null;
  firstSeen: string;
}

/** How many observations an app has, as they stand or as they stood in a scan. */
export function countEvidence(database: Connection, app: AppKey, asOf: number | undefined): number {
  return Number(
    database
      .prepare(`SELECT count(*) ${evidenceOf(asOf).from}`)
      .pluck()
      .get({ ...app }),
  );
}

/** The observations of an app, as they stand or as they stood in a scan; what is gone comes last. */
export function readEvidence(database: Connection, app: AppKey, limit: number, asOf: number | undefined): ObservationView[] {
  const { from, thing, kind } = evidenceOf(asOf);
  return database
    .prepare(
      `SELECT c.collector, c.mode, ${thing} AS thing, ${kind} AS kind, o.state, o.body, o.volatile, s.started_at AS firstSeen
       ${from}
       ORDER BY o.state = 'gone', c.mode, thing LIMIT @limit`,
    )
    .all({ ...app, limit }) as ObservationView[];
}

function evidenceOf(asOf: number | undefined): Record<'from' | 'thing' | 'kind', string> {
  // A row that belongs to another app now belonged to this one then: what it said then tells.
  const then = `o.body ->> '$.subject.app' = @appId`;
  const [source, thing, kind, where] =
    asOf === undefined
      ? (['observation', 'o.thing', 'o.kind', 'o.app_id = @appId'] as const)
      : ([observationsAt(asOf), `o.body ->> '$.thing'`, `o.body ->> '$.kind'`, then] as const);
  const from = `FROM ${source} o JOIN collector c ON c.id = o.collector_id JOIN scan s ON s.id = o.first_scan
    WHERE ${where} AND c.tenant = @tenant AND c.connector = @connector AND c.account = @account`;
  return { from, thing, kind };
}
