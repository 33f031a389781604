import { terminalText } from './terminal.ts';

/**
 * Text from outside as a code span of Markdown, which holds no link, no mention, no HTML and no cell of a table: its fence is longer than
 * any row of backticks in it, and the bar that would end a cell is shown as its code point.
 */
export function codeSpan(text: string, longest = 200): string {
  const shown = terminalText(text, longest).replaceAll('|', '\u2039007C\u203A');
  if (shown.trim() === '') return '';
  const rows = [...shown.matchAll(/`+/g)].map(([row]) => row.length);
  const fence = '`'.repeat(1 + Math.max(0, ...rows));
  // A span that begins or ends with a backtick, or with spaces at both ends, keeps them by one more space.
  const pad = /^`|`$|^ .* $/.test(shown) ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}
