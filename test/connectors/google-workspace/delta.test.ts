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
      return new Set(
        google
          .expected()
          .flatMap(({ kind, ids }) => (kind === 'oauth_grant' && ids[0] !== 'auth_provider' ? [`grant/${ids.join('/')}`] : [])),
      );
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
    const { scan, company } = await tenant({ company: smallCompany(160), fullEveryDays: 1 });
    await scan(0);
    const stop = new AbortController();
    const progress: NightOptions['progress'] = ({ collector, observations }) => {
      if (collector === 'grants' && observations > 60) stop.abort();
    };
    const cut = await scan(1, { signal: stop.signal, progress });
    const rest = await scan(1, { from: new Date(dawn(company, 1).getTime() + 3_600_000) });
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

describe('a log that omits events', () => {
  const PEOPLE = 300;
  /** So many events a night are told of; one in a hundred of all is not. */
  const EVENTS = 20;
  const OMITTED = 0.01;
  /** Events before the last of the four weekly readings that 30 nights hold, each with the night after it. */
  const EXPOSED = 28 * EVENTS;

  /**
   * One event in a hundred is rare, so what becomes of each is measured where many are omitted, on people of their own: is the person
   * noticed by the weekly reading, and not named by the log of the night after? Whatever else happens is as often as it would be.
   * What chance finds on the nights between is left out: people who come first are read by chance here, and have no omitted events.
   */
  async function week(random: () => number, omissions: number, database: string) {
    const { scan, google, path, closed, live, company } = await tenant({ company: smallCompany(PEOPLE), database });
    const mixed = Array.from({ length: PEOPLE - 12 }, (_, index) => index + 12).map((person) => ({ person, at: random() }));
    const people = mixed.toSorted((one, other) => one.at - other.at).map(({ person }) => person);
    const first = new Set(people.toSorted((one, other) => (userId(company, one) < userId(company, other) ? -1 : 1)).slice(0, 40));
    const omitted = new Map(
      people
        .filter((person) => !first.has(person))
        .map((person) => [person, Math.floor(random() * 7)] as const)
        .slice(0, omissions),
    );
    const holds = new Set<number>();
    const named: Set<number>[] = [];
    for (let night = 0; night <= 8; night++) {
      if (night > 0) await scan(night);
      const living = live(night);
      expect(closed().filter((native) => living.has(native))).toEqual([]);
      const told = new Set(Array.from({ length: EVENTS }, () => 12 + Math.floor(random() * (PEOPLE - 12))));
      named.push(told);
      const untold = [...omitted].flatMap(([person, day]) => (day === night && !told.has(person) ? [person] : []));
      for (const person of [...told, ...untold]) {
        google.happen(night + 1, person, holds.has(person) ? 'revoke' : 'authorize', 'meetingNotes', told.has(person));
        if (!holds.delete(person)) holds.add(person);
      }
    }
    const suspected = new Set(
      rowsOf<{ scope: string }>(path, 'SELECT scope FROM suspected_place').map(({ scope }) => scope.split('/').at(-1)),
    );
    // Before the night after, and, for the log is asked for some hours more, before the weekly reading itself.
    const late = new Set([...named[6]!, ...named[7]!]);
    const found = [...omitted.keys()].filter((person) => suspected.has(userId(company, person)) && !late.has(person)).length;
    const withdrawn = rowsOf<{ withdrawn: number }>(path, 'SELECT withdrawn FROM reading ORDER BY id').map((row) => row.withdrawn);
    return { found, withdrawn };
  }

  it('one in a hundred, is found out within 30 nights with a probability of 95 % at least, and nothing is ever closed wrongly', async () => {
    const random = seededRandom('one token event in a hundred');
    const first = await tenant({ company: smallCompany(PEOPLE) });
    await first.scan(0);
    const [WEEKS, OMISSIONS] = [2, 100];
    let found = 0;
    for (let number = 0; number < WEEKS; number++) {
      const told = await week(random, OMISSIONS, first.path);
      found += told.found;
      // The night after the weekly reading, and none before it.
      expect(told.withdrawn).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1]);
    }
    const leastFound = lowerBound(found, WEEKS * OMISSIONS);
    // None of them, each of which was told of or omitted, and if omitted found or not.
    expect(1 - (1 - OMITTED * leastFound) ** EXPOSED).toBeGreaterThanOrEqual(0.95);
  });

  /** The smallest probability of a hit with which so many of so many are not yet odd: one-sided, 95 %, exact (Clopper and Pearson). */
  function lowerBound(hits: number, of: number): number {
    const atLeast = (p: number) => {
      let term = (1 - p) ** of;
      let below = 0;
      for (let count = 0; count < hits; count++) {
        below += term;
        term *= ((of - count) / (count + 1)) * (p / (1 - p));
      }
      return 1 - below;
    };
    let [low, high] = [0, hits / of];
    for (let step = 0; step < 50; step++) {
      const middle = (low + high) / 2;
      if (atLeast(middle) < 0.05) low = middle;
      else high = middle;
    }
    return low;
  }

  it('has bounds that tables have', () => {
    // 0.05 ** (1 / n) where all were hits.
    expect(lowerBound(59, 59)).toBeCloseTo(0.05 ** (1 / 59), 6);
    expect(lowerBound(0, 20)).toBe(0);
    expect(lowerBound(10, 20)).toBeCloseTo(0.302, 3);
  });
});
