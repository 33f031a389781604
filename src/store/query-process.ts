import { writeFileSync } from 'node:fs';
import { serialize } from 'node:v8';
import { openReadOnly, StorageError } from './database.ts';
import { answerOf, type QueryLimits } from './query-answer.ts';
import type { QueryReply } from './query.ts';

const [file, sql, limits] = process.argv.slice(2) as [string, string, string];
const STDOUT = 1;
writeFileSync(STDOUT, serialize(answer(file, sql, JSON.parse(limits) as QueryLimits)));

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
