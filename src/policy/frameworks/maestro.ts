import type { Control } from './control.ts';

/** CSA MAESTRO: layers of an agentic system. A layer says where a finding lies; it is no control that could be met. */
export const MAESTRO = {
  L1: { title: 'Foundation Models', asks: 'The models.', by: 'none', evidence: 'Models are not looked into' },
  L2: { title: 'Data Operations', asks: 'The data that agents work on.', by: 'none', evidence: 'Data are never read' },
  L3: {
    title: 'Agent Frameworks',
    asks: 'What agents are built of and run in.',
    by: 'findings',
    evidence: 'Agents, gateways and their roles',
  },
  L4: {
    title: 'Deployment & Infrastructure',
    asks: 'Where agents run.',
    by: 'findings',
    evidence: 'Keys, roles and trusts of cloud accounts',
  },
  L5: {
    title: 'Evaluation & Observability',
    asks: 'How agents are watched.',
    by: 'none',
    evidence: 'What an agent does while it runs is not read',
  },
  L6: {
    title: 'Security & Compliance',
    asks: 'What lies across all layers: identities, policy, audit.',
    by: 'findings',
    evidence: 'Approvals, owners and reviews',
  },
  L7: {
    title: 'Agent Ecosystem',
    asks: 'Where agents meet people and their data.',
    by: 'findings',
    evidence: 'Apps of AI and what they were granted',
  },
} as const satisfies Record<string, Control>;
