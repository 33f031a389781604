import type { CommonOptions } from '../commands/context.ts';
import type { Verb, VerbOption } from './verb.ts';

/** Verbs about people where a tenant keeps pseudonyms. */
export function personsVerb(reading: readonly VerbOption[]): Verb {
  return {
    name: 'persons',
    does: 'whom pseudonyms stand for, where a tenant keeps such',
    examples: ['noctule persons reveal person-k7wq2mz5tn3yhbva@corp.example'],
    verbs: [
      {
        name: 'reveal',
        does: 'the name behind a pseudonym, for whoever has the key; the audit trail tells that it was asked for',
        names: 'the person',
        arguments: ['<pseudonym>'],
        options: reading,
        examples: ['noctule persons reveal person-k7wq2mz5tn3yhbva@corp.example', 'noctule persons reveal person-k7wq2mz5tn3yhbva'],
        run: async (context, pseudonym: string, options: CommonOptions) =>
          (await import('../commands/persons-reveal.ts')).personsRevealCommand(context, pseudonym, options),
      },
    ],
  };
}
