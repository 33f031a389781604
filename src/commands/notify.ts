import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { loadConfig } from '../config/config.ts';
import { ConfigError } from '../connector/index.ts';
import { deliver } from '../notify/deliver.ts';
import { terminalText } from '../text/terminal.ts';
import type { CommandContext } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { notifierMaker } from './notifiers.ts';

export interface NotifyTestOptions {
  config: string;
}

/** Sends a notice that says it is a test. */
export async function notifyTestCommand(context: CommandContext, name: string, options: NotifyTestOptions): Promise<number> {
  const config = await loadConfig(resolve(context.directory, options.config));
  const notifier = config.notify[name];
  if (!notifier) {
    const known = Object.keys(config.notify);
    throw new ConfigError(`Nobody is configured as "${terminalText(name)}"`, {
      key: 'notify',
      fix: known.length > 0 ? `Known: ${known.join(', ')}.` : 'Add whom to tell to "notify" of the configuration.',
    });
  }
  const make = notifierMaker(context, options, config);
  const notice = { id: randomUUID(), tenant: config.tenant, at: context.clock.now().toISOString(), night: undefined };
  const { delivered, trouble } = await deliver(await make(name, notifier), notice, context);
  context.err(
    `${name}: ${delivered ? `accepted, notice ${notice.id}` : 'not accepted'}${trouble === null ? '' : `. ${terminalText(trouble, 500)}`}\n`,
  );
  return delivered ? EXIT_CODES.ok : EXIT_CODES.undelivered;
}
