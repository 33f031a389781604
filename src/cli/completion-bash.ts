import type { OptionPlace, Place } from './completion.ts';

/** For bash 3.2 and newer, without the package of completions. */
export function script(places: readonly Place[]): string {
  const below = places.slice(1).map(({ path }) => quoted(path.join(' ')));
  const valued = places.flatMap(({ path, options }) =>
    options.filter(({ takes }) => takes !== 'none').map((option) => ({ at: path.join(' '), option })),
  );
  const several = valued.filter(({ option }) => option.takes === 'some');
  return `# What bash completes of noctule. Made by \`noctule completion bash\`.
_noctule() {
  local at=noctule current="\${COMP_WORDS[COMP_CWORD]}" option="\${COMP_WORDS[COMP_CWORD-1]}" word last=
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) last="$word" ;; esac
    case "$at $word" in
      ${below.join(' | ')}) at="$at $word" ;;
    esac
  done
  # An option that takes several values takes the next one, too.
  case "$at $last" in
    ${several.flatMap(patterns).join(' | ')}) option="$last" ;;
  esac
  case "$current" in
    -*) ;;
    *)
      case "$at $option" in
${valued.map(({ at, option }) => `        ${patterns({ at, option }).join(' | ')}) ${values(option)} return ;;`).join('\n')}
      esac
      ;;
  esac
  case "$at $current" in
${places
  // What is below a verb begins as the verb does.
  .toReversed()
  .flatMap(({ path, verbs, words, options }) => [
    `    ${quoted(`${path.join(' ')} -`)}*) ${offering(options.flatMap(({ flags }) => flags))} ;;`,
    ...(verbs.length + words.length === 0
      ? []
      : [`    ${quoted(`${path.join(' ')} `)}*) ${offering([...verbs.map(({ word }) => word), ...words])} ;;`]),
  ])
  .join('\n')}
  esac
}
complete -o default -F _noctule noctule
`;
}

function patterns({ at, option }: { at: string; option: OptionPlace }): string[] {
  return option.flags.map((flag) => quoted(`${at} ${flag}`));
}

/** Where nothing is offered, bash offers files, as \`-o default\` says. */
function values({ choices }: OptionPlace): string {
  return choices.length > 0 ? `${offering(choices)};` : '';
}

function offering(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$current"))`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
