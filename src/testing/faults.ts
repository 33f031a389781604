import type { OperationId } from '../connector/index.ts';
import { chance } from './random.ts';

/** A status that the provider answers instead, or a way in which the answer breaks. */
export type Fault = 401 | 403 | 404 | 429 | 500 | 503 | 'reset' | 'cut' | 'html' | 'self_page' | 'foreign_page';

export const FAULTS: readonly Fault[] = [401, 403, 404, 429, 500, 503, 'reset', 'cut', 'html', 'self_page', 'foreign_page'];

export interface PlannedFault {
  operation: OperationId;
  fault: Fault;
  /** Which distinct request of the operation is hit, counted from 1; absent = every one. Repeats of a request share its number. */
  nth?: number;
  /** Only requests whose path and query hold this text. */
  where?: string;
  /** How often it strikes before the provider recovers; absent = for ever. */
  times?: number;
}

/** The faults that a simulated provider is told to have. */
export interface FaultPlan {
  add(fault: PlannedFault): void;
  /** Strikes that share of all requests at random, never the same request more than twice in a row; `spared` = operations that are left alone. */
  chaos(options: { share: number; seed: string; faults?: readonly Fault[]; spared?: readonly OperationId[] }): void;
  clear(): void;
  /** The largest number of distinct requests of an operation between two calls of `clear`. */
  distinct(operation: OperationId): number;
  /** Operations whose planned fault really struck, and how often. */
  struck: Map<OperationId, number>;
}

interface State extends FaultPlan {
  planned: (PlannedFault & { left: number })[];
  seen: Map<OperationId, Map<string, number>>;
  disorder: { share: number; seed: string; faults: readonly Fault[]; spared?: readonly OperationId[] } | undefined;
  attempts: Map<string, { count: number; row: number }>;
  most: Map<OperationId, number>;
}

export function createFaultPlan(): FaultPlan {
  const state: State = {
    planned: [],
    seen: new Map(),
    disorder: undefined,
    attempts: new Map(),
    most: new Map(),
    distinct: (operation) => state.most.get(operation) ?? 0,
    struck: new Map(),
    add: (fault) => void state.planned.push({ ...fault, left: fault.times ?? Number.POSITIVE_INFINITY }),
    chaos: (options) => void (state.disorder = { faults: [429, 503, 'reset', 'cut'], ...options }),
    clear() {
      state.planned = [];
      state.seen.clear();
      state.attempts.clear();
      state.struck.clear();
      state.disorder = undefined;
    },
  };
  return state;
}

/** The fault that this request meets. `signature` tells two requests of one operation apart. */
export function faultFor(plan: FaultPlan, operation: OperationId, signature: string): Fault | undefined {
  const state = plan as State;
  const ordinals = state.seen.get(operation) ?? new Map<string, number>();
  state.seen.set(operation, ordinals);
  const nth = ordinals.get(signature) ?? ordinals.size + 1;
  ordinals.set(signature, nth);
  state.most.set(operation, Math.max(state.most.get(operation) ?? 0, ordinals.size));
  const hit = state.planned.find(
    (fault) => fault.operation === operation && (fault.nth ?? nth) === nth && fault.left > 0 && signature.includes(fault.where ?? ''),
  );
  if (hit) {
    hit.left--;
    state.struck.set(operation, (state.struck.get(operation) ?? 0) + 1);
    return hit.fault;
  }
  // Requests of two operations may look alike but for a header.
  if (!state.disorder || state.disorder.spared?.includes(operation)) return undefined;
  return disorderly(state, state.disorder, `${operation} ${signature}`);
}

function disorderly(state: State, disorder: NonNullable<State['disorder']>, signature: string): Fault | undefined {
  const attempt = state.attempts.get(signature) ?? { count: 0, row: 0 };
  state.attempts.set(signature, attempt);
  attempt.count++;
  const strikes = attempt.row < 2 && chance(disorder.seed, signature, attempt.count) < disorder.share;
  attempt.row = strikes ? attempt.row + 1 : 0;
  if (!strikes) return undefined;
  return disorder.faults[Math.floor(chance(disorder.seed, 'which', signature, attempt.count) * disorder.faults.length)];
}
