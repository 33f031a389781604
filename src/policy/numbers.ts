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
  settling: { title: 'time to settle', how: 'findings: from the first scan with one to the first without, or to now' },
  leaks: { title: '… of leaks', how: 'the same of leaked and exposed keys' },
} as const satisfies Record<string, { title: string; how: string }>;
export type NumberId = keyof typeof NUMBERS;
