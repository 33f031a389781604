import { persisting } from '../../src/commands/diff.ts';
import { changedFields } from '../../src/scan/rows.ts';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { controlReader } from '../../src/store/history.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { ACCOUNT, begin, conclude, dateOf, fact, open, said, scan, temporaryFolder, TENANT, withStoreIn } from './facts.ts';
import { rowsOf } from './logical-dump.ts';

describe('the store', () => {
  const file = temporaryFolder();
  const whole = [said('covered', ACCOUNT)];

  const withStore = withStoreIn(file, openStore);
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
  const classes = (path: string, from: number | undefined, to: number) => {
    const reader = openReader(path);
    const found = reader.diff(TENANT, from, to).map((row) => `${row.class} ${row.thing}`);
    reader.close();
    return found;
  };
  const grants = (...rows: ReturnType<typeof fact>[]) => ({ grants: { rows, statements: whole } });

  test('what came back is told of the nights in which it did, and of no later ones', async () =>
    withStore(async (store, path) => {
      for (const [night, rows] of [[fact('1')], [], [fact('1')], [fact('1', { says: 'other' })]].entries())
        await scan(store, night, grants(...rows, fact('2')));
      expect([classes(path, 1, 3), classes(path, 2, 3), classes(path, 3, 4), classes(path, 1, 2)]).toEqual([
        ['returned thing/1'],
        ['returned thing/1'],
        ['changed thing/1'],
        ['gone thing/1'],
      ]);
      expect(classes(path, undefined, 2)).toEqual(['appeared thing/2']);
    }));

  test('what was gone at both ends is no news, though it was there between them', async () =>
    withStore(async (store, path) => {
      for (const [night, rows] of [[fact('1')], [], [fact('1')], []].entries()) await scan(store, night, grants(...rows));
      expect([classes(path, 2, 4), classes(path, 1, 4)]).toEqual([[], ['gone thing/1']]);
    }));

  test('what a newer reader made of a fact is no change, and what changed after that is one', async () =>
    withStore(async (store, path) => {
      const newer = (...rows: ReturnType<typeof fact>[]) => ({ grants: { rows, statements: whole, version: 2 } });
      await scan(store, 0, grants(fact('1'), fact('2')));
      await scan(store, 1, newer(fact('1', { says: 'two' }), fact('2', { says: 'two' }), fact('3')));
      await scan(store, 2, newer(fact('1', { says: 'three' }), fact('2', { says: 'two' }), fact('3')));
      expect([classes(path, 1, 2), classes(path, 1, 3), classes(path, 2, 3)]).toEqual([[], ['changed thing/1'], ['changed thing/1']]);
      await scan(store, 3, newer(fact('1', { says: 'three' }), fact('2', { says: 'two' }), fact('3', { says: 'four' })));
      expect(classes(path, 3, 4)).toEqual(['changed thing/3']);
    }));

  test('what was gone and was first seen again by a newer reader has returned', async () =>
    withStore(async (store, path) => {
      const newer = (says: string) => ({ grants: { rows: [fact('1', { says })], statements: whole, version: 2 } });
      await scan(store, 0, grants(fact('1')));
      await scan(store, 1, grants());
      await scan(store, 2, newer('two'));
      await scan(store, 3, newer('three'));
      expect(classes(path, 2, 4)).toEqual(['returned thing/1']);
    }));

  test('what was unverified before stays so, whatever happens to something else', async () =>
    withStore(async (store, path) => {
      const refused = said('gap', `${ACCOUNT}/user/1`);
      await scan(store, 0, grants(fact('1'), fact('2')));
      for (const says of ['the usual', 'two', 'two'])
        await scan(store, 1, { grants: { rows: [fact('2', { says })], statements: [...whole, refused] } });
      expect([classes(path, 2, 3), classes(path, 3, 4)]).toEqual([['unverified thing/1', 'changed thing/2'], ['unverified thing/1']]);
    }));

  test('a diff is of one tenant and of lists alone, each row as a whole', async () =>
    withStore(async (store, path) => {
      const log = { events: { rows: [fact('7')], statements: whole, mode: 'log' as const } };
      await scan(store, 0, grants(fact('1')));
      await scan(store, 0, grants(fact('9')), 'other');
      const { scanId } = await scan(store, 1, { ...grants(fact('1'), fact('2', { app: 'app 2', kind: 'api_key' })), ...log });
      const later = await scan(store, 2, { ...grants(fact('3')), ...log });
      const reader = openReader(path);
      const { body } = fact('2', { app: 'app 2', kind: 'api_key' });
      expect(reader.diff(TENANT, 1, scanId)).toEqual([
        {
          class: 'appeared',
          connector: 'google-workspace',
          account: 'C01',
          collector: 'grants',
          kind: 'api_key',
          thing: 'thing/2',
          appId: 'app 2',
          body,
          before: null,
          first: 0,
          holderStanding: null,
        },
      ]);
      expect([1, scanId, later.scanId].map((id) => reader.presentAt(TENANT, id))).toEqual([1, 2, 1]);
      expect(reader.presentAt('other', later.scanId)).toBe(1);
      reader.close();
    }));

  test('what is gone is told with how its own account listed whoever held it, as it was then', async () =>
    withStore(async (store, path) => {
      const known = (id: string, by: string, standing: string, kind: string) => {
        const row = fact(id, { kind, says: standing });
        return { ...row, principalId: by, body: JSON.stringify({ ...(JSON.parse(row.body) as object), principal: { id: by, standing } }) };
      };
      const person = (id: string, standing: string) => known(`person/${id}`, id, standing, 'identity');
      const held = (id: string, by: string, says = 'the usual') => ({ ...fact(id, { says }), principalId: by });
      const night = (number: number, rows: readonly ReturnType<typeof held>[], people: readonly ReturnType<typeof person>[]) => {
        const elsewhere = { rows: [person('cy', 'deleted')], account: 'C02', statements: [said('covered', 'customer/C02')] };
        const otherwise = { rows: [person('cy', 'deleted')], connector: 'github', statements: whole };
        return scan(store, number, {
          grants: { rows, statements: whole },
          people: { rows: people, statements: whole },
          elsewhere,
          otherwise,
        });
      };
      const keys = known('5', 'cy', 'deleted', 'api_key');
      await night(
        0,
        [held('1', 'ada'), held('2', 'ben'), held('3', 'cy'), held('4', 'dora'), keys],
        [person('ada', 'active'), person('ben', 'active'), person('dora', 'deleted')],
      );
      await night(1, [held('4', 'dora', 'more'), keys], [person('ada', 'deleted'), person('ben', 'active'), person('dora', 'deleted')]);
      await night(
        2,
        [held('4', 'dora', 'more'), keys],
        [person('ada', 'deleted'), person('ben', 'deleted'), person('cy', 'deleted'), person('dora', 'deleted')],
      );
      const reader = openReader(path);
      const told = (from: number, to: number) =>
        reader
          .diff(TENANT, from, to)
          .flatMap((row) => (row.kind === 'oauth_grant' ? [`${row.class} ${row.thing} ${row.holderStanding}`] : []));
      expect(told(1, 2)).toEqual(['gone thing/1 deleted', 'gone thing/2 active', 'gone thing/3 null', 'changed thing/4 null']);
      expect(told(1, 3)).toEqual(['gone thing/1 deleted', 'gone thing/2 deleted', 'gone thing/3 deleted', 'changed thing/4 null']);
      reader.close();
    }));

  test('what was there and was not read counts as present no more, and as present again once it is read', async () =>
    withStore(async (store, path) => {
      for (const [night, tail] of [[], ['user/1', 'user/2'], ['user/2'], []].entries())
        await scan(store, night, {
          grants: {
            rows: ['1', '2', '3'].filter((id) => !tail.includes(`user/${id}`)).map((id) => fact(id)),
            statements: [...whole, ...tail.map((place) => said('gap', `${ACCOUNT}/${place}`))],
          },
        });
      const reader = openReader(path);
      expect([1, 2, 3, 4].map((id) => reader.presentAt(TENANT, id))).toEqual([3, 1, 2, 3]);
      reader.close();
    }));

  describe('`unchanged` renews what decided last', () => {
    const state = (path: string) => rowsOf<{ state: string }>(path, 'SELECT state FROM observation')[0]!.state;
    const vouched = (night: number) => ({ grants: { statements: [said('unchanged', ACCOUNT, dateOf(night))] } });

    test('which is the last that this collector said, and nothing that another did', async () =>
      withStore(async (store, path) => {
        await scan(store, 0, grants(fact('1')));
        await scan(store, 1, { grants: { rows: [fact('1')], statements: [said('gap', ACCOUNT)] } });
        await scan(store, 2, { grants: { rows: [fact('1')], ...vouched(2).grants }, users: { statements: whole } });
        await scan(store, 3, vouched(3));
        expect(state(path)).toBe('unverified');
      }));

    test('and a gap of a scan that was broken off, too', async () =>
      withStore(async (store, path) => {
        await scan(store, 0, grants(fact('1')));
        const scanId = await begin(store, 1);
        const reading = await open(store, scanId, 1);
        await store.commitBatch(reading, { rows: [fact('1')], statements: [said('gap', ACCOUNT, dateOf(1))] });
        await conclude(store, scanId, 1, 'abandoned');
        await scan(store, 2, { grants: { rows: [fact('1')], ...vouched(2).grants } });
        await scan(store, 3, vouched(3));
        expect(state(path)).toBe('unverified');
      }));

    test('for as long as from the last page of that reading on', async () =>
      withStore(async (store, path) => {
        const long = [said('covered', ACCOUNT, dateOf(0)), said('gap', `${ACCOUNT}/group`, dateOf(2))];
        await scan(store, 0, { grants: { rows: [fact('1')], statements: long } });
        await scan(store, 10, vouched(10));
        expect(state(path)).toBe('present');
      }));
  });

  test('what was vouched for so long ago that it renews nothing is forgotten, of the collector that was read', async () =>
    withStore(async (store, path) => {
      const vouched = (night: number) => ({ statements: [said('unchanged', ACCOUNT, dateOf(night))] });
      await scan(store, 0, { grants: { statements: whole }, users: { statements: whole } });
      await scan(store, 1, { grants: vouched(1), users: vouched(1) });
      await scan(store, 5, { grants: vouched(5) });
      await scan(store, 35, { grants: { statements: whole } });
      expect(
        rowsOf(
          path,
          'SELECT c.collector, r.scan_id AS scan, s.statement FROM statement s JOIN reading r ON r.id = s.reading_id JOIN collector c ON c.id = r.collector_id ORDER BY scan, collector',
        ),
      ).toEqual([
        { collector: 'grants', scan: 1, statement: 'covered' },
        { collector: 'users', scan: 1, statement: 'covered' },
        { collector: 'users', scan: 2, statement: 'unchanged' },
        { collector: 'grants', scan: 3, statement: 'unchanged' },
        { collector: 'grants', scan: 4, statement: 'covered' },
      ]);
    }));

  describe('the ledger says why a place is unread', () => {
    const gaps = (path: string, scanId: number) => {
      const reader = openReader(path);
      const found = reader.gaps(scanId).map(({ scope, reason, effect }) => `${scope.slice(ACCOUNT.length)} ${reason}: ${effect}`);
      reader.close();
      return found;
    };

    test('where a place that was read by chance differs, nothing that was vouched for that night is believed', async () =>
      withStore(async (store, path) => {
        await scan(store, 0, grants(fact('1'), fact('2')));
        const statements = [said('unchanged', ACCOUNT), { ...said('covered', `${ACCOUNT}/user/3`), spotCheck: true }];
        const { scanId, classes: counts } = await scan(store, 1, { grants: { rows: [fact('3')], statements } });
        expect(counts).toEqual({ appeared: 1, unverified: 2 });
        const why = 'stale: A log vouched for this place and may not: the place was not read whole for too long, or the log misses changes';
        expect(gaps(path, scanId)).toEqual([`/user/1 ${why}`, `/user/2 ${why}`]);
        // On the nights after, what was vouched for then is renewed by nothing before it either.
        const after = await scan(store, 2, { grants: { statements: [said('unchanged', ACCOUNT, dateOf(2))] } });
        expect(after.classes).toEqual({ unverified: 2, persisting: 1 });
        const seen = [fact('1'), fact('2'), fact('3')];
        await scan(store, 3, { grants: { rows: seen, statements: [said('unchanged', ACCOUNT, dateOf(3))] } });
        const last = await scan(store, 4, { grants: { statements: [said('unchanged', ACCOUNT, dateOf(4))] } });
        expect(last.classes).toEqual({ unverified: 2, persisting: 1 });
      }));

    test('where a place differs, and another was not spoken of at all', async () =>
      withStore(async (store, path) => {
        await scan(store, 0, grants(fact('1'), fact('2')));
        const statements = [said('unchanged', `${ACCOUNT}/user/1`), { ...said('covered', `${ACCOUNT}/user/3`), spotCheck: true }];
        const { scanId } = await scan(store, 1, { grants: { rows: [fact('3')], statements } });
        expect(gaps(path, scanId)).toEqual([
          expect.stringMatching(/^\/user\/1 stale: A log vouched/),
          '/user/2 stale: The collector ended and said nothing of this place',
        ]);
      }));

    test('by what was said of it, once; and a collector that failed has said so by failing', async () =>
      withStore(async (store, path) => {
        await scan(store, 0, grants(fact('1')));
        const refused = await scan(store, 1, { grants: { statements: [...whole, said('gap', `${ACCOUNT}/user/1`)] } });
        const failed = await scan(store, 2, { grants: { ends: 'failed' } });
        const silent = await scan(store, 3, { grants: {} });
        expect([refused, failed, silent].map(({ scanId }) => gaps(path, scanId))).toEqual([
          [`/user/1 permission_denied: Nothing is known of ${ACCOUNT}/user/1`],
          [],
          ['/user/1 stale: The collector ended and said nothing of this place'],
        ]);
      }));

    test('on a night on which a log was asked, by the log', async () =>
      withStore(async (store, path) => {
        await scan(store, 0, grants(fact('1')));
        const scanId = await begin(store, 1);
        const about = { source: 'workspace', connector: 'google-workspace', account: 'C01', accountScope: ACCOUNT, collector: 'grants' };
        const delta = { since: dateOf(0), sweep: false };
        const reading = await store.openReading({ scanId, ...about, mode: 'inventory', version: 1, startedAt: dateOf(1), delta });
        await store.endReading(reading, 'ended', dateOf(1));
        await conclude(store, scanId, 1);
        expect(gaps(path, scanId)).toEqual([expect.stringMatching(/^\/user\/1 stale: A log vouched/)]);
      }));
  });

  test('claims of a log are no part of what a wider claim implies', async () =>
    withStore(async (store, path) => {
      const window = { ...said('covered', `${ACCOUNT}/user/1`), windowFrom: dateOf(-1).toISOString(), windowTo: dateOf(0).toISOString() };
      await scan(store, 0, {
        grants: { statements: [...whole, window, said('covered', `${ACCOUNT}/user/2`)] },
        users: { statements: [window] },
      });
      expect(rowsOf(path, 'SELECT reading_id AS reading, scope FROM statement ORDER BY reading, scope')).toEqual([
        { reading: 1, scope: ACCOUNT },
        { reading: 1, scope: `${ACCOUNT}/user/1` },
        { reading: 2, scope: `${ACCOUNT}/user/1` },
      ]);
    }));

  test('a gap stands since before what was pruned, each by its own collector, place, reason and permission', async () =>
    withStore(async (store, path) => {
      const gap = (place: string, permission: string | null, reason = 'permission_denied') => ({
        ...said('gap', `${ACCOUNT}${place}`, dateOf(0), reason),
        permission,
      });
      const all = [gap('', 'read'), gap('', null), gap('/user/1', null), gap('', null, 'rate_limited')];
      for (const night of [0, 1, 2, 3, 4, 5])
        await scan(store, night, {
          // The last of them was away for one night since.
          grants: { statements: [...all.slice(0, night + 1), ...(night === 4 ? [] : [gap('/user/2', null)])] },
          ...(night > 1 && { users: { statements: [gap('', 'read')] } }),
        });
      await store.prune(TENANT, { before: dateOf(4), keepDays: 2, actor: 'ada@host (claimed)', at: dateOf(6).toISOString(), plan: false });
      const reader = openReader(path);
      const since = reader
        .gaps(6)
        .map((row) =>
          [row.collector, row.scope.slice(ACCOUNT.length), row.reason, row.permission, row.since.slice(0, 10), row.known].join(' '),
        );
      expect(since.sort()).toEqual([
        'grants  permission_denied  2026-11-03 1',
        'grants  permission_denied read 2026-11-02 1',
        'grants  rate_limited  2026-11-05 1',
        'grants /user/1 permission_denied  2026-11-04 1',
        'grants /user/2 permission_denied  2026-11-07 0',
        'users  permission_denied read 2026-11-04 1',
      ]);
      reader.close();
    }));

  test('a setting is told as it was read last, up to the scan that is asked about', async () =>
    withStore(async (store, path) => {
      const setting = (id: string, about: string) => {
        const row = fact(id, { kind: 'control' });
        return { ...row, body: JSON.stringify({ ...(JSON.parse(row.body) as object), attributes: { [about]: true, other: 1 } }) };
      };
      const [one, two] = [setting('c1', 'on'), setting('c2', 'on')];
      await scan(store, 0, { grants: { rows: [one, two, setting('c3', 'off'), fact('1')], statements: whole } });
      await scan(store, 1, { grants: { rows: [one], statements: whole } });
      await scan(store, 2, { grants: { rows: [], statements: [said('gap', ACCOUNT)] } });
      const database = new Database(path, { readonly: true });
      const app = { tenant: TENANT, connector: 'google-workspace', account: 'C01' };
      const at = (scanId: number, of = app) => controlReader(database, scanId)(of, ['on']).map(({ name }) => name);
      // What nobody asks for is not held.
      expect(controlReader(database, 1)(app, ['on']).map(({ attributes }) => attributes)).toEqual([{ on: true }, { on: true }]);
      expect([at(1), at(2), at(3), at(3, { ...app, account: 'C02' }), at(3, { ...app, tenant: 'other' })]).toEqual([
        ['c1', 'c2'],
        ['c1'],
        ['c1'],
        [],
        [],
      ]);
      database.close();
    }));

  test('a gap stands since the first of the nights in a row on which the same collector said it for the same reason', async () =>
    withStore(async (store, path) => {
      const gap = (permission: string | null, reason = 'permission_denied') => ({ ...said('gap', ACCOUNT, dateOf(0), reason), permission });
      const told = (...statements: ReturnType<typeof said>[]) => ({ grants: { statements } });
      await scan(store, 0, told(gap(null), gap('read')));
      await scan(store, 1, told(gap('read'), gap('write')));
      const broken = await begin(store, 2);
      await open(store, broken, 2);
      await conclude(store, broken, 2, 'abandoned');
      await scan(store, 2, told(gap('read'), gap('write')), 'other');
      const last = await scan(store, 3, {
        ...told(gap(null), gap('read'), gap('write'), gap('write', 'rate_limited')),
        users: { statements: [gap('read')] },
      });
      const reader = openReader(path);
      const all = reader
        .gaps(last.scanId)
        .map(({ collector, permission, reason, since, known }) => [collector, permission, reason, since.slice(0, 10), known].join(' '));
      expect(all.sort()).toEqual([
        'grants  permission_denied 2026-11-05 0',
        'grants read permission_denied 2026-11-02 1',
        'grants write permission_denied 2026-11-03 1',
        'grants write rate_limited 2026-11-05 0',
        'users read permission_denied 2026-11-05 0',
      ]);
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
