import type { Column } from './column.ts';
import { csv } from './csv.ts';
import type { Format, ListFormat } from './formats.ts';
import { jsonArray, jsonLines } from './json.ts';
import { markdown } from './markdown.ts';
import { table } from './table.ts';

/** A short list in the form that was asked for. `columns` are shown in tables and CSV; JSON holds every field. */
export function renderRows<Row extends object>(format: Format, rows: readonly Row[], columns: readonly Column<Row>[]): string {
  return [...listed(format, rows, columns, '')].join('');
}

/** A list as text, row by row; a table alone has to know all of them before its first line. `names` = whom it names. */
export function listed<Row extends object>(
  format: Exclude<ListFormat, 'parquet'>,
  rows: Iterable<Row>,
  columns: readonly Column<Row>[],
  names: string,
): Iterable<string> {
  switch (format) {
    case 'json':
      return jsonArray(rows);
    case 'ndjson':
      return jsonLines(rows);
    case 'csv':
      return csv(rows, columns);
    case 'markdown':
      return markdown(rows, columns, names);
    case 'table':
      return [
        table(
          columns.map(({ title }) => title),
          Array.from(rows, (row) => columns.map((column) => column.of(row) ?? '')),
        ),
      ];
  }
}
