import type { TicketPlanOptions, TicketStatusOptions, TicketSyncOptions } from '../commands/tickets.ts';
import type { TicketSettleOptions } from '../commands/ticket-settle.ts';
import type { Verb, VerbOption } from './verb.ts';

const APPS = 'apps and keys that are named after their holder';
const sink: VerbOption = { flags: '--sink <name...>', does: 'these trackers only' };

/** Verbs that keep tickets in the queues that people already have. */
export function ticketsVerb(config: VerbOption, database: VerbOption, rows: VerbOption): Verb {
  return {
    name: 'tickets',
    does: 'keep a ticket for each decision in the trackers of the configuration',
    examples: ['noctule tickets', 'noctule tickets sync', 'noctule tickets status'],
    verbs: [
      {
        name: 'plan',
        isDefault: true,
        does: 'what a sync would write now; sends nothing and keeps nothing. `noctule tickets` alone does it',
        names: APPS,
        options: [config, database, rows, sink, { flags: '--open-existing', does: 'as if what was open before were new' }],
        examples: ['noctule tickets', 'noctule tickets plan --format json', 'noctule tickets plan --open-existing'],
        run: async (context, options: TicketPlanOptions) => (await import('../commands/tickets.ts')).ticketPlanCommand(context, options),
      },
      {
        name: 'sync',
        does: 'write to the trackers what waits; ends with 6 where one failed',
        names: 'nobody',
        options: [
          config,
          database,
          sink,
          { flags: '--open-existing', does: 'tickets also for what was open before the tracker was first planned for, from now on' },
          { flags: '--retry', does: 'what was refused is tried again at once, instead of after a day' },
          { flags: '--patience <seconds>', does: 'wait so long for trackers that ask for it', value: 'whole number', default: 180 },
        ],
        examples: ['noctule tickets sync', 'noctule scan && noctule tickets sync', 'noctule tickets sync --sink queue --open-existing'],
        run: async (context, options: TicketSyncOptions) => (await import('../commands/tickets.ts')).ticketSyncCommand(context, options),
      },
      {
        name: 'status',
        does: 'what is known of tickets beside what the trackers say; writes nothing',
        names: APPS,
        options: [config, database, rows, sink],
        examples: ['noctule tickets status', 'noctule tickets status --format json'],
        run: async (context, options: TicketStatusOptions) =>
          (await import('../commands/tickets.ts')).ticketStatusCommand(context, options),
      },
      {
        name: 'settle',
        does: 'say what came of a write of which nobody can tell, after a look into the tracker; sends nothing',
        arguments: ['<write>'],
        options: [
          config,
          database,
          {
            flags: '--as <outcome>',
            does: 'whether it stands in the tracker; what does not is sent by the next sync',
            choices: ['done', 'not-done'],
          },
          { flags: '--ticket <id>', does: 'the id, in the tracker, of the ticket that was made; of a creation that is done' },
        ],
        examples: [
          'noctule tickets status',
          'noctule tickets settle 17 --as not-done',
          'noctule tickets settle 17 --as done --ticket 4711',
        ],
        run: async (context, write: string, options: TicketSettleOptions) =>
          (await import('../commands/ticket-settle.ts')).ticketSettleCommand(context, write, options),
      },
    ],
  };
}
