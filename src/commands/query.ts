import { ConfigError } from '../connector/errors.ts';
import type { Column } from '../report/column.ts';
import type { ListFormat } from '../report/formats.ts';
import { NAMES } from '../report/names.ts';
import { QUERY_LIMITS, QueryRefused, runQuery, type QueryAnswer } from '../store/query.ts';
import { VIEWS } from '../store/views.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { deliverList, type OutputOptions } from './output.ts';

export interface QueryOptions extends Omit<CommonOptions, 'tenant'>, OutputOptions {
  format: ListFormat;
  maxRows: number;
  seconds: number;
  /** The questions that ship, instead of an answer. */
  list?: boolean;
  /** Values of a question that ships, `name=value`. */
  param?: string[];
}

/** A day: longer than anybody waits, and far below what a timer can count. */
const MOST_SECONDS = 86_400;

/** Names of questions that ship are such words, and no SQL is. */
const NAME = /^[a-z][a-z0-9-]*$/;

/**
 * Answers a question about what was found, over a connection that can only read: one that ships with the program, by its name, or SQL that
 * an analyst wrote, within limits.
 */
export async function queryCommand(context: CommandContext, question: string | undefined, options: QueryOptions): Promise<number> {
  if (options.list === true) return (await import('./query-named.ts')).listQueries(context, options);
  if (question === undefined)
    throw new ConfigError('No question was asked', { fix: 'Give the name of one, which `noctule query --list` lists, or one SELECT.' });
  if (NAME.test(question)) return (await import('./query-named.ts')).answerNamed(context, question, options);
  if (options.param !== undefined)
    throw new ConfigError('--param belongs to a question that ships', { fix: 'Write the values into the SQL, or name a question.' });
  if (options.seconds < 1 || options.seconds > MOST_SECONDS)
    throw new ConfigError(`--seconds ${options.seconds} is out of range`, { fix: `Give 1 to ${MOST_SECONDS}.` });
  const { database } = await locate(context, options);
  const limits = { ...QUERY_LIMITS, rows: options.maxRows, milliseconds: options.seconds * 1000 };
  try {
    await tellAnswer(context, options, await runQuery(database, question, limits), limits, NAMES.query);
    return 0;
  } catch (error) {
    if (!(error instanceof QueryRefused)) throw error;
    throw new ConfigError(error.message, {
      fix: `Ask one SELECT over the views ${Object.keys(VIEWS).join(', ')}.`,
      cause: error,
    });
  }
}

/** Writes an answer, and says where it was cut. */
export async function tellAnswer(
  context: CommandContext,
  { format, output }: Pick<QueryOptions, 'format' | 'output'>,
  answer: QueryAnswer,
  limits: { rows: number; bytes: number },
  names: string,
): Promise<void> {
  const { columns, rows } = answer;
  const at = (index: number) => (cells: readonly (string | number | null)[]) => cells[index] ?? null;
  const numbers = columns.filter((_, index) => rows.every((cells) => typeof cells[index] === 'number' || cells[index] === null));
  const isNumber = new Set(numbers);
  // Parquet holds one sort of value in a column.
  const shown: Column<readonly (string | number | null)[]>[] = columns.map((title, index) => ({
    title,
    of: (cells) => (format === 'parquet' && !isNumber.has(title) && cells[index] !== null ? String(cells[index]) : at(index)(cells)),
  }));
  const isByName = format === 'json' || format === 'ndjson' || format === 'parquet';
  if (isByName) refuseTwice(columns);
  const out = { format, ...(output !== undefined && { output }) };
  if (format === 'json' || format === 'ndjson')
    await deliverList(
      context,
      out,
      rows.map((cells) => Object.fromEntries(columns.map((column, index) => [column, at(index)(cells)]))),
      [],
      {
        names,
        numbers,
      },
    );
  else await deliverList(context, out, rows, shown, { names, numbers });
  if (answer.cut) context.err(`The answer was cut at ${answer.cut === 'rows' ? `${limits.rows} rows` : `${limits.bytes} bytes`}.\n`);
}

/** Columns may share a name, as in `SELECT 1 AS a, 2 AS a`: a table shows both, an object has room for one. */
function refuseTwice(columns: readonly string[]): void {
  const twice = columns.find((name, index) => columns.indexOf(name) < index);
  if (twice !== undefined)
    throw new ConfigError(`Two columns of the answer are called "${twice}"`, {
      fix: 'Give each a name of its own, SELECT 1 AS one, 2 AS two, or ask for --format csv.',
    });
}
