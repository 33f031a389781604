import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { ScanInProgress, withLease } from '../../src/scan/lease.ts';
import { processStart } from '../../src/scan/process-start.ts';
import { LeaseLost } from '../../src/store/database.ts';
import { openStore } from '../../src/store/store.ts';
import { fastClock } from '../../src/testing/clock.ts';
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
    return await withLease({ store, tenant: TENANT, clock: fastClock() }, async () => 'taken' as const);
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

test('whoever lost the lease writes nothing more', async () => {
  const path = file();
  const store = openStore(path);
  await expect(
    withLease({ store, tenant: TENANT, clock: fastClock() }, async () => {
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
