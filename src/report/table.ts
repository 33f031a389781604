import { terminalText } from '../text/terminal.ts';

/** A table for people. Cells are made safe here, so that no caller can forget it. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[], width = 48): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => terminalText(String(cell), width)));
  const widths = head.map((_, column) => cells.reduce((most, row) => Math.max(most, lengthOf(row[column] ?? '')), 0));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(widths[column]! - lengthOf(cell)))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((columns) => '-'.repeat(columns)).join('  ');
  return `${[lines[0], rule, ...lines.slice(1)].join('\n')}\n`;
}

/** In code points: good enough for a column, and the same everywhere. */
function lengthOf(text: string): number {
  return /[\uD800-\uDBFF]/.test(text) ? Array.from(text).length : text.length;
}
