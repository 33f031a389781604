/** Pages of one list: no ticket of ours has so many comments, and no marker stands on so many tickets. */
const MOST_PAGES = 20;

/** One page of a list, and where the next begins; undefined = it was the last. */
export interface Page<Item, Place> {
  items: readonly Item[];
  next: Place | undefined;
}

/** Walks a list, page by page, and no further than whoever asks. */
export async function* listed<Item, Place>(first: Place, read: (from: Place) => Promise<Page<Item, Place>>): AsyncGenerator<Item> {
  let from: Place | undefined = first;
  for (let pages = 0; from !== undefined && pages < MOST_PAGES; pages++) {
    const page: Page<Item, Place> = await read(from);
    yield* page.items;
    from = page.next;
  }
}

export async function someOf<Item>(items: AsyncIterable<Item>, is: (item: Item) => boolean): Promise<boolean> {
  for await (const item of items) if (is(item)) return true;
  return false;
}

export async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
