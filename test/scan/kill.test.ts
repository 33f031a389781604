import { spawn } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { temporaryFolder } from '../store/facts.ts';
import { integrityOf, logicalDump, rowsOf } from '../store/logical-dump.ts';
import { dawn, runNight, smallCompany, sourceOf, startFake, type PlainSource } from './night.ts';
import type { ProcessNight } from './scan-process.ts';

const file = temporaryFolder();
const company = smallCompany(40);
const PAGE = 10;
/** As long as an answer takes: a scan then takes half a second, and a kill hits the middle of it. */
const LATENCY = 12;

/** The two providers that one chain of processes reads, and what they were asked. */
interface World {
  providers: readonly FakeProvider[];
  sources: readonly PlainSource[];
  environment: Readonly<Record<string, string>>;
}

const worlds: World[] = [];
afterAll(async () => {
  for (const { providers } of worlds) for (const provider of providers) await provider.close();
});

async function world(): Promise<World> {
  const providers = await Promise.all(['google-workspace', 'github'].map((id) => startFake(id, company, { latency: LATENCY })));
  const made = {
    providers,
    sources: providers.map(({ config }) => ({ name: config['connector'] as string, config })),
    environment: Object.assign({}, ...providers.map(({ environment }) => environment)) as Record<string, string>,
  };
  worlds.push(made);
  return made;
}

interface End {
  signal: NodeJS.Signals | null;
  outcome?: { state: string; resumed: boolean; scanId: number };
}

/** Runs one scan in a process of its own. `stop` says what happens to it, and when. */
async function runProcess(
  path: string,
  { sources, environment }: World,
  attempt: number,
  stop: { kill?: string; after?: number; by?: NodeJS.Signals } = {},
): Promise<End> {
  const spec = file('night-' + String(Math.random()).slice(2));
  const from = new Date(dawn(company, 1).getTime() + attempt * 60_000).toISOString();
  writeFileSync(spec, JSON.stringify({ database: path, sources, environment, from, largestPage: PAGE } satisfies ProcessNight));
  // Compiled once for all of them: most of a process's time is its start.
  const env = { ...process.env, NODE_COMPILE_CACHE: file('compiled'), ...(stop.kill && { NOCTULE_TEST_KILL: stop.kill }) };
  const child = spawn(process.execPath, [new URL('scan-process.ts', import.meta.url).pathname, spec], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let complaint = '';
  child.stderr.on('data', (part: Buffer) => void (complaint += part.toString()));
  child.stdout.on('data', (part: Buffer) => {
    if (out === '' && stop.after !== undefined) setTimeout(() => child.kill(stop.by ?? 'SIGKILL'), stop.after);
    out += part.toString();
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_code, by) => resolve(by)));
  if (complaint !== '') throw new Error(complaint);
  const line = out.split('\n').find((candidate) => candidate.startsWith('{'));
  return { signal, ...(line && { outcome: JSON.parse(line) as NonNullable<End['outcome']> }) };
}

/** A database after the first night, and what one and two undisturbed second nights make of it. */
async function before(one: World): Promise<{ first: string; once: string; twice: string; requests: Map<string, number> }> {
  const sources = await Promise.all(one.sources.map((source) => sourceOf(source)));
  const at = (number: number) => {
    for (const provider of one.providers) provider.night(number);
    return { sources, environment: one.environment, from: dawn(company, number), largestPage: PAGE };
  };
  const first = file();
  await runNight(first, at(0));
  const calm = file();
  copyFileSync(first, calm);
  const counted = countsOf(one, []);
  await runNight(calm, at(1));
  const requests = countsOf(one, counted.all);
  const once = logicalDump(calm);
  await runNight(calm, at(1));
  return { first, once, twice: logicalDump(calm), requests: requests.byOperation };
}

/** Requests since a mark: how many of each operation, and how many grants lists were asked for more than once. */
function countsOf({ providers }: World, since: readonly number[]) {
  const byOperation = new Map<string, number>();
  const users = new Map<string, number>();
  for (const [index, provider] of providers.entries()) {
    for (const { operation, path } of provider.requests.slice(since[index] ?? 0)) {
      byOperation.set(operation, (byOperation.get(operation) ?? 0) + 1);
      if (operation === 'directory.tokens.list') users.set(path, (users.get(path) ?? 0) + 1);
    }
  }
  let repeated = 0;
  for (const times of users.values()) repeated += times - 1;
  return { byOperation, repeated, all: providers.map(({ requests }) => requests.length) };
}

/** What a killed scan may ask again: the stretch that it was reading, and lists that it had not kept. */
function expectNoRepeats(one: World, since: readonly number[], calm: ReadonlyMap<string, number>, kills: number): void {
  const { byOperation, repeated } = countsOf(one, since);
  expect(repeated, 'grants of users that were kept are not asked for again').toBeLessThanOrEqual(kills * PAGE);
  const more = (operation: string) => (byOperation.get(operation) ?? 0) - (calm.get(operation) ?? 0);
  expect(more('directory.users.list'), 'pages of users that were kept').toBeLessThanOrEqual(kills);
  // The log of administrators has no checkpoint: its two short lists are read again from their beginning.
  expect(more('reports.activities.list'), 'pages of logs that were kept').toBeLessThanOrEqual(kills * 2);
  expect(more('GET /orgs/{org}/members'), 'pages of members that were kept').toBeLessThanOrEqual(kills);
}

describe.concurrent('a scan whose process is killed', { timeout: 120_000 }, () => {
  let points: World;
  let ends: World;
  let chance: World;
  let kept: Awaited<ReturnType<typeof before>>[];
  beforeAll(async () => {
    points = await world();
    ends = await world();
    chance = await world();
    kept = [await before(points), await before(ends), await before(chance)];
  });

  test('before, in and after each unit of work goes on from its last checkpoint, and ends as if it had never been killed', async ({
    expect,
  }) => {
    const { first, once, requests } = kept[0]!;
    const path = file();
    copyFileSync(first, path);
    const since = countsOf(points, []).all;
    const KILLS = [
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
    ];
    for (const [attempt, kill] of KILLS.entries()) {
      expect(await runProcess(path, points, attempt, { kill }), kill).toEqual({ signal: 'SIGKILL' });
      expect(
        rowsOf(path, 'SELECT state FROM scan WHERE id > 1').every((row) => row['state'] === 'running'),
        kill,
      ).toBe(true);
    }
    expect(await runProcess(path, points, KILLS.length)).toEqual({
      signal: null,
      outcome: { state: 'concluded', resumed: true, scanId: 2 },
    });
    expect(integrityOf(path)).toBe('ok');
    expect(logicalDump(path)).toBe(once);
    expectNoRepeats(points, since, requests, KILLS.length);
  });

  test('between its conclusion and its end keeps what was concluded, and the next scan judges it first', async ({ expect }) => {
    const { first, twice } = kept[1]!;
    for (const kill of ['concludeScan:after:1', 'judgeScan:inside:1', 'judgeScan:after:1', 'releaseLease:before:1']) {
      const path = file();
      copyFileSync(first, path);
      expect(await runProcess(path, ends, 0, { kill }), kill).toEqual({ signal: 'SIGKILL' });
      expect(await runProcess(path, ends, 1), kill).toEqual({ signal: null, outcome: { state: 'concluded', resumed: false, scanId: 3 } });
      expect(integrityOf(path), kill).toBe('ok');
      expect(logicalDump(path), kill).toBe(twice);
    }
  });

  test('at any moment ends as if it had never been killed, and asks for nothing twice that it kept', async ({ expect }) => {
    const { first, once, twice, requests } = kept[2]!;
    for (let scan = 0; scan < 2; scan++) {
      const path = file();
      copyFileSync(first, path);
      const since = countsOf(chance, []).all;
      const moments: number[] = [];
      let end: End;
      let kills = 0;
      do {
        // A kill in the last moments may hit a scan that has concluded already; then the next one is another, and is left alone.
        const open = rowsOf(path, `SELECT id FROM scan WHERE id > 1 AND state <> 'running'`).length === 0;
        const after = open && moments.length < 4 ? Math.floor(Math.random() * 350) : undefined;
        moments.push(after ?? -1);
        end = await runProcess(path, chance, moments.length, after === undefined ? {} : { after });
        if (end.signal === 'SIGKILL' && end.outcome === undefined) kills++;
      } while (end.outcome === undefined);
      const where = `killed after ${moments.join(', ')} ms`;
      expect(integrityOf(path), where).toBe('ok');
      expect(logicalDump(path), where).toBe(end.outcome.scanId === 2 ? once : twice);
      expectNoRepeats(chance, since, new Map([...requests].map(([id, number]) => [id, number * (end.outcome!.scanId - 1)])), kills);
    }
  });
});

describe('a scan that is interrupted', () => {
  test('by SIGINT ends in order and concludes nothing; the next one goes on', async () => {
    const one = await world();
    const { first, once, requests } = await before(one);
    const path = file();
    copyFileSync(first, path);
    const known = logicalDump(path);
    const since = countsOf(one, []).all;
    const end = await runProcess(path, one, 0, { after: 120, by: 'SIGINT' });
    expect(end).toEqual({ signal: null, outcome: { state: 'interrupted', resumed: false, scanId: 2 } });
    expect(rowsOf(path, 'SELECT * FROM lease')).toEqual([]);
    expect(rowsOf(path, 'SELECT state FROM scan ORDER BY id')).toEqual([{ state: 'concluded' }, { state: 'running' }]);
    const facts = rowsOf(path, 'SELECT native_id, state, state_scan, body FROM observation ORDER BY id');
    expect(known).not.toBe('');
    expect(facts).toEqual(rowsOf(first, 'SELECT native_id, state, state_scan, body FROM observation ORDER BY id'));
    expect(await runProcess(path, one, 1)).toEqual({ signal: null, outcome: { state: 'concluded', resumed: true, scanId: 2 } });
    expect(logicalDump(path)).toBe(once);
    expectNoRepeats(one, since, requests, 1);
  });
});
