import type { z } from 'zod';
import { ProviderFault } from './errors.ts';
import type { Scope } from './scope.ts';
import type { Gap } from './statements.ts';

/** Notices a provider that sends the same page for ever. One guard serves one walk over a list. */
export function pageGuard(): (token: string) => void {
  const seen = new Set<string>();
  return (token) => {
    if (seen.has(token)) throw new ProviderFault('The list repeats a page and never ends', { reason: 'truncated' });
    seen.add(token);
  };
}

/** More malformed items than this in a page mean that the reader no longer understands the provider. */
const MOST_MALFORMED = { share: 0.01, count: 20 };

/** Thrown when a page holds so many malformed items that reading on would be guessing. */
export class NotUnderstood extends ProviderFault {
  override name = 'NotUnderstood';
}

/**
 * Parses the items of a page one by one. A malformed item is set aside and its place becomes a gap;
 * a page that is mostly malformed is a fault of the whole list.
 */
export function parseItems<Item>(
  items: readonly unknown[],
  schema: z.ZodType<Item>,
  where: { scope(raw: unknown): Scope; what: string },
): { items: Item[]; gaps: Gap[] } {
  const parsed: Item[] = [];
  const gaps: Gap[] = [];
  for (const raw of items) {
    const result = schema.safeParse(raw);
    if (result.success) parsed.push(result.data);
    else {
      const fields = result.error.issues.map((issue) => issue.path.join('.') || '(whole)').join(', ');
      gaps.push({
        type: 'gap',
        scope: where.scope(raw),
        reason: 'provider_error',
        effect: `A malformed ${where.what} was set aside (${fields})`,
      });
    }
  }
  const most = Math.min(MOST_MALFORMED.count, Math.max(1, Math.floor(items.length * MOST_MALFORMED.share)));
  if (gaps.length > most) throw new NotUnderstood(`${gaps.length} of ${items.length} items of a page are malformed: ${gaps[0]!.effect}`);
  return { items: parsed, gaps };
}
