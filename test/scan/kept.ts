import { setTimeout as wait } from 'node:timers/promises';
import type { Store } from '../../src/store/store.ts';
import type { Collector } from '../../src/connector/index.ts';
import { loadConnectors } from '../../src/scan/registry.ts';
import type { FakeProvider, RecordedRequest } from '../../src/testing/fake.ts';
import { rowsOf } from '../store/logical-dump.ts';

/** How often each request is sent. */
type Tally = Map<string, number>;

/** What an undisturbed scan asks of a provider, and how much of it is kept at each checkpoint. */
interface Ledger {
  /** Opens the connection: every process asks for it again. */
  opening: Tally;
  /** All that a collector asks. */
  whole: Map<string, Tally>;
  /** What it has asked up to a cursor. */
  upTo: Map<string, Tally>;
}

const connectors = new Map((await loadConnectors()).map((connector) => [connector.id, connector]));

/** Watches an undisturbed scan, and holds the processes that are killed to it: what was kept is not asked for again. */
export function keeper(providers: readonly FakeProvider[], latency: number) {
  const of = (connector: string) => providers.find(({ config }) => config['connector'] === connector)!;
  let ledgers = new Map<string, Ledger>();

  function watch(store: Store): Store {
    ledgers = new Map();
    const start = new Map(providers.map((provider) => [provider, provider.requests.length]));
    const readings = new Map<number, { connector: string; collector: string; since: number }>();
    const asked = (id: number) => {
      const { connector, collector, since } = readings.get(id)!;
      return { ledger: ledgers.get(connector)!, collector, tally: tallyOf(of(connector).requests.slice(since)) };
    };
    return {
      ...store,
      async openReading(begin) {
        const reading = await store.openReading(begin);
        const { connector, collector } = begin;
        const { requests } = of(connector);
        if (!ledgers.has(connector))
          ledgers.set(connector, { opening: tallyOf(requests.slice(start.get(of(connector)))), whole: new Map(), upTo: new Map() });
        readings.set(reading.id, { connector, collector, since: requests.length });
        return reading;
      },
      async commitBatch(reading, batch) {
        const { ledger, collector, tally } = asked(reading.id);
        if (batch.cursor !== undefined) ledger.upTo.set(placeOf(collector, batch.cursor), tally);
        await store.commitBatch(reading, batch);
      },
      async endReading(reading, ...rest) {
        const { ledger, collector, tally } = asked(reading.id);
        ledger.whole.set(collector, tally);
        await store.endReading(reading, ...rest);
      },
    };
  }

  /** What the next process may ask, given what the database holds of its scan: all that is not kept, once. */
  function allowed(database: string, scanId: number | undefined): Map<string, Tally> {
    const readings = rowsOf<{ connector: string; collector: string; state: string; cursor: string | null }>(
      database,
      `SELECT c.connector, c.collector, r.state, r.cursor FROM reading r JOIN collector c ON c.id = r.collector_id WHERE r.scan_id = ?`,
      scanId ?? 0,
    );
    return new Map(
      [...ledgers].map(([connector, { opening, whole, upTo }]) => {
        const left: Tally = new Map(opening);
        for (const tally of whole.values()) for (const [request, times] of tally) add(left, request, times);
        for (const reading of readings.filter((candidate) => candidate.connector === connector)) {
          for (const [request, times] of keptBy(reading, { whole, upTo })) add(left, request, -times);
        }
        const ended = new Set(
          readings.filter((one) => one.connector === connector && one.state === 'ended').map(({ collector }) => collector),
        );
        const toCome = [...whole.keys()].filter((collector) => !ended.has(collector));
        for (const request of [...whole.values()].flatMap((tally) => [...tally.keys()]))
          left.set(request, Math.max(sharersOf(connector, toCome, request), left.get(request) ?? 0));
        return [connector, left];
      }),
    );
  }

  return {
    watch,
    /** Runs one process, and answers what it asked for although it was kept, or more than once. */
    async unneeded(database: string, scanId: number | undefined, run: () => Promise<void>): Promise<string[]> {
      const allowance = allowed(database, scanId);
      const marks = providers.map(({ requests }) => requests.length);
      await run();
      // A request that was under way when its process died arrives all the same.
      await wait(latency * 3);
      return providers.flatMap(({ config, requests }, index) => {
        const may = allowance.get(config['connector'] as string)!;
        const sent = [...tallyOf(requests.slice(marks[index]))];
        return sent.filter(([request, times]) => times > (may.get(request) ?? 0)).map(([request, times]) => `${times} × ${request}`);
      });
    },
  };
}

/**
 * How many of these collectors read the list that it is a page of, where one leaves it to others. It is left in the memory of the process
 * alone, and not where the first of them goes on in its middle.
 */
function sharersOf(connector: string, collectors: readonly string[], request: string): number {
  const path = request.split('?')[0]!;
  const isOf = (list: string) => new RegExp(`^${list.replace(/^GET /, '').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
  const reads = ({ shared }: Collector) => Object.keys(shared?.({ of: () => 1, pages: () => 1 }) ?? {}).some(isOf);
  return connectors.get(connector)!.collectors.filter((one) => collectors.includes(one.id) && reads(one)).length;
}

function keptBy(
  { collector, state, cursor }: { collector: string; state: string; cursor: string | null },
  { whole, upTo }: Pick<Ledger, 'whole' | 'upTo'>,
): Tally {
  if (state === 'ended') return whole.get(collector)!;
  // A collector that failed is read again from its beginning.
  if (state !== 'running' || cursor === null) return new Map();
  const kept = upTo.get(placeOf(collector, cursor));
  if (!kept) throw new Error(`An undisturbed scan knows no cursor ${cursor} of ${collector}`);
  return kept;
}

function tallyOf(requests: readonly RecordedRequest[]): Tally {
  const tally: Tally = new Map();
  // Whoever comes anew needs a token of its own, and learns anew what it is refused: a refusal is no page that could be kept.
  for (const { method, path, query, status } of requests)
    if (method === 'GET' && status < 400) add(tally, `${path}${withoutWindow(query)}`, 1);
  return tally;
}

function add(tally: Tally, request: string, times: number): void {
  tally.set(request, (tally.get(request) ?? 0) + times);
}

/** The window of a log ends now, and the tokens of its pages belong to the window: its pages are told apart by their number alone. */
function withoutWindow(query: string): string {
  const values = new URLSearchParams(query);
  const phrase = values.get('phrase');
  if (phrase !== null) values.set('phrase', phrase.replace(/created:\S+/, ''));
  if (!values.has('startTime')) return phrase === null ? query : `?${values.toString()}`;
  for (const name of ['startTime', 'endTime', 'pageToken']) values.delete(name);
  return `?${values.toString()}`;
}

function placeOf(collector: string, cursor: string): string {
  const place = JSON.parse(cursor) as number | { window?: unknown; pageToken?: unknown; to?: unknown };
  if (typeof place === 'number') return JSON.stringify([collector, place]);
  // The end of a window is the time at which it was asked for.
  const { window, pageToken, to: _now, ...rest } = place;
  return JSON.stringify([collector, rest, window === undefined ? pageToken : pageToken === null]);
}
