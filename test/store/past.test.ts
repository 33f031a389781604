import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import type { Observation } from '../../src/connector/index.ts';
import { EMPTY_POLICY } from '../../src/policy/policy.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { observationRow } from '../../src/scan/rows.ts';
import { controlReader, historyReader } from '../../src/store/history.ts';
import { observationsAt } from '../../src/store/past.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { finds, grantOf, statesOf } from '../scan/invented.ts';
import { ACCOUNT, dateOf, fact, said, scan, temporaryFolder, TENANT, withStoreIn, type Told } from './facts.ts';
import { rowsOf } from './logical-dump.ts';

const file = temporaryFolder();
const google = await loadConnector('google-workspace');
const collector = finds('grants', []);
const OF = { tenant: TENANT, connector: 'google-workspace', account: 'C01' };
const app = (appId: string) => ({ ...OF, appId });
const at = (night: number) => dateOf(night).toISOString();
const whole = [said('covered', ACCOUNT)];
const row = (id: string, permissions: readonly string[], more: Partial<Observation> = {}) =>
  observationRow(
    grantOf(`${ACCOUNT}/user/${id}`, id, { permissions: [...permissions], subject: { app: 'app', name: id }, ...more }),
    collector,
  );
const told = (rows: NonNullable<Told['rows']>, more: Told = {}): Told => ({ rows, statements: whole, ...more });

const withStore = withStoreIn(file, openStore);

function reading<Result>(path: string, read: (database: Database.Database) => Result): Result {
  const database = new Database(path, { readonly: true });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

describe('what an app could do before', () => {
  const earlier = (path: string, scanId: number, appId = 'app') =>
    reading(path, (database) => historyReader(database, scanId)(app(appId)).earlier).map(({ thing, until, permissions }) => [
      thing,
      until,
      permissions,
    ]);

  test('is told up to a night, until the scan that saw it otherwise', async () =>
    withStore(async (store, path) => {
      for (const [night, permissions] of [['a'], ['b'], ['b'], ['c']].entries())
        await scan(store, night, { grants: told([row('1', permissions), row('2', ['z'])]) });
      const a = ['thing/1', at(1), ['a']];
      expect([1, 2, 3, 4].map((scanId) => earlier(path, scanId))).toEqual([[], [a], [a], [a, ['thing/1', at(3), ['b']]]]);
      expect(earlier(path, 4, 'another')).toEqual([]);
      expect(reading(path, (database) => historyReader(database, 2)(app('app')).earlier[0]!.attributes)).toEqual({});
    }));

  test('is told in the order of things, times and ids, and of the same app alone', async () =>
    withStore(async (store, path) => {
      const night = (p: string, own = 'app') => [
        row('2', [`${p}2`], { thing: 'thing/b' }),
        row('1', [`${p}1`], { thing: 'thing/b' }),
        row('3', [p], { thing: 'thing/a' }),
        row('4', [p], { subject: { app: own, name: 'n' } }),
      ];
      await scan(store, 0, { grants: told(night('x', 'former')) });
      await scan(store, 1, { grants: told(night('y')) });
      await scan(store, 2, { grants: told([...night('y').slice(0, 2), row('3', ['z'], { thing: 'thing/a' })]) });
      expect(earlier(path, 3)).toEqual([
        ['thing/a', at(1), ['x']],
        ['thing/a', at(2), ['y']],
        ['thing/b', at(1), ['x1']],
        ['thing/b', at(1), ['x2']],
      ]);
      expect(earlier(path, 3, 'former')).toEqual([]);
    }));

  test('begins anew where a newer reader made something else of it', async () =>
    withStore(async (store, path) => {
      const nights: [string, number][] = [
        ['a', 1],
        ['b', 1],
        ['c', 2],
        ['d', 2],
      ];
      for (const [night, [permission, version]] of nights.entries())
        await scan(store, night, { grants: told([row('1', [permission])], { version }) });
      expect([2, 3, 4].map((scanId) => earlier(path, scanId))).toEqual([[['thing/1', at(1), ['a']]], [], [['thing/1', at(3), ['c']]]]);
    }));

  test('is told of lists, and not of logs, people, settings, other accounts or other tenants', async () =>
    withStore(async (store, path) => {
      const night = (p: string) => ({
        log: told([row('1', [p])], { mode: 'log' as const }),
        people: told([row('2', [p], { kind: 'identity' }), row('3', [p], { kind: 'control' })]),
      });
      for (const [index, p] of ['a', 'b'].entries()) {
        await scan(store, index, night(p));
        await scan(store, index, { grants: told([row('4', [p])]) }, 'other');
      }
      expect(earlier(path, 9)).toEqual([]);
      for (const other of [{ tenant: 'other' }, { connector: 'other' }, { account: 'other' }]) {
        const found = reading(path, (database) => historyReader(database, 9)({ ...app('app'), ...other }).earlier.length);
        expect(found, JSON.stringify(other)).toBe('tenant' in other ? 1 : 0);
      }
    }));
});

describe('that something came back', () => {
  const returned = (path: string, scanId: number, appId = 'app') =>
    reading(path, (database) => historyReader(database, scanId)(app(appId)).returned);

  test('is told with the last time, up to a night, in the order of things', async () =>
    withStore(async (store, path) => {
      const [one, two, other] = [row('1', ['a']), row('2', ['a']), row('3', ['a'], { subject: { app: 'another', name: 'n' } })];
      const nights = [[one, two, other], [], [two, one], [two], [two, one, other], [one, two]];
      for (const [night, rows] of nights.entries()) await scan(store, night, { grants: told(rows) });
      const told1 = (night: number) => ({ thing: 'thing/1', at: at(night) });
      const told2 = { thing: 'thing/2', at: at(2) };
      expect([2, 3, 4, 5, 6].map((scanId) => returned(path, scanId))).toEqual([
        [],
        [told1(2), told2],
        [told1(2), told2],
        [told1(4), told2],
        [told1(4), told2],
      ]);
      expect(returned(path, 6, 'another')).toEqual([{ thing: 'thing/3', at: at(4) }]);
    }));

  test('is nothing that was merely not read, or that is new', async () =>
    withStore(async (store, path) => {
      await scan(store, 0, { grants: told([row('1', ['a'])]) });
      await scan(store, 1, { grants: { rows: [], statements: [said('gap', ACCOUNT)] } });
      await scan(store, 2, { grants: told([row('1', ['b']), row('2', ['a'])]) });
      expect(returned(path, 3)).toEqual([]);
    }));
});

describe('the settings of an account', () => {
  const setting = (id: string, says: string) =>
    row(id, [], { kind: 'control', subject: { app: 'settings', name: id }, attributes: { says } });
  const settings = (path: string, scanId: number, of = OF) =>
    reading(path, (database) => controlReader(database, scanId)(of, ['says'])).map(({ thing, name, attributes }) => [
      thing,
      name,
      attributes['says'],
    ]);

  test('are told as they stood, also where they could not be read that night, and no more where they are gone', async () =>
    withStore(async (store, path) => {
      await scan(store, 0, { grants: told([setting('2', 'a'), setting('1', 'a'), row('g', [])]) });
      await scan(store, 1, { grants: { rows: [], statements: [said('gap', ACCOUNT)] } });
      await scan(store, 2, { grants: told([setting('1', 'b'), setting('3', 'c')]) });
      const then = [
        ['thing/1', '1', 'a'],
        ['thing/2', '2', 'a'],
      ];
      expect([1, 2, 3].map((scanId) => settings(path, scanId))).toEqual([
        then,
        then,
        [
          ['thing/1', '1', 'b'],
          ['thing/3', '3', 'c'],
        ],
      ]);
    }));

  test('are those of one account, and are read once for each', async () =>
    withStore(async (store, path) => {
      await scan(store, 0, { grants: told([setting('1', 'a')]) });
      await scan(store, 0, { grants: told([setting('1', 'other')]) }, 'other');
      expect(settings(path, 2, { ...OF, tenant: 'other' })).toEqual([['thing/1', '1', 'other']]);
      expect([settings(path, 2, { ...OF, connector: 'other' }), settings(path, 2, { ...OF, account: 'other' })]).toEqual([[], []]);
      reading(path, (database) => {
        const read = controlReader(database, 2);
        const one = read(OF, ['says']);
        expect([one === read({ ...OF }, ['says']), one === read({ ...OF, tenant: 'other' }, ['says'])]).toEqual([true, false]);
      });
    }));
});

describe('what a newer reader finds', () => {
  test('where nothing could be read before is there again, on that night and on those after it', async () =>
    withStore(async (store, path) => {
      await scan(store, 0, { grants: told([fact('1'), fact('2')]) });
      await scan(store, 1, { grants: { rows: [], statements: [said('gap', ACCOUNT)] } });
      const newer = await scan(store, 2, { grants: told([fact('1')], { version: 2 }) });
      expect([newer.classes, statesOf(path)]).toEqual([{ reader_changed: 2 }, { 1: 'present', 2: 'gone' }]);
      const reader = openReader(path);
      expect([reader.presentAt(TENANT, 1), reader.presentAt(TENANT, 2), reader.presentAt(TENANT, 3)]).toEqual([2, 0, 1]);
      reader.close();
      expect(rowsOf(path, 'SELECT class, state FROM diff_entry WHERE scan_id = 3 ORDER BY observation_id')).toEqual([
        { class: 'reader_changed', state: 'present' },
        { class: 'reader_changed', state: 'gone' },
      ]);
    }));
});

test('a place at which nothing is left is not missed when nobody speaks of it', async () =>
  withStore(async (store, path) => {
    const places = ['1', '2'].map((id) => said('covered', `${ACCOUNT}/user/${id}`));
    await scan(store, 0, { grants: { rows: [fact('1'), fact('2')], statements: places } });
    await scan(store, 1, { grants: { rows: [fact('2')], statements: places } });
    await scan(store, 2, { grants: { rows: [fact('2')], statements: places.slice(1) } });
    const reader = openReader(path);
    expect([reader.gaps(3), statesOf(path)]).toEqual([[], { 1: 'gone', 2: 'present' }]);
    reader.close();
  }));

test('a night on which more changes than leave the database at a time is concluded whole', async () =>
  withStore(async (store, path) => {
    const facts = (says: string) => Array.from({ length: 2_001 }, (_, index) => fact(String(index), { says }));
    await scan(store, 0, { grants: told(facts('one')) });
    expect((await scan(store, 1, { grants: told(facts('two')) })).classes).toEqual({ changed: 2_001 });
    expect((await scan(store, 2, { grants: { rows: [], statements: [said('gap', ACCOUNT)] } })).classes).toEqual({ unverified: 2_001 });
    expect((await scan(store, 3, { grants: told([]) })).classes).toEqual({ gone: 2_001 });
    expect(rowsOf(path, 'SELECT state, count(*) AS number FROM observation GROUP BY state')).toEqual([{ state: 'gone', number: 2_001 }]);
  }));

test('a table as it stood holds what was there, in the state and the words of then', async () =>
  withStore(async (store, path) => {
    await scan(store, 0, { grants: told([fact('1', { says: 'a', volatile: '7' })]) });
    await scan(store, 1, { grants: told([fact('1', { says: 'b' }), fact('2')]) });
    await scan(store, 2, { grants: told([fact('2')]) });
    await scan(store, 3, { grants: told([fact('1', { says: 'b' })]) });
    const then = (scanId: number) =>
      reading(path, (database) =>
        database
          .prepare(
            `SELECT native_id || ' ' || state || ' ' || (body ->> '$.says') || ' ' || coalesce(volatile, '-') FROM ${observationsAt(scanId)} ORDER BY 1`,
          )
          .pluck()
          .all(),
      );
    expect([1, 2, 3, 4].map(then)).toEqual([
      ['1 present a -'],
      ['1 present b -', '2 present the usual -'],
      ['1 gone b -', '2 present the usual -'],
      ['1 present b -', '2 gone the usual -'],
    ]);
  }));

describe('what moves every night', () => {
  const chatGpt = { subject: { app: '77377267392-xxx.apps.googleusercontent.com', name: 'ChatGPT' } };
  const on = (id: string, day: string | undefined, more: Partial<Observation> = {}) =>
    row(id, [], { ...(day !== undefined && { lastUsedAt: { at: `2026-01-0${day}T00:00:00.000Z`, from: 'listed' } }), ...more });
  const then = (path: string, scanId: number) =>
    reading(path, (database) =>
      database
        .prepare(
          `SELECT native_id || ' ' || coalesce(substr(volatile ->> '$.lastUsedAt.at', 10, 1), '-') FROM ${observationsAt(scanId)} ORDER BY native_id`,
        )
        .pluck()
        .all(),
    );
  const judge = (night: number) => createJudge({ catalog: loadCatalog(), policy: EMPTY_POLICY, connectors: [google], now: dateOf(night) });
  const had = (store: Store, night: number, rows: NonNullable<Told['rows']>) =>
    scan(store, night, { grants: told(rows) }, TENANT, judge(night));

  test('is told of AI as it stood: what moved, what did not, and what was not said then', async () =>
    withStore(async (store, path) => {
      const ai = (id: string, day?: string) => on(id, day, { ...chatGpt, signals: [{ type: 'app_name', value: 'ChatGPT' }] });
      await had(store, 0, [ai('1', '1'), ai('2', '1'), ai('3'), ai('4', '1')]);
      await had(store, 1, [ai('1', '1'), ai('2', '2'), ai('3', '2'), ai('4')]);
      await had(store, 2, [ai('1', '1'), ai('2', '3'), ai('3', '2'), ai('4', '3')]);
      expect([1, 2, 3].map((scanId) => then(path, scanId))).toEqual([
        ['1 1', '2 1', '3 -', '4 1'],
        ['1 1', '2 2', '3 2', '4 -'],
        ['1 1', '2 3', '3 2', '4 3'],
      ]);
    }));

  test('is kept of what it was of, where it is of another app from that night on', async () =>
    withStore(async (store, path) => {
      await had(store, 0, [on('1', '1', { ...chatGpt, signals: [{ type: 'app_name', value: 'ChatGPT' }] })]);
      await had(store, 1, [on('1', '2', { subject: { app: 'unheard-of', name: 'Unheard of' } })]);
      expect([1, 2].map((scanId) => then(path, scanId))).toEqual([['1 1'], ['1 2']]);
    }));

  test('is told of anything else only as far as it did not move since', async () =>
    withStore(async (store, path) => {
      for (const [night, day] of ['1', '2', '2'].entries()) await had(store, night, [on('1', '1'), on('2', day)]);
      expect([1, 2, 3].map((scanId) => then(path, scanId))).toEqual([
        ['1 1', '2 -'],
        ['1 1', '2 2'],
        ['1 1', '2 2'],
      ]);
      expect(rowsOf(path, 'SELECT * FROM volatile_version')).toEqual([]);
    }));
});
