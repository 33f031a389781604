import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { LeaseLost } from '../store/database.ts';
import type { LeaseHolder, Store } from '../store/store.ts';
import { processStart } from './process-start.ts';

const SCANS = 'is scanning';

/** Another process is scanning this tenant, or does what nobody may do meanwhile. */
export class ScanInProgress extends Error {
  override name = 'ScanInProgress';
  readonly holder: LeaseHolder;
  /** It scans, and does not forget or prune. */
  readonly scans: boolean;
  constructor(holder: LeaseHolder) {
    super(`Process ${holderText(holder)}; its last sign of life was at ${holder.beatAt}`);
    this.holder = holder;
    this.scans = workOf(holder) === SCANS;
  }
}

/** The number of the process that holds a lease, where it is, and what it does. */
export function holderText(holder: Pick<LeaseHolder, 'holder' | 'pid' | 'host'>): string {
  return `${holder.pid} on ${holder.host.split(' ', 1)[0]} ${workOf(holder)}`;
}

/** Behind the id of a holder stands what it does. */
function workOf({ holder }: Pick<LeaseHolder, 'holder'>): string {
  return /^\S+ (.+)$/.exec(holder)?.[1] ?? SCANS;
}

const BEAT_MS = 15_000;
/** A holder on another host, or in another container, that has been silent for that long is taken for dead. */
const SILENT_MS = 3 * 60_000;
/**
 * Where a process is known by its number alone, a silence that long means that the number is another's by now. A living holder
 * is silent while it concludes a scan, for minutes at most.
 */
const MUTE_MS = 60 * 60_000;

/** One scan of a tenant at a time. The lease of a process that died is taken over. `beatEvery` is in milliseconds; `does` is what others are told of it. */
export async function withLease<Result>(
  { store, tenant, beatEvery = BEAT_MS, does = SCANS }: { store: Store; tenant: string; beatEvery?: number; does?: string },
  work: (lost: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const self = { holder: `${randomUUID()} ${does}`, pid: process.pid, host: HERE, processStart: processStart(process.pid) };
  heldHere.add(self.holder);
  // Leases are about processes of the real world, so they live by its clock.
  const held = await store.acquireLease(tenant, self, new Date(), (holder) => isDead(holder, surroundings()));
  if (held) {
    heldHere.delete(self.holder);
    throw new ScanInProgress(held);
  }
  const lost = new AbortController();
  let beating = false;
  const beat = setInterval(() => {
    // Where the database is busy, the last one still waits its turn.
    if (beating) return;
    beating = true;
    store
      .beat(tenant, self.holder, new Date())
      .then(
        (held) => held || lost.abort(new LeaseLost()),
        // A database that is busy for a moment takes no lease away.
        () => {},
      )
      .finally(() => (beating = false));
  }, beatEvery);
  beat.unref();
  try {
    const result = await work(lost.signal);
    // Two processes that both believe to hold it must not both write: whoever lost it says so.
    lost.signal.throwIfAborted();
    return result;
  } finally {
    clearInterval(beat);
    heldHere.delete(self.holder);
    // What was done stays done. A lease that is left behind is taken over: its process is dead, or holds it no more.
    await store.releaseLease(tenant, self.holder).catch(() => {});
  }
}

/**
 * Where numbers of processes mean what they mean here: two containers may share a host's name and each have a process 7.
 * https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
 */
const HERE = [hostname(), pidNamespace()].join(' ').trim();

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Leases that this process holds, or is about to take. */
const heldHere = new Set<string>();

/** What there is to be known of this process, its host and the other processes on it. */
export interface Surroundings {
  host: string;
  pid: number;
  /** Milliseconds since 1970. */
  now: number;
  /** Milliseconds since this machine was started. */
  upFor: number;
  holdsItself(holder: string): boolean;
  /** Tells a process from a later one of its number; null where the system does not say. */
  startOf(pid: number): string | null;
  isRunning(pid: number): boolean;
}

function surroundings(): Surroundings {
  return {
    host: HERE,
    pid: process.pid,
    now: Date.now(),
    upFor: uptime() * 1000,
    holdsItself: (holder) => heldHere.has(holder),
    startOf: processStart,
    isRunning,
  };
}

/** May the lease be taken over? A lease that is taken from a living scan costs the scan; one that is kept for a dead one costs nights. */
export function isDead(holder: LeaseHolder, here: Surroundings): boolean {
  const silence = here.now - Date.parse(holder.beatAt);
  if (holder.host !== here.host) return silence > SILENT_MS;
  // Our own number, but no lease of ours: it was given again.
  if (holder.pid === here.pid) return !here.holdsItself(holder.holder);
  const start = here.startOf(holder.pid);
  if (start !== null && holder.processStart !== null) return start !== holder.processStart;
  // Before this machine was started: the number may be another process's by now.
  if (silence > here.upFor) return true;
  return silence > MUTE_MS || !here.isRunning(holder.pid);
}

/** Whether there is a process of that number here. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
