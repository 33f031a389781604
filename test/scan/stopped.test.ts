import { describe, expect, test } from 'vitest';
import { Refusal, type ScanEvent } from '../../src/connector/index.ts';
import type { Progress, ScanOptions, Source } from '../../src/scan/engine.ts';
import type { Store } from '../../src/store/store.ts';
import { dateOf, temporaryFolder } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { accountOf, finds, grantOf, inventedSource, says, scanOn, statesOf, stoppable } from './invented.ts';

const file = temporaryFolder();
const HOUR = 3_600_000;
const begun = dateOf(0);
const one = () => inventedSource('one', [finds('grants', ['a'])]);
const two = () => inventedSource('two', [finds('grants', ['b'])], { connect: async () => ({ client: {}, account: accountOf('B') }) });
const document = (hash: string) => ({ hash, content: '{}' });
const documents = { config: document('config'), catalog: document('catalog'), policy: document('policy') };

/** A scan of which nothing is left but that it began. */
async function stopped(path: string, sources: readonly Source[], more: Partial<ScanOptions> = {}): Promise<number> {
  const { signal, stop } = stoppable();
  const first = await scanOn(path, begun, sources, { ...more, signal, progress: stop });
  expect([first.state, first.resumed, first.classes]).toEqual(['interrupted', false, {}]);
  return first.scanId;
}

describe('a scan that is stopped', () => {
  test.each([
    [0, true],
    [6 * HOUR, true],
    [6 * HOUR + 1, false],
    // A clock that once ran ahead.
    [-1, false],
  ])('is gone on with %i ms after it began: %s', async (after, resumed) => {
    const path = file();
    const scanId = await stopped(path, [one()]);
    const next = await scanOn(path, new Date(begun.getTime() + after), [one()]);
    expect([next.state, next.resumed, next.scanId === scanId]).toEqual(['concluded', resumed, resumed]);
    expect(rowsOf(path, 'SELECT state FROM scan WHERE id = ?', scanId)).toEqual([{ state: resumed ? 'concluded' : 'abandoned' }]);
  });

  test.each<[string, Partial<ScanOptions>, boolean]>([
    ['all is the same', {}, true],
    ['the policy is another', { documents: { ...documents, policy: document('other') } }, true],
    ['the configuration is another', { documents: { ...documents, config: document('other') } }, false],
    ['the catalog is another', { documents: { ...documents, catalog: document('other') } }, false],
    ['its readers are others', { readers: 'other' }, false],
    ['it is of some sources', { partial: true }, false],
  ])('is gone on with or not where %s', async (_title, more, resumed) => {
    const path = file();
    await stopped(path, [one(), two()], { documents, readers: 'these' });
    expect((await scanOn(path, begun, [one(), two()], { documents, readers: 'these', ...more })).resumed).toBe(resumed);
  });

  test('and read some sources is gone on with by one of the same, in any order, and by no other', async () => {
    const some = { documents, partial: true };
    for (const [sources, more, resumed] of [
      [[two(), one()], some, true],
      [[one()], some, false],
      [[one(), two()], { documents }, false],
    ] as const) {
      const path = file();
      await stopped(path, [one(), two()], some);
      expect((await scanOn(path, begun, sources, more)).resumed).toBe(resumed);
    }
  });

  test('is judged by the files and the program of the day on which it ends', async () => {
    const path = file();
    const scanId = await stopped(path, [one()], { documents, programVersion: '1' });
    await scanOn(path, begun, [one()], { documents: { ...documents, policy: null }, programVersion: '2' });
    expect(rowsOf(path, 'SELECT policy_hash, catalog_hash, program_version, judged FROM scan WHERE id = ?', scanId)).toEqual([
      { policy_hash: null, catalog_hash: 'catalog', program_version: '2', judged: 1 },
    ]);
  });

  test('between its facts and its findings is judged first, by the files of that day, and its tickets are asked for', async () => {
    const path = file();
    const broken = (store: Store): Store => ({ ...store, judgeScan: async () => Promise.reject(new Error('broken')) });
    await expect(scanOn(path, 0, [one()], { documents, programVersion: '1' }, broken)).rejects.toThrow('broken');
    const judged: unknown[] = [];
    const asked: Date[] = [];
    const tickets = (now: Date) => {
      asked.push(now);
      return {} as never;
    };
    const watched = (store: Store): Store => ({
      ...store,
      async judgeScan(scanId, judge, planner) {
        judged.push([scanId, judge.now, planner !== undefined]);
        await store.judgeScan(scanId, judge);
      },
    });
    const later = { documents: { ...documents, policy: document('other') }, programVersion: '2', tickets };
    expect((await scanOn(path, 1, [one()], later, watched)).resumed).toBe(false);
    expect(judged).toEqual([
      [1, dateOf(1), true],
      [2, dateOf(1), true],
    ]);
    expect(asked).toEqual([dateOf(1), dateOf(1)]);
    expect(rowsOf(path, 'SELECT id, policy_hash, program_version, judged FROM scan ORDER BY id')).toEqual([
      { id: 1, policy_hash: 'other', program_version: '2', judged: 1 },
      { id: 2, policy_hash: 'other', program_version: '2', judged: 1 },
    ]);
    expect(rowsOf(path, `SELECT hash FROM document WHERE kind = 'policy' ORDER BY hash`)).toEqual([{ hash: 'other' }, { hash: 'policy' }]);
  });

  test('while a source is opened has read nothing of it', async () => {
    const { signal, stop } = stoppable();
    const refused = async () => {
      stop();
      throw new Refusal('No more', { reason: 'permission_denied' });
    };
    const { sources } = await scanOn(file(), 0, [inventedSource('one', [], { connect: refused })], { signal });
    expect(sources).toMatchObject([{ source: 'one', state: 'unread', message: 'Interrupted', refused: false }]);
  });

  test('while a source is read has read a part, and closes what it opened', async () => {
    const { signal, stop } = stoppable();
    const [path, told] = [file(), [] as Progress[]];
    let closed = 0;
    const connect = async () => ({ client: {}, account: accountOf('A'), close: async () => void closed++ });
    const late = says('late', async function* () {
      yield grantOf('account/A/user/x', 'x');
      stop();
      yield grantOf('account/A/user/y', 'y');
    });
    const after = says('after', () => expect.unreachable());
    const progress = (event: Progress) => void told.push(event);
    expect(await scanOn(path, 0, [inventedSource('one', [late, after], { connect })], { signal, progress })).toMatchObject({
      state: 'interrupted',
      sources: [{ state: 'partly', message: 'Interrupted', account: accountOf('A'), bugs: [] }],
    });
    expect([closed, told.map(({ phase }) => phase)]).toEqual([1, ['connecting']]);
    expect(rowsOf(path, 'SELECT state FROM reading')).toEqual([{ state: 'running' }]);
    expect(rowsOf(path, 'SELECT * FROM source_result')).toEqual([]);
  });

  test('goes on after its last checkpoint, with the sizes and the cursor that were kept there', async () => {
    const path = file();
    const { signal, stop } = stoppable();
    const cursors: unknown[] = [];
    const paged = says('grants', async function* ({ cursor, signal: aborted }): AsyncGenerator<ScanEvent> {
      cursors.push(cursor);
      if (cursor === undefined) {
        yield grantOf('account/A/user/a', 'a');
        yield { type: 'checkpoint', cursor: { page: 2 }, sizes: { users: 7 } };
        yield grantOf('account/A/user/lost', 'lost');
        stop();
        aborted.throwIfAborted();
      }
      yield grantOf('account/A/user/b', 'b');
      yield { type: 'covered', scope: 'account/A' };
    });
    await scanOn(path, 0, [inventedSource('one', [paged])], { signal });
    expect(rowsOf(path, 'SELECT cursor, sizes FROM reading')).toEqual([{ cursor: '{"page":2}', sizes: '{"users":7}' }]);
    const { classes, resumed } = await scanOn(path, 0, [inventedSource('one', [paged])]);
    expect([resumed, classes, cursors]).toEqual([true, { appeared: 2 }, [undefined, { page: 2 }]]);
    expect(statesOf(path)).toEqual({ a: 'present', b: 'present' });
  });

  test('asks nothing of a collector that had ended', async () => {
    const path = file();
    const { signal, stop } = stoppable();
    let read = 0;
    const first = says('first', async function* (): AsyncGenerator<ScanEvent> {
      read++;
      yield { type: 'covered', scope: 'account/A' };
    });
    const second = says('second', async function* (): AsyncGenerator<ScanEvent> {
      stop();
      yield { type: 'covered', scope: 'account/A' };
    });
    const source = inventedSource('one', [first, second]);
    await scanOn(path, 0, [source], { signal });
    const { state } = await scanOn(path, 0, [source]);
    expect([state, read]).toEqual(['concluded', 1]);
  });
});
