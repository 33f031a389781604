import { terminalText } from '../text/terminal.ts';

/** Lines that stay are shown so many before and after what changes. */
const AROUND = 2;

/** The part of a text that changes, line by line: `-` goes, `+` comes. What is the same at the beginning and at the end is left out. */
export function changedLines(before: string, after: string): string {
  const [old, now] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const shown = (sign: string, lines: readonly string[]) => lines.map((line) => `${sign} ${terminalText(line, 400)}\n`);
  return [
    ...shown(' ', old.slice(Math.max(0, head - AROUND), head)),
    ...shown('-', old.slice(head, old.length - tail)),
    ...shown('+', now.slice(head, now.length - tail)),
    ...shown(' ', old.slice(old.length - tail).slice(0, AROUND)),
  ].join('');
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
