import { randomInt } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { collectorsOf } from '../../src/scan/account.ts';
import { chance } from '../../src/testing/random.ts';
import { temporaryFolder } from '../store/facts.ts';
import { logicalDump, rowsOf } from '../store/logical-dump.ts';
import { sourceOf } from './night.ts';
import { createWorld, known, NIGHTS, type Night, type World } from './two-nights.ts';

const file = temporaryFolder();
/** Moments are drawn anew in each run. With the seed that a failure names, the same shares of a scan's time are drawn again. */
const seed = process.env['NOCTULE_TEST_SEED'] ?? String(randomInt(1_000_000));
const KILLS_AT_RANDOM = 20;
const KILLS_A_NIGHT = 3;

describe.concurrent('a scan whose process is killed', () => {
  // Two worlds, one for each processor: whoever needs one waits until it is free.
  const worlds: World[] = [];
  const free = desk<World>();
  beforeAll(async () => {
    worlds.push(...(await Promise.all([createWorld(file), createWorld(file)])));
    for (const world of worlds) free.put(world);
  });
  afterAll(() => closeAll(worlds));

  test('before, in and after each unit of work goes on from its last checkpoint, and ends as if it had never been killed', ({ expect }) =>
    free.use(async (world) => {
      const points: Record<Night, string[]> = {
        0: [
          'acquireLease:before:1',
          'beginScan:after:1',
          'commitBatch:inside:1',
          'commitBatch:after:2',
          'endReading:after:1',
          'recordSource:after:1',
          'concludeScan:before:1',
          'concludeScan:inside:1',
        ],
        1: [
          'acquireLease:after:1',
          'beginScan:before:1',
          'beginScan:after:1',
          'openReading:after:1',
          'openReading:after:2',
          'commitBatch:before:1',
          'commitBatch:inside:1',
          'commitBatch:after:1',
          'commitBatch:inside:3',
          'commitBatch:after:4',
          'endReading:before:1',
          'endReading:after:2',
          'recordRequests:after:3',
          'recordSource:before:1',
          'recordSource:after:1',
          'unopened:before:1',
          'concludeScan:before:1',
          'concludeScan:inside:1',
        ],
      };
      const story = await world.tell((night, fallen) => {
        const kill = points[night][fallen];
        return kill === undefined ? undefined : { kill };
      });
      expect(story.falls.map(({ fall, hit }) => [fall, hit])).toEqual([...points[0], ...points[1]].map((kill) => [{ kill }, true]));
      expect(story.nights).toEqual([0, 1]);
      expect(story).toMatchObject({ unneeded: [], integrity: 'ok' });
      expect(story.dump).toBe(await world.undisturbed(story.nights));
    }));

  test('between its conclusion and its end keeps what was concluded, and the next scan judges it first', ({ expect }) =>
    free.use(async (world) => {
      // Of the four, two strike one scan, before and while it is judged; two strike the one after it, at its beginning and at its end.
      const kills: Record<Night, string[]> = {
        0: ['concludeScan:after:1'],
        1: ['concludeScan:after:1', 'judgeScan:inside:1', 'judgeScan:after:1', 'releaseLease:before:1'],
      };
      const story = await world.tell((night, fallen) => {
        const kill = kills[night][fallen];
        return kill === undefined ? undefined : { kill };
      });
      const expected = [...kills[0], ...kills[1]].map((kill) => [{ kill }, kill !== 'releaseLease:before:1']);
      expect(story.falls.map(({ fall, hit }) => [fall, hit])).toEqual(expected);
      expect(story.nights).toEqual([0, 0, 1, 1]);
      expect(story).toMatchObject({ unneeded: [], integrity: 'ok' });
      expect(story.dump).toBe(await world.undisturbed(story.nights));
    }));

  test('at any moment ends as if it had never been killed, and asks for nothing twice that it kept', async ({ expect }) => {
    let draws = 0;
    let misses = 0;
    let stories = 0;
    const tellOn = async (world: World) => {
      // A moment after the end of a run strikes nothing and does not count: another one is drawn.
      while (draws - misses < KILLS_AT_RANDOM && misses < 3 * KILLS_AT_RANDOM) {
        const number = stories++;
        const story = await world.tell((night, fallen, spent) => {
          if (fallen === KILLS_A_NIGHT || draws - misses === KILLS_AT_RANDOM) return undefined;
          draws++;
          return { after: chance(seed, number, night, fallen) * Math.max(60, world.milliseconds[night] - spent) };
        });
        misses += story.falls.filter(({ hit }) => !hit).length;
        const where = `NOCTULE_TEST_SEED=${seed}, story ${number}: ${JSON.stringify(story.falls)}`;
        expect(story.unneeded, where).toEqual([]);
        expect(story.integrity, where).toBe('ok');
        expect(story.dump, where).toBe(await world.undisturbed(story.nights));
      }
    };
    await Promise.all(worlds.map(() => free.use(tellOn)));
    expect(draws - misses, `NOCTULE_TEST_SEED=${seed}`).toBeGreaterThanOrEqual(KILLS_AT_RANDOM);
  });

  test('while it marks what no source reads any more still says so when it goes on', ({ expect }) =>
    free.use(async (world) => {
      const [calm, path] = [file(), file()];
      for (const copy of [calm, path]) copyFileSync(await world.calm([0]), copy);
      world.dusk(1);
      const sources = world.sources.slice(0, 1);
      expect(await world.run(calm, NIGHTS, 0, undefined, sources)).toMatchObject({ signal: null, outcome: { state: 'concluded' } });
      // The readings of Google Workspace are opened to be read; the one after them is the first of GitHub, which nobody reads any more.
      const opened = collectorsOf(await sourceOf(sources[0]!)).length;
      expect(await world.run(path, NIGHTS, 0, { kill: `openReading:after:${opened + 1}` }, sources)).toMatchObject({ signal: 'SIGKILL' });
      expect(await world.run(path, NIGHTS, 1, undefined, sources)).toMatchObject({
        signal: null,
        outcome: { state: 'concluded', resumed: true },
      });
      expect(logicalDump(path)).toBe(logicalDump(calm));
    }));

  test('by SIGINT ends in order and concludes nothing; the next one goes on', ({ expect }) =>
    free.use(async (world) => {
      const first = await world.calm([0]);
      const path = file();
      copyFileSync(first, path);
      world.dusk(1);
      const end = await world.run(path, NIGHTS, 0, { kill: 'commitBatch:after:3', by: 'SIGINT' });
      expect(end).toMatchObject({ signal: null, outcome: { state: 'interrupted', resumed: false, scanId: 2 } });
      expect(rowsOf(path, 'SELECT * FROM lease')).toEqual([]);
      expect(rowsOf(path, 'SELECT state FROM scan ORDER BY id')).toEqual([{ state: 'concluded' }, { state: 'running' }]);
      const facts = 'SELECT native_id, state, state_scan, body FROM observation ORDER BY id';
      expect(rowsOf(path, facts)).toEqual(rowsOf(first, facts));
      expect(await world.run(path, NIGHTS, 1, undefined)).toMatchObject({
        unneeded: [],
        outcome: { state: 'concluded', resumed: true, scanId: 2 },
      });
      expect(known(path)).toBe(await world.undisturbed([0, 1]));
    }));

  test('leaves a world behind in which there was something to lose', ({ expect }) =>
    free.use(async (world) => {
      const path = await world.calm(NIGHTS);
      const perNight = (sql: string) => NIGHTS.map((night) => rowsOf(path, sql, night + 1).map((row) => Object.values(row)[0]));
      expect(
        perNight(`SELECT DISTINCT c.collector || ' ' || t.reason FROM statement t JOIN reading r ON r.id = t.reading_id
        JOIN collector c ON c.id = r.collector_id WHERE r.scan_id = ? AND t.statement = 'gap' AND t.by_design = 0 ORDER BY 1`),
      ).toEqual([
        ['grants permission_denied', 'secret_names permission_denied'],
        ['grants permission_denied', 'personal_access_tokens permission_denied', 'token_reach permission_denied'],
      ]);
      expect(perNight('SELECT DISTINCT class FROM diff_entry WHERE scan_id = ? ORDER BY 1')).toEqual([
        [],
        ['changed', 'gone', 'unverified'],
      ]);
      expect(perNight('SELECT DISTINCT event FROM finding_event WHERE scan_id = ? ORDER BY 1')).toEqual([
        ['opened'],
        ['changed', 'opened', 'resolved', 'unverified'],
      ]);
      expect(perNight('SELECT count(*) > 10 FROM statement t JOIN reading r ON r.id = t.reading_id WHERE r.scan_id = ?')).toEqual([
        [1],
        [1],
      ]);
      expect(perNight('SELECT count(*) > 10 FROM finding WHERE first_scan <= ?')).toEqual([[1], [1]]);
    }));
});

async function closeAll(worlds: readonly World[]): Promise<void> {
  for (const world of worlds) await world.close();
}

/** Lends things out, one at a time. */
function desk<Thing>() {
  const here: Thing[] = [];
  const waiting: ((thing: Thing) => void)[] = [];
  const put = (thing: Thing) => {
    const next = waiting.shift();
    if (next) next(thing);
    else here.push(thing);
  };
  return {
    put,
    async use<Result>(work: (thing: Thing) => Promise<Result>): Promise<Result> {
      const thing = here.shift() ?? (await new Promise<Thing>((resolve) => waiting.push(resolve)));
      try {
        return await work(thing);
      } finally {
        put(thing);
      }
    },
  };
}
