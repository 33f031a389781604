import type { Database as Connection } from 'better-sqlite3';
import { asStorageError, isBusy, LeaseLost } from './database.ts';

/** How long another process may write before a unit of work gives up, in milliseconds. The conclusion of a large tenant takes minutes. */
const PATIENCE_MS = 10 * 60_000;
const BETWEEN_TRIES_MS = 25;

/** How long what ends a piece of work goes on waiting after an interrupt, in milliseconds. */
const GRACE_MS = 10_000;

export interface TurnOptions {
  /** Milliseconds. */
  patience?: number;
  /** Ends the waiting, not the work. */
  signal?: AbortSignal;
  /** Milliseconds that the units that end a piece of work go on waiting after the signal, all together. */
  grace?: number;
}

/** Runs work in one database transaction, once it is its turn to write: nothing is begun before, so nothing is done twice. */
export type Turn = <Result>(work: () => Result) => Promise<Result>;

/** The turns of a connection; SQLite's errors are told as the user's. `last` = of what ends a piece of work, also an interrupted one. */
export function turnsOf(database: Connection, file: string, options: TurnOptions): { turn: Turn; last: Turn } {
  // SQLite's own waiting would hold up all else that this process does: answers, its sign of life, an interrupt.
  database.pragma('busy_timeout = 0');
  return { turn: turnAfter(database, file, options, 0), last: turnAfter(database, file, options, options.grace ?? GRACE_MS) };
}

function turnAfter(database: Connection, file: string, { patience = PATIENCE_MS, signal }: TurnOptions, grace: number): Turn {
  /** When a unit first had to wait after the interrupt. */
  let interrupted: number | undefined;
  return async (work) => {
    // Nobody looks at the clock before there is something to wait for: Node's module for it has fourteen more, which each export would load.
    let waiting: number | undefined;
    for (;;) {
      try {
        return database.transaction(work).immediate();
      } catch (error) {
        if (!isBusy(error)) throw asStorageError(error, file);
        const now = performance.now();
        if (now - (waiting ??= now) > patience) throw asStorageError(error, file);
        if (signal?.aborted && now - (interrupted ??= now) >= grace) throw signal.reason;
      }
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
    }
  };
}

/** Leases under which a store writes, by holder. */
export type Fences = Map<string, string>;

/** Turns of who holds what he said he holds. Whoever lost a lease may not write another word. */
export function fencedTurns(database: Connection, turn: Turn, fences: Fences): Turn {
  const holds = database.prepare('SELECT 1 FROM lease WHERE tenant = ? AND holder = ?');
  return (work) =>
    turn(() => {
      for (const [holder, tenant] of fences) if (!holds.get(tenant, holder)) throw new LeaseLost();
      return work();
    });
}
