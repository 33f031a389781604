import type { RuleId } from './rule-list.ts';

/**
 * Which rules make one decision together: those that the same people settle in one go. A ticket is about one group of one product, so
 * that "may we use it?" does not hide "this key leaked", and five findings about one approval are not five tickets.
 */
export const RULE_GROUPS = {
  incident: {
    title: 'Respond today',
    asks: 'Something is in the wrong hands, or may be. What has to be taken away now?',
  },
  approval: {
    title: 'Approve or deny',
    asks: 'May this tool be used, by whom, and how far?',
  },
  trust: {
    title: 'Trust in somebody outside',
    asks: 'May this party act here, and within which conditions?',
  },
  keys: {
    title: 'Keys to change or take away',
    asks: 'Which of these keys are needed, and what takes their place?',
  },
  holders: {
    title: 'Access to tidy up',
    asks: 'Who still needs this access, and who answers for it?',
  },
  oversight: {
    title: 'Supervision to switch on',
    asks: 'Who looks at what this tool does?',
  },
} as const satisfies Record<string, { title: string; asks: string }>;
export type RuleGroup = keyof typeof RULE_GROUPS;

/** The group of every rule. A rule that moves to another group moves its open findings to another decision. */
export const GROUP_OF: Readonly<Record<RuleId, RuleGroup>> = {
  'known-compromised': 'incident',
  'exposed-key': 'incident',
  'leaked-ai-secret': 'incident',

  'unapproved-ai-tool': 'approval',
  'denied-ai-tool': 'approval',
  'approval-exceeded': 'approval',
  'approval-expired': 'approval',
  'probation-over': 'approval',
  'review-due': 'approval',
  'look-alike-of-approved': 'approval',
  'suspected-ai-tool': 'approval',
  'ai-feature-of-general-tool': 'approval',
  'revoked-and-returned': 'approval',
  'entitlement-drift': 'approval',
  'spread-of-ai-tool': 'approval',
  'mixed-powers': 'approval',
  'over-privileged-ai': 'approval',
  'ai-above-people': 'approval',

  'delegation-to-outside': 'trust',
  'delegation-to-ai': 'trust',
  'trust-without-condition': 'trust',
  'trust-of-unnamed-account': 'trust',
  'trust-of-deleted-party': 'trust',

  'never-expiring-ai-key': 'keys',
  'general-key-of-key-holder': 'keys',
  'key-of-root': 'keys',
  'key-of-unknown-service': 'keys',
  'unlisted-key-in-use': 'keys',
  'ai-with-persons-key': 'keys',
  'unrestricted-ai-key': 'keys',
  'standing-key-reaches-ai': 'keys',
  'old-ai-key': 'keys',
  'ai-secret-for-everything': 'keys',

  'leaver-holds-grant': 'holders',
  'orphaned-key-holder': 'holders',
  'idle-ai-access': 'holders',
  'unused-ai-access': 'holders',
  'person-and-program-share': 'holders',
  'agents-share-role': 'holders',
  'shared-ai-identity': 'holders',
  'agent-without-owner': 'holders',

  'open-gateway': 'oversight',
  'no-approval-gate': 'oversight',
  'model-calls-unlogged': 'oversight',
};
