import { closeSync, writeFileSync } from 'node:fs';
import { openReadOnly, StorageError } from './database.ts';
import { answerOf, type QueryLimits } from './query-answer.ts';
import { replyText, type QueryReply } from './query-reply.ts';

const [file, sql, limits] = process.argv.slice(2) as [string, string, string];
const STDOUT = 1;
/** Characters that are written at once. */
const PIECE = 1 << 16;
let piece = '';
for (const text of replyText(answer(file, sql, JSON.parse(limits) as QueryLimits))) {
  piece += text;
  if (piece.length < PIECE) continue;
  writeFileSync(STDOUT, piece);
  piece = '';
}
writeFileSync(STDOUT, piece);
// Whoever asked need not wait until this process has ended.
closeSync(STDOUT);

function answer(path: string, question: string, bounds: QueryLimits): QueryReply {
  let database: ReturnType<typeof openReadOnly> | undefined;
  try {
    database = openReadOnly(path);
    const statement = database.prepare(question);
    // PRAGMA and ATTACH change the connection though they answer rows; only questions pass.
    if (!statement.reader || !/^\s*(?:--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*(?:select|with|values|explain)\b/i.test(question))
      return { refused: 'Only one reading statement is allowed: SELECT, WITH, VALUES or EXPLAIN' };
    return answerOf(statement, bounds);
  } catch (error) {
    if (error instanceof StorageError) return { storage: { message: error.message, fix: error.fix } };
    return { refused: error instanceof Error ? error.message : String(error) };
  } finally {
    database?.close();
  }
}
