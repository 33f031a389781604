import { createHash } from 'node:crypto';
import type { Database as Connection } from 'better-sqlite3';
import { appendAudit } from './audit.ts';
import { READ_ALL } from './held.ts';
import { wholeLists } from './origin.ts';
import { standingGaps } from './read-gaps.ts';
import { WITHOUT_GAP } from './statements.ts';

/** What history is to go. */
export interface Pruning {
  /** Scans that began before go, save the last two. */
  before: Date;
  keepDays: number;
  actor: string;
  at: string;
  /** Say what would be done, and do nothing. */
  plan: boolean;
}

export interface Pruned {
  /** The first scan of which all is kept; null = there is none yet. */
  firstKept: number | null;
  /** Scans of which the history went. */
  scans: number;
  /** Rows that were removed, by table. */
  rows: Readonly<Record<string, number>>;
  /** Of the keys of these rows. */
  sha256: string;
}

/** Rows of a table that go, by the columns of its key. */
interface Doomed {
  table: string;
  key: readonly string[];
  /** A condition on the table, which is called `t`. */
  where: string;
}

/**
 * Takes away the history of old scans: superseded versions, ledgers, counts, files by which they were judged, and events of logs about what
 * has gone. What is there now, dates of first seen, and whatever tonight's conclusion or a kept scan rests on stays, whatever its age.
 * The audit trail tells of it with counts and a digest. Where nothing is to go, nothing is done.
 */
export function pruneHistory(database: Connection, tenant: string, { before, keepDays, actor, at, plan }: Pruning): Pruned {
  const horizon = horizonOf(database, tenant, before);
  if (horizon === undefined) return { firstKept: null, scans: 0, rows: {}, sha256: digestOf([]) };
  const bound = { tenant, horizon, before: before.toISOString() };
  try {
    keepGround(database, bound);
    noteSpent(database, bound);
    const scans = Number(database.prepare(`SELECT count(*) FROM scan WHERE ${OLD_SCAN} AND pruned_at IS NULL`).pluck().get(bound));
    const rows: Record<string, number> = {};
    const digest = createHash('sha256');
    for (const doomed of DOOMED) {
      const count = digestRows(database, doomed, bound, (key) => digest.update(`${doomed.table} ${key}\n`));
      if (count > 0) rows[doomed.table] = (rows[doomed.table] ?? 0) + count;
    }
    const done = { firstKept: horizon, scans, rows, sha256: digest.digest('hex') };
    if (plan || (scans === 0 && Object.keys(rows).length === 0)) return done;
    if (scans > 0) keepGapDates(database, bound);
    for (const { table, where } of DOOMED) database.prepare(`DELETE FROM ${table} AS t WHERE ${where}`).run(used(where, bound));
    database
      .prepare(`UPDATE reading SET cursor = NULL WHERE scan_id IN (SELECT id FROM scan WHERE ${OLD_SCAN})`)
      .run(used(OLD_SCAN, bound));
    database.prepare(`UPDATE scan SET pruned_at = @at WHERE ${OLD_SCAN} AND pruned_at IS NULL`).run({ ...used(OLD_SCAN, bound), at });
    const details = JSON.stringify({ keepDays, firstKept: horizon, scans, rows, sha256: done.sha256 });
    appendAudit(database, tenant, { at, actor, action: 'history.pruned', subject: `scan/${horizon}`, details });
    return done;
  } finally {
    database.exec(DROP_NOTES);
  }
}

type Bound = { tenant: string; horizon: number; before: string };

/** The first scan that is kept: of two judged ones there is always a difference to tell, and what is not judged yet is needed whole. */
function horizonOf(database: Connection, tenant: string, before: Date): number | undefined {
  const first = database
    .prepare(
      `SELECT min(id) FROM (
         SELECT min(id) AS id FROM scan WHERE tenant = @tenant AND started_at >= @before
         UNION ALL SELECT min(id) FROM (SELECT id FROM scan WHERE tenant = @tenant AND state = 'concluded' AND judged = 1 ORDER BY id DESC LIMIT 2)
         UNION ALL SELECT min(id) FROM scan WHERE tenant = @tenant AND (state = 'running' OR judged = 0))`,
    )
    .pluck()
    .get({ tenant, before: before.toISOString() });
  return (first as number | null) ?? undefined;
}

const OLD_SCAN = 'tenant = @tenant AND id < @horizon';
const OLD_READING = `SELECT r.id FROM reading r JOIN scan s ON s.id = r.scan_id WHERE s.tenant = @tenant AND s.id < @horizon`;
const GROUND = `t.reading_id IN (${OLD_READING}) AND t.reading_id NOT IN (SELECT id FROM temp.kept_ground)`;
const OWN_OBSERVATION = `t.observation_id IN (SELECT o.id FROM observation o JOIN collector c ON c.id = o.collector_id WHERE c.tenant = @tenant)`;

/** Entitlements that grew are told by what an app could do before: of AI that stays, and what is gone may return. A reader that changed made all before it incomparable. */
const TELLS_OF_GROWTH = `EXISTS (SELECT 1 FROM observation o JOIN collector c ON c.id = o.collector_id
    JOIN integration i ON i.tenant = c.tenant AND i.connector = c.connector AND i.account = c.account AND i.app_id = o.app_id
  WHERE o.id = t.observation_id AND c.mode = 'inventory' AND o.kind NOT IN ('identity', 'control') AND i.verdict IN ('ai', 'suspected')
    AND t.body ->> '$.subject.app' = o.app_id
    AND t.until_scan > coalesce((SELECT max(d.scan_id) FROM diff_entry d WHERE d.observation_id = o.id AND d.class = 'reader_changed' AND d.scan_id <= @horizon), 0))`;

const SPENT = 'SELECT id FROM temp.spent_event';

/** In this order: what goes first is what the conditions of none below rest on. */
const DOOMED: readonly Doomed[] = [
  {
    table: 'finding_version',
    key: ['key', 'until_scan'],
    where: 't.until_scan <= @horizon AND t.key IN (SELECT key FROM finding WHERE tenant = @tenant)',
  },
  {
    table: 'integration_version',
    key: ['integration_id', 'until_scan'],
    where: 't.until_scan <= @horizon AND t.integration_id IN (SELECT id FROM integration WHERE tenant = @tenant)',
  },
  // Beginnings and ends stay: from them it is told how long findings stand.
  {
    table: 'finding_event',
    key: ['scan_id', 'key', 'event'],
    where: `t.scan_id IN (SELECT id FROM scan WHERE ${OLD_SCAN}) AND t.event IN ('changed', 'unverified', 'verified')`,
  },
  {
    table: 'observation_version',
    key: ['observation_id', 'until_scan'],
    where: `(t.until_scan <= @horizon AND ${OWN_OBSERVATION} AND NOT ${TELLS_OF_GROWTH}) OR t.observation_id IN (${SPENT})`,
  },
  {
    table: 'volatile_version',
    key: ['observation_id', 'until_scan'],
    where: `(t.until_scan <= @horizon AND ${OWN_OBSERVATION}) OR t.observation_id IN (${SPENT})`,
  },
  // All up to the last word "present": what has been away since keeps its entries, and what returned is a finding for a while.
  {
    table: 'diff_entry',
    key: ['scan_id', 'observation_id'],
    where: `(t.scan_id <= @horizon AND t.class <> 'returned' AND ${OWN_OBSERVATION} AND EXISTS (SELECT 1 FROM diff_entry p
      WHERE p.observation_id = t.observation_id AND p.state = 'present' AND p.scan_id >= t.scan_id AND p.scan_id <= @horizon))
      OR t.observation_id IN (${SPENT})`,
  },
  { table: 'observation', key: ['id'], where: `t.id IN (${SPENT})` },
  { table: 'statement', key: ['reading_id', 'scope', 'statement', 'reason', 'permission'], where: GROUND },
  { table: 'stale_place', key: ['reading_id', 'scope'], where: GROUND },
  { table: 'suspected_place', key: ['reading_id', 'scope'], where: GROUND },
  { table: 'source_result', key: ['scan_id', 'source'], where: `t.scan_id IN (SELECT id FROM scan WHERE ${OLD_SCAN})` },
  {
    table: 'request_count',
    key: ['scan_id', 'source', 'collector', 'operation'],
    where: `t.scan_id IN (SELECT id FROM scan WHERE ${OLD_SCAN})`,
  },
  // The files by which scans were judged; another tenant may have been judged by the same.
  {
    table: 'document',
    key: ['hash'],
    where: `EXISTS (SELECT 1 FROM scan s WHERE t.hash IN (substr(s.config_hash, 1, instr(s.config_hash || ' ', ' ') - 1), s.catalog_hash, s.policy_hash) AND s.tenant = @tenant AND s.id < @horizon)
      AND NOT EXISTS (SELECT 1 FROM scan s WHERE t.hash IN (substr(s.config_hash, 1, instr(s.config_hash || ' ', ' ') - 1), s.catalog_hash, s.policy_hash)
        AND s.pruned_at IS NULL AND NOT (s.tenant = @tenant AND s.id < @horizon))`,
  },
];

/**
 * The readings on which conclusions may still rest though their scans are old: of each collector the last that ended, the last that
 * claimed something, the last without a gap, the last that did not go by a log, the last of these without a gap, those that read lists of people and of
 * homes whole, and those by which it is counted who held AI before others came.
 */
function keepGround(database: Connection, bound: Bound): void {
  const covered = `EXISTS (SELECT 1 FROM statement t WHERE t.reading_id = r.id AND t.statement = 'covered')`;
  const people = `EXISTS (SELECT 1 FROM statement t, (SELECT min(o.scope) AS scope FROM observation o WHERE o.collector_id = r.collector_id AND o.kind = 'identity') p
    WHERE t.reading_id = r.id AND t.statement = 'covered' AND substr(p.scope, 1, length(t.scope) + 1) = t.scope || '/')`;
  const last = (condition: string) =>
    `SELECT max(r.id) FROM reading r JOIN scan s ON s.id = r.scan_id WHERE s.tenant = @tenant AND s.id < @horizon AND r.state = 'ended' AND ${condition} GROUP BY r.collector_id`;
  const claimed = `EXISTS (SELECT 1 FROM statement t WHERE t.reading_id = r.id AND (t.statement = 'covered' OR t.by_design = 1))`;
  const full = `(r.delta_since IS NULL OR r.sweep = 1)`;
  const conditions = [
    'TRUE',
    claimed,
    covered,
    `${covered} AND ${WITHOUT_GAP}`,
    `${full} AND ${covered}`,
    `${full} AND ${covered} AND ${WITHOUT_GAP}`,
    `${people} AND ${WITHOUT_GAP}`,
    READ_ALL,
  ];
  database.exec('CREATE TEMP TABLE kept_ground (id INTEGER PRIMARY KEY)');
  const { tenant, horizon } = bound;
  for (const condition of conditions)
    database.prepare(`INSERT OR IGNORE INTO temp.kept_ground ${last(condition)}`).run({ tenant, horizon });
  const keep = database.prepare('INSERT OR IGNORE INTO temp.kept_ground SELECT id FROM reading WHERE collector_id = ? AND scan_id = ?');
  database
    .prepare(
      `INSERT OR IGNORE INTO temp.kept_ground SELECT (
         SELECT r.id FROM reading r WHERE r.collector_id = come.collector_id AND r.scan_id < come.first_scan AND ${READ_ALL}
         ORDER BY r.scan_id DESC LIMIT 1) AS id
       FROM (SELECT DISTINCT o.collector_id, o.first_scan FROM observation o JOIN collector c ON c.id = o.collector_id
         JOIN integration i ON i.tenant = c.tenant AND i.connector = c.connector AND i.account = c.account AND i.app_id = o.app_id
         WHERE c.tenant = ? AND c.mode = 'inventory' AND o.kind NOT IN ('identity', 'control') AND o.principal_id IS NOT NULL
           AND i.verdict IN ('ai', 'suspected')) come
       WHERE id IS NOT NULL`,
    )
    .run(tenant);
  for (const { collectorId, scanId } of wholeLists(database, tenant, horizon - 1)) keep.run(collectorId, scanId);
}

/**
 * Events of a log about something that lists had, and that had gone from all of them before: they date nothing that is there.
 * Asked for all things at once: an app may have a hundred thousand of them, and as many events.
 */
function noteSpent(database: Connection, bound: Bound): void {
  database.exec(
    `CREATE TEMP TABLE listed_thing (connector TEXT, account TEXT, thing TEXT, first_scan INTEGER, live INTEGER, PRIMARY KEY (thing, connector, account)) WITHOUT ROWID;
     CREATE TEMP TABLE spent_event (id INTEGER PRIMARY KEY)`,
  );
  const old = `o.first_scan < @horizon AND o.body_scan < @horizon AND c.mode = 'log' AND c.tenant = @tenant`;
  const listed = `INSERT INTO temp.listed_thing
    SELECT c.connector, c.account, o.thing, min(o.first_scan), max(NOT (o.state = 'gone' AND o.state_scan <= @horizon))
    FROM observation o JOIN collector c ON c.id = o.collector_id
    WHERE c.mode = 'inventory' AND c.tenant = @tenant
      AND o.thing IN (SELECT o.thing FROM observation o JOIN collector c ON c.id = o.collector_id WHERE ${old})
    GROUP BY o.thing, c.connector, c.account`;
  const spent = `INSERT INTO temp.spent_event SELECT o.id FROM observation o JOIN collector c ON c.id = o.collector_id
    JOIN temp.listed_thing l ON l.thing = o.thing AND l.connector = c.connector AND l.account = c.account
    WHERE ${old} AND l.live = 0 AND l.first_scan <= o.first_scan
      AND coalesce(o.body ->> '$.grantedAt.at', '') < @before AND coalesce(o.volatile ->> '$.lastUsedAt.at', '') < @before`;
  for (const sql of [listed, spent]) database.prepare(sql).run(used(sql, bound));
}

const DROP_NOTES = 'DROP TABLE IF EXISTS temp.kept_ground; DROP TABLE IF EXISTS temp.listed_thing; DROP TABLE IF EXISTS temp.spent_event';

/** Since when gaps stand is a date of first seen, and does not begin anew with the first scan that is kept. */
function keepGapDates(database: Connection, { tenant, horizon }: Bound): void {
  const last = database
    .prepare(
      `SELECT r.collector_id AS collectorId, max(r.scan_id) AS scanId FROM reading r JOIN scan s ON s.id = r.scan_id
       WHERE s.tenant = ? AND s.id < ? AND s.state = 'concluded' GROUP BY r.collector_id`,
    )
    .all(tenant, horizon) as { collectorId: number; scanId: number }[];
  const standing = [...new Set(last.map(({ scanId }) => scanId))].flatMap((scanId) =>
    standingGaps(database, scanId).filter((gap) => last.some((one) => one.collectorId === gap.collectorId && one.scanId === scanId)),
  );
  database.prepare('DELETE FROM earlier_gap WHERE collector_id IN (SELECT id FROM collector WHERE tenant = ?)').run(tenant);
  const insert = database.prepare(
    'INSERT OR IGNORE INTO earlier_gap (collector_id, scope, reason, permission, since) VALUES (?, ?, ?, ?, ?)',
  );
  for (const { collectorId, scope, reason, permission, since } of standing) insert.run(collectorId, scope, reason, permission ?? '', since);
}

function digestRows(database: Connection, { table, key, where }: Doomed, bound: Bound, tell: (key: string) => void): number {
  const columns = key.map((name) => `t.${name}`).join(', ');
  const rows = database.prepare(`SELECT ${columns} FROM ${table} t WHERE ${where} ORDER BY ${columns}`).raw().iterate(used(where, bound));
  let count = 0;
  for (const row of rows) {
    tell(JSON.stringify(row));
    count++;
  }
  return count;
}

/** SQLite takes no value that a statement does not use. */
function used(sql: string, bound: Bound): Partial<Bound> {
  return Object.fromEntries(Object.entries(bound).filter(([name]) => sql.includes(`@${name}`)));
}

function digestOf(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
