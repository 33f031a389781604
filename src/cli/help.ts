import type { Verb, VerbOption } from './verb.ts';
import { PROGRAM } from './verbs.ts';

/** The help that plainly stands on the command line, as in `scan --help`. Undefined: the line has to be read in earnest. */
export function helpAskedFor(args: readonly string[]): string | undefined {
  const path = [PROGRAM];
  for (const word of args) {
    if (word === '-h' || word === '--help') return helpText(path);
    const below = path.at(-1)!.verbs?.find((verb) => verb.name === word);
    if (!below) return undefined;
    path.push(below);
  }
  return undefined;
}

/** What is printed of the last verb of a path. */
export function helpText(path: readonly Verb[]): string {
  const verb = path.at(-1)!;
  const help = 'display help for command';
  const options = [...(verb.options ?? []).map((option) => [option.flags, optionText(option)] as const), ['-h, --help', help] as const];
  const commands = (verb.verbs ?? []).map((below) => [[below.name, ...takes(below)].join(' '), below.does] as const);
  if (verb.verbs) commands.push(['help [command]', help]);
  const width = Math.max(...[...options, ...commands].map(([term]) => term.length));
  return [
    `Usage: ${path.map(({ name }) => name).join(' ')} [options]${verb.verbs ? ' [command]' : ''}${words(verb.arguments)}\n`,
    `${verb.does}\n`,
    `Options:\n${list(options, width)}`,
    ...(verb.verbs ? [`Commands:\n${list(commands, width)}`] : []),
    ...(verb.names === undefined ? [] : [folded(`Names in its output: ${verb.names}\n`, LINE).join('\n')]),
    `Examples:\n${verb.examples.map((line) => `  $ ${line}\n`).join('')}`,
  ].join('\n');
}

function takes(verb: Verb): string[] {
  return [...(verb.options ? ['[options]'] : []), ...(verb.arguments ?? [])];
}

function words(all: readonly string[] = []): string {
  return all.map((word) => ` ${word}`).join('');
}

function optionText(option: VerbOption): string {
  const more = [
    ...(option.choices ? [`choices: ${option.choices.map((choice) => JSON.stringify(choice)).join(', ')}`] : []),
    ...(option.default === undefined ? [] : [`default: ${JSON.stringify(option.default)}`]),
    ...(option.environment === undefined ? [] : [`env: ${option.environment}`]),
  ];
  return more.length === 0 ? option.does : `${option.does} (${more.join(', ')})`;
}

/** Characters in a line: what every terminal has. */
const LINE = 80;

function list(items: readonly (readonly [term: string, text: string])[], width: number): string {
  const indent = `\n${' '.repeat(width + 4)}`;
  return items.map(([term, text]) => `  ${term.padEnd(width)}  ${folded(text, LINE - width - 4).join(indent)}\n`).join('');
}

function folded(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
