import { dirname, resolve } from 'node:path';
import { loadConfig, secretReader, type Config } from '../config/config.ts';
import { secretsOfSink, SharedCredential, type ConfiguredSink, type TicketConfig } from '../config/tickets.ts';
import { ConfigError } from '../connector/index.ts';
import { openReader } from '../store/read.ts';
import { openStore, type Store } from '../store/store.ts';
import { terminalText } from '../text/terminal.ts';
import type { Sink } from '../tickets/sink.ts';
import type { CommandContext, CommonOptions } from './context.ts';
import { concludedScans } from './moment.ts';

export interface TicketOptions extends Pick<CommonOptions, 'config' | 'db'> {
  sink?: string[];
}

/** The trackers of a configuration, with the database that knows their tickets. */
export interface TicketPlace {
  config: Config;
  /** Absolute path. */
  database: string;
  tickets: TicketConfig;
  chosen: readonly ConfiguredSink[];
  store: Store;
  open(sink: ConfiguredSink): Sink;
  /** Those that are chosen, each by itself: one that cannot be opened keeps no other from being written to. A credential shared with a source ends the command. */
  openAll(): readonly OpenedSink[];
}

export type OpenedSink = { configured: ConfiguredSink } & (
  | { sink: Sink }
  /** Why it could not be opened, and what to do. */
  | { failure: string }
);

export async function ticketPlace(context: CommandContext, options: TicketOptions): Promise<TicketPlace> {
  const file = resolve(context.directory, options.config);
  const config = await loadConfig(file);
  const { tickets } = config;
  if (!tickets || tickets.sinks.length === 0)
    throw new ConfigError('The configuration has no trackers', {
      key: 'tickets.sinks',
      fix: 'Add one; docs/tickets.md and config.example.json show how.',
    });
  const unknown = options.sink?.find((name) => !tickets.sinks.some((sink) => sink.name === name));
  if (unknown !== undefined)
    throw new ConfigError(`There is no tracker "${terminalText(unknown)}"`, {
      fix: `The configuration has: ${tickets.sinks.map(({ name }) => name).join(', ')}.`,
    });
  const database = options.db === undefined ? config.database : resolve(context.directory, options.db);
  const reader = openReader(database);
  try {
    concludedScans(reader, config.tenant);
  } finally {
    reader.close();
  }
  const folder = dirname(file);
  const secret = secretReader(context.environment, folder);
  const open = (sink: ConfiguredSink) =>
    sink.kind.open(sink.config, secretsOfSink(sink, config.sources, secret), {
      now: () => context.clock.now(),
      sleep: (milliseconds, signal) => context.clock.sleep(milliseconds, signal),
      folder,
      environment: context.environment,
    });
  const chosen = tickets.sinks.filter(({ name }) => options.sink?.includes(name) ?? true);
  return {
    config,
    database,
    tickets,
    chosen,
    store: openStore(database, { signal: context.signal }),
    open,
    openAll: () => chosen.map((configured) => openedBy(configured, open)),
  };
}

function openedBy(configured: ConfiguredSink, open: (sink: ConfiguredSink) => Sink): OpenedSink {
  try {
    return { configured, sink: open(configured) };
  } catch (error) {
    if (!(error instanceof ConfigError) || error instanceof SharedCredential) throw error;
    return { configured, failure: `it cannot be opened: ${error.message}. ${error.fix}` };
  }
}
