import type { Control } from './control.ts';

/** NIST AI Risk Management Framework 1.0 (AI 100-1). Cited for decisions about AI alone, not for hygiene in general. */
export const AI_RMF = {
  'GOVERN 1.6': {
    title: 'Inventory of AI systems',
    asks: 'There are means to list AI systems, as the risk deserves.',
    by: 'scan',
    evidence: 'The products and integrations of every scan',
  },
  'GOVERN 1.7': {
    title: 'Decommissioning',
    asks: 'AI systems are phased out safely.',
    by: 'findings',
    evidence: 'What AI tools leave behind: grants of people who left, accounts of ended keys',
  },
  'GOVERN 2.1': {
    title: 'Roles and lines of communication',
    asks: 'It is documented and clear who answers for the risks of AI.',
    by: 'findings',
    evidence: 'AI tools without an approval, and so without an owner',
  },
  'GOVERN 2.2': {
    title: 'Training in the risks of AI',
    asks: 'People and partners are trained in managing the risks of AI.',
    by: 'declared',
    evidence: 'No source that is read tells who was trained',
  },
  'GOVERN 3.2': {
    title: 'Roles of people and of AI',
    asks: 'It is laid down who does what where people and AI work together.',
    by: 'findings',
    evidence: 'Identities that people, programs or several agents share',
  },
  'GOVERN 6.1': {
    title: 'Risks of third parties',
    asks: 'Policies answer the risks that AI of third parties brings.',
    by: 'findings',
    evidence: 'AI tools of vendors that the policy does not cover',
  },
  'MAP 4.1': {
    title: 'Risks of components mapped',
    asks: 'There is a way to map risks of AI and its components, those of third parties included.',
    by: 'scan',
    evidence: 'What each product can reach',
  },
  'MANAGE 2.4': {
    title: 'Disengaging',
    asks: 'AI systems that do what they should not can be replaced, disengaged or switched off.',
    by: 'findings',
    evidence: 'AI tools that were denied and still have access',
  },
  'MANAGE 3.1': {
    title: 'Third parties watched',
    asks: 'Risks of third parties are watched regularly.',
    by: 'scan',
    evidence: 'Every scan',
  },
  'MANAGE 4.1': {
    title: 'Watching after deployment',
    asks: 'AI systems are watched after they were deployed.',
    by: 'scan',
    evidence: 'Every scan, and its coverage',
  },
} as const satisfies Record<string, Control>;
