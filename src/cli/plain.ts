import { isDay } from '../commands/day.ts';
import type { Order } from './parse.ts';
import type { Verb, VerbOption } from './verb.ts';
import { PROGRAM } from './verbs.ts';

/**
 * What a plain command line orders: verbs, their arguments, and options as they are declared, each with its value behind a space.
 * Undefined = it is not plain, or wrong, or asks for help: then it is read in earnest. Questions are answered twice as fast for it, since
 * what reads a line in earnest takes as long to load as the database.
 */
export function plainOrder(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Order | undefined {
  const words = [...args];
  let quiet = false;
  let verb = PROGRAM;
  while (verb.verbs) {
    const word = words.shift();
    if (word === '-q' || word === '--quiet') quiet = true;
    else {
      const below = verb.verbs.find(({ name }) => name === word);
      if (!below) return undefined;
      verb = below;
    }
  }
  const given = verb.run && givenTo(verb, words);
  if (!given) return undefined;
  const options = withDefaults(verb, given.options, environment);
  if (!options) return undefined;
  const values = [...(verb.arguments ?? []).map((_, index) => given.words[index]), options];
  return { quiet: quiet || given.quiet, isQuick: verb.isQuick === true, run: (context) => verb.run!(context, ...(values as never[])) };
}

type Options = Record<string, string | number | boolean | string[]>;

function givenTo(verb: Verb, words: readonly string[]): { words: string[]; options: Options; quiet: boolean } | undefined {
  const found = { words: [] as string[], options: {} as Options, quiet: false };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-')) found.words.push(word);
    else {
      const option = verb.options?.find(({ flags }) => flags.split(/[ ,]+/).includes(word!));
      if (!option) {
        if (word !== '-q' && word !== '--quiet') return undefined;
        found.quiet = true;
        continue;
      }
      const value = valueOf(option, rest);
      if (value === undefined) return undefined;
      const name = nameOf(option);
      const before = found.options[name];
      // Of what may be said several times, everything counts; of the rest, the last.
      found.options[name] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
    }
  }
  const declared = verb.arguments ?? [];
  const least = declared.filter((argument) => argument.startsWith('<')).length;
  const isPlain =
    found.words.length >= least && found.words.length <= declared.length && !declared.some((argument) => argument.includes('...'));
  return isPlain ? found : undefined;
}

/** Takes the value of an option from what follows it; undefined = it is none that the option takes. */
function valueOf(option: VerbOption, rest: string[]): Options[string] | undefined {
  if (!option.flags.includes('<')) return true;
  const taken: string[] = [];
  const most = option.flags.includes('...') ? Infinity : 1;
  while (taken.length < most && rest[0] !== undefined && !rest[0].startsWith('-')) taken.push(rest.shift()!);
  const isRight = taken.length > 0 && taken.every((value) => isTaken(option, value));
  if (!isRight) return undefined;
  if (option.value === 'words') return taken.flatMap((words) => words.split(','));
  if (most > 1) return taken;
  return option.value === 'whole number' ? Number(taken[0]) : taken[0]!;
}

function isTaken({ choices, value }: VerbOption, text: string): boolean {
  if (value === 'whole number') return /^\d{1,9}$/.test(text);
  if (value === 'day') return isDay(text);
  const words = value === 'words' ? text.split(',') : [text];
  return words.every((word) => word !== '' && (choices === undefined || choices.includes(word)));
}

/** What is not given stands in the environment, or is what it is by default. */
function withDefaults(verb: Verb, given: Options, environment: Readonly<Record<string, string | undefined>>): Options | undefined {
  const all = { ...given };
  for (const option of verb.options ?? []) {
    const name = nameOf(option);
    if (Object.hasOwn(all, name)) continue;
    const set = option.environment === undefined ? undefined : environment[option.environment];
    if (set === '' || (set !== undefined && (option.choices ?? option.value) !== undefined)) return undefined;
    const value = set ?? option.default;
    if (value !== undefined) all[name] = value;
  }
  return all;
}

/** `--as-of <scan>` is `asOf`. */
function nameOf({ flags }: VerbOption): string {
  const [, long = ''] = /--([a-z-]+)/.exec(flags) ?? [];
  return long.replaceAll(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}
