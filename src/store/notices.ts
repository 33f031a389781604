import type { Database as Connection } from 'better-sqlite3';

/** A notice that is to be delivered. It names nobody: what it says is read from the facts when it is sent. */
export interface NoticeRow {
  id: string;
  notifier: string;
  /** ISO 8601 in UTC. */
  madeAt: string;
  /** It tells of the scans after this one … */
  sinceScan: number | null;
  /** … and up to this one; null where a night ended without a scan. */
  scanId: number | null;
  /** Why it did, as a word. */
  failure: string | null;
  attempts: number;
}

export type NewNotice = Omit<NoticeRow, 'attempts' | 'sinceScan'>;

/** Keeps notices until they are delivered. Each begins where the last one to the same notifier ended, so that no scan is left out. */
export function queueNotices(database: Connection, tenant: string, notices: readonly NewNotice[]): void {
  const insert = database.prepare(
    `INSERT INTO notice (id, tenant, notifier, made_at, since_scan, scan_id, failure) VALUES (@id, @tenant, @notifier, @madeAt,
       iif(@scanId IS NULL, NULL, coalesce((SELECT max(scan_id) FROM notice WHERE tenant = @tenant AND notifier = @notifier), @scanId - 1)), @scanId, @failure)`,
  );
  for (const notice of notices) insert.run({ ...notice, tenant });
}

/** What was not delivered yet, the oldest first. */
export function undeliveredNotices(database: Connection, tenant: string): NoticeRow[] {
  return database
    .prepare(
      `SELECT id, notifier, made_at AS madeAt, since_scan AS sinceScan, scan_id AS scanId, failure, attempts FROM notice
       WHERE tenant = ? AND delivered_at IS NULL ORDER BY made_at, notifier, id`,
    )
    .all(tenant) as NoticeRow[];
}

export function noticeTried(database: Connection, id: string, { at, delivered, trouble }: NoticeAttempt): void {
  database
    .prepare('UPDATE notice SET attempts = attempts + 1, trouble = ?, delivered_at = ? WHERE id = ?')
    .run(trouble, delivered ? at : null, id);
}

export interface NoticeAttempt {
  at: string;
  delivered: boolean;
  trouble: string | null;
}

/**
 * Takes away what is too old to be told, and what was delivered before the last one. Answers how many were never delivered.
 * The oldest that still waits tells of their scans too.
 * The last one of each notifier stays where it was delivered, since the next begins where it ended.
 */
export function dropOldNotices(database: Connection, tenant: string, before: string): number {
  const old = 'DELETE FROM notice WHERE tenant = @tenant AND made_at < @before';
  const later =
    'SELECT 1 FROM notice n WHERE n.tenant = notice.tenant AND n.notifier = notice.notifier AND n.scan_id > coalesce(notice.scan_id, 0)';
  // What those were to tell of, the next to the same notifier tells.
  database
    .prepare(
      `UPDATE notice SET since_scan = min(since_scan, (SELECT min(d.since_scan) FROM notice d WHERE d.tenant = notice.tenant AND d.notifier = notice.notifier
         AND d.delivered_at IS NULL AND d.made_at < @before))
       WHERE id IN (SELECT id FROM (SELECT n.id, min(n.scan_id) FROM notice n WHERE n.tenant = @tenant AND n.made_at >= @before AND n.delivered_at IS NULL
         AND n.scan_id IS NOT NULL GROUP BY n.notifier))
       AND EXISTS (SELECT 1 FROM notice d WHERE d.tenant = notice.tenant AND d.notifier = notice.notifier AND d.delivered_at IS NULL AND d.made_at < @before
         AND d.since_scan IS NOT NULL)`,
    )
    .run({ tenant, before });
  const givenUp = database.prepare(`${old} AND delivered_at IS NULL`).run({ tenant, before }).changes;
  database.prepare(`${old} AND delivered_at IS NOT NULL AND EXISTS (${later})`).run({ tenant, before });
  return givenUp;
}
