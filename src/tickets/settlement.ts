import type { Approval } from '../policy/policy.ts';
import { setsLimit } from '../policy/standing.ts';
import type { Run } from './document.ts';
import type { DecidedFinding, DecisionFacts } from './world.ts';

/** Why nothing is left to decide. */
export interface Settlement {
  why: string;
  /** For the ticket. */
  words: readonly Run[];
}

/** The approval that an app keeps to by now. */
export interface Word {
  approval: Approval;
  /** It was not said when what was found was last there, and it answers that. */
  isNews: boolean;
}

type WordOf = (finding: DecidedFinding) => Word | undefined;

/**
 * Whether a decision none of whose findings needs one is settled, and why; undefined = not yet. An approval that is news or an exception
 * settles at once: somebody decided. That something is gone, is not wrong any more, or keeps to its approval again, settles after so many
 * scans that read the place. A denial settles nothing: what is denied and there has a finding that says so.
 */
export function settlementOf(
  decision: Pick<DecisionFacts, 'findings' | 'mergedInto'>,
  resolveAfter: number,
  wordOf: WordOf,
): Settlement | undefined {
  const reasons = new Map<string, readonly Run[]>();
  for (const finding of decision.findings) {
    const reason = reasonOf(finding, resolveAfter, wordOf);
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

function reasonOf(finding: DecidedFinding, resolveAfter: number, wordOf: WordOf): Settlement | undefined {
  if (finding.state === 'excepted') return { why: 'accepted', words: ['Accepted until a day, by an exception of the policy.'] };
  const word = BY_APPROVAL.has(finding.rule) && finding.appState !== 'gone' ? wordOf(finding) : undefined;
  if (word?.isNews) return { why: 'approved', words: ['Approved; who answers for it: ', { name: word.approval.owner }, '.'] };
  if (finding.readGone < resolveAfter) return undefined;
  const scans = resolveAfter === 1 ? 'a scan that read where it was' : `${resolveAfter} scans that read where it was`;
  if (finding.appState === 'gone') return { why: 'gone', words: [`Gone: ${scans} did not see it.`] };
  if (word && finding.rule === 'approval-exceeded')
    return {
      why: 'keeps to its approval again',
      words: [`It keeps to its approval again: ${scans} saw nothing beyond it. Who answers for it: `, { name: word.approval.owner }, '.'],
    };
  return { why: 'not so any more', words: [`What was found is not so any more: ${scans} saw nothing of it.`] };
}

/** Does an approval answer what a rule found, if it is news? Some rules ask for more than that somebody approved. */
export function answers(rule: string, approval: Approval): boolean {
  const asks = BY_APPROVAL.get(rule);
  if (asks === 'limit') return setsLimit(approval);
  if (asks === 'limit or day') return setsLimit(approval) || approval.decided !== undefined || approval.reviewed !== undefined;
  return asks === 'approval';
}

/**
 * Rules that an approval answers by itself, and what has to stand in it. A key is not gone because its tool is approved. Power is answered by
 * whoever says how much it may do, growth also by whoever looked at it since (src/policy/power-rules.ts, past-rules.ts).
 */
const BY_APPROVAL: ReadonlyMap<string, 'approval' | 'limit' | 'limit or day'> = new Map([
  ['unapproved-ai-tool', 'approval'],
  ['denied-ai-tool', 'approval'],
  ['approval-exceeded', 'approval'],
  ['approval-expired', 'approval'],
  ['probation-over', 'approval'],
  ['review-due', 'approval'],
  ['look-alike-of-approved', 'approval'],
  ['suspected-ai-tool', 'approval'],
  ['ai-feature-of-general-tool', 'approval'],
  ['entitlement-drift', 'limit or day'],
  ['spread-of-ai-tool', 'limit or day'],
  ['mixed-powers', 'limit'],
  ['over-privileged-ai', 'limit'],
  ['ai-above-people', 'limit'],
]);
