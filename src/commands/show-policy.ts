import type { Deciding } from '../policy/deciding.ts';
import type { Recognised } from '../policy/standing.ts';
import type { ListReader, ScanRow } from '../store/read.ts';

export interface Decision {
  decidedBy: Deciding[];
  /** The same for people. */
  lines: string[];
}

/** What the policy by which a scan was judged says of an app. To read a policy takes its schema: one that does not name the app is not read. */
export async function decisionAbout(reader: ListReader, scan: ScanRow, app: Recognised): Promise<Decision> {
  const text = reader.policyOf(scan.id);
  if (text === undefined || !mayName(text, [app.appId, app.match.product])) return { decidedBy: [], lines: [] };
  const { decidingLines, decidingOf } = await import('./show-policy-entries.ts');
  const decidedBy = decidingOf(text, scan, app);
  return { decidedBy, lines: decidingLines(decidedBy) };
}

/** JSON may spell a character in several ways. */
function mayName(text: string, ids: readonly (string | undefined)[]): boolean {
  return text.includes('\\') || ids.some((id) => id !== undefined && text.includes(JSON.stringify(id)));
}
