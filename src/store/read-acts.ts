import type { Database as Connection } from 'better-sqlite3';

export const ACTS = ['acknowledged', 'assigned', 'commented'] as const;

/** What an analyst did with a finding. */
export interface Act {
  act: (typeof ACTS)[number];
  /** The words, or to whom it was assigned; '' = none, nobody. */
  text: string;
  actor: string;
  at: string;
}

/** An act in its place. */
export interface KeptAct extends Act {
  number: number;
}

/** Later than any moment. */
const EVER = '9999';

/** What was done with a finding up to a moment, in order; undefined = up to now. */
export function readActs(database: Connection, key: string, until: string | undefined): KeptAct[] {
  return database
    .prepare('SELECT number, act, text, actor, at FROM finding_act WHERE key = ? AND at <= ? ORDER BY number')
    .all(key, until ?? EVER) as KeptAct[];
}

/** To whom findings were assigned at a moment, and how often each was commented by then. Few are, so what was done comes first. */
export function readAssignments(
  database: Connection,
  tenant: string,
  until: string | undefined,
): Map<string, { assigned: string; comments: number }> {
  const rows = database
    .prepare(
      `SELECT f.key, coalesce((SELECT a.text FROM finding_act a WHERE a.key = f.key AND a.act = 'assigned' AND a.at <= @until ORDER BY a.number DESC LIMIT 1), '') AS assigned,
         (SELECT count(*) FROM finding_act a WHERE a.key = f.key AND a.act = 'commented' AND a.at <= @until) AS comments
       FROM (SELECT DISTINCT key FROM finding_act WHERE at <= @until) acted CROSS JOIN finding f ON f.key = acted.key WHERE f.tenant = @tenant`,
    )
    .all({ tenant, until: until ?? EVER }) as { key: string; assigned: string; comments: number }[];
  return new Map(rows.map(({ key, ...row }) => [key, row]));
}

/** Why a finding that was acknowledged or accepted is open again, the last time up to a scan. Events are found by their scan, of which there are few. */
export function readReopened(database: Connection, key: string, asOf: number | undefined): { at: string; detail: string } | undefined {
  return database
    .prepare(
      `SELECT s.started_at AS at, e.detail FROM scan s CROSS JOIN finding_event e ON e.scan_id = s.id
       WHERE e.key = @key AND e.event = 'reopened' AND e.detail IS NOT NULL AND e.scan_id <= coalesce(@asOf, e.scan_id) ORDER BY e.scan_id DESC LIMIT 1`,
    )
    .get({ key, asOf: asOf ?? null }) as { at: string; detail: string } | undefined;
}
