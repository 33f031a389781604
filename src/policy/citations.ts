import { controlOf, type CitableId, type FoundControl } from './frameworks/catalogue.ts';
import type { RuleId } from './rule-list.ts';

/**
 * What each rule says in the words of the frameworks. A rule cites what its finding is evidence against; never what the scan itself
 * performs, since an inventory that found something did not fail.
 */
export const CITATIONS: Readonly<Record<RuleId, readonly [CitableId, ...CitableId[]]>> = {
  'unapproved-ai-tool': [
    'GV.RR-02',
    'GV.SC-07',
    'PR.PS-05',
    'AC-20',
    'CM-7(5)',
    'CM-11',
    'SA-9',
    'Tenet 4',
    'GOVERN 2.1',
    'GOVERN 6.1',
    'ASI04',
    'NHI3',
    'L7',
  ],
  'denied-ai-tool': ['GV.PO-01', 'PR.PS-05', 'AC-3', 'CM-7(5)', 'Tenet 4', 'MANAGE 2.4', 'ASI10', 'NHI3', 'L7'],
  'approval-exceeded': ['ID.RA-07', 'PR.AA-05', 'AC-4', 'AC-6', 'Tenet 4', 'ASI02', 'ASI03', 'NHI5', 'L6'],
  'approval-expired': ['ID.RA-07', 'GV.SC-07', 'SA-9', 'SR-6', 'Tenet 4', 'GOVERN 2.1', 'ASI10', 'L6'],
  'probation-over': ['ID.RA-07', 'GV.SC-07', 'SA-9', 'SR-6', 'Tenet 4', 'GOVERN 2.1', 'ASI10', 'L6'],
  'review-due': ['PR.AA-05', 'GV.SC-07', 'SR-6', 'L6'],
  'look-alike-of-approved': ['GV.SC-07', 'PR.PS-05', 'IA-4', 'CM-7(5)', 'ASI04', 'NHI3', 'L7'],
  'suspected-ai-tool': ['PR.PS-05', 'AC-20', 'CM-11', 'NHI3', 'L7'],
  'ai-feature-of-general-tool': ['GV.SC-07', 'SA-9', 'GOVERN 6.1', 'L7'],
  'never-expiring-ai-key': ['PR.AA-01', 'IA-5', 'Tenet 3', 'ASI03', 'NHI7', 'L4'],
  'exposed-key': ['PR.AA-01', 'IA-5', 'NHI2', 'L4'],
  'leaver-holds-grant': ['PR.AA-05', 'AC-2(3)', 'GOVERN 1.7', 'NHI1', 'L7'],
  'general-key-of-key-holder': ['PR.AA-05', 'AC-6', 'ASI03', 'NHI5', 'L4'],
  'delegation-to-outside': ['GV.SC-07', 'PR.AA-05', 'AC-6', 'AC-20', 'NHI3', 'NHI5', 'L6'],
  'trust-without-condition': ['PR.AA-03', 'PR.AA-05', 'AC-3', 'Tenet 6', 'NHI6', 'L4'],
  'trust-of-unnamed-account': ['GV.SC-07', 'AC-20', 'NHI3', 'L4'],
  'trust-of-deleted-party': ['ID.AM-08', 'PR.AA-01', 'AC-2', 'NHI1', 'L4'],
  'key-of-root': ['PR.AA-01', 'PR.AA-05', 'AC-6', 'IA-5', 'NHI4', 'NHI5', 'L4'],
  'key-of-unknown-service': ['PR.AA-01', 'IA-5', 'NHI7', 'L4'],
  'orphaned-key-holder': ['ID.AM-08', 'PR.AA-01', 'AC-2', 'GOVERN 1.7', 'NHI1', 'L4'],
  'idle-ai-access': ['PR.AA-05', 'AC-2(3)', 'AC-6', 'NHI5', 'L4'],
  'person-and-program-share': ['PR.AA-01', 'AC-2', 'IA-4', 'GOVERN 3.2', 'ASI03', 'NHI10', 'L4'],
  'agents-share-role': ['PR.AA-05', 'AC-6', 'IA-4', 'GOVERN 3.2', 'ASI03', 'NHI9', 'L3'],
  'shared-ai-identity': ['PR.AA-01', 'PR.AA-05', 'AC-6', 'IA-4', 'GOVERN 3.2', 'ASI03', 'NHI9', 'L6'],
  'open-gateway': ['PR.AA-03', 'AC-3', 'Tenet 6', 'ASI02', 'ASI03', 'NHI4', 'L3'],
  'mixed-powers': ['PR.AA-05', 'AC-6', 'ASI02', 'ASI03', 'NHI5', 'L6'],
  'over-privileged-ai': ['PR.AA-05', 'AC-6', 'ASI03', 'NHI5', 'L6'],
  'ai-above-people': ['PR.AA-05', 'AC-6', 'ASI03', 'NHI5', 'L6'],
  'delegation-to-ai': ['PR.AA-05', 'AC-6', 'ASI03', 'NHI5', 'L6'],
  'ai-with-persons-key': ['PR.AA-01', 'AC-2', 'IA-4', 'GOVERN 3.2', 'ASI03', 'NHI10', 'L7'],
  'unrestricted-ai-key': ['PR.AA-05', 'AC-6', 'IA-5', 'ASI03', 'NHI5', 'L4'],
  'standing-key-reaches-ai': ['PR.AA-01', 'IA-5', 'Tenet 3', 'NHI7', 'L4'],
  'old-ai-key': ['PR.AA-01', 'IA-5', 'NHI7', 'L4'],
  'unused-ai-access': ['PR.AA-05', 'AC-2(3)', 'AC-6', 'NHI1', 'L4'],
  'leaked-ai-secret': ['PR.AA-01', 'IA-5', 'NHI2', 'L4'],
  'ai-secret-for-everything': ['PR.AA-05', 'AC-6', 'NHI2', 'NHI9', 'L4'],
  'agent-without-owner': ['GV.RR-02', 'AC-2', 'GOVERN 2.1', 'L3'],
  'entitlement-drift': ['ID.RA-07', 'PR.AA-05', 'AC-6', 'ASI03', 'NHI5', 'L6'],
  'revoked-and-returned': ['ID.RA-07', 'PR.PS-05', 'AC-2', 'ASI10', 'NHI1', 'L7'],
  'spread-of-ai-tool': ['ID.RA-07', 'PR.AA-05', 'AC-6', 'ASI03', 'NHI5', 'L6'],
  'no-approval-gate': ['PR.AA-05', 'AC-3', 'AC-6', 'ASI02', 'ASI03', 'NHI5', 'L6'],
  'model-calls-unlogged': ['AU-12', 'L4'],
  'known-compromised': ['GV.SC-07', 'PR.PS-05', 'SR-6', 'MANAGE 2.4', 'ASI04', 'NHI3', 'L7'],
  'unlisted-key-in-use': ['PR.AA-01', 'AC-2', 'IA-5', 'L4'],
};

/** The controls that a rule cites, in the order of the frameworks. Of a rule that is no more, none. */
export function citedBy(rule: string): FoundControl[] {
  return Object.hasOwn(CITATIONS, rule) ? CITATIONS[rule as RuleId].map(controlOf) : [];
}

/** The rules that cite one of these controls. */
export function rulesCiting(controls: readonly FoundControl[]): RuleId[] {
  const ids = new Set<string>(controls.map(({ id }) => id));
  return (Object.keys(CITATIONS) as RuleId[]).filter((rule) => CITATIONS[rule].some((id) => ids.has(id)));
}
