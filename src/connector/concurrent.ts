import { setImmediate } from 'node:timers/promises';
import pLimit from 'p-limit';

/**
 * Applies `work` to every item, at most `inFlight` at once, and yields the results in the order of the items:
 * a checkpoint after a page is true of that page, however the answers arrive.
 */
export async function* concurrent<Item, Result>(
  items: readonly Item[],
  inFlight: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const limit = pLimit(inFlight);
  const running = items.map((item) => limit(() => work(item)));
  for (const promise of running) void heldLater(promise);
  try {
    for (const promise of running) yield await promise;
  } finally {
    limit.clearQueue();
  }
}

/**
 * The same for any number of items, while `goesOn` says so: at most `held` are under way, wait to be taken, or are with whoever took them. One
 * that takes long keeps no other from being begun, and what is in memory does not grow with the items. With one, none is begun ahead.
 */
export async function* ahead<Item, Result>(
  items: Iterable<Item>,
  { inFlight, held, goesOn }: { inFlight: number; held: number; goesOn(): boolean },
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const left = items[Symbol.iterator]();
  const begun: Promise<Result>[] = [];
  let running = 0;
  let isOver = false;
  const begin = () => {
    while (!isOver && running < inFlight && begun.length < held && goesOn()) {
      const { done, value } = left.next();
      if (done) return;
      running++;
      begun.push(heldLater(work(value).finally(ended)));
    }
  };
  function ended(): void {
    running--;
    begin();
  }
  try {
    for (begin(); begun.length > 0; begin()) {
      yield await begun[0]!;
      void begun.shift();
    }
  } finally {
    isOver = true;
  }
}

/** So often the event loop has to turn before a request is on its way: in one turn its body is made ready, in the next it is sent. */
const TURNS_TO_SEND = 2;

/** The pages of a list, each of which says where the next one is: where several requests may be under way, the next page is, while one is kept. */
export function pagesAhead<Page>({ inFlight }: { inFlight: number }, ask: () => Promise<Page>) {
  let asked: Promise<Page> | undefined;
  return {
    next(): Promise<Page> {
      const page = asked ?? ask();
      asked = undefined;
      return page;
    },
    /** There is another page, and `ask` knows where. Where its pace lets it, it is sent before the last one is kept: that leaves the event loop no turn. */
    async goOn(): Promise<void> {
      if (inFlight === 1) return;
      asked = heldLater(ask());
      for (let turn = 0; turn < TURNS_TO_SEND; turn++) await setImmediate();
    },
  };
}

/** What is waited for later: that it fails before is no unhandled rejection. */
function heldLater<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => {});
  return promise;
}
