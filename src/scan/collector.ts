import {
  holds,
  outward,
  ProviderFault,
  Refusal,
  type Collector,
  type Connection,
  type Delta,
  type Gap,
  type Json,
  type ScanEvent,
  type Statement,
} from '../connector/index.ts';
import type { ObservationRow, Reading, StatementRow } from '../store/rows.ts';
import { deltaTonight, drawSpotChecks, FULL_EVERY_DAYS, judgeOfPresence, seeded } from './conclusion.ts';
import { edgeOf, type Edge } from './edge.ts';
import type { ScanOptions, Source } from './engine.ts';
import type { Meter, RequestCounts } from './meter.ts';
import { gapOfTooLarge, observationRow, principalText, statementRow } from './rows.ts';

interface Task {
  /** Ids of the collectors that are switched on. */
  on: ReadonlySet<string>;
  scanId: number;
  source: Source;
  collector: Collector;
  connection: Connection<unknown>;
  inFlight: number;
  meter: Meter;
}

/** A batch is written when it is as large as this, also between two checkpoints: memory stays flat whatever a collector does. */
const BATCH = 250;

/** Lets one collector read, and keeps what it states. What it did not conclude when it fails claims nothing. */
export async function readCollector(options: ScanOptions, task: Task): Promise<{ bug?: unknown }> {
  const { store, clock } = options;
  const { account } = task.connection;
  const { version, changeLog } = task.collector;
  const start = {
    scanId: task.scanId,
    source: task.source.name,
    connector: task.source.connector.id,
    account: account.id,
    accountScope: account.scope,
    collector: task.collector.id,
    mode: task.collector.mode,
  };
  const tonight = {
    version,
    catalogHash: options.documents.catalog.hash,
    now: clock.now(),
    fullEveryDays: task.source.fullEveryDays ?? FULL_EVERY_DAYS,
  };
  const delta = changeLog && deltaTonight(await store.historyOf(start), tonight, changeLog);
  const reading = await store.openReading({ ...start, version, startedAt: clock.now(), delta });
  // Read to its end before the scan was interrupted.
  if (reading.state !== 'running') return {};
  const edge = edgeOf(options.persons, task.source.connector, (pseudonyms) => store.sealedNames(options.tenant, pseudonyms));
  const settled = settle(options, reading, edge);
  const batch = createBatch(options, task, { reading, settled, edge });
  const sent: RequestCounts = new Map();
  try {
    const events = task.collector.collect(contextOf(options, task, { reading, settled, edge }));
    const failure = await task.meter.countInto(sent, () => readAll(events, eventCheck(task, settled), batch));
    if (options.signal.aborted) return {};
    await batch.flush();
    if (!failure) {
      await store.endReading(reading, 'ended', clock.now());
      batch.tell('read');
      return {};
    }
    const gap = edge.statement(gapOf(failure.error, task));
    await store.endReading(reading, 'failed', clock.now(), [statementRow(gap, new Date(reading.startedAt))]);
    batch.tell('failed', gap.effect);
    const expected = failure.error instanceof Refusal || failure.error instanceof ProviderFault;
    return expected ? {} : { bug: failure.error };
  } finally {
    await store.recordRequests(task.scanId, task.source.name, task.collector.id, sent);
  }
}

/**
 * Takes all events of a collector. What the collector throws, or says against its declaration, is its failure and is
 * answered; what the store throws while it keeps an event is none of the collector's and goes on.
 */
async function readAll(
  events: AsyncIterable<ScanEvent>,
  check: (event: ScanEvent) => void,
  batch: { add(event: ScanEvent): Promise<void> },
): Promise<{ error: unknown } | undefined> {
  const iterator = events[Symbol.asyncIterator]();
  try {
    for (;;) {
      let step: IteratorResult<ScanEvent>;
      try {
        step = await iterator.next();
        if (!step.done) check(step.value);
      } catch (error) {
        return { error };
      }
      if (step.done) return undefined;
      await batch.add(step.value);
    }
  } finally {
    await iterator.return?.().catch(() => {});
  }
}

/** A reading under way. */
interface UnderWay {
  reading: Reading;
  settled: Settled;
  edge: Edge;
}

function contextOf(options: ScanOptions, task: Task, { reading, settled, edge }: UnderWay) {
  const { clock, signal, store } = options;
  return {
    config: task.source.config,
    client: task.connection.client,
    account: task.connection.account,
    cursor: reading.cursor === null ? undefined : edge.opened(reading.cursor),
    delta: settled.delta,
    known: async (scope: string) => edge.real(await store.knownPlaces(reading.collectorId, edge.place(scope))),
    async readAt(places: readonly string[], asked?: { whole?: boolean }) {
      const keptAs = new Map(places.map((place) => [edge.place(place), place]));
      const read = await store.readAt(reading, [...keptAs.keys()], judgeOfPresence(clock.now()), asked);
      return new Map([...read].map(([kept, at]) => [keptAs.get(kept)!, at]));
    },
    isOn: (collector: string) => task.on.has(collector),
    now: () => clock.now(),
    sleep: (milliseconds: number, abort?: AbortSignal) => clock.sleep(milliseconds, abort ?? signal),
    signal,
    inFlight: task.inFlight,
    pageSize: (largest: number) => Math.min(largest, options.largestPage ?? largest),
    interest: options.interest,
  };
}

/** What a night by the change log has settled: which places the log vouches for, and which are read although it does. */
interface Settled {
  delta: Delta | undefined;
  vouched: ReadonlySet<string>;
  spotChecks: ReadonlySet<string>;
}

function settle(options: ScanOptions, reading: Reading, edge: Edge): Settled {
  const settled: Settled = { delta: undefined, vouched: new Set(), spotChecks: new Set() };
  if (reading.deltaSince === null) return settled;
  const random = options.random ?? seeded(`${reading.id} ${reading.startedAt}`);
  settled.delta = {
    since: new Date(reading.deltaSince),
    async toRead(places, { stillClosed = [], holderAt } = {}) {
      const judge = judgeOfPresence(options.clock.now());
      // Asked place by place: as texts, the holders of a large company would weigh more than all else.
      const keptAs = new Map(places.map((place) => [edge.place(place), place]));
      const expected = (kept: string) => {
        const place = keptAs.get(kept);
        const holder = place === undefined ? undefined : holderAt?.(place);
        return holder && principalText(edge.principal(holder));
      };
      const asKept = await options.store.unvouched(reading, [...keptAs.keys()], judge, {
        stillClosed,
        ...(holderAt && { holderAt: expected }),
      });
      const unvouched = asKept.unvouched.map((kept) => keptAs.get(kept)!);
      const closed = await edge.real(asKept.closed);
      const vouched = new Set(places);
      for (const place of unvouched) vouched.delete(place);
      const spotChecks = reading.sweep === 1 ? [...vouched] : drawSpotChecks([...vouched], random);
      for (const place of spotChecks) vouched.delete(place);
      settled.vouched = vouched;
      settled.spotChecks = new Set(spotChecks);
      // What is read although the log vouches for it says for itself what is closed.
      const unread = closed.filter((scope) => [...outward(scope)].some((place) => vouched.has(place)));
      return { unvouched, spotChecks, closed: unread };
    },
  };
  return settled;
}

/** Gathers events, and hands them to the store at each checkpoint. */
function createBatch(options: ScanOptions, task: Task, { reading, settled, edge }: UnderWay) {
  const statedAt = new Date(reading.startedAt);
  let rows: ObservationRow[] = [];
  let statements: StatementRow[] = [];
  let observations = 0;
  const batch = {
    async add(event: ScanEvent): Promise<void> {
      if (options.signal.aborted) return;
      if (event.type === 'observation') {
        const kept = edge.observation(event);
        const row = observationRow(kept, task.collector);
        const gap = gapOfTooLarge(kept, row);
        if (gap) statements.push(statementRow(gap, statedAt));
        else rows.push(row);
        observations += gap ? 0 : 1;
      } else if (event.type === 'checkpoint') await batch.flush(event.cursor, event.sizes);
      else {
        const byChance = event.type === 'covered' && settled.spotChecks.has(event.scope);
        statements.push(statementRow(edge.statement(event satisfies Statement), statedAt, byChance));
      }
      if (rows.length + statements.length >= BATCH) await batch.flush();
    },
    async flush(cursor?: Json, sizes?: Readonly<Record<string, number>>): Promise<void> {
      const written = { rows, statements };
      rows = [];
      statements = [];
      if (written.rows.length + written.statements.length === 0 && cursor === undefined) return;
      await options.store.commitBatch(reading, {
        ...written,
        names: edge.newNames(),
        ...(cursor !== undefined && { cursor: edge.sealed(cursor) }),
        ...(sizes && { sizes: JSON.stringify(sizes) }),
      });
      batch.tell('reading');
    },
    tell(phase: 'reading' | 'read' | 'failed', message?: string): void {
      options.progress?.({
        source: task.source.name,
        collector: task.collector.id,
        phase,
        observations,
        requests: task.meter.requests,
        ...(message && { message }),
      });
    },
  };
  return batch;
}

/** A collector that says what it did not declare is a bug, and a loud one. */
function eventCheck({ collector, connection }: Task, settled: Settled): (event: ScanEvent) => void {
  const where = `Collector ${collector.id}`;
  return (event) => {
    if (event.type === 'checkpoint') return;
    if (!holds(connection.account.scope, event.scope)) throw new Error(`${where} speaks of ${event.scope}, outside its account`);
    if (event.type === 'unchanged' && !settled.vouched.has(event.scope))
      throw new Error(`${where} claims "unchanged" of ${event.scope}, which no log vouches for`);
    if (event.type === 'covered' && collector.mode === 'log' && !event.window) throw new Error(`${where} is a log and claims no window`);
    if (event.type !== 'observation') return;
    if (!collector.kinds.includes(event.kind)) throw new Error(`${where} emits the undeclared kind ${event.kind}`);
    for (const [field, value] of [
      ['nativeId', event.nativeId],
      ['thing', event.thing],
      ['subject.app', event.subject.app],
    ] as const)
      if (value === '') throw new Error(`${where} emits an empty ${field}`);
  };
}

function gapOf(error: unknown, task: Task): Gap {
  const { scope } = task.connection.account;
  const effect = `All of "${task.collector.title}" is unread: ${error instanceof Refusal || error instanceof ProviderFault ? error.message : 'the collector failed'}`;
  if (error instanceof Refusal)
    return { type: 'gap', scope, reason: error.reason, effect, ...(error.permission && { permission: error.permission }) };
  return { type: 'gap', scope, reason: error instanceof ProviderFault ? error.reason : 'provider_error', effect };
}
