import { ConfigError } from '../connector/errors.ts';
import type { Clock } from '../connector/index.ts';
import type { ListReader, ScanRow } from '../store/read.ts';
import { terminalText } from '../text/terminal.ts';
import { isDay } from './day.ts';

/** A moment of the past that a question is about: the number of a scan, a day, or a time. */
export interface MomentOptions {
  asOf?: string;
}

export interface Moment {
  /** The scan that is asked about. */
  scan: ScanRow;
  /** Its number where it is not the last one, undefined where things stand as it left them. */
  asOf: number | undefined;
  /** ISO 8601; of what people said later the scan knew nothing. Undefined where things stand as it left them. */
  until: string | undefined;
  /** Nothing was concluded before it. */
  isFirst: boolean;
}

/** The last concluded scan, or the one that was asked for. */
export function momentOf(reader: ListReader, tenant: string, { asOf }: MomentOptions, clock: Now): Moment {
  const scans = concludedScans(reader, tenant);
  return momentIn(scans, asOf === undefined ? scans[0] : scanAt(scans, asOf, clock));
}

/** The last concluded scan. */
export function lastMoment(reader: ListReader, tenant: string): Moment {
  const scans = concludedScans(reader, tenant);
  return momentIn(scans, scans[0]);
}

type Now = Pick<Clock, 'now'>;

function momentIn(scans: Scans, scan: ScanRow): Moment {
  refusePruned(scan, scans);
  if (scan.judgedAt === null && scan.id !== scans[0].id) {
    const first = scans.findLast(({ judgedAt }) => judgedAt !== null);
    throw new ConfigError(`How scan ${scan.id} was judged is not known any more: the Noctule of then kept no earlier verdicts`, {
      fix: first ? `The first scan of which they are kept is ${first.id}.` : 'They are kept from the next scan on.',
    });
  }
  const isLast = scan.id === scans[0].id;
  return {
    scan,
    asOf: isLast ? undefined : scan.id,
    until: isLast ? undefined : (scan.judgedAt ?? scan.startedAt),
    isFirst: scan.id === scans.at(-1)!.id,
  };
}

/** What was taken away must not be answered with what is left of it. */
export function refusePruned(scan: ScanRow, scans: Scans): void {
  if (scan.prunedAt === null) return;
  const first = scans.findLast(({ prunedAt }) => prunedAt === null);
  throw new ConfigError(`The history of scan ${scan.id} was pruned on ${scan.prunedAt.slice(0, 10)}: how things stood then is not kept`, {
    fix: `The first scan of which all is kept is ${first?.id ?? scans[0].id}, of ${(first ?? scans[0]).startedAt.slice(0, 10)}.`,
  });
}

type Scans = readonly [ScanRow, ...ScanRow[]];

/** All concluded scans, the last first. Before the first there is nothing to ask about: an empty answer would say that nothing was found. */
export function concludedScans(reader: ListReader, tenant: string): Scans {
  const [last, ...earlier] = reader.scans(tenant, -1);
  if (!last)
    throw new ConfigError(`Nothing of the tenant "${terminalText(tenant)}" has been scanned to its end yet`, {
      fix: 'Run `noctule scan`, or give another tenant with --tenant.',
    });
  return [last, ...earlier];
}

/** A scan by its number, or the last that began by the end of a day or by a time in UTC. */
export function scanAt(scans: Scans, text: string, clock: Now): ScanRow {
  if (/^\d+$/.test(text)) {
    const found = scans.find((scan) => String(scan.id) === text);
    if (found) return found;
    const some = scans.slice(0, 10).map((scan) => scan.id);
    throw new ConfigError(`There is no concluded scan ${text}`, {
      fix: `Concluded scans: ${some.join(', ')}.`,
    });
  }
  const [whole, day, time] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)Z?)?$/.exec(text) ?? [];
  const end = Date.parse(`${day}T${time ?? '23:59:59.999'}Z`);
  if (whole === undefined || Number.isNaN(end) || !isDay(day!))
    throw new ConfigError(`"${terminalText(text)}" is no scan and no date`, {
      fix: 'Give the number of a scan, a day as 2026-03-31, or a time in UTC as 2026-03-31T02:00Z.',
    });
  refuseFuture(text, Date.parse(`${day}T${time ?? '00:00'}Z`), scans, clock);
  const found = scans.find((scan) => Date.parse(scan.startedAt) <= end);
  if (!found)
    throw new ConfigError(`No scan was concluded by ${terminalText(text)}`, {
      fix: `The first was on ${scans.at(-1)!.startedAt.slice(0, 10)}.`,
    });
  return found;
}

/** How things will stand nobody knows; a scan that began by another clock is not in the future. */
function refuseFuture(text: string, from: number, [last]: Scans, clock: Now): void {
  const now = clock.now();
  if (from <= Math.max(now.getTime(), Date.parse(last.startedAt))) return;
  throw new ConfigError(`${terminalText(text)} is in the future: today is ${now.toISOString().slice(0, 10)} (UTC)`, {
    fix: `Leave it out to ask how things stand. The last scan, ${last.id}, was on ${last.startedAt.slice(0, 10)}.`,
  });
}
