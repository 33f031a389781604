import { ConfigError } from '../connector/index.ts';
import type { Format } from '../report/formats.ts';
import { renderRows } from '../report/rows.ts';
import { QUERY_LIMITS, QueryRefused, runQuery, type QueryAnswer } from '../store/query.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';

export interface QueryOptions extends Omit<CommonOptions, 'tenant'> {
  format: Format;
  maxRows: number;
  seconds: number;
}

/** A day: longer than anybody waits, and far below what a timer can count. */
const MOST_SECONDS = 86_400;

/** Answers one SQL question about what was found, over a connection that can only read, within limits. */
export async function queryCommand(context: CommandContext, sql: string, options: QueryOptions): Promise<number> {
  if (options.seconds < 1 || options.seconds > MOST_SECONDS)
    throw new ConfigError(`--seconds ${options.seconds} is out of range`, { fix: `Give 1 to ${MOST_SECONDS}.` });
  const { database } = await locate(context, options);
  const limits = { ...QUERY_LIMITS, rows: options.maxRows, milliseconds: options.seconds * 1000 };
  try {
    const answer = await runQuery(database, sql, limits);
    context.out(answerText(options.format, answer));
    if (answer.cut) context.err(`The answer was cut at ${answer.cut === 'rows' ? `${limits.rows} rows` : `${limits.bytes} bytes`}.\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof QueryRefused)) throw error;
    throw new ConfigError(error.message, {
      fix: 'Ask one SELECT over the views findings, products, integrations, grants, identities, gaps and scans.',
      cause: error,
    });
  }
}

/** Columns may share a name, as in `SELECT 1 AS a, 2 AS a`: a table shows both, an object has room for one. */
function answerText(format: Format, { columns, rows }: QueryAnswer): string {
  if (format === 'table' || format === 'csv')
    return renderRows(
      format,
      rows,
      columns.map((title, index) => ({ title, of: (cells) => cells[index] ?? '' })),
    );
  const twice = columns.find((name, index) => columns.indexOf(name) < index);
  if (twice !== undefined)
    throw new ConfigError(`Two columns of the answer are called "${twice}"`, {
      fix: 'Give each a name of its own, SELECT 1 AS one, 2 AS two, or ask for --format csv.',
    });
  return renderRows(
    format,
    rows.map((cells) => Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? null]))),
    [],
  );
}
