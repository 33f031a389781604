import { hash } from 'node:crypto';
import type { Database as Connection } from 'better-sqlite3';
import type { AuditEvent } from '../audit/chain.ts';
import { appendAudit } from './audit.ts';
import { prepared } from './prepared.ts';
import type { RemoteTicket } from '../tickets/sink.ts';
import type { Operation, Payload, TicketPlan, TicketPlanner } from '../tickets/world.ts';
import { openExisting, plannedTickets, queueTickets } from './tickets.ts';
import type { Turn } from './turns.ts';

/** A write that waits for its tracker, and the ticket that it is for. */
export interface QueuedWrite {
  id: number;
  decision: string;
  generation: number;
  op: Operation;
  payload: Payload;
  idempotencyKey: string;
  /** `unknown` = it was sent, and nobody knows what came of it. */
  state: 'queued' | 'unknown';
  attempts: number;
  notBefore: Date;
  /** Begin of the last attempt. */
  sentAt: Date | undefined;
  /** Why the last attempt failed. */
  message: string | null;
  /** Undefined = the ticket is not known to be made. */
  remoteId: string | undefined;
  label: string | null;
}

/** What came of a write. */
export type WriteOutcome =
  | { is: 'done'; at: Date; made?: Made }
  /** Nothing was written, and it is to be tried again; `unknown` = nobody knows; `dead` = it would be refused again until then. */
  | { is: 'queued' | 'unknown' | 'dead'; notBefore: Date; message: string };

export interface Made {
  ticket: RemoteTicket;
  /** `found` = it was there before anything was sent, and may say something else. */
  by: 'sent' | 'found';
  /** Others that carry the same marker. */
  duplicates: readonly RemoteTicket[];
  /** When it is looked whether the tracker made it twice. */
  verifyAt?: Date;
}

/** A ticket that is known to be made, of the last generation. */
export interface LinkedTicket {
  decision: string;
  generation: number;
  remoteId: string;
  label: string;
  url: string | null;
  remoteState: 'open' | 'closed' | 'missing';
  closedBy: 'noctule' | 'human' | null;
  closedAt: string | null;
  verifyAt: Date | undefined;
  /** A closing or opening of ours is on its way, and nobody knows how far it came. */
  inDoubt: boolean;
  /** Does the decision need one? */
  isLive: boolean;
  /** It stands for decisions above the cap; whether it is needed, a plan says. */
  isDigest: boolean;
  /** What it is about: the title of its gravest finding, in the words of a provider. */
  title: string | null;
}

/** What a decision about a product may have been about before. */
export interface Was {
  decisionId: TicketPlanner['decisionId'];
  /** What the product was called in earlier catalogs. */
  formerIds(product: string): readonly string[];
}

/** The queues of trackers. Each method is one unit of work. */
export interface TicketQueue {
  /** Asks for what is to be written by what is known now; `look` = nothing of it is kept. */
  planTickets(tenant: string, planner: TicketPlanner, keep?: 'keep' | 'look'): Promise<TicketPlan>;
  /** What was open before a tracker was first planned for gets tickets too. */
  openExisting(tenant: string, sinks: readonly string[]): Promise<void>;
  /**
   * Whoever sends is alone: what is found as being sent was left behind by a process that died. What no plan asks for again, the closing of a
   * ticket that was made twice, is tried again when it may be.
   */
  recoverWrites(tenant: string, sink: string, now: Date): Promise<void>;
  /** What is queued or unknown, in order. */
  waitingWrites(tenant: string, sink: string): Promise<QueuedWrite[]>;
  /**
   * What was refused, and would be again for a while, but for what was to be written to a ticket that is there no more, or after which there is
   * another; `retry` = it may be asked for again at once.
   */
  refusedWrites(tenant: string, sink: string, retry: boolean): Promise<{ op: Operation; decision: string; message: string | null }[]>;
  /** Keeps that a write is sent from now on; false = nobody wants it any more. */
  beginWrite(id: number, now: Date): Promise<boolean>;
  endWrite(id: number, outcome: WriteOutcome): Promise<void>;
  /**
   * Ids that the decision would have, had it been made when the catalog did not know its apps, or knew its product by another id: its ticket may
   * be found by these where the database was lost. Those under which something is known here are another decision's.
   */
  formerDecisions(decision: string, was: Was): Promise<string[]>;
  /** What somebody found out of a write of unknown outcome, with the event that tells of it; false = it is none any more. */
  settleWrite(tenant: string, id: number, outcome: WriteOutcome, event: AuditEvent): Promise<boolean>;
  linkedTickets(tenant: string, sink: string): Promise<LinkedTicket[]>;
  /** Keeps how a tracker shows a ticket; undefined = it is there no more. */
  sawTicket(
    of: Pick<LinkedTicket, 'decision' | 'generation'>,
    sink: string,
    seen: { ticket: RemoteTicket | undefined; duplicates?: readonly RemoteTicket[] },
    now: Date,
  ): Promise<void>;
}

export function ticketQueueOf(database: Connection, unit: Turn): TicketQueue {
  return {
    planTickets: (tenant, planner, keep = 'keep') =>
      unit(() => (keep === 'keep' ? queueTickets(database, tenant, planner) : plannedTickets(database, tenant, planner))),
    openExisting: (tenant, sinks) => unit(() => openExisting(database, tenant, sinks)),
    recoverWrites: (tenant, sink, now) => unit(() => recoverWrites(database, tenant, sink, now)),
    waitingWrites: (tenant, sink) => unit(() => waitingWrites(database, tenant, sink)),
    refusedWrites: (tenant, sink, retry) => unit(() => refusedWrites(database, tenant, sink, retry)),
    beginWrite: (id, now) => unit(() => beginWrite(database, id, now)),
    endWrite: (id, outcome) => unit(() => endWrite(database, id, outcome)),
    formerDecisions: (decision, was) => unit(() => formerDecisions(database, decision, was)),
    settleWrite: (tenant, id, outcome, event) =>
      unit(() => {
        const isUnknown = prepared(database, `SELECT 1 FROM outbox WHERE id = ? AND tenant = ? AND state = 'unknown'`).pluck();
        if (isUnknown.get(id, tenant) === undefined) return false;
        appendAudit(database, tenant, event);
        endWrite(database, id, outcome);
        return true;
      }),
    linkedTickets: (tenant, sink) => unit(() => linkedTickets(database, tenant, sink)),
    sawTicket: (of, sink, seen, now) => unit(() => sawTicket(database, of, sink, seen, now)),
  };
}

function recoverWrites(database: Connection, tenant: string, sink: string, now: Date): void {
  prepared(database, `UPDATE outbox SET state = 'unknown' WHERE tenant = ? AND sink = ? AND state <> 'done' AND state = 'sending'`).run(
    tenant,
    sink,
  );
  prepared(
    database,
    `UPDATE outbox SET state = 'queued' WHERE tenant = ? AND sink = ? AND state <> 'done' AND state = 'dead' AND not_before <= ? AND payload ->> '$.remoteId' IS NOT NULL`,
  ).run(tenant, sink, now.toISOString());
}

function waitingWrites(database: Connection, tenant: string, sink: string): QueuedWrite[] {
  const rows = prepared(
    database,
    `SELECT o.id, o.decision, o.generation, o.op, o.payload, o.idempotency_key AS idempotencyKey, o.state, o.attempts, o.not_before AS notBefore,
         o.sent_at AS sentAt, o.message, t.remote_id AS remoteId, t.label
       FROM outbox o JOIN ticket t ON t.decision = o.decision AND t.sink = o.sink AND t.generation = o.generation
       WHERE o.tenant = ? AND o.sink = ? AND o.state <> 'done' AND o.state IN ('queued', 'unknown') ORDER BY o.id`,
  ).all(tenant, sink) as (Omit<QueuedWrite, 'payload' | 'notBefore' | 'sentAt' | 'remoteId'> & {
    payload: string;
    notBefore: string;
    sentAt: string | null;
    remoteId: string | null;
  })[];
  return rows.map(({ payload, notBefore, sentAt, remoteId, ...row }) => ({
    ...row,
    payload: JSON.parse(payload) as Payload,
    notBefore: new Date(notBefore),
    sentAt: sentAt === null ? undefined : new Date(sentAt),
    remoteId: remoteId ?? undefined,
  }));
}

function refusedWrites(database: Connection, tenant: string, sink: string, retry: boolean) {
  if (retry)
    prepared(database, `UPDATE outbox SET not_before = '' WHERE tenant = ? AND sink = ? AND state <> 'done' AND state = 'dead'`).run(
      tenant,
      sink,
    );
  return prepared(
    database,
    `SELECT o.op, o.decision, o.message FROM outbox o JOIN ticket t ON t.decision = o.decision AND t.sink = o.sink AND t.generation = o.generation
       WHERE o.tenant = ? AND o.sink = ? AND o.state <> 'done' AND o.state = 'dead'
         AND (o.payload ->> '$.remoteId' IS NOT NULL OR (t.remote_state IS NOT 'missing' AND NOT EXISTS (
           SELECT 1 FROM ticket l WHERE l.decision = t.decision AND l.sink = t.sink AND l.generation > t.generation)))
       ORDER BY o.id`,
  ).all(tenant, sink) as { op: Operation; decision: string; message: string | null }[];
}

function beginWrite(database: Connection, id: number, now: Date): boolean {
  const begun = prepared(
    database,
    `UPDATE outbox SET state = 'sending', attempts = attempts + 1, sent_at = ? WHERE id = ? AND state IN ('queued', 'unknown')`,
  ).run(now.toISOString(), id);
  if (begun.changes === 0) return false;
  // Until it is known that the text arrived, nobody knows what stands there.
  prepared(
    database,
    `UPDATE ticket SET content_hash = NULL WHERE (decision, sink, generation) = (SELECT decision, sink, generation FROM outbox WHERE id = ? AND op = 'update')`,
  ).run(id);
  return true;
}

interface Written {
  tenant: string;
  sink: string;
  decision: string;
  generation: number;
  op: Operation;
  payload: string;
}

function endWrite(database: Connection, id: number, outcome: WriteOutcome): void {
  if (outcome.is !== 'done') {
    prepared(database, 'UPDATE outbox SET state = ?, not_before = ?, message = ? WHERE id = ?').run(
      outcome.is,
      outcome.notBefore.toISOString(),
      outcome.message,
      id,
    );
    return;
  }
  const written = prepared(database, 'SELECT tenant, sink, decision, generation, op, payload FROM outbox WHERE id = ?').get(id) as
    | Written
    | undefined;
  // Another process took it out of the queue meanwhile, with its ticket.
  if (!written) return;
  // What was written is in the tracker; of the queue nothing is left but that it happened.
  prepared(database, `UPDATE outbox SET state = 'done', message = NULL, payload = '{}' WHERE id = ?`).run(id);
  const payload = JSON.parse(written.payload) as Payload;
  if ('remoteId' in payload && payload.remoteId !== undefined) return;
  const at = outcome.at.toISOString();
  const set = (columns: Record<string, string | null>) => setTicket(database, written, { ...columns, last_sync: at });
  const told = payload.told === undefined ? {} : { told: JSON.stringify(payload.told), last_comment_day: at.slice(0, 10) };
  if (written.op === 'create') {
    if (!outcome.made || !('contentHash' in payload)) throw new Error('A creation ends with a ticket');
    const { ticket, by, duplicates, verifyAt } = outcome.made;
    set({
      ...told,
      ...linkOf(ticket),
      ...stateOf(ticket, at),
      content_hash: by === 'sent' ? payload.contentHash : null,
      verify_at: verifyAt?.toISOString() ?? null,
    });
    closeDuplicates(database, written, ticket, duplicates, at);
  } else if (written.op === 'update' && 'contentHash' in payload) set({ content_hash: payload.contentHash });
  else if (written.op === 'close') set({ remote_state: 'closed', closed_by: 'noctule', closed_at: at });
  else if (written.op === 'reopen') set({ ...told, remote_state: 'open', closed_by: null, closed_at: null });
  else set(told);
}

function linkOf({ id, label, url }: RemoteTicket): Record<string, string | null> {
  return { remote_id: id, label, url: url ?? null };
}

/** Who closed what was not closed by a write of ours, was somebody else. */
function stateOf(ticket: RemoteTicket | undefined, at: string): Record<string, string | null> {
  if (ticket?.state === 'open') return { remote_state: 'open', closed_by: null, closed_at: null };
  return { remote_state: ticket ? 'closed' : 'missing', closed_by: 'human', closed_at: ticket?.changedAt ?? at };
}

function setTicket(
  database: Connection,
  { decision, sink, generation }: Pick<Written, 'decision' | 'sink' | 'generation'>,
  columns: Record<string, string | null>,
): void {
  const names = Object.keys(columns);
  prepared(
    database,
    `UPDATE ticket SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE decision = ? AND sink = ? AND generation = ?`,
  ).run(...Object.values(columns), decision, sink, generation);
}

/** A tracker, or something on the way to it, may make of one request two tickets. The oldest stays. */
function closeDuplicates(
  database: Connection,
  { tenant, sink, decision, generation }: Omit<Written, 'op' | 'payload'>,
  kept: Pick<RemoteTicket, 'id' | 'label'>,
  duplicates: readonly RemoteTicket[],
  at: string,
): void {
  const insert = prepared(
    database,
    `INSERT OR IGNORE INTO outbox (tenant, sink, decision, generation, op, payload, idempotency_key, state, not_before, scan_id, queued_at)
     VALUES (@tenant, @sink, @decision, @generation, 'close', @payload, @key, 'queued', @at, 0, @at)`,
  );
  for (const { id, state } of duplicates) {
    if (state === 'closed' || id === kept.id) continue;
    const payload: Payload = {
      paragraphs: [['It goes on in ', { name: kept.label }, ', which is about the same.']],
      remoteId: id,
    };
    const key = `${sink}.${decision}-${generation}.close-duplicate.${hash('sha256', id, 'hex').slice(0, 16)}`;
    insert.run({ tenant, sink, decision, generation, payload: JSON.stringify(payload), key, at });
  }
}

/** Each is a question to the tracker. */
const MOST_FORMER = 10;

function formerDecisions(database: Connection, decision: string, { decisionId, formerIds }: Was): string[] {
  const about = prepared(
    database,
    'SELECT tenant, connector, rule_group AS "group", product FROM decision WHERE id = ? AND product IS NOT NULL',
  ).get(decision) as { tenant: string; connector: string; group: string; product: string } | undefined;
  if (!about) return [];
  // Those that the decision was made of before others of the product, which may have had a ticket in another account.
  const apps = prepared(
    database,
    `SELECT app_id FROM integration i WHERE tenant = @tenant AND connector = @connector AND product = @product GROUP BY app_id
       ORDER BY max(EXISTS (SELECT 1 FROM decision_finding m CROSS JOIN finding f ON f.key = m.key WHERE m.decision = @decision
         AND f.tenant = i.tenant AND f.connector = i.connector AND f.account = i.account AND f.app_id = i.app_id)) DESC,
         min(first_scan), app_id LIMIT ${MOST_FORMER}`,
  )
    .pluck()
    .all({ ...about, decision }) as string[];
  const ids = [
    ...formerIds(about.product).map((product) => decisionId({ ...about, product, appId: null }, 0)),
    ...apps.map((appId) => decisionId({ ...about, product: null, appId }, 0)),
  ];
  const known = prepared(database, 'SELECT 1 FROM decision WHERE id = ?').pluck();
  return ids.filter((id) => known.get(id) === undefined).slice(0, MOST_FORMER);
}

function linkedTickets(database: Connection, tenant: string, sink: string): LinkedTicket[] {
  const rows = prepared(
    database,
    `SELECT t.decision, t.generation, t.remote_id AS remoteId, t.label, t.url, t.remote_state AS remoteState, t.closed_by AS closedBy,
         t.closed_at AS closedAt, t.verify_at AS verifyAt,
         EXISTS (SELECT 1 FROM outbox o WHERE o.decision = t.decision AND o.sink = t.sink AND o.generation = t.generation
                 AND o.op IN ('close', 'reopen') AND o.state IN ('sending', 'unknown')) AS inDoubt,
         EXISTS (SELECT 1 FROM decision_finding m JOIN finding f ON f.key = m.key WHERE m.decision = t.decision AND f.state IN ('open', 'acknowledged')) AS isLive,
         d.rule_group = 'digest' AS isDigest,
         (SELECT f.title FROM decision_finding m JOIN finding f ON f.key = m.key WHERE m.decision = t.decision ORDER BY f.rank DESC, f.key LIMIT 1) AS title
       FROM ticket t JOIN decision d ON d.id = t.decision
       WHERE d.tenant = ? AND t.sink = ? AND t.remote_id IS NOT NULL
         AND t.generation = (SELECT max(generation) FROM ticket l WHERE l.decision = t.decision AND l.sink = t.sink AND l.remote_id IS NOT NULL)
       ORDER BY t.decision`,
  ).all(tenant, sink) as (Omit<LinkedTicket, 'verifyAt' | 'inDoubt' | 'isLive' | 'isDigest'> & {
    verifyAt: string | null;
    inDoubt: number;
    isLive: number;
    isDigest: number;
  })[];
  return rows.map(({ verifyAt, inDoubt, isLive, isDigest, ...row }) => ({
    ...row,
    verifyAt: verifyAt === null ? undefined : new Date(verifyAt),
    inDoubt: inDoubt === 1,
    isLive: isLive === 1,
    isDigest: isDigest === 1,
  }));
}

function sawTicket(
  database: Connection,
  { decision, generation }: Pick<LinkedTicket, 'decision' | 'generation'>,
  sink: string,
  { ticket, duplicates }: { ticket: RemoteTicket | undefined; duplicates?: readonly RemoteTicket[] },
  now: Date,
): void {
  const at = now.toISOString();
  const known = prepared(
    database,
    `SELECT d.tenant, t.sink, t.decision, t.generation, t.remote_state AS remoteState, t.remote_id AS id, t.label, t.url FROM ticket t JOIN decision d ON d.id = t.decision
       WHERE t.decision = ? AND t.sink = ? AND t.generation = ?`,
  ).get(decision, sink, generation) as
    | (Omit<Written, 'op' | 'payload'> & { remoteState: string | null; id: string; label: string; url: string | null })
    | undefined;
  if (!known) return;
  // Who closed it, and when, was noted when it was first seen so.
  const changed = known.remoteState !== (ticket?.state ?? 'missing');
  setTicket(database, known, {
    last_sync: at,
    ...(ticket && linkOf(ticket)),
    // Of one that was moved out of sight, the last that is known.
    ...(ticket && ticket.url === undefined && { url: known.url }),
    ...(changed && stateOf(ticket, at)),
    ...(duplicates && { verify_at: null }),
  });
  if (duplicates) closeDuplicates(database, known, known, duplicates, at);
}
