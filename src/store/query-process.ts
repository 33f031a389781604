import { openReadOnly, StorageError } from './database.ts';
import { answerOf, type QueryLimits } from './query-answer.ts';
import type { QueryReply } from './query.ts';

interface Question {
  file: string;
  sql: string;
  limits: QueryLimits;
}

process.once('message', (question: Question) => {
  process.send?.(answer(question), () => process.disconnect());
});

function answer({ file, sql, limits }: Question): QueryReply {
  let database: ReturnType<typeof openReadOnly> | undefined;
  try {
    database = openReadOnly(file);
    const statement = database.prepare(sql);
    // PRAGMA and ATTACH change the connection though they answer rows; only questions pass.
    if (!statement.reader || !/^\s*(?:--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*(?:select|with|values|explain)\b/i.test(sql))
      return { refused: 'Only one reading statement is allowed: SELECT, WITH, VALUES or EXPLAIN' };
    return answerOf(statement, limits);
  } catch (error) {
    if (error instanceof StorageError) return { storage: { message: error.message, fix: error.fix } };
    return { refused: error instanceof Error ? error.message : String(error) };
  } finally {
    database?.close();
  }
}
