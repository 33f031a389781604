import { ConfigError } from '../connector/errors.ts';
import { NAMES } from '../report/names.ts';
import { QUERY_LIMITS } from '../store/query-answer.ts';
import { answerTo, QueryRefused } from '../store/query.ts';
import { locate, type CommandContext } from './context.ts';
import type { QueryOptions } from './query.ts';
import { canBeEnded, limitTime } from './time-limit.ts';

const USUAL_SECONDS = 10;
/** A day: longer than anybody waits, and far below what a timer can count. */
const MOST_SECONDS = 86_400;

/** Answers what an analyst wrote, over a connection that can only read, within limits. */
export async function answerSql(context: CommandContext, question: string, options: QueryOptions): Promise<number> {
  if (options.param !== undefined)
    throw new ConfigError('--param belongs to a question that ships', { fix: 'Write the values into the SQL, or name a question.' });
  const { seconds = USUAL_SECONDS } = options;
  if (seconds < 1 || seconds > MOST_SECONDS)
    throw new ConfigError(`--seconds ${seconds} is out of range`, { fix: `Give 1 to ${MOST_SECONDS}.` });
  if (!canBeEnded()) return context.elsewhere();
  const { database } = await locate(context, options);
  const limits = { ...QUERY_LIMITS, rows: options.maxRows };
  const told = `The question took longer than ${seconds} s and was stopped\n  Ask for less, or give it more time with --seconds.\n`;
  try {
    const answer = await context.endable(() => {
      const lift = limitTime({ seconds, told, path: context.environment['PATH'] });
      try {
        return answerTo(database, question, limits);
      } finally {
        lift();
      }
    });
    // Whose facts are asked for stands in the SQL, which may quote a name: it is told to every tenant, and not repeated.
    const about = { names: NAMES.query, question: 'sql', database, tenant: undefined };
    return await (await import('./tell-answer.ts')).tellAnswer(context, options, answer, limits, about);
  } catch (error) {
    if (!(error instanceof QueryRefused)) throw error;
    const { VIEWS } = await import('../store/views.ts');
    throw new ConfigError(error.message, {
      fix: `Ask one SELECT over the views ${Object.keys(VIEWS).join(', ')}.`,
      cause: error,
    });
  }
}
