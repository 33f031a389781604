import type { Database as Connection } from 'better-sqlite3';
import type { FindingEvent, FindingRow, FindingState, IntegrationRow, StoredFinding } from '../policy/judged.ts';
import type { SightedFacts } from '../policy/acknowledgement.ts';
import { openGrown } from './acts.ts';
import { elderReader } from './arrival.ts';
import { aroundReader, kinReader, lastWholeList, type KnownAround } from './around.ts';
import { countedAnew } from './held.ts';
import { movedOrigins } from './origin.ts';
import type { AppKey, StoredObservation } from './rows.ts';

/** What came of judging an app. */
export interface Judged {
  integration: IntegrationRow;
  findings: readonly FindingRow[];
  /** It acts under the client id of another app: it is to be judged when all others are, with `kin`. */
  actsForOthers: boolean;
  /** It came lately to an account that was being read: it is to be judged when all others are, with `elders`. */
  isNewcomer: boolean;
}

/** The pure side of a judgement. */
export interface FindingJudge {
  /** The moment by whose date approvals and exceptions are in force. */
  now: Date;
  /**
   * Judges the observations of one app in one account, which come thing by thing; undefined where there are none.
   * Without `kin`, nothing is told of what another app is; without `elders`, nothing of where its product was before.
   */
  judge(app: AppKey, observations: Iterable<StoredObservation>, known: KnownAround): Judged | undefined;
  /** What becomes of a finding; `now` is absent when no rule fires any more. */
  transition(before: StoredFinding | undefined, now: FindingRow | undefined): { state: FindingState; events: readonly FindingEvent[] };
  /** What was first seen after this moment, ISO 8601, may be a newcomer. */
  newSince: string;
  /** Readers whose facts mean something else as time goes by, or as others are read: the apps that they saw are judged each time. */
  eachTime: readonly { connector: string; collector: string }[];
  /** Would the same facts have been judged otherwise at that moment, for the date alone? */
  turnedSince(moment: Date): boolean;
  /** Why what was acknowledged when `seen` (JSON) was to be seen has to be looked at again; none = it is that, or less. */
  grown(seen: string, now: SightedFacts): readonly string[];
  /** Do two bodies, of findings or of integrations, say the same but for dates of last use? */
  same(before: string, now: string): boolean;
}

/**
 * Judges the apps of the scan's tenant that have news, or all of them where what they are judged by has changed, and
 * writes integrations, findings and their events. Runs inside the caller's transaction.
 */
export function writeJudgement(database: Connection, scanId: number, judge: FindingJudge): void {
  const scan = database
    .prepare('SELECT tenant, catalog_hash AS catalog, policy_hash AS policy, program_version AS program FROM scan WHERE id = ?')
    .get(scanId) as Basis & { tenant: string };
  const { tenant } = scan;
  noteTurned(database, scanId, scan, judge);
  const moved = new Set<string>();
  const integrate = integrationWriter(database, scanId, judge, (product) => moved.add(product));
  const write = findingWriter(database, scanId, tenant, judge);
  const resolve = resolver(database, scanId, judge);
  const observationsOf = observationReader(database);
  const around = aroundReader(database, tenant, scanId);
  const keep = (app: AppKey, verdict: Judged | undefined) => {
    integrate(app, verdict?.integration);
    for (const finding of verdict?.findings ?? []) write(finding);
    resolve(app, new Set(verdict?.findings.map((finding) => finding.key)));
  };
  const newcomers = new Map<string, AppKey>();
  const settle = (app: AppKey, verdict: Judged | undefined) => {
    if (!verdict?.isNewcomer) return keep(app, verdict);
    // What it is does not rest on where else it was.
    integrate(app, verdict.integration);
    newcomers.set(JSON.stringify(app), app);
  };
  const later = new Map(actingForOthers(database, tenant).map((app) => [JSON.stringify(app), app]));
  for (const app of appsToJudge(database, tenant)) {
    const verdict = judge.judge(app, observationsOf(app), around(app));
    if (verdict?.actsForOthers) later.set(JSON.stringify(app), app);
    else if (!later.has(JSON.stringify(app))) settle(app, verdict);
  }
  // Whatever is new of the others is written by now. There are few of these, so they are judged each time.
  const kin = kinReader(database, tenant);
  for (const app of later.values()) settle(app, judge.judge(app, observationsOf(app), { ...around(app), kin }));
  for (const app of comeSince(database, tenant, judge.newSince, moved)) newcomers.set(JSON.stringify(app), app);
  const elders = elderReader(database, tenant);
  for (const [key, app] of newcomers)
    keep(app, judge.judge(app, observationsOf(app), { ...around(app), ...(later.has(key) && { kin }), elders }));
  openGrown(database, tenant, scanId, judge, versionKeeper(database, 'finding', 'key', scanId));
  database.prepare('DELETE FROM app_to_judge WHERE tenant = ?').run(tenant);
  database
    .prepare('UPDATE scan SET judged = 1, judged_at = iif(id = ?, ?, judged_at) WHERE tenant = ? AND id <= ?')
    .run(scanId, judge.now.toISOString(), tenant, scanId);
}

/** What verdicts rest on besides the facts. */
interface Basis {
  catalog: string;
  policy: string | null;
  program: string;
}

/**
 * Notes the apps whose verdict may turn though nothing about them is new: another catalog, policy, program, date, list of
 * people, or of what apps belong to.
 */
function noteTurned(database: Connection, scanId: number, scan: Basis & { tenant: string }, judge: FindingJudge): void {
  const note = `INSERT OR IGNORE INTO app_to_judge SELECT tenant, connector, account, app_id FROM integration WHERE tenant = ?`;
  const last = database
    .prepare(
      `SELECT id, judged_at AS at, catalog_hash AS catalog, policy_hash AS policy, program_version AS program FROM scan
       WHERE tenant = ? AND judged_at IS NOT NULL AND id <> ? ORDER BY id DESC LIMIT 1`,
    )
    .get(scan.tenant, scanId) as (Basis & { id: number; at: string }) | undefined;
  const same = last && last.catalog === scan.catalog && last.policy === scan.policy && last.program === scan.program;
  if (!same || judge.turnedSince(new Date(last.at))) {
    database.prepare(note).run(scan.tenant);
    return;
  }
  // What was young enough when it was judged last, and is not any more.
  database.prepare(`${note} AND body ->> '$.turnsAt' <= ?`).run(scan.tenant, judge.now.toISOString());
  const noteSeenBy = database.prepare(
    `INSERT OR IGNORE INTO app_to_judge SELECT DISTINCT c.tenant, c.connector, c.account, o.app_id
     FROM collector c JOIN observation o ON o.collector_id = c.id WHERE c.tenant = ? AND c.connector = ? AND c.collector = ?`,
  );
  for (const { connector, collector } of judge.eachTime) noteSeenBy.run(scan.tenant, connector, collector);
  // Who stood in no list that was read whole becomes "no member" on the first night on which one is.
  const accounts = database.prepare('SELECT DISTINCT connector, account FROM collector WHERE tenant = ?').all(scan.tenant) as {
    connector: string;
    account: string;
  }[];
  for (const { connector, account } of accounts) {
    const whole = (until: number) => lastWholeList(database, { tenant: scan.tenant, connector, account }, until);
    const [was, is] = [whole(last.id), whole(scanId)];
    const everyNight = was === last.id && is === scanId;
    if (is !== was && !everyNight) database.prepare(`${note} AND connector = ? AND account = ?`).run(scan.tenant, connector, account);
  }
  for (const of of countedAnew(database, scan.tenant, scanId, last.id))
    database
      .prepare(`${note} AND connector = ? AND account = ? AND verdict IN ('ai', 'suspected')`)
      .run(scan.tenant, of.connector, of.account);
  const noteApp = database.prepare('INSERT OR IGNORE INTO app_to_judge VALUES (@tenant, @connector, @account, @appId)');
  for (const { tenant, connector, account, appId } of movedOrigins(database, scan.tenant, scanId))
    noteApp.run({ tenant, connector, account, appId });
}

/** Apps that act under the client ids of others, as far as they were judged before. */
function actingForOthers(database: Connection, tenant: string): AppKey[] {
  return database
    .prepare(
      `SELECT tenant, connector, account, app_id AS appId FROM integration WHERE tenant = ? AND body ->> '$.actsAs' IS NOT NULL
       ORDER BY connector, account, app_id`,
    )
    .all(tenant) as AppKey[];
}

/** Apps of these products that came after a moment: what is known of elder apps is another than when they were judged. */
function comeSince(database: Connection, tenant: string, since: string, products: Iterable<string>): AppKey[] {
  const come = database.prepare(
    `SELECT i.tenant, i.connector, i.account, i.app_id AS appId FROM integration i INDEXED BY integration_of_product
     JOIN scan s ON s.id = i.first_scan AND s.started_at > @since
     WHERE i.tenant = @tenant AND i.product = @product AND i.verdict = 'ai' AND i.state <> 'gone'`,
  );
  return [...products].flatMap((product) => come.all({ tenant, since, product }) as AppKey[]);
}

/** Page by page in the order of their keys, so that memory does not grow with their number. */
function* appsToJudge(database: Connection, tenant: string): Generator<AppKey> {
  const list = database.prepare(
    `SELECT tenant, connector, account, app_id AS appId FROM app_to_judge
     WHERE tenant = @tenant AND (connector, account, app_id) > (@connector, @account, @appId) ORDER BY connector, account, app_id LIMIT 500`,
  );
  let last: AppKey | undefined = { tenant, connector: '', account: '', appId: '' };
  do {
    const page = list.all(last) as AppKey[];
    yield* page;
    last = page.at(-1);
  } while (last);
}

/**
 * An app with more observations is walked row by row, and none of its rows is kept. What a walk holds outside the heap is given back only
 * when the program next waits, which a judgement never does: one for each app would add up to megabytes.
 */
const FEW = 100;

function observationReader(database: Connection): (app: AppKey) => Iterable<StoredObservation> {
  const hasMany = database.prepare(`SELECT 1 FROM observation WHERE app_id = ? LIMIT 1 OFFSET ${FEW}`).pluck();
  const ofApp = database.prepare(
    `SELECT c.collector, c.mode, o.thing, o.kind, o.state, o.first_scan AS firstScan, o.body, o.volatile
     FROM observation o JOIN collector c ON c.id = o.collector_id
     WHERE o.app_id = @appId AND c.tenant = @tenant AND c.connector = @connector AND c.account = @account AND o.kind NOT IN ('identity', 'control')
     ORDER BY o.thing, c.mode, o.native_id`,
  );
  // A generator of its own: what nobody begins to read keeps the connection free.
  return function* (app) {
    const rows = hasMany.get(app.appId) === undefined ? ofApp.all(app) : ofApp.iterate(app);
    yield* rows as Iterable<StoredObservation>;
  };
}

type StoredIntegration = Omit<IntegrationRow, 'connector' | 'account' | 'appId'> & { id: number };

/** `moved` is told of products of which an app is, or was, one that was not, or was not so surely. */
function integrationWriter(database: Connection, scanId: number, judge: FindingJudge, moved: (product: string) => void) {
  const find = database.prepare(
    `SELECT id, name, product, verdict, grade, state, body FROM integration
     WHERE tenant = @tenant AND connector = @connector AND account = @account AND app_id = @appId`,
  );
  const insert = database.prepare(
    `INSERT INTO integration (tenant, connector, account, app_id, name, product, verdict, grade, state, first_scan, body_scan, body)
     VALUES (@tenant, @connector, @account, @appId, @name, @product, @verdict, @grade, @state, @scanId, @scanId, @body)`,
  );
  const update = database.prepare(
    'UPDATE integration SET name = @name, product = @product, verdict = @verdict, grade = @grade, state = @state, body = @body WHERE id = @id',
  );
  const version = versionKeeper(database, 'integration', 'id', scanId);
  return (app: AppKey, now: IntegrationRow | undefined): void => {
    const before = find.get(app) as StoredIntegration | undefined;
    if (!before) {
      if (now) insert.run({ ...now, ...app, scanId });
      return;
    }
    // Its statements moved to another app, and nothing is stated of it any more.
    const after = now ?? { ...before, state: 'gone' as const };
    const fields = ['name', 'product', 'verdict', 'grade', 'state'] as const;
    if (before.product !== after.product || before.grade !== after.grade)
      for (const product of [before.product, after.product]) if (product !== null) moved(product);
    if (fields.some((field) => before[field] !== after[field]) || !judge.same(before.body, after.body)) version(before.id);
    update.run({ ...after, id: before.id });
  };
}

/** Keeps a row as it was before this scan, once, and marks it as new from this scan on. What is marked as newer stays so: no moment has two versions. */
function versionKeeper(
  database: Connection,
  table: 'integration' | 'finding',
  key: 'id' | 'key',
  scanId: number,
): (row: number | string) => void {
  const columns = {
    integration: 'name, product, verdict, grade, state, body',
    finding: 'product, severity, rank, state, unverified_scan, title, body',
  }[table];
  const keep = database.prepare(
    `INSERT OR IGNORE INTO ${table}_version (${table === 'integration' ? 'integration_id' : 'key'}, until_scan, from_scan, ${columns})
     SELECT ${key}, @scanId, body_scan, ${columns} FROM ${table} WHERE ${key} = @row AND body_scan < @scanId`,
  );
  const mark = database.prepare(`UPDATE ${table} SET body_scan = max(body_scan, ?) WHERE ${key} = ?`);
  return (row) => {
    keep.run({ scanId, row });
    mark.run(scanId, row);
  };
}

type Found = StoredFinding & Pick<FindingRow, 'product' | 'severity' | 'title'> & { stateScan: number; firstScan: number };

function findingWriter(database: Connection, scanId: number, tenant: string, judge: FindingJudge): (finding: FindingRow) => void {
  const find = database.prepare(
    `SELECT state, product, severity, title, body, unverified_scan AS unverifiedScan, state_scan AS stateScan, first_scan AS firstScan
     FROM finding WHERE key = ?`,
  );
  const save = database.prepare(
    `INSERT INTO finding (key, tenant, connector, account, rule, app_id, credential_id, product, severity, rank, state, first_scan, state_scan, body_scan, unverified_scan, title, body)
     VALUES (@key, @tenant, @connector, @account, @rule, @appId, @credentialId, @product, @severity, @rank, @state, @firstScan, @stateScan, @firstScan, @unverifiedScan, @title, @body)
     ON CONFLICT DO UPDATE SET product = excluded.product, severity = excluded.severity, rank = excluded.rank, state = excluded.state,
       state_scan = excluded.state_scan, unverified_scan = excluded.unverified_scan, title = excluded.title, body = excluded.body`,
  );
  const version = versionKeeper(database, 'finding', 'key', scanId);
  const tell = eventWriter(database, scanId);
  return (finding) => {
    const before = find.get(finding.key) as Found | undefined;
    const { state, events } = judge.transition(before, finding);
    const { excepted: _excepted, unverified, ...row } = finding;
    const fields = ['product', 'severity', 'title'] as const;
    const news =
      before &&
      (before.state !== state ||
        (before.unverifiedScan !== null) !== unverified ||
        fields.some((field) => before[field] !== finding[field]) ||
        !judge.same(before.body, finding.body));
    if (news) version(finding.key);
    save.run({
      ...row,
      tenant,
      state,
      firstScan: before?.firstScan ?? scanId,
      stateScan: before?.state === state ? before.stateScan : scanId,
      unverifiedScan: unverified ? (before?.unverifiedScan ?? scanId) : null,
    });
    tell(finding.key, events);
  };
}

/** Resolves the findings of an app that no rule makes any more. */
function resolver(database: Connection, scanId: number, judge: FindingJudge): (app: AppKey, made: ReadonlySet<string>) => void {
  // Left to itself, SQLite goes by the tenant, and through all of its findings for each app.
  const standing = database.prepare(
    `SELECT key, state, body, unverified_scan AS unverifiedScan FROM finding INDEXED BY finding_of_app
     WHERE app_id = @appId AND tenant = @tenant AND connector = @connector AND account = @account AND state <> 'resolved'`,
  );
  const move = database.prepare('UPDATE finding SET state = ?, state_scan = ?, unverified_scan = NULL WHERE key = ?');
  const version = versionKeeper(database, 'finding', 'key', scanId);
  const tell = eventWriter(database, scanId);
  return (app, made) => {
    for (const finding of standing.all(app) as (StoredFinding & { key: string })[]) {
      if (made.has(finding.key)) continue;
      const { state, events } = judge.transition(finding, undefined);
      version(finding.key);
      move.run(state, scanId, finding.key);
      tell(finding.key, events);
    }
  };
}

function eventWriter(database: Connection, scanId: number): (key: string, events: readonly FindingEvent[]) => void {
  const insert = database.prepare('INSERT OR IGNORE INTO finding_event (scan_id, key, event) VALUES (?, ?, ?)');
  return (key, events) => {
    for (const event of events) insert.run(scanId, key, event);
  };
}
