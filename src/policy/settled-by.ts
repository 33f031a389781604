import type { FindingBody } from './findings.ts';

/** Of the two entries by which a person decides about an app. */
export type Verdict = 'approval' | 'denial';

/** The exact entry of policy.json that would accept a finding until a day. */
export function exceptionOf(key: string): Record<string, unknown> {
  return { finding: key, owner: 'WHO ANSWERS FOR IT', reason: 'WHY', until: 'YYYY-MM-DD' };
}

/** Would that entry settle the finding, as far as its program asked? */
export function isSettledBy({ settledBy }: Pick<FindingBody, 'settledBy'>, verdict: Verdict): boolean {
  return settledBy?.includes(verdict) ?? true;
}
