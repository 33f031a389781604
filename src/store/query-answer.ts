import type { Statement } from 'better-sqlite3';

/** Bounds of one question. */
export interface QueryLimits {
  rows: number;
  bytes: number;
}

export const QUERY_LIMITS: QueryLimits = { rows: 10_000, bytes: 32 * 1024 * 1024 };

export interface QueryAnswer {
  columns: string[];
  rows: (string | number | null)[][];
  /** What cut the answer short. */
  cut?: 'rows' | 'bytes';
}

/** The rows of a question, up to its limits. */
export function answerOf(
  statement: Statement<unknown[]>,
  limits: QueryLimits,
  values: Readonly<Record<string, string | number | null>> = {},
): QueryAnswer {
  const columns = statement.columns().map((column) => column.name);
  const rows: QueryAnswer['rows'] = [];
  let bytes = 0;
  // Whole numbers beyond what a number can hold would be rounded without a word.
  for (const row of statement.raw().safeIntegers().iterate(values) as IterableIterator<unknown[]>) {
    if (rows.length === limits.rows) return { columns, rows, cut: 'rows' };
    // Measured before it is spelled out: a blob takes twice its room as text.
    bytes += row.reduce<number>((sum, value) => sum + sizeOf(value), 0);
    if (bytes > limits.bytes) return { columns, rows, cut: 'bytes' };
    rows.push(row.map(cellOf));
  }
  return { columns, rows };
}

/**
 * Characters of a cell, about. A single value is in memory when it is measured: SQLite makes it, up to 512 MiB, and the addon is
 * built without the accounting that a limit of its heap would need.
 */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return Buffer.isBuffer(value) ? 2 * value.length : 8;
}

function cellOf(value: unknown): string | number | null {
  if (value === null || typeof value === 'number' || typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString('hex');
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : `${value as bigint}`;
}
