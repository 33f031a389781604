import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Observation } from '../../src/connector/index.ts';
import { runScan, type Source } from '../../src/scan/engine.ts';
import { StorageError } from '../../src/store/database.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { createCompany } from '../../src/testing/company.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { temporaryFolder } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { dawn, runNight, scanOptions, smallCompany, sourceOf, startFake, TENANT, type NightOptions } from './night.ts';

const file = temporaryFolder();
const company = smallCompany();
let google: FakeProvider;
let github: FakeProvider;
beforeAll(async () => {
  google = await startFake('google-workspace', company, { latency: 3 });
  github = await startFake('github', company, { latency: 3 });
});
afterAll(async () => {
  await google.close();
  await github.close();
});

const sourceFor = (provider: FakeProvider, name = provider.config['connector'] as string): Promise<Source> =>
  sourceOf({ name, config: provider.config });

function night(number: number, sources: readonly Source[], more: Partial<NightOptions> = {}): NightOptions {
  for (const provider of [google, github]) provider.night(number);
  return {
    sources,
    environment: { ...google.environment, ...github.environment },
    from: dawn(company, number),
    speed: 1,
    largestPage: 5,
    ...more,
  };
}

/** Stops the scan at the nth word of its progress. */
function stopAt(nth: number): Pick<NightOptions, 'signal' | 'progress'> {
  const controller = new AbortController();
  let words = 0;
  return { signal: controller.signal, progress: () => void (++words === nth && controller.abort()) };
}

const later = (number: number, minutes: number) => new Date(dawn(company, number).getTime() + minutes * 60_000);

describe('a scan that was interrupted', () => {
  test('and whose source can no longer be reached tells what it did not read, and concludes nothing of it', async () => {
    const path = file();
    const sources = [await sourceFor(google)];
    await runNight(path, night(0, sources));
    expect((await runNight(path, night(1, sources, stopAt(7)))).state).toBe('interrupted');
    const environment = { ...github.environment };
    const outcome = await runNight(path, night(1, sources, { environment, from: later(1, 1) }));
    expect([outcome.resumed, outcome.sources[0]!.state]).toEqual([true, 'unread']);
    const reader = openReader(path);
    const readings = reader.readings(outcome.scanId).map(({ collector, state }) => [collector, state]);
    expect(readings.filter(([, state]) => state === 'running')).toEqual([]);
    const gaps = reader.gaps(outcome.scanId).map(({ collector }) => collector);
    const unread = readings.filter(([, state]) => state !== 'ended').map(([collector]) => collector);
    expect(gaps).toEqual(expect.arrayContaining(unread));
    reader.close();
  });
  test('of one source is not gone on with by a scan of another', async () => {
    const path = file();
    const [one, other] = [await sourceFor(google), await sourceFor(github)];
    await runNight(path, night(0, [one, other]));
    const configText = (options: NightOptions) => {
      const made = scanOptions(openStore(path), options);
      // As the command has it: the text of the whole configuration, whichever sources were chosen.
      return { ...made, documents: { ...made.documents, config: { hash: 'the same', content: '{}' } } };
    };
    const first = configText(night(1, [one], { partial: true, ...stopAt(7) }));
    expect((await runScan(first)).state).toBe('interrupted');
    const second = configText(night(1, [other], { partial: true, from: later(1, 1) }));
    const outcome = await runScan(second);
    expect(outcome.resumed).toBe(false);
    const left = rowsOf(
      path,
      `SELECT r.id FROM reading r JOIN scan s ON s.id = r.scan_id WHERE r.state = 'running' AND s.state <> 'running'`,
    );
    expect(left).toEqual([]);
  });
  test('and is judged by another policy remembers the policy that it was judged by', async () => {
    const path = file();
    const sources = [await sourceFor(google)];
    await runNight(path, night(0, sources, stopAt(3)));
    const policy = {
      formatVersion: 1 as const,
      tenant: TENANT,
      approvals: [],
      denials: [{ product: 'openai/chatgpt', reason: 'no' }],
      exceptions: [],
    };
    const options = night(0, sources, { policy, from: later(0, 1) });
    const outcome = await runNight(path, options);
    expect(outcome.resumed).toBe(true);
    const kept = rowsOf(path, 'SELECT d.content FROM scan s JOIN document d ON d.hash = s.policy_hash WHERE s.id = ?', outcome.scanId);
    expect(kept).toEqual([{ content: JSON.stringify(policy) }]);
  });
});

describe('two sources that read one account', () => {
  test('the first of the configuration is read, however fast the second is', async () => {
    const slow = await startFake('google-workspace', company, { latency: 40 });
    try {
      const sources = [await sourceFor(slow, 'first'), await sourceFor(google, 'second')];
      const outcome = await runNight(file(), night(0, sources));
      expect(outcome.sources.map(({ source, state }) => [source, state])).toEqual([
        ['first', 'read'],
        ['second', 'unread'],
      ]);
    } finally {
      await slow.close();
    }
  });
});

describe('a source', () => {
  test('that now reads another account says so about the facts of the former one', async () => {
    const path = file();
    const elsewhere = createCompany({ people: 12, seed: 'another company', today: company.today });
    const other = await startFake('google-workspace', elsewhere);
    try {
      await runNight(path, night(0, [await sourceFor(google, 'workspace')]));
      const outcome = await runNight(path, night(1, [await sourceFor(other, 'workspace')], { environment: other.environment }));
      const reader = openReader(path);
      const former = reader.gaps(outcome.scanId).filter(({ account }) => account !== outcome.sources[0]!.account!.id);
      const effects = former.map(({ effect }) => effect);
      reader.close();
      const { connector } = await sourceFor(other, 'workspace');
      const read = connector.collectors.filter(({ optional }) => !optional).map(({ id }) => id);
      expect(former.map(({ collector }) => collector).toSorted()).toEqual(read.toSorted());
      expect(effects.filter((effect) => effect.includes('switched off'))).toEqual([]);
    } finally {
      await other.close();
    }
  });
  test('that is granted its permission on the second night is newly seen, not new', async () => {
    const path = file();
    const sources = [await sourceFor(google)];
    for (const permission of google.permissions) if (!permission.includes('customer')) google.revoke(permission);
    await runNight(path, night(0, sources));
    for (const permission of google.permissions) google.restore(permission);
    await runNight(path, night(1, sources));
    const reader = openReader(path);
    const rows = reader.diff(TENANT, 1, 2).filter((row) => row.class === 'appeared');
    reader.close();
    expect(rows.length).toBeGreaterThan(10);
    expect([...new Set(rows.map(({ first }) => first))]).toEqual([1]);
  });
});

describe('the engine', () => {
  /** The same store, of which one method fails once. */
  function failing(whole: Store, method: keyof Store, when: (...values: unknown[]) => boolean, error: Error): Store {
    let failed = false;
    return new Proxy(whole, {
      get(target, name: keyof Store) {
        const call = target[name].bind(target) as (...values: unknown[]) => Promise<unknown>;
        if (name !== method) return call;
        return async (...values: unknown[]) => {
          if (failed || !when(...values)) return call(...values);
          failed = true;
          throw error;
        };
      },
    });
  }
  test('stops when the store fails, and does not blame the connector', async () => {
    const store = failing(openStore(file()), 'commitBatch', () => true, new StorageError('No space left', 'Free some'));
    await expect(runScan(scanOptions(store, night(0, [await sourceFor(google)])))).rejects.toThrow('No space left');
    await store.close();
  });
  test('that fails at one source leaves no other source at work behind its lease', async () => {
    const slow = await startFake('google-workspace', company, { latency: 60 });
    try {
      const sources = [await sourceFor(slow), await sourceFor(github)];
      const store = failing(
        openStore(file()),
        'recordSource',
        (result) => (result as { source: string }).source === 'github',
        new StorageError('broken', 'x'),
      );
      await expect(runScan(scanOptions(store, night(0, [sources[1]!, sources[0]!])))).rejects.toThrow('broken');
      // What was under way may end; nothing begins.
      await wait(500);
      const sent = slow.requests.length;
      await wait(500);
      expect(slow.requests.length - sent).toBe(0);
      await store.close();
    } finally {
      await slow.close();
    }
  });
});

describe('an observation that is too large to be kept', () => {
  /** The members of the organisation, of whom one has grown. */
  async function grown(member: string, more: Partial<Observation>): Promise<Source> {
    const source = await sourceFor(github);
    const collectors = source.connector.collectors
      .filter(({ id }) => id === 'members')
      .map((collector) => ({
        ...collector,
        async *collect(context: Parameters<typeof collector.collect>[0]) {
          for await (const event of collector.collect(context))
            yield event.type === 'observation' && event.nativeId === member ? { ...event, ...more } : event;
        },
      }));
    return { ...source, connector: { ...source.connector, collectors } };
  }
  const membersOf = (path: string) =>
    rowsOf<{ native_id: string; state: string; scope: string }>(path, 'SELECT native_id, state, scope FROM observation ORDER BY id');

  test.each<[string, Partial<Observation>]>([
    ['its facts', { attributes: { note: 'x'.repeat(300_000) } }],
    ['its id', { nativeId: 'x'.repeat(2_000) }],
  ])('for %s is a gap in its place: nothing of it is kept or concluded, and the others are', async (_title, more) => {
    const path = file();
    await runNight(path, night(0, [await grown('', {})]));
    const [first, ...others] = membersOf(path);
    const outcome = await runNight(path, night(0, [await grown(first!.native_id, more)]));
    expect(outcome.sources.map(({ state, bugs }) => ({ state, bugs }))).toEqual([{ state: 'partly', bugs: [] }]);
    expect(outcome.classes).toEqual({ unverified: 1, persisting: others.length });
    expect(membersOf(path)).toEqual([{ ...first, state: 'unverified' }, ...others]);
    const reader = openReader(path);
    expect(reader.gaps(outcome.scanId)).toMatchObject([
      { scope: first!.scope, reason: 'truncated', effect: expect.stringContaining('set aside') },
    ]);
    reader.close();
    const healed = await runNight(path, night(0, [await grown('', {})]));
    expect(healed.classes).toEqual({ verified: 1, persisting: others.length });
  });
});
