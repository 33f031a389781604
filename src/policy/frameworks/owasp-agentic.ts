import type { Control } from './control.ts';

const RUNTIME = 'What an agent does while it runs is not read';

/** OWASP Top 10 for Agentic Applications 2026. Most of it happens at run time, and stays unmapped. */
export const OWASP_AGENTIC = {
  ASI01: { title: 'Agent Goal Hijack', asks: 'Nobody turns an agent’s goal by what it reads.', by: 'none', evidence: RUNTIME },
  ASI02: {
    title: 'Tool Misuse and Exploitation',
    asks: 'An agent uses its tools only for what they are meant for.',
    by: 'findings',
    evidence: 'Tools of agents that anybody can reach; permissions beyond approvals',
  },
  ASI03: {
    title: 'Identity and Privilege Abuse',
    asks: 'An agent has an identity of its own, and no more rights than its task needs.',
    by: 'findings',
    evidence: 'Shared and over-powerful identities and keys',
  },
  ASI04: {
    title: 'Agentic Supply Chain Vulnerabilities',
    asks: 'What an agent is made of, and whom it relies on, can be trusted.',
    by: 'findings',
    evidence: 'AI tools of vendors that nobody approved, or that only call themselves so',
  },
  ASI05: { title: 'Unexpected Code Execution', asks: 'An agent runs no code that nobody meant.', by: 'none', evidence: RUNTIME },
  ASI06: { title: 'Memory & Context Poisoning', asks: 'Nobody plants what an agent remembers.', by: 'none', evidence: RUNTIME },
  ASI07: { title: 'Insecure Inter-Agent Communication', asks: 'Agents know whom they talk to.', by: 'none', evidence: RUNTIME },
  ASI08: { title: 'Cascading Failures', asks: 'The fault of one agent does not bring down others.', by: 'none', evidence: RUNTIME },
  ASI09: { title: 'Human-Agent Trust Exploitation', asks: 'Agents do not abuse people’s trust.', by: 'none', evidence: RUNTIME },
  ASI10: {
    title: 'Rogue Agents',
    asks: 'No agent works outside what the organisation decided.',
    by: 'findings',
    evidence: 'AI tools that were denied, or whose approval ended, and that still have access',
  },
} as const satisfies Record<string, Control>;
