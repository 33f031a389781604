import { ConfigError } from '../connector/errors.ts';
import { UNDECIDED_RULES } from '../policy/seed.ts';
import type { FoundFinding, ListReader } from '../store/read.ts';
import { terminalText } from '../text/terminal.ts';

/** The one finding that is meant: by the id of its app, which is what a warning about a breach names, or by the beginning of its own. */
export function findingNamed(reader: ListReader, tenant: string, id: string, asOf?: number): FoundFinding {
  const ofApp = reader.findings({ tenant, app: id, limit: -1, ...(asOf !== undefined && { asOf }) });
  return theOnly(ofApp.length > 0 ? ofApp : findingsBeginning(reader, tenant, id, asOf), id);
}

/** As many as an exception takes: fewer may mean another finding tomorrow. */
const LEAST_CHARACTERS = 8;

export interface Judged {
  /** By the policy as it stands. */
  present: readonly FoundFinding[];
  /** As if nothing had been decided. */
  undecided(): readonly FoundFinding[];
}

/**
 * The finding that a decision means. By the id of an app, a denial means the app whatever is found of it, because what is approved has
 * no finding; everything else means what is found of it now.
 */
export function findingToDecide(reader: ListReader, tenant: string, id: string, judged: Judged, isDenial: boolean): FoundFinding {
  const ofApp = (findings: readonly FoundFinding[]) => findings.filter(({ appId }) => appId === id);
  const found = isDenial ? [] : ofApp(judged.present);
  const meant = found.length > 0 ? found : ofApp(judged.undecided()).filter(({ rule }) => UNDECIDED_RULES.has(rule));
  if (meant.length > 0) return theOnly(meant, id);
  if (/^[0-9a-f]+$/i.test(id) && id.length < LEAST_CHARACTERS)
    throw new ConfigError(`${terminalText(id)} is too short to decide by`, {
      fix: `Give at least ${LEAST_CHARACTERS} characters of the id of the finding, as \`noctule findings\` prints it.`,
    });
  const stored = theOnly(findingsBeginning(reader, tenant, id), id);
  return judged.present.find(({ key }) => key === stored.key) ?? stored;
}

function findingsBeginning(reader: ListReader, tenant: string, id: string, asOf?: number): FoundFinding[] {
  const prefix = id.toLowerCase();
  return /^[0-9a-f]+$/.test(prefix) ? reader.findingsByPrefix(tenant, prefix, asOf) : [];
}

function theOnly(found: readonly FoundFinding[], id: string): FoundFinding {
  if (found.length === 0)
    throw new ConfigError(`There is no finding ${terminalText(id)}`, {
      fix: 'Ids stand in the first column of `noctule findings`; the id of an app, as its provider writes it, will do too.',
    });
  if (found.length > 1)
    throw new ConfigError(`${terminalText(id)} may mean several findings:\n${severalMeant(found)}`, {
      fix: 'Give the id of the one that is meant.',
    });
  return found[0]!;
}

function severalMeant(found: readonly FoundFinding[]): string {
  return found
    .map(({ key, rule, connector, account, name }) => `  ${key.slice(0, 12)}  ${rule}  ${terminalText(`${connector} ${account}  ${name}`)}`)
    .join('\n');
}
