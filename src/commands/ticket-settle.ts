import { ConfigError } from '../connector/index.ts';
import { withLease } from '../scan/lease.ts';
import type { QueuedWrite } from '../store/outbox.ts';
import { terminalText } from '../text/terminal.ts';
import { markerOf } from '../tickets/marker.ts';
import { SinkError, type RemoteTicket, type Sink } from '../tickets/sink.ts';
import { claimedActor } from './actor.ts';
import type { CommandContext } from './context.ts';
import { ticketPlace, type TicketOptions, type TicketPlace } from './ticket-place.ts';

export interface TicketSettleOptions extends Omit<TicketOptions, 'sink'> {
  as?: 'done' | 'not-done';
  /** What the tracker calls the ticket that was made. */
  ticket?: string;
}

/** Somebody looked into a tracker that cannot be asked, and says what came of a write. Sends nothing: the next sync goes on from there. */
export async function ticketSettleCommand(context: CommandContext, write: string, options: TicketSettleOptions): Promise<number> {
  const { as } = options;
  if (as === undefined)
    throw new ConfigError('What came of it?', { fix: 'Say --as done where it stands in the tracker, or --as not-done where it does not.' });
  const place = await ticketPlace(context, options);
  const { config, store } = place;
  try {
    return await withLease({ store, tenant: `${config.tenant}/tickets`, does: 'is writing tickets' }, async () => {
      const { one, name, sink } = await unknownWrite(context, place, write);
      const at = context.clock.now();
      const ticket =
        as === 'done' && one.op === 'create' ? await madeTicket(context, place, { one, name, sink }, options.ticket) : undefined;
      const outcome =
        as === 'done'
          ? { is: 'done' as const, at, ...(ticket && { made: { ticket, by: 'sent' as const, duplicates: [] } }) }
          : { is: 'queued' as const, notBefore: at, message: 'somebody says that it was not written' };
      const details = JSON.stringify({ write: one.id, op: one.op, decision: one.decision, as, ...(ticket && { ticket: ticket.id }) });
      const event = { at: at.toISOString(), actor: claimedActor(), action: 'tickets.settled', subject: `sink/${name}`, details };
      if (!(await store.settleWrite(config.tenant, one.id, outcome, event))) throw notThere(write, []);
      if (!context.quiet)
        context.err(`${name}: the ${one.op} of ${terminalText(ticket?.label ?? one.label ?? one.decision)} ${TOLD[as]}\n`);
      return 0;
    });
  } finally {
    await store.close();
  }
}

const TOLD = { done: 'counts as written.', 'not-done': 'is sent by the next sync.' } as const;

interface Unknown {
  one: QueuedWrite;
  name: string;
  sink: Sink;
}

async function unknownWrite(context: CommandContext, { config, chosen, store, open }: TicketPlace, write: string): Promise<Unknown> {
  const known: number[] = [];
  for (const configured of chosen) {
    // What a process was sending when it died is of unknown outcome, too.
    await store.recoverWrites(config.tenant, configured.name, context.clock.now());
    for (const one of await store.waitingWrites(config.tenant, configured.name)) {
      if (one.state !== 'unknown') continue;
      if (String(one.id) === write) return { one, name: configured.name, sink: open(configured) };
      known.push(one.id);
    }
  }
  throw notThere(write, known);
}

function notThere(write: string, known: readonly number[]): ConfigError {
  return new ConfigError(`There is no write ${terminalText(write)} of unknown outcome`, {
    fix: known.length === 0 ? 'None is: `noctule tickets status` tells of those that are.' : `There are: ${known.join(', ')}.`,
  });
}

/** The ticket that a creation made. A tracker that can be asked has to have it. */
async function madeTicket(
  context: CommandContext,
  { config, store }: TicketPlace,
  { one, name, sink }: Unknown,
  id: string | undefined,
): Promise<RemoteTicket> {
  if (id === undefined || id === '')
    throw new ConfigError('Which ticket was made?', {
      fix: `Give --ticket its id in the tracker. A receiver of webhooks knows it by its marker: --ticket ${markerOf(one.decision, one.generation)}.`,
    });
  const others = await store.linkedTickets(config.tenant, name);
  if (others.some(({ remoteId }) => remoteId === id))
    throw new ConfigError(`${terminalText(id)} is the ticket of another decision`, {
      fix: '`noctule tickets status` tells which is which.',
    });
  if (sink.findableAfterMs === undefined) return { id, label: id, state: 'open' };
  const found = await sink.get(id, context.signal).catch((error: unknown) => {
    if (!(error instanceof SinkError)) throw error;
    throw new ConfigError(`${terminalText(name)} does not say whether it has ${terminalText(id)}: ${terminalText(error.message, 400)}`, {
      fix: 'Try again when it answers.',
    });
  });
  if (!found) throw new ConfigError(`${terminalText(name)} has no ticket ${terminalText(id)}`, { fix: 'Give its own id, not its label.' });
  return found;
}
