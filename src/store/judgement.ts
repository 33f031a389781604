import type { Database as Connection } from 'better-sqlite3';
import type { FindingEvent, FindingRow, FindingState, IntegrationRow, StoredFinding } from '../policy/judged.ts';
import type { StoredObservation } from './rows.ts';

/** The pure side of a judgement. */
export interface FindingJudge {
  /** Judges the observations of one app in one account. `directory` says what the account's lists of people know of a holder. */
  judge(
    app: readonly StoredObservation[],
    directory: Directory,
  ): { integration: IntegrationRow; findings: readonly FindingRow[] } | undefined;
  /** What becomes of a finding; `now` is absent when no rule fires any more. */
  transition(before: StoredFinding | undefined, now: FindingRow | undefined): { state: FindingState; events: readonly FindingEvent[] };
}

/**
 * The standing of a person in an account, by the lists of people that were read there; undefined where they say nothing.
 * Who is in no list, though a list was read whole since `sinceScan`, is no member.
 */
export type Directory = (principalId: string, sinceScan: number) => string | undefined;

/** Judges every app of the scan's tenant and writes integrations, findings and their events. Runs inside the caller's transaction. */
export function writeJudgement(database: Connection, scanId: number, judge: FindingJudge): void {
  const tenant = String(database.prepare('SELECT tenant FROM scan WHERE id = ?').pluck().get(scanId));
  database.exec('CREATE TEMP TABLE IF NOT EXISTS judged_app (connector TEXT, account TEXT, app_id TEXT)');
  database.exec('CREATE TEMP TABLE IF NOT EXISTS judged_finding (key TEXT PRIMARY KEY) WITHOUT ROWID');
  database.exec('DELETE FROM judged_app; DELETE FROM judged_finding');
  database
    .prepare(
      `INSERT INTO judged_app SELECT DISTINCT c.connector, c.account, o.app_id FROM observation o JOIN collector c ON c.id = o.collector_id
       WHERE c.tenant = ? AND o.kind NOT IN ('identity', 'control')`,
    )
    .run(tenant);
  const writeIntegration = database.prepare(
    `INSERT INTO integration (tenant, connector, account, app_id, name, product, verdict, grade, state, first_scan, body)
     VALUES (@tenant, @connector, @account, @appId, @name, @product, @verdict, @grade, @state, @scanId, @body)
     ON CONFLICT DO UPDATE SET name = excluded.name, product = excluded.product, verdict = excluded.verdict, grade = excluded.grade,
       state = excluded.state, body = excluded.body`,
  );
  const write = findingWriter(database, scanId, tenant, judge);
  const directories = directoryReader(database, tenant);
  for (const app of apps(database, tenant)) {
    const verdict = judge.judge(app, directories(app));
    if (!verdict) continue;
    writeIntegration.run({ ...verdict.integration, tenant, scanId });
    for (const finding of verdict.findings) write(finding);
  }
  resolveUnjudged(database, scanId, tenant, judge);
  database.prepare('UPDATE scan SET judged = 1 WHERE tenant = ? AND id <= ?').run(tenant, scanId);
}

/** App by app through the index, so that memory holds one app at a time. */
function* apps(database: Connection, tenant: string): Generator<StoredObservation[]> {
  const ofApp = database.prepare(
    `SELECT o.id, c.tenant, c.connector, c.account, c.collector, c.mode, o.native_id AS nativeId, o.thing, o.kind, o.scope, o.app_id AS appId,
            o.principal_id AS principalId, o.state, o.first_scan AS firstScan, o.state_scan AS stateScan, o.body, o.volatile
     FROM observation o JOIN collector c ON c.id = o.collector_id
     WHERE o.app_id = ? AND c.tenant = ? AND c.connector = ? AND c.account = ? AND o.kind NOT IN ('identity', 'control')
     ORDER BY o.thing, c.mode, o.native_id`,
  );
  const list = database.prepare('SELECT rowid, connector, account, app_id FROM judged_app WHERE rowid > ? ORDER BY rowid LIMIT 500');
  let after = 0;
  for (;;) {
    const page = list.all(after) as { rowid: number; connector: string; account: string; app_id: string }[];
    if (page.length === 0) return;
    for (const { connector, account, app_id } of page) yield ofApp.all(app_id, tenant, connector, account) as StoredObservation[];
    after = page.at(-1)!.rowid;
  }
}

function directoryReader(database: Connection, tenant: string): (app: readonly StoredObservation[]) => Directory {
  const listed = database.prepare(
    `SELECT o.state, o.body ->> '$.principal.standing' AS standing FROM observation o JOIN collector c ON c.id = o.collector_id
     WHERE o.principal_id = ? AND o.kind = 'identity' AND c.tenant = ? AND c.connector = ? AND c.account = ?`,
  );
  const memory = new Map<string, number>();
  return (app) => {
    const { connector, account } = app[0]!;
    return (principalId, sinceScan) => {
      const found = listed.get(principalId, tenant, connector, account) as { state: string; standing: string | null } | undefined;
      if (found) return found.state === 'gone' ? 'not_a_member' : (found.standing ?? undefined);
      const key = `${connector}/${account}`;
      const read = memory.get(key) ?? lastWholeList(database, tenant, connector, account);
      memory.set(key, read);
      return read >= sinceScan ? 'not_a_member' : undefined;
    };
  };
}

/** The last scan in which a list of people was read whole: the place of its people covered, and no gap in the reading. 0 = none. */
function lastWholeList(database: Connection, tenant: string, connector: string, account: string): number {
  const found = database
    .prepare(
      `SELECT max(r.scan_id) FROM collector c
       JOIN reading r ON r.collector_id = c.id AND r.state = 'ended'
       JOIN (SELECT collector_id, min(scope) AS scope FROM observation WHERE kind = 'identity' GROUP BY collector_id) p ON p.collector_id = c.id
       JOIN statement t ON t.reading_id = r.id AND t.statement = 'covered' AND substr(p.scope, 1, length(t.scope) + 1) = t.scope || '/'
       WHERE c.tenant = ? AND c.connector = ? AND c.account = ?
         AND NOT EXISTS (SELECT 1 FROM statement g WHERE g.reading_id = r.id AND g.statement = 'gap' AND g.by_design = 0)`,
    )
    .pluck()
    .get(tenant, connector, account) as number | null;
  return found ?? 0;
}

function findingWriter(database: Connection, scanId: number, tenant: string, judge: FindingJudge): (finding: FindingRow) => void {
  const find = database.prepare(
    'SELECT state, body, unverified_scan AS unverifiedScan, state_scan AS stateScan, first_scan AS firstScan FROM finding WHERE key = ?',
  );
  const save = database.prepare(
    `INSERT INTO finding (key, tenant, connector, account, rule, app_id, credential_id, product, severity, rank, state, first_scan, state_scan, unverified_scan, title, body)
     VALUES (@key, @tenant, @connector, @account, @rule, @appId, @credentialId, @product, @severity, @rank, @state, @firstScan, @stateScan, @unverifiedScan, @title, @body)
     ON CONFLICT DO UPDATE SET product = excluded.product, severity = excluded.severity, rank = excluded.rank, state = excluded.state,
       state_scan = excluded.state_scan, unverified_scan = excluded.unverified_scan, title = excluded.title, body = excluded.body`,
  );
  const judged = database.prepare('INSERT OR IGNORE INTO judged_finding (key) VALUES (?)');
  const tell = eventWriter(database, scanId);
  return (finding) => {
    const before = find.get(finding.key) as (StoredFinding & { stateScan: number; firstScan: number }) | undefined;
    const { state, events } = judge.transition(before, finding);
    const { excepted: _excepted, unverified, ...row } = finding;
    save.run({
      ...row,
      tenant,
      state,
      firstScan: before?.firstScan ?? scanId,
      stateScan: before?.state === state ? before.stateScan : scanId,
      unverifiedScan: unverified ? (before?.unverifiedScan ?? scanId) : null,
    });
    judged.run(finding.key);
    tell(finding.key, events);
  };
}

function resolveUnjudged(database: Connection, scanId: number, tenant: string, judge: FindingJudge): void {
  const left = database
    .prepare(
      `SELECT key, state, body, unverified_scan AS unverifiedScan FROM finding
       WHERE tenant = ? AND state <> 'resolved' AND key NOT IN (SELECT key FROM judged_finding)`,
    )
    .all(tenant) as (StoredFinding & { key: string })[];
  const move = database.prepare('UPDATE finding SET state = ?, state_scan = ?, unverified_scan = NULL WHERE key = ?');
  const tell = eventWriter(database, scanId);
  for (const finding of left) {
    const { state, events } = judge.transition(finding, undefined);
    move.run(state, scanId, finding.key);
    tell(finding.key, events);
  }
}

function eventWriter(database: Connection, scanId: number): (key: string, events: readonly FindingEvent[]) => void {
  const insert = database.prepare('INSERT OR IGNORE INTO finding_event (scan_id, key, event) VALUES (?, ?, ?)');
  return (key, events) => {
    for (const event of events) insert.run(scanId, key, event);
  };
}
