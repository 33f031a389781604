import { describe, expect, test } from 'vitest';
import { ProviderFault, type Collector, type ConnectTools, type Operation, type ScanEvent } from '../../src/connector/index.ts';
import type { Store } from '../../src/store/store.ts';
import { json, serve } from '../http/server.ts';
import { temporaryFolder } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { accountOf, grantOf, inventedSource, says, scanOn, stoppable } from './invented.ts';

const file = temporaryFolder();
const OPERATIONS: Operation[] = [{ id: 'ask', method: 'GET', origin: 'api', path: '/ask', class: 'read' }];

/** A source whose client asks a server that answers after 20 milliseconds, and of which so many requests may be under way. */
async function opened(inFlight: number, collectors: readonly Collector[]) {
  const server = await serve((_request, response) => void setTimeout(() => json(response, {}), 20));
  const connect = async (tools: ConnectTools) => {
    const calls = tools.calls({ perSecond: Number.POSITIVE_INFINITY, inFlight }, () => undefined);
    const wire = tools.wire({ api: { url: server.url } });
    return { client: () => calls.run(() => wire.fetch(`${server.url}/ask`)), account: accountOf('A') };
  };
  return inventedSource('one', collectors, { connect, operations: OPERATIONS });
}

/** What asks so often, and says when it begins and ends. */
function asking(id: string, times: number, lane: string | undefined, told: string[], last?: () => void): Collector {
  const collect = async function* ({
    client,
    account: { scope },
  }: {
    client: unknown;
    account: { scope: string };
  }): AsyncGenerator<ScanEvent> {
    told.push(`${id} begins`);
    for (let left = times; left > 0; left--) await (client as () => Promise<unknown>)();
    yield grantOf(`${scope}/user/${id}`, id);
    last?.();
    yield { type: 'covered', scope };
    told.push(`${id} ends`);
  };
  return says(id, collect, lane === undefined ? {} : { lane });
}

describe('collectors of one account', () => {
  test.each([1, 3])(
    'are read side by side by lanes, and one after the other within one; each is counted what it asked for: %i',
    async (inFlight) => {
      const [path, told] = [file(), [] as string[]];
      const all = [asking('first', 6, undefined, told), asking('second', 1, undefined, told), asking('quick', 2, 'queries', told)];
      const { sources, requests } = await scanOn(path, 0, [await opened(inFlight, all)]);
      expect(told).toEqual(['first begins', 'quick begins', 'quick ends', 'first ends', 'second begins', 'second ends']);
      expect(sources).toMatchObject([{ state: 'read', bugs: [] }]);
      expect(rowsOf(path, 'SELECT collector, first, repeats FROM request_count ORDER BY collector')).toEqual([
        { collector: 'first', first: 6, repeats: 0 },
        { collector: 'quick', first: 2, repeats: 0 },
        { collector: 'second', first: 1, repeats: 0 },
      ]);
      expect(Object.fromEntries(requests)).toEqual({ ask: { first: 9, repeats: 0 } });
    },
  );

  test('do not wait for one that fails, and what the store refuses to one stops them all', async () => {
    const [path, told] = [file(), [] as string[]];
    const refused = says(
      'refused',
      // oxlint-disable-next-line require-yield -- it says nothing
      async function* (): AsyncGenerator<ScanEvent> {
        throw new ProviderFault('Down', { reason: 'provider_error' });
      },
      { lane: 'queries' },
    );
    await scanOn(path, 0, [await opened(2, [asking('first', 2, undefined, told), refused])]);
    expect(rowsOf(path, 'SELECT collector, state FROM reading r JOIN collector c ON c.id = r.collector_id ORDER BY 1')).toEqual([
      { collector: 'first', state: 'ended' },
      { collector: 'refused', state: 'failed' },
    ]);

    const locked = (store: Store): Store => ({
      ...store,
      async endReading(reading, ...more) {
        const [{ collector }] = rowsOf<{ collector: string }>(
          path,
          `SELECT collector FROM collector WHERE id = ${reading.collectorId}`,
        ) as [{ collector: string }];
        if (collector === 'refused') throw new Error('database is locked');
        await store.endReading(reading, ...more);
      },
    });
    told.length = 0;
    const all = () => [asking('first', 60, undefined, told), asking('second', 1, undefined, told), refused];
    await expect(scanOn(path, 1, [await opened(2, all())], {}, locked)).rejects.toThrow(/database is locked/);
    expect(told).toEqual(['first begins']);
    // The scan is not concluded, and the next one goes on with it.
    told.length = 0;
    expect(await scanOn(path, 1, [await opened(2, all())])).toMatchObject({ resumed: true, state: 'concluded' });
    expect(told).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  });

  test('that leave requests under way when they fail have them counted all the same', async () => {
    const path = file();
    const hasty = says(
      'hasty',
      // oxlint-disable-next-line require-yield -- it says nothing
      async function* ({ client }): AsyncGenerator<ScanEvent> {
        const asked = Array.from({ length: 12 }, () => (client as () => Promise<unknown>)());
        void Promise.allSettled(asked);
        await asked[0];
        throw new ProviderFault('Down', { reason: 'provider_error' });
      },
      { lane: 'queries' },
    );
    const { requests } = await scanOn(path, 0, [await opened(2, [asking('first', 20, undefined, []), hasty])]);
    expect(requests.get('ask')).toEqual({ first: 32, repeats: 0 });
    const [{ first, others }] = rowsOf<{ first: number; others: number }>(
      path,
      `SELECT sum(first) FILTER (WHERE collector = 'first') AS first, sum(first) FILTER (WHERE collector <> 'first') AS others FROM request_count`,
    ) as [{ first: number; others: number }];
    expect([first, others]).toEqual([20, 12]);
  });

  test('that are stopped begin no other, and are gone on with where each of them was', async () => {
    const [path, told] = [file(), [] as string[]];
    const { signal, stop } = stoppable();
    const lanes = (last?: () => void) => [
      asking('first', 4, undefined, told, last),
      asking('second', 1, undefined, told),
      asking('quick', 1, 'queries', told),
      asking('later', 9, 'queries', told),
    ];
    expect(await scanOn(path, 0, [await opened(2, lanes(stop))], { signal })).toMatchObject({ state: 'interrupted' });
    expect(told.filter((each) => each.startsWith('second') || each === 'later ends')).toEqual([]);
    told.length = 0;
    expect(await scanOn(path, 0, [await opened(2, lanes())])).toMatchObject({ resumed: true, state: 'concluded' });
    expect(told.toSorted()).toEqual(['first', 'later', 'second'].flatMap((id) => [`${id} begins`, `${id} ends`]));
  });
});
