import { hash } from 'node:crypto';
import { createCatalog } from '../catalog/catalog.ts';
import type { Config } from '../config/config.ts';
import type { Format } from '../report/formats.ts';
import { NAMES } from '../report/names.ts';
import { renderRows } from '../report/rows.ts';
import { withLease } from '../scan/lease.ts';
import type { LinkedTicket } from '../store/outbox.ts';
import { openReader } from '../store/read.ts';
import type { Store } from '../store/store.ts';
import { terminalText } from '../text/terminal.ts';
import { SinkError, type AuditHead, type RemoteTicket, type Sink } from '../tickets/sink.ts';
import { syncTickets, unknownText, type NamedSink, type SinkOutcome } from '../tickets/sync.ts';
import type { TicketPlan } from '../tickets/world.ts';
import { claimedActor } from './actor.ts';
import type { CommandContext } from './context.ts';
import { exitCode, type Condition } from './exit-codes.ts';
import { bugText } from './failure.ts';
import { tellNames } from './output.ts';
import { ticketPlace, type OpenedSink, type TicketOptions, type TicketPlace } from './ticket-place.ts';
import { ticketPlanner } from './ticket-planner.ts';

export interface TicketPlanOptions extends TicketOptions {
  format: Format;
  openExisting?: boolean;
}

export interface TicketSyncOptions extends TicketOptions {
  openExisting?: boolean;
  retry?: boolean;
  /** Seconds. */
  patience?: number;
}

export interface TicketStatusOptions extends TicketOptions {
  format: Format;
}

/** Shows what a sync would write now, with what waits already. Nothing is sent, and nothing is kept. */
export async function ticketPlanCommand(context: CommandContext, options: TicketPlanOptions): Promise<number> {
  const place = await ticketPlace(context, options);
  const { config, chosen, store } = place;
  try {
    const settings = { ...place.tickets.settings, openExisting: place.tickets.settings.openExisting || options.openExisting === true };
    const planner = ticketPlanner(
      { ...config, tickets: { ...place.tickets, settings } },
      createCatalog(config.catalog),
    )(context.clock.now());
    const plan = await store.planTickets(config.tenant, planner, 'look');
    const rows: PlanRow[] = [];
    for (const { name } of chosen) {
      const gone = new Set(plan.withdrawn.map(({ write }) => write));
      for (const one of await store.waitingWrites(config.tenant, name))
        if (!gone.has(one.id))
          rows.push({
            sink: name,
            op: one.op,
            title: one.label ?? one.decision,
            why: one.message ?? 'waits',
            state: one.state,
            decision: one.decision,
          });
      for (const one of plan.wanted)
        if (one.sink === name) rows.push({ sink: name, op: one.op, title: one.title, why: one.why, state: 'new', decision: one.decision });
    }
    context.out(renderRows(options.format, rows, PLAN_COLUMNS));
    tellNames(context, options.format, NAMES.tickets);
    if (!context.quiet) context.err(`${withheldLines(plan)}${rows.length} writes. Nothing was sent: \`noctule tickets sync\` does it.\n`);
    return 0;
  } finally {
    await store.close();
  }
}

interface PlanRow {
  sink: string;
  op: string;
  title: string;
  why: string;
  state: string;
  decision: string;
}

const PLAN_COLUMNS: readonly { title: string; of(row: PlanRow): string }[] = [
  { title: 'sink', of: ({ sink }) => sink },
  { title: 'what', of: ({ op }) => op },
  { title: 'ticket', of: ({ title }) => title },
  { title: 'why', of: ({ why }) => why },
  { title: 'state', of: ({ state }) => state },
];

function withheldLines(plan: TicketPlan): string {
  return plan.withheld.map(({ sink, reason, decisions }) => `${sink}: ${decisions} without: ${WITHHELD[reason]}\n`).join('');
}

const WITHHELD: Readonly<Record<TicketPlan['withheld'][number]['reason'], string>> = {
  baseline: 'they were open when the tracker was first planned for; `--open-existing` opens tickets for them',
  'below severity': 'they are milder than "minimumSeverity"',
  'over the cap': 'they are above "maxCreatePerRun"; one digest stands for them',
  'closed by somebody': 'somebody closed their ticket, and it is left alone for now',
  moved:
    'people moved their ticket to where nothing is written, and it is left alone while it is open; `noctule tickets status` says where',
  'waits for a scan that reads': 'they are not seen any more; their tickets stay until scans have read where they were',
  refused: 'the tracker refused; they are tried again after a day, or with `sync --retry`',
};

export async function ticketSyncCommand(context: CommandContext, options: TicketSyncOptions): Promise<number> {
  return exitCode((await ticketSync(context, options)).conditions);
}

/** How a sync fared. */
export interface TicketSync {
  conditions: ReadonlySet<Condition>;
  outcomes: readonly SinkOutcome[];
}

/** Brings the trackers to what is known. One sync of a tenant at a time; scans go on meanwhile. */
export async function ticketSync(context: CommandContext, options: TicketSyncOptions): Promise<TicketSync> {
  const place = await ticketPlace(context, options);
  const { config, chosen, store, openAll } = place;
  try {
    const opened = openAll();
    const sinks = opened.flatMap((one): NamedSink[] => ('sink' in one ? [{ name: one.configured.name, sink: one.sink }] : []));
    const catalog = createCatalog(config.catalog);
    const planner = ticketPlanner(config, catalog);
    return await withLease({ store, tenant: `${config.tenant}/tickets`, does: 'is writing tickets' }, async (lost) => {
      const names = chosen.map(({ name }) => name);
      if (options.openExisting) await store.openExisting(config.tenant, names);
      if (options.retry) for (const name of names) await store.refusedWrites(config.tenant, name, true);
      const signal = AbortSignal.any([context.signal, lost]);
      const audit = headOf(place.database, config.tenant);
      const { plan, outcomes: done } = await syncTickets({
        queue: store,
        tenant: config.tenant,
        sinks,
        planner,
        formerIds: (product) => catalog.formerIds(product),
        clock: context.clock,
        signal,
        audit,
        ...(options.patience !== undefined && { patience: options.patience * 1000 }),
      });
      const outcomes = [...done];
      for (const one of opened) if ('failure' in one) outcomes.push(await unopenedOutcome(store, config.tenant, one));
      await audited(context, config, store, outcomes, audit);
      return { conditions: told(context, place, plan, outcomes), outcomes };
    });
  } finally {
    await store.close();
  }
}

/** How a tracker fared that could not be opened: what it is to get waits in its queue. */
async function unopenedOutcome(
  store: Store,
  tenant: string,
  { configured: { name, kind }, failure }: Extract<OpenedSink, { failure: string }>,
): Promise<SinkOutcome> {
  const waiting = (await store.waitingWrites(tenant, name)).length;
  const done = { create: 0, update: 0, comment: 0, close: 0, reopen: 0 };
  const failures = [failure];
  return { name, place: kind.title, done, keys: [], written: [], adopted: 0, waiting, unknown: 0, refused: 0, failures, bugs: [] };
}

/** One event for the batch, with counts, a digest of the writes and the head that went along with them; none where nothing was written. */
async function audited(
  context: CommandContext,
  { tenant }: Config,
  store: Store,
  outcomes: readonly SinkOutcome[],
  { hash: head }: AuditHead,
): Promise<void> {
  for (const { name, done, keys, adopted, unknown, refused } of outcomes) {
    if (keys.length === 0 && unknown === 0 && refused === 0) continue;
    const details = { done, adopted, unknown, refused, sha256: hash('sha256', keys.toSorted().join('\n'), 'hex'), head };
    const at = context.clock.now().toISOString();
    await store.audited(
      tenant,
      { at, actor: claimedActor(), action: 'tickets.synced', subject: `sink/${name}`, details: JSON.stringify(details) },
      () => {},
    );
  }
}

function told(
  context: CommandContext,
  { config: { tenant }, database }: TicketPlace,
  plan: TicketPlan,
  outcomes: readonly SinkOutcome[],
): ReadonlySet<Condition> {
  const conditions = new Set<Condition>();
  for (const { name, place, done, written, waiting, unknown, refused, failures, bugs } of outcomes) {
    for (const { op, label, decision } of written) context.out(`${name}  ${op.padEnd(8)}${terminalText(label)}  ${decision}\n`);
    const counts = Object.entries(done).flatMap(([op, number]) => (number > 0 ? [`${number} ${DONE[op]}`] : []));
    const left = [
      ...(waiting > 0 ? [`${waiting} wait`] : []),
      ...(unknown > 0 ? [`${unknown} of unknown outcome`] : []),
      ...(refused > 0 ? [`${refused} refused`] : []),
    ];
    if (!context.quiet)
      context.err(`${name} (${terminalText(place)}): ${[...(counts.length > 0 ? counts : ['nothing to write']), ...left].join(', ')}.\n`);
    for (const failure of failures) context.err(`${name}: ${terminalText(failure, 400)}\n`);
    for (const bug of bugs) context.err(bugText(bug));
    if (failures.length > 0 || waiting > 0 || unknown > 0 || refused > 0) conditions.add('sink-failed');
    if (bugs.length > 0) conditions.add('internal');
  }
  if (context.signal.aborted) conditions.add('interrupted');
  if (!context.quiet) context.err(withheldLines(plan));
  if (!context.quiet) context.err(headLine(database, tenant, outcomes));
  return conditions;
}

function headLine(database: string, tenant: string, outcomes: readonly SinkOutcome[]): string {
  if (outcomes.every(({ keys, unknown, refused }) => keys.length === 0 && unknown === 0 && refused === 0)) return '';
  const { number, hash: head } = headOf(database, tenant);
  return `Audit trail: event ${number}, head ${head}.\n`;
}

function headOf(database: string, tenant: string): AuditHead {
  const reader = openReader(database);
  try {
    const { number, hash: head } = reader.auditHead(tenant);
    return { number, hash: head };
  } finally {
    reader.close();
  }
}

const DONE: Readonly<Record<string, string>> = {
  create: 'opened',
  update: 'rewritten',
  comment: 'commented',
  close: 'closed',
  reopen: 'opened again',
};

interface StatusRow {
  sink: string;
  ticket: string;
  title: string;
  known: string;
  there: string;
  verdict: string;
  url: string;
}

/** Holds what is known of tickets against what the trackers say. Writes nothing, here or there. */
export async function ticketStatusCommand(context: CommandContext, options: TicketStatusOptions): Promise<number> {
  const { config, store, openAll } = await ticketPlace(context, options);
  const conditions = new Set<Condition>();
  try {
    const rows: StatusRow[] = [];
    const planner = ticketPlanner(config, createCatalog(config.catalog))(context.clock.now());
    const { withheld } = await store.planTickets(config.tenant, planner, 'look');
    for (const opened of openAll()) {
      const { configured } = opened;
      const sink = 'sink' in opened ? opened.sink : undefined;
      const tickets = await store.linkedTickets(config.tenant, configured.name);
      if ('failure' in opened) {
        conditions.add('sink-failed');
        context.err(`${configured.name}: ${terminalText(opened.failure, 400)}\n`);
      } else if (opened.sink.findableAfterMs === undefined && tickets.length > 0)
        context.err(`${configured.name}: it cannot be asked; what stands here is what was sent.\n`);
      const over = withheld.find((one) => one.sink === configured.name && one.reason === 'over the cap')?.decisions ?? 0;
      for (const ticket of tickets.map((one) => (one.isDigest ? asDigest(one, over) : one)))
        rows.push(statusRow(configured.name, ticket, await seen(context, sink, ticket, conditions)));
      const left = await store.waitingWrites(config.tenant, configured.name);
      const refused = await store.refusedWrites(config.tenant, configured.name, false);
      const unknown = left.filter(({ state }) => state === 'unknown').length;
      if (!context.quiet)
        context.err(
          `${configured.name}: ${tickets.length} tickets, ${left.length - unknown} writes wait, ${unknown} of unknown outcome, ${refused.length} refused.\n`,
        );
      for (const one of left.filter(({ state }) => state === 'unknown'))
        context.err(`${configured.name}: ${terminalText(unknownText(one), 400)}\n`);
      for (const { op, decision, message } of refused)
        context.err(`${configured.name}: ${op} of ${decision} was refused: ${terminalText(message ?? '', 400)}\n`);
    }
    context.out(renderRows(options.format, rows, STATUS_COLUMNS));
    tellNames(context, options.format, NAMES.tickets);
    return exitCode(conditions);
  } finally {
    await store.close();
  }
}

/** A digest is about no finding of its own. */
function asDigest(ticket: LinkedTicket, over: number): LinkedTicket {
  return {
    ...ticket,
    isLive: over > 0,
    title: over > 0 ? `${over} more decisions that wait for a ticket` : 'Decisions that waited for a ticket',
  };
}

type Seen = { is: 'ticket'; ticket: RemoteTicket } | { is: 'missing' } | { is: 'not asked' } | { is: 'no answer' };

async function seen(context: CommandContext, sink: Sink | undefined, ticket: LinkedTicket, conditions: Set<Condition>): Promise<Seen> {
  if (sink?.findableAfterMs === undefined || context.signal.aborted) return { is: 'not asked' };
  try {
    const found = await sink.get(ticket.remoteId, context.signal);
    return found ? { is: 'ticket', ticket: found } : { is: 'missing' };
  } catch (error) {
    if (!(error instanceof SinkError)) throw error;
    conditions.add('sink-failed');
    context.err(`${terminalText(ticket.label)}: ${terminalText(error.message, 400)}\n`);
    return { is: 'no answer' };
  }
}

function statusRow(sink: string, ticket: LinkedTicket, there: Seen): StatusRow {
  const state = there.is === 'ticket' ? there.ticket.state : there.is;
  return {
    sink,
    ticket: ticket.label,
    title: ticket.title ?? '',
    known: ticket.remoteState,
    there: state,
    verdict:
      there.is === 'ticket' && there.ticket.elsewhere !== undefined ? `moved to ${there.ticket.elsewhere}` : verdictOf(ticket, state),
    url: ticket.url ?? '',
  };
}

function verdictOf({ remoteState, closedBy, isLive }: LinkedTicket, there: string): string {
  if (there === 'not asked' || there === 'no answer') return there;
  if (there === remoteState && there === 'closed' && closedBy === 'human' && isLive) return 'closed by somebody, and still there';
  if (there === remoteState) return isLive || there !== 'open' ? 'as known' : 'to be closed';
  if (there === 'open') return 'opened by somebody';
  return there === 'missing' ? 'taken away by somebody' : 'closed by somebody';
}

const STATUS_COLUMNS: readonly { title: string; of(row: StatusRow): string }[] = [
  { title: 'sink', of: ({ sink }) => sink },
  { title: 'ticket', of: ({ ticket }) => ticket },
  { title: 'about', of: ({ title }) => title },
  { title: 'known', of: ({ known }) => known },
  { title: 'there', of: ({ there }) => there },
  { title: 'verdict', of: ({ verdict }) => verdict },
];
