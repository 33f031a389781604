/** Whom the output of a question names: help says it, and so does every export that has a place for it. */
export const NAMES = {
  findings: 'holders, up to five of each finding, and apps and keys that are named after their holder',
  integrations: 'holders, up to five of each app, and apps and keys that are named after their holder',
  grants: 'holders, with standing, times and last use',
  changes: 'holders of what changed',
  identities: 'everybody who is listed or holds access, and why each is taken for a person',
  diff: 'holders of what differs',
  ioc: 'holders, with standing, times and last use',
  coverage: 'ids of people whose access could not be read',
  query: 'whom the question asks for',
  show: 'holders, whoever let it in, and analysts with what they wrote',
  metrics: 'nobody but apps and keys that are named after their holder',
  tickets: 'nobody but apps and keys that are named after their holder',
  training: 'people with AI tools who stand in no training record, and apps and keys that are named after their holder',
  workflows: 'owners whom the policy names, and apps and keys that are named after their holder; holders by keys alone',
} as const;

/** The same of a tenant that keeps pseudonyms. */
export function namesKept(names: string, isPseudonymous: boolean): string {
  return isPseudonymous && names !== 'nobody' ? `by pseudonyms alone: ${names}` : names;
}
