import { validationError } from './aws-error.ts';
import { uniqueId } from './ids.ts';
import type { Group, InlinePolicy, ManagedPolicy, PolicyHolder, Role, User, World } from './model.ts';
import { pageOf } from './paging.ts';
import { encodeDocument } from './policy-document.ts';
import type { Fields } from './xml.ts';

const ENTITY_TYPES = ['User', 'Group', 'Role', 'LocalManagedPolicy', 'AWSManagedPolicy'];

/** Entities of every asked type, one after the other; a page may hold the end of one list and the beginning of the next. */
export function authorizationDetails(world: World, parameters: URLSearchParams): Fields {
  const asked = askedTypes(parameters);
  const entities: Described[] = [
    ...(asked.has('User') ? world.users : []),
    ...(asked.has('Group') ? world.groups : []),
    ...(asked.has('Role') ? world.roles : []),
    ...(asked.has('LocalManagedPolicy') ? world.policies : []),
    ...(asked.has('AWSManagedPolicy') ? world.awsPolicies : []),
  ];
  const { items, IsTruncated, Marker } = pageOf(entities, parameters, { short: true });
  const policies = items.filter(isManagedPolicy);
  const use = policies.length > 0 ? policyUse(world) : undefined;
  return {
    IsTruncated,
    Marker,
    UserDetailList: items.filter(isUser).map(userDetail),
    GroupDetailList: items.filter(isGroup).map(groupDetail),
    RoleDetailList: items.filter(isRole).map(roleDetail),
    Policies: policies.map((item) => policyDetail(item, use)),
  };
}

type Described = User | Group | Role | ManagedPolicy;
const isUser = (item: Described): item is User => item.id.startsWith('AIDA');
const isGroup = (item: Described): item is Group => item.id.startsWith('AGPA');
const isRole = (item: Described): item is Role => item.id.startsWith('AROA');
const isManagedPolicy = (item: Described): item is ManagedPolicy => item.id.startsWith('ANPA');

/** Without a filter come all, AWS's own policies included. */
function askedTypes(parameters: URLSearchParams): ReadonlySet<string> {
  const filters = [...parameters].filter(([name]) => name.startsWith('Filter.')).map(([, value]) => value);
  const unknown = filters.find((filter) => !ENTITY_TYPES.includes(filter));
  if (unknown !== undefined)
    throw validationError(`Value '${unknown}' at 'filter' failed to satisfy constraint: Member must be an entity type`);
  return new Set(filters.length > 0 ? filters : ENTITY_TYPES);
}

function userDetail(user: User): Fields {
  return {
    ...entityDetail(user, 'User'),
    // A user without inline policies has no such list at all, unlike its other lists, which come empty.
    UserPolicyList: user.inline.length > 0 ? user.inline.map(inlineDetail) : undefined,
    GroupList: user.groups,
    AttachedManagedPolicies: user.attached.map(attachedDetail),
    PermissionsBoundary: user.boundary && {
      PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
      PermissionsBoundaryArn: user.boundary,
    },
    Tags: tagDetails(user.tags),
  };
}

function groupDetail(group: Group): Fields {
  return {
    ...entityDetail(group, 'Group'),
    GroupPolicyList: group.inline.map(inlineDetail),
    AttachedManagedPolicies: group.attached.map(attachedDetail),
  };
}

function roleDetail(role: Role): Fields {
  const assumable = { ...entityDetail(role, 'Role'), AssumeRolePolicyDocument: encodeDocument(role.trust) };
  return {
    ...assumable,
    InstanceProfileList: role.instanceProfile ? [instanceProfile(role, assumable)] : [],
    RolePolicyList: role.inline.map(inlineDetail),
    AttachedManagedPolicies: role.attached.map(attachedDetail),
    Tags: tagDetails(role.tags),
    RoleLastUsed: lastUse(role.lastUsed),
  };
}

function lastUse(use: Role['lastUsed']): Fields | undefined {
  if (use === 'untracked') return undefined;
  return use === 'idle' ? {} : { LastUsedDate: use.at, Region: use.region };
}

function instanceProfile(role: Role, detail: Fields): Fields {
  return {
    Path: '/',
    InstanceProfileName: role.name,
    InstanceProfileId: uniqueId('AIPA', role.id),
    Arn: role.arn.replace(/:role\/.*/, `:instance-profile/${role.name}`),
    CreateDate: role.created,
    Roles: [detail],
  };
}

function policyDetail(item: ManagedPolicy, use: PolicyUse | undefined): Fields {
  const newest = item.versions.length;
  return {
    PolicyName: item.name,
    PolicyId: item.id,
    Arn: item.arn,
    Path: item.path,
    DefaultVersionId: `v${newest}`,
    AttachmentCount: use?.attached.get(item.arn) ?? 0,
    PermissionsBoundaryUsageCount: use?.boundaries.get(item.arn) ?? 0,
    IsAttachable: true,
    CreateDate: item.created,
    UpdateDate: item.versions[0]?.created,
    PolicyVersionList: item.versions.map(({ document, created }, index) => ({
      Document: encodeDocument(document),
      VersionId: `v${newest - index}`,
      IsDefaultVersion: index === 0,
      CreateDate: created,
    })),
  };
}

function entityDetail(entity: PolicyHolder, type: 'User' | 'Group' | 'Role'): Fields {
  return {
    Path: entity.path,
    [`${type}Name`]: entity.name,
    [`${type}Id`]: entity.id,
    Arn: entity.arn,
    CreateDate: entity.created,
  };
}

function inlineDetail({ name, document }: InlinePolicy): Fields {
  return { PolicyName: name, PolicyDocument: encodeDocument(document) };
}

function attachedDetail(arn: string): Fields {
  return { PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn };
}

function tagDetails(tags: Readonly<Record<string, string>>): Fields[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

interface PolicyUse {
  attached: ReadonlyMap<string, number>;
  boundaries: ReadonlyMap<string, number>;
}

function policyUse(world: World): PolicyUse {
  const attached = new Map<string, number>();
  const boundaries = new Map<string, number>();
  const count = (counts: Map<string, number>, arn: string) => void counts.set(arn, (counts.get(arn) ?? 0) + 1);
  for (const holder of [...world.users, ...world.groups, ...world.roles]) for (const arn of holder.attached) count(attached, arn);
  for (const user of world.users) if (user.boundary !== undefined) count(boundaries, user.boundary);
  return { attached, boundaries };
}
