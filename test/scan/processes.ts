import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ProcessNight } from './scan-process.ts';

/** How a process ended, and what it said of its scan before. */
export interface End {
  signal: NodeJS.Signals | null;
  outcome?: { state: string; resumed: boolean; scanId: number };
  /** From the beginning of the scan to the end of the process. */
  milliseconds: number;
}

/** What happens to a scan that is under way, and how long after its beginning. */
export interface Stop {
  after: number;
  by: NodeJS.Signals;
}

/**
 * Scans in processes of their own. Most of a process's time is its start: while one scans, the next is loading already,
 * from code that was compiled once for all of them.
 */
export function scanProcesses(compiled: string): { run(night: ProcessNight, stop?: Stop): Promise<End>; close(): void } {
  let spare = start(compiled);
  return {
    run(night, stop) {
      const next = spare;
      spare = start(compiled);
      return scanIn(next, night, stop);
    },
    close: () => void spare.stdin!.end(),
  };
}

function start(compiled: string): ChildProcess {
  return spawn(process.execPath, [new URL('scan-process.ts', import.meta.url).pathname], {
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function scanIn(child: ChildProcess, night: ProcessNight, stop: Stop | undefined): Promise<End> {
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_code, by) => resolve(by)));
  let complaint = '';
  let begun = 0;
  let outcome: End['outcome'];
  child.stderr!.on('data', (part: Buffer) => void (complaint += part.toString()));
  createInterface({ input: child.stdout! }).on('line', (line) => {
    if (line === 'begun') {
      begun = performance.now();
      if (stop) setTimeout(() => child.kill(stop.by), stop.after);
    } else if (line.startsWith('{')) outcome = JSON.parse(line) as End['outcome'];
  });
  child.stdin!.write(`${JSON.stringify(night)}\n`);
  const signal = await ended;
  if (complaint !== '') throw new Error(complaint);
  return { signal, milliseconds: performance.now() - begun, ...(outcome && { outcome }) };
}
