import { AsyncLocalStorage } from 'node:async_hooks';
import {
  createWire,
  ProviderFault,
  Refusal,
  type Calls,
  type Clock,
  type Operation,
  type OperationId,
  type Wire,
  type WireOrigins,
} from '../connector/index.ts';

/** Requests that one reader may send while it is only tried. */
export const MOST_REQUESTS = 20;

/** The governed wire with somebody listening: what was really asked, what was really answered, and what the time is there. */
export interface Tap {
  wire(origins: WireOrigins): Wire;
  calls(inner: Calls): Calls;
  /**
   * Lets a reader work, and watches what it sends, also what it left running when it was stopped.
   * Once all that is wanted was answered, or `most` requests were sent (absent = `MOST_REQUESTS`), nothing more is sent.
   */
  watching<Result>(wanted: readonly OperationId[], work: (watch: Watch) => Promise<Result>, most?: number): Promise<Result>;
  /** Operations that were answered to any reader so far. */
  readonly answered: ReadonlySet<OperationId>;
  /** All requests so far, repeats and token calls included. */
  readonly requests: number;
  /** How many milliseconds the provider's clock is ahead of ours; undefined where no answer carried a date. */
  readonly ahead: number | undefined;
}

export interface Watch {
  /** Operations whose answer was no refusal, and was understood by the connector: some tell with an error what is switched off. */
  answered: Set<OperationId>;
  /** Operations that were refused to at least one credential. */
  refused: Set<OperationId>;
  requests: number;
  readonly most: number;
  complete(): boolean;
}

/** One attempt at a call, however deep in an SDK its requests are sent. */
interface Attempt {
  asked: Set<OperationId>;
  succeeded: Set<OperationId>;
}

const attempts = new AsyncLocalStorage<Attempt>();
const watches = new AsyncLocalStorage<Watch>();
const REFUSALS = new Set([401, 403]);
const LIMITS = { bytes: 64 * 1024 * 1024, milliseconds: 20_000 };

export function createTap(options: { operations: readonly Operation[]; clock: Clock; signal: AbortSignal }): Tap {
  const { operations, clock, signal } = options;
  const answered = new Set<OperationId>();
  let requests = 0;
  let ahead: number | undefined;
  let shortest = Number.POSITIVE_INFINITY;

  function admit(): void {
    const watch = watches.getStore();
    if (!watch || watch.complete() || watch.requests >= watch.most)
      throw new ProviderFault('Enough was asked to try it', { reason: 'over_budget' });
    watch.requests++;
    requests++;
  }

  /** The answer with the shortest way says most exactly what the time is there. */
  function compareClocks(date: string | null, sent: number, received: number): void {
    const there = Date.parse(date ?? '');
    if (Number.isNaN(there) || received - sent > shortest) return;
    shortest = received - sent;
    ahead = there - (sent + received) / 2;
  }

  return {
    answered,
    wire: (origins) => ({
      async fetch(input, init) {
        let asked: OperationId | undefined;
        const count = (operation: OperationId) => {
          admit();
          asked = operation;
          attempts.getStore()?.asked.add(operation);
        };
        const sent = clock.now().getTime();
        // A wire for each request: that is how an answer is known to belong to its operation.
        const answer = await createWire({ operations, origins, signal, count, limits: LIMITS }).fetch(input, init);
        compareClocks(answer.headers.get('date'), sent, clock.now().getTime());
        if (!REFUSALS.has(answer.status) && asked !== undefined) attempts.getStore()?.succeeded.add(asked);
        return answer;
      },
    }),
    calls: (inner) => ({
      inFlight: inner.inFlight,
      async run(send, how) {
        const watch = watches.getStore();
        const asked = new Set<OperationId>();
        try {
          return await inner.run(async () => {
            const attempt: Attempt = { asked, succeeded: new Set() };
            const value = await attempts.run(attempt, send);
            // Not before: a sign-in page of a proxy has a status of success too.
            for (const operation of attempt.succeeded) {
              watch?.answered.add(operation);
              answered.add(operation);
            }
            return value;
          }, how);
        } catch (error) {
          if (error instanceof Refusal) for (const operation of asked) watch?.refused.add(operation);
          throw error;
        }
      },
    }),
    watching(wanted, work, most = MOST_REQUESTS) {
      const watch = newWatch(wanted, most);
      return watches.run(watch, () => work(watch));
    },
    get requests() {
      return requests;
    },
    get ahead() {
      return ahead;
    },
  };
}

function newWatch(wanted: readonly OperationId[], most: number): Watch {
  const answered = new Set<OperationId>();
  const complete = () => wanted.length > 0 && wanted.every((operation) => answered.has(operation));
  return { answered, refused: new Set(), requests: 0, most, complete };
}
