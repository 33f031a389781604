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
  // An early failure must not become an unhandled rejection while we still wait for an earlier item.
  for (const promise of running) promise.catch(() => {});
  try {
    for (const promise of running) yield await promise;
  } finally {
    limit.clearQueue();
  }
}
