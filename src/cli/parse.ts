import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { complaintText, type CommandContext } from '../commands/context.ts';
import { VERSION } from '../commands/version.ts';
import { EXIT_CODES } from '../commands/exit-codes.ts';
import { isDay } from '../commands/day.ts';
import { closestTo } from '../text/closest.ts';
import { helpText } from './help.ts';
import type { Verb, VerbOption } from './verb.ts';
import { PROGRAM } from './verbs.ts';

/** What a command line orders. */
export interface Order {
  quiet: boolean;
  isQuick: boolean;
  run(context: CommandContext): Promise<number>;
}

/** Reads a command line. What is wrong with it, and help that it asks for, is told at once; the order then only answers the exit code. */
export function parse(args: readonly string[], complain: (text: string) => void): Order {
  let run: Order['run'] | undefined;
  let isQuick = false;
  const program = new Command(PROGRAM.name)
    .showHelpAfterError('(`noctule --help` lists the commands)')
    .exitOverride()
    .configureOutput({ writeErr: (text) => complain(complaintText(text)) });
  build(program, [PROGRAM], (verb, given) => {
    run = (context) => verb.run!(context, ...(given as never[]));
    isQuick = verb.isQuick === true;
  });
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    run = async () => (error.exitCode === 0 ? 0 : EXIT_CODES.usage);
  }
  if (!run) throw new Error('Commander has neither called a command nor refused');
  return { quiet: program.opts<{ quiet?: boolean }>().quiet === true, isQuick, run };
}

function build(command: Command, path: readonly Verb[], order: (verb: Verb, given: readonly unknown[]) => void): void {
  const verb = path.at(-1)!;
  command.configureHelp({ formatHelp: () => helpText(path) });
  for (const argument of verb.arguments ?? []) command.argument(argument);
  for (const option of verb.options ?? []) {
    if (option.flags === '--version') command.version(VERSION, option.flags);
    else command.addOption(optionOf(option));
  }
  // Commander adds itself at the end.
  if (verb.run) command.action((...given: unknown[]) => order(verb, given.slice(0, -1)));
  for (const below of verb.verbs ?? [])
    build(command.command(below.name, { isDefault: below.isDefault === true }), [...path, below], order);
}

function optionOf(declared: VerbOption): Option {
  const option = new Option(declared.flags);
  const { choices } = declared;
  if (choices) {
    option.choices(choices);
    const take = option.parseArg!;
    option.argParser((text: string, before: unknown) => {
      if (!choices.includes(text)) throw notOffered(text, choices);
      return take(text, before as never);
    });
  }
  if (declared.default !== undefined) option.default(declared.default);
  if (declared.environment !== undefined) option.env(declared.environment);
  if (declared.value === 'whole number') option.argParser(wholeNumber);
  if (declared.value === 'day') option.argParser(day);
  if (declared.value === 'words')
    option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), ...wordsOf(text, choices)]);
  return option;
}

function wordsOf(text: string, choices: readonly string[] | undefined): string[] {
  const words = text.split(',');
  if (words.includes('')) throw new InvalidArgumentError('A word is missing.');
  for (const word of words) if (choices && !choices.includes(word)) throw notOffered(word, choices);
  return words;
}

function notOffered(word: string, choices: readonly string[]): InvalidArgumentError {
  const closest = closestTo(word, choices);
  return new InvalidArgumentError(`${closest === undefined ? '' : `Did you mean ${closest}? `}Allowed choices are ${choices.join(', ')}.`);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of at most nine digits.');
  return Number(text);
}

function day(text: string): string {
  if (!isDay(text)) throw new InvalidArgumentError('It must be a day, as 2026-03-31.');
  return text;
}
