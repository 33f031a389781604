import { ConfigError } from '../connector/index.ts';
import type { FoundFinding, Reader } from '../store/read.ts';
import { terminalText } from '../text/terminal.ts';

/** The one finding that is meant: by the beginning of its id, or by the id of its app, which is what a warning about a breach names. */
export function findingNamed(reader: Reader, tenant: string, id: string, asOf?: number): FoundFinding {
  const prefix = id.toLowerCase();
  const named = /^[0-9a-f]+$/.test(prefix) ? reader.findingsByPrefix(tenant, prefix, asOf) : [];
  const found = named.length > 0 ? named : reader.findings({ tenant, app: id, limit: -1, ...(asOf !== undefined && { asOf }) });
  if (found.length === 0)
    throw new ConfigError(`There is no finding ${terminalText(id)}`, {
      fix: 'Ids stand in the first column of `noctule findings`; the id of an app, as its provider writes it, will do too.',
    });
  if (found.length > 1)
    throw new ConfigError(`${terminalText(id)} may mean several findings:\n${severalMeant(found)}`, {
      fix: 'Give more of its characters.',
    });
  return found[0]!;
}

function severalMeant(found: readonly FoundFinding[]): string {
  return found.map((finding) => `  ${finding.key.slice(0, 12)}  ${finding.rule}  ${terminalText(finding.name)}`).join('\n');
}
