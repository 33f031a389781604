import type { ListReader } from '../store/read.ts';
import { NAMES, namesKept } from '../report/names.ts';
import { openLists } from '../store/read-lists.ts';
import { jsonText } from '../text/json.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { isIdentityKey } from './identity-named.ts';
import { momentOf, type MomentOptions } from './moment.ts';
import { numberIn } from './pasted-id.ts';
import type { AskedFor } from './show-numbered.ts';

export interface ShowOptions extends CommonOptions, MomentOptions {
  format: 'text' | 'json';
}

/** Explains one finding, integration, grant or identity: what matched, what it can do, who holds it, since when, what to do, and how to approve or deny it. */
export async function showCommand(context: CommandContext, id: string, options: ShowOptions): Promise<number> {
  const { database, tenant } = await locate(context, options);
  if (isIdentityKey(id) && (await (await import('./show-identity.ts')).showIdentity(context, { database, tenant, id }, options))) return 0;
  const reader = openLists(database);
  try {
    const { asOf, until, scan } = momentOf(reader, tenant, options, context.clock);
    const number = numberIn(id, 'i') ?? numberIn(id, 'g');
    if (number !== undefined && (await showNumbered(context, reader, { id, number, tenant, asOf, scan }, options.format))) return 0;
    await (await import('./show-finding.ts')).showFinding(context, reader, { id, tenant, asOf, until, scan }, options.format);
    return 0;
  } finally {
    reader.close();
  }
}

/** An integration or a grant, by the id that their lists print. False = there is none of that number. */
async function showNumbered(context: CommandContext, reader: ListReader, asked: AskedFor, format: ShowOptions['format']): Promise<boolean> {
  const { about, text } = await import('./show-numbered.ts');
  const answer = await about(reader, asked);
  if (answer === undefined) return false;
  const { found, decision } = answer;
  const names = namesKept(NAMES.show, reader.personsCheck(asked.tenant) !== undefined);
  context.out(format === 'json' ? `${jsonText({ names, ...found }, 2)}\n` : text(found, decision));
  return true;
}
