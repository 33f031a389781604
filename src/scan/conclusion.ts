import { hash } from 'node:crypto';
import { outward, type Scope } from '../connector/index.ts';
import type { ReadingHistory } from '../store/rows.ts';
import type { Deciding, Said } from '../store/statements.ts';
import { isRenamed } from './rows.ts';

export type Presence = 'present' | 'unverified' | 'gone';

export type DiffClass = 'appeared' | 'returned' | 'changed' | 'persisting' | 'gone' | 'unverified' | 'verified' | 'reader_changed';

/** After that many days without being read, a place may no longer be vouched for by a log. */
export const MAX_DAYS_BY_LOG = 8;

/** After that many days everything is read again, whatever a log says; before its claims expire. */
export const FULL_EVERY_DAYS = 7;

/** Of the places that a log names nothing of, so many are read all the same. */
const SPOT_CHECKS = { share: 0.005, least: 5 };

const DAY_MS = 86_400_000;

/** A night on which a change log is asked. */
export interface DeltaNight {
  since: Date;
  /** Everything is read all the same, and held against what the log says. */
  sweep: boolean;
}

/**
 * Whether a change log is asked tonight. Undefined: everything is read without it, because there is nothing to renew, the
 * reader or the catalog is another, or the log was found to miss changes or does not reach back far enough.
 */
export function deltaTonight(
  history: ReadingHistory | undefined,
  tonight: { version: number; catalogHash: string; now: Date; fullEveryDays: number },
  log: { lagHours: number; windowDays: number },
): DeltaNight | undefined {
  if (!history) return undefined;
  const { last, wholeAt } = history;
  if (last.withdrawn || last.version !== tonight.version || last.catalogHash !== tonight.catalogHash) return undefined;
  const since = last.startedAt.getTime() - log.lagHours * 3_600_000;
  const daysSince = (moment: number) => (tonight.now.getTime() - moment) / DAY_MS;
  // A clock that once ran ahead would keep a log silent until then.
  if (daysSince(last.startedAt.getTime()) < 0 || daysSince(wholeAt.getTime()) < 0) return undefined;
  if (daysSince(since) > log.windowDays) return undefined;
  // A night begins a little earlier or later than the one before.
  return { since: new Date(since), sweep: daysSince(wholeAt.getTime()) >= tonight.fullEveryDays - 0.5 };
}

/** Numbers from 0 to below 1, the same for the same seed: a reading that is gone on with draws what it drew before. */
export function seeded(seed: string): () => number {
  let drawn = 0;
  return () => Number.parseInt(hash('sha256', `${seed} ${drawn++}`).slice(0, 8), 16) / 2 ** 32;
}

/** Draws places to be read by chance. `random` answers numbers from 0 to below 1. */
export function drawSpotChecks(places: readonly Scope[], random: () => number): Scope[] {
  const wanted = Math.min(places.length, Math.max(SPOT_CHECKS.least, Math.ceil(places.length * SPOT_CHECKS.share)));
  const pool = [...places];
  for (let drawn = 0; drawn < wanted; drawn++) {
    const other = drawn + Math.floor(random() * (pool.length - drawn));
    [pool[drawn], pool[other]] = [pool[other]!, pool[drawn]!];
  }
  return pool.slice(0, wanted);
}

/** The most specific statement about a place decides. */
export function saidOf(place: Scope, lookup: (scope: Scope) => Said | undefined): Deciding {
  for (const scope of outward(place)) {
    const said = lookup(scope);
    if (said) return said;
  }
  return 'none';
}

/**
 * What a statement is worth. `unchanged` renews what decided last and is worth no more: over a gap, over nothing,
 * or over a reading that is too old, the place counts as unread.
 */
export function worth(said: Deciding, last: () => { said: Deciding; at: Date } | undefined, now: Date): Deciding {
  if (said !== 'unchanged') return said;
  const before = last();
  if (before?.said !== 'covered') return 'gap';
  const days = (now.getTime() - before.at.getTime()) / 86_400_000;
  return days < 0 || days > MAX_DAYS_BY_LOG ? 'gap' : 'unchanged';
}

/** What was known of an observation, what this scan says of it, and by what right. */
export interface Case {
  before: Presence | 'absent';
  seen: boolean;
  /** Its facts differ from the stored ones; false when it was not seen. */
  changed: boolean;
  deciding: Deciding;
  mode: 'inventory' | 'log';
  /** The collector's version rose: nothing is compared. */
  readerChanged: boolean;
}

/**
 * The only place where presence is concluded. Seen is present. Not seen is gone only where the place was claimed to be read;
 * anything else is unverified. A log resolves nothing.
 */
export function conclude(facts: Case): { after: Presence; entry: DiffClass | undefined } {
  const { before } = facts;
  if (facts.seen) return { after: 'present', entry: facts.readerChanged ? readerEntry(facts) : seenEntry(facts) };
  if (before === 'absent') throw new Error('What was neither stored nor seen cannot be concluded');
  if (before === 'gone' || facts.mode === 'log') return { after: before, entry: undefined };
  if (facts.deciding === 'covered') return { after: 'gone', entry: facts.readerChanged ? 'reader_changed' : 'gone' };
  if (facts.deciding === 'unchanged') return { after: before, entry: before === 'present' ? 'persisting' : 'unverified' };
  return { after: 'unverified', entry: 'unverified' };
}

function seenEntry({ before, changed }: Case): DiffClass {
  if (before === 'absent') return 'appeared';
  if (before === 'gone') return 'returned';
  if (changed) return 'changed';
  return before === 'unverified' ? 'verified' : 'persisting';
}

function readerEntry({ before, changed }: Case): DiffClass {
  return before === 'present' && !changed ? 'persisting' : 'reader_changed';
}

/** The rules of presence, as the store asks for them. */
export function judgeOfPresence(now: Date) {
  return {
    conclude,
    said: saidOf,
    isRenamed,
    worth: (said: Parameters<typeof worth>[0], last: Parameters<typeof worth>[1]) => worth(said, last, now),
  };
}
