import { persisting } from '../../src/commands/diff.ts';
import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { openReader } from '../../src/store/read.ts';
import type { LeaseHolder, Store } from '../../src/store/store.ts';
import { ACCOUNT, begin, conclude, dateOf, fact, open, said, scan, temporaryFolder, TENANT, withStoreIn } from './facts.ts';
import { logicalDump, rowsOf } from './logical-dump.ts';

/** What every store must keep, whatever database stands behind it. */
export function storeContract(name: string, openStore: (file: string) => Store): void {
  describe(`the store contract, kept by ${name}`, () => {
    const file = temporaryFolder();
    const whole = [said('covered', ACCOUNT)];

    const withStore = withStoreIn(file, openStore);
    const states = (path: string) =>
      Object.fromEntries(
        rowsOf<{ id: string; state: string }>(path, 'SELECT native_id AS id, state FROM observation ORDER BY native_id').map(
          ({ id, state }) => [id, state],
        ),
      );
    const versions = (path: string) =>
      rowsOf(
        path,
        'SELECT o.native_id AS id, v.from_scan AS since, v.until_scan AS until, v.body FROM observation_version v JOIN observation o ON o.id = v.observation_id ORDER BY id, until',
      );
    const entries = (path: string, scanId: number) =>
      rowsOf(
        path,
        'SELECT o.native_id AS id, d.class, d.state FROM diff_entry d JOIN observation o ON o.id = d.observation_id WHERE d.scan_id = ? ORDER BY id',
        scanId,
      );
    const volatile = (path: string) =>
      Object.fromEntries(
        rowsOf<{ id: string; volatile: string }>(path, 'SELECT native_id AS id, volatile FROM observation').map((row) => [
          row.id,
          row.volatile,
        ]),
      );

    describe('the ledger', () => {
      const gapsIn = (path: string, scanId: number) => {
        const reader = openReader(path);
        const gaps = reader.gaps(scanId).map(({ scope, reason, permission, effect }) => [scope, reason, permission, effect]);
        reader.close();
        return gaps;
      };
      const gap = (permission: string | null, effect: string) => ({
        ...said('gap', ACCOUNT, dateOf(0), 'permission_denied'),
        permission,
        effect,
      });

      test('two refusals at one place are two lines; what else is said under one permission is added to its line', async () =>
        withStore(async (store, path) => {
          const scanId = await begin(store, 0);
          const reading = await open(store, scanId, 0);
          const told = [
            gap('members', 'No members'),
            gap('secrets', 'No names'),
            gap('members', 'No owners'),
            gap('members', 'No members'),
          ];
          await store.commitBatch(reading, { rows: [], statements: told });
          await store.endReading(reading, 'ended', dateOf(0));
          await conclude(store, scanId, 0);
          expect(gapsIn(path, scanId)).toEqual([
            [ACCOUNT, 'permission_denied', 'members', 'No members; No owners'],
            [ACCOUNT, 'permission_denied', 'secrets', 'No names'],
          ]);
        }));

      test('a place of which a collector said nothing is told, and its source is read in part', async () =>
        withStore(async (store, path) => {
          await scan(store, 0, { grants: { rows: [fact('1')], statements: whole } });
          const scanId = await begin(store, 1);
          const reading = await open(store, scanId, 1);
          await store.recordSource({
            scanId,
            source: 'workspace',
            connector: 'c',
            account: 'C01',
            accountName: null,
            state: 'read',
            message: null,
          });
          await store.endReading(reading, 'ended', dateOf(1));
          await conclude(store, scanId, 1);
          expect(states(path)).toEqual({ 1: 'unverified' });
          expect(gapsIn(path, scanId)).toEqual([
            [`${ACCOUNT}/user/1`, 'stale', null, 'The collector ended and said nothing of this place'],
          ]);
          expect(rowsOf(path, 'SELECT state FROM source_result')).toEqual([{ state: 'partly' }]);
          expect([await store.gapsOf(scanId, 'workspace'), await store.gapsOf(scanId, 'another')]).toEqual([1, 0]);
        }));
    });

    describe('batches', () => {
      test('a batch and its cursor are one unit: a batch that fails in the middle leaves neither rows nor cursor nor statements', async () =>
        withStore(async (store, path) => {
          const scanId = await begin(store, 0);
          const reading = await open(store, scanId, 0);
          await store.commitBatch(reading, { rows: [fact('1')], statements: [], cursor: '1', sizes: '{"users":1}' });
          const broken = { ...said('covered', `${ACCOUNT}/user/2`), statement: 'nonsense' as 'covered' };
          await expect(store.commitBatch(reading, { rows: [fact('2')], statements: [broken], cursor: '2' })).rejects.toThrow();
          expect(await open(store, scanId, 0)).toEqual({ ...reading, cursor: '1', sizes: '{"users":1}' });
          await store.endReading(reading, 'ended', dateOf(0));
          expect(await conclude(store, scanId, 0)).toEqual({ appeared: 1 });
          expect(states(path)).toEqual({ 1: 'present' });
        }));

      test('a reading is found again with its last cursor after the file was closed and opened', async () => {
        const path = file();
        const first = openStore(path);
        const scanId = await begin(first, 0);
        const reading = await open(first, scanId, 0);
        await first.commitBatch(reading, {
          rows: [fact('1')],
          statements: [said('covered', `${ACCOUNT}/user/1`)],
          cursor: '{"page":2}',
          sizes: '{"users":1}',
        });
        await first.commitBatch(reading, { rows: [fact('2')], statements: [] });
        await first.close();
        const second = openStore(path);
        expect((await second.runningScan(TENANT))?.id).toBe(scanId);
        const again = await open(second, scanId, 1);
        expect(again).toEqual({ ...reading, cursor: '{"page":2}', sizes: '{"users":1}' });
        await second.commitBatch(again, { rows: [fact('3')], statements: whole });
        await second.endReading(again, 'ended', dateOf(0));
        expect(await conclude(second, scanId, 0)).toEqual({ appeared: 3 });
        expect(await second.runningScan(TENANT)).toBeUndefined();
        await second.close();
      });

      test('sizes stay where a later checkpoint counts none', async () =>
        withStore(async (store) => {
          const scanId = await begin(store, 0);
          const reading = await open(store, scanId, 0);
          await store.commitBatch(reading, { rows: [], statements: [], cursor: '1', sizes: '{"users":7}' });
          await store.commitBatch(reading, { rows: [], statements: [], cursor: '2' });
          expect(await open(store, scanId, 0)).toMatchObject({ cursor: '2', sizes: '{"users":7}' });
        }));

      test('what is staged is invisible to readers until the scan is concluded', async () =>
        withStore(async (store, path) => {
          const first = await scan(store, 0, { grants: { rows: [fact('1'), fact('2')], statements: whole } });
          const reader = openReader(path);
          const seen = () => ({
            scans: reader.scans(TENANT, -1).map(({ id }) => id),
            apps: reader
              .observationsOfApp({ tenant: TENANT, connector: 'google-workspace', account: 'C01', appId: 'app' }, -1)
              .map(({ thing, state, body }) => [thing, state, body]),
          });
          const before = seen();
          expect(before.scans).toEqual([first.scanId]);
          const scanId = await begin(store, 1);
          const reading = await open(store, scanId, 1);
          await store.commitBatch(reading, { rows: [fact('2', { says: 'other' }), fact('3')], statements: whole, cursor: '1' });
          expect(seen()).toEqual(before);
          await store.endReading(reading, 'ended', dateOf(1));
          expect(seen()).toEqual(before);
          await conclude(store, scanId, 1);
          expect(seen()).toEqual({
            scans: [scanId, first.scanId],
            apps: [
              ['thing/2', 'present', fact('2', { says: 'other' }).body],
              ['thing/3', 'present', fact('3').body],
              ['thing/1', 'gone', fact('1').body],
            ],
          });
          reader.close();
        }));

      test('a native id that is staged twice is one fact, and the last one counts', async () =>
        withStore(async (store, path) => {
          const told = [fact('1', { says: 'first', volatile: '1' }), fact('2'), fact('1', { says: 'last', volatile: '2' })];
          expect((await scan(store, 0, { grants: { rows: told, statements: whole } })).classes).toEqual({ appeared: 2 });
          const bodies = rowsOf(path, 'SELECT native_id AS id, body, volatile FROM observation ORDER BY native_id');
          expect(bodies).toEqual([
            { id: '1', body: fact('1', { says: 'last' }).body, volatile: '2' },
            { id: '2', body: fact('2').body, volatile: null },
          ]);
          const back = [fact('1', { says: 'other', volatile: '2' }), fact('2'), fact('1', { says: 'last', volatile: '2' })];
          expect((await scan(store, 1, { grants: { rows: back, statements: whole } })).classes).toEqual({ persisting: 2 });
          const forth = [fact('1', { says: 'last' }), fact('1', { says: 'third' }), fact('2'), fact('1', { says: 'fourth' })];
          const third = await scan(store, 2, { grants: { rows: forth, statements: whole } });
          expect(third.classes).toEqual({ changed: 1, persisting: 1 });
          expect(versions(path)).toEqual([{ id: '1', since: 1, until: third.scanId, body: fact('1', { says: 'last' }).body }]);
        }));

      test('one native id from two collectors is two facts', async () =>
        withStore(async (store) => {
          const both = {
            grants: { rows: [fact('1')], statements: whole },
            users: { rows: [fact('1', { says: 'a user' })], statements: whole },
          };
          expect((await scan(store, 0, both)).classes).toEqual({ appeared: 2 });
          expect((await scan(store, 1, both)).classes).toEqual({ persisting: 2 });
        }));
    });

    describe('nights', () => {
      test('a scan that finds everything as it was writes neither a version nor an entry of the diff', async () =>
        withStore(async (store, path) => {
          const told = { grants: { rows: [fact('1'), fact('2', { volatile: '{"lastUsedAt":1}' })], statements: whole } };
          await scan(store, 0, told);
          const second = await scan(store, 1, told);
          expect(second.classes).toEqual({ persisting: 2 });
          expect(versions(path)).toEqual([]);
          expect(entries(path, second.scanId)).toEqual([]);
        }));

      test('a night on which only last use moved writes no version and no change, and keeps the new date', async () =>
        withStore(async (store, path) => {
          await scan(store, 0, { grants: { rows: [fact('1', { volatile: '1' }), fact('2', { volatile: '1' })], statements: whole } });
          const second = await scan(store, 1, {
            grants: { rows: [fact('1', { volatile: '2' }), fact('2', { volatile: '1' })], statements: whole },
          });
          expect(second.classes).toEqual({ persisting: 2 });
          expect({ versions: versions(path), entries: entries(path, second.scanId), volatile: volatile(path) }).toEqual({
            versions: [],
            entries: [],
            volatile: { 1: '2', 2: '1' },
          });
        }));

      test('a volatile fact that is said for the first time is kept', async () =>
        withStore(async (store, path) => {
          await scan(store, 0, { grants: { rows: [fact('1')], statements: whole } });
          await scan(store, 1, { grants: { rows: [fact('1', { volatile: '2' })], statements: whole } });
          expect(volatile(path)).toEqual({ 1: '2' });
        }));

      test('what changed keeps its former body with the scans between which it held', async () =>
        withStore(async (store, path) => {
          const at = async (night: number, says: string) =>
            (await scan(store, night, { grants: { rows: [fact('1', { says })], statements: whole } })).scanId;
          const first = await at(0, 'one');
          await at(1, 'one');
          const third = await at(2, 'two');
          const fourth = await at(3, 'one');
          expect(versions(path)).toEqual([
            { id: '1', since: first, until: third, body: fact('1', { says: 'one' }).body },
            { id: '1', since: third, until: fourth, body: fact('1', { says: 'two' }).body },
          ]);
          expect(entries(path, third)).toEqual([{ id: '1', class: 'changed', state: 'present' }]);
          expect(rowsOf(path, 'SELECT body FROM observation')).toEqual([{ body: fact('1', { says: 'one' }).body }]);
        }));

      test('what is gone and comes back has returned, and is not new', async () =>
        withStore(async (store, path) => {
          const first = await scan(store, 0, { grants: { rows: [fact('1'), fact('2')], statements: whole } });
          const second = await scan(store, 1, { grants: { rows: [fact('2')], statements: whole } });
          const quiet = await scan(store, 2, { grants: { rows: [fact('2')], statements: whole } });
          const last = await scan(store, 3, { grants: { rows: [fact('1', { says: 'other' }), fact('2')], statements: whole } });
          expect([second.classes, quiet.classes, last.classes]).toEqual([
            { gone: 1, persisting: 1 },
            { persisting: 1 },
            { returned: 1, persisting: 1 },
          ]);
          expect(entries(path, second.scanId)).toEqual([{ id: '1', class: 'gone', state: 'gone' }]);
          expect(entries(path, quiet.scanId)).toEqual([]);
          expect(entries(path, last.scanId)).toMatchObject([{ id: '1', class: 'returned', state: 'present' }]);
          expect(rowsOf(path, 'SELECT native_id AS id, first_scan AS first FROM observation ORDER BY id')).toEqual([
            { id: '1', first: first.scanId },
            { id: '2', first: first.scanId },
          ]);
        }));

      test('a gap makes what lies under it unverified, once, and seeing it again verifies it', async () =>
        withStore(async (store, path) => {
          await scan(store, 0, { grants: { rows: [fact('1'), fact('2')], statements: whole } });
          const refused = { grants: { rows: [fact('2')], statements: [...whole, said('gap', `${ACCOUNT}/user/1`)] } };
          const second = await scan(store, 1, refused);
          const third = await scan(store, 2, refused);
          const fourth = await scan(store, 3, { grants: { rows: [fact('1'), fact('2')], statements: whole } });
          expect([second.classes, third.classes, fourth.classes]).toEqual([
            { unverified: 1, persisting: 1 },
            { unverified: 1, persisting: 1 },
            { verified: 1, persisting: 1 },
          ]);
          expect([second, third, fourth].map(({ scanId }) => entries(path, scanId))).toEqual([
            [{ id: '1', class: 'unverified', state: 'unverified' }],
            [],
            [{ id: '1', class: 'verified', state: 'present' }],
          ]);
        }));

      test('a collector that failed claims nothing, and what it saw before it failed is present', async () =>
        withStore(async (store, path) => {
          await scan(store, 0, { grants: { rows: [fact('1'), fact('2')], statements: whole } });
          const scanId = await begin(store, 1);
          const reading = await open(store, scanId, 1);
          await store.commitBatch(reading, { rows: [fact('2', { says: 'other' })], statements: whole });
          await store.endReading(reading, 'failed', dateOf(1), [said('gap', ACCOUNT)]);
          expect(await conclude(store, scanId, 1)).toEqual({ changed: 1, unverified: 1 });
          expect(states(path)).toEqual({ 1: 'unverified', 2: 'present' });
        }));

      test('an abandoned scan keeps what it saw and claims nothing that it did not conclude', async () =>
        withStore(async (store, path) => {
          await scan(store, 0, {
            grants: { rows: [fact('1'), fact('2')], statements: whole },
            users: { rows: [fact('u1'), fact('u2')], statements: whole },
          });
          const scanId = await begin(store, 1);
          const ended = await open(store, scanId, 1, 'users');
          await store.commitBatch(ended, { rows: [fact('u2')], statements: whole });
          await store.endReading(ended, 'ended', dateOf(1));
          const broken = await open(store, scanId, 1);
          await store.commitBatch(broken, {
            rows: [fact('2', { says: 'other' }), fact('3')],
            statements: [said('covered', `${ACCOUNT}/user/1`)],
            cursor: '1',
          });
          expect(await conclude(store, scanId, 1, 'abandoned')).toEqual({ gone: 1, persisting: 1, changed: 1, appeared: 1, unverified: 1 });
          expect(states(path)).toEqual({ 1: 'unverified', 2: 'present', 3: 'present', u1: 'gone', u2: 'present' });
          expect(rowsOf(path, `SELECT state FROM reading WHERE scan_id = ? ORDER BY id`, scanId)).toEqual([
            { state: 'ended' },
            { state: 'abandoned' },
          ]);
          expect(await store.runningScan(TENANT)).toBeUndefined();
          logicalDump(path); // No staging table is left over.
        }));

      test('a collector that an abandoned scan never opened keeps its facts as they were', async () =>
        withStore(async (store, path) => {
          await scan(store, 0, { grants: { rows: [fact('1')], statements: whole } });
          await conclude(store, await begin(store, 1), 1, 'abandoned');
          expect(states(path)).toEqual({ 1: 'present' });
        }));

      test('claims that a wider claim implies are dropped, and every decision stays', async () =>
        withStore(async (store, path) => {
          const users = Array.from({ length: 30 }, (_, number) => `${ACCOUNT}/user/${number}`);
          const scanId = await begin(store, 0);
          const reading = await open(store, scanId, 0);
          const told = [
            ...whole,
            ...users.map((scope) => said('covered', scope)),
            said('gap', users[3]!),
            said('gap', `${ACCOUNT}/group`),
            said('covered', `${ACCOUNT}/group/9`),
          ];
          await store.commitBatch(reading, { rows: users.map((scope) => fact(scope, { scope })), statements: told });
          await store.endReading(reading, 'ended', dateOf(0));
          await conclude(store, scanId, 0);
          expect(rowsOf(path, 'SELECT scope, statement FROM statement ORDER BY scope, statement')).toEqual([
            { scope: ACCOUNT, statement: 'covered' },
            { scope: `${ACCOUNT}/group`, statement: 'gap' },
            { scope: `${ACCOUNT}/group/9`, statement: 'covered' },
            { scope: users[3], statement: 'covered' },
            { scope: users[3], statement: 'gap' },
          ]);
          // The claims that are left decide what `unchanged` is worth on the next night: only user 3 was never read.
          await scan(store, 1, { grants: { rows: [], statements: [said('unchanged', ACCOUNT, dateOf(1))] } });
          const unverified = Object.entries(states(path)).filter(([, state]) => state !== 'present');
          expect(unverified).toEqual([[users[3], 'unverified']]);
        }));

      test('a scan of one tenant touches nothing of another', async () =>
        withStore(async (store, path) => {
          await scan(store, 0, { grants: { rows: [fact('1')], statements: whole } }, 'one');
          await scan(store, 0, { grants: { rows: [fact('1'), fact('2')], statements: whole } }, 'two');
          await scan(store, 1, { grants: { rows: [], statements: whole } }, 'one');
          const found = rowsOf(
            path,
            'SELECT c.tenant, o.native_id AS id, o.state FROM observation o JOIN collector c ON c.id = o.collector_id ORDER BY tenant, id',
          );
          expect(found).toEqual([
            { tenant: 'one', id: '1', state: 'gone' },
            { tenant: 'two', id: '1', state: 'present' },
            { tenant: 'two', id: '2', state: 'present' },
          ]);
        }));

      test('the first scan with a newer reader compares nothing, the next one does', async () =>
        withStore(async (store, path) => {
          await scan(store, 0, { grants: { rows: [fact('1'), fact('2'), fact('3')], statements: whole } });
          const rows = [fact('1'), fact('2', { says: 'otherwise' }), fact('4')];
          const second = await scan(store, 1, { grants: { rows, statements: whole, version: 2 } });
          const third = await scan(store, 2, {
            grants: { rows: [fact('1', { says: 'new' }), rows[1]!, rows[2]!], statements: whole, version: 2 },
          });
          expect([second.classes, third.classes]).toEqual([
            { persisting: 1, reader_changed: 3 },
            { changed: 1, persisting: 2 },
          ]);
          const reader = openReader(path);
          expect(reader.diff(TENANT, 1, second.scanId)).toEqual([]);
          expect(reader.diff(TENANT, second.scanId, third.scanId).map((row) => [row.class, row.thing])).toEqual([['changed', 'thing/1']]);
          reader.close();
        }));

      test('the diff of two scans and what persists are the whole of the inventory', async () =>
        withStore(async (store, path) => {
          await scan(store, 0, { grants: { rows: [fact('1'), fact('2'), fact('3'), fact('4')], statements: whole } });
          await scan(store, 1, {
            grants: {
              rows: [fact('1'), fact('2', { says: 'other' }), fact('5')],
              statements: [...whole, said('gap', `${ACCOUNT}/user/4`)],
            },
          });
          const reader = openReader(path);
          expect(reader.diff(TENANT, undefined, 1).map((row) => [row.class, row.thing, row.first])).toEqual(
            ['1', '2', '3', '4'].map((id) => ['appeared', `thing/${id}`, 1]),
          );
          expect(reader.diff(TENANT, 1, 2).map((row) => [row.class, row.thing, row.first])).toEqual([
            ['changed', 'thing/2', 1],
            ['gone', 'thing/3', 1],
            ['unverified', 'thing/4', 1],
            ['appeared', 'thing/5', 0],
          ]);
          expect(persisting(reader.diff(TENANT, 1, 2), reader.presentAt(TENANT, 2))).toBe(1);
          reader.close();
        }));
    });

    describe('places', () => {
      test('known places lie below the scope, on segment borders, and hold something that is not gone', async () =>
        withStore(async (store) => {
          const scopes = ['user/10', 'user/104', 'user/10/key/1', 'user/10/key/2', 'user/10-x', 'user/100', 'users/10'].map(
            (tail) => `${ACCOUNT}/${tail}`,
          );
          await scan(store, 0, { grants: { rows: scopes.map((scope) => fact(scope, { scope })), statements: whole } });
          await scan(store, 1, {
            grants: { rows: scopes.filter((scope) => !scope.endsWith('key/2')).map((scope) => fact(scope, { scope })), statements: whole },
          });
          const scanId = await begin(store, 2);
          const reading = await open(store, scanId, 2);
          const other = await open(store, scanId, 2, 'users');
          expect((await store.knownPlaces(reading.collectorId, `${ACCOUNT}/user/10`)).sort()).toEqual([`${ACCOUNT}/user/10/key/1`]);
          expect((await store.knownPlaces(reading.collectorId, `${ACCOUNT}/user`)).sort()).toEqual(
            scopes.filter((scope) => scope.startsWith(`${ACCOUNT}/user/`) && !scope.endsWith('key/2')).sort(),
          );
          expect(await store.knownPlaces(other.collectorId, `${ACCOUNT}/user`)).toEqual([]);
        }));

      test('collectors that this scan did not open are told with the source that read them last', async () =>
        withStore(async (store) => {
          await scan(store, 0, { grants: { rows: [fact('1')], statements: whole, version: 3 }, users: { statements: whole } });
          await scan(store, 0, { grants: { statements: whole } }, 'another');
          const scanId = await begin(store, 1);
          await store.endReading(await open(store, scanId, 1, 'users'), 'ended', dateOf(1));
          expect(await store.unopened(scanId)).toMatchObject([
            {
              scanId,
              source: 'workspace',
              connector: 'google-workspace',
              account: 'C01',
              accountScope: ACCOUNT,
              collector: 'grants',
              mode: 'inventory',
              version: 3,
            },
          ]);
        }));
    });

    describe('the lease', () => {
      const holder = (label: string, pid = process.pid): Omit<LeaseHolder, 'beatAt'> => ({
        holder: label,
        pid,
        host: hostname(),
        processStart: label === 'one' ? null : `start of ${label}`,
      });
      const never = () => false;

      test('one holder at a time, for each tenant', async () =>
        withStore(async (store) => {
          expect(await store.acquireLease(TENANT, holder('one'), dateOf(0), never)).toBeUndefined();
          expect(await store.acquireLease(TENANT, holder('two'), dateOf(1), never)).toEqual({
            ...holder('one'),
            beatAt: dateOf(0).toISOString(),
          });
          expect(await store.acquireLease('another', holder('two'), dateOf(1), never)).toBeUndefined();
          expect(await store.acquireLease(TENANT, holder('one'), dateOf(2), never)).toBeUndefined();
        }));

      test('a beat is seen by others, and nobody beats for somebody else', async () =>
        withStore(async (store) => {
          await store.acquireLease(TENANT, holder('one'), dateOf(0), never);
          await store.beat(TENANT, 'two', dateOf(2));
          expect((await store.acquireLease(TENANT, holder('two'), dateOf(1), never))?.beatAt).toBe(dateOf(0).toISOString());
          await store.beat(TENANT, 'one', dateOf(1));
          expect((await store.acquireLease(TENANT, holder('two'), dateOf(1), never))?.beatAt).toBe(dateOf(1).toISOString());
        }));

      test('the lease of the dead is taken over; the former holder can neither beat nor release it', async () =>
        withStore(async (store) => {
          await store.acquireLease(TENANT, holder('one', 999_999_999), dateOf(0), never);
          expect(await store.acquireLease(TENANT, holder('two'), dateOf(1), (held) => held.pid === 999_999_999)).toBeUndefined();
          await store.beat(TENANT, 'one', dateOf(5));
          await store.releaseLease(TENANT, 'one');
          expect(await store.acquireLease(TENANT, holder('three'), dateOf(2), never)).toEqual({
            ...holder('two'),
            beatAt: dateOf(1).toISOString(),
          });
        }));

      test('a lease that was given back is free', async () =>
        withStore(async (store) => {
          await store.acquireLease(TENANT, holder('one'), dateOf(0), never);
          await store.releaseLease(TENANT, 'one');
          expect(await store.acquireLease(TENANT, holder('two'), dateOf(1), never)).toBeUndefined();
        }));

      test('two connections to one file do not both get it', async () => {
        const path = file();
        const [one, two] = [openStore(path), openStore(path)];
        const answers = await Promise.all([
          one.acquireLease(TENANT, holder('one'), dateOf(0), never),
          two.acquireLease(TENANT, holder('two'), dateOf(0), never),
        ]);
        expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
        await one.close();
        await two.close();
      });
    });
  });
}
