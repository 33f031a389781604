import type { Database as Connection } from 'better-sqlite3';
import type { Origin } from '../policy/judged.ts';
import { arrivalReader, elderReader } from './arrival.ts';
import { besideReader } from './beside.ts';
import { kinReader, lastWholeList, wholeReader, type KnownAround } from './around.ts';
import { controlReader, historyReader } from './history.ts';
import type { FindingJudge } from './judgement.ts';
import type { Peers } from '../policy/peers.ts';
import { integrationsAt, observationsAt } from './past.ts';
import type { Origins } from './origin.ts';
import type { FoundFinding } from './read-findings.ts';
import type { AppKey, StoredObservation } from './rows.ts';

/** Judges the facts of a scan by other files than those of its day. Writes nothing; the most powerful come first. */
export function judgeAgain(database: Connection, tenant: string, scanId: number, judge: FindingJudge): FoundFinding[] {
  const directoryOf = directoryAt(database, tenant, scanId);
  const originsOf = originsAt(database, scanId);
  const wholeOf = wholeReader(database, scanId);
  const [historyOf, controlsOf] = [historyReader(database, scanId), controlReader(database, scanId)];
  const past = isLatest(database, tenant, scanId) ? undefined : scanId;
  const besideOf = besideReader(database, past);
  const kin = kinReader(database, tenant, past);
  const [arrivalOf, elders] = [arrivalReader(database, scanId), elderReader(database, tenant, past)];
  const known = database.prepare(
    'SELECT s.id AS firstScan, s.started_at AS firstSeen FROM finding f JOIN scan s ON s.id = f.first_scan WHERE f.key = ? AND s.id <= ?',
  );
  const { startedAt } = database.prepare('SELECT started_at AS startedAt FROM scan WHERE id = ?').get(scanId) as { startedAt: string };
  const found: (FoundFinding & { rank: number })[] = [];
  for (const { app, observations } of appsAt(database, tenant, scanId)) {
    const around = {
      ...directoryOf(app),
      origins: originsOf(app),
      readWhole: wholeOf(app),
      kin,
      historyOf,
      controls: (asked) => controlsOf(app, asked),
      beside: besideOf(app),
      arrival: (...when) => arrivalOf(app, ...when),
      elders,
    } satisfies KnownAround;
    const verdict = judge.judge(app, observations, around);
    for (const { excepted: _excepted, unverified, ...finding } of verdict?.findings ?? []) {
      const first = known.get(finding.key, scanId) as { firstScan: number; firstSeen: string } | undefined;
      found.push({
        ...finding,
        ...(first ?? { firstScan: scanId, firstSeen: startedAt }),
        state: judge.transition(undefined, { ...finding, excepted: _excepted, unverified }).state,
        unverifiedSince: unverified ? startedAt : null,
        name: verdict!.integration.name,
      });
    }
  }
  return found.sort((a, b) => b.rank - a.rank || (a.key < b.key ? -1 : 1)).map(({ rank: _rank, ...finding }) => finding);
}

/** An app of which another catalog says something else. */
export interface RematchedApp {
  connector: string;
  account: string;
  appId: string;
  name: string;
  before: MatchedAs;
  after: MatchedAs;
}

interface MatchedAs {
  verdict: string;
  grade: string;
  product: string | null;
}

const NOBODY: Peers = { people: 0, roles: 0, holding: new Map() };

/** What the judge of today makes of the apps of a scan, where that is not what was made of them then. */
export function rematch(database: Connection, tenant: string, scanId: number, judge: FindingJudge): RematchedApp[] {
  const then = database.prepare(
    `SELECT verdict, grade, product FROM ${integrationsAt(scanId)}
     WHERE tenant = @tenant AND connector = @connector AND account = @account AND app_id = @appId AND state <> 'gone'`,
  );
  const nobody = () => undefined;
  const unknown: Origins = (of, since) => ({ of, since, is: 'unknown' });
  const historyOf = () => ({ earlier: [], returned: [], held: [] });
  const around = {
    directory: nobody,
    origins: unknown,
    readWhole: nobody,
    unitOf: nobody,
    groupsOf: () => [],
    historyOf,
    controls: () => [],
    beside: { heldBy: () => [], peers: () => NOBODY },
    arrival: nobody,
    kin: kinReader(database, tenant),
  };
  const changed: RematchedApp[] = [];
  for (const { app, observations } of appsAt(database, tenant, scanId)) {
    const before = then.get(app) as MatchedAs | undefined;
    const now = judge.judge(app, observations, around)?.integration;
    if (!before || !now) continue;
    const after = { verdict: now.verdict, grade: now.grade, product: now.product };
    if (before.verdict !== after.verdict || before.grade !== after.grade || before.product !== after.product)
      changed.push({ connector: app.connector, account: app.account, appId: app.appId, name: now.name, before, after });
  }
  return changed;
}

/** Apps with their observations, sorted by SQLite, so that one app at a time is held. */
function* appsAt(
  database: Connection,
  tenant: string,
  scanId: number,
): Generator<{ app: AppKey; observations: Iterable<StoredObservation> }> {
  const source = isLatest(database, tenant, scanId) ? 'observation' : observationsAt(scanId);
  const rows = database
    .prepare(
      `SELECT c.connector, c.account, o.body ->> '$.subject.app' AS appId, c.collector, c.mode, o.body ->> '$.thing' AS thing,
              o.body ->> '$.kind' AS kind, o.state, o.first_scan AS firstScan, o.body, o.volatile
       FROM ${source} o JOIN collector c ON c.id = o.collector_id
       WHERE c.tenant = ? AND o.body ->> '$.kind' NOT IN ('identity', 'control')
       ORDER BY c.connector, c.account, appId, thing, c.mode, o.native_id`,
    )
    .iterate(tenant) as IterableIterator<StoredObservation & AppKey>;
  let app: AppKey | undefined;
  let observations: StoredObservation[] = [];
  for (const row of rows) {
    if (app && !(app.connector === row.connector && app.account === row.account && app.appId === row.appId)) {
      yield { app, observations };
      observations = [];
    }
    app = { tenant, connector: row.connector, account: row.account, appId: row.appId };
    observations.push(row);
  }
  if (app) yield { app, observations };
}

function isLatest(database: Connection, tenant: string, scanId: number): boolean {
  return scanId >= Number(database.prepare(`SELECT max(id) FROM scan WHERE tenant = ? AND state <> 'running'`).pluck().get(tenant));
}

/** Origins as they were known then. */
function originsAt(database: Connection, scanId: number): (app: AppKey) => Origins {
  const then = database
    .prepare(
      `SELECT body ->> '$.origin' FROM ${integrationsAt(scanId)}
       WHERE tenant = @tenant AND connector = @connector AND account = @account AND app_id = @appId`,
    )
    .pluck();
  return (app) => (of, since) => {
    const origin = then.get(app) as string | null | undefined;
    return origin ? (JSON.parse(origin) as Origin) : { of, since, is: 'unknown' };
  };
}

function directoryAt(
  database: Connection,
  tenant: string,
  scanId: number,
): (app: AppKey) => Pick<KnownAround, 'directory' | 'unitOf' | 'groupsOf'> {
  const list = database.prepare(
    `SELECT o.body ->> '$.principal.id' AS id, o.state, o.body ->> '$.principal.standing' AS standing, o.body ->> '$.attributes.orgUnit' AS unit
     FROM ${observationsAt(scanId)} o JOIN collector c ON c.id = o.collector_id
     WHERE o.body ->> '$.kind' = 'identity' AND c.tenant = ? AND c.connector = ? AND c.account = ?
     ORDER BY o.state = 'gone', o.id`,
  );
  const members = database.prepare(
    `SELECT o.body ->> '$.principal.id' AS id, o.body ->> '$.attributes.group' AS inGroup
     FROM ${observationsAt(scanId)} o JOIN collector c ON c.id = o.collector_id
     WHERE o.body ->> '$.kind' = 'control' AND o.state <> 'gone' AND o.body ->> '$.attributes.group' IS NOT NULL
       AND c.tenant = ? AND c.connector = ? AND c.account = ?`,
  );
  const accounts = new Map<string, Known>();
  type Known = {
    people: Map<string, string | undefined>;
    units: Map<string, string | undefined>;
    groups: Map<string, string[]>;
    whole: number;
  };
  const read = ({ connector, account }: AppKey): Known => {
    const groups = new Map<string, string[]>();
    for (const { id, inGroup } of members.all(tenant, connector, account) as { id: string; inGroup: string }[])
      groups.set(id, [...(groups.get(id) ?? []), inGroup].sort());
    const rows = list.all(tenant, connector, account) as {
      id: string;
      state: string;
      standing: string | null;
      unit: string | null;
    }[];
    const people = new Map<string, string | undefined>();
    const units = new Map<string, string | undefined>();
    // Of several rows that name somebody, the first in which he still stands.
    for (const { id, state, standing, unit } of rows) {
      if (people.has(id)) continue;
      people.set(id, state === 'gone' ? 'not_a_member' : (standing ?? undefined));
      units.set(id, state === 'gone' ? undefined : (unit ?? undefined));
    }
    return {
      people,
      units,
      groups,
      whole: lastWholeList(database, { tenant, connector, account }, scanId),
    };
  };
  return (app) => {
    const key = JSON.stringify([app.connector, app.account]);
    const account = accounts.get(key) ?? read(app);
    accounts.set(key, account);
    return {
      directory: (principalId, sinceScan) =>
        account.people.has(principalId) ? account.people.get(principalId) : account.whole >= sinceScan ? 'not_a_member' : undefined,
      unitOf: (principalId) => account.units.get(principalId),
      groupsOf: (principalId) => account.groups.get(principalId) ?? [],
    };
  };
}
