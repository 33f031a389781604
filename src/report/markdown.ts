import { codeSpan } from '../text/code-span.ts';
import type { Column } from './column.ts';

/** A table of Markdown, row by row. `names` = whom it names, told above it. */
export function* markdown<Row>(rows: Iterable<Row>, columns: readonly Column<Row>[], names: string): Generator<string> {
  yield `Names of persons: ${names}\n\n`;
  yield line(columns.map(({ title }) => codeSpan(title)));
  yield line(columns.map(() => '---'));
  for (const row of rows) yield line(columns.map((column) => cell(column.of(row))));
}

function cell(value: string | number | null): string {
  return typeof value === 'number' ? String(value) : codeSpan(value ?? '');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}
