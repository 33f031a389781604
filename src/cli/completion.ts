import { ConfigError, type CommandContext } from '../commands/context.ts';
import type { Verb, VerbOption } from './verb.ts';
import { PROGRAM } from './verbs.ts';

/** What can follow a row of words of the command line. */
export interface Place {
  /** The verbs that were said, the program first. */
  path: readonly string[];
  /** The verbs below, and what each does. */
  verbs: readonly { word: string; does: string }[];
  /** What its argument may be, where that is known. */
  words: readonly string[];
  options: readonly OptionPlace[];
}

export interface OptionPlace {
  /** `-f` and `--format`, or one of them. */
  flags: readonly string[];
  does: string;
  /** `none`: a switch; `some`: as many as wanted. */
  takes: 'none' | 'one' | 'some';
  /** What it may be; empty = anything. */
  choices: readonly string[];
  isFile: boolean;
}

const SHELLS: Readonly<Record<string, () => Promise<{ script(places: readonly Place[]): string }>>> = {
  bash: () => import('./completion-bash.ts'),
  zsh: () => import('./completion-zsh.ts'),
  fish: () => import('./completion-fish.ts'),
};

export async function completionCommand(context: CommandContext, shell: string): Promise<number> {
  if (!Object.hasOwn(SHELLS, shell))
    throw new ConfigError('Command lines can be completed in bash, zsh and fish', { fix: 'Run `noctule completion bash`.' });
  const { script } = await SHELLS[shell]!();
  context.out(script(await placesOf(PROGRAM, [])));
  return 0;
}

const HELP: OptionPlace = { flags: ['-h', '--help'], does: 'display help for command', takes: 'none', choices: [], isFile: false };

/** A verb and all below it. */
async function placesOf(verb: Verb, above: readonly string[]): Promise<Place[]> {
  const path = [...above, verb.name];
  const below = verb.verbs ?? [];
  const place: Place = {
    path,
    verbs: below.map(({ name, does }) => ({ word: name, does })),
    words: verb.name === 'completion' ? Object.keys(SHELLS) : ((await verb.offers?.()) ?? []),
    options: [...(verb.options ?? []).map(optionPlace), HELP],
  };
  return [place, ...(await Promise.all(below.map((one) => placesOf(one, path)))).flat()];
}

function optionPlace({ flags, does, choices }: VerbOption): OptionPlace {
  const [, value = ''] = /<([^>]+)>/.exec(flags) ?? [];
  return {
    flags: flags.match(/(?<!\S)--?[a-z][a-z-]*/g) ?? [],
    does,
    takes: value === '' ? 'none' : value.endsWith('...') ? 'some' : 'one',
    choices: choices ?? [],
    isFile: /^(file|folder)$/.test(value),
  };
}
