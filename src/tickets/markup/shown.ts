import { terminalText } from '../../text/terminal.ts';
import type { Run } from '../document.ts';

/** Shows no width and breaks no word, but ends what would otherwise be a mention, a link or a tag. */
const BREAK = '\u200b';

/** What a provider said, as one line that can be seen: control characters, line breaks and turned directions are shown as their code points. */
export function shown(name: string): string {
  const text = unmarked(terminalText(name));
  return text.trim() === '' ? '(no name)' : text;
}

/** Literal lines: line breaks stay, all else that acts is shown. */
export function shownLines(text: string): string[] {
  return text.split('\n').map((line) => unmarked(terminalText(line, LONGEST_LINE)));
}

/** Tickets and comments are found by marks of ours in their text: in what others said these have another hyphen, which looks the same. */
function unmarked(text: string): string {
  return text.replace(/noctule-(?=id|note)/gi, (found) => `${found.slice(0, -1)}\u2011`);
}

/** Longest line of a code block, in code points. An entry of a policy with long ids must arrive whole. */
const LONGEST_LINE = 2000;

/**
 * A name for a text that knows no mark-up: in quotation marks that it cannot close, and broken where mail readers and trackers
 * would see a mention, an address or a tag of their own.
 */
export function quoted(name: string): string {
  return `\u201c${defused(shown(name).replace(/[\u201c-\u201f]/g, '"'))}\u201d`;
}

/** Broken where a program would see a mention (`@`), an issue (`#1`, `GH-1`), an address, a macro (`{{`) or a tag in brackets. The visible text stays. */
export function defused(text: string): string {
  return text
    .replace(/@/g, `@${BREAK}`)
    .replace(/#(?=\d)/g, `#${BREAK}`)
    .replace(/\b([A-Za-z][A-Za-z0-9]*)-(?=\d)/g, `$1-${BREAK}`)
    .replace(/:(?=\/\/)/g, `:${BREAK}`)
    .replace(/\bwww\./gi, (found) => `${found.slice(0, -1)}${BREAK}.`)
    .replace(/\bmailto:/gi, (found) => `${found.slice(0, -1)}${BREAK}:`)
    .replace(/\{(?=\{)/g, `{${BREAK}`)
    .replace(/\[(?=\/?[A-Za-z<])/g, `[${BREAK}`);
}

/** One line for a title, which no tracker formats; at most that many UTF-16 units. */
export function titleLine(runs: readonly Run[], most: number): string {
  const line = runs.map((run) => (typeof run === 'string' ? run : quoted(run.name))).join('');
  if (line.length <= most) return line;
  return `${line
    .slice(0, most - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}…`;
}
