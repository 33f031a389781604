import { ConfigError } from '../connector/errors.ts';
import type { ListFormat } from '../report/formats.ts';
import type { CommandContext, CommonOptions } from './context.ts';
import type { OutputOptions } from './output.ts';

export interface QueryOptions extends Omit<CommonOptions, 'tenant'>, OutputOptions {
  format: ListFormat;
  maxRows: number;
  /** Of SQL; a question that ships needs no limit of time. */
  seconds?: number;
  /** The questions that ship, instead of an answer. */
  list?: boolean;
  /** Values of a question that ships, `name=value`. */
  param?: string[];
}

/** Names of questions that ship are such words, and no SQL is. */
const NAME = /^[a-z][a-z0-9-]*$/;

/**
 * Answers a question about what was found, over a connection that can only read: one that ships with the program, by its name, or SQL that
 * an analyst wrote, within limits.
 */
export async function queryCommand(context: CommandContext, question: string | undefined, options: QueryOptions): Promise<number> {
  if (options.list === true) return (await import('./query-named.ts')).listQueries(context, options);
  if (question === undefined)
    throw new ConfigError('No question was asked', { fix: 'Give the name of one, which `noctule query --list` lists, or one SELECT.' });
  if (NAME.test(question)) return (await import('./query-named.ts')).answerNamed(context, question, options);
  return (await import('./query-sql.ts')).answerSql(context, question, options);
}
