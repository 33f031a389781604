import { ConfigError } from '../connector/index.ts';
import type { Reader, ScanRow } from '../store/read.ts';
import { terminalText } from '../text/terminal.ts';

/** A moment of the past that a question is about: the number of a scan, a day, or a time. */
export interface MomentOptions {
  asOf?: string;
}

export interface Moment {
  /** The scan that is asked about; undefined before the first. */
  scan: ScanRow | undefined;
  /** Its number where it is not the last one, undefined where things stand as it left them. */
  asOf: number | undefined;
}

/** The last concluded scan, or the one that was asked for. */
export function momentOf(reader: Reader, tenant: string, { asOf }: MomentOptions): Moment {
  const scans = reader.scans(tenant, asOf === undefined ? 1 : -1);
  if (asOf === undefined) return { scan: scans[0], asOf: undefined };
  const scan = scanAt(scans, asOf);
  if (scan.judgedAt === null && scan.id !== scans[0]!.id) {
    const first = scans.findLast(({ judgedAt }) => judgedAt !== null);
    throw new ConfigError(`How scan ${scan.id} was judged is not known any more: the Noctule of then kept no earlier verdicts`, {
      fix: first ? `The first scan of which they are kept is ${first.id}.` : 'They are kept from the next scan on.',
    });
  }
  return { scan, asOf: scan.id === scans[0]!.id ? undefined : scan.id };
}

/** A scan by its number, or the last that began by the end of a day or by a time in UTC. */
export function scanAt(scans: readonly ScanRow[], text: string): ScanRow {
  if (/^\d+$/.test(text)) {
    const found = scans.find((scan) => String(scan.id) === text);
    if (found) return found;
    const some = scans.slice(0, 10).map((scan) => scan.id);
    throw new ConfigError(`There is no concluded scan ${text}`, {
      fix: some.length === 0 ? 'Run `noctule scan`.' : `Concluded scans: ${some.join(', ')}.`,
    });
  }
  const [whole, day, time] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)Z?)?$/.exec(text) ?? [];
  const end = Date.parse(`${day}T${time ?? '23:59:59.999'}Z`);
  if (whole === undefined || Number.isNaN(end))
    throw new ConfigError(`"${terminalText(text)}" is no scan and no date`, {
      fix: 'Give the number of a scan, a day as 2026-03-31, or a time in UTC as 2026-03-31T02:00Z.',
    });
  const found = scans.find((scan) => Date.parse(scan.startedAt) <= end);
  if (!found)
    throw new ConfigError(`No scan was concluded by ${terminalText(text)}`, {
      fix: scans.length === 0 ? 'Run `noctule scan`.' : `The first was on ${scans.at(-1)!.startedAt.slice(0, 10)}.`,
    });
  return found;
}
