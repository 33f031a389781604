import type { Database as Connection } from 'better-sqlite3';
import { prepared } from './prepared.ts';
import type { TicketPlanner } from '../tickets/world.ts';
import { statementAt } from './statements.ts';

type Makes = Pick<TicketPlanner, 'groups' | 'decisionId'>;

interface Misplaced {
  key: string;
  connector: string;
  product: string | null;
  appId: string;
  group: string;
  /** Where it belongs until now. */
  decision: string | null;
}

/** The group and the key of a finding's decision, and how the stored decision differs from these. */
const OF_FINDING = `FROM finding f JOIN json_each(@groups) g ON g.key = f.rule
  LEFT JOIN decision_finding m ON m.key = f.key LEFT JOIN decision d ON d.id = m.decision
  WHERE f.tenant = @tenant AND f.state <> 'resolved'`;
const ELSEWHERE = `(d.id IS NULL OR d.rule_group <> g.value OR d.product IS NOT f.product OR d.app_id IS NOT iif(f.product IS NULL, f.app_id, NULL))`;

/**
 * Gives every finding that needs one its decision. A decision whose findings all came to be known as one product goes on under that name,
 * with its id; where that product has a decision already, the findings go on there. Runs inside the caller's transaction.
 */
export function assignDecisions(database: Connection, tenant: string, scanId: number, makes: Makes): void {
  const groups = JSON.stringify(makes.groups);
  const misplaced = prepared(
    database,
    `SELECT f.key, f.connector, f.product, f.app_id AS appId, g.value AS "group", m.decision ${OF_FINDING} AND ${ELSEWHERE} ORDER BY f.first_scan, f.key`,
  ).all({ tenant, groups }) as Misplaced[];
  if (misplaced.length === 0) return;
  // Each has an index of its own, of those alone that have one: `IS` would find neither.
  const keyed = `SELECT id FROM decision WHERE tenant = @tenant AND connector = @connector AND rule_group = @group`;
  const ofProduct = prepared(database, `${keyed} AND product = @product`).pluck();
  const ofApp = prepared(database, `${keyed} AND app_id = @appId`).pluck();
  // Others that need a decision and would stay behind.
  const staying = prepared(
    database,
    `SELECT 1 ${OF_FINDING} AND m.decision = @decision
         AND (f.connector, g.value, coalesce(f.product, ''), iif(f.product IS NULL, f.app_id, '')) <> (@connector, @group, coalesce(@product, ''), coalesce(@appId, ''))`,
  ).pluck();
  const rename = prepared(database, 'UPDATE decision SET rule_group = @group, product = @product, app_id = @appId WHERE id = @decision');
  const make = decisionMaker(database, tenant, scanId, makes);
  const move = prepared(
    database,
    'INSERT INTO decision_finding (key, decision) VALUES (@key, @id) ON CONFLICT DO UPDATE SET decision = excluded.decision',
  );
  const needed = prepared(
    database,
    `SELECT 1 FROM decision_finding m JOIN finding f ON f.key = m.key WHERE m.decision = ? AND f.state <> 'resolved' LIMIT 1`,
  ).pluck();
  const merge = prepared(database, 'UPDATE decision SET merged_into = ? WHERE id = ?');
  const follow = prepared(database, 'UPDATE decision_finding SET decision = ? WHERE decision = ?');
  for (const { key, decision, appId, ...rest } of misplaced) {
    const about = { tenant, ...rest, appId: rest.product === null ? appId : null };
    const found = (about.product === null ? ofApp : ofProduct).get(about) as string | undefined;
    let id = found;
    if (id === undefined && decision !== null && staying.get({ ...about, groups, decision }) === undefined) {
      rename.run({ ...about, decision });
      id = decision;
    }
    id ??= make(about);
    move.run({ key, id });
    if (found !== undefined) merge.run(null, id);
    if (decision === null || decision === id || needed.get(decision) !== undefined) continue;
    merge.run(id, decision);
    // What is resolved goes along.
    follow.run(id, decision);
  }
}

type About = Parameters<Makes['decisionId']>[0];

/** An id may have been given before, to a decision that is about something else by now. */
function decisionMaker(database: Connection, tenant: string, scanId: number, { decisionId }: Makes): (about: About) => string {
  const taken = prepared(database, 'SELECT 1 FROM decision WHERE id = ?').pluck();
  const insert = prepared(
    database,
    `INSERT INTO decision (id, tenant, connector, rule_group, product, app_id, first_scan)
     VALUES (@id, @tenant, @connector, @group, @product, @appId, @scanId)`,
  );
  return (about) => {
    let number = 0;
    while (taken.get(decisionId(about, number)) !== undefined) number++;
    const id = decisionId(about, number);
    insert.run({ ...about, tenant, id, scanId });
    return id;
  };
}

/** No configuration asks for more scans than that (src/tickets/settings.ts); a test holds the two together. */
export const MOST_READS = 10;

interface Resolved {
  key: string;
  connector: string;
  account: string;
  appId: string;
  rule: string;
  firstScan: number;
  isGone: number;
}

/** What is not about an app alone: who holds it may be listed as gone, or a setting of the account may say so. */
const RESTS_ON_PEOPLE = `'leaver-holds-grant'`;
const RESTS_ON_SETTINGS = `'no-approval-gate', 'model-calls-unlogged'`;
/** Those of the app itself alone. */
const RESTS_ON_OWN_SETTINGS = `'ai-secret-for-everything'`;

/**
 * Counts, for findings that are resolved, the scans that read where they were: every list and log that ever stated the app in its account
 * was read to its end, and every place of it where something is, or went while the finding stood, was claimed as covered; for rules that rest on settings or on who
 * is listed, every place of these too. A log that vouches for a
 * place, a gap or a scan of other sources counts nothing. Runs inside the caller's transaction.
 */
export function countAbsences(database: Connection, tenant: string, scanId: number): void {
  prepared(
    database,
    `UPDATE decision_finding SET read_gone = 0, read_scan = 0 WHERE read_gone > 0
         AND (SELECT state FROM finding f WHERE f.key = decision_finding.key AND f.tenant = ?) <> 'resolved'`,
  ).run(tenant);
  const resolved = prepared(
    database,
    `SELECT f.key, f.connector, f.account, f.app_id AS appId, f.rule, f.first_scan AS firstScan, i.state = 'gone' AS isGone
       FROM decision_finding m JOIN finding f ON f.key = m.key
       JOIN integration i ON i.tenant = f.tenant AND i.connector = f.connector AND i.account = f.account AND i.app_id = f.app_id
       WHERE f.tenant = ? AND f.state = 'resolved' AND m.read_gone < ${MOST_READS} AND m.read_scan < ?`,
  ).all(tenant, scanId) as Resolved[];
  const isRead = placeReader(database, tenant, scanId);
  const anew = prepared(database, 'UPDATE decision_finding SET read_gone = 0 WHERE key = ?');
  const count = prepared(database, 'UPDATE decision_finding SET read_gone = read_gone + 1, read_scan = ? WHERE key = ?');
  for (const finding of resolved) {
    const { read, wentTonight } = isRead(finding);
    // While it was there and approved, nobody saw it gone.
    if (finding.isGone === 1 && wentTonight) anew.run(finding.key);
    if (read) count.run(scanId, finding.key);
  }
}

function placeReader(database: Connection, tenant: string, scanId: number): (finding: Resolved) => { read: boolean; wentTonight: boolean } {
  const OF_ACCOUNT = 'c.tenant = @tenant AND c.connector = @connector AND c.account = @account';
  const OF_APP = `o.app_id = @appId AND ${OF_ACCOUNT} AND o.kind NOT IN ('identity', 'control')`;
  const STOOD = `c.mode = 'inventory' AND (o.state <> 'gone' OR o.state_scan >= @firstScan)`;
  const collectors = prepared(
    database,
    `SELECT DISTINCT o.collector_id FROM observation o JOIN collector c ON c.id = o.collector_id WHERE ${OF_APP}`,
  ).pluck();
  const places = prepared(
    database,
    `SELECT o.collector_id AS collector, o.scope, max(o.state = 'gone' AND o.state_scan = @scanId) AS tonight
     FROM observation o JOIN collector c ON c.id = o.collector_id WHERE ${OF_APP} AND ${STOOD} GROUP BY o.collector_id, o.scope`,
  );
  // Whose app is gone, is asked no more of.
  const around = prepared(
    database,
    `SELECT DISTINCT o.collector_id AS collector, o.scope FROM observation o JOIN collector c ON c.id = o.collector_id
     WHERE @isGone = 0 AND o.kind = 'control' AND ${OF_ACCOUNT} AND ${STOOD}
       AND (@rule IN (${RESTS_ON_SETTINGS}) OR @rule IN (${RESTS_ON_OWN_SETTINGS}) AND o.app_id = @appId)
     UNION SELECT o.collector_id, o.scope FROM observation o JOIN collector c ON c.id = o.collector_id
     WHERE @isGone = 0 AND @rule IN (${RESTS_ON_PEOPLE}) AND o.kind = 'identity' AND ${OF_ACCOUNT} AND ${STOOD}
       AND o.principal_id IN (SELECT g.principal_id FROM observation g WHERE g.app_id = @appId AND g.kind NOT IN ('identity', 'control') AND g.state <> 'gone')`,
  );
  const readingTonight = prepared(
    database,
    `SELECT id FROM reading WHERE scan_id = ? AND collector_id = ? AND state = 'ended' AND withdrawn = 0`,
  ).pluck();
  const readingOf = (collector: number) => readingTonight.get(scanId, collector) as number | undefined;
  const said = statementAt(database);
  /** The most specific statement about a place decides. */
  const isCovered = ({ collector, scope: place }: Place): boolean => {
    const reading = readingOf(collector);
    if (reading === undefined) return false;
    for (let scope = place; scope !== ''; scope = scope.slice(0, Math.max(0, scope.lastIndexOf('/')))) {
      const statement = said(reading, scope);
      if (statement !== undefined) return statement === 'covered';
    }
    return false;
  };
  return (finding) => {
    const app = { ...finding, tenant, scanId };
    const readers = collectors.all(app) as number[];
    const stood = places.all(app) as (Place & { tonight: number })[];
    const isWhole = readers.length > 0 && readers.every((collector) => readingOf(collector) !== undefined);
    return {
      read: isWhole && stood.every(isCovered) && (around.all(app) as Place[]).every(isCovered),
      wentTonight: stood.some(({ tonight }) => tonight === 1),
    };
  };
}

interface Place {
  collector: number;
  scope: string;
}
