import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/connector/index.ts';
import { judgeOfPresence } from '../../src/scan/conclusion.ts';
import { observationRow } from '../../src/scan/rows.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import type { ObservationRow, Reading, StatementRow } from '../../src/store/rows.ts';
import { finds, grantOf, statesOf } from '../scan/invented.ts';
import { ACCOUNT, begin, conclude, dateOf, open, said, scan, temporaryFolder, withStoreIn } from './facts.ts';
import { rowsOf } from './logical-dump.ts';

const file = temporaryFolder();
const collector = finds('grants', []);
const place = (id: string) => `${ACCOUNT}/user/${id}`;
const row = (id: string, more: Partial<Observation> = {}): ObservationRow => observationRow(grantOf(place(id), id, more), collector);
const covered = (scope: string, night = 0) => said('covered', scope, dateOf(night));

const withStore = withStoreIn(file, openStore);

describe('a place that was read by chance, though a log vouched for it,', () => {
  const others = { attributes: { says: 'otherwise' } };
  const below = { scope: `${place('a')}/keys/1` };
  const [first, alike] = [[row('a'), row('b')], 'present'] as const;

  test.each<[string, readonly ObservationRow[], readonly ObservationRow[], 'present' | 'unverified']>([
    ['holds what it held', first, [row('a')], alike],
    ['holds what is called otherwise', first, [row('a', { subject: { app: 'app/a', name: 'another' } })], alike],
    ['holds what says otherwise', first, [row('a', others)], 'unverified'],
    ['holds nothing any more', first, [], 'unverified'],
    ['holds more', first, [row('a'), row('c', { scope: place('a') })], 'unverified'],
    ['holds what was elsewhere', [...first, row('c')], [row('a'), row('c', { scope: place('a') })], 'unverified'],
    ['holds below it what it held', [...first, row('c', below)], [row('a'), row('c', below)], alike],
    ['holds below it what says otherwise', [...first, row('c', below)], [row('a'), row('c', { ...below, ...others })], 'unverified'],
  ])('and %s: is the log believed about the others?', async (_title, before, tonight, state) =>
    withStore(async (store, path) => {
      await scan(store, 0, { grants: { rows: before, statements: [covered(ACCOUNT)] } });
      const statements = [said('unchanged', ACCOUNT, dateOf(1)), { ...covered(place('a'), 1), spotCheck: true }];
      await scan(store, 1, { grants: { rows: tonight, statements } });
      expect(statesOf(path)['b']).toBe(state);
      expect(rowsOf(path, 'SELECT withdrawn FROM reading WHERE scan_id = 2')).toEqual([{ withdrawn: state === 'present' ? 0 : 1 }]);
    }),
  );

  test('and holds again what was gone is one about which the log was wrong', async () =>
    withStore(async (store, path) => {
      await scan(store, 0, { grants: { rows: first, statements: [covered(ACCOUNT)] } });
      await scan(store, 1, { grants: { rows: [row('b')], statements: [covered(ACCOUNT, 1)] } });
      const statements = [said('unchanged', ACCOUNT, dateOf(2)), { ...covered(place('a'), 2), spotCheck: true }];
      await scan(store, 2, { grants: { rows: [row('a')], statements } });
      expect(statesOf(path)).toEqual({ a: 'present', b: 'unverified' });
    }));

  test('is no reason to doubt the log about what it named itself', async () =>
    withStore(async (store, path) => {
      await scan(store, 0, { grants: { rows: [...first, row('c')], statements: [covered(ACCOUNT)] } });
      const statements = [said('unchanged', ACCOUNT, dateOf(1)), covered(place('c'), 1), { ...covered(place('a'), 1), spotCheck: true }];
      await scan(store, 1, { grants: { rows: [row('a'), row('c', others), row('d', { scope: place('c') })], statements } });
      expect(statesOf(path)).toEqual({ a: 'present', b: 'present', c: 'present', d: 'present' });
    }));
});

/** A reading of a night on which a log is asked. */
async function asking(store: Store, night: number, name = 'grants', sweep = false): Promise<{ scanId: number; reading: Reading }> {
  const scanId = await begin(store, night);
  return { scanId, reading: await open(store, scanId, night, name, { delta: { since: dateOf(night - 1), sweep } }) };
}
const end = async (store: Store, { scanId, reading }: Awaited<ReturnType<typeof asking>>, night: number) => {
  await store.endReading(reading, 'ended', dateOf(night));
  await conclude(store, scanId, night);
};

describe('of places that a log names nothing of, it vouches', () => {
  type Tonight = Parameters<Store['unvouched']>[3];
  /** What is said of these places on a night; `now` may be later than the night begins. */
  async function unvouched(store: Store, reading: Reading, places: readonly string[], tonight: Partial<Tonight> = {}, now = 1) {
    const found = await store.unvouched(reading, places.map(place), judgeOfPresence(dateOf(now)), { stillClosed: [], ...tonight });
    const short = (scope: string) => scope.slice(place('').length);
    return { unvouched: found.unvouched.map(short), closed: found.closed.map(short) };
  }
  const night = (store: Store, number: number, statements: readonly StatementRow[], rows: readonly ObservationRow[] = []) =>
    scan(store, number, { grants: { rows, statements } });

  test('for those that were read whole the last time, and not too long ago', async () =>
    withStore(async (store) => {
      await night(store, 0, [covered(place('1')), covered(place('2')), covered(place('3'))]);
      await night(store, 6, [covered(place('1'), 6), said('gap', place('2'), dateOf(6)), said('unchanged', place('3'), dateOf(6))]);
      const { reading } = await asking(store, 8);
      const places = ['1', '2', '3', '4'];
      expect(await unvouched(store, reading, places, {}, 8)).toEqual({ unvouched: ['2', '4'], closed: [] });
      expect(await unvouched(store, reading, places, {}, 9)).toEqual({ unvouched: ['2', '3', '4'], closed: [] });
    }));

  test('for those below which all was read, or is told to be closed still', async () =>
    withStore(async (store) => {
      const closed = (scope: string) => said('gap', place(scope));
      await night(store, 0, [
        covered(ACCOUNT),
        ...['1/keys', '2/keys', '2/tokens', '3-4/keys', '5/keys/all'].map(closed),
        { ...closed('4/keys'), byDesign: true },
      ]);
      const places = ['1', '2', '3', '4', '5', '6'];
      const { reading } = await asking(store, 1);
      expect(await unvouched(store, reading, places)).toEqual({ unvouched: ['1', '2', '5'], closed: [] });
      const told = await unvouched(store, reading, places, { stillClosed: ['keys', 'keys/all'] });
      expect(told).toEqual({ unvouched: ['2'], closed: ['1/keys', '5/keys/all'] });
    }));

  test('for those whose facts have the holder that is expected there', async () =>
    withStore(async (store, path) => {
      const held = (id: string, holder?: string, more: Partial<Observation> = {}) =>
        row(id, { ...(holder !== undefined && { principal: { id: holder, name: holder, traits: ['interactive_login'] } }), ...more });
      await night(
        store,
        0,
        [covered(ACCOUNT)],
        [held('1', 'ada'), held('2', 'ben'), held('3'), held('4', 'cleo'), held('gone', 'ada', { scope: place('5') }), held('6', 'eve')],
      );
      await night(store, 1, [covered(ACCOUNT, 1)], [held('1', 'ada'), held('2', 'ben'), held('3'), held('4', 'cleo'), held('6', 'eve')]);
      await night(store, 2, [covered(ACCOUNT, 2)], [held('1', 'ada'), held('2', 'ben'), held('3'), held('4', 'cleo'), held('6', 'eve')]);
      const text = (id: string) =>
        rowsOf<{ holder: string }>(path, `SELECT body ->> '$.principal' AS holder FROM observation WHERE native_id = ?`, id)[0]!.holder;
      const expected: Record<string, string> = {
        [place('1')]: text('1'),
        [place('2')]: text('1'),
        [place('3')]: text('1'),
        [place('5')]: 'else',
      };
      const { reading } = await asking(store, 3);
      const found = await unvouched(store, reading, ['1', '2', '3', '4', '5', '6'], { holderAt: (scope) => expected[scope] }, 3);
      expect(found).toEqual({ unvouched: ['2'], closed: [] });
    }));

  test('but for those that the last reading found empty: what is there again came back without a word', async () =>
    withStore(async (store) => {
      const both = (id: string) => [row(`${id}1`, { scope: place(id) }), row(`${id}2`, { scope: place(id) })];
      await night(store, 0, [covered(ACCOUNT)], [...both('a'), ...both('b'), ...both('c')]);
      await night(store, 1, [covered(ACCOUNT, 1)], [...both('a'), ...both('b')]);
      await scan(store, 2, {
        grants: { rows: [both('b')[0]!], statements: [covered(ACCOUNT, 2)] },
        users: { rows: [], statements: [covered(ACCOUNT, 2)] },
      });
      const { reading } = await asking(store, 3);
      expect(await unvouched(store, reading, ['a', 'b', 'c'], {}, 3)).toEqual({ unvouched: ['a'], closed: [] });
    }));

  test('for none, where it still does not name what a sweep found to differ, and only on the night after', async () =>
    withStore(async (store, path) => {
      await scan(store, 0, { grants: { rows: [row('1')], statements: [covered(ACCOUNT)] }, users: { statements: [covered(ACCOUNT)] } });
      for (const [at, rows] of [
        [1, [row('1', { attributes: { says: 'otherwise' } })]],
        [3, [row('1')]],
      ] as const) {
        const sweep = await asking(store, at, 'grants', true);
        const { scanId } = sweep;
        const users = await open(store, scanId, at, 'users');
        await store.commitBatch(users, { rows: [], statements: [covered(ACCOUNT, at)] });
        await store.endReading(users, 'ended', dateOf(at));
        const statements = [{ ...covered(place('1'), at), spotCheck: true }, covered(ACCOUNT, at)];
        await store.commitBatch(sweep.reading, { rows, statements });
        await end(store, sweep, at);
        const next = await asking(store, at + 1);
        const ask = async (places: readonly string[]) =>
          store.unvouched(next.reading, places.map(place), judgeOfPresence(dateOf(at + 1)), { stillClosed: [] });
        expect(await ask(['2'])).toEqual({ unvouched: [], closed: [] });
        expect(await ask(['2', '1'])).toEqual({ unvouched: [place('2'), place('1')], closed: [] });
        expect(rowsOf(path, 'SELECT withdrawn FROM reading WHERE id = ?', next.reading.id)).toEqual([{ withdrawn: 1 }]);
        await end(store, next, at + 1);
      }
    }));
});

test('when a place was read last is told of each collector by its own readings that ended, and whole if that is asked', async () =>
  withStore(async (store) => {
    const at = (night: number) => dateOf(night);
    await scan(store, 0, { grants: { statements: [covered(ACCOUNT)] }, users: { statements: [covered(ACCOUNT)] } });
    await scan(store, 1, { grants: { statements: [covered(place('1'), 1), covered(place('2'), 1), said('gap', place('2/keys'), at(1))] } });
    await scan(store, 2, { grants: { ends: 'failed', statements: [covered(ACCOUNT, 2)] } });
    await scan(store, 3, {
      grants: { statements: [said('gap', place('1'), at(3)), said('unchanged', place('2'), at(3))] },
      users: { statements: [covered(ACCOUNT, 3)] },
    });
    const { reading, scanId } = await asking(store, 4);
    await store.commitBatch(reading, { rows: [], statements: [covered(ACCOUNT, 4)] });
    const places = ['1', '2', '3'].map(place);
    const ask = async (asked?: { whole?: boolean }) =>
      Object.fromEntries(await store.readAt(reading, places, judgeOfPresence(at(4)), asked));
    const known = { [place('1')]: at(1), [place('2')]: at(1), [place('3')]: at(0) };
    expect([scanId, await ask(), await ask({ whole: false })]).toEqual([5, known, known]);
    expect(await ask({ whole: true })).toEqual({ [place('1')]: at(1), [place('3')]: at(0) });
    expect(await store.readAt(reading, [`customer/other`], judgeOfPresence(at(4)))).toEqual(new Map());
  }));

test('what was read before the last sixty readings is known no more', async () =>
  withStore(async (store) => {
    await scan(store, 0, { grants: { statements: [covered(place('1'))] } });
    for (let night = 1; night <= 59; night++)
      await scan(store, night, { grants: { statements: [said('gap', place('1'), dateOf(night))] } });
    const { reading, scanId } = await asking(store, 60);
    const ask = async (from: Reading) => [...(await store.readAt(from, [place('1')], judgeOfPresence(dateOf(60)))).values()];
    expect(await ask(reading)).toEqual([dateOf(0)]);
    await end(store, { scanId, reading }, 60);
    expect(await ask((await asking(store, 61)).reading)).toEqual([]);
  }));
