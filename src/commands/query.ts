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
  if (options.maxRows === 0)
    throw new ConfigError('--max-rows 0 leaves no row', { fix: 'Give 1 or more, or leave it out: then there are at most 10,000.' });
  const [asked, ...more] = question === undefined ? (options.param ?? []).filter((word) => !word.includes('=')) : [question];
  if (asked === undefined || more.length > 0)
    throw new ConfigError('No question was asked', { fix: 'Give the name of one, which `noctule query --list` lists, or one SELECT.' });
  // What comes after --param is taken for another of its values, also the name of the question.
  const given = question === undefined ? { ...options, param: options.param!.filter((word) => word !== asked) } : options;
  if (NAME.test(asked)) return (await import('./query-named.ts')).answerNamed(context, asked, given);
  return (await import('./query-sql.ts')).answerSql(context, asked, given);
}
