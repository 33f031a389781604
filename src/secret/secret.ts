import { inspect } from 'node:util';
import { z } from 'zod';
import { withoutSecrets } from './redact.ts';

/** Where a secret is to be found. The configuration holds references only, never values. */
export type SecretReference = { env: string } | { file: string };

/** Names and paths in their usual form only: whoever writes the secret itself here must not find it in a message later. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const PATH = /^[ -~\u00A0-\uFFFF]{1,1024}$/;

/** The schema of a reference, for the configuration of connectors. */
export const secretReference = z
  .union(
    [
      z.strictObject({
        env: z
          .string()
          .regex(VARIABLE, 'the name of an environment variable: letters, digits and _')
          .refine((name) => withoutSecrets(name) === name, 'the name of a variable, not what it holds')
          .describe('Name of the environment variable that holds the secret'),
      }),
      z.strictObject({
        file: z
          .string()
          .regex(PATH, 'the path of a file')
          .describe('Path of a file that holds the secret, readable by its owner alone; relative to the configuration'),
      }),
    ],
    { error: 'write where the secret is found, {"env": "NAME"} or {"file": "path"}, and never the secret itself' },
  )
  .describe('Where the secret is found; never its value');

/**
 * A secret's value in a wrapper that prints `[redacted]` whatever prints it.
 * `reveal` is called where the value leaves for its provider, and nowhere else.
 */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[redacted]';
  }
  toJSON(): string {
    return '[redacted]';
  }
  [inspect.custom](): string {
    return '[redacted]';
  }
}
