/** The numbers that `metrics` prints, each with what it is made of, as they stand in its output. */
export const NUMBERS = {
  trustDebt: { title: 'trust debt', how: 'sum of power × (1 − supervision) over all AI integrations' },
  owned: {
    title: 'with an owner',
    how: 'AI integrations about which an approval names somebody, of all; also where it has ended or is exceeded',
  },
  unsanctioned: { title: 'unsanctioned', how: 'AI integrations that no approval in force covers within its limits, of all' },
  people: { title: '… by people', how: 'active people who are listed: holders of such an integration, of all' },
  standing: { title: 'standing keys', how: 'keys of AI integrations that can be used and are not known to end, of all such keys' },
  adoption: { title: 'adoption lag', how: 'day of the approval − first seen' },
  adoptedBefore: { title: '… before it', how: 'AI integrations that were there before their approval, of those with its day' },
  discovery: { title: 'discovery', how: 'from grant to first scan with it' },
  exceptions: { title: 'exceptions', how: 'findings that are excepted, since they are' },
  remediation: {
    title: 'time to remediate',
    how: 'findings whose access is gone: from the first scan with one to the first without; what stands is longer than any',
  },
  leaks: { title: '… of leaks', how: 'the same of leaked and exposed keys' },
  removedDenied: { title: '… after denial', how: 'of those that are gone, the ones that a denial was about' },
  approved: { title: 'ended: approved', how: 'findings that a new approval ended, of what is still there' },
  denied: { title: 'ended: denied', how: 'findings that became one of a denied tool, of what is still there' },
  excepted: { title: 'ended: excepted', how: 'findings that an exception covers, or did' },
  otherwise: { title: 'ended: otherwise', how: 'findings of what is still there, narrowed, given an end, or known as something else' },
  unknown: { title: 'ended: not known', how: 'findings of which what is stored does not tell what ended them' },
} as const satisfies Record<string, { title: string; how: string }>;
export type NumberId = keyof typeof NUMBERS;
