import { ConfigError } from '../connector/errors.ts';
import { indicatorOf } from '../policy/indicator.ts';
import { summaryOf } from '../policy/trace.ts';
import type { Format } from '../report/formats.ts';
import { NAMES, namesKept } from '../report/names.ts';
import { renderRows } from '../report/rows.ts';
import { openReader } from '../store/read.ts';
import { jsonText } from '../text/json.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { tellExport } from './export.ts';
import { COLUMNS, report, warning } from './ioc-text.ts';
import { foundBy } from './ioc-traces.ts';
import { unseenIn } from './ioc-unseen.ts';
import { momentOf, type MomentOptions } from './moment.ts';
import { deliver } from './output.ts';

export interface IocOptions extends CommonOptions, MomentOptions {
  format: Format;
  limit: number;
}

/** Shorter texts stand in everything. */
const SHORTEST = 3;

/**
 * An indicator of compromise, held against all that was ever stored: who had it, with which permissions, since when, what it took,
 * whether it is live. What could not be read is told with every answer, because silence about it would pass for innocence.
 */
export async function iocCommand(context: CommandContext, asked: string, options: IocOptions): Promise<number> {
  const indicator = indicatorOf(asked);
  if (indicator.forms.some((form) => form.length < SHORTEST))
    throw new ConfigError('An indicator has at least three characters', {
      fix: 'Give a client id, the slug of an app, the id of an account or a domain.',
    });
  const { database, tenant, catalog } = await locate(context, options);
  const reader = openReader(database);
  try {
    const moment = momentOf(reader, tenant, options, context.clock);
    const { traces, names, namedLike } = foundBy(reader, indicator, { tenant, catalog, asOf: moment.asOf });
    const summary = summaryOf(traces, names);
    const apps = new Map(
      traces.map(({ connector, account, app: appId }) => [JSON.stringify([connector, account, appId]), { connector, account, appId }]),
    );
    const tickets = reader.ticketsOf(Array.from(apps.values(), (app) => ({ tenant, ...app })));
    const unseen = unseenIn(reader, tenant, moment);
    const shown = traces.slice(0, options.limit);
    const { given, forms } = indicator;
    const text =
      options.format === 'json'
        ? `${jsonText({ indicator: given, lookedFor: forms, summary, tickets, traces: shown, namedLike, unseen }, 2)}\n`
        : options.format === 'table'
          ? report(indicator, summary, { traces: shown, namedLike, tickets }, unseen, moment)
          : renderRows(options.format, shown, COLUMNS);
    const whom = namesKept(NAMES.ioc, reader.personsCheck(tenant) !== undefined);
    const delivered = await deliver(context, [text], { format: options.format, output: undefined, names: whom });
    if (traces.length > options.limit) context.err(`There are more than these ${options.limit}: ask for them with --limit.\n`);
    // A list says nothing of what is not in it.
    if (options.format !== 'table') context.err(warning(summary, unseen, namedLike.length));
    return await tellExport(
      context,
      { database, tenant },
      { verb: 'ioc', options: { ...options }, rows: shown.length, names: whom },
      delivered,
    );
  } finally {
    reader.close();
  }
}
