import { resolve } from 'node:path';
import { loadConfig, type Config } from '../config/config.ts';
import { isRunning, ScanInProgress } from '../scan/lease.ts';
import { BUSY, readHealth, type Health } from '../schedule/health.ts';
import { nightTimes } from '../schedule/times.ts';
import type { Pruned } from '../store/read.ts';
import { jsonText } from '../text/json.ts';
import type { CommandContext, CommonOptions } from './context.ts';
import { prune, prunedText } from './db-prune.ts';
import { exitCode, type Condition } from './exit-codes.ts';
import { conditionOf, failure } from './failure.ts';
import { scanToEnd, type ScanCommandOptions, type Summary } from './scan.ts';
import { tellNight, type Told } from './tell-night.ts';
import { ticketSync } from './tickets.ts';
import type { SinkOutcome } from '../tickets/sync.ts';
import { discardResult, writeResult } from './write-result.ts';

export interface NightOptions extends CommonOptions {
  summary?: string;
}

/** What `schedule` adds to the summary of a scan. */
interface NightSummary extends Summary {
  /** What was pruned; absent where nobody asked for it, and where the night had no scan. */
  pruned?: Pruned;
  /** Who was told, and who not. */
  notices: readonly Told[];
  /** What was written to trackers; absent where nobody asked for it, and where the night had no scan. */
  tickets?: readonly Pick<SinkOutcome, 'name' | 'place' | 'done' | 'waiting' | 'unknown' | 'refused' | 'failures'>[];
}

/** How long a night waits for the database, and how often it asks, in milliseconds. */
const MOST_WAIT_MS = 5 * 60_000;
const RETRY_MS = 5_000;
/** A scanner shows four signs of life in that time. */
const QUIET_MS = 60_000;
/** How long a night that was ended may go on telling so, in milliseconds: less than a supervisor waits before it kills. */
const LAST_WORDS_MS = 20_000;

/**
 * One night, from its scan to the last who is told. History is pruned after a scan that was concluded alone. Whatever fails behind the
 * scan is told and has an exit code, and the scan stands.
 */
export async function night(context: CommandContext, options: NightOptions): Promise<number> {
  const config = await loadConfig(resolve(context.directory, options.config));
  if (!config.schedule) return oneNight(context, options, config);
  const { mostHours } = config.schedule;
  const late = () => context.err(`The night has taken the ${mostHours} hours that \`mostHours\` gives it, and is ended.\n`);
  return within(context, mostHours * 3_600_000, (signal) => oneNight({ ...context, signal }, options, config), late);
}

/** Does something that is asked to end with the signal, or when it has taken so many milliseconds. */
export async function within<Result>(
  context: CommandContext,
  most: number,
  work: (signal: AbortSignal) => Promise<Result>,
  late = () => {},
): Promise<Result> {
  const [tooLong, ended] = [new AbortController(), new AbortController()];
  const limit = context.clock.sleep(most, ended.signal).then(
    () => {
      late();
      tooLong.abort();
    },
    () => {},
  );
  try {
    return await work(AbortSignal.any([context.signal, tooLong.signal]));
  } finally {
    ended.abort();
    await limit;
  }
}

async function oneNight(context: CommandContext, options: NightOptions, config: Config): Promise<number> {
  const database = options.db === undefined ? config.database : resolve(context.directory, options.db);
  const { schedule } = config;
  const file = options.summary === undefined ? schedule?.summary : resolve(context.directory, options.summary);
  const next = schedule && nightTimes(schedule).next(context.clock.now())?.toISOString();
  const tell = (change: Partial<Health>) => schedule && changeHealth(context, schedule.health, { ...change, pid: process.pid });
  const lastStart = context.clock.now().toISOString();
  const others = schedule !== undefined && isOthers(readHealth(schedule.health));
  if (!others) tell({ state: 'running', lastStart, lastEnd: null, outcome: null, next: next ?? null, nextStart: null });
  if (file !== undefined) discardResult(file);

  const { summary, ...ended } = await scanOnceFree(context, { ...options, failOn: schedule?.failOn ?? [] });
  if ('thrown' in ended) failure(ended.thrown, (text) => context.err(text));
  const conditions = new Set<Condition>(summary.conditions);
  const result: NightSummary = { ...summary, notices: [] };
  const interrupted = conditions.has('interrupted');
  const busy = 'thrown' in ended && ended.thrown instanceof ScanInProgress ? ended.thrown : undefined;
  // Of a scan that is under way whoever has it tells, or the next night.
  const silent = busy?.scans === true && !interrupted;
  if (!silent) {
    if (summary.scan !== null && !interrupted && config.retention) {
      const { keepDays } = config.retention;
      const pruned = await attempted(context, conditions, () => prune(context, { database, tenant: config.tenant, keepDays, plan: false }));
      if (pruned && pruned.scans > 0 && !context.quiet) context.err(`${prunedText(pruned, false)}\n`);
      if (pruned) result.pruned = pruned;
    }
    // What comes now may take a while: the summary of the scan is there already.
    if (file !== undefined) write(context, conditions, file, result);
    // That a night was ended has to be told before what ends it loses its patience.
    const telling = interrupted ? { ...context, signal: AbortSignal.timeout(LAST_WORDS_MS) } : context;
    const told = await attempted(context, conditions, () => tellNight(telling, options, { config, database }, summary));
    result.notices = told ?? [];
    if (!told || told.some(({ delivered }) => !delivered)) conditions.add('undelivered');
    // A tracker that asks for patience keeps nobody from being told.
    if (summary.scan !== null && !interrupted && schedule?.tickets) {
      const written = await attempted(context, conditions, () => writeTickets(context, options, conditions));
      if (written) result.tickets = written;
    }
  }
  const outcome = { ...result, conditions: [...conditions], exitCode: exitCode(conditions) };
  if (file !== undefined) write(context, conditions, file, outcome);
  const code = exitCode(conditions);
  // What stands there of a night that runs is left to that night.
  if (busy && others) return code;
  tell({
    state: 'ended',
    lastStart,
    lastEnd: context.clock.now().toISOString(),
    outcome: { exitCode: code, conditions: [...conditions, ...(busy ? [BUSY] : [])], scan: summary.scan, message: summary.message ?? null },
  });
  return code;
}

async function writeTickets(context: CommandContext, options: NightOptions, conditions: Set<Condition>): Promise<NightSummary['tickets']> {
  // What a night prints is for whoever supervises it.
  const out = (text: string) => void (context.quiet || context.err(text));
  const synced = await ticketSync({ ...context, out }, { config: options.config, ...(options.db !== undefined && { db: options.db }) });
  for (const condition of synced.conditions) conditions.add(condition);
  return synced.outcomes.map(({ name, place, done, waiting, unknown, refused, failures }) => ({
    name,
    place,
    done,
    waiting,
    unknown,
    refused,
    failures,
  }));
}

/** Whether what stands there is of a night that another process of this machine has now. */
export function isOthers({ state, pid }: Health): boolean {
  return state === 'running' && pid !== process.pid && isRunning(pid);
}

/** Scans once nobody prunes or forgets any more, and once a scanner that gives no sign of life is taken for dead. */
async function scanOnceFree(context: CommandContext, options: ScanCommandOptions): ReturnType<typeof scanToEnd> {
  const begun = context.clock.now().getTime();
  for (;;) {
    const ended = await scanToEnd(context, options);
    const now = context.clock.now().getTime();
    if (!('thrown' in ended) || !(ended.thrown instanceof ScanInProgress) || context.signal.aborted) return ended;
    const { scans, holder } = ended.thrown;
    if ((scans && now - Date.parse(holder.beatAt) < QUIET_MS) || now - begun >= MOST_WAIT_MS) return ended;
    // Whoever interrupts the waiting interrupts the scan that comes next.
    await context.clock.sleep(RETRY_MS, context.signal).catch(() => {});
  }
}

/** What fails here is told, and counts as what it is. */
async function attempted<Result>(
  context: CommandContext,
  conditions: Set<Condition>,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (context.signal.aborted) conditions.add('interrupted');
    else {
      conditions.add(conditionOf(error));
      failure(error, (text) => context.err(text));
    }
    return undefined;
  }
}

function write(context: CommandContext, conditions: Set<Condition>, file: string, summary: NightSummary): void {
  try {
    writeResult(file, `${jsonText(summary, 2)}\n`);
  } catch (unwritable) {
    conditions.add('usage');
    failure(unwritable, (text) => context.err(text));
  }
}

/** Writes the file whole or not at all: whoever supervises reads it at any moment. Where it cannot be written, that is said and costs no night. */
export function changeHealth(context: Pick<CommandContext, 'err'>, file: string, change: Partial<Health>): void {
  try {
    writeResult(file, `${jsonText({ ...readHealth(file), ...change }, 2)}\n`);
  } catch (unwritable) {
    failure(unwritable, (text) => context.err(text));
  }
}
