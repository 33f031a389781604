import { isOver, type Approval, type Policy } from './policy.ts';
import { covers, type Recognised } from './standing.ts';

/**
 * The approval in force that is about an app, where no finding is left to say how it stands. Whether the app keeps to it was judged with the
 * findings: this only says whose word it was.
 */
export function approvalOf(app: Recognised, policy: Policy, now: Date): Approval | undefined {
  return policy.approvals.find((entry) => covers(entry, app) && !isOver(entry.expires, now));
}
