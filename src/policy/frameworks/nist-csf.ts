import type { Control } from './control.ts';

/** NIST Cybersecurity Framework 2.0 (CSWP 29, February 2024): the subcategories that access of AI tools touches. */
export const NIST_CSF = {
  'GV.PO-01': {
    title: 'Policy for cybersecurity risks',
    asks: 'There is a policy for cybersecurity risks; it is made known and enforced.',
    by: 'findings',
    evidence: 'policy.json, and access that it does not cover',
  },
  'GV.RR-02': {
    title: 'Roles and responsibilities',
    asks: 'It is laid down who answers for what, made known and kept to.',
    by: 'findings',
    evidence: 'Owners of approvals; things that nobody answers for',
  },
  'GV.SC-04': {
    title: 'Suppliers known and ranked',
    asks: 'Suppliers are known, and ranked by how critical they are.',
    by: 'scan',
    evidence: 'The list of products and vendors, by what they can reach',
  },
  'GV.SC-07': {
    title: 'Risks of suppliers',
    asks: 'The risks that a supplier brings are understood, recorded, answered and watched as long as the relation lasts.',
    by: 'findings',
    evidence: 'Vendors with access, approved or not, and trust in other parties',
  },
  'ID.AM-02': {
    title: 'Inventory of software and services',
    asks: 'Software, services and systems of the organisation are listed.',
    by: 'scan',
    evidence: 'The integrations of every scan',
  },
  'ID.AM-03': {
    title: 'Communication and data flows',
    asks: 'It is known which data flows where, inside and out.',
    by: 'scan',
    evidence: 'Which app reaches which class of data',
  },
  'ID.AM-04': {
    title: 'Inventory of services of suppliers',
    asks: 'Services that suppliers provide are listed.',
    by: 'scan',
    evidence: 'The products of every scan',
  },
  'ID.AM-07': {
    title: 'Inventories of data',
    asks: 'Data of chosen kinds are listed with what describes them.',
    by: 'none',
    evidence: 'Classes of data that are reached are known; the data themselves are never read',
  },
  'ID.AM-08': {
    title: 'Life cycles',
    asks: 'Systems, software, services and data are managed until they end.',
    by: 'findings',
    evidence: 'What was left behind, and what nobody uses',
  },
  'ID.RA-01': {
    title: 'Vulnerabilities recorded',
    asks: 'Vulnerabilities are found, confirmed and recorded.',
    by: 'scan',
    evidence: 'The findings of every scan',
  },
  'ID.RA-05': {
    title: 'Risk understood and ranked',
    asks: 'Threats, likelihood and impact are used to understand risk and to decide what comes first.',
    by: 'scan',
    evidence: 'Severity and rank of findings',
  },
  'ID.RA-07': {
    title: 'Changes and exceptions',
    asks: 'Changes and exceptions are weighed, recorded and followed.',
    by: 'findings',
    evidence: 'Approvals and exceptions with an end, and access that outgrew them',
  },
  'PR.AA-01': {
    title: 'Identities and credentials',
    asks: 'Identities and credentials of people, services and devices are managed.',
    by: 'findings',
    evidence: 'Keys, trusts and grants, and whose they are',
  },
  'PR.AA-03': {
    title: 'Authentication',
    asks: 'People, services and devices are authenticated.',
    by: 'findings',
    evidence: 'What lets others in without asking who they are',
  },
  'PR.AA-05': {
    title: 'Entitlements',
    asks: 'What somebody may do is laid down, enforced, reviewed, and no more than needed.',
    by: 'findings',
    evidence: 'Permissions held against approvals, and reviews that are due',
  },
  'PR.AT-01': {
    title: 'Training of everybody',
    asks: 'Everybody knows enough to work with the risks in mind.',
    by: 'declared',
    evidence: 'No source that is read tells who was trained',
  },
  'PR.AT-02': {
    title: 'Training for special tasks',
    asks: 'Those with special tasks know what they need for them.',
    by: 'declared',
    evidence: 'No source that is read tells who was trained',
  },
  'PR.DS-01': {
    title: 'Data at rest',
    asks: 'Stored data are protected. It does not ask that they are in one place.',
    by: 'none',
    evidence: 'Data are never read',
  },
  'PR.PS-05': {
    title: 'Unauthorised software',
    asks: 'Software that nobody allowed is kept from being installed and run.',
    by: 'findings',
    evidence: 'Apps with access that nobody approved',
  },
  'DE.CM-03': {
    title: 'Use of technology watched',
    asks: 'What people do and which technology they use is watched for harm.',
    by: 'scan',
    evidence: 'The difference between two nights',
  },
  'DE.CM-06': {
    title: 'Service providers watched',
    asks: 'What service providers do is watched for harm.',
    by: 'scan',
    evidence: 'The difference between two nights',
  },
} as const satisfies Record<string, Control>;

/**
 * Ids of version 1.1 and what became of them. Those that CSF 2.0 withdrew name their successors, by its own notes;
 * the others got a leading zero. Of several successors, those that stand in the catalogue; of which none does, the old id is left out.
 */
export const NIST_CSF_1_1 = {
  'PR.AC-1': ['PR.AA-01', 'PR.AA-05'],
  'PR.AC-3': ['PR.AA-03', 'PR.AA-05'],
  'PR.AC-4': ['PR.AA-05'],
  'PR.AC-7': ['PR.AA-03'],
  'ID.AM-2': ['ID.AM-02'],
  'ID.AM-3': ['ID.AM-03'],
  'ID.AM-4': ['ID.AM-04'],
  'ID.AM-6': ['GV.RR-02'],
  'ID.RA-1': ['ID.RA-01'],
  'ID.RA-5': ['ID.RA-05'],
  'ID.SC-2': ['GV.SC-04', 'GV.SC-07'],
  'ID.SC-4': ['GV.SC-07'],
  'PR.AT-1': ['PR.AT-01'],
  'PR.AT-2': ['PR.AT-02'],
  'PR.DS-1': ['PR.DS-01'],
  'PR.DS-5': ['PR.DS-01'],
  'PR.IP-2': ['ID.AM-08'],
  'PR.IP-3': ['ID.RA-07'],
  'PR.IP-12': ['ID.RA-01'],
  'DE.CM-3': ['DE.CM-03'],
  'DE.CM-6': ['DE.CM-06'],
  'DE.CM-7': ['DE.CM-03', 'DE.CM-06'],
} as const satisfies Record<string, readonly (keyof typeof NIST_CSF)[]>;
