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

/** What was done with a finding, in order, up to now. */
export function readActs(database: Connection, key: string): KeptAct[] {
  return database.prepare('SELECT number, act, text, actor, at FROM finding_act WHERE key = ? ORDER BY number').all(key) as KeptAct[];
}

/** To whom findings are assigned now, and how often each was commented. Few are, so what was done comes first. */
export function readAssignments(database: Connection, tenant: string): Map<string, { assigned: string; comments: number }> {
  const rows = database
    .prepare(
      `SELECT f.key, coalesce((SELECT a.text FROM finding_act a WHERE a.key = f.key AND a.act = 'assigned' ORDER BY a.number DESC LIMIT 1), '') AS assigned,
         (SELECT count(*) FROM finding_act a WHERE a.key = f.key AND a.act = 'commented') AS comments
       FROM (SELECT DISTINCT key FROM finding_act) acted CROSS JOIN finding f ON f.key = acted.key WHERE f.tenant = ?`,
    )
    .all(tenant) as { key: string; assigned: string; comments: number }[];
  return new Map(rows.map(({ key, ...row }) => [key, row]));
}

/** Why a finding that was acknowledged or accepted is open again, the last time. Events are found by their scan, of which there are few. */
export function readReopened(database: Connection, key: string): { at: string; detail: string } | undefined {
  return database
    .prepare(
      `SELECT s.started_at AS at, e.detail FROM scan s CROSS JOIN finding_event e ON e.scan_id = s.id
       WHERE e.key = ? AND e.event = 'reopened' AND e.detail IS NOT NULL ORDER BY e.scan_id DESC LIMIT 1`,
    )
    .get(key) as { at: string; detail: string } | undefined;
}
