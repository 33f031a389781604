import { powerOf, type Integration, type Thing } from './integration.ts';
import type { Severity } from './judged.ts';
import type { Approval } from './policy.ts';
import type { Standing } from './standing.ts';

/** A rule as data: what it is called and why it matters. The functions below say when it fires. */
export const RULES = {
  'unapproved-ai-tool': { title: 'AI tool that nobody approved', why: 'It has access, and no approval, owner or review stands behind it.' },
  'denied-ai-tool': { title: 'AI tool that was denied', why: 'The organisation decided against it, and it still has access.' },
  'approval-exceeded': { title: 'Approved AI tool beyond its approval', why: 'What it may do has grown past what was agreed to.' },
  'approval-expired': { title: 'AI tool whose approval has expired', why: 'Nobody has looked at it since the approval ended.' },
  'review-due': {
    title: 'Approved AI tool that is due for review',
    why: 'It is approved still, and nobody has looked at it again as was agreed.',
  },
  'look-alike-of-approved': {
    title: 'App that calls itself like an approved AI tool',
    why: 'A name can be chosen by anybody; nothing but the name ties this app to the approved product.',
  },
  'suspected-ai-tool': { title: 'App that may be an AI tool', why: 'Something about it speaks of AI, but not enough to be sure.' },
  'ai-feature-of-general-tool': { title: 'General tool with AI features', why: 'Its AI features may see what the tool sees.' },
  'never-expiring-ai-key': { title: 'Key for an AI service that never expires', why: 'Whoever gets hold of it can use it for ever.' },
  'leaver-holds-grant': {
    title: 'AI tool still holds the access of somebody who left',
    why: 'The grant outlives the person and nobody misses it.',
  },
} as const;
export type RuleId = keyof typeof RULES;

/** A rule that fires on an integration, or on one of its credentials. */
export interface Hit {
  rule: RuleId;
  severity: Severity;
  /** What exactly is wrong, one sentence each. */
  details: readonly string[];
  credential?: Thing;
  /** The things that the hit rests on. */
  things: readonly Thing[];
  /** What to do, where that is something else than to take the access away. */
  remedy?: string;
}

/** All rules that fire. Pure, and independent of any order. */
export function hitsOf(integration: Integration, standing: Standing): Hit[] {
  if (integration.state === 'gone') return [];
  const live = integration.things.filter((thing) => thing.state !== 'gone' && !thing.logOnly);
  const decision = decisionHit(integration, standing, live);
  const isAi = integration.match.verdict === 'ai';
  return [
    ...(decision ? [decision] : []),
    ...(isAi ? live.filter(neverExpires).map(neverExpiringKey) : []),
    ...(isAi || integration.match.verdict === 'suspected' ? leaverHit(live) : []),
  ];
}

function decisionHit(integration: Integration, standing: Standing, things: readonly Thing[]): Hit | undefined {
  const { match } = integration;
  const power = Math.max(0, ...integration.reach.map(powerOf));
  if (standing.is === 'denied')
    return { rule: 'denied-ai-tool', severity: power >= 8 ? 'critical' : 'high', details: [`Denied: ${standing.denial.reason}`], things };
  if (standing.is === 'approved') return undefined;
  if (standing.is === 'review-due') return reviewDue(standing.approval, things);
  if (standing.is === 'exceeded')
    return { rule: 'approval-exceeded', severity: power >= 8 ? 'high' : 'medium', details: standing.excess, things };
  if (standing.is === 'expired')
    return { rule: 'approval-expired', severity: 'medium', details: [`The approval ended on ${standing.approval.expires}`], things };
  if (standing.is === 'look-alike') {
    const details = [
      `Its id ${integration.appId} is not among the approved ones`,
      ...match.reasons.slice(0, 3).map((reason) => reason.why),
    ];
    return { rule: 'look-alike-of-approved', severity: severityOf(power), details, things };
  }
  const details = match.reasons.slice(0, 3).map((reason) => `Matched (${reason.grade}): ${reason.why}`);
  if (match.verdict === 'ai') return { rule: 'unapproved-ai-tool', severity: severityOf(power), details, things };
  if (match.verdict === 'suspected') return { rule: 'suspected-ai-tool', severity: power >= 4 ? 'medium' : 'low', details, things };
  if (match.verdict === 'ai_feature') return { rule: 'ai-feature-of-general-tool', severity: 'low', details, things };
  return undefined;
}

function reviewDue({ review, owner }: Approval, things: readonly Thing[]): Hit {
  return {
    rule: 'review-due',
    severity: 'low',
    details: [`The review was due on ${review}`, `${owner} answers for it`],
    things,
    remedy: 'Look at it again. Then give the approval in policy.json its next day of review, or take it out.',
  };
}

/** By the most that it can do. An approval of something else makes nothing milder. */
function severityOf(power: number): Severity {
  if (power >= 8) return 'critical';
  return power >= 4 ? 'high' : 'medium';
}

function neverExpires(thing: Thing): boolean {
  return thing.kind === 'api_key' && thing.expiresAt === 'never' && thing.use === undefined;
}

function neverExpiringKey(thing: Thing): Hit {
  const who = thing.holder ? `held by ${thing.holder.name}` : 'without a known holder';
  return {
    rule: 'never-expiring-ai-key',
    severity: 'high',
    details: [`${thing.name}, ${who}, has no expiry date`],
    credential: thing,
    things: [thing],
  };
}

const LEFT = new Set(['suspended', 'archived', 'deleted', 'not_a_member']);

function leaverHit(live: readonly Thing[]): Hit[] {
  const things = live.filter((thing) => thing.use === undefined && thing.holder?.standing !== undefined && LEFT.has(thing.holder.standing));
  if (things.length === 0) return [];
  const details = things.slice(0, 10).map((thing) => `${thing.holder!.name} is ${thing.holder!.standing!.replaceAll('_', ' ')}`);
  return [{ rule: 'leaver-holds-grant', severity: 'high', details, things }];
}
