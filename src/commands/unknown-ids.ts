import { storedIds } from '../store/read-stored.ts';
import { closestTo } from '../text/closest.ts';
import { terminalText } from '../text/terminal.ts';
import type { CommandContext } from './context.ts';
import { ID_FILTERS, type IdFilters } from './page.ts';

/** Tells which of the ids that a list was asked for stand for nothing that is stored, with the closest that is. */
export function tellUnknownIds(
  context: CommandContext,
  { database, tenant }: { database: string; tenant: string },
  asked: IdFilters,
): void {
  for (const kind of ID_FILTERS) {
    const given = asked[kind] ?? [];
    if (given.length === 0) continue;
    const stored = storedIds(database, tenant, kind);
    for (const id of typeof given === 'string' ? [given] : given) {
      if (stored.includes(id)) continue;
      const closest = closestTo(id, stored);
      const meant = closest === undefined ? '' : ` Did you mean ${terminalText(closest)}?`;
      context.err(`Nothing is stored of the ${kind} ${terminalText(id)}.${meant}\n`);
    }
  }
}
