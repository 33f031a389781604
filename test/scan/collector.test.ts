import { describe, expect, test } from 'vitest';
import {
  ProviderFault,
  Refusal,
  type CollectContext,
  type Collector,
  type Connector,
  type ConnectTools,
  type ScanEvent,
} from '../../src/connector/index.ts';
import type { Progress, ScanOptions } from '../../src/scan/engine.ts';
import { openReader } from '../../src/store/read.ts';
import type { Store } from '../../src/store/store.ts';
import { virtualClock } from '../connector/virtual-clock.ts';
import { dateOf, temporaryFolder } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { accountOf, finds, grantOf, inventedSource, says, scanOn, stoppable } from './invented.ts';

const file = temporaryFolder();
const run = async (path: string, collectors: readonly Collector[], more: Partial<ScanOptions> = {}, night = 0) =>
  scanOn(path, night, [inventedSource('one', collectors)], more);

/** Looks at each batch before it is written. */
function seeingBatches(see: (batch: Parameters<Store['commitBatch']>[1]) => void) {
  return (store: Store): Store => ({
    ...store,
    commitBatch: (reading, batch) => {
      see(batch);
      return store.commitBatch(reading, batch);
    },
  });
}

describe('a collector', () => {
  test.each<[string, unknown, [string, string, string | null], boolean]>([
    [
      'a refusal',
      new Refusal('Not for you', { reason: 'not_licensed', permission: 'grants:read' }),
      ['not_licensed', 'Not for you', 'grants:read'],
      false,
    ],
    [
      'a refusal of no permission',
      new Refusal('Not for you', { reason: 'not_observable' }),
      ['not_observable', 'Not for you', null],
      false,
    ],
    ['a fault', new ProviderFault('Down', { reason: 'truncated' }), ['truncated', 'Down', null], false],
    ['a mistake of ours', new TypeError('secret words'), ['provider_error', 'the collector failed', null], true],
  ])(
    'that ends by %s claims nothing, says why, and leaves the others at work',
    async (_title, error, [reason, words, permission], isBug) => {
      const path = file();
      const told: Progress[] = [];
      await run(path, [finds('grants', ['a', 'b']), finds('keys', ['k'])]);
      const fails = says('grants', async function* (): AsyncGenerator<ScanEvent> {
        yield grantOf('account/A/user/a', 'a');
        yield { type: 'covered', scope: 'account/A' };
        throw error;
      });
      const progress = (event: Progress) => void (event.collector === 'grants' && told.push(event));
      const { sources, classes, scanId } = await run(path, [fails, finds('keys', ['k'])], { progress }, 1);
      expect(sources).toMatchObject([{ state: 'partly', bugs: isBug ? [error] : [] }]);
      expect(classes).toEqual({ persisting: 2, unverified: 1 });
      const effect = `All of "All grants" is unread: ${words}`;
      const reader = openReader(path);
      expect(reader.gaps(scanId)).toMatchObject([{ collector: 'grants', scope: 'account/A', reason, effect, permission }]);
      reader.close();
      expect(told.map(({ phase, message, observations }) => [phase, message, observations])).toEqual([
        ['reading', undefined, 1],
        ['failed', effect, 1],
      ]);
      expect(rowsOf(path, 'SELECT state FROM source_result WHERE scan_id = ?', scanId)).toEqual([{ state: 'partly' }]);
    },
  );

  test.each<[string, ScanEvent, Partial<Collector>, string]>([
    ['of another account', { type: 'covered', scope: 'account/B' }, {}, 'speaks of account/B, outside its account'],
    [
      'of what no log vouches for',
      { type: 'unchanged', scope: 'account/A' },
      {},
      'claims "unchanged" of account/A, which no log vouches for',
    ],
    ['of a log without a window', { type: 'covered', scope: 'account/A' }, { mode: 'log' }, 'is a log and claims no window'],
    ['of another kind', grantOf('account/A', 'x', { kind: 'api_key' }), {}, 'emits the undeclared kind api_key'],
    ['of nothing', grantOf('account/A', 'x', { nativeId: '' }), {}, 'emits an empty nativeId'],
    ['of no thing', grantOf('account/A', 'x', { thing: '' }), {}, 'emits an empty thing'],
    ['of no app', grantOf('account/A', 'x', { subject: { app: '', name: 'x' } }), {}, 'emits an empty subject.app'],
  ])('that speaks %s is at fault, is ended in order, and keeps nothing of that', async (_title, event, more, said) => {
    const path = file();
    let ended = false;
    const wrong = says(
      'wrong',
      async function* (): AsyncGenerator<ScanEvent> {
        try {
          yield event;
          expect.unreachable();
        } finally {
          ended = true;
        }
      },
      more,
    );
    const { sources } = await run(path, [wrong]);
    expect(sources[0]!.bugs).toEqual([new Error(`Collector wrong ${said}`)]);
    expect([ended, rowsOf(path, 'SELECT native_id FROM observation')]).toEqual([true, []]);
  });

  test('may say a window of its log, and each kind that it declares', async () => {
    const window = { from: dateOf(-1).toISOString(), to: dateOf(0).toISOString() };
    const log = says(
      'log',
      async function* (): AsyncGenerator<ScanEvent> {
        yield grantOf('account/A', 'x', { kind: 'usage' });
        yield { type: 'covered', scope: 'account/A', window };
      },
      { mode: 'log', kinds: ['oauth_grant', 'usage'] },
    );
    const { sources, classes } = await run(file(), [log]);
    expect([sources[0]!.bugs, classes]).toEqual([[], { appeared: 1 }]);
  });

  test('is handed what is known of its source, and nothing of another', async () => {
    let seen: CollectContext | undefined;
    const looks = says('looks', async function* (context): AsyncGenerator<ScanEvent> {
      seen = context;
      expect(await context.known('account/A')).toEqual([]);
      await context.sleep(1);
      yield { type: 'covered', scope: context.account.scope };
    });
    const signals: unknown[] = [];
    const clock = virtualClock(dateOf(0));
    const client = { is: 'a client' };
    const connect = async () => ({ client, account: accountOf('A') });
    const group = finds('group', [], { level: 'group' });
    const source = inventedSource('one', [looks, finds('other', ['a']), finds('off', ['a']), group], { connect });
    const { sources } = await scanOn(file(), 0, [{ ...source, config: { its: 'own' }, collectors: { off: false } }], {
      clock,
      largestPage: 7,
      interest(asked) {
        signals.push(asked);
        return 'ai';
      },
    });
    expect(sources[0]!.bugs).toEqual([]);
    const context = seen!;
    expect(context).toMatchObject({
      config: { its: 'own' },
      account: accountOf('A'),
      cursor: undefined,
      delta: undefined,
      inFlight: 1,
      signal: { aborted: false },
    });
    expect([context.client === client, context.now(), clock.slept]).toEqual([true, new Date(dateOf(0).getTime() + 1), [1]]);
    expect(['looks', 'other', 'off', 'group', 'nobody'].map((id) => context.isOn(id))).toEqual([true, true, false, false, false]);
    expect([context.pageSize(100), context.pageSize(5), context.interest([]), signals]).toEqual([7, 5, 'ai', [[]]]);
  });

  test('is told the places that it knew before, and when it read them last', async () => {
    const path = file();
    const seen: unknown[] = [];
    const looks = says('looks', async function* (context): AsyncGenerator<ScanEvent> {
      const places = ['account/A/user/a', 'account/A/user/b'];
      seen.push([await context.known('account/A'), Object.fromEntries(await context.readAt(places))]);
      seen.push(Object.fromEntries(await context.readAt(places, { whole: true })));
      for (const place of places) yield grantOf(place, place);
      yield { type: 'gap', scope: 'account/A/user/b/keys', reason: 'permission_denied', effect: 'No keys' };
      for (const place of places) yield { type: 'covered', scope: place };
    });
    for (const night of [0, 1]) await run(path, [looks], {}, night);
    const [a, b] = ['account/A/user/a', 'account/A/user/b'] as const;
    expect(seen).toEqual([[[], {}], {}, [[a, b], { [a]: dateOf(0), [b]: dateOf(0) }], { [a]: dateOf(0) }]);
  });

  test('that could not read a place to the end that it read by chance has learnt nothing of the log there', async () => {
    const places = ['a', 'b'].map((id) => `account/A/user/${id}`);
    const nightly = says(
      'grants',
      async function* ({ delta }): AsyncGenerator<ScanEvent> {
        const { spotChecks } = delta ? await delta.toRead(places.slice(0, 1)) : { spotChecks: [] };
        expect(spotChecks).toEqual(delta ? places.slice(0, 1) : []);
        for (const place of delta ? [] : places) yield grantOf(place, place);
        if (delta) yield grantOf(places[0]!, 'new');
        for (const scope of delta ? [] : places) yield { type: 'covered', scope };
        if (delta) yield { type: 'gap', scope: places[0]!, reason: 'truncated', effect: 'It broke off' };
      },
      { changeLog: { complete: ['grant'], lagHours: 1, windowDays: 30 } },
    );
    const path = file();
    for (const night of [0, 1]) await run(path, [nightly], {}, night);
    expect(rowsOf(path, 'SELECT withdrawn FROM reading ORDER BY id')).toEqual([{ withdrawn: 0 }, { withdrawn: 0 }]);
  });

  test('asks for pages as large as it likes where nobody limits them', async () => {
    const sizes: number[] = [];
    const looks = says('looks', async function* ({ pageSize }): AsyncGenerator<ScanEvent> {
      sizes.push(pageSize(500));
      yield* [];
    });
    const connect = async ({ pageSize }: ConnectTools) => {
      sizes.push(pageSize(100));
      return { client: {}, account: accountOf('A') };
    };
    await scanOn(file(), 0, [inventedSource('one', [looks], { connect })]);
    expect(sizes).toEqual([100, 500]);
  });

  test('wakes from its waiting when the scan is stopped, or when it asks for that itself', async () => {
    const isOver: (boolean | undefined)[] = [];
    const { signal, stop } = stoppable();
    const clock = { now: () => dateOf(0), sleep: async (_: number, abort?: AbortSignal) => void isOver.push(abort?.aborted) };
    const own = new AbortController();
    own.abort();
    const waits = says('waits', async function* ({ sleep }): AsyncGenerator<ScanEvent> {
      await sleep(1, own.signal);
      stop();
      await sleep(1);
      yield* [];
    });
    const connect = async (tools: ConnectTools) => {
      await tools.sleep(1, own.signal);
      await tools.sleep(1);
      return { client: {}, account: accountOf('A') };
    };
    await scanOn(file(), 0, [inventedSource('one', [waits], { connect })], { clock, signal });
    expect(isOver).toEqual([true, false, true, true]);
  });

  test('that says very much has it written as it goes, 250 rows and statements at a time', async () => {
    const path = file();
    const batches: number[] = [];
    const much = says('grants', async function* (): AsyncGenerator<ScanEvent> {
      for (let index = 0; index < 300; index++) {
        yield grantOf(`account/A/user/${index}`, `g${index}`);
        yield { type: 'covered', scope: `account/A/user/${index}` };
      }
    });
    const see = seeingBatches(({ rows, statements }) => void batches.push(rows.length + statements.length));
    await scanOn(path, 0, [inventedSource('one', [much])], {}, see);
    expect(batches).toEqual([250, 250, 100]);
    expect(rowsOf(path, 'SELECT count(*) AS kept FROM observation')).toEqual([{ kept: 300 }]);
  });

  test('that keeps its place and says nothing else has it kept; one that says nothing at all writes nothing', async () => {
    const written: unknown[] = [];
    const see = seeingBatches(({ rows, statements, cursor, sizes }) => void written.push([rows.length, statements.length, cursor, sizes]));
    const places = says('grants', async function* (): AsyncGenerator<ScanEvent> {
      yield { type: 'checkpoint', cursor: 'here' };
      yield { type: 'checkpoint', cursor: 'there', sizes: { users: 1 } };
    });
    const silent = says('silent', async function* (): AsyncGenerator<ScanEvent> {
      yield* [];
    });
    await scanOn(file(), 0, [inventedSource('one', [places, silent])], {}, see);
    expect(written).toEqual([
      [0, 0, '"here"', undefined],
      [0, 0, '"there"', '{"users":1}'],
    ]);
  });

  test('that is switched on, asked for, or of the level of its source is read, and no other', async () => {
    const read = async (declared: Partial<Connector> = {}, collectors?: Record<string, boolean>) => {
      const path = file();
      await scanOn(path, 0, [inventedSource('one', all, declared, { collectors })]);
      const readings = 'SELECT c.collector FROM reading r JOIN collector c ON c.id = r.collector_id ORDER BY r.id';
      return rowsOf<{ collector: string }>(path, readings).map(({ collector }) => collector);
    };
    const all = [
      finds('usual', []),
      finds('optional', [], { optional: true }),
      finds('unasked', [], { optional: true, isAskedFor: () => false }),
      finds('asked', [], { optional: true, isAskedFor: () => true }),
      finds('group', [], { level: 'group' }),
    ];
    expect(await read()).toEqual(['usual', 'asked']);
    const chosen = { usual: false, optional: true, asked: false, unasked: true, group: true };
    expect(await read({}, chosen)).toEqual(['optional', 'unasked']);
    const members = async () => ({ client: {}, account: accountOf('O'), members: async () => [] });
    expect(await read({ readsMany: () => true, connect: members })).toEqual(['group']);
    expect(await read({ readsMany: () => 'none', connect: members })).toEqual(['group']);
    const single = async () => ({ client: {}, account: accountOf('O') });
    expect(await read({ readsMany: () => true, connect: single })).toEqual(['usual', 'asked']);
    expect(await read({ readsMany: () => 'none', connect: single })).toEqual([]);
  });
});
