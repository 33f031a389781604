import { checkDatabase } from '../store/check.ts';
import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';

export interface CheckOptions extends CommonOptions {
  format: 'text' | 'json';
}

/** Says whether the database is whole, and writes nothing. */
export async function dbCheckCommand(context: CommandContext, options: CheckOptions): Promise<number> {
  const { database } = await locate(context, options);
  const checked = checkDatabase(database);
  const { bytes, schema, newestSchema, audit, faults } = checked;
  if (options.format === 'json') context.out(`${jsonText({ database, ...checked }, 2)}\n`);
  else {
    const behind = schema < newestSchema ? `, raised to ${newestSchema} by the next command that opens it` : '';
    const lines = [
      `${terminalText(database, 400)}: ${bytes} bytes, schema ${schema}${behind}`,
      ...audit.map(({ tenant, number, hash }) => `Audit trail of ${terminalText(tenant)}: ${number} events, head ${hash}`),
      ...faults.map((fault) => `FAULT  ${terminalText(fault, 500)}`),
      faults.length === 0
        ? 'Whole: every page, every reference and the audit trail.'
        : 'Restore a backup, or give what is left to `sqlite3 .recover`.',
    ];
    context.out(`${lines.join('\n')}\n`);
  }
  return faults.length === 0 ? EXIT_CODES.ok : EXIT_CODES.storage;
}
