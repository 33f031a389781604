import type { Clock } from '../connector/index.ts';
import type { NightTimes } from './times.ts';

/** What becomes of nights, told as it happens. */
export type NightEvent =
  | { is: 'waiting'; due: Date; at: Date }
  /** A night was missed while nobody waited for it, and begins now. */
  | { is: 'caught up'; due: Date }
  /** Somebody else has had this night, or has begun it. */
  | { is: 'had elsewhere'; due: Date }
  /** Times that came while a night still ran: they are left out. */
  | { is: 'left out'; times: number; last: Date };

export interface NightsOptions {
  clock: Clock;
  signal: AbortSignal;
  times: NightTimes;
  /** At most so many milliseconds later than its time does a night begin. */
  jitter: number;
  /** From 0 to below 1. */
  random(): number;
  /** Whether one night that was missed is made up for at once. */
  catchUp: boolean;
  /** When the last night began that need not be had again; undefined = none is known. */
  lastNight(): Date | undefined;
  /** One night, to its end. What goes wrong in it is its own to tell: it does not throw for that. */
  night(due: Date): Promise<void>;
  told(event: NightEvent): void;
}

/** A computer that slept, or whose clock was put forward, is noticed within this time, in milliseconds. */
const LOOK_EVERY_MS = 60_000;

/** Clocks of several computers differ by less, in milliseconds. */
const AHEAD_MS = 3_600_000;

/** Has night after night until the signal: one at a time, and none twice. Throws the signal's reason. */
export async function keepNights(options: NightsOptions): Promise<never> {
  const { clock, times, signal, told } = options;
  let due = missed(options);
  if (due) told({ is: 'caught up', due });
  else due = times.next(clock.now());
  for (;;) {
    signal.throwIfAborted();
    // A timetable without another time: wait for the signal.
    if (!due) await clock.sleep(LOOK_EVERY_MS, signal);
    else {
      if (due > clock.now() && !(await wait(due, options))) {
        due = times.next(clock.now());
        continue;
      }
      const last = options.lastNight();
      // One that begins hours from now was begun by a clock that was wrong.
      if (last && last >= due && last.getTime() < clock.now().getTime() + AHEAD_MS) told({ is: 'had elsewhere', due });
      else await options.night(due);
      due = following(due, options);
    }
  }
}

function missed({ catchUp, times, clock, lastNight }: NightsOptions): Date | undefined {
  const last = lastNight();
  // Where there was never a night, none was missed.
  if (!catchUp || !last) return undefined;
  const due = times.last(clock.now());
  return due && last < due ? due : undefined;
}

/** False where the clock was put back so far that several nights come before this one: it had been wrong when this one was chosen. */
async function wait(due: Date, options: NightsOptions): Promise<boolean> {
  const { clock, signal, times, jitter, random, told } = options;
  const following = times.next(due);
  // Never so late that the next one would have to begin.
  const room = following ? (following.getTime() - due.getTime()) / 2 : jitter;
  const at = new Date(due.getTime() + Math.floor(Math.min(jitter, room) * random()));
  told({ is: 'waiting', due, at });
  const left = () => at.getTime() - clock.now().getTime();
  while (left() > 0) {
    await clock.sleep(Math.min(left(), LOOK_EVERY_MS), signal);
    // One night before it may be that which was had last: it is not had again.
    const soon = times.next(clock.now());
    const second = soon && times.next(soon);
    if (second && second < due) return false;
  }
  return true;
}

/** A clock that was put back must not bring the same night again. */
function following(due: Date, { clock, times, told }: NightsOptions): Date | undefined {
  const now = clock.now();
  let leftOut = 0;
  let last = due;
  let next = times.next(due);
  for (; next && next <= now; next = times.next(next)) {
    leftOut++;
    last = next;
  }
  if (leftOut > 0) told({ is: 'left out', times: leftOut, last });
  return next;
}
