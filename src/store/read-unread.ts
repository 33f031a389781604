import { openReadOnly } from './database.ts';

/** A source that a scan did not read whole. */
export interface UnreadSource {
  source: string;
  /** What the account is called, or its id; null = it was not reached. */
  account: string | null;
  state: 'unread' | 'partly';
  /** Why, where the source itself says it. */
  message: string | null;
  /** What its readers had to leave out, without what nobody can see. */
  gaps: readonly { collector: string; reason: string; permission: string | null; places: number }[];
}

/** The sources that a scan asked and did not read whole. */
export function unreadSourcesOf(file: string, scanId: number): UnreadSource[] {
  const database = openReadOnly(file);
  try {
    const sources = database
      .prepare(
        `SELECT source, coalesce(account_name, account) AS account, iif(state = 'unread', 'unread', 'partly') AS state, message
         FROM source_result WHERE scan_id = ? AND state <> 'read' ORDER BY source`,
      )
      .all(scanId) as Omit<UnreadSource, 'gaps'>[];
    const gaps = database.prepare(
      `SELECT c.collector, t.reason, t.permission, count(*) AS places
       FROM reading r JOIN collector c ON c.id = r.collector_id JOIN gap_of_reading t ON t.reading_id = r.id
       WHERE r.scan_id = ? AND r.source = ? AND t.by_design = 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    );
    return sources.map((row) => ({ ...row, gaps: gaps.all(scanId, row.source) as UnreadSource['gaps'] }));
  } finally {
    database.close();
  }
}
