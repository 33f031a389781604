import type { Control } from './control.ts';

/** OWASP Non-Human Identities Top 10, 2025. */
export const OWASP_NHI = {
  NHI1: {
    title: 'Improper Offboarding',
    asks: 'Identities and grants end with what they were made for.',
    by: 'findings',
    evidence: 'Grants of people who left, accounts and trusts that were left behind',
  },
  NHI2: {
    title: 'Secret Leakage',
    asks: 'Secrets stay where they belong.',
    by: 'findings',
    evidence: 'Keys that the provider itself calls exposed',
  },
  NHI3: {
    title: 'Vulnerable Third-Party NHI',
    asks: 'Identities of third parties cannot be used against the organisation.',
    by: 'findings',
    evidence: 'Apps, clients and accounts from outside',
  },
  NHI4: {
    title: 'Insecure Authentication',
    asks: 'Machines sign in by means that are up to date.',
    by: 'findings',
    evidence: 'Keys of the root user; gateways that ask for nothing',
  },
  NHI5: {
    title: 'Overprivileged NHI',
    asks: 'Machines may do no more than they need.',
    by: 'findings',
    evidence: 'Permissions beyond approvals, general keys, delegation',
  },
  NHI6: {
    title: 'Insecure Cloud Deployment Configurations',
    asks: 'Pipelines and clouds trust only whom they must.',
    by: 'findings',
    evidence: 'Trusts without a condition',
  },
  NHI7: {
    title: 'Long-Lived Secrets',
    asks: 'Secrets end before they are found.',
    by: 'findings',
    evidence: 'Keys that never expire',
  },
  NHI8: {
    title: 'Environment Isolation',
    asks: 'Production shares no identity with anything else.',
    by: 'none',
    evidence: 'Providers do not say which account is production',
  },
  NHI9: {
    title: 'NHI Reuse',
    asks: 'One identity serves one purpose.',
    by: 'findings',
    evidence: 'Roles that several agents share',
  },
  NHI10: {
    title: 'Human Use of NHI',
    asks: 'People do not work through the identities of machines.',
    by: 'findings',
    evidence: 'Accounts that a person and a program share',
  },
} as const satisfies Record<string, Control>;
