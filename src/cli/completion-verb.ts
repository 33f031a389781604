import type { Verb } from './verb.ts';

/** What makes a shell complete our command lines. It is made from the same declarations that help is. */
export const completionVerb: Verb = {
  name: 'completion',
  does: 'print what makes a shell complete command lines of noctule: bash, zsh or fish',
  names: 'nobody',
  arguments: ['<shell>'],
  examples: [
    'noctule completion bash > ~/.local/share/bash-completion/completions/noctule',
    'noctule completion zsh > "${fpath[1]}/_noctule"',
    'noctule completion fish > ~/.config/fish/completions/noctule.fish',
  ],
  run: async (context, shell: string) => (await import('./completion.ts')).completionCommand(context, shell),
};
