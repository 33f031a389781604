import type { Json } from './json.ts';
import type { Observation } from './observation.ts';
import type { Scope } from './scope.ts';

/** Everything a collector can say. */
export type ScanEvent = Observation | Covered | Unchanged | Gap | Checkpoint;

/** A statement about a place: the only ground on which absence may be concluded. */
export type Statement = Covered | Unchanged | Gap;

/**
 * The claim that all within the scope was read, save what gaps say.
 * Where nothing is claimed, nothing is resolved.
 */
export interface Covered {
  type: 'covered';
  scope: Scope;
  /** For a log: the window that was read. A log resolves nothing. */
  window?: { from: string; to: string };
}

/**
 * The claim that a complete change log has no event about this place since it was last read.
 * It renews the last deciding statement and is worth no more: over a gap or over nothing, facts stay unverified.
 */
export interface Unchanged {
  type: 'unchanged';
  scope: Scope;
}

export const GAP_REASONS = [
  /** The credential may not read it. */
  'permission_denied',
  /** The plan or edition does not have it. */
  'not_licensed',
  /** The provider has no way to show it. */
  'not_observable',
  /** Left unread because nothing there looked like AI. */
  'not_of_interest',
  /** The provider's limits ended the reading. */
  'rate_limited',
  /** The provider answered wrongly, or not at all. */
  'provider_error',
  /** Part of the answer is missing: a broken page, a loop, a cap. */
  'truncated',
  /** The budget of requests or time was used up. */
  'over_budget',
  /** Not re-read for so long that a log may no longer vouch for it. */
  'stale',
] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/** Something within the scope was not read. Nothing below it may be concluded to be gone. */
export interface Gap {
  type: 'gap';
  scope: Scope;
  reason: GapReason;
  /** The permission that would have opened it. */
  permission?: string;
  /** What is invisible for it, in one plain sentence. */
  effect: string;
  /**
   * True where no credential and no setting would ever show it: a limit of the provider, not of the set-up.
   * Such gaps are counted, not listed anew each night.
   */
  byDesign?: boolean;
}

/**
 * All events before this one belong together and may be kept: a scan that is killed goes on from `cursor`.
 * What is yielded after the last checkpoint is kept when the collector ends.
 */
export interface Checkpoint {
  type: 'checkpoint';
  cursor: Json;
  /** How many of each thing have been counted so far; the last night's sizes feed the cost formula of the next plan. */
  sizes?: Readonly<Record<string, number>>;
}
