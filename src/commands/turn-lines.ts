import type { Turn } from '../policy/effect.ts';
import type { FoundFinding } from '../store/read.ts';
import { terminalText } from '../text/terminal.ts';

/** How many findings are told one by one. */
const TOLD = 20;

/** What another policy makes of findings, a line each. */
export function turnLines(turns: readonly Turn<FoundFinding>[]): string {
  const lines = turns
    .slice(0, TOLD)
    .map(({ turn, finding }) => `  ${turn.padEnd(8)} ${finding.key.slice(0, 8)}  ${finding.rule}  ${terminalText(finding.name)}`);
  const more = turns.length > TOLD ? [`  and ${turns.length - TOLD} more`] : [];
  return `${[...lines, ...more].join('\n')}\n`;
}
