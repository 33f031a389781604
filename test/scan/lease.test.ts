import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { isDead, ScanInProgress, withLease, type Surroundings } from '../../src/scan/lease.ts';
import { processStart } from '../../src/scan/process-start.ts';
import { LeaseLost } from '../../src/store/database.ts';
import { openStore, type LeaseHolder } from '../../src/store/store.ts';
import { temporaryFolder } from '../store/facts.ts';
import { connect, rowsOf } from '../store/logical-dump.ts';
import { TENANT } from './night.ts';

const file = temporaryFolder();
const MINUTE = 60_000;
const linux = process.platform === 'linux';

const started: ChildProcess[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) await end(child);
});

/** A living process that has nothing to do with us. */
async function stranger(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("here"); process.stdin.resume()'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  started.push(child);
  await once(child.stdout, 'data');
  return child;
}

/** A process that holds the lease. */
async function holder(path: string): Promise<ChildProcess> {
  const script = new URL('lease-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, path, TENANT], { stdio: ['pipe', 'pipe', 'inherit'] });
  started.push(child);
  await once(child.stdout, 'data');
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
}

/** Takes the lease and gives it back. */
async function take(path: string): Promise<'taken'> {
  const store = openStore(path);
  try {
    return await withLease({ store, tenant: TENANT }, async () => 'taken' as const);
  } finally {
    await store.close();
  }
}

function change(path: string, sql: string, ...values: unknown[]): void {
  const database = connect(path);
  database.prepare(sql).run(...values);
  database.close();
}

const beaten = (ago: number) => new Date(Date.now() - ago).toISOString();

describe('whether a holder is dead', () => {
  const NOW = Date.parse('2026-01-01T12:00:00.000Z');
  const here: Surroundings = {
    host: 'here pid:[1]',
    pid: 7,
    now: NOW,
    upFor: 10 * 60 * MINUTE,
    holdsItself: (holder) => holder === 'mine',
    startOf: () => null,
    isRunning: (pid) => pid === 7 || pid === 8,
  };
  const holderOf = (silent: number, more: Partial<LeaseHolder> = {}): LeaseHolder => ({
    holder: 'other',
    pid: 8,
    host: here.host,
    processStart: null,
    beatAt: new Date(NOW - silent).toISOString(),
    ...more,
  });
  const startedAt = (start: string | null) => ({ ...here, startOf: (pid: number) => (pid === 8 ? start : null) });

  test.each<[string, LeaseHolder, Surroundings, boolean]>([
    ['elsewhere, silent for three minutes', holderOf(3 * MINUTE, { host: 'there' }), here, false],
    ['elsewhere, a millisecond longer', holderOf(3 * MINUTE + 1, { host: 'there' }), here, true],
    [
      'elsewhere, of a number that runs here as the same process',
      holderOf(4 * MINUTE, { host: 'there', processStart: 'a' }),
      startedAt('a'),
      true,
    ],
    ['this process itself', holderOf(0, { holder: 'mine', pid: 7 }), here, false],
    ['this process itself, however silent', holderOf(90 * 60 * MINUTE, { holder: 'mine', pid: 7 }), here, false],
    ['one of our number that holds nothing of ours', holderOf(0, { pid: 7 }), here, true],
    ['the same process by its start, however silent', holderOf(90 * 60 * MINUTE, { processStart: 'a' }), startedAt('a'), false],
    ['another process by its start', holderOf(0, { processStart: 'a' }), startedAt('b'), true],
    ['a living one whose start was not kept', holderOf(0), startedAt('b'), false],
    ['a living one whose start is not told now', holderOf(0, { processStart: 'a' }), here, false],
    ['one that runs no more', holderOf(0, { pid: 9 }), here, true],
    ['a living one, silent for an hour', holderOf(60 * MINUTE), here, false],
    ['a living one, a millisecond longer', holderOf(60 * MINUTE + 1), here, true],
    ['a living one, silent since the machine was started', holderOf(5 * MINUTE), { ...here, upFor: 5 * MINUTE }, false],
    ['one that was silent before that', holderOf(5 * MINUTE + 1), { ...here, upFor: 5 * MINUTE }, true],
  ])('%s', (_who, holder, surroundings, dead) => {
    expect(isDead(holder, surroundings)).toBe(dead);
  });
});

describe('the lease of another process of this host', () => {
  test('is respected while the process lives, however long it was silent, and free when it has ended', async () => {
    const path = file();
    const other = await holder(path);
    await expect(take(path)).rejects.toThrow(ScanInProgress);
    await expect(take(path)).rejects.toMatchObject({ holder: { pid: other.pid } });
    change(path, 'UPDATE lease SET beat_at = ?', beaten(50 * MINUTE));
    await expect(take(path)).rejects.toThrow(ScanInProgress);
    const closed = once(other, 'close');
    other.stdin!.end();
    await closed;
    expect(rowsOf(path, 'SELECT * FROM lease')).toEqual([]);
    expect(await take(path)).toBe('taken');
  });

  test('is taken over at once when the process was killed', async () => {
    const path = file();
    await end(await holder(path));
    expect(rowsOf(path, 'SELECT tenant FROM lease')).toEqual([{ tenant: TENANT }]);
    expect(await take(path)).toBe('taken');
  });

  test.runIf(linux)('is taken over when its number was given to another living process', async () => {
    const path = file();
    await end(await holder(path));
    change(path, 'UPDATE lease SET pid = ?', (await stranger()).pid);
    expect(await take(path)).toBe('taken');
  });

  test.runIf(linux)('is respected beyond an hour of silence where its process is known to be the same', async () => {
    const path = file();
    await holder(path);
    change(path, 'UPDATE lease SET beat_at = ?', beaten(24 * 60 * MINUTE));
    await expect(take(path)).rejects.toThrow(ScanInProgress);
  });

  test('is judged by its number and its silence where the start of its process is not known', async () => {
    const path = file();
    await end(await holder(path));
    const { pid } = await stranger();
    change(path, 'UPDATE lease SET process_start = NULL, pid = ?, beat_at = ?', pid, beaten(10 * MINUTE));
    await expect(take(path)).rejects.toThrow(ScanInProgress);
    change(path, 'UPDATE lease SET beat_at = ?', beaten(61 * MINUTE));
    expect(await take(path)).toBe('taken');
  });
});

test('the lease of another host is respected until it has been silent for three minutes', async () => {
  const path = file();
  await end(await holder(path));
  change(path, 'UPDATE lease SET host = ?, beat_at = ?', 'elsewhere', beaten(2 * MINUTE));
  await expect(take(path)).rejects.toThrow(ScanInProgress);
  change(path, 'UPDATE lease SET beat_at = ?', beaten(4 * MINUTE));
  expect(await take(path)).toBe('taken');
});

test.runIf(linux)('the lease of a container with our host name and our number is respected while it gives signs of life', async () => {
  const path = file();
  await end(await holder(path));
  const [{ host }] = rowsOf<{ host: string }>(path, 'SELECT host FROM lease') as [{ host: string }];
  expect(host).toMatch(/ pid:\[\d+\]$/);
  change(path, 'UPDATE lease SET host = ?, pid = ?', host.replace(/\d+(?=\]$)/, '1'), process.pid);
  await expect(take(path)).rejects.toThrow(ScanInProgress);
  change(path, 'UPDATE lease SET beat_at = ?', beaten(4 * MINUTE));
  expect(await take(path)).toBe('taken');
});

describe('the lease of this very process', () => {
  test('is respected while it is held, says who holds it, and is free again afterwards', async () => {
    const path = file();
    const store = openStore(path);
    const kept = await withLease({ store, tenant: TENANT }, async () => {
      const [row] = rowsOf<Record<string, unknown>>(path, 'SELECT * FROM lease');
      const refused = await take(path).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(refused).toBeInstanceOf(ScanInProgress);
      expect(refused).toMatchObject({
        name: 'ScanInProgress',
        message: `Process ${process.pid} on ${hostname()} is scanning; its last sign of life was at ${String(row!['beat_at'])}`,
      });
      return row!;
    });
    await store.close();
    expect(rowsOf(path, 'SELECT * FROM lease')).toEqual([]);
    // A lease that it left behind, and does not hold: its number says nothing.
    change(
      path,
      'INSERT INTO lease (tenant, holder, pid, host, process_start, beat_at) VALUES (?, ?, ?, ?, ?, ?)',
      ...['tenant', 'holder', 'pid', 'host', 'process_start', 'beat_at'].map((column) => kept[column]),
    );
    expect(await take(path)).toBe('taken');
  });

  test('gives signs of life while it works, and none afterwards', async () => {
    const path = file();
    const store = openStore(path);
    const beats = () => rowsOf<{ beat_at: string }>(path, 'SELECT beat_at FROM lease').map((row) => row.beat_at);
    await withLease({ store, tenant: TENANT, beatEvery: 5 }, async () => {
      const [first] = beats();
      await expect.poll(() => beats()[0]! > first!, { interval: 10, timeout: 60_000 }).toBe(true);
    });
    expect(beats()).toEqual([]);
    // A beat that came after the end would find its lease gone, or the store closed.
    await new Promise((resolve) => setTimeout(resolve, 30));
    await store.close();
  });

  test('that was taken away is noticed by the next sign of life: the work is told, and its result is not used', async () => {
    const path = file();
    const store = openStore(path);
    let told: unknown;
    const work = withLease({ store, tenant: TENANT, beatEvery: 5 }, async (lost) => {
      change(path, `UPDATE lease SET holder = 'another'`);
      await once(lost, 'abort');
      told = lost.reason;
      return 'done';
    });
    await expect(work).rejects.toThrow(LeaseLost);
    expect(told).toBeInstanceOf(LeaseLost);
    await store.close();
  });
});

test('whoever lost the lease writes nothing more', async () => {
  const path = file();
  const store = openStore(path);
  await expect(
    withLease({ store, tenant: TENANT }, async () => {
      await store.keepDocument('config', 'before', '');
      change(path, `UPDATE lease SET holder = 'another'`);
      await store.keepDocument('config', 'after', '');
    }),
  ).rejects.toThrow(LeaseLost);
  expect(rowsOf(path, 'SELECT hash FROM document')).toEqual([{ hash: 'before' }]);
  expect(rowsOf(path, 'SELECT holder FROM lease'), 'and leaves the other its lease').toEqual([{ holder: 'another' }]);
  await store.close();
});

describe.runIf(linux)('the start of a process', () => {
  test('is the same whenever it is asked for, and another for each process', async () => {
    const { pid } = await stranger();
    const start = processStart(pid!);
    expect(start).toMatch(/^[0-9a-f-]{36} \d+$/);
    expect(processStart(pid!)).toBe(start);
    expect(processStart(process.pid)).not.toBe(start);
  });

  test('is told of a program whose name looks like the fields behind it', async () => {
    const child = spawn('sh', ['-c', 'printf "x) Z 1 1 (" > /proc/self/comm; echo here; read line'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    started.push(child);
    await once(child.stdout, 'data');
    expect(processStart(child.pid!)).toMatch(/^[0-9a-f-]{36} \d+$/);
  });

  test('is no start any more when it has ended and nobody has asked how', async () => {
    // What the shell has started is inherited by a program that never asks.
    const child = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['pipe', 'pipe', 'inherit'] });
    started.push(child);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    await expect.poll(() => readFileSync(`/proc/${child.pid}/comm`, 'utf8')).toBe('sleep\n');
    expect(processStart(pid)).toMatch(/^[0-9a-f-]{36} \d+$/);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => processStart(pid)).toBe('ended');
  });

  test('is nothing where there is no process', () => expect(processStart(2 ** 22 + 1)).toBeNull());
});
