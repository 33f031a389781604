import { z } from 'zod';
import { secretReference, type SecretReference } from '../secret/secret.ts';
import { lineOf } from './jsonc.ts';

/** How people are kept. */
export const persons = z
  .strictObject({
    mode: z
      .enum(['full', 'pseudonymous'])
      .describe('"full": as their providers name them. "pseudonymous": as pseudonyms, which only the key leads back from'),
    key: secretReference
      .optional()
      .describe('The key of the pseudonyms, of at least 32 characters. Whoever loses it cannot scan into this database again'),
  })
  .refine(({ mode, key }) => (mode === 'pseudonymous') === (key !== undefined), {
    path: ['key'],
    message: '"pseudonymous" needs a key, and "full" has none',
  });

/** Where the key of pseudonyms is found; undefined = people are kept as they are named. */
export interface PersonsConfig {
  key: SecretReference;
  /** Of the key in the file, counted from 1. */
  line: number | undefined;
}

export function personsConfig(asked: z.infer<typeof persons> | undefined, text: string): PersonsConfig | undefined {
  return asked?.key && { key: asked.key, line: lineOf(text, ['persons', 'key']).line };
}
