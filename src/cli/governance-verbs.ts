import type { MetricsOptions } from '../commands/metrics.ts';
import type { WorkflowsOptions } from '../commands/workflows.ts';
import type { Verb, VerbOption } from './verb.ts';

/** Verbs that tell how well AI is governed. */
export function governanceVerbs(reading: readonly VerbOption[], text: VerbOption, table: VerbOption, asOf: VerbOption): Verb[] {
  return [
    {
      name: 'metrics',
      does: 'trust debt, ownership, unsanctioned share, standing keys, adoption lag, discovery and readiness, with the arithmetic, the cheapest levers and the trend',
      names: 'apps and keys that are named after their holder, who declared what, and, where they are asked for, people without training',
      options: [
        ...reading,
        text,
        asOf,
        {
          flags: '--training <file>',
          does: 'training records as CSV (person, course, date), held against who has AI tools; nothing of it is kept',
        },
        { flags: '--names', does: 'with --training, name the people without any' },
        { flags: '--all-tenants', does: 'every tenant of the database in a line, by its last scan, and what is so of how many' },
      ],
      examples: [
        'noctule metrics',
        'noctule metrics --as-of 2026-03-31 --format json',
        'noctule metrics --training records.csv',
        'noctule metrics --all-tenants --db clients.db',
      ],
      run: async (context, options: MetricsOptions) => (await import('../commands/metrics.ts')).metricsCommand(context, options),
    },
    {
      name: 'workflows',
      does: 'the workflows of the policy with what was found of each: integrations, holders, data, owners, gates, and what is missing',
      names: 'owners of workflows, and apps and keys that are named after their holder',
      options: [...reading, table, asOf],
      examples: ['noctule workflows', 'noctule workflows --format json'],
      run: async (context, options: WorkflowsOptions) => (await import('../commands/workflows.ts')).workflowsCommand(context, options),
    },
  ];
}
