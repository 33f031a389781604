import { ConfigError } from '../connector/errors.ts';
import type { Column } from '../report/column.ts';
import type { QueryAnswer } from '../store/query-answer.ts';
import type { CommandContext } from './context.ts';
import { tellExport } from './export.ts';
import { deliverList } from './output.ts';
import type { QueryOptions } from './query.ts';

/** Writes an answer, says where it was cut, and tells the audit trail where it is an export. Answers the exit code. */
export async function tellAnswer(
  context: CommandContext,
  options: QueryOptions,
  answer: QueryAnswer,
  limits: { rows: number; bytes: number },
  { names, question, ...place }: { names: string; question: string; database: string; tenant: string | undefined },
): Promise<number> {
  const { format, output } = options;
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
  const delivered =
    format === 'json' || format === 'ndjson'
      ? await deliverList(
          context,
          out,
          rows.map((cells) => Object.fromEntries(columns.map((column, index) => [column, at(index)(cells)]))),
          [],
          { names, numbers },
        )
      : await deliverList(context, out, rows, shown, { names, numbers });
  if (answer.cut) context.err(`The answer was cut at ${answer.cut === 'rows' ? `${limits.rows} rows` : `${limits.bytes} bytes`}.\n`);
  return tellExport(context, place, { verb: 'query', options: { ...options }, rows: rows.length, names, question }, delivered);
}

/** Columns may share a name, as in `SELECT 1 AS a, 2 AS a`: a table shows both, an object has room for one. */
function refuseTwice(columns: readonly string[]): void {
  const twice = columns.find((name, index) => columns.indexOf(name) < index);
  if (twice !== undefined)
    throw new ConfigError(`Two columns of the answer are called "${twice}"`, {
      fix: 'Give each a name of its own, SELECT 1 AS one, 2 AS two, or ask for --format csv.',
    });
}
