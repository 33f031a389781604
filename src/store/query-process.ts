import { openReadOnly, StorageError } from './database.ts';
import type { QueryAnswer, QueryLimits, QueryReply } from './query.ts';

interface Question {
  file: string;
  sql: string;
  limits: QueryLimits;
}

process.once('message', (question: Question) => {
  process.send?.(answer(question), () => process.disconnect());
});

function answer({ file, sql, limits }: Question): QueryReply {
  let database: ReturnType<typeof openReadOnly> | undefined;
  try {
    database = openReadOnly(file);
    const statement = database.prepare(sql);
    // PRAGMA and ATTACH change the connection though they answer rows; only questions pass.
    if (!statement.reader || !/^\s*(?:--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*(?:select|with|values|explain)\b/i.test(sql))
      return { refused: 'Only one reading statement is allowed: SELECT, WITH, VALUES or EXPLAIN' };
    return read(
      limits,
      statement.raw().iterate() as IterableIterator<unknown[]>,
      statement.columns().map((column) => column.name),
    );
  } catch (error) {
    if (error instanceof StorageError) return { storage: { message: error.message, fix: error.fix } };
    return { refused: error instanceof Error ? error.message : String(error) };
  } finally {
    database?.close();
  }
}

function read(limits: QueryLimits, found: IterableIterator<unknown[]>, columns: string[]): QueryAnswer {
  const rows: QueryAnswer['rows'] = [];
  let bytes = 0;
  for (const row of found) {
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
  return Buffer.isBuffer(value) ? value.toString('hex') : `${value as bigint}`;
}
