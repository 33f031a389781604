import { ConfigError } from '../connector/errors.ts';
import type { Column } from '../report/column.ts';
import type { ListFormat } from '../report/formats.ts';
import { NAMES, namesKept } from '../report/names.ts';
import type { ChangeQuery, FoundChange } from '../store/read.ts';
import { openLists } from '../store/read-lists.ts';
import { terminalText } from '../text/terminal.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { tellExport } from './export.ts';
import { concludedScans, refusePruned, scanAt } from './moment.ts';
import { deliverList, type OutputOptions } from './output.ts';
import { pageOf, tellMore, tellUnknown, type PageOptions } from './page.ts';

export interface ChangesOptions extends CommonOptions, OutputOptions, PageOptions {
  format: ListFormat;
  /** A scan, or the last one by a day: what came after it. */
  since?: string;
  until?: string;
  about?: 'fact' | 'finding';
  change?: NonNullable<ChangeQuery['changes']>[number][];
  kind?: string;
  connector?: string[];
  account?: string;
  app?: string;
  product?: string;
  vendor?: string[];
}

/** Lists what happened after a scan, scan by scan, the last first: to facts, and to findings. */
export async function changesCommand(context: CommandContext, options: ChangesOptions): Promise<number> {
  const { database, tenant } = await locate(context, options);
  const reader = openLists(database);
  try {
    const scans = concludedScans(reader, tenant);
    const until = options.until === undefined ? scans[0].id : scanAt(scans, options.until, context.clock).id;
    // By default what the last scan brought.
    const since =
      options.since === undefined ? (scans.find(({ id }) => id < until)?.id ?? 0) : sinceOf(scans, options.since, context.clock);
    // What is asked about begins with the first scan after it.
    const first = scans.findLast(({ id }) => id > since && id <= until);
    if (first) refusePruned(first, scans);
    const { change, limit, format, output, ...filters } = options;
    if (filters.kind !== undefined) (await import('./no-rule.ts')).refuseUnlessKind(filters.kind);
    const query = { ...filters, tenant, since, until, changes: change, after: cursorOf(options.after) };
    const page = pageOf(reader.changes(query), limit, ({ scan, id, change: what }) => `${scan}:${id}:${what}`);
    const names = namesKept(NAMES.changes, reader.personsCheck(tenant) !== undefined);
    const to = { format, ...(output !== undefined && { output }) };
    const delivered = await deliverList(context, to, page, COLUMNS, { names, numbers: ['scan'] });
    tellMore(context, limit, page.next());
    await tellUnknown(context, { database, tenant }, options, page.taken());
    return await tellExport(
      context,
      { database, tenant },
      { verb: 'changes', options: { ...options }, rows: page.taken(), names },
      delivered,
    );
  } finally {
    reader.close();
  }
}

/** 0 = before the first scan. */
function sinceOf(scans: ReturnType<typeof concludedScans>, text: string, clock: CommandContext['clock']): number {
  if (text === '0' || (/^\d{4}-\d\d-\d\d/.test(text) && text < scans.at(-1)!.startedAt.slice(0, 10))) return 0;
  return scanAt(scans, text, clock).id;
}

function cursorOf(after: string | undefined): ChangeQuery['after'] {
  if (after === undefined) return undefined;
  const [, scan, id, change] = /^(\d{1,15}):(g\d{1,15}|[0-9a-f]{32}):([a-z_]+)$/.exec(after) ?? [];
  if (scan === undefined)
    throw new ConfigError(`${terminalText(after)} is no place in this list`, { fix: 'Give --after what the page before said.' });
  return { scan: Number(scan), id: id!, change: change! };
}

const COLUMNS: readonly Column<FoundChange>[] = [
  { title: 'scan', of: ({ scan }) => scan },
  { title: 'at', of: ({ at }) => at.slice(0, 16) },
  { title: 'change', of: ({ change }) => change },
  { title: 'kind', of: ({ kind }) => kind },
  { title: 'what', of: ({ name }) => name },
  { title: 'holder', of: ({ holder }) => holder },
  { title: 'where', of: ({ connector, account }) => `${connector} ${account}` },
  { title: 'id', of: ({ id, about }) => (about === 'finding' ? id.slice(0, 8) : id) },
];
