import type { Clock } from '../connector/index.ts';
import type { LinkedTicket, Made, QueuedWrite, TicketQueue } from '../store/outbox.ts';
import { decisionId, markerOf } from './marker.ts';
import { SinkError, type AuditHead, type Comment, type Draft, type RemoteTicket, type Sink } from './sink.ts';
import type { DecisionFacts, Operation, TicketPlan, TicketPlanner } from './world.ts';

export interface NamedSink {
  name: string;
  sink: Sink;
}

export interface SyncOptions {
  queue: TicketQueue;
  tenant: string;
  sinks: readonly NamedSink[];
  planner(now: Date): TicketPlanner;
  /** What a product was called in earlier catalogs. */
  formerIds?(product: string): readonly string[];
  clock: Clock;
  signal: AbortSignal;
  /** The end of the audit trail, which goes along with what is written. */
  audit?: AuditHead;
  /** Milliseconds for which a tracker that asks for patience is waited for, all together. */
  patience?: number;
  /** Milliseconds after which a request whose answer was lost has arrived or never will. */
  late?: number;
}

export interface SinkOutcome {
  name: string;
  place: string;
  done: Record<Operation, number>;
  /** Keys of the writes that were done. */
  keys: string[];
  written: { op: Operation; label: string; decision: string }[];
  /** Creations that found their ticket already there. */
  adopted: number;
  /** What of the queue is left: for later, of unknown outcome. */
  waiting: number;
  unknown: number;
  /** Refused, and left alone for a day. */
  refused: number;
  /** Why it did not do all that it should, one sentence each. */
  failures: string[];
  bugs: unknown[];
}

const PATIENCE_MS = 180_000;
const LATE_MS = 120_000;
/** What was refused is not asked for again before that, since the same would be refused again. */
const REFUSED_MS = 86_400_000;
const LONGEST_PAUSE_MS = 60_000;
/** A tracker is asked again after a day, however much patience it asks for. */
const MOST_PATIENCE_MS = 86_400_000;
/** In a row, whatever was asked for: then the tracker is left alone until the next time. */
const MOST_REFUSALS = 5;

/**
 * Brings trackers to what is known: looks at the tickets that there are, plans, and writes what waits. Whatever ends it, nothing is lost and
 * nothing is written twice: what was sent and not answered is looked for before it is sent again.
 */
export async function syncTickets(options: SyncOptions): Promise<{ plan: TicketPlan; outcomes: SinkOutcome[] }> {
  const desks = options.sinks.map((named) => deskOf(named, options));
  for (const desk of desks) await desk.look();
  const planner = options.planner(options.clock.now());
  const plan = await options.queue.planTickets(options.tenant, {
    ...planner,
    plan: (world) => planner.plan({ ...world, decisions: seenBy(desks, world.decisions) }),
  });
  for (const desk of desks) await desk.write();
  return { plan, outcomes: desks.map(({ outcome }) => outcome) };
}

type Desk = ReturnType<typeof deskOf>;

/** What trackers showed a moment ago. What we closed and somebody deleted is still ours to have closed, but there is nothing to open again. */
function* seenBy(desks: readonly Desk[], decisions: Iterable<DecisionFacts>) {
  for (const decision of decisions) {
    const tickets = new Map(decision.tickets);
    for (const { outcome, gone, moved } of desks) {
      const ticket = tickets.get(outcome.name);
      if (ticket && gone.has(decision.id)) tickets.set(outcome.name, { ...ticket, remoteState: 'missing' });
      else if (ticket && moved.has(decision.id)) tickets.set(outcome.name, { ...ticket, isMoved: true });
    }
    yield { ...decision, tickets };
  }
}

function deskOf({ name, sink }: NamedSink, options: SyncOptions) {
  const { queue, tenant, clock, signal, audit, patience = PATIENCE_MS, late = LATE_MS, formerIds = () => [] } = options;
  const outcome: SinkOutcome = {
    name,
    place: sink.place,
    done: { create: 0, update: 0, comment: 0, close: 0, reopen: 0 },
    keys: [],
    written: [],
    adopted: 0,
    waiting: 0,
    unknown: 0,
    refused: 0,
    failures: [],
    bugs: [],
  };
  const canFind = sink.findableAfterMs !== undefined;
  let refusals = 0;
  let busy = 0;
  let waited = 0;
  /** No more is asked of the tracker this time. */
  let stopped = false;
  /** Decisions whose ticket we closed and somebody deleted. */
  const gone = new Set<string>();
  /** Decisions whose ticket lies where nothing is written. */
  const moved = new Set<string>();

  const after = (milliseconds: number, from: Date = clock.now()) => new Date(from.getTime() + milliseconds);

  /** Why something failed. Counts what ends this tracker's turn. */
  function failed(error: unknown): { outcome: SinkError['outcome']; message: string; pause: number } {
    const told = error instanceof SinkError ? error : new SinkError('unknown', 'A bug of the sink', { cause: error });
    if (!(error instanceof SinkError) && !signal.aborted) outcome.bugs.push(error);
    if (told.outcome === 'refused') {
      busy = 0;
      if (++refusals >= MOST_REFUSALS) stop(`refused ${refusals} times in a row; the last time: ${told.message}`);
    } else {
      if (++busy >= MOST_REFUSALS) stop(`did not answer, or asked for patience, ${busy} times in a row; the last time: ${told.message}`);
    }
    const pause = Math.max(Math.min(MOST_PATIENCE_MS, told.retryAfterMs ?? 0), Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** busy));
    return { outcome: told.outcome, message: told.message, pause };
  }

  function stop(why: string): void {
    if (!stopped) outcome.failures.push(why);
    stopped = true;
  }

  /** Who lets us look may still refuse all that is written. */
  function answered(to: 'look' | 'write'): void {
    if (to === 'write') refusals = 0;
    busy = 0;
  }

  /** Waits where the patience allows it. */
  async function rest(milliseconds: number): Promise<boolean> {
    if (signal.aborted || waited + milliseconds > patience) return false;
    waited += milliseconds;
    await clock.sleep(milliseconds, signal).catch(() => {});
    return !signal.aborted;
  }

  /** Sees what people did with tickets, and whether one was made twice. */
  async function look(): Promise<void> {
    await queue.recoverWrites(tenant, name, clock.now());
    if (!canFind) return;
    const asked = [...(await queue.waitingWrites(tenant, name)), ...(await queue.refusedWrites(tenant, name, false))];
    const reopening = new Set(asked.filter(({ op }) => op === 'reopen').map(({ decision }) => decision));
    for (const ticket of await queue.linkedTickets(tenant, name)) {
      if (stopped || signal.aborted) return;
      const verify = ticket.verifyAt !== undefined && ticket.verifyAt <= clock.now();
      // What we closed is looked at where it is to be opened again; else it is left to whoever opens it.
      const rests = ticket.closedBy === 'noctule' && !ticket.isLive && !reopening.has(ticket.decision);
      if ((rests && !verify) || ticket.inDoubt) continue;
      try {
        const seen = await lookAt(ticket, verify, rests);
        answered('look');
        if (ticket.closedBy === 'noctule' && !seen.ticket) {
          gone.add(ticket.decision);
          continue;
        }
        if (seen.ticket?.elsewhere !== undefined) moved.add(ticket.decision);
        await queue.sawTicket(ticket, name, seen, clock.now());
      } catch (error) {
        if (!(error instanceof SinkError) && !signal.aborted && isOurs(error)) throw error;
        const { outcome: how, message, pause } = failed(error);
        if (how === 'refused') outcome.failures.push(`${ticket.label} cannot be looked at: ${message}`);
        else if (!(await rest(pause))) return stop(message);
      }
    }
  }

  async function lookAt(ticket: LinkedTicket, verify: boolean, rests: boolean) {
    const known: RemoteTicket = {
      id: ticket.remoteId,
      label: ticket.label,
      state: 'closed',
      ...(ticket.url !== null && { url: ticket.url }),
    };
    const own = rests ? known : await sink.get(ticket.remoteId, signal);
    if (!verify) return { ticket: own };
    const found = await sink.find(markerOf(ticket.decision, ticket.generation), [ticket.remoteId], signal);
    return { ticket: own, duplicates: found.filter(({ id }) => id !== ticket.remoteId) };
  }

  async function write(): Promise<void> {
    for (;;) {
      let done = 0;
      let next: Date | undefined;
      const writes = await queue.waitingWrites(tenant, name);
      const blocked = new Set<string>();
      for (const one of writes) {
        if (stopped || signal.aborted) break;
        const ticket = `${one.decision}-${one.generation}`;
        if (blocked.has(ticket) || isParked(one) || (one.op !== 'create' && one.remoteId === undefined)) continue;
        if (one.notBefore > clock.now()) {
          blocked.add(ticket);
          if (next === undefined || one.notBefore < next) next = one.notBefore;
          continue;
        }
        const end = await send(one);
        if (end.is === 'done') done++;
        else blocked.add(ticket);
        if (end.is === 'done' || end.is === 'dead') continue;
        if (next === undefined || end.notBefore < next) next = end.notBefore;
        // It asks all of us for patience, not this write alone.
        if (end.busy && !(await rest(end.notBefore.getTime() - clock.now().getTime()))) stop(end.message);
      }
      if (stopped || signal.aborted) break;
      if (done > 0) continue;
      if (next === undefined || !(await rest(Math.max(0, next.getTime() - clock.now().getTime())))) break;
    }
    await count();
  }

  /** Nobody can say whether it was written, and to send it again might write it twice. */
  function isParked({ state }: QueuedWrite): boolean {
    return state === 'unknown' && !canFind && !sink.dropsRepeats;
  }

  type End = { is: 'done' } | { is: 'dead' } | { is: 'queued' | 'unknown'; notBefore: Date; busy: boolean; message: string };

  async function send(one: QueuedWrite): Promise<End> {
    let made: Made | undefined;
    if (one.op === 'create' && canFind) {
      const there = await lookedFor(one);
      if (there !== undefined && 'is' in there) return there;
      made = there;
    }
    if (made === undefined) {
      if (!(await queue.beginWrite(one.id, clock.now()))) return { is: 'done' };
      const sentAt = clock.now();
      try {
        const ticket = await sent(one);
        if (ticket) made = { ticket, by: 'sent', duplicates: [], ...verifying(sentAt) };
      } catch (error) {
        if (!(error instanceof SinkError) && isOurs(error)) throw error;
        return kept(one, error, sentAt);
      }
      answered('write');
    } else outcome.adopted++;
    await queue.endWrite(one.id, { is: 'done', at: clock.now(), ...(made && { made }) });
    outcome.done[one.op]++;
    outcome.keys.push(one.idempotencyKey);
    outcome.written.push({ op: one.op, label: made?.ticket.label ?? one.label ?? '', decision: one.decision });
    return { is: 'done' };
  }

  function verifying(sentAt: Date): Pick<Made, 'verifyAt'> {
    return canFind ? { verifyAt: after(sink.findableAfterMs! + late, sentAt) } : {};
  }

  /** Before a creation is sent, first or again: is it there already? Undefined = it is not, and it is safe to send it. */
  async function lookedFor(one: QueuedWrite): Promise<Made | End | undefined> {
    let found: readonly RemoteTicket[];
    try {
      found = await sink.find(markerOf(one.decision, one.generation), [], signal);
      // What was sent once was looked for by these before.
      if (found.length === 0 && one.state !== 'unknown') found = await foundByFormer(one);
    } catch (error) {
      const { outcome: how, message, pause } = failed(error);
      if (how === 'refused') outcome.failures.push(`${one.label ?? one.decision} cannot be looked for: ${message}`);
      const notBefore = after(how === 'refused' ? REFUSED_MS : pause);
      // What cannot be looked for is not sent; what was sent is still unknown.
      const is = one.state === 'unknown' ? 'unknown' : how === 'refused' ? 'dead' : 'queued';
      await queue.endWrite(one.id, { is, notBefore, message });
      if (is === 'dead') return { is };
      return { is, notBefore, busy: how !== 'refused', message };
    }
    answered('look');
    const [oldest, ...duplicates] = found;
    const wasSent = one.state === 'unknown';
    if (oldest) return { ticket: oldest, by: wasSent ? 'sent' : 'found', duplicates, ...verifying(one.sentAt ?? clock.now()) };
    if (!wasSent || one.sentAt === undefined) return undefined;
    // Not there, and it may come yet: first when the tracker lists what is new, at last when nothing can be on its way any more.
    const listed = after(sink.findableAfterMs!, one.sentAt);
    const over = after(sink.findableAfterMs! + late, one.sentAt);
    if (clock.now() >= over) return undefined;
    const notBefore = clock.now() < listed ? listed : over;
    const message = one.message ?? 'It was sent, and is not found yet';
    await queue.endWrite(one.id, { is: 'unknown', notBefore, message });
    return { is: 'unknown', notBefore, busy: false, message };
  }

  /**
   * In a database that was begun anew, a decision has the id of what its apps are known as by now; its ticket has the marker of what they were
   * known as when it was made. An open one goes on, and what was merged into it stays closed.
   */
  async function foundByFormer({ decision, generation }: QueuedWrite): Promise<readonly RemoteTicket[]> {
    const found: RemoteTicket[] = [];
    for (const former of await queue.formerDecisions(decision, { decisionId, formerIds }))
      found.push(...(await sink.find(markerOf(former, generation), [], signal)));
    return [...found.filter(({ state }) => state === 'open'), ...found.filter(({ state }) => state === 'closed')];
  }

  async function sent(one: QueuedWrite): Promise<RemoteTicket | undefined> {
    const { payload, idempotencyKey } = one;
    if ('document' in payload) {
      const { document, severity } = payload;
      const marker = markerOf(one.decision, one.generation);
      const draft: Draft = { marker, idempotencyKey, document, severity, ...(audit && { audit }) };
      if (one.op === 'create') return sink.create(draft, signal);
      await sink.update(one.remoteId!, draft, signal);
      return undefined;
    }
    const comment: Comment = { idempotencyKey, paragraphs: payload.paragraphs, ...(audit && { audit }) };
    const id = payload.remoteId ?? one.remoteId!;
    if (one.op === 'close') await sink.close(id, comment, signal);
    else if (one.op === 'reopen') await sink.reopen(id, comment, signal);
    else await sink.comment(id, comment, signal);
    return undefined;
  }

  /** Keeps what is known of a write that failed. */
  async function kept(one: QueuedWrite, error: unknown, sentAt: Date): Promise<End> {
    const { outcome: how, message, pause } = failed(error);
    if (how === 'refused') {
      outcome.failures.push(`${one.op} of ${one.label ?? one.decision}: ${message}`);
      await queue.endWrite(one.id, { is: 'dead', notBefore: after(REFUSED_MS), message });
      return { is: 'dead' };
    }
    const is = how === 'busy' ? 'queued' : 'unknown';
    const notBefore = is === 'unknown' && one.op === 'create' && canFind ? after(sink.findableAfterMs!, sentAt) : after(pause);
    await queue.endWrite(one.id, { is, notBefore, message });
    return { is, notBefore, busy: how === 'busy', message };
  }

  async function count(): Promise<void> {
    const left = await queue.waitingWrites(tenant, name);
    outcome.unknown = left.filter(({ state }) => state === 'unknown').length;
    outcome.waiting = left.length - outcome.unknown;
    outcome.refused = (await queue.refusedWrites(tenant, name, false)).length;
    outcome.failures.push(...left.filter(isParked).map(unknownText));
  }

  return { outcome, gone, moved, look, write };
}

/** What somebody has to find out who can look into the tracker. */
export function unknownText({ id, op, label, decision, message }: QueuedWrite): string {
  const why = message ?? 'no answer';
  return `nobody can tell whether the ${op} of ${label ?? decision} was written: ${why}. \`noctule tickets settle ${id}\` is for who looked`;
}

/** What the store throws is told as it is; what a sink throws that is no SinkError is a bug of the sink. */
function isOurs(error: unknown): boolean {
  return error instanceof Error && ['StorageError', 'LeaseLost'].includes(error.name);
}
