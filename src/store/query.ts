import { asStorageError, openReadOnly, StorageError } from './database.ts';
import { answerOf, QUERY_LIMITS, type QueryAnswer, type QueryLimits } from './query-answer.ts';

/** The question cannot be answered: it is no single reading statement, or it is wrong. */
export class QueryRefused extends Error {
  override name = 'QueryRefused';
}

/** PRAGMA and ATTACH change the connection though they answer rows; only questions pass. */
const QUESTION = /^\s*(?:--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*(?:select|with|values|explain)\b/i;

/** Answers one reading statement of an analyst on a read-only connection. It takes as long as it takes, and cannot be interrupted. */
export function answerTo(file: string, sql: string, limits: QueryLimits = QUERY_LIMITS): QueryAnswer {
  const database = openReadOnly(file);
  try {
    const statement = database.prepare(sql);
    if (!statement.reader || !QUESTION.test(sql))
      throw new QueryRefused('Only one reading statement is allowed: SELECT, WITH, VALUES or EXPLAIN');
    return answerOf(statement, limits);
  } catch (thrown) {
    const error = asStorageError(thrown, file);
    if (error instanceof StorageError || error instanceof QueryRefused) throw error;
    throw new QueryRefused(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    database.close();
  }
}
