import { copyFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { fake, type GoogleFake } from '../../../connectors/google-workspace/fake/index.ts';
import { userId } from '../../../connectors/google-workspace/fake/people.ts';
import type { Company } from '../../../src/testing/company.ts';
import { seededRandom } from '../../../src/testing/random.ts';
import { dawn, runNight, smallCompany, sourceOf, type NightOptions } from '../../scan/night.ts';
import { temporaryFolder } from '../../store/facts.ts';
import { rowsOf } from '../../store/logical-dump.ts';

const AUDIT = 'https://www.googleapis.com/auth/admin.reports.audit.readonly';
const file = temporaryFolder();
const open: GoogleFake[] = [];
afterEach(async () => {
  for (const google of open.splice(0)) await google.close();
});

/** A company whose grants are read night after night, into one database. */
async function tenant(options: { company?: Company; mode?: string; fullEveryDays?: number; pageSize?: number; database?: string } = {}) {
  const company = options.company ?? smallCompany(60);
  const google = await fake.start(company);
  open.push(google);
  const config = { ...google.config, mode: options.mode ?? 'delta' };
  const others = Object.fromEntries(['users', 'token_log', 'delegation', 'admin_roles', 'app_control'].map((id) => [id, false]));
  const source = { ...(await sourceOf({ name: 'google', config, collectors: others })), fullEveryDays: options.fullEveryDays };
  const path = file();
  if (options.database) copyFileSync(options.database, path);
  return {
    google,
    path,
    company,
    async scan(night: number, more: Partial<NightOptions> = {}) {
      google.night(night);
      const before = google.requests.length;
      const how = { sources: [source], environment: google.environment, from: dawn(company, night), largestPage: options.pageSize ?? 500 };
      const { classes, sources } = await runNight(path, { ...how, ...more });
      expect(sources.flatMap(({ bugs }) => bugs)).toEqual([]);
      const requests = google.requests.slice(before);
      return { classes, requests, read: requests.flatMap(({ path: asked }) => /users\/(\d+)\/tokens$/.exec(asked)?.[1] ?? []) };
    },
    grantsOf: (person: number) =>
      rowsOf<{ app: string; state: string; holder: string }>(
        path,
        `SELECT body ->> '$.subject.name' AS app, state, body ->> '$.principal.standing' AS holder FROM observation WHERE principal_id = ? ORDER BY app`,
        userId(company, person),
      ),
    states: () => rowsOf<{ native: string; state: string }>(path, 'SELECT native_id AS native, state FROM observation'),
    /** What the last scan found to be gone. */
    closed: () =>
      rowsOf<{ native: string }>(
        path,
        `SELECT o.native_id AS native FROM diff_entry d JOIN observation o ON o.id = d.observation_id
         WHERE d.class = 'gone' AND d.scan_id = (SELECT max(id) FROM scan)`,
      ).map(({ native }) => native),
    live(night: number): Set<string> {
      google.night(night);
      return new Set(google.expected().flatMap(({ kind, ids }) => (kind === 'oauth_grant' ? [`grant/${ids.join('/')}`] : [])));
    },
  };
}

describe('a night by the token log', () => {
  it('reads whom the log and the directory name, and five by chance', async () => {
    const { scan, google, company, grantsOf } = await tenant();
    const first = await scan(0);
    google.happen(1, 20, 'authorize', 'otter');
    const second = await scan(1, { random: seededRandom('spots') });
    // Person 7 is listed no more.
    expect(second.read).toHaveLength(new Set(second.read).size);
    expect(first.read.length).toBeGreaterThan(50);
    // The log names 2, 3, 9, 10 and 20, the directory number 6, who was suspended.
    for (const named of [2, 3, 6, 9, 10, 20]) expect(second.read).toContain(userId(company, named));
    expect(second.read).toHaveLength(6 + 5);
    expect(grantsOf(20).map(({ app }) => app)).toContain('Otter.ai');
    expect(new Set(grantsOf(6).map(({ holder }) => holder))).toEqual(new Set(['suspended']));
  });

  it('knows all that a full reading knows, also of grants that were taken back', async () => {
    const { scan, google, states, live } = await tenant();
    await scan(0);
    google.happen(1, 21, 'authorize', 'claude');
    google.happen(2, 21, 'revoke', 'claude');
    for (const night of [1, 2]) await scan(night);
    const present = states().flatMap(({ native, state }) => (state === 'present' ? [native] : []));
    expect(new Set(present)).toEqual(live(2));
  });

  it('closes the grants of a user who was deleted, and has them return when the account is restored', async () => {
    const small = smallCompany(60);
    const standing = (night: number) => (night === 1 ? 'deleted' : 'active');
    const person: Company['person'] = (number) => (number === 7 ? { ...small.person(7), standing } : small.person(number));
    const { scan, grantsOf } = await tenant({ company: { ...small, person } });
    const states = () => grantsOf(7).map(({ state }) => state);
    await scan(0);
    expect(states()).toEqual(['present']);
    await scan(1);
    expect(states()).toEqual(['gone']);
    const { classes } = await scan(2, { random: seededRandom('not person 7') });
    expect(states()).toEqual(['present']);
    expect(classes['returned']).toBeGreaterThan(0);
  });

  it('closes nothing of a user who is missing from a list that broke off', async () => {
    const { scan, google, grantsOf } = await tenant({ pageSize: 20 });
    await scan(0);
    google.faults.clear();
    google.faults.add({ operation: 'directory.users.list', fault: 500, nth: 2 });
    await scan(1);
    expect(grantsOf(7).map(({ state }) => state)).toEqual(['unverified']);
  });

  it('reads everybody when the log cannot be read', async () => {
    const { scan, google } = await tenant();
    await scan(0);
    google.revoke(AUDIT);
    const { read, classes } = await scan(1);
    expect(read.length).toBeGreaterThan(50);
    expect(classes['unverified']).toBeUndefined();
  });

  it('goes on where it was interrupted, and asks nobody twice', async () => {
    const { scan } = await tenant({ company: smallCompany(160), fullEveryDays: 1 });
    await scan(0);
    const stop = new AbortController();
    const progress: NightOptions['progress'] = ({ collector, observations }) => {
      if (collector === 'grants' && observations > 60) stop.abort();
    };
    const cut = await scan(1, { signal: stop.signal, progress });
    const rest = await scan(1);
    expect(cut.read.length).toBeGreaterThanOrEqual(50);
    expect(rest.read.length).toBeGreaterThanOrEqual(50);
    const twice = cut.read.filter((id) => rest.read.includes(id));
    // What was under way when it was stopped is asked again: no more than a stretch.
    expect(twice.length).toBeLessThanOrEqual(50);
    expect(new Set([...cut.read, ...rest.read]).size).toBeGreaterThan(150);
    expect(rest.classes['unverified']).toBeUndefined();
  });

  it('does not take the new name of an app for a change that the log has missed', async () => {
    const { scan, path, grantsOf } = await tenant({ fullEveryDays: 1 });
    await scan(0);
    // Everybody is read and held against the log; one app has a new name.
    await scan(1);
    expect(grantsOf(2).map(({ app }) => app)).toContain('Workspace Office Suite');
    const { classes } = await scan(2);
    expect(classes['unverified']).toBeUndefined();
    expect(rowsOf(path, 'SELECT scope FROM suspected_place')).toEqual([]);
    expect(rowsOf(path, 'SELECT withdrawn FROM reading').map(({ withdrawn }) => withdrawn)).toEqual([0, 0, 0]);
  });
});

describe('the other ways to read grants', () => {
  it('full: everybody on every night', async () => {
    const { scan } = await tenant({ mode: 'full' });
    const [first, second] = [await scan(0), await scan(1)];
    // One was deleted in between.
    expect(second.read).toHaveLength(first.read.length - 1);
    expect(second.requests.some(({ operation }) => operation === 'reports.activities.list')).toBe(false);
  });

  it('log-only: nobody is asked for, nothing is claimed, and the ledger says what that loses', async () => {
    const { scan, path } = await tenant({ mode: 'log-only' });
    const { read } = await scan(0);
    expect(read).toEqual([]);
    const gaps = rowsOf<{ reason: string; permission: string; effect: string }>(path, 'SELECT reason, permission, effect FROM gaps');
    expect(new Set(gaps.map(({ permission }) => permission))).toEqual(
      new Set(['https://www.googleapis.com/auth/admin.directory.user.security']),
    );
    expect(gaps).toHaveLength(4);
    expect(rowsOf(path, `SELECT 1 FROM statement WHERE statement = 'covered'`)).toEqual([]);
  });
});

it('a log that omits one event in a hundred is found out within 30 nights, and nothing is ever closed wrongly', async () => {
  const random = seededRandom('one token event in a hundred');
  const PEOPLE = 300;
  const companies = 10;
  let found = 0;
  let omitted = 0;
  // The first night is the same for all of them.
  const first = await tenant({ company: smallCompany(PEOPLE) });
  await first.scan(0);
  for (let number = 0; number < companies; number++) {
    const { scan, google, path, closed, live } = await tenant({ company: smallCompany(PEOPLE), database: first.path });
    const holds = new Set<string>();
    let withdrawn = false;
    for (let night = 0; night < 30 && !withdrawn; night++) {
      if (night > 0) await scan(night, { random });
      const living = live(night);
      expect(closed().filter((native) => living.has(native))).toEqual([]);
      withdrawn = rowsOf(path, 'SELECT 1 FROM reading WHERE withdrawn = 1').length > 0;
      const doers = new Set(Array.from({ length: 20 }, () => 12 + Math.floor(random() * (PEOPLE - 12))));
      for (const person of doers) {
        const key = `${person}`;
        const told = random() >= 0.01;
        if (!told) omitted++;
        google.happen(night + 1, person, holds.has(key) ? 'revoke' : 'authorize', 'meetingNotes', told);
        if (!holds.delete(key)) holds.add(key);
      }
    }
    if (withdrawn) found++;
    await google.close();
    open.pop();
  }
  expect(omitted).toBeGreaterThan(0);
  expect(found / companies).toBeGreaterThanOrEqual(0.95);
}, 120_000);
