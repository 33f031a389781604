import { terminalText } from '../text/terminal.ts';

/** A table for people. Cells are made safe here, so that no caller can forget it. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[], width = 48): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => terminalText(String(cell), width)));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? '')].length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(widths[column]! - [...cell].length))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((columns) => '-'.repeat(columns)).join('  ');
  return `${[lines[0], rule, ...lines.slice(1)].join('\n')}\n`;
}
