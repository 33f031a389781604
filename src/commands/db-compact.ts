import { existsSync, statSync } from 'node:fs';
import { ConfigError } from '../connector/index.ts';
import { openStore } from '../store/store.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { REMAINS } from './db-rewrite.ts';
import { EXIT_CODES } from './exit-codes.ts';

/** Gives back the room of what was removed, and says how much that is. */
export async function dbCompactCommand(context: CommandContext, options: CommonOptions): Promise<number> {
  const { database } = await locate(context, options);
  if (!existsSync(database)) throw new ConfigError(`There is no database at ${database}`, { fix: 'Give its path with --db.' });
  const store = openStore(database);
  try {
    const before = sizeOf(database);
    const whole = await store.rewrite();
    if (!whole) context.err(REMAINS);
    else if (!context.quiet) context.err(`${before} bytes before, ${sizeOf(database)} now.\n`);
    return whole ? EXIT_CODES.ok : EXIT_CODES.storage;
  } finally {
    await store.close();
  }
}

/** With the log beside it, which takes room too. */
function sizeOf(file: string): number {
  return [file, `${file}-wal`].reduce((sum, part) => sum + (statSync(part, { throwIfNoEntry: false })?.size ?? 0), 0);
}
