import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Clock } from '../connector/index.ts';

/** What a command may use of the process: src/cli.ts makes it, tests make their own. */
export interface CommandContext {
  /** Data. */
  out(text: string): void;
  /** Everything else: progress, summaries, complaints. */
  err(text: string): void;
  environment: Readonly<Record<string, string | undefined>>;
  directory: string;
  clock: Clock;
  signal: AbortSignal;
  /** Whether stderr is a terminal that can be drawn on. */
  live: boolean;
  color: boolean;
  quiet: boolean;
  /** Reads all of standard input. */
  input(): AsyncIterable<string>;
}

/** Options that most commands share. */
export interface CommonOptions {
  config: string;
  db?: string | undefined;
  tenant?: string | undefined;
}

export const VERSION = (JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string }).version;

/** Source and built files lie at different depths below the package. */
function packageFile(): URL {
  const near = new URL('../../package.json', import.meta.url);
  return existsSync(near) ? near : new URL('../../../package.json', import.meta.url);
}

/**
 * Where the database and whose facts are meant, without loading connectors: commands that only read stay fast,
 * and work when a credential or a connector is missing.
 */
export async function locate(context: CommandContext, options: CommonOptions): Promise<{ database: string; tenant: string }> {
  if (options.db !== undefined) return { database: resolve(context.directory, options.db), tenant: options.tenant ?? 'default' };
  const file = resolve(context.directory, options.config);
  if (!existsSync(file)) return { database: resolve(dirname(file), 'noctule.db'), tenant: options.tenant ?? 'default' };
  const { parseJsonc } = await import('../config/jsonc.ts');
  const raw = parseJsonc(readFileSync(file, 'utf8'), file) as { database?: unknown; tenant?: unknown } | null;
  const database = typeof raw?.database === 'string' ? raw.database : 'noctule.db';
  const tenant = typeof raw?.tenant === 'string' ? raw.tenant : 'default';
  return { database: resolve(dirname(file), database), tenant: options.tenant ?? tenant };
}
