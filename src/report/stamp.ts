import type { Stamp } from '../connector/index.ts';
import { terminalText } from '../text/terminal.ts';

const SAYS: Readonly<Record<Stamp['from'], string>> = {
  listed: 'listed',
  log: 'from the log',
  report: 'from a report',
  import: 'imported',
};

/** A date never stands without who vouches for it, and what is unknown is said to be unknown. */
export function stampText(stamp: Stamp | 'never' | 'unknown' | undefined): string {
  if (stamp === undefined || stamp === 'unknown') return 'unknown';
  if (stamp === 'never') return 'never (as the provider states)';
  return `${terminalText(stamp.at.slice(0, 10))} (${SAYS[stamp.from]})`;
}
