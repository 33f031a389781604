import { inspect } from 'node:util';
import { z } from 'zod';

/** Where a secret is to be found. The configuration holds references only, never values. */
export type SecretReference = { env: string } | { file: string };

/** The schema of a reference, for the configuration of connectors. */
export const secretReference = z
  .union([
    z.strictObject({ env: z.string().min(1).describe('Name of the environment variable that holds the secret') }),
    z.strictObject({ file: z.string().min(1).describe('Path of a file that holds the secret, readable by its owner alone') }),
  ])
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

/** How a reference is shown to people: `$GITHUB_TOKEN` or the file's path. */
export function describeReference(reference: SecretReference): string {
  return 'env' in reference ? `$${reference.env}` : reference.file;
}
