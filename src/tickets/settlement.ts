import type { Approval } from '../policy/policy.ts';
import type { Run } from './document.ts';
import type { DecidedFinding, DecisionFacts } from './world.ts';

/** Why nothing is left to decide. */
export interface Settlement {
  why: string;
  /** For the ticket. */
  words: readonly Run[];
}

/**
 * Whether a decision none of whose findings needs one is settled, and why; undefined = not yet. An approval or an exception settles at once:
 * somebody decided. That something is gone, or is not wrong any more, settles after so many scans that read the place. A denial settles
 * nothing: what is denied and there has a finding that says so.
 */
export function settlementOf(
  decision: Pick<DecisionFacts, 'findings' | 'mergedInto'>,
  resolveAfter: number,
  approvalFor: (finding: DecidedFinding) => Approval | undefined,
): Settlement | undefined {
  const reasons = new Map<string, readonly Run[]>();
  for (const finding of decision.findings) {
    const reason = reasonOf(finding, resolveAfter, approvalFor);
    if (!reason) return undefined;
    reasons.set(reason.why, reason.words);
  }
  if (decision.mergedInto !== null)
    return {
      why: 'goes on in another ticket',
      words: ['The app is known as a product by now, and goes on in the ticket of that product.'],
    };
  if (reasons.size === 0) return undefined;
  return {
    why: [...reasons.keys()].join(', '),
    words: [...reasons.values()].flatMap((words, index) => (index === 0 ? words : [' ', ...words])),
  };
}

function reasonOf(
  finding: DecidedFinding,
  resolveAfter: number,
  approvalFor: (finding: DecidedFinding) => Approval | undefined,
): Settlement | undefined {
  if (finding.state === 'excepted') return { why: 'accepted', words: ['Accepted until a day, by an exception of the policy.'] };
  const approval = BY_APPROVAL.has(finding.rule) && finding.appState !== 'gone' ? approvalFor(finding) : undefined;
  if (approval) return { why: 'approved', words: ['Approved; who answers for it: ', { name: approval.owner }, '.'] };
  if (finding.readGone < resolveAfter) return undefined;
  const scans = resolveAfter === 1 ? 'a scan that read where it was' : `${resolveAfter} scans that read where it was`;
  return finding.appState === 'gone'
    ? { why: 'gone', words: [`Gone: ${scans} did not see it.`] }
    : { why: 'not so any more', words: [`What was found is not so any more: ${scans} saw nothing of it.`] };
}

/** Rules that an approval answers by itself. A key is not gone because its tool is approved. */
const BY_APPROVAL: ReadonlySet<string> = new Set([
  'unapproved-ai-tool',
  'denied-ai-tool',
  'approval-exceeded',
  'approval-expired',
  'probation-over',
  'review-due',
  'look-alike-of-approved',
  'suspected-ai-tool',
  'ai-feature-of-general-tool',
  'entitlement-drift',
  'spread-of-ai-tool',
  'mixed-powers',
  'over-privileged-ai',
  'ai-above-people',
]);
