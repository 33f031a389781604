import { accountHits, unlistedKeyHits } from './account-rules.ts';
import { controlHits } from './control-rules.ts';
import type { Hit } from './hit.ts';
import { powerOf, type Integration, type Reach, type Thing } from './integration.ts';
import type { Severity } from './judged.ts';
import { keyHits } from './key-rules.ts';
import { pastHits } from './past-rules.ts';
import { reviewDay, type Approval } from './policy.ts';
import { peerHits } from './peer-rules.ts';
import { powerHits } from './power-rules.ts';
import { sharedHits } from './shared-identity.ts';
import { spreadHits } from './spread.ts';
import type { Standing } from './standing.ts';
import { trustHits } from './trust-rules.ts';

export { RULES, type RuleId } from './rule-list.ts';

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
    ...keyHits(integration, live),
    ...powerHits(integration, standing, live),
    ...peerHits(integration, standing, live),
    ...sharedHits(integration, live),
    ...controlHits(integration, live),
    ...pastHits(integration, standing, live),
    ...spreadHits(integration, standing, live),
    ...used,
  ];
}

function decisionHit(integration: Integration, standing: Standing, things: readonly Thing[]): Hit | undefined {
  const { match } = integration;
  const power = Math.max(0, ...integration.reach.map(powerOf));
  if (standing.is === 'denied') {
    const { reason, redirect } = standing.denial;
    const details = [`Denied: ${reason}`, ...(redirect === undefined ? [] : [`Use instead: ${redirect}`])];
    return { rule: 'denied-ai-tool', severity: power >= 8 ? 'critical' : 'high', details, things };
  }
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
  };
}

function reviewDue(approval: Approval, things: readonly Thing[]): Hit {
  return {
    rule: 'review-due',
    severity: 'low',
    details: [`The review was due on ${reviewDay(approval)}`, `${approval.owner} answers for it`],
    things,
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
