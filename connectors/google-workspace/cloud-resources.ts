import type { z } from 'zod';
import { path, within, type Observation, type Signal } from '../../src/connector/index.ts';
import * as resource from './cloud-schema.ts';
import { projectNumber } from './own-organization.ts';
import type { Asset } from './schema.ts';

// What a resource of Google Cloud says, whoever listed it.

/** By the project's number; undefined = they could not be read. */
export type Services = ReadonlyMap<string, ReadonlySet<string>> | undefined;

/** Everything but the place of an observation; or, where the rest is unknown, what is. */
export type Said = { id: readonly string[] } & (
  | Omit<Observation, 'type' | 'scope' | 'thing' | 'nativeId' | 'evidence'>
  | { unknown: string }
);

/** The segments under which things of each type stand: the same from whoever lists them. */
export type Segment = 'service' | 'project' | 'service_account' | 'service_account_key' | 'api_key' | 'identity_provider';

export function observed(
  scope: string,
  segment: Segment,
  source: string,
  { id, ...said }: Exclude<Said, { unknown: string }>,
): Observation {
  const thing = path(segment, ...id);
  return { type: 'observation', thing, nativeId: thing, scope: within(scope, ...id), ...said, evidence: { source } };
}

export class Malformed extends Error {}

export function data<Read>(schema: z.ZodType<Read>, item: Asset): Read | undefined {
  const parsed = schema.safeParse(item.resource?.data);
  return parsed.success ? parsed.data : undefined;
}

function needed<Read>(schema: z.ZodType<Read>, item: Asset): Read {
  const read = data(schema, item);
  if (!read) throw new Malformed();
  return read;
}

export function serviceSignal(value: string): Signal {
  return { type: 'google_api', value };
}

/** A service that a project has enabled. */
export function serviceOf(project: string, name: string): Exclude<Said, { unknown: string }> {
  return {
    id: [project, name],
    kind: 'vendor_integration',
    subject: { app: path('cloud_service', name), name },
    signals: [serviceSignal(name)],
    permissions: [],
    attributes: { project, enabled: true },
  };
}

/** Projects are context: an OAuth client that begins with the number of one of them is the organisation's own. */
export function projectOf(item: Asset): Said {
  const { projectId, projectNumber, lifecycleState } = needed(resource.project, item);
  return {
    id: [projectNumber],
    kind: 'control',
    subject: { app: path('project', projectNumber), name: projectId },
    signals: [{ type: 'oauth_project_number', value: projectNumber }],
    permissions: [],
    attributes: { project: projectId, state: lifecycleState ?? null },
  };
}

export function serviceAccountOf(item: Asset): Said {
  const account = needed(resource.serviceAccount, item);
  return {
    id: [account.uniqueId],
    kind: 'service_account',
    // A delegation names it by this very number.
    subject: { app: account.uniqueId, name: account.email },
    principal: { id: account.uniqueId, name: account.email, traits: ['workload'] },
    signals: [
      { type: 'oauth_client_id', value: account.uniqueId },
      ...(account.displayName ? [{ type: 'app_name', value: account.displayName }] : []),
    ],
    permissions: [],
    ...(account.disabled && { use: 'inactive' as const }),
    attributes: { project: projectNumber(item) ?? null, description: account.displayName ?? null },
  };
}

/** Google's way of saying that a key does not end. */
const NEVER = '9999';

export function accountKeyOf(item: Asset): Said | undefined {
  const key = needed(resource.serviceAccountKey, item);
  // Google makes and turns over keys of its own for every account; nobody can hold one of those.
  if (key.keyType !== 'USER_MANAGED') return undefined;
  const [, owner, id] = /serviceAccounts\/([^/]+)\/keys\/([^/]+)$/.exec(item.name) ?? [];
  if (!owner || !id) throw new Malformed();
  return {
    id: [owner, id],
    kind: 'api_key',
    subject: { app: path('service_account_key', owner), credential: id, name: `Key ${id.slice(0, 8)} of ${emailIn(key.name) ?? owner}` },
    principal: { id: owner, name: emailIn(key.name) ?? owner, traits: ['workload', 'standing_credential'] },
    signals: [],
    permissions: [],
    ...(key.validAfterTime && { grantedAt: { at: new Date(key.validAfterTime).toISOString(), from: 'listed' } as const }),
    ...(key.validBeforeTime && {
      expiresAt: key.validBeforeTime.startsWith(NEVER)
        ? ('never' as const)
        : ({ at: new Date(key.validBeforeTime).toISOString(), from: 'listed' } as const),
    }),
    ...(key.disabled && { use: 'inactive' as const }),
    attributes: {
      project: projectNumber(item) ?? null,
      origin: key.keyOrigin ?? null,
      // An exposed key stays marked after it was disabled.
      exposed: key.extendedStatus?.some((status) => status.key?.includes('EXPOSED')) ?? false,
    },
  };
}

function emailIn(name: string): string | undefined {
  return /serviceAccounts\/([^/]+@[^/]+)\/keys\//.exec(name)?.[1];
}

/** A key without limits to services may call every one that its project has enabled. */
export function apiKeyOf(item: Asset, services: Services): Said {
  const key = needed(resource.apiKey, item);
  const project = projectNumber(item);
  const targets = key.restrictions?.apiTargets ?? [];
  const limits = targets.length > 0 ? targets.map(({ service }) => service) : undefined;
  if (!project) throw new Malformed();
  if (!limits && !services)
    return { id: [project, key.uid], unknown: 'What a key without limits may call is unknown, because services are' };
  const callable = [...(limits ?? services!.get(project) ?? [])].sort();
  return {
    id: [project, key.uid],
    kind: 'api_key',
    subject: { app: path('api_key', project, key.uid), credential: key.uid, name: key.displayName || key.uid },
    ...(key.serviceAccountEmail && {
      principal: { id: key.serviceAccountEmail, name: key.serviceAccountEmail, traits: ['workload', 'standing_credential'] as const },
    }),
    signals: callable.map(serviceSignal),
    permissions: [],
    ...(key.createTime && { grantedAt: { at: new Date(key.createTime).toISOString(), from: 'listed' } as const }),
    ...(key.deleteTime && { use: 'inactive' as const }),
    expiresAt: 'never',
    attributes: {
      project,
      limitedToServices: limits !== undefined,
      limitedToCallers: ['browserKeyRestrictions', 'serverKeyRestrictions', 'androidKeyRestrictions', 'iosKeyRestrictions'].some(
        (kind) => key.restrictions?.[kind as 'browserKeyRestrictions'] !== undefined,
      ),
    },
  };
}

/** A workload of another cloud or of a service outside that is let in. Which service accounts it may become is not said here. */
export function identityProviderOf(item: Asset): Said | undefined {
  const provider = needed(resource.identityProvider, item);
  // Google keeps it for 30 days in which it lets nobody in.
  if (provider.state === 'DELETED') return undefined;
  const project = projectNumber(item);
  const [, pool, id] = /\/workloadIdentityPools\/([^/]+)\/providers\/([^/]+)$/.exec(provider.name)!;
  if (!project) throw new Malformed();
  const issuer = provider.oidc?.issuerUri.replace(/^https:\/\//, '').replace(/\/$/, '');
  const account = provider.aws?.accountId;
  // Certificates, of SAML or of the workload itself, name no party.
  const trusts = issuer !== undefined ? 'oidc' : account !== undefined ? 'account' : 'other';
  return {
    id: [project, pool!, id!],
    kind: 'trust',
    // All pools that let the same party in are one app.
    subject: {
      app: issuer ?? account ?? path('identity_provider', project, pool!, id!),
      name: issuer ?? account ?? provider.displayName ?? id!,
    },
    principal: { id: path('identity_pool', project, pool!), name: `Workload identity pool ${pool}`, traits: ['workload', 'federated'] },
    signals: [
      ...(issuer === undefined ? [] : [{ type: 'oidc_issuer', value: issuer }]),
      ...(account === undefined ? [] : [{ type: 'aws_account_id', value: account }]),
    ],
    permissions: [],
    ...(provider.disabled && { use: 'inactive' as const }),
    attributes: { project, pool: pool!, ...(!provider.disabled && { trusts }), conditioned: (provider.attributeCondition ?? '') !== '' },
  };
}
