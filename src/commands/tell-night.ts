import { randomUUID } from 'node:crypto';
import { isAccepted } from '../config/accepted.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../connector/index.ts';
import { deliver, type Delivery } from '../notify/deliver.ts';
import { hasNews, type Night, type Notice } from '../notify/notice.ts';
import { openReader, type GapRow, type Reader } from '../store/read.ts';
import { openStore, type NoticeRow, type Store } from '../store/store.ts';
import { terminalText } from '../text/terminal.ts';
import type { CommandContext, CommonOptions } from './context.ts';
import type { Condition } from './exit-codes.ts';
import { notifierMaker } from './notifiers.ts';
import type { Summary } from './scan.ts';

/** What became of a notice, for the summary of the night. */
export interface Told extends Delivery {
  notifier: string;
  notice: string;
}

/** What nobody accepted for so long is given up, in days. */
const GIVE_UP_DAYS = 14;
/** So many findings are named. */
const MOST = 10;

/**
 * Tells everybody whom the configuration names of a night, and of earlier ones of which they have not heard. What is to be told is
 * kept before it is sent, so that it is told at least once, and always under the same id. Whatever fails here fails no scan.
 */
export async function tellNight(context: CommandContext, options: CommonOptions, place: Place, summary: Summary): Promise<Told[]> {
  const { config, database } = place;
  const names = Object.keys(config.notify);
  if (names.length === 0) return [];
  const at = context.clock.now();
  // A scan that was interrupted has concluded nothing that could be told.
  const scanId = summary.conditions.includes('interrupted') ? null : summary.scan;
  const failure = scanId === null ? (summary.conditions[0] ?? 'internal') : null;
  const fresh = names.map((notifier) => ({ id: randomUUID(), notifier, madeAt: at.toISOString(), scanId, failure }));
  let store: Store;
  let reader: Reader;
  try {
    store = openStore(database, { signal: context.signal });
    reader = openReader(database);
  } catch {
    // The database is what failed: nothing can be kept, and what failed is told all the same.
    const unkept = fresh.map((notice) => ({ ...notice, sinceScan: null, attempts: 0 }));
    return sent(context, options, config, unkept, () => failedNight(failure, null));
  }
  try {
    await store.queueNotices(config.tenant, fresh);
    const givenUp = await store.dropOldNotices(config.tenant, new Date(at.getTime() - GIVE_UP_DAYS * 86_400_000).toISOString());
    if (givenUp > 0) context.err(`${givenUp} notices were not accepted for ${GIVE_UP_DAYS} days, and are given up.\n`);
    const waiting = (await store.undeliveredNotices(config.tenant)).filter(({ notifier }) => Object.hasOwn(config.notify, notifier));
    const told = await sent(context, options, config, waiting, (notice) => nightOf(context, reader, config, notice), store);
    return told;
  } finally {
    reader.close();
    await store.close();
  }
}

export interface Place {
  config: Config;
  database: string;
}

/** Sends what waits, the oldest first; whoever does not accept one is not asked for the next. */
async function sent(
  context: CommandContext,
  options: CommonOptions,
  config: Config,
  waiting: readonly NoticeRow[],
  nightOf: (notice: NoticeRow) => Night,
  store?: Store,
): Promise<Told[]> {
  const make = notifierMaker(context, options, config);
  const told: Told[] = [];
  const down = new Set<string>();
  for (const row of waiting) {
    if (down.has(row.notifier)) continue;
    const night = nightOf(row);
    const silent = config.notify[row.notifier]!.when === 'news' && !hasNews(night);
    const delivery = silent ? { delivered: true, trouble: null } : await delivered(context, make, config, row, night);
    await store?.noticeTried(row.id, { at: context.clock.now().toISOString(), ...delivery });
    if (!delivery.delivered) down.add(row.notifier);
    if (!silent) told.push({ notifier: row.notifier, notice: row.id, ...delivery });
    if (delivery.trouble !== null) context.err(`${row.notifier}: ${terminalText(delivery.trouble, 500)}\n`);
  }
  const reached = [...new Set(told.filter(({ delivered }) => delivered).map(({ notifier }) => notifier))];
  if (reached.length > 0 && !context.quiet) context.err(`Told: ${reached.join(', ')}.\n`);
  if (down.size > 0) context.err(`Not told: ${[...down].join(', ')}. What was found is safe, and it is tried again on the next night.\n`);
  return told;
}

async function delivered(
  context: CommandContext,
  make: ReturnType<typeof notifierMaker>,
  config: Config,
  row: NoticeRow,
  night: Night,
): Promise<Delivery> {
  const notice: Notice = { id: row.id, tenant: config.tenant, at: row.madeAt, night };
  try {
    return await deliver(await make(row.notifier, config.notify[row.notifier]!), notice, context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { delivered: false, trouble: `${error.message}. ${error.fix}` };
  }
}

function nightOf(context: CommandContext, reader: Reader, config: Config, { scanId, sinceScan, failure }: NoticeRow): Night {
  const audit = reader.auditHead(config.tenant);
  if (scanId === null) return failedNight(failure, audit);
  const since = sinceScan ?? scanId - 1;
  const { events, freshCount, fresh } = reader.night(config.tenant, since, scanId, MOST);
  const sources = reader.nightSources(config.tenant, since, scanId);
  const lastOf = new Map(sources.map(({ source, scan }) => [source, scan]));
  const gaps = [...new Set(lastOf.values())]
    .flatMap((scan) => reader.gaps(scan).filter(({ source }) => lastOf.get(source) === scan))
    .filter((gap) => gap.byDesign === 0 && !isAccepted(gap, config, context.clock.now()));
  return {
    scan: scanId,
    failure: null,
    unread: sources.flatMap(({ source, scan, unreadIn, message }) =>
      unreadIn === null ? [] : [{ source, message, scan: unreadIn, readSince: unreadIn < scan }],
    ),
    gaps: grouped(gaps),
    events,
    fresh: freshCount,
    findings: fresh,
    open: Object.fromEntries(reader.findingCounts(config.tenant)),
    tickets: config.tickets
      ? reader.unwrittenTickets(
          config.tenant,
          config.tickets.sinks.map(({ name }) => name),
          scanId,
        )
      : null,
    audit,
  };
}

function grouped(gaps: readonly GapRow[]): Night['gaps'] {
  const groups = Map.groupBy(gaps, ({ source, collector, reason }) => JSON.stringify([source, collector, reason]));
  return [...groups.values()].map((own) => {
    const { source, collector, reason } = own[0]!;
    return { source, collector, reason, places: own.length, isNew: own.some(({ known }) => known === 0) };
  });
}

/** In words of ours: what a message quotes may be a path, or the name of a machine. */
const FAILURES: Readonly<Partial<Record<Condition, string>>> = {
  usage: 'The configuration, the policy or the command line is wrong: `noctule config validate` says where.',
  storage: 'The database could not be used, or another scan held it: `noctule doctor` says why.',
  interrupted:
    'It was ended before its end, by a signal or because it took too long, and nothing was concluded. Only a scan that begins within six hours of its beginning goes on with it.',
  internal: "A bug of Noctule's: what it printed tells more.",
};

function failedNight(failure: string | null, audit: Night['audit']): Night {
  const said = FAILURES[failure as Condition] ?? FAILURES.internal!;
  return { scan: null, failure: said, unread: [], gaps: [], events: {}, fresh: 0, findings: [], open: {}, tickets: null, audit };
}
