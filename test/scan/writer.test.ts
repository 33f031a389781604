import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { afterAll, describe, expect, test } from 'vitest';
import { withLease } from '../../src/scan/lease.ts';
import { StorageError } from '../../src/store/database.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { dateOf, temporaryFolder, begin } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { dawn, smallCompany, startFake, TENANT } from './night.ts';
import { scanProcesses } from './processes.ts';

const file = temporaryFolder();
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

/** Another process that writes one long transaction, as the conclusion of a large tenant is. Resolves once it has begun. */
async function longWriter(path: string, milliseconds: number): Promise<ChildProcess> {
  const script = `
    const Database = require(process.argv[1]);
    const database = new Database(process.argv[2]);
    database.exec('BEGIN IMMEDIATE');
    database.prepare('INSERT INTO document (hash, kind, content) VALUES (?, ?, ?)').run('of the writer', 'config', '');
    process.stdout.write('writing');
    setTimeout(() => { database.exec('COMMIT'); database.close(); }, Number(process.argv[3]));`;
  const addon = createRequire(import.meta.url).resolve('better-sqlite3');
  const child = spawn(process.execPath, ['-e', script, addon, path, String(milliseconds)], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await once(child.stdout, 'data');
  return child;
}

test('a scan waits for another process that writes for longer than six seconds, and loses nothing', async () => {
  const path = file();
  await openStore(path).close();
  const company = smallCompany(12);
  const provider = await startFake('github', company);
  const processes = scanProcesses(file());
  const writer = await longWriter(path, 6_500);
  const began = performance.now();
  const { outcome, signal } = await processes.run({
    database: path,
    tenant: 'another',
    sources: [{ name: 'github', config: provider.config }],
    environment: provider.environment,
    from: dawn(company, 0).toISOString(),
    largestPage: 10,
  });
  processes.close();
  await provider.close();
  expect({ signal, outcome }).toEqual({ signal: null, outcome: { state: 'concluded', resumed: false, scanId: 1 } });
  expect(performance.now() - began).toBeGreaterThan(6_000);
  expect(writer.exitCode).toBe(0);
  expect(rowsOf(path, `SELECT kind FROM document WHERE hash = 'of the writer'`)).toEqual([{ kind: 'config' }]);
});

test('while a unit of work waits for another writer the process goes on with everything else', async () => {
  const path = file();
  const store = openStore(path);
  await longWriter(path, 700);
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 10);
  const scanId = await begin(store, 0);
  clearInterval(ticking);
  expect(scanId).toBe(1);
  expect(ticks).toBeGreaterThan(10);
  await store.close();
});

test('a writer that never ends is not waited for without end', async () => {
  const path = file();
  const store = openStore(path, { patience: 300 });
  const writer = await longWriter(path, 60_000);
  const waiting = begin(store, 0);
  await expect(waiting).rejects.toThrow(StorageError);
  await expect(waiting).rejects.toThrow('is locked by another process');
  expect(await openedMeanwhile(path)).toBe('opened');
  writer.kill('SIGKILL');
  await once(writer, 'close');
  expect(await store.beat(TENANT, 'nobody', dateOf(0))).toBe(false);
  expect(await begin(store, 0)).toBe(1);
  await store.close();
});

test('an interrupt ends the waiting for another writer, and nothing else', async () => {
  const path = file();
  const controller = new AbortController();
  const store = openStore(path, { signal: controller.signal });
  const writer = await longWriter(path, 60_000);
  const waiting = begin(store, 0);
  setTimeout(() => controller.abort(new DOMException('Interrupted', 'AbortError')), 100);
  await expect(waiting).rejects.toThrow('Interrupted');
  writer.kill('SIGKILL');
  await once(writer, 'close');
  expect(await begin(store, 0), 'what need not wait is done').toBe(1);
  await store.close();
});

describe('a scan that is interrupted while another process writes', () => {
  const counts = new Map([['list', { first: 1, repeats: 0 }]]);

  /** Holds the lease until it is interrupted in the middle of another's writing, and then counts what it has sent. */
  async function interrupted(path: string, { writesFor, grace }: { writesFor: number; grace?: number }) {
    const controller = new AbortController();
    const store = openStore(path, { signal: controller.signal, ...(grace !== undefined && { grace }) });
    try {
      const scanId = await begin(store, 0);
      return await withLease({ store, tenant: TENANT }, async () => {
        await longWriter(path, writesFor);
        controller.abort(new DOMException('Interrupted', 'AbortError'));
        const counted = await store.recordRequests(scanId, 'github', 'members', counts).then(
          () => 'counted',
          (error: unknown) => String(error),
        );
        return { state: 'interrupted', counted };
      });
    } finally {
      await store.close();
    }
  }

  test('counts its requests and gives its lease back once the other has written', async () => {
    const path = file();
    expect(await interrupted(path, { writesFor: 600 })).toEqual({ state: 'interrupted', counted: 'counted' });
    expect(rowsOf(path, 'SELECT operation, first FROM request_count')).toEqual([{ operation: 'list', first: 1 }]);
    expect(rowsOf(path, 'SELECT * FROM lease')).toEqual([]);
  });

  test('waits for the other no longer than it may, all in all, and its result is told though its lease is left behind', async () => {
    const path = file();
    const began = performance.now();
    expect(await interrupted(path, { writesFor: 60_000, grace: 300 })).toEqual({
      state: 'interrupted',
      counted: 'AbortError: Interrupted',
    });
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(rowsOf(path, 'SELECT tenant FROM lease')).toEqual([{ tenant: TENANT }]);
  });
});

test('signs of life do not pile up while another process writes', async () => {
  const path = file();
  const store = openStore(path);
  let beats = 0;
  const watched: Store = {
    ...store,
    beat(...values) {
      beats++;
      return store.beat(...values);
    },
  };
  await withLease({ store: watched, tenant: TENANT, beatEvery: 5 }, async () => {
    const writer = await longWriter(path, 500);
    beats = 0;
    await once(writer, 'close');
    // The one that waits, and those of the moments before and after.
    expect(beats).toBeLessThan(30);
    const before = beats;
    await expect.poll(() => beats).toBeGreaterThan(before);
  });
  await store.close();
});

/** Nothing has to be written to open a database that is up to date. */
async function openedMeanwhile(path: string): Promise<'opened'> {
  await openStore(path).close();
  return 'opened';
}
