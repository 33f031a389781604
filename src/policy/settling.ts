import { daysBetween, medianOf } from './days.ts';

/** That a finding began or was settled, with the start of the scan that saw it. */
export interface Turning {
  key: string;
  rule: string;
  event: 'began' | 'settled';
  at: string;
}

/** How long findings stand until somebody decides about them or takes the access away. */
export interface Settling {
  /** How often one began. */
  count: number;
  /** How many of these stand still; they count until now. */
  open: number;
  /** Days, of half of them at most so many; undefined = there was none. */
  median: number | undefined;
}

/** Findings about secrets that are known to others: every hour counts, and to change a key is not to decide about a tool. */
const LEAKED: ReadonlySet<string> = new Set(['leaked-ai-secret', 'exposed-key']);

/**
 * Leaked secrets and all other findings apart, from turnings in the order of time. What stands still counts until now: else whoever
 * settles the easy ones alone, or does not look, would be quick.
 */
export function settlingOf(turnings: readonly Turning[], now: string): { secrets: Settling; others: Settling } {
  const spans = [...Map.groupBy(turnings, ({ key }) => key).values()].flatMap((own) => spansOf(own, now));
  return { secrets: summary(spans.filter(({ rule }) => LEAKED.has(rule))), others: summary(spans.filter(({ rule }) => !LEAKED.has(rule))) };
}

interface Span {
  rule: string;
  days: number;
  open: boolean;
}

function spansOf(own: readonly Turning[], now: string): Span[] {
  const spans: Span[] = [];
  let since: string | undefined;
  for (const { rule, event, at } of own) {
    if (event === 'began') since ??= at;
    else if (since !== undefined) {
      spans.push({ rule, days: daysBetween(since, at), open: false });
      since = undefined;
    }
  }
  if (since !== undefined) spans.push({ rule: own[0]!.rule, days: daysBetween(since, now), open: true });
  return spans;
}

function summary(spans: readonly Span[]): Settling {
  return { count: spans.length, open: spans.filter(({ open }) => open).length, median: medianOf(spans.map(({ days }) => days)) };
}
