import type { CheckOptions } from '../commands/db-check.ts';
import type { CommonOptions } from '../commands/context.ts';
import type { PruneOptions } from '../commands/db-prune.ts';
import type { NotifyTestOptions } from '../commands/notify.ts';
import type { ScheduleOptions } from '../commands/schedule.ts';
import type { Verb, VerbOption } from './verb.ts';

/** Verbs of nights: to have them, and to tell of them. */
export function nightVerbs(config: VerbOption, database: VerbOption): Verb[] {
  return [
    {
      name: 'schedule',
      does: 'scan night after night by the timetable of the configuration, prune history and tell whom it names; one night at a time',
      options: [
        config,
        database,
        { flags: '--once', does: 'one night now, and end as it ended: for cron, timers and jobs' },
        { flags: '--next [n]', does: 'print the next times, five where no number is given, and scan nothing', value: 'whole number' },
        { flags: '--summary <file>', does: 'write the summary of the night there, instead of where the configuration says' },
      ],
      examples: ['noctule schedule', 'noctule schedule --once', 'noctule schedule --next 10'],
      run: async (context, options: ScheduleOptions) => (await import('../commands/schedule.ts')).scheduleCommand(context, options),
    },
    {
      name: 'notify',
      does: 'whom nights are told to',
      examples: ['noctule notify test security-channel'],
      verbs: [
        {
          name: 'test',
          does: 'send a notice that is marked as a test; ends with 6 where it is not accepted',
          arguments: ['<name>'],
          options: [config],
          examples: ['noctule notify test security-channel'],
          run: async (context, name: string, options: NotifyTestOptions) =>
            (await import('../commands/notify.ts')).notifyTestCommand(context, name, options),
        },
      ],
    },
  ];
}

/** Verbs by which a database stays whole, small and restorable. */
export function databaseVerbs(config: VerbOption, database: VerbOption, tenant: VerbOption, text: VerbOption): Verb[] {
  return [
    {
      name: 'backup',
      does: 'write a checked copy, also while a scan runs; overwrites nothing',
      arguments: ['<file>'],
      options: [config, database],
      examples: ['noctule db backup backups/noctule-2026-11-22.db'],
      run: async (context, file: string, options: CommonOptions) =>
        (await import('../commands/db-backup.ts')).dbBackupCommand(context, file, options),
    },
    {
      name: 'check',
      does: 'whether every page, every reference and the audit trail is whole; ends with 5 where not',
      names: 'nobody',
      options: [config, database, text],
      examples: ['noctule db check', 'noctule db check --db backups/noctule-2026-11-22.db --format json'],
      run: async (context, options: CheckOptions) => (await import('../commands/db-check.ts')).dbCheckCommand(context, options),
    },
    {
      name: 'compact',
      does: 'give the room back of what was removed; ends with 5 while another process uses the database',
      options: [config, database],
      examples: ['noctule db compact'],
      run: async (context, options: CommonOptions) => (await import('../commands/db-compact.ts')).dbCompactCommand(context, options),
    },
    {
      name: 'prune',
      does: 'take away history that is older than so many days; what is there now, dates of first seen and the audit trail stay',
      names: 'nobody',
      options: [
        config,
        database,
        tenant,
        { flags: '--keep-days <n>', does: 'keep all of the last so many days, at least 31', value: 'whole number' },
        { flags: '--plan', does: 'say what would be taken away, and take nothing' },
        text,
      ],
      examples: ['noctule db prune --keep-days 400 --plan', 'noctule db prune --keep-days 400'],
      run: async (context, options: PruneOptions) => (await import('../commands/db-prune.ts')).dbPruneCommand(context, options),
    },
  ];
}
