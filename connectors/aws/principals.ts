import { path, within, type Gap, type Observation, type ScanEvent, type Signal, type Trait } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { isAiService } from './capability.ts';
import { granted, type Granted, type SharedPolicies } from './permissions.ts';
import { parsePolicy } from './policy-document.ts';
import type { RoleDetail, UserDetail } from './schema.ts';
import { trustsOf, type Trust } from './trust-policy.ts';

const SOURCE = 'iam.GetAccountAuthorizationDetails';
const CONSOLE = 'https://console.aws.amazon.com/iam/home#/';

/** What is the same for all principals of an account. */
export interface Surroundings {
  /** Scope of the account. */
  account: string;
  ownAccount: string;
  own: Client['own'];
  shared: SharedPolicies;
  now: Date;
}

/**
 * An IAM user: a name that people, programs and keys hide behind. Which, is said by its credentials. Users that the console makes for
 * one API key are no people: they are accounts of a program.
 */
export function* userEvents({ account }: Surroundings, user: UserDetail, has: Granted): Generator<ScanEvent> {
  const holdsKey = isKeyHolder(user.UserName);
  const traits: Trait[] = [
    ...(has.capability.administrator ? (['administrator'] as const) : []),
    ...(holdsKey ? (['key_holder'] as const) : []),
  ];
  const scope = within(account, 'user', user.UserId);
  const principal = { id: user.UserId, name: user.UserName, traits };
  yield {
    type: 'observation',
    thing: path('user', user.UserId),
    nativeId: path('user', user.UserId),
    kind: holdsKey ? 'service_account' : 'identity',
    scope,
    subject: { app: appOf(user.UserId), name: user.UserName },
    principal,
    signals: [{ type: 'iam_name', value: user.UserName }],
    permissions: has.permissions,
    attributes: attributesOf(user, has),
    evidence: { source: SOURCE, url: `${CONSOLE}users/details/${encodeURIComponent(user.UserName)}` },
  };
  if (has.unparsed) yield unreadPolicy(scope);
  yield* audienceObservations(scope, principal, user.Arn, has);
}

export function grantedToUser(user: UserDetail, shared: SharedPolicies): Granted {
  return granted({ attached: user.AttachedManagedPolicies, inline: user.UserPolicyList, groups: user.GroupList }, shared);
}

/** What a principal may do beyond what is stated; the principal itself was read. */
function unreadPolicy(principal: string): Gap {
  return {
    type: 'gap',
    scope: within(principal, 'policy'),
    reason: 'provider_error',
    effect: 'A policy cannot be read: more may be allowed than is stated',
  };
}

/** The console names the user that it makes for a long-term API key after the key: `…APIKey-` and some letters. */
export function isKeyHolder(userName: string): boolean {
  return /^[a-z]+apikey-[a-z0-9]+$/i.test(userName);
}

/** A role, and everybody whom it lets in. */
export function* roleEvents(around: Surroundings, role: RoleDetail): Generator<ScanEvent> {
  const { account, ownAccount, shared } = around;
  const place = within(account, 'role', role.RoleId);
  const statements = parsePolicy(role.AssumeRolePolicyDocument);
  const trusts = statements && trustsOf(statements, ownAccount);
  const has = granted({ attached: role.AttachedManagedPolicies, inline: role.RolePolicyList }, shared);
  const agentServices = (trusts ?? []).filter(isAgentService).map(({ party }) => party);
  const traits = traitsOf(role, trusts ?? [], has);
  const principal = { id: role.RoleId, name: role.RoleName, traits };
  const { LastUsedDate: used, Region: region } = role.RoleLastUsed ?? {};
  yield {
    type: 'observation',
    thing: path('role', role.RoleId),
    nativeId: path('role', role.RoleId),
    kind: 'service_account',
    scope: place,
    subject: { app: appOf(role.RoleId), name: role.RoleName },
    principal,
    signals: [{ type: 'iam_name', value: role.RoleName }],
    permissions: has.permissions,
    ...(role.CreateDate && { grantedAt: { at: role.CreateDate.toISOString(), from: 'listed' } }),
    // Absent = not in the last 400 days, which is less than never.
    ...(used && { lastUsedAt: { at: used.toISOString(), from: 'listed' } }),
    attributes: {
      ...attributesOf(role, { ...has, unparsed: has.unparsed || !trusts }),
      ...(region !== undefined && { lastUsedRegion: region }),
      ...(isIdle(role, around.now) && { idle: 'not in the last 400 days' }),
      ...(agentServices.length > 0 && { runsAgentsOf: agentServices }),
    },
    evidence: { source: SOURCE, url: `${CONSOLE}roles/details/${encodeURIComponent(role.RoleName)}` },
  };
  if (has.unparsed) yield unreadPolicy(place);
  const trustPlace = within(place, 'trust');
  if (!trusts) {
    yield {
      type: 'gap',
      scope: trustPlace,
      reason: 'provider_error',
      effect: 'Who may assume this role is unknown: its trust policy cannot be read',
    };
    return;
  }
  for (const trust of trusts) yield trustObservation(trustPlace, role, principal, { trust, has, around });
  yield* audienceObservations(trustPlace, principal, role.Arn, has);
}

function trustObservation(
  place: string,
  role: RoleDetail,
  principal: NonNullable<Observation['principal']>,
  { trust, has, around }: { trust: Trust; has: Granted; around: Surroundings },
): Observation {
  const id = path('trust', role.RoleId, trust.party);
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'trust',
    scope: place,
    subject: { app: trust.party, name: trust.party },
    principal,
    signals: signalsOf(trust),
    // What the party can do once it is in.
    permissions: has.permissions,
    attributes: {
      roleArn: role.Arn,
      trusts: trust.kind,
      principals: trust.principals,
      conditionKeys: trust.conditionKeys,
      externalIdBound: trust.externalIdBound,
      principalOrgBound: trust.principalOrgBound,
      sourceBound: trust.sourceBound,
      conditioned: isConditioned(trust, around.own),
      internal: isInternal(trust, around.own),
      aiLevel: has.aiLevel,
      ...(trust.principalOrgIds.length > 0 && { principalOrgIds: trust.principalOrgIds }),
      ...(trust.kind === 'account' && { wholeAccount: trust.wholeAccount }),
      ...(trust.kind === 'oidc' && { subBound: trust.subjectBound }),
    },
    evidence: { source: SOURCE, url: `${CONSOLE}roles/details/${encodeURIComponent(role.RoleName)}?section=trust_relationships` },
  };
}

/** An account of the same owner, or everybody of the same organisation. */
function isInternal(
  { party, kind, principalOrgBound, principalOrgIds }: Trust,
  { accounts, organizationId }: Surroundings['own'],
): boolean {
  if (kind === 'account' && accounts.includes(party)) return true;
  return (
    principalOrgBound && organizationId !== undefined && principalOrgIds.length > 0 && principalOrgIds.every((id) => id === organizationId)
  );
}

/**
 * Does the policy ask for more than to be the party? Of an outside account an external id or source, of everybody an organisation,
 * of a service whom it acts for, of an issuer whom it vouches for; a SAML provider vouches for the customer's own people.
 * Another organisation than the configured one binds nobody of ours.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
function isConditioned(trust: Trust, { organizationId }: Surroundings['own']): boolean {
  const foreign = organizationId !== undefined && trust.principalOrgIds.some((id) => id !== organizationId);
  const inOrganisation = trust.principalOrgBound && !foreign;
  if (trust.kind === 'account') return trust.externalIdBound || trust.sourceBound || inOrganisation;
  if (trust.kind === 'anyone') return inOrganisation || trust.externalIdBound;
  if (trust.kind === 'service') return trust.sourceBound;
  return trust.kind === 'oidc' ? trust.subjectBound : true;
}

/** Whoever may mint tokens for an outside service needs no key there: the service trusts the account. */
function* audienceObservations(
  scope: string,
  principal: NonNullable<Observation['principal']>,
  arn: string,
  has: Granted,
): Generator<Observation> {
  for (const audience of has.audiences) {
    const id = path('audience', principal.id, audience);
    const host = URL.canParse(audience) ? new URL(audience).hostname : audience;
    yield {
      type: 'observation',
      thing: id,
      nativeId: id,
      kind: 'trust',
      scope,
      subject: { app: path('audience', audience), name: audience },
      principal,
      signals: [{ type: 'domain', value: host }],
      permissions: ['sts:getwebidentitytoken'],
      attributes: { arn, trusts: 'audience', conditioned: true, internal: false },
      evidence: { source: SOURCE, url: 'https://console.aws.amazon.com/iam/home#/account_settings' },
    };
  }
}

/** The key of a principal as an integration. */
export function appOf(id: string): string {
  return path('iam', id);
}

function signalsOf({ kind, party }: Trust): Signal[] {
  if (kind === 'account') return [{ type: 'aws_account_id', value: party }];
  if (kind === 'service') return [{ type: 'service_principal', value: party }];
  return kind === 'oidc' ? [{ type: 'oidc_issuer', value: party }] : [];
}

/** `runtime-identity.bedrock-agentcore.amazonaws.com`: the service is the last name before the domain. */
function isAgentService({ kind, party }: Trust): boolean {
  const service = /(?:^|\.)([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/.exec(party)?.[1];
  return kind === 'service' && service !== undefined && isAiService(service);
}

/** A role that is younger than this was perhaps made for what is yet to come. */
const YOUNG_DAYS = 90;

/** AWS keeps the last use of a role for 400 days. https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html */
function isIdle({ Path: path, CreateDate: created, RoleLastUsed: used }: RoleDetail, now: Date): boolean {
  // AWS's own are there whether anything uses them or not.
  if (path?.startsWith('/aws-service-role/')) return false;
  const days = created ? (now.getTime() - created.getTime()) / 86_400_000 : 0;
  // An empty element says that there was no use; where it is missing, nothing is said.
  return used !== undefined && used.LastUsedDate === undefined && days > YOUNG_DAYS;
}

/** Where IAM Identity Center keeps the roles that people sign in to. */
const PEOPLE = '/aws-reserved/sso.amazonaws.com/';

function traitsOf(role: RoleDetail, trusts: readonly Trust[], has: Granted): Trait[] {
  const kinds = new Set(trusts.map(({ kind }) => kind));
  const people = kinds.has('saml') || role.Path?.startsWith(PEOPLE) === true;
  const traits: Trait[] = [];
  if (people) traits.push('interactive_login');
  if (kinds.has('service') || kinds.has('oidc')) traits.push('workload');
  if (trusts.some(isAgentService)) traits.push('agent_runtime');
  if (people || kinds.has('oidc')) traits.push('federated');
  if (has.capability.administrator) traits.push('administrator');
  return traits;
}

function attributesOf(entity: UserDetail | RoleDetail, has: Granted): Observation['attributes'] {
  const { owner, team } = entity.Tags;
  const boundary = entity.PermissionsBoundary?.PermissionsBoundaryArn;
  return {
    arn: entity.Arn,
    ...(entity.CreateDate && { createdAt: entity.CreateDate.toISOString() }),
    ...(boundary !== undefined && { permissionsBoundary: boundary }),
    aiLevel: has.aiLevel,
    ...(Object.keys(has.capability.services).length > 0 && { aiServices: has.capability.services }),
    ...(owner !== undefined && { owner }),
    ...(team !== undefined && { team }),
    ...(has.unparsed && { unparsedPolicy: true }),
    ...(has.leftOut > 0 && { actionsLeftOut: has.leftOut }),
  };
}
