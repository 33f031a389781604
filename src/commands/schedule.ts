import { resolve } from 'node:path';
import { loadConfig, type Config } from '../config/config.ts';
import { ConfigError } from '../connector/index.ts';
import { lastEndedNight, readHealth } from '../schedule/health.ts';
import { keepNights, type NightEvent } from '../schedule/nights.ts';
import { nightTimes, wallClock } from '../schedule/times.ts';
import { StorageError } from '../store/database.ts';
import { openReader } from '../store/read.ts';
import type { CommandContext, CommonOptions } from './context.ts';
import { otherKeeper, ownKeeper } from './keeper.ts';
import { changeHealth, isOthers, night, within } from './night.ts';

export interface ScheduleOptions extends CommonOptions {
  once?: boolean;
  /** True where no number was given. */
  next?: number | true;
  summary?: string;
}

type Schedule = NonNullable<Config['schedule']>;

const SHOWN = 5;

/** Has nights by the timetable of the configuration, or one now, or says when they are. */
export async function scheduleCommand(context: CommandContext, options: ScheduleOptions): Promise<number> {
  if (options.once && options.next === undefined) return night(context, options);
  const config = await loadConfig(resolve(context.directory, options.config));
  const { schedule } = config;
  if (!schedule)
    throw new ConfigError('The configuration has no timetable', {
      key: 'schedule',
      fix: 'Add "schedule": {"cron": "30 2 * * *", "timeZone": "Europe/Berlin"} to it, or have one night with --once.',
    });
  if (options.next === undefined) return keep(context, options, config, schedule);
  const { next } = nightTimes(schedule);
  let at = next(context.clock.now());
  for (let left = options.next === true ? SHOWN : options.next; left > 0 && at; left--, at = next(at))
    context.out(`${at.toISOString()}  ${wallClock(at, schedule.timeZone)}\n`);
  return 0;
}

/**
 * Keeps the timetable until a signal. Each night is a process of its own: it gives its memory back when it ends, it reads the configuration
 * as it is then, and whatever ends it, the next night comes all the same.
 */
async function keep(context: CommandContext, options: ScheduleOptions, config: Config, schedule: Schedule): Promise<number> {
  const { health, timeZone, mostHours } = schedule;
  const database = options.db === undefined ? config.database : resolve(context.directory, options.db);
  const say = (text: string) => context.quiet || context.err(`${context.clock.now().toISOString()}  ${text}\n`);
  const shown = (at: Date) => `${at.toISOString()} (${wallClock(at, timeZone)})`;
  const args = ['schedule', '--once', '-c', options.config, ...(options.db === undefined ? [] : ['--db', options.db])];
  if (options.summary !== undefined) args.push('--summary', options.summary);
  if (context.quiet) args.unshift('--quiet');
  keepAlone(context, health);
  try {
    return await keepNights({
      clock: context.clock,
      signal: context.signal,
      times: nightTimes(schedule),
      jitter: schedule.jitterMinutes * 60_000,
      random: Math.random,
      catchUp: schedule.catchUp,
      lastNight: () => latest(lastEndedNight(readHealth(health)), lastScan(database, config.tenant)),
      async night() {
        const [before, began] = [readHealth(health).lastStart, context.clock.now()];
        const code = await within(context, mostHours * 3_600_000, (ending) => context.again(args, ending));
        noteEnd(context, health, code, { before, began });
        say(`The night ended with ${code}.`);
      },
      told(event) {
        if (event.is === 'waiting') {
          const { due, at } = event;
          keepAlone(context, health);
          changeHealth(context, health, { state: 'waiting', pid: process.pid, next: due.toISOString(), nextStart: at.toISOString() });
        }
        say(textOf(event, shown));
      },
    });
  } finally {
    if (!otherKeeper(readHealth(health))) changeHealth(context, health, { state: 'ended', next: null, nextStart: null, keeper: null });
  }
}

/** Two that write one file would each hide how the other stands. Of two that begin at once, one ends before its first night. */
function keepAlone(context: CommandContext, file: string): void {
  const other = otherKeeper(readHealth(file));
  if (other)
    throw new ConfigError(`Process ${other.pid} keeps a timetable with the same health file`, {
      key: 'schedule.health',
      fix: 'Stop that process, or name another file for this timetable.',
    });
  changeHealth(context, file, { keeper: ownKeeper() });
}

/** A night that was killed has told nobody, nor has one that could not begin: it does not know where to, if the configuration is wrong. */
function noteEnd(context: CommandContext, file: string, code: number, { before, began }: { before: string | null; began: Date }): void {
  const health = readHealth(file);
  const unbegun = health.lastStart === before;
  if (isOthers(health) || (health.state !== 'running' && !unbegun)) return;
  const [condition, message] = unbegun
    ? ['unbegun', 'The night could not begin: what it printed says why']
    : ['killed', 'The process of the night was ended before its end'];
  changeHealth(context, file, {
    state: 'ended',
    ...(unbegun && { lastStart: began.toISOString() }),
    lastEnd: context.clock.now().toISOString(),
    outcome: { exitCode: code, conditions: [condition!], scan: null, message: message! },
  });
}

/** Where there is no database yet, or none that can be asked, nothing is known; the night itself says what is wrong with it. */
function lastScan(database: string, tenant: string): Date | undefined {
  try {
    const reader = openReader(database);
    try {
      const at = reader.lastNight(tenant);
      return at === undefined ? undefined : new Date(at);
    } finally {
      reader.close();
    }
  } catch (error) {
    if (error instanceof StorageError) return undefined;
    throw error;
  }
}

function latest(...moments: readonly (Date | undefined)[]): Date | undefined {
  return moments.filter((moment) => moment !== undefined).toSorted((a, b) => b.getTime() - a.getTime())[0];
}

function textOf(event: NightEvent, shown: (at: Date) => string): string {
  switch (event.is) {
    case 'waiting':
      return `The next night is due ${shown(event.due)}, and begins ${event.at.toISOString()}.`;
    case 'caught up':
      return `The night of ${shown(event.due)} was missed, and begins now.`;
    case 'had elsewhere':
      return `The night of ${shown(event.due)} was had elsewhere.`;
    case 'left out':
      return `${event.times === 1 ? 'A time' : `${event.times} times`} came while the night still ran: left out, the last ${shown(event.last)}.`;
  }
}
