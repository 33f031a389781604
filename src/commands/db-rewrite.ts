import { existsSync } from 'node:fs';
import { ConfigError } from '../connector/index.ts';
import { openStore } from '../store/store.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';

/** Nobody may believe that it is done. */
export const REMAINS =
  'The file is not written anew, because another process uses the database: what was replaced still stands in it, and in the file beside it that ends in -wal.\n  End that process, then run `noctule db rewrite`.\n';

/** Writes the file of the database anew, so that nothing is left in it of what was replaced or removed. */
export async function dbRewriteCommand(context: CommandContext, options: CommonOptions): Promise<number> {
  const { database } = await locate(context, options);
  if (!existsSync(database)) throw new ConfigError(`There is no database at ${database}`, { fix: 'Give its path with --db.' });
  const store = openStore(database);
  try {
    const whole = await store.rewrite();
    if (!whole) context.err(REMAINS);
    else if (!context.quiet) context.err('The file is written anew: nothing is left in it of what was replaced or removed.\n');
    return whole ? EXIT_CODES.ok : EXIT_CODES.storage;
  } finally {
    await store.close();
  }
}
