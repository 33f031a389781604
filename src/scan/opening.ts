import {
  ConfigError,
  createCalls,
  createWire,
  ProviderFault,
  Refusal,
  type Account,
  type Calls,
  type Connection,
  type ConnectTools,
  type Member,
  type Pace,
} from '../connector/index.ts';
import type { ScanOptions, Source } from './engine.ts';
import type { Meter } from './meter.ts';
import type { SourceOutcome } from './source.ts';

/** Claims accounts for this source; answers the names of the sources that have some of them already. */
export type Claim = (accounts: readonly string[]) => Promise<ReadonlyMap<string, string>>;

export interface Opened {
  connection: Connection<unknown>;
  inFlight(): number;
  /** Undefined = the source reads one account. */
  members: Members | undefined;
}

/** Accounts of a source that reads many, or why they cannot be told. */
export type Members = { list: readonly Member<unknown>[]; elsewhere: number } | { lost: unknown };

/** Opens a source, and claims the accounts that it reads. */
export async function open(options: ScanOptions, source: Source, meter: Meter, claim: Claim, deadline: Date | undefined): Promise<Opened> {
  const { tools, inFlight } = toolsOf(options, source, meter, deadline);
  const connection = await source.connector.connect({ ...tools, config: source.config });
  try {
    const listed = connection.members && (await connection.members().catch((lost: unknown) => ({ lost })));
    options.signal.throwIfAborted();
    const key = (account: Account) => `${source.connector.id}/${account.id}`;
    const list = listed && !('lost' in listed) ? listed : [];
    const had = await claim([connection.account, ...list.map(({ account }) => account)].map(key));
    const other = had.get(key(connection.account));
    if (other !== undefined)
      throw new ConfigError(`The sources "${other}" and "${source.name}" both read ${connection.account.scope}`, {
        key: `sources.${source.name}`,
        fix: 'Remove one of them: an account is read by one source.',
      });
    if (!listed) return { connection, inFlight, members: undefined };
    if ('lost' in listed) return { connection, inFlight, members: listed };
    // What has a source of its own is read there, perhaps with other credentials.
    const own = list.filter(({ account }) => !had.has(key(account)));
    return { connection, inFlight, members: { list: own, elsewhere: list.length - own.length } };
  } catch (error) {
    await connection.close?.();
    throw error;
  }
}

/** Tools for one account, and how many requests its widest pace lets be under way, which is known once it has asked for `calls`. */
export function toolsOf(options: ScanOptions, source: Source, meter: Meter, deadline: Date | undefined): Tools {
  const { clock, signal } = options;
  let inFlight = 1;
  const tools: ConnectTools = {
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
    calls: (usual: Pace, classify, as) => {
      const inAll = Math.min(source.pace?.inFlight ?? usual.inFlight, usual.mostInFlight ?? Number.POSITIVE_INFINITY);
      // Whoever names a pace means it: it does not grow beyond that.
      const asked = source.pace?.perSecond ?? usual.perSecond;
      const perSecond = asked === Number.POSITIVE_INFINITY ? asked : Math.min(asked, usual.mostPerSecond ?? asked);
      const pace = { ...usual, perSecond, inFlight: inAll, ...(source.pace?.perSecond && { most: perSecond }) };
      // A connector may have several paces, each of which holds back its own calls.
      inFlight = Math.max(inFlight, pace.inFlight);
      const create = () => createCalls({ clock, pace, classify, signal, ...(deadline && { limits: { deadline } }) });
      if (as === undefined) return create();
      return callsAs(signal, JSON.stringify([source.connector.id, as, String(perSecond), inAll, deadline]), create);
    },
  };
  return { tools, inFlight: () => inFlight, meter };
}

/** Calls of credentials that are shared, as long as there is the scan that the signal ends. */
const shared = new WeakMap<AbortSignal, Map<string, Calls>>();

function callsAs(signal: AbortSignal, as: string, create: () => Calls): Calls {
  const known = shared.get(signal) ?? new Map<string, Calls>();
  shared.set(signal, known);
  const calls = known.get(as) ?? create();
  known.set(as, calls);
  return calls;
}

export interface Tools {
  tools: ConnectTools;
  inFlight(): number;
  meter: Meter;
}

/** Why a source could not be opened, in words for the user. */
export function explain(error: unknown): Pick<SourceOutcome, 'message' | 'fix' | 'failure' | 'refused' | 'bugs'> {
  if (error instanceof ConfigError)
    return { message: error.message, fix: error.fix, failure: 'permission_denied', refused: true, bugs: [] };
  if (error instanceof Refusal) return { message: error.message, failure: error.reason, refused: true, bugs: [] };
  if (error instanceof ProviderFault) return { message: error.message, failure: error.reason, refused: false, bugs: [] };
  return { message: 'The connector failed for a reason of its own', failure: 'provider_error', refused: false, bugs: [error] };
}
