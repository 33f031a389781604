import type { RuleGroup } from '../policy/rule-groups.ts';
import type { Grade } from '../catalog/match.ts';
import type { FindingState, Severity } from '../policy/judged.ts';
import type { Run, TicketDocument } from './document.ts';

/** What a plan of tickets rests on. */
export interface TicketWorld {
  tenant: string;
  /** The last judged scan. */
  scan: number;
  sinks: ReadonlyMap<string, SinkFacts>;
  /** Those that need a decision or have a ticket; a digest's has no findings. Read once, one after the other. */
  decisions: Iterable<DecisionFacts>;
  /** The text of the policy by which the last scan before that one was judged; null = there was none, undefined = it is not kept any more. */
  policyBefore(scan: number): string | null | undefined;
}

export interface SinkFacts {
  /** What was open in that scan, and has not moved since, gets no ticket; undefined = the sink is new. */
  baselineScan: number | undefined;
  /** Creations that were asked for since the last scan. */
  created: number;
}

export interface DecisionFacts {
  id: string;
  connector: string;
  group: RuleGroup | 'digest';
  product: string | null;
  appId: string | null;
  /** Its findings went on under that decision. */
  mergedInto: string | null;
  /** All that ever belonged to it, the gravest first. */
  findings: readonly DecidedFinding[];
  /** By sink, the last generation alone. */
  tickets: ReadonlyMap<string, TicketFacts>;
}

export interface DecidedFinding {
  key: string;
  connector: string;
  account: string;
  rule: string;
  appId: string;
  product: string | null;
  severity: Severity;
  rank: number;
  state: FindingState;
  /** JSON, see FindingBody. */
  body: string;
  firstScan: number;
  /** The scan in which its state began. */
  stateScan: number;
  /** ISO 8601; null = what it rests on was read. */
  unverifiedSince: string | null;
  /** Of a resolved one: scans that read the places that it rested on, and did not see it. */
  readGone: number;
  /** The app, by its own name, and whether it is there. */
  appName: string;
  appState: 'present' | 'unverified' | 'gone';
  /** How surely the app is known to be the product. */
  appGrade: Grade;
  /** JSON: how the app was judged last; null where the finding is not resolved. */
  appBody: string | null;
}

export interface TicketFacts {
  generation: number;
  remoteId: string | null;
  label: string | null;
  url: string | null;
  remoteState: 'open' | 'closed' | 'missing' | null;
  contentHash: string | null;
  told: Told | null;
  closedBy: 'noctule' | 'human' | null;
  closedAt: string | null;
  lastCommentDay: string | null;
  /** What people call the ticket of the generation before. */
  earlier: string | null;
  /** It lies where nothing is written. Known to whoever has just looked. */
  isMoved?: true;
  /** What waits to be written, in order. */
  waiting: readonly WaitingWrite[];
}

export const OPERATIONS = ['create', 'update', 'comment', 'close', 'reopen'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface WaitingWrite {
  id: number;
  op: Operation;
  state: 'queued' | 'sending' | 'unknown' | 'dead';
  attempts: number;
  notBefore: string;
  /** Of a creation or an update. */
  contentHash: string | null;
}

/** What a ticket said of its decision when somebody was last notified. No names. */
export interface Told {
  severity: Severity;
  /** Keys of its findings. */
  findings: readonly string[];
  holders: number;
  administrators: number;
}

/** What is written, as it waits in the queue. */
export type Payload =
  | { document: TicketDocument; severity: Severity; contentHash: string; told: Told }
  | { paragraphs: readonly (readonly Run[])[]; told?: Told; /** Instead of the ticket's own. */ remoteId?: string };

/** A write that a plan asks for. */
export interface Wanted {
  sink: string;
  decision: string;
  generation: number;
  op: Operation;
  /** For people; may hold what a provider said. */
  title: string;
  why: string;
  payload: Payload;
}

/** Why something that could be written is not, for now. */
export type Withheld =
  | 'baseline'
  | 'below severity'
  | 'over the cap'
  | 'closed by somebody'
  | 'moved'
  | 'waits for a scan that reads'
  | 'refused';

export interface TicketPlan {
  wanted: Wanted[];
  /** Waiting writes that nobody needs any more; none of them was ever sent. `whole` = the ticket was not made either. */
  withdrawn: { sink: string; decision: string; generation: number; write: number; whole: boolean }[];
  /** Tickets that somebody closed, and whose decision is settled by now: what comes back is news. */
  settled: { sink: string; decision: string; generation: number }[];
  /** Decisions for which something is withheld, by sink and reason. */
  withheld: { sink: string; reason: Withheld; decisions: number }[];
  /** Sinks that are planned for the first time. */
  began: { sink: string; baseline: number }[];
  /** Decisions of digests that are not stored yet. */
  digests: { id: string; sink: string }[];
}

/** The pure side of planning, as the store streams facts through it. */
export interface TicketPlanner {
  now: Date;
  sinks: readonly string[];
  /** The group of each rule. */
  groups: Readonly<Record<string, string>>;
  /** The id of a decision about that; `number` = which of those that were ever about the same. */
  decisionId(
    about: { tenant: string; connector: string; group: string; product: string | null; appId: string | null },
    number: number,
  ): string;
  plan(world: TicketWorld): TicketPlan;
}
