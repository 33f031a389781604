import { resolve } from 'node:path';
import { backupDatabase } from '../store/backup.ts';
import { terminalText } from '../text/terminal.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { tellExport } from './export.ts';

/** Writes a checked copy of the database; a scan may run meanwhile. That it was written, the original alone tells. */
export async function dbBackupCommand(context: CommandContext, target: string, options: CommonOptions): Promise<number> {
  const { database } = await locate(context, options);
  const file = resolve(context.directory, target);
  const { bytes, audit } = backupDatabase(database, file);
  context.out(`${terminalText(file, 400)}\n`);
  if (!context.quiet) {
    context.err(`${bytes} bytes, checked: every page, every reference and the audit trail. Keep it as safe as the database.\n`);
    for (const { tenant, number, hash } of audit) context.err(`${terminalText(tenant)}: ${number} events, head ${hash}\n`);
  }
  const about = { verb: 'db backup', options: {}, names: 'everybody who is stored' };
  return tellExport(context, { database, tenant: undefined }, about, { form: 'sqlite', to: 'file', bytes });
}
