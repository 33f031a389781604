import type { Control } from './control.ts';

/** NIST SP 800-53, revision 5: the controls that access of AI tools touches. */
export const SP_800_53 = {
  'AC-2': {
    title: 'Account Management',
    asks: 'Accounts are allowed, made, changed, watched and ended in a known way.',
    by: 'findings',
    evidence: 'Accounts and keys that were left behind or are shared',
  },
  'AC-2(3)': {
    title: 'Disable Accounts',
    asks: 'Accounts that ended, or that nobody needs or uses, are disabled in time.',
    by: 'findings',
    evidence: 'Access of people who left; access that nobody uses',
  },
  'AC-3': {
    title: 'Access Enforcement',
    asks: 'What was decided about access is enforced.',
    by: 'findings',
    evidence: 'Tools that were denied and still have access',
  },
  'AC-4': {
    title: 'Information Flow Enforcement',
    asks: 'Information flows only as it was decided.',
    by: 'findings',
    evidence: 'Classes of data that an app reaches beyond its approval',
  },
  'AC-6': {
    title: 'Least Privilege',
    asks: 'Nobody may do more than the task needs.',
    by: 'findings',
    evidence: 'Permissions beyond approvals, general keys, unused access',
  },
  'AC-20': {
    title: 'Use of External Systems',
    asks: 'It is laid down under which terms systems of others may be used and may reach ours.',
    by: 'findings',
    evidence: 'Apps and accounts from outside that nobody approved',
  },
  'AU-2': {
    title: 'Event Logging',
    asks: 'It is laid down which events are logged.',
    by: 'none',
    evidence: 'Logs of providers are read; whether they log enough is not judged',
  },
  'AU-12': {
    title: 'Audit Record Generation',
    asks: 'The chosen events are logged.',
    by: 'findings',
    evidence: 'Calls of models that an account does not log; whether providers log enough else is not judged',
  },
  'CM-7(5)': {
    title: 'Authorized Software: Allow-by-exception',
    asks: 'Only software that was allowed runs.',
    by: 'findings',
    evidence: 'Apps that no approval covers',
  },
  'CM-8': {
    title: 'System Component Inventory',
    asks: 'The parts of a system are listed.',
    by: 'scan',
    evidence: 'The integrations of every scan',
  },
  'CM-11': {
    title: 'User-installed Software',
    asks: 'What people install themselves follows rules.',
    by: 'findings',
    evidence: 'Apps that people let in by themselves',
  },
  'IA-4': {
    title: 'Identifier Management',
    asks: 'Each identifier is given to one person, role, service or device.',
    by: 'findings',
    evidence: 'Identities that several share; apps that call themselves like others',
  },
  'IA-5': {
    title: 'Authenticator Management',
    asks: 'Keys and passwords are given out, changed, protected and taken back in a known way.',
    by: 'findings',
    evidence: 'Keys that never expire, were exposed, or are the root user’s',
  },
  'SA-9': {
    title: 'External System Services',
    asks: 'Providers of services from outside keep to the organisation’s requirements, and somebody watches that.',
    by: 'findings',
    evidence: 'Services of AI without an approval, or with one that is due for review',
  },
  'SR-6': {
    title: 'Supplier Assessments and Reviews',
    asks: 'Suppliers are looked at again and again.',
    by: 'findings',
    evidence: 'Approvals that ended or are due for review',
  },
} as const satisfies Record<string, Control>;
