import { accountHits, unlistedKeyHits } from './account-rules.ts';
import type { Hit } from './hit.ts';
import { powerOf, type Integration, type Reach, type Thing } from './integration.ts';
import type { Severity } from './judged.ts';
import { reviewDay, type Approval } from './policy.ts';
import type { Standing } from './standing.ts';
import { trustHits } from './trust-rules.ts';

/** A rule as data: what it is called and why it matters. The functions below say when it fires. */
export const RULES = {
  'unapproved-ai-tool': { title: 'AI tool that nobody approved', why: 'It has access, and no approval, owner or review stands behind it.' },
  'denied-ai-tool': { title: 'AI tool that was denied', why: 'The organisation decided against it, and it still has access.' },
  'approval-exceeded': { title: 'Approved AI tool beyond its approval', why: 'What it may do has grown past what was agreed to.' },
  'approval-expired': { title: 'AI tool whose approval has expired', why: 'Nobody has looked at it since the approval ended.' },
  'probation-over': {
    title: 'AI tool whose probation is over',
    why: 'It was let in on trial, and nobody has decided whether it stays.',
  },
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
  'exposed-key': {
    title: 'Key that was seen where others can read it',
    why: 'Whoever found it has what it opens. Disabled is not deleted: it can be enabled again, and nobody knows what it was used for before.',
  },
  'leaver-holds-grant': {
    title: 'AI tool still holds the access of somebody who left',
    why: 'The grant outlives the person and nobody misses it.',
  },
  'general-key-of-key-holder': {
    title: 'Account of one AI key that also has a general key',
    why: 'It was made for one key of one service; the other key opens everything that the account may do.',
  },
  'delegation-to-outside': {
    title: 'Client from outside that may act as everybody',
    why: 'It needs nobody’s consent and stands in no list of grants, and whoever holds its key is outside the organisation.',
  },
  'trust-without-condition': {
    title: 'Trust that anybody of the other side can use',
    why: 'Nothing ties it to this customer: whoever the other side lets in, by mistake or by deceit, comes in here.',
  },
  'trust-of-unnamed-account': {
    title: 'Outside account that nobody has named',
    why: 'It may act here, and nobody has said whose it is.',
  },
  'trust-of-deleted-party': { title: 'Trust in something that was deleted', why: 'It helps nobody, and hides what is still in use.' },
  'key-of-root': {
    title: 'Access key of the root user',
    why: 'No policy restrains the root user: whoever gets hold of the key has the whole account.',
  },
  'key-of-unknown-service': {
    title: 'Long-lived key for a new service',
    why: 'The catalog does not know the service: it may be one of AI.',
  },
  'orphaned-key-holder': {
    title: 'Account that was left behind by its AI key',
    why: 'It was made for keys that have ended, and keeps what they could do for the next one.',
  },
  'idle-ai-access': {
    title: 'Access to AI services that nobody uses',
    why: 'It helps nobody, and whoever gets hold of it can use it unnoticed.',
  },
  'person-and-program-share': {
    title: 'Account that a person and a program share',
    why: 'It can use AI services, and nobody can tell which of the two did.',
  },
  'agents-share-role': {
    title: 'Role that several agents share',
    why: 'Each of them may do what all of them need, and what one did cannot be told from what the others did.',
  },
  'open-gateway': {
    title: 'Open gateway of agents',
    why: 'It asks for no authorisation: whoever finds its address can use it, and every tool behind it.',
  },
  'unlisted-key-in-use': {
    title: 'Short-lived key in use that no list shows',
    why: 'It was made from the rights of its holder, and cannot be seen, counted or taken away by itself.',
  },
} as const;
export type RuleId = keyof typeof RULES;

/** All rules that fire. Pure, and independent of any order. */
export function hitsOf(integration: Integration, standing: Standing): Hit[] {
  // Use is told by logs alone, also where no list has anything left.
  const used = unlistedKeyHits(integration);
  if (integration.state === 'gone') return used;
  const live = integration.things.filter((thing) => thing.state !== 'gone' && !thing.logOnly);
  const decision = decisionHit(integration, standing, live);
  const isAi = integration.match.verdict === 'ai';
  return [
    ...(decision ? [decision] : []),
    ...(isAi ? live.filter(neverExpires).map((thing) => neverExpiringKey(integration, thing)) : []),
    ...live.filter(isExposedKey).map(exposedKey),
    ...live.filter(isGeneralKeyOfKeyHolder).map(generalKey),
    ...delegationHit(integration, standing, live),
    ...trustHits(integration, standing, live),
    ...(isAi || integration.match.verdict === 'suspected' ? leaverHit(live) : []),
    ...accountHits(integration, standing, live),
    ...used,
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
  if (standing.is === 'probation-over') return probationOver(standing.approval, things);
  if (standing.is === 'look-alike') {
    const details = [
      `Its id ${integration.appId} is not among the approved ones`,
      ...match.reasons.slice(0, 3).map((reason) => reason.why),
    ];
    return { rule: 'look-alike-of-approved', severity: severityOf(integration.reach), details, things };
  }
  const details = match.reasons.slice(0, 3).map((reason) => `Matched (${reason.grade}): ${reason.why}`);
  if (match.verdict === 'ai') return { rule: 'unapproved-ai-tool', severity: severityOf(integration.reach), details, things };
  if (match.verdict === 'suspected') return { rule: 'suspected-ai-tool', severity: power >= 4 ? 'medium' : 'low', details, things };
  if (match.verdict === 'ai_feature') return { rule: 'ai-feature-of-general-tool', severity: 'low', details, things };
  return undefined;
}

function probationOver({ expires, owner }: Approval, things: readonly Thing[]): Hit {
  return {
    rule: 'probation-over',
    severity: 'medium',
    details: [`The probation ended on ${expires}`, `${owner} answers for it`],
    things,
    remedy: 'Decide: approve it in policy.json, with "stage" and "expires" anew, or deny it and take the access away.',
  };
}

function reviewDue(approval: Approval, things: readonly Thing[]): Hit {
  return {
    rule: 'review-due',
    severity: 'low',
    details: [`The review was due on ${reviewDay(approval)}`, `${approval.owner} answers for it`],
    things,
    remedy: 'Look at it again. Then give the approval in policy.json its next day of review, or take it out.',
  };
}

/**
 * By the most that it can do. An approval of something else makes nothing milder. What is known to do nothing but sign people in
 * is a low one; of what has no permissions at all, nobody knows what it does.
 */
function severityOf(reach: readonly Reach[]): Severity {
  const power = Math.max(0, ...reach.map(powerOf));
  if (power >= 8) return 'critical';
  if (power >= 4) return 'high';
  return reach.length > 0 && reach.every(({ dataClass, access, known }) => known && dataClass === 'profile' && access === 'read')
    ? 'low'
    : 'medium';
}

function neverExpires(thing: Thing): boolean {
  return thing.kind === 'api_key' && thing.expiresAt === 'never' && thing.use === undefined;
}

/** The key of an AI service itself is worse than one that only bears such a name. */
function neverExpiringKey({ match }: Integration, thing: Thing): Hit {
  const who = thing.holder ? `held by ${thing.holder.name}` : 'without a known holder';
  return {
    rule: 'never-expiring-ai-key',
    severity: match.grade === 'exact' ? 'critical' : 'high',
    details: [`${thing.name}, ${who}, has no expiry date`],
    credential: thing,
    things: [thing],
  };
}

/** The provider itself says so, whatever the key is for. */
function isExposedKey({ kind, attributes }: Thing): boolean {
  return kind === 'api_key' && attributes['exposed'] === true;
}

function exposedKey(thing: Thing): Hit {
  const still = thing.use === 'inactive' ? 'is disabled, and still there' : 'can be used';
  return {
    rule: 'exposed-key',
    severity: 'critical',
    details: [`${thing.name} was seen where others can read it, and ${still}`],
    credential: thing,
    things: [thing],
    remedy: 'Delete the key, and look through the logs for what it was used for.',
  };
}

const LEFT = new Set(['suspended', 'archived', 'deleted', 'not_a_member']);

function leaverHit(live: readonly Thing[]): Hit[] {
  const things = live.filter((thing) => thing.use === undefined && thing.holder?.standing !== undefined && LEFT.has(thing.holder.standing));
  if (things.length === 0) return [];
  const details = things.slice(0, 10).map((thing) => `${thing.holder!.name} is ${thing.holder!.standing!.replaceAll('_', ' ')}`);
  return [{ rule: 'leaver-holds-grant', severity: 'high', details, things }];
}

function isGeneralKeyOfKeyHolder({ kind, use, holder, attributes }: Thing): boolean {
  return kind === 'api_key' && use === undefined && attributes['general'] === true && holder?.traits.includes('key_holder') === true;
}

function generalKey(thing: Thing): Hit {
  return {
    rule: 'general-key-of-key-holder',
    severity: 'critical',
    details: [`${thing.holder!.name} was made for one key, and holds a general one`],
    credential: thing,
    things: [thing],
  };
}

/** A client that may act as anybody, and belongs to nothing that the organisation has. What was decided about it stands. */
function delegationHit({ match, name, reach, origin }: Integration, standing: Standing, live: readonly Thing[]): Hit[] {
  const things = live.filter(({ kind }) => kind === 'delegation');
  if (things.length === 0 || origin?.is !== 'outside' || match.verdict === 'ai' || standing.is !== 'undecided') return [];
  const details = [`${name} is no service account of the organisation's own`];
  return [{ rule: 'delegation-to-outside', severity: severityOf(reach) === 'critical' ? 'critical' : 'high', details, things }];
}
