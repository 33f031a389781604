import { describe, expect, test } from 'vitest';
import {
  ProviderFault,
  Refusal,
  type Collector,
  type ConnectTools,
  type Member,
  type Operation,
  type ScanEvent,
} from '../../src/connector/index.ts';
import { openReader } from '../../src/store/read.ts';
import type { Store } from '../../src/store/store.ts';
import { json, serve } from '../http/server.ts';
import { temporaryFolder } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { accountOf, finds, gapsOf, grantOf, inOrder, inventedSource, says, scanOn, statesOf, stoppable } from './invented.ts';

const file = temporaryFolder();
const ALL = [finds('grants', ['a']), finds('list', ['l'], { level: 'group' })];

function member(id: string, { close, ...more }: Partial<Member<unknown>> & { close?(): Promise<void> } = {}): Member<unknown> {
  const connect = async () => ({ client: {}, account: accountOf(id), ...(close && { close }) });
  return { account: accountOf(id), connect, ...more };
}

const group = (members: () => Promise<readonly Member<unknown>[]>, collectors: readonly Collector[] = ALL, close?: () => Promise<void>) =>
  inventedSource('group', collectors, {
    readsMany: () => true,
    connect: async () => ({ client: {}, account: accountOf('O'), members, ...(close && { close }) }),
  });

/** What was read in the last scan. */
const read = (path: string) =>
  rowsOf<{ account: string; collector: string; state: string }>(
    path,
    `SELECT c.account, c.collector, r.state FROM reading r JOIN collector c ON c.id = r.collector_id
     WHERE r.scan_id = (SELECT max(id) FROM scan) ORDER BY c.account, c.collector`,
  ).map(({ account, collector, state }) => `${account} ${collector} ${state}`);

describe('a source of many accounts', () => {
  test('reads what holds them and each of them, eight at a time, and closes what it opened', async () => {
    const path = file();
    const closed: string[] = [];
    let [now, most] = [0, 0];
    const slow = says('grants', async function* ({ account: { id, scope } }): AsyncGenerator<ScanEvent> {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 30));
      now--;
      yield grantOf(scope, `of ${id}`);
      yield { type: 'covered', scope };
    });
    const ids = Array.from({ length: 10 }, (_, index) => `M${index}`);
    const list = ids.map((id) => member(id, { close: async () => void closed.push(id) }));
    const { sources } = await scanOn(path, 0, [
      group(
        async () => list,
        [slow, ALL[1]!],
        async () => void closed.push('O'),
      ),
    ]);
    expect(sources).toMatchObject([{ state: 'read', message: '10 accounts read', account: accountOf('O'), refused: false, bugs: [] }]);
    expect([most, closed.toSorted(), closed.at(-1)]).toEqual([8, [...ids, 'O'], 'O']);
    expect(read(path)).toEqual([...ids.map((id) => `${id} grants ended`), 'O list ended']);
  });

  test('says how many were read, refused, left out, and are read elsewhere; each is a gap of its own', async () => {
    const path = file();
    const refuses = async () => Promise.reject(new Refusal('Not for you', { reason: 'not_licensed' }));
    const left = { reason: 'not_of_interest', effect: 'It is suspended', byDesign: true } as const;
    const single = (name: string, id: string, grant: string) =>
      inventedSource(name, [finds('grants', [grant])], { connect: async () => ({ client: {}, account: accountOf(id) }) });
    const many = [member('M'), member('E'), member('R', { connect: refuses }), member('L', { unread: left })];
    for (const id of ['R', 'L', 'M']) await scanOn(path, 0, [single('before', id, id)]);
    const { sources, scanId } = await scanOn(path, 1, [single('own', 'E', 'own'), group(async () => many)]);
    expect(sources.map(({ state, message, bugs }) => [state, message, bugs])).toEqual([
      ['read', undefined, []],
      ['partly', '1 accounts read, 1 refused, 1 left out, 1 read by sources of their own', []],
    ]);
    const effect = 'Nothing of this account was read: Not for you';
    expect(Object.fromEntries(sources[1]!.members!)).toEqual({ M: undefined, R: { reason: 'not_licensed', effect }, L: left });
    const reader = openReader(path);
    const gaps = reader.gaps(scanId).map((gap) => [gap.account, gap.collector, gap.reason, gap.effect, gap.byDesign]);
    reader.close();
    expect(gaps.toSorted(inOrder)).toEqual([
      ['L', 'grants', 'not_of_interest', 'It is suspended', 1],
      ['R', 'grants', 'not_licensed', effect, 0],
    ]);
    expect(statesOf(path)).toEqual({ L: 'unverified', M: 'gone', R: 'unverified', a: 'present', l: 'present', own: 'present' });
    expect(read(path)).toEqual(['E grants ended', 'L grants unread', 'M grants ended', 'O list ended', 'R grants failed']);
  });

  test('of which one fails for a reason of our own says so, and reads the others', async () => {
    const path = file();
    const broken = member('B', { connect: async () => Promise.reject(new RangeError('oops')) });
    const { sources, scanId } = await scanOn(path, 0, [group(async () => [broken, member('M')])]);
    expect(sources).toMatchObject([{ state: 'partly', message: '1 accounts read, 1 refused', bugs: [new RangeError('oops')] }]);
    expect(gapsOf(path, scanId)).toEqual([
      ['grants', 'account/B', 'provider_error', 'Nothing of this account was read: The connector failed for a reason of its own'],
    ]);
  });

  test('whose accounts cannot be told is unread, though what holds them was read', async () => {
    const path = file();
    await scanOn(path, 0, [group(async () => [member('M')])]);
    const error = new ProviderFault('Down', { reason: 'rate_limited' });
    const { sources, scanId } = await scanOn(path, 1, [group(async () => Promise.reject(error))]);
    expect(sources).toMatchObject([{ state: 'unread', message: 'Down', failure: 'rate_limited', refused: false, bugs: [] }]);
    expect(read(path)).toEqual(['M grants unread', 'O list ended']);
    expect(gapsOf(path, scanId)).toEqual([['grants', 'account/M', 'rate_limited', 'Down']]);
    const bug = new RangeError('oops');
    expect((await scanOn(path, 2, [group(async () => Promise.reject(bug))])).sources).toMatchObject([{ state: 'unread', bugs: [bug] }]);
  });

  test('of which nothing is told says nothing of accounts', async () => {
    const { sources } = await scanOn(file(), 0, [group(async () => [])]);
    expect(sources[0]).toMatchObject({ state: 'read', members: new Map() });
    expect(sources[0]!.message).toBeUndefined();
  });

  test('of which a collector was switched off says so of each of its accounts', async () => {
    const path = file();
    await scanOn(path, 0, [group(async () => [member('M')])]);
    const source = { ...group(async () => [member('M')]), collectors: { grants: false, list: false } };
    const { scanId } = await scanOn(path, 1, [source]);
    expect(gapsOf(path, scanId)).toEqual([
      ['grants', 'account/M', 'stale', 'The collector grants is switched off'],
      ['list', 'account/O', 'stale', 'The collector list is switched off'],
    ]);
  });

  test('that is gone on with opens no account that was read to its end, and tries again what refused', async () => {
    const path = file();
    const opened: string[] = [];
    const { signal, stop } = stoppable();
    let night = 0;
    const list = ['M', 'R', 'S'].map((id) =>
      member(id, {
        async connect() {
          opened.push(id);
          if (id === 'R' && night === 0) throw new Refusal('Later', { reason: 'permission_denied' });
          return { client: {}, account: accountOf(id) };
        },
      }),
    );
    const stops = says('grants', async function* ({ account: { id, scope } }): AsyncGenerator<ScanEvent> {
      yield { type: 'covered', scope };
      if (id !== 'S' || night > 0) return;
      // The others have ended by then.
      await new Promise((resolve) => setTimeout(resolve, 50));
      stop();
    });
    const source = () => group(async () => list, [stops]);
    expect(await scanOn(path, 0, [source()], { signal })).toMatchObject({ state: 'interrupted', sources: [{ message: 'Interrupted' }] });
    night++;
    const { sources, resumed } = await scanOn(path, 0, [source()]);
    expect([resumed, opened.toSorted()]).toEqual([true, ['M', 'R', 'R', 'S', 'S']]);
    expect(sources).toMatchObject([{ state: 'read', message: '3 accounts read' }]);
    expect(read(path)).toEqual(['M grants ended', 'R grants ended', 'S grants ended']);
  });

  test('that is stopped opens no further account, and says nothing of those that it did not open', async () => {
    const path = file();
    const { signal, stop } = stoppable();
    let opened = 0;
    const list = Array.from({ length: 12 }, (_, index) =>
      member(`M${index}`, {
        async connect() {
          opened++;
          stop();
          throw new Refusal('Never asked', { reason: 'permission_denied' });
        },
      }),
    );
    const { state } = await scanOn(path, 0, [group(async () => list, [finds('grants', [])])], { signal });
    expect([state, opened <= 8, read(path)]).toEqual(['interrupted', true, []]);
  });

  test('that is stopped while it lists them opens none, and closes what it opened', async () => {
    const { signal, stop } = stoppable();
    let closed = 0;
    const members = async () => {
      stop();
      return [member('M', { connect: async () => expect.unreachable() })];
    };
    const outcome = await scanOn(file(), 0, [group(members, ALL, async () => void closed++)], { signal });
    expect(outcome).toMatchObject({ state: 'interrupted', sources: [{ state: 'unread', message: 'Interrupted' }] });
    expect(closed).toBe(1);
  });

  test.each(['endReading', 'endedIn'] as const)('is stopped whole where the store fails at one of its accounts, at %s', async (method) => {
    const path = file();
    const told: string[] = [];
    const slow = says('grants', async function* ({ account: { id, scope }, sleep, signal }): AsyncGenerator<ScanEvent> {
      if (id !== 'M0' && !signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await sleep(1);
      told.push(id);
      yield { type: 'covered', scope };
    });
    const source = group(async () => ['M0', 'M1', 'M2'].map((id) => member(id)), [slow]);
    const failing = (store: Store): Store => ({
      ...store,
      endReading: method === 'endReading' ? async () => Promise.reject(new Error('database is locked')) : store.endReading,
      endedIn: async (scan, connector, account) => {
        if (method === 'endedIn' && account === 'M0') throw new Error('database is locked');
        return store.endedIn(scan, connector, account);
      },
    });
    await expect(scanOn(path, 0, [source], {}, failing)).rejects.toThrow(/database is locked/);
    expect(told.includes('M0')).toBe(method === 'endReading');
    expect(rowsOf(path, 'SELECT state FROM scan')).toEqual([{ state: 'running' }]);
    expect(read(path).filter((each) => each.endsWith('ended'))).toEqual([]);
  });

  test('counts what each account asked for, also where it refused', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const asks = (id: string, answer: () => Promise<{ client: unknown; account: ReturnType<typeof accountOf> }>) =>
      member(id, {
        async connect(tools: ConnectTools) {
          await tools.wire({ api: { url: server.url } }).fetch(`${server.url}/open`);
          return answer();
        },
      });
    const good = asks('M', async () => ({ client: {}, account: accountOf('M') }));
    const bad = asks('R', async () => Promise.reject(new Refusal('No', { reason: 'permission_denied' })));
    const operations: Operation[] = [{ id: 'open', method: 'GET', origin: 'api', path: '/open', class: 'read' }];
    const source = group(async () => [good, bad]);
    const path = file();
    const { requests } = await scanOn(path, 0, [{ ...source, connector: { ...source.connector, operations } }]);
    expect(Object.fromEntries(requests)).toEqual({ open: { first: 2, repeats: 0 } });
    expect(rowsOf(path, 'SELECT source, collector, operation, first FROM request_count')).toEqual([
      { source: 'group', collector: '', operation: 'open', first: 2 },
    ]);
  });
});
