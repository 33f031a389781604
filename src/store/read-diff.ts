import type { Database as Connection } from 'better-sqlite3';
import { at, stateAt } from './past.ts';

/** What became of an observation between two scans. */
export interface DiffRow {
  class: 'appeared' | 'returned' | 'changed' | 'gone' | 'unverified';
  connector: string;
  account: string;
  collector: string;
  kind: string;
  thing: string;
  appId: string;
  body: string;
  /** What it said before, where it says something else now. */
  before: string | null;
  /** How the account lists whoever held what is gone: `deleted` says why it is. NULL = it is not gone, or nobody is listed. */
  holderStanding: string | null;
  /** 1 when the account was read for the first time: newly seen, not new. */
  first: number;
}

/**
 * State and body of an observation at two scans, and what happened between them. Only what has an entry is looked at, row by row:
 * on a first night that is all there is. The connection is busy until the last row was taken.
 */
export function* readDiff(database: Connection, tenant: string, from: number, to: number): Generator<DiffRow> {
  const rows = database
    .prepare(
      `WITH touched AS (
         SELECT observation_id AS id FROM diff_entry WHERE scan_id > @from AND scan_id <= @to
         UNION SELECT o.id FROM observation o WHERE o.first_scan > @from AND o.first_scan <= @to
         UNION SELECT d.observation_id FROM diff_entry d WHERE d.state = 'unverified' AND d.scan_id <= @to
           AND NOT EXISTS (SELECT 1 FROM diff_entry n WHERE n.observation_id = d.observation_id AND n.scan_id > d.scan_id AND n.scan_id <= @to)
       )
       SELECT c.connector, c.account, c.collector, o.kind, o.thing, coalesce((${at('@to', 'body')}) ->> '$.subject.app', o.app_id) AS appId, o.first_scan AS firstScan,
         ${stateAt('@from')} AS stateBefore, ${stateAt('@to')} AS stateAfter,
         ${at('@to', 'body')} AS body, ${at('@from', 'body')} AS before,
         ${at('@to', 'fingerprint')} <> ${at('@from', 'fingerprint')} AS differs,
         (SELECT group_concat(d.class) FROM diff_entry d WHERE d.observation_id = o.id AND d.scan_id > @from AND d.scan_id <= @to) AS classes,
         CASE ${stateAt('@to')} WHEN 'gone' THEN (
           SELECT ${at('@to', 'body', 'p')} ->> '$.principal.standing' FROM observation p JOIN collector pc ON pc.id = p.collector_id
           WHERE p.principal_id = o.principal_id AND p.kind = 'identity' AND p.first_scan <= @to
             AND pc.tenant = c.tenant AND pc.connector = c.connector AND pc.account = c.account LIMIT 1
         ) END AS holderStanding,
         coalesce((SELECT r.first FROM reading r WHERE r.collector_id = o.collector_id AND r.scan_id = o.first_scan), 0) AS first,
         coalesce((SELECT r.reader_changed FROM reading r WHERE r.collector_id = o.collector_id AND r.scan_id = o.first_scan), 0) AS readerChanged
       FROM touched JOIN observation o ON o.id = touched.id JOIN collector c ON c.id = o.collector_id
       WHERE c.tenant = @tenant AND c.mode = 'inventory' AND o.first_scan <= @to
       ORDER BY c.connector, c.account, o.kind, o.thing`,
    )
    .iterate({ tenant, from, to }) as IterableIterator<Omit<DiffRow, 'class'> & Moment>;
  for (const { firstScan, stateBefore, stateAfter, differs, classes, readerChanged, ...row } of rows) {
    const found = classOf({ firstScan, stateBefore, stateAfter, differs, classes, readerChanged }, from);
    if (found) yield { ...row, class: found, before: found === 'changed' ? row.before : null };
  }
}

interface Moment {
  firstScan: number;
  stateBefore: string;
  stateAfter: string;
  differs: number;
  classes: string | null;
  readerChanged: number;
}

function classOf(moment: Moment, from: number): DiffRow['class'] | undefined {
  const { stateAfter } = moment;
  const before = moment.firstScan > from ? 'absent' : moment.stateBefore;
  const happened = new Set(moment.classes?.split(',') ?? []);
  if (before === 'absent' && moment.readerChanged === 1) return undefined;
  if (happened.has('reader_changed') && happened.size === 1) return undefined;
  if (stateAfter === 'unverified') return 'unverified';
  if (stateAfter === 'gone') return before === 'absent' || before === 'gone' ? undefined : 'gone';
  if (before === 'absent') return 'appeared';
  if (before === 'gone' || happened.has('returned')) return 'returned';
  return moment.differs === 1 ? 'changed' : undefined;
}
