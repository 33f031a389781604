import { existsSync } from 'node:fs';
import { LEAST_KEEP_DAYS } from '../config/nights.ts';
import { ConfigError } from '../connector/index.ts';
import { withLease } from '../scan/lease.ts';
import type { Pruned } from '../store/read.ts';
import { openStore } from '../store/store.ts';
import { jsonText } from '../text/json.ts';
import { claimedActor } from './actor.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';

export interface PruneOptions extends CommonOptions {
  keepDays?: number;
  plan?: boolean;
  format: 'text' | 'json';
}

/** Takes away history that is older than so many days, or says what would be taken. */
export async function dbPruneCommand(context: CommandContext, options: PruneOptions): Promise<number> {
  const { keepDays, plan = false } = options;
  if (keepDays === undefined || keepDays < LEAST_KEEP_DAYS)
    throw new ConfigError(`--keep-days ${keepDays === undefined ? 'is missing' : `is less than ${LEAST_KEEP_DAYS}`}`, {
      fix: `Give at least ${LEAST_KEEP_DAYS}: what was read in the last weeks still decides what the next night may conclude.`,
    });
  const { database, tenant } = await locate(context, options);
  if (!existsSync(database)) throw new ConfigError(`There is no database at ${database}`, { fix: 'Give its path with --db.' });
  const pruned = await prune(context, { database, tenant, keepDays, plan });
  context.out(options.format === 'json' ? `${jsonText({ planned: plan, keepDays, ...pruned }, 2)}\n` : `${prunedText(pruned, plan)}\n`);
  if (!plan && pruned.scans > 0 && !context.quiet)
    context.err('`noctule db compact` gives the room back; without it, the next scans fill it.\n');
  return EXIT_CODES.ok;
}

/** Prunes while nobody scans. */
export async function prune(
  context: Pick<CommandContext, 'clock' | 'signal'>,
  { database, tenant, keepDays, plan }: { database: string; tenant: string; keepDays: number; plan: boolean },
): Promise<Pruned> {
  const store = openStore(database, { signal: context.signal });
  const now = context.clock.now();
  const before = new Date(now.getTime() - keepDays * 86_400_000);
  try {
    return await withLease({ store, tenant, does: 'is pruning history' }, () =>
      store.prune(tenant, { before, keepDays, actor: claimedActor(), at: now.toISOString(), plan }),
    );
  } finally {
    await store.close();
  }
}

/** What went, or would go, in words. */
export function prunedText({ firstKept, scans, rows }: Pruned, plan: boolean): string {
  const counts = Object.entries(rows);
  if (scans === 0 && counts.length === 0)
    return `Nothing is that old${firstKept === null ? '' : `: all is kept from scan ${firstKept} on`}.`;
  return [
    `The history of ${scans} scans before scan ${firstKept} ${plan ? 'would be' : 'was'} taken away:`,
    ...counts.map(([table, count]) => `  ${table.padEnd(22)}${count}`),
  ].join('\n');
}
