import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { defineCollector, defineConnector, type Clock, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { EMPTY_POLICY } from '../../src/policy/policy.ts';
import { deltaTonight, drawSpotChecks } from '../../src/scan/conclusion.ts';
import { runScan, type ScanOutcome } from '../../src/scan/engine.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { openStore } from '../../src/store/store.ts';
import { seededRandom } from '../../src/testing/random.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { dateOf, temporaryFolder, TENANT } from '../store/facts.ts';

const ACCOUNT = 'customer/C01';
const LAG_HOURS = 2;
const catalog = loadCatalog();
const file = temporaryFolder();

/** People with their grants, and a log that tells of changes, or does not. */
interface World {
  people: Map<string, Set<string>>;
  log: { at: Date; person: string }[];
  /** People who were read, night by night. */
  read: string[][];
  /** People whose keys nobody may read. */
  refused: Set<string>;
  /** Claims of the collector that no log vouches for. */
  boasts?: string;
}

function newWorld(people: number): World {
  return {
    people: new Map(Array.from({ length: people }, (_, index) => [`p${index}`, new Set(['first'])])),
    log: [],
    read: [],
    refused: new Set(),
  };
}

function connectorOf(world: World, version = 1) {
  const collector = defineCollector<object, object>({
    id: 'grants',
    title: 'Grants',
    version,
    kinds: ['oauth_grant'],
    mode: 'inventory',
    operations: [],
    permissions: [],
    limits: [],
    volatile: [],
    requests: () => 0,
    changeLog: { complete: ['grant', 'revoke'], lagHours: LAG_HOURS, windowDays: 180 },
    async *collect({ delta }): AsyncGenerator<ScanEvent> {
      const read: string[] = [];
      world.read.push(read);
      const places = [...world.people.keys()].map((person) => `${ACCOUNT}/user/${person}`);
      const named = new Set(delta && world.log.filter(({ at }) => at >= delta.since).map(({ person }) => `${ACCOUNT}/user/${person}`));
      const quiet = places.filter((place) => !named.has(place));
      const { unvouched, spotChecks } = delta ? await delta.toRead(quiet) : { unvouched: quiet, spotChecks: [] };
      const rest = new Set(quiet);
      for (const place of [...named, ...unvouched, ...spotChecks]) {
        const person = place.slice(place.lastIndexOf('/') + 1);
        read.push(person);
        rest.delete(place);
        for (const grant of world.people.get(person) ?? []) yield grantOf(place, person, grant);
        if (world.refused.has(person))
          yield { type: 'gap', scope: `${place}/keys`, reason: 'permission_denied', effect: 'Keys are unknown' };
        yield { type: 'covered', scope: place };
      }
      for (const place of rest) yield { type: 'unchanged', scope: place };
      if (delta && world.boasts !== undefined) yield { type: 'unchanged', scope: world.boasts };
    },
  });
  return defineConnector<object, object>({
    id: 'aws',
    title: 'Invented',
    config: z.strictObject({}),
    credentials: [],
    operations: [],
    collectors: [collector],
    connect: async () => ({ client: {}, account: { id: 'C01', name: 'C01', scope: ACCOUNT } }),
    meaning: (permission) => ({ dataClass: 'files', access: 'read', plain: permission, known: true }),
    remediation: {},
  });
}

function grantOf(scope: string, person: string, grant: string): Observation {
  return {
    type: 'observation',
    thing: `${person}/${grant}`,
    nativeId: `${person}/${grant}`,
    kind: 'oauth_grant',
    scope,
    subject: { app: grant, name: grant },
    signals: [],
    permissions: [],
    attributes: {},
    evidence: { source: 'test' },
  };
}

interface NightOptions {
  version?: number;
  random?: () => number;
  fullEveryDays?: number;
  catalogHash?: string;
}

async function runNight(path: string, world: World, night: number, more: NightOptions = {}): Promise<ScanOutcome> {
  const store = openStore(path);
  const clock: Clock = { now: () => dateOf(night), sleep: async () => {} };
  const connector = connectorOf(world, more.version);
  const document = (hash: string) => ({ hash, content: hash });
  try {
    return await runScan({
      store,
      tenant: TENANT,
      sources: [{ name: 'invented', connector, config: {}, fullEveryDays: more.fullEveryDays }],
      partial: false,
      clock,
      signal: new AbortController().signal,
      secret: () => expect.unreachable('there are no secrets'),
      interest: () => 'unknown',
      judge: (now) => createJudge({ catalog, policy: EMPTY_POLICY, connectors: [connector], now }),
      documents: { config: document('config'), catalog: document(more.catalogHash ?? 'catalog'), policy: null },
      programVersion: '0',
      readers: '',
      actor: 'nobody',
      ...(more.random && { random: more.random }),
    });
  } finally {
    await store.close();
  }
}

/** A change in the world some hours after a night; the log tells of it or not. */
function change(world: World, night: number, person: string, grants: string[], told = true, hours = 10): void {
  world.people.set(person, new Set(grants));
  if (told) world.log.push({ at: new Date(dateOf(night).getTime() + hours * 3_600_000), person });
}

const states = (path: string) =>
  Object.fromEntries(
    rowsOf<{ id: string; state: string }>(path, 'SELECT native_id AS id, state FROM observation').map(({ id, state }) => [id, state]),
  );
const readings = (path: string) =>
  rowsOf(path, 'SELECT delta_since IS NOT NULL AS delta, sweep, withdrawn FROM reading ORDER BY scan_id').map((row) =>
    Object.values(row).join(''),
  );

describe('a night by the change log', () => {
  test('reads whom the log names and a few by chance, keeps the rest, and closes what was revoked', async () => {
    const [path, world] = [file(), newWorld(400)];
    await runNight(path, world, 0);
    change(world, 0, 'p7', []);
    change(world, 0, 'p8', ['first', 'second']);
    const { classes } = await runNight(path, world, 1, { random: seededRandom('delta') });
    expect(world.read[0]).toHaveLength(400);
    expect(world.read[1]).toHaveLength(2 + 5);
    expect(classes).toEqual({ appeared: 1, gone: 1, persisting: 399 });
    expect(states(path)).toMatchObject({ 'p7/first': 'gone', 'p8/second': 'present', 'p9/first': 'present' });
    expect(Object.values(states(path)).filter((state) => state === 'unverified')).toEqual([]);
    expect(readings(path)).toEqual(['000', '100']);
  });

  test('that differs by chance from what the log says believes nothing of it, and the next reads everything', async () => {
    const [path, world] = [file(), newWorld(20)];
    await runNight(path, world, 0);
    change(world, 0, 'p3', [], false);
    // The first five are drawn.
    await runNight(path, world, 1, { random: () => 0 });
    expect(states(path)).toMatchObject({ 'p3/first': 'gone', 'p4/first': 'present', 'p9/first': 'unverified' });
    expect(readings(path)).toEqual(['000', '101']);
    expect(rowsOf(path, `SELECT count(*) AS number FROM gaps WHERE scan = 2 AND reason = 'stale'`)).toEqual([{ number: 15 }]);
    await runNight(path, world, 2);
    expect(world.read[2]).toHaveLength(20);
    expect(Object.values(states(path)).filter((state) => state !== 'present')).toEqual(['gone']);
    expect(readings(path).at(-1)).toBe('000');
  });

  test('gives way once a week to a reading of everything; what the log named too late is no fault of it', async () => {
    const [path, world] = [file(), newWorld(30)];
    for (let night = 0; night <= 8; night++) {
      // An hour before the sweep; the log tells of it an hour after.
      if (night === 7) world.people.set('p12', new Set());
      await runNight(path, world, night, { random: () => 0 });
      if (night === 7) world.log.push({ at: new Date(dateOf(7).getTime() - 3_600_000), person: 'p12' });
    }
    expect(world.read.map((read) => read.length)).toEqual([30, 5, 5, 5, 5, 5, 5, 30, 6]);
    expect(readings(path).slice(6)).toEqual(['100', '110', '100']);
    expect(states(path)).toMatchObject({ 'p12/first': 'gone' });
  });

  test('on which a place is still unnamed that differed in the sweep reads everything, and so does the next', async () => {
    const [path, world] = [file(), newWorld(30)];
    for (let night = 0; night <= 9; night++) {
      if (night === 3) change(world, night, 'p12', ['first', 'second'], false);
      await runNight(path, world, night, { random: () => 0.99 });
    }
    expect(readings(path).slice(7)).toEqual(['110', '101', '000']);
    expect(world.read.map((read) => read.length).slice(7)).toEqual([30, 30, 30]);
    expect(Object.values(states(path)).filter((state) => state !== 'present')).toEqual([]);
  });

  test('asks again for what was refused below a place, so that its gap stays in the ledger', async () => {
    const [path, world] = [file(), newWorld(40)];
    world.refused.add('p30');
    for (const night of [0, 1, 2]) await runNight(path, world, night, { random: () => 0 });
    expect(world.read.slice(1).map((read) => read.includes('p30'))).toEqual([true, true]);
    expect(rowsOf(path, 'SELECT scan, scope FROM gaps ORDER BY scan')).toEqual(
      [1, 2, 3].map((scan) => ({ scan, scope: `${ACCOUNT}/user/p30/keys` })),
    );
  });

  test('takes no word for a place of which the log was not asked, or that had to be read', async () => {
    for (const boasts of [ACCOUNT, `${ACCOUNT}/user/p0`, `${ACCOUNT}/user/nobody`]) {
      const [path, world] = [file(), newWorld(20)];
      await runNight(path, world, 0);
      world.boasts = boasts;
      const { sources } = await runNight(path, world, 1, { random: () => 0 });
      expect(sources[0]!.bugs.map(String), boasts).toEqual([
        `Error: Collector grants claims "unchanged" of ${boasts}, which no log vouches for`,
      ]);
      expect(new Set(Object.values(states(path)))).toEqual(new Set(['unverified', 'present']));
    }
  });

  test('by a clock that once ran ahead reads everything', async () => {
    const [path, world] = [file(), newWorld(20)];
    await runNight(path, world, 365);
    await runNight(path, world, 1);
    expect(world.read[1]).toHaveLength(20);
  });

  test('is none when the reader, the catalog or the limit says so', async () => {
    for (const other of [{ version: 2 }, { catalogHash: 'other' }, { fullEveryDays: 1 }]) {
      const [path, world] = [file(), newWorld(12)];
      await runNight(path, world, 0);
      await runNight(path, world, 1, other);
      expect(world.read[1], JSON.stringify(other)).toHaveLength(12);
    }
  });

  test('finds out a log that omits one event in a hundred within 30 nights, and nothing is ever closed wrongly', async () => {
    const random = seededRandom('one in a hundred');
    let found = 0;
    const companies = 20;
    for (let company = 0; company < companies; company++) {
      const [path, world] = [file(), newWorld(200)];
      for (let night = 0; night < 30; night++) {
        await runNight(path, world, night, { random });
        const closed = Object.entries(states(path)).filter(([, state]) => state === 'gone');
        const wrongly = closed.filter(([id]) => world.people.get(id.split('/')[0]!)!.has(id.split('/')[1]!));
        expect(wrongly).toEqual([]);
        if (rowsOf(path, 'SELECT 1 FROM reading WHERE withdrawn = 1').length > 0) {
          found++;
          break;
        }
        for (let event = 0; event < 20; event++) {
          const person = `p${Math.floor(random() * 200)}`;
          change(world, night, person, random() < 0.5 ? ['first'] : ['first', `n${night}-${event}`], random() >= 0.01);
        }
      }
    }
    expect(found / companies).toBeGreaterThanOrEqual(0.95);
  });
});

describe('whether a log is asked', () => {
  const history = { last: { startedAt: dateOf(5), version: 1, catalogHash: 'c', withdrawn: false }, wholeAt: dateOf(0) };
  const tonight = { version: 1, catalogHash: 'c', now: dateOf(6), fullEveryDays: 7 };
  const log = { lagHours: 3, windowDays: 10 };

  test('since the last reading, less what it may lag', () => {
    expect(deltaTonight(history, tonight, log)).toEqual({ since: new Date(dateOf(5).getTime() - 3 * 3_600_000), sweep: false });
    expect(deltaTonight(history, { ...tonight, now: dateOf(7) }, log)?.sweep).toBe(true);
    expect(deltaTonight(history, { ...tonight, now: new Date(dateOf(7).getTime() - 12 * 3_600_000) }, log)?.sweep).toBe(true);
    expect(deltaTonight(history, { ...tonight, now: new Date(dateOf(7).getTime() - 12 * 3_600_001) }, log)?.sweep).toBe(false);
  });

  test('not where it does not reach back, was found to miss changes, or was asked by another reader', () => {
    expect(deltaTonight(undefined, tonight, log)).toBeUndefined();
    const reach = (hours: number) => deltaTonight(history, { ...tonight, now: new Date(dateOf(15).getTime() - hours * 3_600_000) }, log);
    expect([reach(3) === undefined, reach(2) === undefined]).toEqual([false, true]);
    const last = { ...history.last, withdrawn: true };
    expect(deltaTonight({ ...history, last }, tonight, log)).toBeUndefined();
    expect(deltaTonight(history, { ...tonight, version: 2 }, log)).toBeUndefined();
    expect(deltaTonight(history, { ...tonight, catalogHash: 'd' }, log)).toBeUndefined();
  });
});

test('spot checks are half a percent, at least five, each place at most once, and every place has its chance', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3000 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
      (size, stream) => {
        const places = Array.from({ length: size }, (_, index) => `customer/C01/user/${index}`);
        const drawn = drawSpotChecks(places, () => stream.next().value);
        expect(drawn).toHaveLength(Math.min(size, Math.max(5, Math.ceil(size * 0.005))));
        expect(new Set(drawn).size).toBe(drawn.length);
        expect(drawn.every((place) => places.includes(place))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
  const random = seededRandom('chance');
  const places = Array.from({ length: 40 }, (_, index) => `customer/C01/user/${index}`);
  const seen = new Set(Array.from({ length: 60 }, () => drawSpotChecks(places, random)).flat());
  expect(seen.size).toBe(40);
});
