import { Cron } from 'croner';

/** When nights begin, by the wall clock of a place. */
export interface Timetable {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  cron: string;
  /** IANA name, such as Europe/Berlin. */
  timeZone: string;
}

/** The times of a timetable. Both are pure: they ask no clock. */
export interface NightTimes {
  /** The first after a moment; undefined = there is none any more. */
  next(after: Date): Date | undefined;
  /** The last by a moment; undefined = there was none in the four years before. */
  last(by: Date): Date | undefined;
}

/** How far is looked back for the last time, in days: most timetables have one in the first of these. */
const LOOK_BACK_DAYS = [2, 40, 400, 4 * 366];
const DAY_MS = 86_400_000;

/**
 * Reads a timetable. A wall-clock time that does not exist, because clocks are put forward, is kept when they have been; one that exists
 * twice is kept the first time: each day has its night once. A mistake in the expression, or a zone that nobody knows, is thrown.
 */
export function nightTimes({ cron, timeZone }: Timetable): NightTimes {
  if (!isTimeZone(timeZone)) throw new RangeError(`"${timeZone}" is no time zone`);
  // Paused, it sets no timer: the expression alone is wanted. Of times that exist twice, `no-wildcard` takes the first, of lists of hours too.
  const pattern = new Cron(cron, { paused: true, mode: '5-part', timezone: timeZone, fixedTimeRule: 'no-wildcard' });
  const next = (after: Date) => pattern.nextRun(after) ?? undefined;
  const last = (by: Date) => {
    for (const days of LOOK_BACK_DAYS) {
      let found: Date | undefined;
      for (let at = next(new Date(by.getTime() - days * DAY_MS)); at && at <= by; at = next(at)) found = at;
      if (found) return found;
    }
    return undefined;
  };
  return { next, last };
}

/** Names alone: an offset knows no summer. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A moment as the wall clock of a place shows it, with its distance to UTC: `2026-10-25 02:30 GMT+02:00`. */
export function wallClock(at: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'longOffset',
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}-${of('day')} ${of('hour')}:${of('minute')} ${of('timeZoneName').replace('−', '-')}`;
}
