import type { Database as Connection } from 'better-sqlite3';
import type { AppKey } from './rows.ts';

/** A ticket about what was found of an app, as its tracker was seen last. */
export interface AppTicket {
  sink: string;
  label: string;
  url: string | null;
  /** Null = it was not looked at since it was made. */
  state: 'open' | 'closed' | 'missing' | null;
}

/** The tickets that were made about some apps, each once; of decisions that go on under another, too. */
export function ticketsOf(database: Connection, apps: readonly AppKey[]): AppTicket[] {
  const of = database.prepare(
    `SELECT DISTINCT t.sink, coalesce(t.label, t.remote_id) AS label, t.url, t.remote_state AS state
     FROM finding f JOIN decision_finding m ON m.key = f.key JOIN decision d ON d.id = m.decision OR d.merged_into = m.decision
     JOIN ticket t ON t.decision = d.id
     WHERE f.app_id = @appId AND f.tenant = @tenant AND f.connector = @connector AND f.account = @account AND t.remote_id IS NOT NULL
     ORDER BY t.sink, t.decision, t.generation`,
  );
  const found = apps.flatMap((app) => of.all(app) as AppTicket[]);
  return [...new Map(found.map((ticket) => [JSON.stringify([ticket.sink, ticket.label, ticket.url]), ticket])).values()];
}
