import { ConfigError } from '../connector/index.ts';
import type { Format } from '../report/formats.ts';
import { renderRows } from '../report/rows.ts';
import { QUERY_LIMITS, QueryRefused, runQuery } from '../store/query.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';

export interface QueryOptions extends CommonOptions {
  format: Format;
  maxRows: number;
  seconds: number;
}

/** Answers one SQL question about what was found, over a connection that can only read, within limits. */
export async function queryCommand(context: CommandContext, sql: string, options: QueryOptions): Promise<number> {
  if (options.tenant !== undefined)
    throw new ConfigError('A question is asked of the whole database', { fix: `Write WHERE tenant = '…' into it instead of --tenant.` });
  const { database } = await locate(context, options);
  const limits = { ...QUERY_LIMITS, rows: options.maxRows, milliseconds: options.seconds * 1000 };
  try {
    const answer = await runQuery(database, sql, limits);
    // Two columns may have one name; what comes later then wins in JSON, as in every row that is an object.
    const rows = answer.rows.map((cells) => Object.fromEntries(answer.columns.map((column, index) => [column, cells[index] ?? null])));
    context.out(
      renderRows(
        options.format,
        rows,
        answer.columns.map((title) => ({ title, of: (row: Record<string, string | number | null>) => row[title] ?? '' })),
      ),
    );
    if (answer.cut) context.err(`The answer was cut at ${answer.cut === 'rows' ? `${limits.rows} rows` : `${limits.bytes} bytes`}.\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof QueryRefused)) throw error;
    throw new ConfigError(error.message, {
      fix: 'Ask one SELECT over the views findings, integrations, grants, identities, gaps and scans.',
      cause: error,
    });
  }
}
