import { daysBetween, medianOf } from './days.ts';
import { ENDINGS, type Ending } from './ending.ts';

/** That a finding began or was settled, with the start of the scan that saw it. */
export interface Turning {
  key: string;
  rule: string;
  event: 'began' | 'settled';
  at: string;
  /** The number of that scan. */
  scan: number;
}

/** How long findings stand until the access is taken away. */
export interface Settling {
  /** How many ended with that, and stand. */
  count: number;
  /** How many of these stand still; each counts as longer than any. */
  open: number;
  /** Days since the one began that stands longest; undefined = none stands. */
  oldest: number | undefined;
  /** Days, of half of them at most so many; undefined = there was none, or more than half stand still. */
  median: number | undefined;
  /** How many ended with what, and after how many days. */
  ended: Readonly<Record<Ending, { count: number; median: number | undefined }>>;
}

/** Findings about secrets that are known to others: every hour counts, and to change a key is not to decide about a tool. */
const LEAKED: ReadonlySet<string> = new Set(['leaked-ai-secret', 'exposed-key']);

/**
 * Leaked secrets and all other findings apart, from turnings in the order of time. What stands still counts as longer than any: else
 * whoever removes the easy ones alone, or does not look, would be quick.
 */
export function settlingOf(
  turnings: readonly Turning[],
  now: string,
  endingOf: (turning: Turning) => Ending,
): { secrets: Settling; others: Settling } {
  const spans = [...Map.groupBy(turnings, ({ key }) => key).values()].flatMap((own) => spansOf(own, now, endingOf));
  return { secrets: summary(spans.filter(({ rule }) => LEAKED.has(rule))), others: summary(spans.filter(({ rule }) => !LEAKED.has(rule))) };
}

interface Span {
  rule: string;
  days: number;
  /** Undefined = it stands. */
  ending: Ending | undefined;
}

function spansOf(own: readonly Turning[], now: string, endingOf: (turning: Turning) => Ending): Span[] {
  const spans: Span[] = [];
  let since: string | undefined;
  for (const turning of own) {
    const { rule, event, at } = turning;
    if (event === 'began') since ??= at;
    else if (since !== undefined) {
      spans.push({ rule, days: daysBetween(since, at), ending: endingOf(turning) });
      since = undefined;
    }
  }
  if (since !== undefined) spans.push({ rule: own[0]!.rule, days: daysBetween(since, now), ending: undefined });
  return spans;
}

function summary(spans: readonly Span[]): Settling {
  const daysOf = (...of: readonly (Ending | undefined)[]) => spans.filter(({ ending }) => of.includes(ending)).map(({ days }) => days);
  const [removed, open] = [daysOf('removed', 'removedDenied'), daysOf(undefined)];
  const median = medianOf([...removed, ...open.map(() => Infinity)]);
  return {
    count: removed.length + open.length,
    open: open.length,
    oldest: open.length === 0 ? undefined : Math.max(...open),
    median: median === Infinity ? undefined : median,
    ended: Object.fromEntries(
      ENDINGS.map((id) => [id, { count: daysOf(id).length, median: medianOf(daysOf(id)) }]),
    ) as unknown as Settling['ended'],
  };
}
