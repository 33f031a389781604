import { resolve } from 'node:path';
import { backupDatabase } from '../store/backup.ts';
import { terminalText } from '../text/terminal.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';

/** Writes a checked copy of the database; a scan may run meanwhile. */
export async function dbBackupCommand(context: CommandContext, target: string, options: CommonOptions): Promise<number> {
  const { database } = await locate(context, options);
  const file = resolve(context.directory, target);
  const { bytes, audit } = backupDatabase(database, file);
  context.out(`${terminalText(file, 400)}\n`);
  if (context.quiet) return EXIT_CODES.ok;
  context.err(`${bytes} bytes, checked: every page, every reference and the audit trail. Keep it as safe as the database.\n`);
  for (const { tenant, number, hash } of audit) context.err(`${terminalText(tenant)}: ${number} events, head ${hash}\n`);
  return EXIT_CODES.ok;
}
