import { createHash } from 'node:crypto';
import type { FakeAnswer } from '../../../src/testing/server.ts';
import type { World } from '../world.ts';
import { type Fields, json, regionOf, type Wire, xml } from './wire.ts';

const DAY_MS = 86_400_000;

/** So many days before now. */
export function ago(days: number): Date {
  return new Date(Math.floor((Date.now() - days * DAY_MS) / 1000) * 1000);
}

/** An id in IAM's form. */
export function idOf(prefix: string, name: string): string {
  const letters = createHash('sha256')
    .update(name)
    .digest('hex')
    .toUpperCase()
    .replace(/[0189]/g, 'X');
  return `${prefix}${letters.slice(0, 17)}`;
}

/** The account that the simulated provider serves. */
export function accountOf(world: World): string {
  const { roleArn } = world.provider.config['assumeRole'] as { roleArn: string };
  return roleArn.split(':')[4]!;
}

export interface Statement {
  Effect?: 'Allow' | 'Deny';
  [member: string]: unknown;
}

/** Percent-encoded, as IAM sends documents. */
export function encoded(document: unknown): string {
  return encodeURIComponent(JSON.stringify(document)).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function policy(...statements: Statement[]): string {
  return encoded({ Version: '2012-10-17', Statement: statements });
}

/** A trust policy that lets the principal in; `condition` as in the document. */
export function trustOf(principal: unknown, condition?: unknown, action: unknown = 'sts:AssumeRole'): string {
  return policy({ Effect: 'Allow', Principal: principal, Action: action, ...(condition !== undefined && { Condition: condition }) });
}

export const SERVED = trustOf({ Service: 'ec2.amazonaws.com' });

interface Holder {
  path?: string;
  created?: Date;
  /** Names of AWS managed policies, or whole ARNs. */
  attached?: readonly string[];
  /** Documents as they are sent. */
  inline?: Readonly<Record<string, string>>;
  tags?: Readonly<Record<string, string>>;
}

/** Columns of the credential report that are other than usual. */
export interface ReportColumns {
  [column: string]: string;
}

export interface PlantedUser extends Holder {
  report?: ReportColumns;
  groups?: readonly string[];
}

export interface PlantedRole extends Holder {
  trust?: string;
  /** `{}` = an empty element; undefined = used yesterday. */
  lastUsed?: Fields | 'absent';
}

export interface Estate {
  users?: Readonly<Record<string, PlantedUser>>;
  roles?: Readonly<Record<string, PlantedRole>>;
  groups?: Readonly<Record<string, Holder>>;
  /** Customer policies: their documents. */
  policies?: Readonly<Record<string, string>>;
  /** Columns of `<root_account>`. */
  root?: ReportColumns;
}

/** IAM holds this from now on, and nothing else: details, credential report, no keys for services, no identity providers. */
export function plantEstate(world: World, estate: Estate): void {
  const account = accountOf(world);
  world.plant('iam.GetAccountAuthorizationDetails', () => detailsPage(account, estate, { IsTruncated: false }));
  plantReport(world, reportOf(account, estate));
  world.plant('iam.ListServiceSpecificCredentials', () => keysPage([], { IsTruncated: false }));
  world.plant('iam.ListOpenIDConnectProviders', () => xml('iam.ListOpenIDConnectProviders', { OpenIDConnectProviderList: [] }));
  world.plant('iam.ListSAMLProviders', () => xml('iam.ListSAMLProviders', { SAMLProviderList: [] }));
}

export function detailsPage(account: string, estate: Estate, page: { IsTruncated: boolean; Marker?: string }): FakeAnswer {
  return xml('iam.GetAccountAuthorizationDetails', {
    IsTruncated: page.IsTruncated,
    Marker: page.Marker,
    UserDetailList: Object.entries(estate.users ?? {}).map(([name, user]) => ({
      ...entity(account, 'User', name, user),
      UserPolicyList: inlineOf(user),
      GroupList: user.groups ?? [],
      AttachedManagedPolicies: attachedOf(user),
      Tags: tagsOf(user),
    })),
    GroupDetailList: Object.entries(estate.groups ?? {}).map(([name, group]) => ({
      ...entity(account, 'Group', name, group),
      GroupPolicyList: inlineOf(group),
      AttachedManagedPolicies: attachedOf(group),
    })),
    RoleDetailList: Object.entries(estate.roles ?? {}).map(([name, role]) => ({
      ...entity(account, 'Role', name, role),
      AssumeRolePolicyDocument: role.trust ?? SERVED,
      InstanceProfileList: [],
      RolePolicyList: inlineOf(role),
      AttachedManagedPolicies: attachedOf(role),
      Tags: tagsOf(role),
      RoleLastUsed: role.lastUsed === 'absent' ? undefined : (role.lastUsed ?? { LastUsedDate: ago(1), Region: 'us-east-1' }),
    })),
    Policies: Object.entries(estate.policies ?? {}).map(([name, document]) => ({
      PolicyName: name,
      PolicyId: idOf('ANPA', name),
      Arn: `arn:aws:iam::${account}:policy/${name}`,
      Path: '/',
      DefaultVersionId: 'v1',
      AttachmentCount: 1,
      PermissionsBoundaryUsageCount: 0,
      IsAttachable: true,
      CreateDate: ago(300),
      UpdateDate: ago(300),
      PolicyVersionList: [{ Document: document, VersionId: 'v1', IsDefaultVersion: true, CreateDate: ago(300) }],
    })),
  });
}

function entity(account: string, type: 'User' | 'Group' | 'Role', name: string, { path = '/', created = ago(300) }: Holder): Fields {
  const id = idOf({ User: 'AIDA', Group: 'AGPA', Role: 'AROA' }[type], name);
  const arn = `arn:aws:iam::${account}:${type.toLowerCase()}${path}${name}`;
  return { Path: path, [`${type}Name`]: name, [`${type}Id`]: id, Arn: arn, CreateDate: created };
}

function inlineOf({ inline = {} }: Holder): Wire {
  return Object.entries(inline).map(([PolicyName, PolicyDocument]) => ({ PolicyName, PolicyDocument }));
}

function attachedOf({ attached = [] }: Holder): Wire {
  return attached.map((name) => {
    const PolicyArn = name.startsWith('arn:') ? name : `arn:aws:iam::aws:policy/${name}`;
    return { PolicyName: PolicyArn.split('/').at(-1)!, PolicyArn };
  });
}

function tagsOf({ tags = {} }: Holder): Wire {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

const COLUMNS = [
  'user',
  'arn',
  'user_creation_time',
  'password_enabled',
  'password_last_used',
  'password_last_changed',
  'password_next_rotation',
  'mfa_active',
  ...[1, 2].flatMap((slot) =>
    ['active', 'last_rotated', 'last_used_date', 'last_used_region', 'last_used_service'].map((column) => `access_key_${slot}_${column}`),
  ),
  'cert_1_active',
  'cert_1_last_rotated',
  'cert_2_active',
  'cert_2_last_rotated',
];

/** The report's own spelling of a time. */
export function reportDate(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, '+00:00');
}

/** Columns of an active access key that was used yesterday. */
export function activeKey(slot: 1 | 2 = 1, service = 's3'): ReportColumns {
  return {
    [`access_key_${slot}_active`]: 'true',
    [`access_key_${slot}_last_rotated`]: reportDate(ago(100)),
    [`access_key_${slot}_last_used_date`]: reportDate(ago(1)),
    [`access_key_${slot}_last_used_region`]: 'us-east-1',
    [`access_key_${slot}_last_used_service`]: service,
  };
}

/** Columns of somebody who signs in. */
export const PASSWORD: ReportColumns = {
  password_enabled: 'true',
  password_last_used: reportDate(ago(2)),
  password_last_changed: reportDate(ago(50)),
  mfa_active: 'true',
};

export function reportOf(account: string, { users = {}, root = {} }: Estate): string {
  const usual = Object.fromEntries(COLUMNS.map((column) => [column, /_active$|_enabled$/.test(column) ? 'false' : 'N/A']));
  const rows = [
    {
      ...usual,
      user: '<root_account>',
      arn: `arn:aws:iam::${account}:root`,
      user_creation_time: reportDate(ago(2000)),
      password_enabled: 'not_supported',
      password_last_used: 'no_information',
      password_last_changed: 'not_supported',
      password_next_rotation: 'not_supported',
      mfa_active: 'true',
      ...root,
    },
    ...Object.entries(users).map(([name, { path = '/', created = ago(300), report = {} }]) => ({
      ...usual,
      user: name,
      arn: `arn:aws:iam::${account}:user${path}${name}`,
      user_creation_time: reportDate(created),
      ...report,
    })),
  ] as Record<string, string>[];
  return [COLUMNS, ...rows.map((row) => COLUMNS.map((column) => row[column]))].map((row) => row.join(',')).join('\n');
}

/** A report is there already. */
export function plantReport(world: World, csv: string, generated = new Date()): void {
  world.plant('iam.GenerateCredentialReport', () => xml('iam.GenerateCredentialReport', { State: 'COMPLETE' }));
  world.plant('iam.GetCredentialReport', () => reportAnswer(csv, generated));
}

export function reportAnswer(csv: string, generated: Date): FakeAnswer {
  return xml('iam.GetCredentialReport', {
    Content: Buffer.from(csv).toString('base64'),
    ReportFormat: 'text/csv',
    GeneratedTime: generated,
  });
}

export interface ServiceKey {
  user: string;
  service?: string;
  /** Absent = bedrock's. */
  status?: string;
  /** Absent = it was made without an end. */
  expires?: Date;
  created?: Date;
  second?: boolean;
}

export const CLAUDE_PLATFORM = 'aws-external-anthropic.amazonaws.com';

export function keysPage(keys: readonly ServiceKey[], page: { IsTruncated: boolean; Marker?: string }): FakeAnswer {
  return xml('iam.ListServiceSpecificCredentials', {
    IsTruncated: page.IsTruncated,
    Marker: page.Marker,
    ServiceSpecificCredentials: keys.map(({ user, service = 'bedrock.amazonaws.com', status = 'Active', expires, created, second }) => ({
      UserName: user,
      Status: status,
      ServiceCredentialAlias: `${user}${second ? '+1' : ''}-at-111122223333`,
      CreateDate: created ?? ago(60),
      ExpirationDate: expires,
      ServiceSpecificCredentialId: keyId(user, service, second),
      ServiceName: service,
    })),
  });
}

export function keyId(user: string, service = 'bedrock.amazonaws.com', second = false): string {
  return idOf('ACCA', `${user} ${service} ${second}`);
}

export function plantKeys(world: World, ...keys: ServiceKey[]): void {
  world.plant('iam.ListServiceSpecificCredentials', () => keysPage(keys, { IsTruncated: false }));
}

const EMPTY_LISTS: Readonly<Record<string, string>> = {
  'bedrock-agentcore-control.ListAgentRuntimes': 'agentRuntimes',
  'bedrock-agentcore-control.ListWorkloadIdentities': 'workloadIdentities',
  'bedrock-agentcore-control.ListOauth2CredentialProviders': 'credentialProviders',
  'bedrock-agentcore-control.ListApiKeyCredentialProviders': 'credentialProviders',
  'bedrock-agentcore-control.ListGateways': 'items',
};

/** Only these regions are enabled, and agents are in none of them. */
export function plantRegions(world: World, ...names: string[]): void {
  const Regions = names.map((RegionName) => ({ RegionName, RegionOptStatus: 'ENABLED_BY_DEFAULT' }));
  world.plant('account.ListRegions', () => json({ Regions }));
  for (const [operation, member] of Object.entries(EMPTY_LISTS)) world.plant(operation, () => json({ [member]: [] }));
}

export interface PlantedRuntime {
  id: string;
  arn?: string;
  role?: string;
  status?: string;
  variables?: Readonly<Record<string, string>>;
}

/** Agent runtimes of every region, or of the one named. */
export function plantRuntimes(world: World, runtimes: readonly PlantedRuntime[], region?: string): void {
  const account = accountOf(world);
  const detail = ({ id, arn, status = 'READY' }: PlantedRuntime, where: string) => ({
    agentRuntimeArn: arn ?? `arn:aws:bedrock-agentcore:${where}:${account}:runtime/${id}`,
    agentRuntimeId: id,
    agentRuntimeVersion: '1',
    agentRuntimeName: id.split('-')[0],
    status,
    lastUpdatedAt: ago(5).toISOString(),
  });
  world.plant('bedrock-agentcore-control.ListAgentRuntimes', (request) => {
    const here = region === undefined || regionOf(request) === region ? runtimes : [];
    return json({ agentRuntimes: here.map((runtime) => ({ ...detail(runtime, regionOf(request)), description: '' })) });
  });
  world.plant('bedrock-agentcore-control.GetAgentRuntime', (request) => {
    const runtime = runtimes.find(({ id }) => id === request.params['agentRuntimeId'])!;
    return json({
      ...detail(runtime, regionOf(request)),
      createdAt: ago(30).toISOString(),
      roleArn: runtime.role ?? `arn:aws:iam::${account}:role/agents`,
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 900, maxLifetime: 28_800 },
      networkConfiguration: { networkMode: 'PUBLIC' },
      protocolConfiguration: { serverProtocol: 'MCP' },
      environmentVariables: runtime.variables ?? {},
    });
  });
}
