import { existsSync } from 'node:fs';
import { readText } from '../config/file.ts';
import { ConfigError } from '../connector/errors.ts';
import type { ListReader } from '../store/read-lists.ts';
import { terminalLines } from '../text/terminal.ts';

/**
 * One line for whoever reads findings: that entries of the policy need a look, too. Empty where none does, or there is no policy. What the
 * last scan said of the same text stands: to examine it anew takes the catalog, and as long as three starts of the program.
 */
export async function policyNotice(
  reader: ListReader,
  place: { database: string; tenant: string; policy: string | undefined; catalog: string | undefined },
  now: Date,
): Promise<string> {
  const { policy: file, catalog, database, tenant } = place;
  if (file === undefined || catalog === undefined || !existsSync(file)) return '';
  try {
    const text = readText(file);
    const last = reader.policyFaults(tenant);
    if (last?.policy === text) return noticeOf(last.faults);
    return (await import('./policy-faults.ts')).freshNotice(file, text, { database, tenant, catalog }, now);
  } catch (error) {
    // Findings can be read without the files by which the next scan will judge.
    if (error instanceof ConfigError) return `The policy cannot be checked: ${terminalLines(error.message, 400)}\n`;
    throw error;
  }
}

/** Empty where there is nothing to tell. */
export function noticeOf(faults: Readonly<Record<string, number>>): string {
  const rules = Object.entries(faults).map(([rule, many]) => `${many} ${rule}`);
  return rules.length === 0 ? '' : `The policy itself needs a look: ${rules.join(', ')}. \`noctule policy check\` says where.\n`;
}
