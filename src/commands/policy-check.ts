import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readText, refuseWritableByOthers } from '../config/file.ts';
import { ConfigError } from '../connector/index.ts';
import { ENOUGH_SCANS, ENTRY_RULES } from '../policy/entry-rules.ts';
import type { Format } from '../report/formats.ts';
import { renderRows } from '../report/rows.ts';
import { terminalText } from '../text/terminal.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { catalogWith, examinePolicy, type LocatedFault } from './policy-faults.ts';

export interface PolicyCheckOptions extends CommonOptions {
  format: Format;
}

/** Says what is wrong with the entries of the policy, or of another file that may become it. Ends with 1 where something is. */
export async function policyCheckCommand(context: CommandContext, path: string | undefined, options: PolicyCheckOptions): Promise<number> {
  const { database, tenant, policy, catalog } = await locate(context, options);
  const file = path === undefined ? policy : resolve(context.directory, path);
  if (file === undefined || catalog === undefined || !existsSync(file))
    throw new ConfigError(
      file === undefined ? 'There is no configuration that names a policy' : `There is no policy at ${terminalText(file, 400)}`,
      {
        fix: 'Run `noctule init`, or give the path of a policy.',
      },
    );
  refuseWritableByOthers(file);
  const {
    faults,
    policy: entries,
    scans,
  } = examinePolicy({ text: readText(file), file, database, tenant, catalog: catalogWith(catalog, tenant) }, context.clock.now());
  if (entries.tenant !== tenant)
    throw new ConfigError(`${file} is the policy of the tenant "${entries.tenant}", and "${tenant}" was asked for`, {
      key: 'tenant',
      fix: 'Give both files the same "tenant".',
    });
  context.out(renderRows(options.format, faults.map(view), COLUMNS));
  if (!context.quiet) {
    const rules = [...new Set(faults.map(({ rule }) => rule))];
    context.err(rules.map((rule) => `${rule}: ${ENTRY_RULES[rule].why} ${ENTRY_RULES[rule].remedy}\n`).join(''));
    if (scans < ENOUGH_SCANS) context.err(`What matches nothing is told from the scan number ${ENOUGH_SCANS} on; there were ${scans}.\n`);
    const all = entries.approvals.length + entries.denials.length + entries.exceptions.length + (entries.workflows?.length ?? 0);
    context.err(`${all} entries, ${new Set(faults.map(({ list, index }) => `${list} ${index}`)).size} of which need a look.\n`);
  }
  return faults.length > 0 ? EXIT_CODES.findings : EXIT_CODES.ok;
}

function view(fault: LocatedFault) {
  const { title, why, remedy } = ENTRY_RULES[fault.rule];
  return { ...fault, title, why, remedy };
}

const COLUMNS: readonly { title: string; of(fault: ReturnType<typeof view>): string | number }[] = [
  { title: 'line', of: ({ line }) => line },
  { title: 'entry', of: ({ list, index }) => `${list}[${index}]` },
  { title: 'rule', of: ({ rule }) => rule },
  { title: 'fault', of: ({ title }) => title },
  { title: 'detail', of: ({ detail }) => detail },
];
