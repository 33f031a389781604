import { csvCell } from '../text/csv.ts';
import { jsonText } from '../text/json.ts';
import type { Format } from './formats.ts';
import { table } from './table.ts';

/** A list in the form that was asked for. `columns` are shown in tables and CSV; JSON holds every field. */
export function renderRows<Row extends object>(
  format: Format,
  rows: readonly Row[],
  columns: readonly { title: string; of(row: Row): string | number }[],
): string {
  if (format === 'json') return `${jsonText(rows, 2)}\n`;
  if (format === 'ndjson') return rows.map((row) => `${jsonText(row)}\n`).join('');
  const titles = columns.map((column) => column.title);
  if (format === 'csv')
    return [titles, ...rows.map((row) => columns.map((column) => column.of(row)))]
      .map((cells) => `${cells.map(csvCell).join(',')}\r\n`)
      .join('');
  return table(
    titles,
    rows.map((row) => columns.map((column) => column.of(row))),
  );
}
