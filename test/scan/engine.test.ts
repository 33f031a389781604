import { describe, expect, test } from 'vitest';
import { ScanInProgress } from '../../src/scan/lease.ts';
import { connectorIds } from '../../src/scan/registry.ts';
import { changedFields } from '../../src/scan/rows.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { temporaryFolder } from '../store/facts.ts';
import { integrityOf, logicalDump, rowsOf } from '../store/logical-dump.ts';
import { company, inventory, night, providers, sourceFor, stored } from './company-nights.ts';
import { dawn, runNight, TENANT } from './night.ts';

const file = temporaryFolder();

describe('three nights', () => {
  test('of Google Workspace are told as their stories were', async () => {
    const path = file();
    const sources = [await sourceFor('google-workspace')];
    const told: unknown[] = [];
    for (const number of [0, 1, 2]) {
      const outcome = await runNight(path, await night(number, sources));
      expect({ state: outcome.state, resumed: outcome.resumed, sources: outcome.sources.map(({ state, bugs }) => [state, bugs]) }).toEqual({
        state: 'concluded',
        resumed: false,
        sources: [['read', []]],
      });
      if (number === 0) continue;
      const reader = openReader(path);
      const rows = reader.diff(TENANT, outcome.scanId - 1, outcome.scanId).map((row) => {
        const body = JSON.parse(row.body) as { subject: { name: string }; principal: { name: string } };
        const fields = row.before === null ? [] : changedFields(row.before, row.body).map(({ field }) => field);
        const holder = Number(/\.(\d+)@/.exec(body.principal.name)?.[1]);
        return [row.class, row.kind, row.kind === 'identity' ? '' : body.subject.name, holder, ...fields].join(' ');
      });
      told.push(rows.sort());
      reader.close();
    }
    expect(told).toEqual([
      [
        'appeared oauth_grant Read AI 10',
        'appeared oauth_grant Skillman Payroll 2',
        'changed identity  6 principal.standing',
        'changed identity  7 principal.standing',
        'changed oauth_grant Claude 6 principal.standing',
        'changed oauth_grant Grammarly 3 permissions',
        'changed oauth_grant Workspace Office Suite 2 signals subject.name',
        'gone oauth_grant ChatGPT 7',
        'gone oauth_grant Perplexity 9',
        'gone seat Google AI Ultra for Business 7',
      ],
      ['returned oauth_grant Perplexity 9'],
    ]);
    expect(integrityOf(path)).toBe('ok');
  });

  test.each(connectorIds())('of %s leave present what is there, and nothing else', async (id) => {
    const path = file();
    const sources = [await sourceFor(id)];
    const provider = providers.get(id)!;
    // Where the ground truth holds what is AI alone, the simulated provider says what that is.
    const interest = provider.interest && { interest: provider.interest };
    for (const number of [0, 1, 2]) {
      await runNight(path, await night(number, sources, interest));
      const kinds = new Set(provider.expected().map(({ kind }) => kind as string));
      const present = inventory(path).filter((row) => row.state === 'present' && kinds.has(row.kind));
      // What several collectors say of one thing, such as an app and its public page, is one thing.
      const things = [...new Map(present.map((row) => [`${row.kind} ${row.thing}`, row])).values()];
      const count = (rows: readonly { kind: string }[]) =>
        Object.fromEntries([...kinds].sort().map((kind) => [kind, rows.filter((row) => row.kind === kind).length]));
      expect(count(things), `night ${number}`).toEqual(count(provider.expected()));
    }
    logicalDump(path);
  });

  test('of all providers at once are the same as of each alone', async () => {
    const together = file();
    const sources = await Promise.all(connectorIds().map((id) => sourceFor(id)));
    for (const number of [0, 1]) await runNight(together, await night(number, sources));
    for (const source of sources) {
      const alone = file();
      for (const number of [0, 1]) await runNight(alone, await night(number, [source]));
      expect(stored(together).filter(({ connector }) => connector === source.connector.id)).toEqual(stored(alone));
    }
  });
});

/** A log that is read since the last time tells nothing twice, so that its events persist uncounted. */
function retelling(source: Awaited<ReturnType<typeof sourceFor>>): typeof source {
  return { ...source, collectors: { ...source.collectors, audit_log: false } };
}

describe('a night on which nothing happened', () => {
  test.each(connectorIds())('writes no version and no entry of the diff: %s, read twice on one night', async (id) => {
    const path = file();
    const sources = [retelling(await sourceFor(id))];
    const first = await runNight(path, await night(0, sources));
    const second = await runNight(path, await night(0, sources));
    expect(second.classes).toEqual({ persisting: first.classes['appeared'] });
    expect(
      rowsOf(path, 'SELECT (SELECT count(*) FROM observation_version) AS versions, (SELECT count(*) FROM diff_entry) AS entries'),
    ).toEqual([{ versions: 0, entries: 0 }]);
    expect(rowsOf(path, 'SELECT event FROM finding_event WHERE scan_id = ?', second.scanId)).toEqual([]);
  });

  test.each(connectorIds())('but for dates of last use writes no version and no change, and keeps the new dates: %s', async (id) => {
    const path = file();
    const sources = [retelling(await sourceFor(id))];
    const volatile = () => rowsOf(path, 'SELECT native_id, volatile FROM observation ORDER BY native_id');
    // The stories end with night 2; from then on, people only sign in and keys are only used.
    const first = await runNight(path, await night(2, sources));
    const before = volatile();
    const second = await runNight(path, await night(3, sources));
    expect(volatile()).not.toEqual(before);
    expect(second.classes).toEqual({ persisting: first.classes['appeared'] });
    expect(
      rowsOf(path, 'SELECT (SELECT count(*) FROM observation_version) AS versions, (SELECT count(*) FROM diff_entry) AS entries'),
    ).toEqual([{ versions: 0, entries: 0 }]);
    expect(rowsOf(path, 'SELECT event FROM finding_event WHERE scan_id = ?', second.scanId)).toEqual([]);
  });
});

describe('a night of chaos', () => {
  test.each(connectorIds())('with faults in every fifth answer leaves the same in the database as a calm one: %s', async (id) => {
    const provider = providers.get(id)!;
    const sources = [await sourceFor(id)];
    // A call that has to open a session first would meet the faults of both, and might have more of them than attempts.
    const spared = sources[0]!.connector.operations.filter((operation) => operation.class === 'auth').map((operation) => operation.id);
    const [calm, wild] = [file(), file()];
    for (const number of [0, 1]) await runNight(calm, await night(number, sources, { largestPage: 5 }));
    let repeats = 0;
    for (const number of [0, 1]) {
      provider.faults.clear();
      provider.faults.chaos({ share: 0.2, seed: `${id} ${number}`, spared });
      const outcome = await runNight(wild, await night(number, sources, { largestPage: 5, speed: 1_000 }));
      for (const counts of outcome.requests.values()) repeats += counts.repeats;
    }
    provider.faults.clear();
    expect(repeats).toBeGreaterThan(5);
    expect(logicalDump(wild)).toBe(logicalDump(calm));
  });
});

describe('a scan that is stopped', () => {
  test('before it began to read concludes nothing, and the next one goes on with it', async () => {
    const path = file();
    const sources = [await sourceFor('google-workspace')];
    const stopped = await runNight(path, await night(0, sources, { signal: AbortSignal.abort() }));
    expect({ state: stopped.state, classes: stopped.classes }).toEqual({ state: 'interrupted', classes: {} });
    expect(stored(path)).toEqual([]);
    const next = await runNight(path, await night(0, sources, { from: new Date(dawn(company, 0).getTime() + 3_600_000) }));
    expect([next.state, next.resumed, next.scanId]).toEqual(['concluded', true, stopped.scanId]);
  });

  test('and found again after six hours, or with another configuration, is given up, and a new one begins', async () => {
    const sources = [await sourceFor('google-workspace')];
    const later = (hours: number) => new Date(dawn(company, 0).getTime() + hours * 3_600_000);
    for (const [title, more] of [
      ['too late', { from: later(6.5) }],
      ['other sources', { from: later(1), sources: [...sources, await sourceFor('github')] }],
      ['the clock was set back', { from: later(-1) }],
    ] as const) {
      const path = file();
      const stopped = await runNight(path, await night(0, sources, { signal: AbortSignal.abort(), speed: 1 }));
      const next = await runNight(path, await night(0, sources, more));
      expect([next.resumed, next.scanId], title).toEqual([false, stopped.scanId + 1]);
      expect(rowsOf(path, 'SELECT state FROM scan ORDER BY id'), title).toEqual([{ state: 'abandoned' }, { state: 'concluded' }]);
    }
  });

  test('in the middle of a source goes on where it stopped, and ends as if it had never stopped', async () => {
    const [path, whole] = [file(), file()];
    const sources = [await sourceFor('google-workspace'), await sourceFor('github')];
    await runNight(whole, await night(0, sources, { largestPage: 5 }));
    let stops = 0;
    for (let batches = 1; batches < 200; batches += 3) {
      const controller = new AbortController();
      let seen = 0;
      const progress = () => void (++seen === batches && controller.abort());
      const from = new Date(dawn(company, 0).getTime() + stops * 60_000);
      const outcome = await runNight(
        path,
        await night(0, sources, { largestPage: 5, signal: controller.signal, progress, from, speed: 1 }),
      );
      if (outcome.state === 'concluded') break;
      stops++;
      expect(stored(path)).toEqual([]);
    }
    expect(stops).toBeGreaterThan(1);
    expect(logicalDump(path)).toBe(logicalDump(whole));
  });
});

describe('two scans of one tenant', () => {
  test('do not run at the same time', async () => {
    const path = file();
    const sources = [await sourceFor('google-workspace')];
    const store = openStore(path);
    const options = await night(0, sources);
    const first = runNight(path, options);
    await expect(runNight(path, options)).rejects.toThrow(ScanInProgress);
    expect((await first).state).toBe('concluded');
    expect((await runNight(path, options)).state).toBe('concluded');
    await store.close();
  });
});
