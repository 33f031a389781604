import { spawn } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { QUERY_LIMITS, type QueryAnswer, type QueryLimits } from './query-answer.ts';
import { replyIn, type QueryReply } from './query-reply.ts';

/** The question cannot be answered: it is no single reading statement, it is wrong, or it took too long. */
export class QueryRefused extends Error {
  override name = 'QueryRefused';
}

/**
 * Runs one reading statement of an analyst on a read-only connection, in a process of its own: SQLite cannot be
 * interrupted from outside, and a thread that is inside it cannot be ended; a process can be killed. So it is when `signal` is aborted.
 * It has started when this returns, and answers while whoever asks does something else.
 */
export async function runQuery(
  file: string,
  sql: string,
  limits: QueryLimits = QUERY_LIMITS,
  signal = new AbortController().signal,
): Promise<QueryAnswer> {
  const child = spawn(process.execPath, ['--max-old-space-size=256', fileURLToPath(script()), file, sql, JSON.stringify(limits)], {
    env: compiled(),
    // A pipe: a channel of Node's own takes longer to set up than most questions to answer.
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
    killSignal: 'SIGKILL',
  });
  const told: Buffer[] = [];
  let timer: NodeJS.Timeout | undefined;
  let reply: QueryReply;
  try {
    reply = await new Promise<QueryReply>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new QueryRefused(`The question took longer than ${limits.milliseconds / 1000} s and was stopped`)),
        limits.milliseconds,
      );
      child.stdout.on('data', (piece: Buffer) => told.push(piece));
      child.stdout.once('end', () => {
        const whole = replyIn(Buffer.concat(told).toString());
        if (!whole) return;
        resolve(whole);
        // The process takes as long to end as to answer, and nobody needs to wait for that.
        child.unref();
      });
      child.once('error', reject);
      child.once('close', (code, ended) => reject(new QueryRefused(`The question ended without an answer (${ended ?? code})`)));
    });
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
  if ('storage' in reply) throw new (await import('./database.ts')).StorageError(reply.storage.message, reply.storage.fix);
  if ('refused' in reply) throw new QueryRefused(reply.refused);
  return reply;
}

/** A module beside this one; the package has it as CommonJS, which starts sooner. */
function script(): URL {
  return new URL(`./query-process${import.meta.url.endsWith('.ts') ? '.ts' : '.cjs'}`, import.meta.url);
}

/** Nothing of this process's environment, save where what is compiled already lies. */
function compiled(): Record<string, string> {
  const folder = getCompileCacheDir();
  // Node keeps a folder of its own in it for each of its versions.
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}
