import type { QueryAnswer } from './query-answer.ts';

/** What the process of a question answers. */
export type QueryReply = QueryAnswer | { refused: string } | { storage: { message: string; fix: string } };

/** As one line of JSON, piece by piece: a large answer is never one text there. */
export function* replyText(reply: QueryReply): Generator<string> {
  if (!('rows' in reply)) return yield `${JSON.stringify(reply)}\n`;
  const { rows, ...rest } = reply;
  yield `${JSON.stringify(rest).slice(0, -1)},"rows":[`;
  for (const [index, row] of rows.entries()) yield `${index === 0 ? '' : ','}${rowText(row)}`;
  yield ']}\n';
}

/** Undefined = the line does not end: whoever wrote it was ended. */
export function replyIn(text: string): QueryReply | undefined {
  return text.endsWith('\n') ? (JSON.parse(text) as QueryReply) : undefined;
}

/** JSON has no word for what SQLite calls Infinity, but numbers that are read as that. */
function rowText(row: QueryAnswer['rows'][number]): string {
  if (!row.some(isEndless)) return JSON.stringify(row);
  return `[${row.map((cell) => (isEndless(cell) ? `${cell > 0 ? '' : '-'}9e999` : JSON.stringify(cell))).join(',')}]`;
}

function isEndless(cell: unknown): cell is number {
  return cell === Infinity || cell === -Infinity;
}
