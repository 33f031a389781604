import { createHash } from 'node:crypto';
import type { Flag } from '../catalog/match.ts';
import type { Stamp } from '../connector/index.ts';
import { SEVERITIES, type FindingRow, type FindingEvent, type FindingState, type IntegrationRow, type StoredFinding } from './judged.ts';
import { earliest, latest, powerOf, type Integration, type Thing } from './integration.ts';
import { harmless, standingOf, type Standing } from './standing.ts';
import type { Verdict } from './settled-by.ts';
import { supervisionOf } from './supervision.ts';
import { isExcepting, type Approval, type Denial, type Policy } from './policy.ts';
import { ageHits, agesAt } from './age-rules.ts';
import { callHits } from './call-rules.ts';
import { compromisedHits } from './compromised.ts';
import { riskOf, takenOf, type Summand } from './risk.ts';
import type { Hit } from './hit.ts';
import { remedyOf, RULES, type RuleId } from './rule-list.ts';
import { hitsOf } from './rules.ts';
import { toldName } from './told-name.ts';

/** What a finding tells a person: what matched, what it can do, who holds it, since when, and what to do. */
export interface FindingBody {
  why: string;
  details: readonly string[];
  product?: string;
  productName?: string;
  match: { grade: string; reasons: readonly string[]; flags: readonly Flag[] };
  can: readonly string[];
  holders: { count: number; some: readonly string[]; leavers: number; administrators: number };
  things: { count: number; unverified: number };
  since: Stamp | 'unknown';
  lastUsed: Stamp | 'unknown';
  /** Every summand of the risk but what it took, with its reason. */
  risk: readonly Summand[];
  /** Bytes that it took, as far as logs were read; moves every night, as last use does. */
  taken: string;
  /** What to do, and how that is done where it was given, where that is known. */
  remedy: string;
  steps?: string;
  /** The exact entries of policy.json that would approve or deny it. */
  approve: Record<string, unknown>;
  deny: Record<string, unknown>;
  /** Which of the two entries would settle it; for all else there are exceptions. Absent = an earlier program judged it and did not ask. */
  settledBy?: readonly Verdict[];
}

/** The key of a finding: of ids alone, so that it survives renames, and the day on which the catalog learns the app's name. */
export function findingKey(tenant: string, connector: string, account: string, rule: RuleId, appId: string, credentialId?: string): string {
  const parts = [tenant, connector, account, rule, appId, ...(credentialId === undefined ? [] : [credentialId])];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** Everything that is to be said about one integration. */
export function judgementOf(
  integration: Integration,
  policy: Policy,
  now: Date,
  remedy: (kind: string) => string | undefined,
): { integration: IntegrationRow; findings: FindingRow[] } {
  const standing = standingOf(integration, policy, now);
  const hits = allHits(integration, standing, policy, now);
  const settledBy = hits.length > 0 ? settling(integration, policy, now) : () => [];
  const untils = [...hits, ...integration.things.flatMap(({ told }) => told ?? [])].map(({ until }) => until);
  const turnsAt = [agesAt(integration, now), ...untils].filter((at) => at !== undefined).sort()[0];
  return {
    integration: integrationRow(integration, standing, turnsAt),
    findings: hits.map((hit) => findingRow(integration, hit, { policy, now, remedy, settledBy })),
  };
}

function allHits(integration: Integration, standing: Standing, policy: Policy, now: Date): Hit[] {
  return [
    ...hitsOf(integration, standing),
    ...compromisedHits(integration, policy),
    ...ageHits(integration, now),
    ...callHits(integration, now),
  ].filter(({ until }) => until === undefined || until > now.toISOString());
}

/** Which entry of the policy would settle a hit: an approval of what the app can do now, or a denial? */
function settling(integration: Integration, policy: Policy, now: Date): (hit: Hit) => Verdict[] {
  const { approve, deny } = entriesFor(integration);
  const { expires: _expires, ...approval } = approve;
  const spelled = ({ rule, credential }: Hit) => JSON.stringify([rule, credential?.id]);
  const leftBy = (decided: Partial<Policy>) => {
    const after = { ...policy, ...decided };
    return new Set(allHits(integration, standingOf(integration, after, now), after, now).map(spelled));
  };
  const left = {
    approval: leftBy({ approvals: [...policy.approvals, approval as Approval] }),
    denial: leftBy({ denials: [...policy.denials, deny as Denial] }),
  };
  return (hit) => (['approval', 'denial'] as const).filter((verdict) => !left[verdict].has(spelled(hit)));
}

/** `turnsAt` = when the same facts will be judged otherwise, for time alone. */
function integrationRow(integration: Integration, standing: Standing, turnsAt: string | undefined): IntegrationRow {
  const { connector, account, appId, name, match, state, kinds, reach, things, clients, actsAs, origin } = integration;
  const body = {
    match,
    kinds,
    reach,
    holders: holdersOf(things),
    since: sinceOf(things),
    lastUsed: lastUsedOf(things),
    ...(match.verdict === 'ai' && { supervision: supervisionOf(integration, standing) }),
    ...(turnsAt !== undefined && { turnsAt }),
    ...(origin && { origin }),
    ...(clients.length > 0 && { clients }),
    ...(actsAs.length > 0 && { actsAs }),
  };
  return {
    connector,
    account,
    appId,
    name,
    product: match.product ?? null,
    verdict: match.verdict,
    grade: match.grade,
    state,
    body: JSON.stringify(body),
  };
}

function findingRow(
  integration: Integration,
  hit: Hit,
  {
    policy,
    now,
    remedy,
    settledBy,
  }: { policy: Policy; now: Date; remedy: (kind: string) => string | undefined; settledBy: (hit: Hit) => Verdict[] },
): FindingRow {
  const { tenant, connector, account, appId, match } = integration;
  const credentialId = hit.credential?.credential ?? hit.credential?.id;
  const key = findingKey(tenant, connector, account, hit.rule, appId, credentialId);
  const holders = holdersOf(hit.things);
  const power = integration.reach.reduce((sum, reach) => sum + powerOf(reach), 0);
  const body: FindingBody = {
    why: RULES[hit.rule].why,
    details: [...hit.details, ...ownOrigin(integration)],
    ...(match.product !== undefined && { product: match.product, productName: match.productName! }),
    match: { grade: match.grade, reasons: match.reasons.map((reason) => reason.why).slice(0, 5), flags: match.flags },
    can: integration.reach.map((reach) => reach.plain),
    holders,
    things: { count: hit.things.length, unverified: hit.things.filter((thing) => thing.state === 'unverified').length },
    since: sinceOf(hit.things),
    lastUsed: lastUsedOf(hit.things),
    risk: riskOf(integration, hit, holders),
    taken: takenOf(integration.things),
    ...toDo(hit, remedy),
    ...entriesFor(integration),
    settledBy: settledBy(hit),
  };
  return {
    key,
    connector,
    account,
    rule: hit.rule,
    appId,
    credentialId: credentialId ?? null,
    product: match.product ?? null,
    severity: hit.severity,
    rank: (1 + SEVERITIES.indexOf(hit.severity)) * 1_000_000 + Math.min(999, power) * 1_000 + Math.min(999, holders.count),
    title: `${RULES[hit.rule].title}: ${toldName(match.productName, integration.name)}`,
    body: JSON.stringify(body),
    excepted: policy.exceptions.some((exception) => key.startsWith(exception.finding) && isExcepting(exception, now)),
    unverified: hit.things.length > 0 && hit.things.every((thing) => thing.state === 'unverified'),
  };
}

/** What the rule says, and the provider's steps for the kind of the first thing. Where the rule says nothing, these steps are what to do. */
function toDo({ rule, things }: Hit, remedy: (kind: string) => string | undefined): Pick<FindingBody, 'remedy' | 'steps'> {
  const [own, steps] = [remedyOf(rule), remedy(things[0]?.kind ?? '')];
  if (own === undefined) return { remedy: steps ?? 'Take the access away where it was given.' };
  return { remedy: own, ...(steps !== undefined && { steps }) };
}

function ownOrigin({ origin }: Integration): string[] {
  return origin?.is === 'own' ? [`It is internal: it belongs to ${origin.name}, which is the organisation's own`] : [];
}

/** Bound to the app's own id: approving a name would approve whoever takes it. And to its account: an id may be the same in others. */
function entriesFor({ appId, connector, account, match, reach }: Integration): Pick<FindingBody, 'approve' | 'deny'> {
  const product = match.product !== undefined && { product: match.product };
  const target = { ...product, apps: [appId], connectors: [connector], accounts: [account] };
  const data = Object.fromEntries(reach.filter((one) => !harmless(one)).map((one) => [one.dataClass, one.access]));
  return {
    approve: { ...target, ceiling: { data }, owner: 'WHO ANSWERS FOR IT', approver: 'WHO DECIDED', reason: 'WHY', expires: 'YYYY-MM-DD' },
    deny: { ...target, reason: 'WHY' },
  };
}

const SOME = 5;

function holdersOf(things: readonly Thing[]): FindingBody['holders'] {
  const holders = new Map(
    things.filter((thing) => thing.state !== 'gone' && thing.holder).map((thing) => [thing.holder!.id, thing.holder!]),
  );
  const all = [...holders.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    count: all.length,
    some: all.slice(0, SOME).map((holder) => holder.name),
    leavers: all.filter((holder) => holder.standing !== undefined && holder.standing !== 'active').length,
    administrators: all.filter((holder) => holder.traits.includes('administrator')).length,
  };
}

function sinceOf(things: readonly Thing[]): Stamp | 'unknown' {
  return earliest(things.map((thing) => thing.grantedAt)) ?? 'unknown';
}

function lastUsedOf(things: readonly Thing[]): Stamp | 'unknown' {
  return latest(things.map((thing) => thing.lastUsedAt)) ?? 'unknown';
}

/** What becomes of a finding. Pure: `before` is what is stored, `now` what the rules say; either may be missing. */
export function transition(
  before: StoredFinding | undefined,
  now: FindingRow | undefined,
): { state: FindingState; events: readonly FindingEvent[] } {
  if (!now) return { state: 'resolved', events: before && before.state !== 'resolved' ? ['resolved'] : [] };
  const events: FindingEvent[] = [];
  if (!before) events.push('opened');
  else if (before.state === 'resolved') events.push('returned');
  else if (essence(before.body) !== essence(now.body)) events.push('changed');
  if (now.unverified && before?.unverifiedScan === null) events.push('unverified');
  if (!now.unverified && before && before.unverifiedScan !== null && before.state !== 'resolved') events.push('verified');
  if (now.excepted) {
    if (before?.state !== 'excepted') events.push('excepted');
    return { state: 'excepted', events };
  }
  if (before?.state === 'excepted') events.push('reopened');
  // Whether it has grown beyond what was acknowledged is asked when everything is judged: src/policy/acknowledgement.ts.
  return { state: before?.state === 'acknowledged' ? 'acknowledged' : 'open', events };
}

/** Do two bodies, of findings or of integrations, say the same but for dates of last use, which move every night, and what follows from these? */
export function sameBody(before: string, now: string): boolean {
  return before === now || withoutLastUse(before) === withoutLastUse(now);
}

function withoutLastUse(body: string): string {
  const {
    lastUsed: _lastUsed,
    taken: _taken,
    turnsAt: _turnsAt,
    ...rest
  } = JSON.parse(body) as Partial<FindingBody> & { turnsAt?: string };
  return JSON.stringify(rest);
}

/** What makes a finding another one. That some of it could not be read is no change of the world, nor how it would be decided about. */
function essence(body: string): string {
  // Bodies that an earlier program stored have neither risk nor bytes; that they have now is no change.
  const {
    lastUsed: _lastUsed,
    risk: _risk,
    taken: _taken,
    settledBy: _settledBy,
    steps: _steps,
    things,
    approve,
    deny: _deny,
    ...rest
  } = JSON.parse(body) as FindingBody;
  return JSON.stringify({ ...rest, ceiling: approve['ceiling'], things: things.count });
}
