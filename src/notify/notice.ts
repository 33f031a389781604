import type { Head } from '../audit/chain.ts';

/** What is told to somebody outside. Delivered at least once: `id` is the same however often it comes. */
export interface Notice {
  id: string;
  tenant: string;
  /** When it was made, ISO 8601 in UTC. */
  at: string;
  /** Undefined = a test, which says nothing but that it arrived. */
  night: Night | undefined;
}

/** What one night brought, or several of which nobody was told yet. Titles and messages hold what providers said. */
export interface Night {
  /** The last scan that it tells of; null where the night ended without one. */
  scan: number | null;
  /** Why it ended without one. */
  failure: string | null;
  /** Sources of which nothing was read in one of the scans, the last of these, and whether a later one has read of it. */
  unread: readonly { source: string; message: string | null; scan: number; readSince: boolean }[];
  /** Places that could not be read by the last scan that asked their source, and that nobody has accepted, together where source, collector and reason are the same. */
  gaps: readonly { source: string; collector: string; reason: string; places: number; isNew: boolean }[];
  /** How many findings met with which event. */
  events: Readonly<Record<string, number>>;
  /** How many opened or came back and still need somebody. One that did both counts once. */
  fresh: number;
  /** The gravest of them. */
  findings: readonly { finding: string; severity: string; event: string; title: string }[];
  /** How many need a decision or are being decided, by severity. */
  open: Readonly<Record<string, number>>;
  /** What is left of writing to trackers from before this scan: what waits, and what a tracker refused. Null where no tracker is configured. */
  tickets: { waiting: number; refused: number } | null;
  /** The end of the audit trail: kept by whoever reads this, it proves what the trail was. Null where there is none. */
  audit: Head | null;
}

/** Whether a night is worth a word to those who want news alone. */
export function hasNews({ failure, unread, gaps, events }: Night): boolean {
  return failure !== null || unread.length > 0 || gaps.some(({ isNew }) => isNew) || Object.values(events).some((count) => count > 0);
}
