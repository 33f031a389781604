import { readFileSync } from 'node:fs';

/** How the last night fared and when the next is, for whoever supervises. Times are ISO 8601 in UTC. */
export interface Health {
  formatVersion: 1;
  state: 'waiting' | 'running' | 'ended';
  /** Of the process that keeps the timetable or has a night. */
  pid: number;
  /** When the last night began. */
  lastStart: string | null;
  /** When it ended; null while it runs, and where it was killed. */
  lastEnd: string | null;
  outcome: NightOutcome | null;
  /** When the next night is due; null where no timetable says. */
  next: string | null;
  /** When it is to begin, which is somewhat later. */
  nextStart: string | null;
  /** Who keeps the timetable; null where nobody does. */
  keeper: Keeper | null;
}

/** A process; `start` tells it from a later one of the same number, and is null where the system does not say. */
export interface Keeper {
  pid: number;
  start: string | null;
}

export interface NightOutcome {
  exitCode: number;
  /** Why; none = nothing went wrong. */
  conditions: readonly string[];
  scan: number | null;
  message: string | null;
}

/** The condition of a night that had no scan because another process held the database. */
export const BUSY = 'busy';

const NOTHING: Health = {
  formatVersion: 1,
  state: 'ended',
  pid: 0,
  lastStart: null,
  lastEnd: null,
  outcome: null,
  next: null,
  nextStart: null,
  keeper: null,
};

/** What stands in the file; where it is none of ours, nothing is known. */
export function readHealth(file: string): Health {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as Partial<Health> | null;
    return found?.formatVersion === 1 ? { ...NOTHING, ...found } : NOTHING;
  } catch {
    return NOTHING;
  }
}

/** When the last night began. One that was interrupted, that somebody else's work kept from scanning, or that nobody ended, is to be had again: as if the last were long ago. */
export function lastEndedNight({ lastStart, lastEnd, outcome }: Health): Date | undefined {
  if (lastStart === null) return undefined;
  const began = new Date(lastStart);
  const ended =
    lastEnd !== null &&
    !outcome?.conditions.some((condition) => condition === 'interrupted' || condition === BUSY) &&
    !Number.isNaN(began.getTime());
  return ended ? began : new Date(0);
}
