import {
  ConfigError,
  createCalls,
  createWire,
  ProviderFault,
  Refusal,
  type Account,
  type Collector,
  type Connection,
  type GapReason,
  type OperationId,
  type Pace,
} from '../connector/index.ts';
import { readCollector } from './collector.ts';
import type { ScanOptions, Source } from './engine.ts';

/** How a source fared. */
export interface SourceOutcome {
  source: string;
  connector: string;
  account?: Account;
  state: 'read' | 'partly' | 'unread';
  /** Why it is unread, in words for the user. */
  message?: string;
  fix?: string;
  failure?: GapReason;
  /** The credential itself was not accepted. */
  refused: boolean;
  /** Our own bugs, which end a collector and never a scan. */
  bugs: readonly unknown[];
  requests: ReadonlyMap<OperationId, { first: number; repeats: number }>;
}

/** Counts requests, per collector and in all. */
export class Meter {
  readonly total = new Map<OperationId, { first: number; repeats: number }>();
  #current = new Map<OperationId, { first: number; repeats: number }>();

  count(operation: OperationId, attempt: 'first' | 'repeat'): void {
    for (const counts of [this.total, this.#current]) {
      const entry = counts.get(operation) ?? { first: 0, repeats: 0 };
      counts.set(operation, attempt === 'first' ? { ...entry, first: entry.first + 1 } : { ...entry, repeats: entry.repeats + 1 });
    }
  }
  /** What was counted since the last time. */
  take(): Map<OperationId, { first: number; repeats: number }> {
    const taken = this.#current;
    this.#current = new Map();
    return taken;
  }
  get requests(): number {
    let sum = 0;
    for (const { first, repeats } of this.total.values()) sum += first + repeats;
    return sum;
  }
}

/** Opens a source and lets its collectors read, one after the other. Never throws for what the provider or the user did. */
export async function readSource(options: ScanOptions, scanId: number, source: Source, claim: Claim): Promise<SourceOutcome> {
  const meter = new Meter();
  const base = { source: source.name, connector: source.connector.id, refused: false, bugs: [], requests: meter.total };
  const tell = (phase: 'connecting' | 'failed' | 'done', message?: string) =>
    options.progress?.({ source: source.name, phase, observations: 0, requests: meter.requests, ...(message && { message }) });
  const record = async (outcome: SourceOutcome) => {
    await options.store.recordRequests(scanId, source.name, '', meter.take());
    await options.store.recordSource({
      scanId,
      source: source.name,
      connector: source.connector.id,
      account: outcome.account?.id ?? null,
      accountName: outcome.account?.name ?? null,
      state: outcome.state,
      message: outcome.message ?? null,
    });
    tell(outcome.state === 'unread' ? 'failed' : 'done', outcome.message);
    return outcome;
  };
  tell('connecting');
  let opened: Opened;
  try {
    opened = await open(options, source, meter, claim);
  } catch (error) {
    if (options.signal.aborted) return { ...base, state: 'unread', message: 'Interrupted' };
    return record({ ...base, state: 'unread', ...explain(error) });
  }
  await options.store.recordRequests(scanId, source.name, '', meter.take());
  const { connection, inFlight } = opened;
  const bugs: unknown[] = [];
  try {
    for (const collector of collectorsOf(source)) {
      const result = await readCollector(options, { scanId, source, collector, connection, inFlight, meter });
      if (result.bug !== undefined) bugs.push(result.bug);
      if (options.signal.aborted) return { ...base, account: connection.account, state: 'partly', message: 'Interrupted', bugs };
    }
  } finally {
    await connection.close?.();
  }
  const gaps = await options.store.gapsOf(scanId, source.name);
  return record({ ...base, account: connection.account, state: gaps > 0 || bugs.length > 0 ? 'partly' : 'read', bugs });
}

/** The collectors that the configuration leaves switched on. */
export function collectorsOf(source: Pick<Source, 'connector' | 'collectors' | 'config'>): Collector[] {
  const isOn = (collector: Collector) => collector.optional !== true || collector.isAskedFor?.(source.config) === true;
  return source.connector.collectors.filter((collector) => source.collectors?.[collector.id] ?? isOn(collector));
}

/** Claims an account for this source; answers the name of the source that has it already. */
type Claim = (account: string) => Promise<string | undefined>;

interface Opened {
  connection: Connection<unknown>;
  inFlight: number;
}

async function open(options: ScanOptions, source: Source, meter: Meter, claim: Claim): Promise<Opened> {
  const { clock, signal } = options;
  let inFlight = 1;
  const deadline = source.timeBudgetMinutes === undefined ? undefined : new Date(clock.now().getTime() + source.timeBudgetMinutes * 60_000);
  const connection = await source.connector.connect({
    config: source.config,
    now: () => clock.now(),
    sleep: (milliseconds, abort) => clock.sleep(milliseconds, abort ?? signal),
    secret: options.secret,
    signal,
    pageSize: (largest) => Math.min(largest, options.largestPage ?? largest),
    wire: (origins) =>
      createWire({
        operations: source.connector.operations,
        origins,
        signal,
        count: (operation, attempt) => meter.count(operation, attempt),
        ...(options.wireLimits && { limits: options.wireLimits }),
      }),
    calls: (usual: Pace, classify) => {
      const inAll = source.pace?.inFlight ?? usual.inFlight;
      // Whoever names a pace means it: it does not grow beyond that.
      const pace = source.pace?.perSecond ? { perSecond: source.pace.perSecond, inFlight: inAll } : { ...usual, inFlight: inAll };
      inFlight = pace.inFlight;
      return createCalls({ clock, pace, classify, signal, ...(deadline && { limits: { deadline } }) });
    },
  });
  const other = await claim(`${source.connector.id}/${connection.account.id}`);
  if (other !== undefined) {
    await connection.close?.();
    throw new ConfigError(`The sources "${other}" and "${source.name}" both read ${connection.account.scope}`, {
      key: `sources.${source.name}`,
      fix: 'Remove one of them: an account is read by one source.',
    });
  }
  return { connection, inFlight };
}

/** Why a source could not be opened, in words for the user. */
export function explain(error: unknown): Pick<SourceOutcome, 'message' | 'fix' | 'failure' | 'refused' | 'bugs'> {
  if (error instanceof ConfigError)
    return { message: error.message, fix: error.fix, failure: 'permission_denied', refused: true, bugs: [] };
  if (error instanceof Refusal) return { message: error.message, failure: error.reason, refused: true, bugs: [] };
  if (error instanceof ProviderFault) return { message: error.message, failure: error.reason, refused: false, bugs: [] };
  return { message: 'The connector failed for a reason of its own', failure: 'provider_error', refused: false, bugs: [error] };
}
