/** A clock that is moved by whoever waits. */
export function worldClock(from = '2026-11-02T02:00:00Z') {
  let time = Date.parse(from);
  return {
    now: () => new Date(time),
    sleep: async (milliseconds: number) => void (time += milliseconds),
    to: (moment: number) => void (time = Math.max(time, moment)),
  };
}
