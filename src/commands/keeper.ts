import { isRunning } from '../scan/lease.ts';
import { processStart } from '../scan/process-start.ts';
import type { Health, Keeper } from '../schedule/health.ts';

/** This process, as the file names it. */
export function ownKeeper(): Keeper {
  return { pid: process.pid, start: processStart(process.pid) };
}

/** Another process of this machine that keeps a timetable with the same file; undefined = there is none. */
export function otherKeeper({ keeper }: Health): Keeper | undefined {
  if (!keeper || keeper.pid === process.pid) return undefined;
  const start = processStart(keeper.pid);
  const isThere = start === null || keeper.start === null ? isRunning(keeper.pid) : start === keeper.start;
  return isThere ? keeper : undefined;
}
