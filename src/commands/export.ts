import { terminalLines, terminalText } from '../text/terminal.ts';
import type { CommandContext } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Delivered } from './output.ts';

/** What left, as the audit trail is to tell it. */
export interface Exported {
  /** The verb that was asked. */
  verb: string;
  /** Everything that was given on the command line. */
  options: Readonly<Record<string, unknown>>;
  /** Absent of what has none. */
  rows?: number;
  /** Whom it names, in words of ours. */
  names: string;
  /** The question that ships, or `sql`. */
  question?: string;
}

/**
 * Tells the audit trail of what was delivered in order to be taken elsewhere; what was only looked at is no event. It comes after the
 * delivery, and what was delivered stays where the trail cannot be told. `tenant` undefined = what was asked may be of every tenant.
 * Answers the exit code.
 */
export async function tellExport(
  context: CommandContext,
  { database, tenant }: { database: string; tenant: string | undefined },
  { verb, options, rows, names, question }: Exported,
  delivered: Delivered | undefined,
): Promise<number> {
  if (!delivered) return EXIT_CODES.ok;
  const [{ tellTrail }, { claimedActor }] = await Promise.all([import('../store/trail.ts'), import('./actor.ts')]);
  const details = {
    ...delivered,
    ...(rows !== undefined && { rows }),
    names,
    ...(question !== undefined && { question }),
    ...filtersOf(options),
  };
  const event = {
    at: context.clock.now().toISOString(),
    actor: claimedActor(),
    action: 'export.written',
    subject: verb,
    details: JSON.stringify(details),
  };
  try {
    await tellTrail(database, tenant, event, { signal: context.signal });
    return EXIT_CODES.ok;
  } catch (error) {
    const { StorageError } = await import('../store/database.ts');
    const isInterrupted = context.signal.aborted && error === context.signal.reason;
    if (!isInterrupted && !(error instanceof StorageError)) throw error;
    const [why, fix] = isInterrupted
      ? ['it was interrupted while another process was writing.', 'Export again.']
      : [(error as InstanceType<typeof StorageError>).message, (error as InstanceType<typeof StorageError>).fix];
    context.err(
      `What was asked for was written, but the audit trail does not tell of it: ${terminalLines(why, 600)}\n  ${terminalText(fix, 600)}\n`,
    );
    return isInterrupted ? EXIT_CODES.interrupted : EXIT_CODES.storage;
  }
}

/** Where things are and how they are written: no filters. */
const NO_FILTERS = new Set(['config', 'db', 'tenant', 'format', 'output', 'list', 'seconds']);

/**
 * Filters whose words are ours, or were found to be a scan, a rule or a control. Any other may hold whom was asked about, and the trail
 * can forget nobody: that it was given is told, and not what.
 */
export const TOLD_FILTERS: ReadonlySet<string> = new Set([
  'about',
  'access',
  'asOf',
  'change',
  'class',
  'confidence',
  'control',
  'judgeWith',
  'rule',
  'severity',
  'since',
  'sort',
  'state',
  'until',
]);

function filtersOf(options: Exported['options']): { filters: Record<string, unknown>; withheld: string[] } {
  const given = Object.entries(options).filter(([name, value]) => value !== undefined && !NO_FILTERS.has(name));
  const isTold = ([name, value]: [string, unknown]) => typeof value === 'number' || typeof value === 'boolean' || TOLD_FILTERS.has(name);
  return {
    filters: Object.fromEntries(given.filter(isTold)),
    withheld: given
      .filter((one) => !isTold(one))
      .map(([name]) => name)
      .toSorted(),
  };
}
