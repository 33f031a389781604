import { csvCell } from '../text/csv.ts';
import type { Column } from './column.ts';

/** RFC 4180, row by row. */
export function* csv<Row>(rows: Iterable<Row>, columns: readonly Column<Row>[]): Generator<string> {
  yield line(columns.map((column) => column.title));
  for (const row of rows) yield line(columns.map((column) => column.of(row)));
}

function line(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}
