import type { AcknowledgeOptions } from '../commands/act.ts';
import type { CommonOptions } from '../commands/context.ts';
import type { Verb, VerbOption } from './verb.ts';

const APPS = 'apps and keys that are named after their holder';

/** Verbs about one finding, kept in the database: they decide nothing about the app. */
export function findingVerbs(reading: readonly VerbOption[]): Verb[] {
  return [
    {
      name: 'acknowledge',
      does: 'say that a finding was seen as it is; it is open again once it grows beyond that',
      names: APPS,
      arguments: ['<finding>'],
      options: [...reading, { flags: '--note <text>', does: 'what there is to say of it' }],
      examples: ['noctule acknowledge 3fa41c02', 'noctule acknowledge 3fa41c02 --note "Trial of the design team, decision in May"'],
      run: async (context, id: string, options: AcknowledgeOptions) =>
        (await import('../commands/act.ts')).acknowledgeCommand(context, id, options),
    },
    {
      name: 'assign',
      does: 'say who looks after a finding; `nobody` takes it back',
      names: `to whom, and ${APPS}`,
      arguments: ['<finding>', '<whom>'],
      options: reading,
      examples: ['noctule assign 3fa41c02 it@acme.example', 'noctule assign 3fa41c02 nobody'],
      run: async (context, id: string, whom: string, options: CommonOptions) =>
        (await import('../commands/act.ts')).assignCommand(context, id, whom, options),
    },
    {
      name: 'comment',
      does: 'keep words about a finding',
      names: APPS,
      arguments: ['<finding>', '<text>'],
      options: reading,
      examples: ['noctule comment 3fa41c02 "Asked the vendor on Monday"'],
      run: async (context, id: string, text: string, options: CommonOptions) =>
        (await import('../commands/act.ts')).commentCommand(context, id, text, options),
    },
  ];
}
