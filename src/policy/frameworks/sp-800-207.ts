import type { Control } from './control.ts';

/** NIST SP 800-207, section 2.1: the tenets of zero trust. They have numbers and no ids of controls. */
export const SP_800_207 = {
  'Tenet 1': {
    title: 'Everything is a resource',
    asks: 'All sources of data and all services of computing count as resources.',
    by: 'none',
    evidence: 'A way to look at things; no fact speaks for or against it',
  },
  'Tenet 2': {
    title: 'All communication is secured',
    asks: 'Communication is secured wherever it takes place.',
    by: 'none',
    evidence: 'Traffic is not read',
  },
  'Tenet 3': {
    title: 'Access for one session',
    asks: 'Access is granted for one session at a time, and no more than the task needs.',
    by: 'findings',
    evidence: 'Keys and grants that stand for ever',
  },
  'Tenet 4': {
    title: 'Access by policy',
    asks: 'A policy decides about access, by what is known of who asks.',
    by: 'findings',
    evidence: 'Access that no approval covers, or beyond it',
  },
  'Tenet 5': {
    title: 'Assets are watched',
    asks: 'The organisation watches how its assets stand.',
    by: 'scan',
    evidence: 'Every scan',
  },
  'Tenet 6': {
    title: 'Authentication before access',
    asks: 'Who asks is authenticated and authorised, strictly and each time, before access is given.',
    by: 'findings',
    evidence: 'What lets others in without a condition or without asking',
  },
  'Tenet 7': {
    title: 'What is known is used',
    asks: 'As much as possible is gathered about assets and access, and used to get better.',
    by: 'scan',
    evidence: 'Every scan, and its coverage',
  },
} as const satisfies Record<string, Control>;
