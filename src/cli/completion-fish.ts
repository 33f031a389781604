import type { OptionPlace, Place } from './completion.ts';

/** For fish 3 and newer. */
export function script(places: readonly Place[]): string {
  const below = places.slice(1).map(({ path }) => quoted(path.join(' ')));
  return `# What fish completes of noctule. Made by \`noctule completion fish\`.
function __noctule_at --description 'Whether these are the verbs that were said'
  set -l at noctule
  for word in (commandline -opc)[2..-1]
    switch "$at $word"
      case ${below.join(' ')}
        set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
function __noctule_after --description 'Whether this option was said last'
  set -l said (string match -- '-*' (commandline -opc))
  test "$said[-1]" = "$argv[1]"
end
complete -c noctule -f
${places.map(placeLines).join('')}`;
}

function placeLines({ path, verbs, words, options }: Place): string {
  const here = `complete -c noctule -n ${quoted(`__noctule_at ${quoted(path.join(' '))}`)}`;
  return [
    ...verbs.map(({ word, does }) => `${here} -a ${word} -d ${quoted(does)}\n`),
    ...words.map((word) => `${here} -a ${word}\n`),
    ...options.map((option) => `${here} ${flagsOf(option)} -d ${quoted(option.does)}${valuesOf(option)}\n`),
    ...options.flatMap((option) => furtherValues(path, option)),
  ].join('');
}

/** To fish an option takes one value; what follows belongs to it all the same. */
function furtherValues(path: readonly string[], { flags, takes, choices }: OptionPlace): string[] {
  if (takes !== 'some' || choices.length === 0) return [];
  const condition = `__noctule_at ${quoted(path.join(' '))}; and __noctule_after ${flags.at(-1)}`;
  return [`complete -c noctule -n ${quoted(condition)} -a ${quoted(choices.join(' '))}\n`];
}

function flagsOf({ flags }: OptionPlace): string {
  return flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');
}

function valuesOf({ takes, choices, isFile }: OptionPlace): string {
  if (takes === 'none') return '';
  if (choices.length > 0) return ` -x -a ${quoted(choices.join(' '))}`;
  return isFile ? ' -r -F' : ' -x';
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
