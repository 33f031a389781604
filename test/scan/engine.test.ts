import { changedFields } from '../../src/scan/rows.ts';
import { copyFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holds } from '../../src/connector/index.ts';
import type { Source } from '../../src/scan/engine.ts';
import { ScanInProgress } from '../../src/scan/lease.ts';
import { connectorIds } from '../../src/scan/registry.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { temporaryFolder } from '../store/facts.ts';
import { integrityOf, logicalDump, rowsOf } from '../store/logical-dump.ts';
import { dawn, runNight, smallCompany, sourceOf, startFake, TENANT, type NightOptions } from './night.ts';

const file = temporaryFolder();
const company = smallCompany();
const providers = new Map<string, FakeProvider>();

beforeAll(async () => {
  for (const id of connectorIds()) providers.set(id, await startFake(id, company));
});
afterAll(async () => {
  for (const provider of providers.values()) await provider.close();
});

/** The source that reads all that there is of a provider, named after its connector. */
async function sourceFor(id: string, name = id): Promise<Source> {
  const source = await sourceOf({ name, config: providers.get(id)!.config });
  return { ...source, collectors: Object.fromEntries(source.connector.collectors.map((collector) => [collector.id, true])) };
}

async function collectorsOf(id: string): Promise<string[]> {
  const { connector } = await sourceFor(id);
  return connector.collectors.map((collector) => collector.id).toSorted();
}

async function night(number: number, sources: readonly Source[], more: Partial<NightOptions> = {}): Promise<NightOptions> {
  for (const provider of providers.values()) provider.night(number);
  const environment = Object.assign({}, ...[...providers.values()].map((provider) => provider.environment)) as Record<string, string>;
  // As if everything were worth a look: the ground truth holds what only AI would lead to as well.
  return { sources, environment, from: dawn(company, number), interest: () => 'ai', ...more };
}

interface Stored {
  key: string;
  thing: string;
  connector: string;
  collector: string;
  mode: string;
  kind: string;
  scope: string;
  state: 'present' | 'unverified' | 'gone';
}

function stored(path: string): Stored[] {
  return rowsOf<Stored>(
    path,
    `SELECT c.connector || ' ' || c.collector || ' ' || o.native_id AS key, o.thing, c.connector, c.collector, c.mode, o.kind, o.scope, o.state
     FROM observation o JOIN collector c ON c.id = o.collector_id ORDER BY key`,
  );
}

const inventory = (path: string) => stored(path).filter(({ mode }) => mode === 'inventory');
const keysOf = (rows: readonly Stored[], state: Stored['state']) => rows.filter((row) => row.state === state).map(({ key }) => key);

/** The most specific statement about a fact in the last scan, as the database has it. */
function lastWord(path: string, fact: Stored): string {
  const statements = rowsOf<{ scope: string; statement: string }>(
    path,
    `SELECT t.scope, t.statement FROM statement t JOIN reading r ON r.id = t.reading_id JOIN collector c ON c.id = r.collector_id
     WHERE r.scan_id = (SELECT max(id) FROM scan) AND c.connector = ? AND c.collector = ?`,
    fact.connector,
    fact.collector,
  ).filter(({ scope }) => holds(scope, fact.scope));
  const narrowest = Math.max(-1, ...statements.map(({ scope }) => scope.length));
  const here = statements.filter(({ scope }) => scope.length === narrowest).map(({ statement }) => statement);
  return ['gap', 'covered', 'unchanged'].find((word) => here.includes(word)) ?? 'none';
}

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

describe('a night on which nothing happened', () => {
  test.each(connectorIds())('writes no version and no entry of the diff: %s, read twice on one night', async (id) => {
    const path = file();
    const sources = [await sourceFor(id)];
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
    const sources = [await sourceFor(id)];
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

/** Refuses each of the operations for a night, and answers those that the source never asks. */
async function strike(source: Source, operations: readonly string[]): Promise<string[]> {
  const provider = providers.get(source.connector.id)!;
  const [first, calm] = [file(), file()];
  await runNight(first, await night(0, [source]));
  copyFileSync(first, calm);
  await runNight(calm, await night(1, [source]));
  const truth = new Set(keysOf(inventory(calm), 'gone'));
  expect(truth.size, 'something goes on the second night').toBeGreaterThan(0);

  const spared: string[] = [];
  for (const operation of operations) {
    const path = file();
    copyFileSync(first, path);
    provider.faults.add({ operation, fault: 403 });
    const outcome = await runNight(path, await night(1, [source], { speed: 100_000 }));
    const struck = provider.faults.struck.has(operation);
    provider.faults.clear();
    if (!struck) {
      spared.push(operation);
      continue;
    }

    const facts = inventory(path);
    const gone = facts.filter(({ state }) => state === 'gone');
    expect(
      gone.filter(({ key }) => !truth.has(key)).map(({ key }) => key),
      `${operation} makes what is there gone`,
    ).toEqual([]);
    expect(
      gone.filter((fact) => lastWord(path, fact) !== 'covered').map(({ key }) => key),
      `${operation} makes gone what was not read`,
    ).toEqual([]);
    const reader = openReader(path);
    const gaps = reader.gaps(outcome.scanId).filter(({ byDesign }) => byDesign === 0);
    reader.close();
    expect({ operation, told: gaps.length > 0 && outcome.sources[0]?.state !== 'read' }).toEqual({
      operation,
      told: true,
    });
    const under = facts.filter(
      (fact) => gaps.some((gap) => gap.collector === fact.collector && holds(gap.scope, fact.scope)) && lastWord(path, fact) === 'gap',
    );
    expect(
      under.filter(({ state }) => state === 'gone').map(({ key }) => key),
      `${operation}, under a gap`,
    ).toEqual([]);

    // Once it answers again, all is as if it had never refused.
    await runNight(path, await night(1, [source]));
    const healed = stored(path).map(({ key, state }) => [key, state]);
    expect(healed, `${operation} left traces`).toEqual(stored(calm).map(({ key, state }) => [key, state]));
  }
  return spared;
}

describe('a night on which an operation answers 403', () => {
  test.each(connectorIds())('resolves nothing that it did not read, whichever operation of %s it is', async (id) => {
    const source = await sourceFor(id);
    let spared = await strike(source, [...new Set(source.connector.operations.map((operation) => operation.id))]);
    // What only a source of many accounts asks is struck there.
    const { groupConfig } = providers.get(id)!;
    if (groupConfig)
      spared = await strike({ ...(await sourceOf({ name: id, config: groupConfig })), collectors: source.collectors }, spared);
    // A world that never sends an operation proves nothing about it.
    expect(spared).toEqual([]);
  });
});

describe('sources', () => {
  test('that read one account are a mistake of the configuration: the first is read, the second is not', async () => {
    const path = file();
    const [first, second] = [await sourceFor('google-workspace', 'first'), await sourceFor('google-workspace', 'second')];
    const outcome = await runNight(path, await night(0, [first, second]));
    const account = outcome.sources[0]!.account!;
    expect(outcome.sources.map(({ requests: _requests, ...rest }) => rest)).toMatchObject([
      { source: 'first', state: 'read', refused: false, bugs: [] },
      {
        source: 'second',
        state: 'unread',
        message: `The sources "first" and "second" both read ${account.scope}`,
        fix: 'Remove one of them: an account is read by one source.',
        bugs: [],
      },
    ]);
    const alone = file();
    await runNight(alone, await night(0, [first]));
    expect(stored(path)).toEqual(stored(alone));
  });

  test('whose credential is missing are unread with a message; the others are read, and earlier facts are unverified', async () => {
    const path = file();
    const sources = [await sourceFor('google-workspace'), await sourceFor('github')];
    await runNight(path, await night(0, sources));
    const calm = file();
    copyFileSync(path, calm);
    await runNight(calm, await night(1, sources));
    const { GOOGLE_SERVICE_ACCOUNT: _missing, ...environment } = (await night(1, sources)).environment;
    const outcome = await runNight(path, await night(1, sources, { environment }));
    expect(outcome.sources).toMatchObject([
      {
        source: 'google-workspace',
        state: 'unread',
        message: 'There is no secret {"env":"GOOGLE_SERVICE_ACCOUNT"}',
        fix: 'Put it there.',
        refused: true,
        bugs: [],
      },
      { source: 'github', state: 'read' },
    ]);
    const facts = inventory(path);
    const ofGoogle = facts.filter(({ connector }) => connector === 'google-workspace');
    expect([...new Set(ofGoogle.map(({ state }) => state))]).toEqual(['unverified']);
    const others = (from: string) => inventory(from).filter(({ connector }) => connector === 'github');
    expect(others(path)).toEqual(others(calm));
    const reader = openReader(path);
    expect(reader.sources(outcome.scanId)).toMatchObject([
      { source: 'github', state: 'read', message: null },
      { source: 'google-workspace', state: 'unread', message: 'There is no secret {"env":"GOOGLE_SERVICE_ACCOUNT"}' },
    ]);
    const gaps = reader.gaps(outcome.scanId).filter(({ source }) => source === 'google-workspace');
    expect(gaps.map(({ collector, reason, effect }) => [collector, reason, effect])).toEqual(
      (await collectorsOf('google-workspace')).map((id) => [
        id,
        'permission_denied',
        'There is no secret {"env":"GOOGLE_SERVICE_ACCOUNT"}',
      ]),
    );
    reader.close();
  });

  test('that left the configuration leave their facts behind unverified, and the coverage says why', async () => {
    const path = file();
    const sources = [await sourceFor('google-workspace'), await sourceFor('github')];
    await runNight(path, await night(0, sources));
    const outcome = await runNight(path, await night(1, [sources[1]!]));
    const ofGoogle = inventory(path).filter(({ connector }) => connector === 'google-workspace');
    expect([...new Set(ofGoogle.map(({ state }) => state))]).toEqual(['unverified']);
    const reader = openReader(path);
    const account = ofGoogle[0]!.scope.split('/').slice(0, 2).join('/');
    const gaps = reader
      .gaps(outcome.scanId)
      .filter(({ byDesign, source }) => byDesign === 0 || source !== 'github')
      .map(({ source, collector, scope, reason, effect }) => [source, collector, scope, reason, effect]);
    expect(gaps).toEqual(
      (await collectorsOf('google-workspace')).map((id) => [
        'google-workspace',
        id,
        account,
        'stale',
        `No source of the configuration reads ${account} any more`,
      ]),
    );
    // Its findings stand, and are marked.
    const findings = reader.findings({ tenant: TENANT, connector: 'google-workspace', limit: -1 });
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.filter(({ unverifiedSince }) => unverifiedSince === null)).toEqual([]);
    reader.close();
  });

  test('that a partial scan does not name are left exactly as they are', async () => {
    const path = file();
    const sources = [await sourceFor('google-workspace'), await sourceFor('github')];
    await runNight(path, await night(0, sources));
    const before = stored(path).filter(({ connector }) => connector === 'google-workspace');
    const outcome = await runNight(path, await night(1, [sources[1]!], { partial: true }));
    expect(stored(path).filter(({ connector }) => connector === 'google-workspace')).toEqual(before);
    const reader = openReader(path);
    const gaps = reader.gaps(outcome.scanId);
    expect(gaps.filter(({ byDesign, source }) => byDesign === 0 || source !== 'github')).toEqual([]);
    expect(reader.diff(TENANT, outcome.scanId - 1, outcome.scanId).filter(({ connector }) => connector === 'google-workspace')).toEqual([]);
    reader.close();
  });

  test('of which a collector was switched off keep its facts unverified, and the coverage says so', async () => {
    const path = file();
    const source = await sourceFor('google-workspace');
    await runNight(path, await night(0, [source]));
    const outcome = await runNight(path, await night(0, [{ ...source, collectors: { ...source.collectors, grants: false } }]));
    const states = (id: string) => [
      ...new Set(
        inventory(path)
          .filter(({ collector }) => collector === id)
          .map(({ state }) => state),
      ),
    ];
    expect([states('grants'), states('users')]).toEqual([['unverified'], ['present']]);
    const reader = openReader(path);
    const gaps = reader.gaps(outcome.scanId).filter(({ byDesign }) => byDesign === 0);
    expect(gaps.map(({ collector, effect }) => [collector, effect])).toEqual([['grants', 'The collector grants is switched off']]);
    reader.close();
  });
});

describe('a night of chaos', () => {
  test.each(connectorIds())('with faults in every fifth answer leaves the same in the database as a calm one: %s', async (id) => {
    const provider = providers.get(id)!;
    const sources = [await sourceFor(id)];
    const [calm, wild] = [file(), file()];
    for (const number of [0, 1]) await runNight(calm, await night(number, sources, { largestPage: 5 }));
    let repeats = 0;
    for (const number of [0, 1]) {
      provider.faults.clear();
      provider.faults.chaos({ share: 0.2, seed: `${id} ${number}` });
      const outcome = await runNight(wild, await night(number, sources, { largestPage: 5, speed: 10_000 }));
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
      const stopped = await runNight(path, await night(0, sources, { signal: AbortSignal.abort() }));
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
    for (let batches = 1; batches < 40; batches += 3) {
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
