import type { Run, TicketDocument } from './document.ts';

/**
 * The seam between the queue of tickets and a tracker. A sink holds no state of its own and never decides: it looks up, writes once,
 * and says plainly when it cannot know whether a write happened.
 */
export interface Sink {
  /** The kind of tracker, as in the configuration: `github`, `jira`, `redmine` … */
  readonly kind: string;
  /** What it writes to, for people: `corp.example/SEC`. No credential. */
  readonly place: string;
  /**
   * Milliseconds until `find` is sure to list a ticket that was just made; 0 = at once.
   * Absent = the tracker cannot be asked (a webhook): an unknown outcome stays unknown, or is sent again under the same key where
   * the receiver is bound to drop what it has seen (`dropsRepeats`).
   */
  readonly findableAfterMs?: number;
  /** The receiver drops what comes again under the same key, so that a repeat is safe. */
  readonly dropsRepeats: boolean;
  /** Every ticket that carries the marker, open and closed, the oldest first. `made` = ids of tickets known by other ways, for trackers that can be told to look at those too. */
  find(marker: Marker, made: readonly string[], signal: AbortSignal): Promise<readonly RemoteTicket[]>;
  /** The ticket as it is now; undefined = it is there no more. */
  get(id: string, signal: AbortSignal): Promise<RemoteTicket | undefined>;
  create(ticket: Draft, signal: AbortSignal): Promise<RemoteTicket>;
  /** Title and body rewritten in place; what people wrote below stays. */
  update(id: string, ticket: Draft, signal: AbortSignal): Promise<void>;
  comment(id: string, comment: Comment, signal: AbortSignal): Promise<void>;
  /** With the comment, in this order: comment, then state, where the tracker has no single step. A closed ticket stays as it is. */
  close(id: string, comment: Comment, signal: AbortSignal): Promise<void>;
  /** An open ticket stays as it is. */
  reopen(id: string, comment: Comment, signal: AbortSignal): Promise<void>;
}

/** `noctule-` and letters, digits or hyphens only: what a ticket is found by. It goes into queries; nothing else ever does. */
export type Marker = `noctule-${string}`;

export interface Draft {
  marker: Marker;
  /** The same for each repeat of this one write. */
  idempotencyKey: string;
  document: TicketDocument;
  severity: 'low' | 'medium' | 'high' | 'critical';
  audit?: AuditHead;
}

/**
 * The end of the audit trail when the batch began that a write belongs to: who holds it elsewhere can prove that the trail was not rewritten
 * since (`noctule audit verify --head`). It decides nothing: what is written for its sake alone is written never.
 */
export interface AuditHead {
  number: number;
  /** SHA-256 in hex. */
  hash: string;
}

export interface Comment {
  /** The same for each repeat of this one write; a sink that can read comments looks for it before it writes again. */
  idempotencyKey: string;
  paragraphs: readonly (readonly Run[])[];
  audit?: AuditHead;
}

export interface RemoteTicket {
  /** The tracker's own immutable id. */
  id: string;
  /** What people call it: `SEC-12`, `#12`. */
  label: string;
  /** Where people open it; https, or http on loopback. */
  url?: string;
  /** Of one that lies elsewhere and is not shown there: open. */
  state: 'open' | 'closed';
  /** Where it lies by now, for people, where that is no place that the sink writes to: `project OPS`. */
  elsewhere?: string;
  /** When it last changed, ISO 8601 UTC, where the tracker says. */
  changedAt?: string;
}

/** Why a call to a tracker did not do what it should. */
export class SinkError extends Error {
  override name = 'SinkError';
  /** `refused`: nothing was written, and the same call will be refused again. `busy`: nothing was written, later it may. `unknown`: nobody can tell whether it was written. */
  readonly outcome: 'refused' | 'busy' | 'unknown';
  /** Not to be asked again before this many milliseconds. */
  readonly retryAfterMs: number | undefined;
  constructor(outcome: SinkError['outcome'], message: string, options: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.outcome = outcome;
    this.retryAfterMs = options.retryAfterMs;
  }
}
