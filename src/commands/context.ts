import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readText } from '../config/file.ts';
import { plainWords } from '../config/plain-words.ts';
import { ConfigError } from '../connector/errors.ts';
import type { Clock } from '../connector/index.ts';
import { terminalLines } from '../text/terminal.ts';

/** What a command may use of the process: src/cli.ts makes it, tests make their own. */
export interface CommandContext {
  /** Data. */
  out(text: string): void;
  /** Whether that goes to a file, as behind the `>` of a shell: not to a terminal, nor to another program. */
  isFile: boolean;
  /** Everything else: progress, summaries, complaints. */
  err(text: string): void;
  environment: Readonly<Record<string, string | undefined>>;
  directory: string;
  clock: Clock;
  signal: AbortSignal;
  /** Whether stderr is a terminal that can be drawn on. */
  live: boolean;
  quiet: boolean;
  /**
   * Runs this program again in a process of its own, which says what it has to say where this one does; answers its exit code.
   * When `ending` is aborted it is asked to end, and ended where it does not.
   */
  again(args: readonly string[], ending: AbortSignal): Promise<number>;
  /** Runs this same command line in a process of its own, and answers its exit code. */
  elsewhere(): Promise<number>;
  /** Does what cannot be interrupted, unless it was before. A signal ends this process at once meanwhile, since nothing here would hear it. */
  endable<Result>(work: () => Result): Promise<Result>;
  /** Reads all of standard input. */
  input(): AsyncIterable<string>;
}

export { ConfigError } from '../connector/errors.ts';

/** Options that most commands share. */
export interface CommonOptions {
  config: string;
  db?: string | undefined;
  tenant?: string | undefined;
}

/** Complaints about the command line quote it, and it may be made of text from elsewhere. */
export function complaintText(text: string): string {
  return terminalLines(text, 1_000);
}

/**
 * Where the database and whose facts are meant, without loading connectors: commands that only read stay fast,
 * and work when a credential or a connector is missing.
 */
export async function locate(context: CommandContext, options: CommonOptions): Promise<Place> {
  const file = resolve(context.directory, options.config);
  const configured = options.db === undefined ? await placeIn(file) : await placeIn(file).catch(placeless);
  return {
    ...configured,
    database: options.db === undefined ? configured.database : resolve(context.directory, options.db),
    tenant: options.tenant ?? configured.tenant,
  };
}

interface Place {
  /** Absolute path of the database. */
  database: string;
  tenant: string;
  /** Absolute paths of the organisation's policy and catalog, which need not be there; undefined where no configuration says. */
  policy: string | undefined;
  catalog: string | undefined;
}

async function placeIn(file: string): Promise<Place> {
  if (!existsSync(file))
    throw new ConfigError(`There is no configuration at ${file}`, {
      fix: 'Run `noctule init` to write one, give its path with --config, or that of the database with --db.',
    });
  const text = readText(file);
  const raw =
    plainWords(text, ['database', 'tenant', 'policy', 'catalog']) ??
    ((await import('../config/jsonc.ts')).parseJsonc(text, file) as Record<string, unknown> | null);
  const said = (key: string, otherwise: string) => (typeof raw?.[key] === 'string' ? raw[key] : otherwise);
  const path = (key: string, otherwise: string) => resolve(dirname(file), said(key, otherwise));
  return {
    database: path('database', 'noctule.db'),
    tenant: said('tenant', 'default'),
    policy: path('policy', 'policy.json'),
    catalog: path('catalog', 'catalog.local.json'),
  };
}

/** Who names the database needs no configuration, and one that cannot be read says nothing of the tenant. */
function placeless(error: unknown): Place {
  if (error instanceof ConfigError) return { database: '', tenant: 'default', policy: undefined, catalog: undefined };
  throw error;
}
