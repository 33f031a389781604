import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StorageError } from './database.ts';
import { QUERY_LIMITS, type QueryAnswer, type QueryLimits } from './query-answer.ts';

/** What the process answers. */
export type QueryReply = QueryAnswer | { refused: string } | { storage: { message: string; fix: string } };

/** The question cannot be answered: it is no single reading statement, it is wrong, or it took too long. */
export class QueryRefused extends Error {
  override name = 'QueryRefused';
}

/**
 * Runs one reading statement of an analyst on a read-only connection, in a process of its own: SQLite cannot be
 * interrupted from outside, and a thread that is inside it cannot be ended; a process can be killed.
 */
export async function runQuery(file: string, sql: string, limits: QueryLimits = QUERY_LIMITS): Promise<QueryAnswer> {
  const script = new URL(`./query-process${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);
  const child = fork(fileURLToPath(script), {
    serialization: 'advanced',
    env: {},
    execArgv: ['--max-old-space-size=256'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<QueryAnswer>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new QueryRefused(`The question took longer than ${limits.milliseconds / 1000} s and was stopped`)),
        limits.milliseconds,
      );
      child.once('message', (message: QueryReply) => {
        if ('storage' in message) reject(new StorageError(message.storage.message, message.storage.fix));
        else if ('refused' in message) reject(new QueryRefused(message.refused));
        else resolve(message);
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new QueryRefused(`The question ended without an answer (${signal ?? code})`)));
      child.send({ file, sql, limits });
    });
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}
