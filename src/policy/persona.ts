import type { Measured, Share } from './metrics.ts';
import type { Policy } from './policy.ts';

/** What an organisation can be towards AI, and where it is; the first that is so. */
export const PERSONAS = {
  unaware: 'AI is in use, the policy approves and denies nothing, and nobody declares that apps are blocked by default',
  ready:
    'everything was read, at least 80 % of AI integrations are approved and have an owner, and no approval is exceeded, over or due for review',
  'risk-averse':
    'apps are declared to be blocked by default, everything was read and at most one in ten of the people who are listed holds AI, no approval has an end or a review',
  between: 'otherwise',
} as const;
export type PersonaName = keyof typeof PERSONAS;

export interface Persona {
  is: PersonaName;
  /** What it was decided by. */
  facts: readonly { fact: string; value: string; from: 'measured' | 'policy' | 'declared' }[];
}

/** How much of all has to be approved and owned. */
const ENOUGH = 0.8;
/** With at most one in so many people holding AI, there are few. */
const FEW = 10;

/** Lists and logs that were not read whole, of all. */
interface Unread {
  unread: number;
  of: number;
}

/**
 * What kind of organisation this is towards AI, with the facts that decide. That all of it is in hand, and that few hold any, is known
 * only where everything was read.
 * Pure.
 */
export function personaOf(integrations: readonly Measured[], policy: Policy, holders: Share, { unread, of }: Unread): Persona {
  const blocked = policy.declared?.blockedByDefault;
  const count = (is: (one: Measured) => boolean) => integrations.filter(is).length;
  const all = integrations.length;
  const sanctioned = count(({ supervision }) => supervision?.sanctioned === true);
  const owned = count(({ supervision }) => supervision?.answers.owner === 'yes');
  const overdue = count(({ supervision }) => supervision?.answers.owner === 'yes' && supervision.answers.review !== 'yes');
  const decisions = policy.approvals.length + policy.denials.length;
  const onTime = policy.approvals.filter(({ expires, review, reviewEvery }) => (expires ?? review ?? reviewEvery) !== undefined).length;
  const isReady = unread === 0 && all > 0 && sanctioned >= ENOUGH * all && owned >= ENOUGH * all && overdue === 0;
  const areFew = unread === 0 && holders.of > 0 && holders.part * FEW <= holders.of;
  const isAverse = blocked?.answer === 'yes' && areFew && onTime === 0;
  const isUnaware = decisions === 0 && all > 0 && blocked?.answer !== 'yes';
  return {
    is: isUnaware ? 'unaware' : isReady ? 'ready' : isAverse ? 'risk-averse' : 'between',
    facts: [
      { fact: 'approvals and denials in the policy', value: String(decisions), from: 'policy' },
      { fact: 'approvals with an end or a review', value: `${onTime} of ${policy.approvals.length}`, from: 'policy' },
      { fact: 'AI integrations that are approved', value: `${sanctioned} of ${all}`, from: 'measured' },
      { fact: 'AI integrations with an owner', value: `${owned} of ${all}`, from: 'measured' },
      { fact: 'approvals exceeded, over or due for review', value: String(overdue), from: 'measured' },
      { fact: 'listed people who hold AI', value: `${holders.part} of ${holders.of}`, from: 'measured' },
      { fact: 'lists and logs that were not read', value: `${unread} of ${of}`, from: 'measured' },
      { fact: 'apps are blocked by default', value: blocked?.answer ?? 'not declared', from: 'declared' },
    ],
  };
}
