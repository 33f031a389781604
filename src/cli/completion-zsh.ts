import type { OptionPlace, Place } from './completion.ts';

/** For the completion system of zsh. */
export function script(places: readonly Place[]): string {
  const below = places.slice(1).map(({ path }) => quoted(path.join(' ')));
  const valued = places.flatMap(({ path, options }) =>
    options.filter(({ takes }) => takes !== 'none').map((option) => ({ at: path.join(' '), option })),
  );
  const several = valued.filter(({ option }) => option.takes === 'some');
  return `#compdef noctule
# What zsh completes of noctule. Made by \`noctule completion zsh\`.
_noctule() {
  local at=noctule current="\${words[CURRENT]}" option="\${words[CURRENT-1]}" word last=
  local -a offers
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ "$word" == -* ]] && last="$word"
    case "$at $word" in
      (${below.join('|')}) at="$at $word" ;;
    esac
  done
  case "$at $last" in
    (${several.flatMap(patterns).join('|')}) option="$last" ;;
  esac
  if [[ "$current" != -* ]]; then
    case "$at $option" in
${valued.map(({ at, option }) => `      (${patterns({ at, option }).join('|')}) ${values(option)} ;;`).join('\n')}
    esac
  fi
  case "$at" in
${places.map(placeLines).join('\n')}
  esac
}
if [[ "$funcstack[1]" == _noctule ]]; then _noctule "$@"; else compdef _noctule noctule; fi
`;
}

function placeLines({ path, verbs, words, options }: Place): string {
  const own = [...verbs.map(({ word, does }) => described(word, does)), ...words.map((word) => quoted(escaped(word)))];
  return `    (${quoted(path.join(' '))})
      if [[ "$current" == -* ]]; then
        offers=(${options.flatMap(({ flags, does }) => flags.map((flag) => described(flag, does))).join(' ')})
        _describe -o option offers
      else
        ${own.length === 0 ? '_files' : `offers=(${own.join(' ')})\n        _describe word offers`}
      fi ;;`;
}

function patterns({ at, option }: { at: string; option: OptionPlace }): string[] {
  return option.flags.map((flag) => quoted(`${at} ${flag}`));
}

function values({ choices, isFile }: OptionPlace): string {
  if (choices.length > 0) return `offers=(${choices.map((word) => quoted(escaped(word))).join(' ')}); _describe value offers; return`;
  return isFile ? '_files; return' : 'return';
}

function described(word: string, does: string): string {
  return quoted(`${escaped(word)}:${escaped(does)}`);
}

/** A colon would part a word from what it does. */
function escaped(text: string): string {
  return text.replace(/[\\:]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
