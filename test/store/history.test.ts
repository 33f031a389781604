import { persisting } from '../../src/commands/diff.ts';
import { changedFields } from '../../src/scan/rows.ts';
import { describe, expect, test } from 'vitest';
import { openReader } from '../../src/store/read.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { ACCOUNT, begin, conclude, dateOf, fact, open, said, scan, temporaryFolder, TENANT } from './facts.ts';
import { rowsOf } from './logical-dump.ts';

describe('the store', () => {
  const file = temporaryFolder();
  const whole = [said('covered', ACCOUNT)];

  async function withStore(work: (store: Store, path: string) => Promise<void>): Promise<void> {
    const path = file();
    const store = openStore(path);
    try {
      await work(store, path);
    } finally {
      await store.close();
    }
  }
  test('a claim is not dropped where `unchanged` was said of the same place: the weaker word would be left to decide', async () =>
    withStore(async (store, path) => {
      const place = `${ACCOUNT}/user/1`;
      await scan(store, 0, { grants: { rows: [fact('1')], statements: [...whole, said('covered', place), said('unchanged', place)] } });
      await scan(store, 1, { grants: { statements: [said('unchanged', ACCOUNT, dateOf(1))] } });
      expect(rowsOf(path, 'SELECT state FROM observation')).toEqual([{ state: 'present' }]);
    }));
  test('a place that a log vouched for longer than it may is a gap in the ledger, and what is there is unverified', async () =>
    withStore(async (store, path) => {
      await scan(store, 0, { grants: { rows: [fact('1')], statements: whole } });
      for (const night of [4, 8, 9]) {
        const { scanId } = await scan(store, night, { grants: { statements: [said('unchanged', ACCOUNT, dateOf(night))] } });
        const reader = openReader(path);
        const gaps = reader.gaps(scanId).map(({ scope, reason, byDesign }) => ({ scope, reason, byDesign }));
        reader.close();
        expect(gaps).toEqual(night <= 8 ? [] : [{ scope: `${ACCOUNT}/user/1`, reason: 'stale', byDesign: 0 }]);
        expect(rowsOf(path, 'SELECT state FROM observation')).toEqual([{ state: night <= 8 ? 'present' : 'unverified' }]);
      }
    }));
  test('of a fact that is staged twice the last volatile value counts', async () =>
    withStore(async (store, path) => {
      await scan(store, 0, { grants: { rows: [fact('1', { volatile: '1' }), fact('2', { volatile: '1' })], statements: whole } });
      const rows = [fact('1', { volatile: '2' }), fact('1', { volatile: '1' }), fact('2', { volatile: '2' }), fact('2', { volatile: '3' })];
      await scan(store, 1, { grants: { rows, statements: whole } });
      expect(rowsOf(path, 'SELECT native_id AS id, volatile FROM observation ORDER BY id')).toEqual([
        { id: '1', volatile: '1' },
        { id: '2', volatile: '3' },
      ]);
    }));
  test('a volatile fact that is no longer said is no longer shown', async () =>
    withStore(async (store, path) => {
      await scan(store, 0, { grants: { rows: [fact('1', { volatile: '{"attributes":{"lastLoginAt":"2026"}}' })], statements: whole } });
      await scan(store, 1, { grants: { rows: [fact('1', { volatile: null })], statements: whole } });
      expect(rowsOf(path, 'SELECT volatile FROM observation')).toEqual([{ volatile: null }]);
    }));
  test('a newer reader that fails on its first night compares nothing on the night on which it first reads to the end', async () =>
    withStore(async (store) => {
      await scan(store, 0, { grants: { rows: [fact('1')], statements: whole } });
      await scan(store, 1, { grants: { version: 2, ends: 'failed', statements: [said('gap', ACCOUNT)] } });
      const third = await scan(store, 2, { grants: { version: 2, rows: [fact('1', { says: 'otherwise' })], statements: whole } });
      expect(third.classes).toEqual({ reader_changed: 1 });
    }));

  test('a newer reader whose first scan was abandoned compares nothing in the next', async () =>
    withStore(async (store) => {
      await scan(store, 0, { grants: { rows: [fact('1')], statements: whole } });
      const scanId = await begin(store, 1);
      await open(store, scanId, 1, 'grants', { version: 2 });
      await conclude(store, scanId, 1, 'abandoned');
      const third = await scan(store, 2, { grants: { version: 2, rows: [fact('1', { says: 'otherwise' })], statements: whole } });
      expect(third.classes).toEqual({ reader_changed: 1 });
    }));

  test('an account whose first reading failed is newly seen, not new, when it is read at last', async () =>
    withStore(async (store, path) => {
      await scan(store, 0, { grants: { ends: 'failed', statements: [said('gap', ACCOUNT)] } });
      await scan(store, 1, { grants: { rows: [fact('1')], statements: whole } });
      const reader = openReader(path);
      expect(reader.diff(TENANT, 1, 2).map((row) => [row.class, row.first])).toEqual([['appeared', 1]]);
      reader.close();
    }));
  test('the diff of two nights is the same whenever it is asked for', async () =>
    withStore(async (store, path) => {
      const refused = { grants: { rows: [], statements: [...whole, said('gap', `${ACCOUNT}/user/1`)] } };
      await scan(store, 0, { grants: { rows: [fact('1')], statements: whole } });
      await scan(store, 1, refused);
      await scan(store, 2, refused);
      const reader = openReader(path);
      const then = reader.diff(TENANT, 2, 3);
      await scan(store, 3, { grants: { rows: [fact('1')], statements: whole } });
      expect(then).toHaveLength(1);
      expect(reader.diff(TENANT, 2, 3)).toEqual(then);
      reader.close();
    }));

  test('a diff over several nights says what differs between the two ends, and nothing where nothing does', async () =>
    withStore(async (store, path) => {
      for (const [night, says] of ['one', 'two', 'three', 'one'].entries())
        await scan(store, night, { grants: { rows: [fact('1', { says })], statements: whole } });
      const reader = openReader(path);
      const overTwo = reader.diff(TENANT, 1, 3).map((row) => changedFields(row.before!, row.body));
      expect(overTwo).toEqual([[{ field: 'says', before: 'one', after: 'three' }]]);
      expect(reader.diff(TENANT, 1, 4)).toEqual([]);
      reader.close();
    }));
  test('what was unverified in between and is verified again persists', async () =>
    withStore(async (store, path) => {
      const all = { grants: { rows: [fact('1'), fact('2')], statements: whole } };
      await scan(store, 0, all);
      const scanId = await begin(store, 1);
      await open(store, scanId, 1);
      await conclude(store, scanId, 1, 'abandoned');
      await scan(store, 2, all);
      const reader = openReader(path);
      expect({ diff: reader.diff(TENANT, 1, 3), persisting: persisting(reader.diff(TENANT, 1, 3), reader.presentAt(TENANT, 3)) }).toEqual({
        diff: [],
        persisting: 2,
      });
      reader.close();
    }));
  test('the sizes of one tenant are not lost when another tenant has a source of that name', async () =>
    withStore(async (store, path) => {
      for (const tenant of ['one', 'two']) {
        const scanId = await begin(store, 0, tenant);
        const reading = await open(store, scanId, 0);
        await store.commitBatch(reading, { rows: [], statements: whole, cursor: '1', sizes: '{"users":7}' });
        await store.endReading(reading, 'ended', dateOf(0));
        await conclude(store, scanId, 0);
      }
      const reader = openReader(path);
      expect([reader.lastSizes('one', 'workspace'), reader.lastSizes('two', 'workspace')].map((sizes) => [...sizes.values()])).toEqual([
        [{ users: 7 }],
        [{ users: 7 }],
      ]);
      reader.close();
    }));
  test('a reading that nobody ended is told among those that are left over, so that it can be ended with a gap', async () =>
    withStore(async (store) => {
      const scanId = await begin(store, 0);
      await open(store, scanId, 0);
      expect(await store.unopened(scanId)).toHaveLength(1);
    }));
});
