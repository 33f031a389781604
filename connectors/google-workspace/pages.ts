import type { z } from 'zod';
import { pageGuard, parseItems, reading, type Gap, type Loss, type Scope } from '../../src/connector/index.ts';
import type { Page } from './schema.ts';

/** One list to walk. */
export interface List<Item> {
  /** What is lost when a page cannot be read. */
  loss: Loss;
  /** What an item is called where one is malformed. */
  what: string;
  schema: z.ZodType<Item>;
  /** The place that a malformed item leaves unread; absent = the whole list. */
  place?(raw: unknown): Scope;
  /** Where to begin: a page token of an earlier walk, or null. */
  from?: string | null;
  ask(pageToken: string | undefined): Promise<Page>;
}

export type ListPage<Item> = { items: Item[]; gaps: Gap[]; next: string | null; unreachable: readonly string[]; gap?: never };

/** A walk that ended; `whole` as in `Lost`. */
export type ListEnd = { gap: Gap; whole: boolean };

/** Walks a list page by page, empty pages too; one that cannot be read, or that leads in a circle, ends the walk with its gap. */
export async function* listPages<Item>(list: List<Item>): AsyncGenerator<ListPage<Item> | ListEnd> {
  const guard = pageGuard();
  let pageToken = list.from ?? null;
  do {
    const page = await reading(list.loss, async () => {
      const answer = await list.ask(pageToken ?? undefined);
      if (answer.next !== null) guard(answer.next);
      return {
        ...parseItems(answer.items, list.schema, { what: list.what, scope: (raw) => list.place?.(raw) ?? list.loss.scope }),
        next: answer.next,
        unreachable: answer.unreachable,
      };
    });
    if (page.gap) return yield { gap: page.gap, whole: page.whole };
    yield page.value;
    pageToken = page.value.next;
  } while (pageToken !== null);
}

/** All items of a short list at once, or the gap that it ends with. */
export async function readAll<Item>(list: List<Item>): Promise<{ items: Item[]; gaps: Gap[]; gap?: never } | { gap: Gap }> {
  const items: Item[] = [];
  const gaps: Gap[] = [];
  for await (const page of listPages(list)) {
    if (page.gap) return { gap: page.gap };
    items.push(...page.items);
    gaps.push(...page.gaps);
  }
  return { items, gaps };
}
