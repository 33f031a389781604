import type { FindingBody } from '../policy/findings.ts';
import { terminalText } from '../text/terminal.ts';

/** A line of what `show` explains; '' = it goes on with the field before. The text has to be safe for a terminal. */
export function field(name: string, text: string): string {
  return `${name.padEnd(12)}${text}`;
}

/** How many hold it, some of them by name, and what else is known of all. */
export function holderLines({ count, some, administrators, leavers }: FindingBody['holders']): string[] {
  const names = some.map((name) => terminalText(name)).join(', ');
  return [
    field('Held by', count === 0 ? 'nobody in particular' : `${count}: ${names}${count > some.length ? ' …' : ''}`),
    field('', `${administrators} administrators, ${leavers} who left`),
  ];
}
