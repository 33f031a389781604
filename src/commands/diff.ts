import { ConfigError } from '../connector/errors.ts';
import type { Format } from '../report/formats.ts';
import { NAMES, namesKept } from '../report/names.ts';
import { changedFields, type FieldChange, type ObservationBody } from '../scan/rows.ts';
import { openReader, type DiffRow } from '../store/read.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { tellExport } from './export.ts';
import { concludedScans, refusePruned, scanAt } from './moment.ts';
import { deliverList } from './output.ts';

export interface DiffOptions extends CommonOptions {
  format: Format;
}

const CLASSES = ['appeared', 'returned', 'changed', 'gone', 'unverified'] as const;

/** What differs between two scans: by default the last one and the one before it. */
export async function diffCommand(
  context: CommandContext,
  from: string | undefined,
  to: string | undefined,
  options: DiffOptions,
): Promise<number> {
  const { database, tenant } = await locate(context, options);
  const reader = openReader(database);
  try {
    const scans = concludedScans(reader, tenant);
    const until = to === undefined ? scans[0] : scanAt(scans, to, context.clock);
    const since = from === undefined ? scans.find((scan) => scan.id < until.id) : scanAt(scans, from, context.clock);
    for (const scan of [until, since]) if (scan) refusePruned(scan, scans);
    const [before, after] = [since?.id, until.id];
    if (before !== undefined && before >= after)
      throw new ConfigError(`Scan ${before} is ${before === after ? 'the same as' : 'later than'} scan ${after}`, {
        fix: before === after ? 'Give two scans, the earlier first.' : `Give the earlier first: \`noctule diff ${after} ${before}\`.`,
      });
    const rows = reader.diff(tenant, before, after, view);
    const names = namesKept(NAMES.diff, reader.personsCheck(tenant) !== undefined);
    const delivered = await deliverList(context, { format: options.format }, rows, COLUMNS, { names, numbers: [] });
    if (options.format === 'table' && !context.quiet) context.err(`${summary(rows, persisting(rows, reader.presentAt(tenant, after)))}\n`);
    const asked = { since: before, until: after };
    return await tellExport(context, { database, tenant }, { verb: 'diff', options: asked, rows: rows.length, names }, delivered);
  } finally {
    reader.close();
  }
}

interface DiffView extends Omit<DiffRow, 'body' | 'before'> {
  name: string;
  holder: string | null;
  changes: FieldChange[];
}

function view({ body, before, ...row }: DiffRow): DiffView {
  const { subject, principal } = JSON.parse(body) as ObservationBody;
  return { ...row, name: subject.name, holder: principal?.name ?? null, changes: before === null ? [] : changedFields(before, body) };
}

const COLUMNS: readonly { title: string; of(row: DiffView): string | number }[] = [
  { title: 'class', of: (row) => (row.class === 'appeared' && row.first === 1 ? 'newly seen' : row.class) },
  { title: 'kind', of: (row) => row.kind },
  { title: 'what', of: (row) => row.name },
  { title: 'holder', of: (row) => row.holder ?? '' },
  { title: 'where', of: (row) => `${row.connector} ${row.account}` },
  { title: 'changed', of: (row) => (row.holderStanding === 'deleted' ? 'account deleted' : row.changes.map(changeText).join('; ')) },
];

/** Lists are told by what came and what went, everything else by before and after. */
function changeText({ field, before, after }: FieldChange): string {
  if (!Array.isArray(before) || !Array.isArray(after)) return `${field}: ${plain(before)} -> ${plain(after)}`;
  const [old, now] = [before.map(plain), after.map(plain)];
  const came = now.filter((item) => !old.includes(item)).map((item) => `+${item}`);
  const went = old.filter((item) => !now.includes(item)).map((item) => `-${item}`);
  return `${field}: ${[...came, ...went].join(' ')}`;
}

function plain(value: unknown): string {
  return value === null ? 'unknown' : typeof value === 'string' ? value : JSON.stringify(value);
}

function summary(rows: readonly Pick<DiffRow, 'class'>[], persisting: number): string {
  const counts = CLASSES.map((name) => `${rows.filter((row) => row.class === name).length} ${name}`);
  return [...counts, `${persisting} persisting`].join(', ');
}

/** What was there before and is there still, unchanged. */
export function persisting(rows: readonly Pick<DiffRow, 'class'>[], present: number): number {
  return present - rows.filter((row) => row.class === 'appeared' || row.class === 'returned' || row.class === 'changed').length;
}
