import type { Clock, Pace, Quota } from './context.ts';

/** Waits for so many milliseconds; throws where that is longer than there is time. */
type Rest = (milliseconds: number) => Promise<void>;

/** Lets requests pass at once as long as the quota lasts, and the others as it comes back. */
export function createQuota(clock: Clock, { most, within }: Quota, rest: Rest) {
  /** When the latest of them passed, the earliest first. */
  const spent: number[] = [];
  return {
    async turn(): Promise<void> {
      for (;;) {
        const now = clock.now().getTime();
        // A timer may be late, and what counts is when they really passed.
        if (spent.length === most && spent[0]! + within <= now) spent.shift();
        if (spent.length < most) return void spent.push(now);
        await rest(spent[0]! + within - now);
      }
    },
  };
}

/** This near to the pace at which the provider objected, the pace grows slowly. */
const NEAR = 0.93;
/** A provider that refuses everything for longer than that counts by the minute, and not by the second. */
const LONG_REFUSAL = 2_000;
const MINUTE = 60_000;

/**
 * Spreads calls over time, and finds the pace that the provider really allows: halved at each objection to a call that was sent after
 * the last one, quickly back to near where the provider objected, and slowly on from there: the longer it does not object, the faster.
 * Where it refused everything for a while, what it had answered within a minute is the pace that it allows.
 * `goOn` ends all waits, also those of `rest`: the provider answers again.
 */
export function createPacer(clock: Clock, pace: Pace, { rest, goOn }: { rest: Rest; goOn(): void }) {
  const most = Math.max(pace.perSecond, pace.most ?? 0);
  let perSecond = pace.perSecond;
  let next = 0;
  let started: number | undefined;
  /** When the answers of the last minute came. */
  const answers: number[] = [];
  /** The last objection: when it was made, at which pace, and where the pace fell to. */
  let objected: { at: number; pace: number; fallenTo: number } | undefined;
  /** No call has been answered that was sent later than that. */
  let refusedSince: number | undefined;
  /** Who asks later passes later, whatever the pace is by then. */
  let queue: Promise<unknown> = Promise.resolve();

  async function pass(): Promise<void> {
    for (;;) {
      const now = clock.now().getTime();
      // A timer may be early by less than a millisecond. When it is late, what comes next keeps its distance all the same.
      if (now > next - 1) return void (next = Math.max(now, next) + 1000 / perSecond);
      await rest(next - now);
    }
  }

  /** By how much the pace grows in a second. */
  function growth(now: number): number {
    if (!objected) return pace.perSecond / 50;
    if (perSecond < NEAR * objected.pace) return pace.perSecond / 6;
    const minutes = (now - objected.at) / MINUTE;
    return (objected.pace / 1000) * (1 + minutes ** 2);
  }

  function answersAgain(now: number, refusedFor: number): void {
    refusedSince = undefined;
    const allowed = (answers.length * 1000) / Math.min(MINUTE, now - started!);
    if (refusedFor >= LONG_REFUSAL && refusedFor < MINUTE && allowed > perSecond) {
      perSecond = Math.min(most, allowed);
      objected = { at: now, pace: perSecond, fallenTo: perSecond };
      next = now;
    }
    goOn();
  }

  return {
    async turn(): Promise<void> {
      if (perSecond === Number.POSITIVE_INFINITY) return;
      started ??= clock.now().getTime();
      const turn = queue.then(pass);
      queue = turn.catch(() => {});
      return turn;
    },
    /** A call was answered that was sent then. */
    answered(sentAt: number): void {
      if (perSecond === Number.POSITIVE_INFINITY) return;
      const now = clock.now().getTime();
      answers.push(now);
      while (answers[0]! <= now - MINUTE) answers.shift();
      if (refusedSince !== undefined && sentAt >= refusedSince) answersAgain(now, now - refusedSince);
      else if (perSecond < most) perSecond = Math.min(most, perSecond + growth(now) / perSecond);
    },
    /** The provider objected to a call that was sent then. */
    throttled(sentAt: number): void {
      if (perSecond === Number.POSITIVE_INFINITY || (objected && sentAt < objected.at)) return;
      const now = clock.now().getTime();
      refusedSince ??= now;
      // Hardly grown since the last objection, it still falls from the same height.
      const falling = objected && perSecond < 1.2 * objected.fallenTo;
      const fallenTo = Math.max(Math.min(0.5, pace.perSecond), perSecond / 2);
      objected = { at: now, pace: falling ? objected!.pace : perSecond, fallenTo };
      perSecond = fallenTo;
    },
  };
}
