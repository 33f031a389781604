import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isAccepted } from '../config/accepted.ts';
import { ConfigError } from '../connector/errors.ts';
import type { Column } from '../report/column.ts';
import type { CoverageFormat } from '../report/formats.ts';
import { NAMES, namesKept } from '../report/names.ts';
import { table } from '../report/table.ts';
import type { GapRow, ListReader, ScanRow } from '../store/read.ts';
import { openLists } from '../store/read-lists.ts';
import { jsonText } from '../text/json.ts';
import { terminalLines, terminalText } from '../text/terminal.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { tellExport } from './export.ts';
import { momentOf, type MomentOptions } from './moment.ts';
import { deliver, deliverList, type OutputOptions } from './output.ts';
import { pageOf, tellMore, tellUnknown, type SomePageOptions } from './page.ts';
import { notThere } from './pasted-id.ts';

export interface CoverageOptions extends CommonOptions, MomentOptions, OutputOptions, SomePageOptions {
  format: CoverageFormat;
  source?: string;
  connector?: string[];
  account?: string;
  collector?: string;
  reason?: string;
  permission?: string;
  /** Only what could be read the night before. */
  new?: boolean;
  /** Absent = by place: source, collector, scope. `since`: the oldest first. */
  sort?: 'place' | 'since' | 'reason';
}

/** What a scan, by default the last, could not see: what is new since last night, what is still unread, and what cannot be seen by design. */
export async function coverageCommand(context: CommandContext, options: CoverageOptions): Promise<number> {
  const { database, tenant } = await locate(context, options);
  const { format, output, limit = 0, after } = options;
  if (format === 'text' && (limit > 0 || after !== undefined || options.sort !== undefined))
    throw new ConfigError('--limit, --after and --sort belong to a list', { fix: 'Give --format table with them.' });
  const reader = openLists(database);
  try {
    const { scan } = momentOf(reader, tenant, options, context.clock);
    const accepted = await acceptedBy(context, options, new Date(scan.startedAt));
    const found = reader
      .gaps(scan.id)
      .filter((gap) => isAskedFor(gap, options))
      .map((gap) => ({ ...gap, accepted: accepted(gap) }));
    const gaps = sorted(found, options.sort);
    const page = pageOf(behind(gaps, after), limit, cursorOf);
    const names = namesKept(NAMES.coverage, reader.personsCheck(tenant) !== undefined);
    const delivered =
      format === 'text' || format === 'json'
        ? await deliver(
            context,
            [format === 'json' ? asJson(reader, scan, [...page]) : ledger(reader, scan.id, gaps, Date.parse(scan.startedAt))],
            {
              format,
              output,
              names,
            },
          )
        : await deliverList(context, { format, ...(output !== undefined && { output }) }, page, COLUMNS, { names, numbers: [] });
    tellMore(context, limit, page.next());
    await tellUnknown(context, { database, tenant }, options, gaps.length);
    return await tellExport(
      context,
      { database, tenant },
      { verb: 'coverage', options: { ...options }, rows: format === 'text' ? gaps.length : page.taken(), names },
      delivered,
    );
  } finally {
    reader.close();
  }
}

function isAskedFor(gap: GapRow, { new: fresh, ...options }: CoverageOptions): boolean {
  const isSame = FILTERS.every((key) => {
    const asked = options[key];
    return asked === undefined || asked === gap[key] || (Array.isArray(asked) && asked.includes(gap[key]!));
  });
  return isSame && (fresh !== true || (gap.known === 0 && gap.byDesign === 0));
}

const FILTERS = ['source', 'connector', 'account', 'collector', 'reason', 'permission'] as const;

function sorted(gaps: readonly JudgedGap[], by: CoverageOptions['sort'] = 'place'): readonly JudgedGap[] {
  if (by === 'place') return gaps;
  // Of equals the order stays.
  return gaps.toSorted((a, b) => (a[by] < b[by] ? -1 : a[by] > b[by] ? 1 : 0));
}

function cursorOf({ source, account, collector, scope, reason, permission }: GapRow): string {
  return [source, account, collector, scope, reason, permission ?? ''].map(encodeURIComponent).join('/');
}

function behind(gaps: readonly JudgedGap[], after: string | undefined): readonly JudgedGap[] {
  if (after === undefined) return gaps;
  const at = gaps.findLastIndex((gap) => cursorOf(gap) === after);
  if (at === -1) throw notThere(after);
  return gaps.slice(at + 1);
}

function asJson(reader: ListReader, scan: ScanRow, gaps: readonly JudgedGap[]): string {
  const sources = reader.sources(scan.id);
  return `${jsonText({ scan, sources, gaps, doubtedLogs: doubtedLogs(reader, scan.id), requests: reader.requests(scan.id) }, 2)}\n`;
}

/** Accepted gaps stand in the configuration; without a valid one, none is. */
async function acceptedBy(context: CommandContext, options: CommonOptions, at: Date): Promise<(gap: GapRow) => boolean> {
  const file = resolve(context.directory, options.config);
  if (!existsSync(file)) return () => false;
  const { readAcceptedGaps } = await import('../config/config.ts');
  try {
    const accepted = { acceptedGaps: readAcceptedGaps(file) };
    return (gap) => isAccepted(gap, accepted, at);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    context.err(`${terminalLines(error.message, 600)}\n  No gap is shown as accepted until that is mended.\n`);
    return () => false;
  }
}

type JudgedGap = GapRow & { accepted: boolean };

function ledger(reader: ListReader, scanId: number, gaps: readonly JudgedGap[], scannedAt: number): string {
  const results = reader.sources(scanId);
  const sources = results.map((row) => [
    row.source,
    row.connector,
    row.accountName ?? row.account ?? 'unknown',
    row.state,
    row.message ?? '',
  ]);
  const unread = results.filter(({ state }) => state === 'unread').map(({ source }) => terminalText(source));
  const open = gaps.filter((gap) => gap.byDesign === 0);
  const fresh = open.filter((gap) => gap.known === 0);
  const still = open.filter((gap) => gap.known === 1);
  const byDesign = gaps.length - open.length;
  const doubted = doubtedLogs(reader, scanId);
  return [
    table(['source', 'connector', 'account', 'state', 'message'], sources),
    // What was never opened has no places, so no gaps, and "none" below would read as if all were seen.
    ...(unread.length > 0 ? [`Nothing of ${unread.join(', ')} was read in that scan.\n`] : []),
    `New since last night (${fresh.length})`,
    gapLines(fresh, scannedAt),
    `Still unread (${still.length})`,
    gapLines(still, scannedAt),
    ...doubted.map(
      ({ source, collector }) =>
        `The change log behind ${terminalText(source)} ${collector} misses changes: what it vouched for is not believed, and all is read again.\n`,
    ),
    `Cannot be seen by design: ${byDesign}. \`noctule coverage --format json\` lists them.`,
    '',
  ].join('\n');
}

/** Collectors whose change log was found to miss changes in a scan. */
export function doubtedLogs(reader: ListReader, scanId: number): { source: string; collector: string }[] {
  return reader
    .readings(scanId)
    .filter(({ withdrawn }) => withdrawn === 1)
    .map(({ source, collector }) => ({ source, collector }));
}

/** Gaps, indented. Those that differ in place or collector alone stand in one line: neither a thousand users nor an account that refuses is a list. */
export function gapLines(gaps: readonly (GapRow & { accepted?: boolean })[], scannedAt: number): string {
  if (gaps.length === 0) return '  none\n';
  const groups = Map.groupBy(gaps, (gap) => [gap.source, gap.reason, gap.permission, gap.effect, gap.accepted].join('\u0000'));
  return [...groups.values()]
    .map((group) => {
      const [gap] = group;
      const oldest = Math.min(...group.map((one) => Date.parse(one.since)));
      const since = gap!.known === 0 ? 'tonight' : forDays(scannedAt - oldest);
      const scopes = new Set(group.map(({ scope }) => scope)).size;
      const places = scopes === 1 ? terminalText(gap!.scope) : `${scopes} places, such as ${terminalText(gap!.scope)}`;
      const collectors = [...new Set(group.map(({ collector }) => collector))].join(', ');
      const remedy = gap!.permission ? `. Grant ${terminalText(gap!.permission)}.` : '';
      const mark = gap!.accepted ? ' [accepted]' : '';
      return `  ${terminalText(gap!.source)} ${collectors}: ${gap!.reason}${mark}, ${since}, ${places}\n    ${terminalText(gap!.effect, 400)}${remedy}\n`;
    })
    .join('');
}

/** Rounded: no night starts at the second at which the one before it started. */
function forDays(milliseconds: number): string {
  const days = Math.round(milliseconds / 86_400_000);
  if (days === 0) return 'for less than a day';
  return days === 1 ? 'for 1 day' : `for ${days} days`;
}

const COLUMNS: readonly Column<JudgedGap>[] = [
  { title: 'source', of: ({ source }) => source },
  { title: 'where', of: ({ connector, account }) => `${connector} ${account}` },
  { title: 'collector', of: ({ collector }) => collector },
  { title: 'place', of: ({ scope }) => scope },
  { title: 'reason', of: ({ reason }) => reason },
  { title: 'permission', of: ({ permission }) => permission },
  { title: 'effect', of: ({ effect }) => effect },
  { title: 'since', of: ({ since }) => since.slice(0, 10) },
  { title: 'by design', of: ({ byDesign }) => (byDesign === 1 ? 'yes' : 'no') },
  { title: 'accepted', of: ({ accepted }) => (accepted ? 'yes' : 'no') },
];
