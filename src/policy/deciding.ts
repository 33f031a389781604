import { isOver, type Approval, type Denial, type Policy } from './policy.ts';
import { covers, denies, type Recognised } from './standing.ts';

/** An entry of the policy that is about an app, with its place in its list, counted from 0. */
export type Deciding =
  | { list: 'denials'; index: number; entry: Denial }
  /** `isOver`: its end is past, and it decides nothing any more. */
  | { list: 'approvals'; index: number; entry: Approval; isOver: boolean };

/**
 * Whose word there is about an app: denials, which go before all else; where there is none, the approvals in force; else those that have
 * ended. Whether the app keeps to them was judged with the findings.
 */
export function decidingEntries(app: Recognised, policy: Policy, now: Date): Deciding[] {
  const denials = policy.denials.flatMap((entry, index): Deciding[] => (denies(entry, app) ? [{ list: 'denials', index, entry }] : []));
  if (denials.length > 0) return denials;
  const approvals = policy.approvals.flatMap((entry, index) =>
    covers(entry, app) ? [{ list: 'approvals' as const, index, entry, isOver: isOver(entry.expires, now) }] : [],
  );
  const inForce = approvals.filter((one) => !one.isOver);
  return inForce.length > 0 ? inForce : approvals;
}
