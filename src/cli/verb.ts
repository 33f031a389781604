import type { CommandContext } from '../commands/context.ts';

/** A word of the command line as data: help is printed from it, and the command line is read by it. */
export interface Verb {
  name: string;
  /** One line of help. */
  does: string;
  /** `<id>` must be given, `[from]` may be. */
  arguments?: readonly string[];
  options?: readonly VerbOption[];
  examples: readonly string[];
  /** Whom its output names: of every verb that prints what was read or kept. Who passes it on has to know. */
  names?: 'nobody' | (string & {});
  /** What the verb above does where none below it is named. */
  isDefault?: true;
  /** It is asked all day and answers at once: what would make its start slower is left out. */
  isQuick?: true;
  /** Words that its argument may be, for a shell to complete. */
  offers?(): Promise<readonly string[]>;
  /** The verbs below it; it then does nothing by itself. */
  verbs?: readonly Verb[];
  /**
   * Takes what was given: each argument, then the options by name. Answers the exit code.
   * It imports its command when it runs, because help must not pay for an SDK.
   */
  run?(context: CommandContext, ...given: never[]): Promise<number>;
}

export interface VerbOption {
  /** `-f, --format <format>`; without a value in brackets it is a switch, and `<name...>` takes several. */
  flags: string;
  does: string;
  /** Nothing else is taken. */
  choices?: readonly string[];
  default?: string | number;
  /** Variable of the environment that is taken where the option is not given. */
  environment?: string;
  /** What its value must be; absent = any text. `words`: each of several, also with commas between them. */
  value?: 'whole number' | 'day' | 'words';
}
