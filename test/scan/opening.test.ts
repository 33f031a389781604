import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  ProviderFault,
  Refusal,
  type Connector,
  type ConnectTools,
  type Operation,
  type ScanEvent,
} from '../../src/connector/index.ts';
import type { Progress } from '../../src/scan/engine.ts';
import { json, serve } from '../http/server.ts';
import { temporaryFolder } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { accountOf, finds, gapsOf, grantOf, inventedSource, says, scanOn, statesOf } from './invented.ts';

const file = temporaryFolder();
const opens = (id: string): Partial<Connector> => ({ connect: async () => ({ client: {}, account: accountOf(id) }) });
const OPEN: Operation = { id: 'open', method: 'GET', origin: 'api', path: '/open', class: 'read' };
const LIST: Operation = { id: 'list', method: 'GET', origin: 'api', path: '/list', class: 'read' };

describe('sources', () => {
  test('are read four at a time', async () => {
    let [now, most] = [0, 0];
    const slow = (id: string) =>
      says(id, async function* (): AsyncGenerator<ScanEvent> {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 20));
        now--;
        yield { type: 'covered', scope: `account/${id}` };
      });
    const ids = ['1', '2', '3', '4', '5', '6'];
    const sources = ids.map((id) => inventedSource(id, [slow(id)], opens(id)));
    const outcome = await scanOn(file(), 0, sources);
    expect([most, outcome.sources.map(({ source, state }) => `${source} ${state}`)]).toEqual([4, ids.map((id) => `${id} read`)]);
  });

  test('of which several open one account: the first of the configuration has it, and what the others opened is closed', async () => {
    const closed: string[] = [];
    const source = (name: string, wait: number) =>
      inventedSource(name, [finds('grants', ['a'])], {
        async connect() {
          await new Promise((resolve) => setTimeout(resolve, wait));
          return { client: {}, account: accountOf('A'), close: async () => void closed.push(name) };
        },
      });
    const { sources } = await scanOn(file(), 0, [source('first', 40), source('second', 0), source('third', 0)]);
    const taken = (name: string) => ({
      source: name,
      connector: 'invented',
      state: 'unread',
      message: `The sources "first" and "${name}" both read account/A`,
      fix: 'Remove one of them: an account is read by one source.',
      failure: 'permission_denied',
      refused: true,
      bugs: [],
      requests: new Map(),
    });
    expect(sources).toEqual([
      { source: 'first', connector: 'invented', account: accountOf('A'), state: 'read', refused: false, bugs: [], requests: new Map() },
      taken('second'),
      taken('third'),
    ]);
    expect(closed.toSorted()).toEqual(['first', 'second', 'third']);
  });

  test('of two connectors may have accounts of one id', async () => {
    const other = inventedSource('other', [finds('grants', ['a'])], { id: 'another' });
    const { sources } = await scanOn(file(), 0, [inventedSource('one', [finds('grants', ['a'])]), other]);
    expect(sources.map(({ state }) => state)).toEqual(['read', 'read']);
  });

  test('that could not be opened leave the account to those after them', async () => {
    const lost = inventedSource('lost', [], { connect: async () => Promise.reject(new ProviderFault('Down', { reason: 'rate_limited' })) });
    const { sources } = await scanOn(file(), 0, [lost, inventedSource('second', [finds('grants', ['a'])])]);
    expect(sources.map(({ source, state, failure, refused }) => [source, state, failure, refused])).toEqual([
      ['lost', 'unread', 'rate_limited', false],
      ['second', 'read', undefined, false],
    ]);
  });

  test.each<[string, () => unknown, object]>([
    [
      'for lack of something in the configuration',
      () => new ConfigError('No key', { fix: 'Give one.' }),
      { message: 'No key', fix: 'Give one.', failure: 'permission_denied', refused: true, bugs: [] },
    ],
    [
      'since the provider refuses',
      () => new Refusal('Not for you', { reason: 'not_licensed' }),
      { message: 'Not for you', failure: 'not_licensed', refused: true, bugs: [] },
    ],
    [
      'since the provider fails',
      () => new ProviderFault('Down', { reason: 'rate_limited' }),
      { message: 'Down', failure: 'rate_limited', refused: false, bugs: [] },
    ],
    [
      'for a mistake of ours',
      () => new RangeError('oops'),
      {
        message: 'The connector failed for a reason of its own',
        failure: 'provider_error',
        refused: false,
        bugs: [new RangeError('oops')],
      },
    ],
  ])('that cannot be opened %s are told so, with all that they had read before unverified', async (_title, error, told) => {
    const path = file();
    const collectors = [finds('grants', ['a'])];
    await scanOn(path, 0, [inventedSource('one', collectors)]);
    const events: Progress[] = [];
    const lost = inventedSource('one', collectors, { connect: async () => Promise.reject(error()) });
    const { sources, classes, scanId } = await scanOn(path, 1, [lost], { progress: (event) => void events.push(event) });
    const { message, failure } = told as { message: string; failure: string };
    expect(sources).toEqual([{ source: 'one', connector: 'invented', state: 'unread', requests: new Map(), ...told }]);
    expect(classes).toEqual({ unverified: 1 });
    expect(gapsOf(path, scanId)).toEqual([['grants', 'account/A', failure, message]]);
    expect(rowsOf(path, 'SELECT account, account_name, state, message FROM source_result WHERE scan_id = ?', scanId)).toEqual([
      { account: null, account_name: null, state: 'unread', message },
    ]);
    expect(events).toEqual([
      { source: 'one', phase: 'connecting', observations: 0, requests: 0 },
      { source: 'one', phase: 'failed', observations: 0, requests: 0, message },
    ]);
  });

  test('that left the configuration, or of which a collector was switched off, say why what they had read is unread', async () => {
    const path = file();
    const one = inventedSource('one', [finds('grants', ['a']), finds('keys', ['k'])]);
    await scanOn(path, 0, [one, inventedSource('two', [finds('grants', ['b'])], opens('B'))]);
    const { scanId, classes } = await scanOn(path, 1, [{ ...one, collectors: { keys: false } }]);
    expect(classes).toEqual({ persisting: 1, unverified: 2 });
    expect(gapsOf(path, scanId)).toEqual([
      ['grants', 'account/B', 'stale', 'No source of the configuration reads account/B any more'],
      ['keys', 'account/A', 'stale', 'The collector keys is switched off'],
    ]);
    expect(rowsOf(path, 'SELECT state FROM reading WHERE scan_id = ? ORDER BY id', scanId)).toEqual([
      { state: 'ended' },
      { state: 'unread' },
      { state: 'unread' },
    ]);
  });

  test('that a partial scan names lose what is switched off, and those that it does not name lose nothing', async () => {
    const path = file();
    const one = inventedSource('one', [finds('grants', ['a']), finds('keys', ['k'])]);
    await scanOn(path, 0, [one, inventedSource('two', [finds('grants', ['b'])], opens('B'))]);
    const { scanId } = await scanOn(path, 1, [{ ...one, collectors: { keys: false } }], { partial: true });
    expect(gapsOf(path, scanId)).toEqual([['keys', 'account/A', 'stale', 'The collector keys is switched off']]);
    expect(statesOf(path)).toEqual({ a: 'present', b: 'present', k: 'unverified' });
  });

  test('that now open another account leave the former one unread', async () => {
    const path = file();
    await scanOn(path, 0, [inventedSource('one', [finds('grants', ['a'])])]);
    const { scanId, sources } = await scanOn(path, 1, [inventedSource('one', [finds('grants', ['b'])], opens('B'))]);
    expect(sources[0]!.state).toBe('partly');
    expect(gapsOf(path, scanId)).toEqual([['grants', 'account/A', 'stale', 'No source of the configuration reads account/A any more']]);
  });

  test('that seemed read whole are read in part where the conclusion finds what nobody spoke of', async () => {
    const path = file();
    const silent = says('grants', async function* (): AsyncGenerator<ScanEvent> {
      yield* [];
    });
    const other = inventedSource('two', [finds('grants', ['b'])], opens('B'));
    await scanOn(path, 0, [inventedSource('one', [finds('grants', ['a'])]), other]);
    const { sources } = await scanOn(path, 1, [inventedSource('one', [silent]), other]);
    expect(sources.map(({ source, state }) => [source, state])).toEqual([
      ['one', 'partly'],
      ['two', 'read'],
    ]);
  });
});

describe('requests', () => {
  test('are counted by collector, and all of them in all', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const told: Progress[] = [];
    const source = (name: string, account: string, lists: number) => {
      const connect = async (tools: ConnectTools) => {
        const wire = tools.wire({ api: { url: server.url } });
        await wire.fetch(`${server.url}/open`);
        return { client: wire, account: accountOf(account) };
      };
      const grants = says('grants', async function* ({ client, account: { scope } }): AsyncGenerator<ScanEvent> {
        const { fetch } = client as ReturnType<ConnectTools['wire']>;
        for (let index = 0; index < lists; index++) await fetch(`${server.url}/list`);
        yield grantOf(`${scope}/user/a`, 'a');
        yield { type: 'covered', scope };
      });
      return inventedSource(name, [grants], { connect, operations: [OPEN, LIST] });
    };
    const path = file();
    const progress = (event: Progress) => void (event.source === 'one' && told.push(event));
    const { requests, sources } = await scanOn(path, 0, [source('one', 'A', 2), source('two', 'B', 3)], { progress });
    expect(Object.fromEntries(requests)).toEqual({ open: { first: 2, repeats: 0 }, list: { first: 5, repeats: 0 } });
    expect(Object.fromEntries(sources[1]!.requests)).toEqual({ open: { first: 1, repeats: 0 }, list: { first: 3, repeats: 0 } });
    expect(rowsOf(path, 'SELECT source, collector, operation, first FROM request_count ORDER BY source, collector')).toEqual([
      { source: 'one', collector: '', operation: 'open', first: 1 },
      { source: 'one', collector: 'grants', operation: 'list', first: 2 },
      { source: 'two', collector: '', operation: 'open', first: 1 },
      { source: 'two', collector: 'grants', operation: 'list', first: 3 },
    ]);
    expect(told).toEqual([
      { source: 'one', phase: 'connecting', observations: 0, requests: 0 },
      { source: 'one', collector: 'grants', phase: 'reading', observations: 1, requests: 3 },
      { source: 'one', collector: 'grants', phase: 'read', observations: 1, requests: 3 },
      { source: 'one', phase: 'done', observations: 0, requests: 3 },
    ]);
  });

  test('of a source that could not be opened, and repeats, are counted too', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const connect = async (tools: ConnectTools) => {
      const { fetch } = tools.wire({ api: { url: server.url } });
      const { run } = tools.calls({ perSecond: Number.POSITIVE_INFINITY, inFlight: 1 }, () => undefined);
      await run(async () => fetch(`${server.url}/open`));
      await run(async () => fetch(`${server.url}/open`), { repeat: true });
      throw new Refusal('No', { reason: 'permission_denied' });
    };
    const path = file();
    const source = (name: string) => inventedSource(name, [], { connect, operations: [OPEN] });
    const { requests } = await scanOn(path, 0, [source('one'), source('two')]);
    expect(Object.fromEntries(requests)).toEqual({ open: { first: 2, repeats: 2 } });
    expect(rowsOf(path, 'SELECT source, collector, operation, first, repeats FROM request_count ORDER BY source')).toEqual([
      { source: 'one', collector: '', operation: 'open', first: 1, repeats: 1 },
      { source: 'two', collector: '', operation: 'open', first: 1, repeats: 1 },
    ]);
  });

  test('are answered within the bounds that were asked for, or fail', async () => {
    const server = await serve((_request, response) => json(response, { long: 'x'.repeat(2_000) }));
    const connect = async (tools: ConnectTools) => {
      await tools.wire({ api: { url: server.url } }).fetch(`${server.url}/open`);
      return { client: {}, account: accountOf('A') };
    };
    const source = inventedSource('one', [finds('grants', [])], { connect, operations: [OPEN] });
    const within = async (bytes: number) =>
      (await scanOn(file(), 0, [source], { wireLimits: { bytes, milliseconds: 2_000 } })).sources.map(({ state }) => state);
    expect([await within(4_000), await within(1_000)]).toEqual([['read'], ['unread']]);
  });
});
