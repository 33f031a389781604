import { path, within, type Observation, type ScanEvent, type Signal, type Trait } from '../../src/connector/index.ts';
import { granted, type Granted } from './permissions.ts';
import { parsePolicy } from './policy-document.ts';
import type { RoleDetail, UserDetail } from './schema.ts';
import { trustsOf, type Trust } from './trust-policy.ts';

const SOURCE = 'iam.GetAccountAuthorizationDetails';
const CONSOLE = 'https://console.aws.amazon.com/iam/home#/';

/** An IAM user: a name that people, programs and keys hide behind. Which, is said by its credentials. */
export function userOf(account: string, user: UserDetail): Observation {
  const has = granted({ attached: user.AttachedManagedPolicies, inline: user.UserPolicyList, groups: user.GroupList });
  return {
    type: 'observation',
    thing: path('user', user.UserId),
    nativeId: path('user', user.UserId),
    kind: 'identity',
    scope: within(account, 'user', user.UserId),
    subject: { app: appOf(user.UserId), name: user.UserName },
    principal: { id: user.UserId, name: user.UserName, traits: [] },
    signals: [{ type: 'iam_name', value: user.UserName }],
    permissions: has.permissions,
    attributes: attributesOf(user, has),
    evidence: { source: SOURCE, url: `${CONSOLE}users/details/${encodeURIComponent(user.UserName)}` },
  };
}

/** A role, and everybody whom it lets in. */
export function* roleEvents(account: string, ownAccount: string, role: RoleDetail): Generator<ScanEvent> {
  const place = within(account, 'role', role.RoleId);
  const statements = parsePolicy(role.AssumeRolePolicyDocument);
  const trusts = statements && trustsOf(statements, ownAccount);
  const has = granted({ attached: role.AttachedManagedPolicies, inline: role.RolePolicyList });
  const traits = traitsOf(role, trusts ?? []);
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
    },
    evidence: { source: SOURCE, url: `${CONSOLE}roles/details/${encodeURIComponent(role.RoleName)}` },
  };
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
  for (const trust of trusts) yield trustObservation(trustPlace, role, principal, trust, has);
}

function trustObservation(
  place: string,
  role: RoleDetail,
  principal: NonNullable<Observation['principal']>,
  trust: Trust,
  has: Granted,
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
      ...(trust.principalOrgIds.length > 0 && { principalOrgIds: trust.principalOrgIds }),
      ...(trust.kind === 'account' && { wholeAccount: trust.wholeAccount }),
      ...(trust.kind === 'oidc' && { subBound: trust.subjectBound }),
    },
    evidence: { source: SOURCE, url: `${CONSOLE}roles/details/${encodeURIComponent(role.RoleName)}?section=trust_relationships` },
  };
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

/** Where IAM Identity Center keeps the roles that people sign in to. */
const PEOPLE = '/aws-reserved/sso.amazonaws.com/';

function traitsOf(role: RoleDetail, trusts: readonly Trust[]): Trait[] {
  const kinds = new Set(trusts.map(({ kind }) => kind));
  const people = kinds.has('saml') || role.Path?.startsWith(PEOPLE) === true;
  const traits: Trait[] = [];
  if (people) traits.push('interactive_login');
  if (kinds.has('service') || kinds.has('oidc')) traits.push('workload');
  if (people || kinds.has('oidc')) traits.push('federated');
  return traits;
}

function attributesOf(entity: UserDetail | RoleDetail, has: Granted): Observation['attributes'] {
  const { owner, team } = entity.Tags;
  const boundary = entity.PermissionsBoundary?.PermissionsBoundaryArn;
  return {
    arn: entity.Arn,
    ...(entity.CreateDate && { createdAt: entity.CreateDate.toISOString() }),
    ...(boundary !== undefined && { permissionsBoundary: boundary }),
    ...(owner !== undefined && { owner }),
    ...(team !== undefined && { team }),
    ...(has.unparsed && { unparsedPolicy: true }),
    ...(has.leftOut > 0 && { actionsLeftOut: has.leftOut }),
  };
}
