/**
 * Work on a long list, in pieces: after each the event loop gets a turn, so that answers of other accounts need not wait for it.
 * Await it once for every item.
 */
export function inPieces(sleep: (milliseconds: number) => Promise<void>): () => Promise<void> {
  let done = 0;
  return async () => {
    if (++done % PIECE === 0) await sleep(0);
  };
}

/** Some ten milliseconds of judging principals or reading rows. */
const PIECE = 250;
