import {
  createCalls,
  createWire,
  type Account,
  type CollectContext,
  type Collector,
  type Connector,
  type Json,
  type OperationId,
  type Scope,
  type ScanEvent,
} from '../connector/index.ts';
import { Secret, type SecretReference } from '../secret/secret.ts';
import { fastClock } from './clock.ts';
import type { FakeProvider } from './fake.ts';

/** What one collector did in a run. */
export interface CollectorRun {
  collector: Collector;
  /** What it read: an account, or what holds many. */
  account: Account;
  events: ScanEvent[];
  /** What it threw; a collector that throws loses its claims. */
  error?: unknown;
  /** First attempts that it sent, without token calls; repeats and polls are not counted. */
  requests: Map<OperationId, number>;
}

export interface Run {
  account: Account | undefined;
  /** Why the connection could not be opened. */
  refused?: unknown;
  collectors: CollectorRun[];
}

export interface RunOptions {
  largestPage?: number;
  /** Runs these collectors only. */
  only?: readonly string[];
  /** Goes on from these cursors, by collector. */
  cursors?: Readonly<Record<string, Json>>;
  /** What the catalog makes of signals; absent = as if everything were worth a look. */
  interest?: CollectContext['interest'];
  /** When a place was read before; absent = never. */
  readAt?: (place: Scope) => Date | undefined;
  /** Stops a collector after that many checkpoints. */
  stopAfter?: number;
  /** How many requests a collector is told that it may have under way; 1 = it asks for nothing before it has kept what it has. Absent = 4. */
  inFlight?: number;
}

/** Two people to a page: the smallest world then has several pages of everything. */
const SMALL_PAGE = 2;
/** A silent server must not hold up the suite. */
const REQUEST_LIMITS = { bytes: 8 * 1024 * 1024, milliseconds: 5_000 };

/**
 * Runs a connector against a simulated provider without engine or store: what comes out is what it states.
 * Collectors of what holds many accounts run as of a source that reads many; the account of the run is then what they read.
 */
export async function runConnector(connector: Connector, provider: FakeProvider, options: RunOptions = {}): Promise<Run> {
  const asked = connector.collectors.filter(({ id }) => options.only?.includes(id) ?? true);
  const single = asked.filter(({ level }) => level === undefined);
  const group = asked.filter(({ level }) => level === 'group');
  const run = single.length > 0 || group.length === 0 ? await runAt(connector, provider, provider.config, single, options) : undefined;
  if (group.length === 0 || run?.refused) return run!;
  const above = await runAt(connector, provider, provider.groupConfig ?? provider.config, group, options);
  if (above.refused) return above;
  return { account: run?.account ?? above.account, collectors: [...(run?.collectors ?? []), ...above.collectors] };
}

/**
 * The same, each collector on a connection of its own: what collectors share is then asked for by each, so that it can be held
 * against its formula.
 */
export async function runEachAlone(connector: Connector, provider: FakeProvider): Promise<Run> {
  const run: Run = { account: undefined, collectors: [] };
  for (const { id } of connector.collectors) {
    const alone = await runConnector(connector, provider, { only: [id] });
    if (alone.refused) return alone;
    run.account ??= alone.account;
    run.collectors.push(...alone.collectors);
  }
  return run;
}

async function runAt(
  connector: Connector,
  provider: FakeProvider,
  source: FakeProvider['config'],
  asked: readonly Collector[],
  options: RunOptions,
): Promise<Run> {
  const controller = new AbortController();
  const clock = fastClock({ from: new Date(), speed: 2_000 });
  const { connector: _id, ...raw } = source;
  const config = connector.config.parse(raw);
  const pageSize = (largest: number) => Math.min(largest, options.largestPage ?? SMALL_PAGE);
  let counts = new Map<OperationId, number>();
  const shared = { now: () => clock.now(), sleep: (milliseconds: number) => clock.sleep(milliseconds, controller.signal) };
  const count = (operation: OperationId, attempt: 'first' | 'repeat') => {
    if (attempt === 'first') counts.set(operation, (counts.get(operation) ?? 0) + 1);
  };
  try {
    const connection = await connector.connect({
      ...shared,
      config,
      signal: controller.signal,
      pageSize,
      secret: (reference) => secretOf(reference, provider.environment),
      wire: (origins) =>
        createWire({ operations: connector.operations, origins, signal: controller.signal, count, limits: REQUEST_LIMITS }),
      calls: (pace, classify) =>
        createCalls({ clock, pace: { ...pace, perSecond: Number.POSITIVE_INFINITY }, classify, signal: controller.signal }),
    });
    const collectors: CollectorRun[] = [];
    for (const collector of asked) {
      const context = {
        ...shared,
        config,
        client: connection.client,
        account: connection.account,
        cursor: options.cursors?.[collector.id],
        delta: undefined,
        known: async () => [],
        readAt: async (places: readonly Scope[]) => readBefore(places, options.readAt),
        isOn: (other: string) => connector.collectors.some(({ id, level }) => id === other && level === collector.level),
        signal: controller.signal,
        inFlight: options.inFlight ?? 4,
        pageSize,
        interest: options.interest ?? provider.interest ?? (() => 'ai' as const),
      };
      counts = new Map();
      const done = await runCollector(collector, context, options.stopAfter);
      collectors.push({ ...done, account: connection.account, requests: readsOf(connector, counts) });
    }
    await connection.close?.();
    return { account: connection.account, collectors };
  } catch (refused) {
    return { account: undefined, refused, collectors: [] };
  } finally {
    controller.abort();
  }
}

/**
 * Ids of the collectors that show what comes of an operation. What only opens a connection concerns all collectors of a level
 * alike: one of each shows it.
 */
export function collectorsThatAsk({ collectors }: Connector, operation: OperationId): string[] {
  const users = collectors.filter((collector) => collector.operations.includes(operation));
  const openers = [undefined, 'group'].flatMap((level) => collectors.find((collector) => collector.level === level) ?? []);
  return (users.length > 0 ? users : openers).map(({ id }) => id);
}

function readBefore(places: readonly Scope[], readAt: RunOptions['readAt']): Map<Scope, Date> {
  const found = new Map<Scope, Date>();
  for (const place of places) {
    const at = readAt?.(place);
    if (at) found.set(place, at);
  }
  return found;
}

async function runCollector(
  collector: Collector,
  context: Parameters<Collector['collect']>[0],
  stopAfter: number | undefined,
): Promise<Omit<CollectorRun, 'requests' | 'account'>> {
  const run: Omit<CollectorRun, 'requests' | 'account'> = { collector, events: [] };
  let checkpoints = 0;
  try {
    for await (const event of collector.collect(context)) {
      run.events.push(event);
      if (event.type === 'checkpoint' && ++checkpoints === stopAfter) break;
    }
  } catch (error) {
    run.error = error;
  }
  return run;
}

function readsOf(connector: Connector, counts: ReadonlyMap<OperationId, number>): Map<OperationId, number> {
  const auth = new Set(connector.operations.filter((operation) => operation.class === 'auth').map((operation) => operation.id));
  return new Map([...counts].filter(([operation]) => !auth.has(operation)));
}

function secretOf(reference: SecretReference, environment: Readonly<Record<string, string>>): Secret {
  const value = 'env' in reference ? environment[reference.env] : undefined;
  if (value === undefined) throw new Error(`The simulated provider gives no value for ${JSON.stringify(reference)}`);
  return new Secret(value);
}
