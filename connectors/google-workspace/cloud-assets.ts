import {
  defineCollector,
  path,
  within,
  type CollectContext,
  type Gap,
  type Observation,
  type ScanEvent,
  type Signal,
} from '../../src/connector/index.ts';
import type { z } from 'zod';
import type { Client } from './client.ts';
import * as resource from './cloud-schema.ts';
import type { Config } from './config.ts';
import { CLOUD_PERMISSIONS } from './operations.ts';
import { ownOrganization, projectNumber, SERVICES } from './own-organization.ts';
import { listPages } from './pages.ts';
import { asset, type Asset } from './schema.ts';

/**
 * Google Cloud of the same customer, from its inventory of assets: projects, the services that they have enabled, service
 * accounts, their keys, API keys with what they may call, and who outside may become a workload here. Each type is a list of its own, so that one which Google does
 * not support costs no other. https://cloud.google.com/asset-inventory/docs/supported-asset-types
 */
export const cloudAssets = defineCollector<Config, Client>({
  id: 'cloud_assets',
  title: 'Google Cloud: service accounts, keys and enabled services',
  version: 2,
  kinds: ['control', 'vendor_integration', 'service_account', 'api_key', 'trust'],
  mode: 'inventory',
  optional: true,
  needs: ['cloud'],
  operations: ['cloudresourcemanager.organizations.search', 'cloudasset.assets.list'],
  permissions: [
    { id: CLOUD_PERMISSIONS.organizations, purpose: 'Find the organisation that belongs to the customer (roles/browser)', required: true },
    { id: CLOUD_PERMISSIONS.assets, purpose: 'List the resources of the organisation (roles/cloudasset.viewer)', required: true },
  ],
  limits: [
    'OAuth clients of a project cannot be listed: they are seen when somebody grants them access',
    'When a key was last used is not part of the inventory: see key_use',
    'What a workload from outside may do: which service accounts it may become stands in policies, which are not read',
    'Whether the pool of an identity provider is itself disabled or deleted: then nobody comes in by any of its providers',
    'The inventory follows changes with a delay of minutes',
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('organizations', 500) + TYPES.reduce((sum, { size }) => sum + sizes.pages(size, 1000), 0),

  async *collect(context) {
    const { account, cursor } = context;
    const place = within(account.scope, 'cloud');
    if (cursor === 'read') return yield { type: 'covered', scope: place };
    const own = yield* ownOrganization(context, place, 'What Google Cloud holds is unknown');
    if (!own) return;
    const reader: Reader = { ...context, place, organization: own.name, sizes: { organizations: own.seen }, unsupported: [] };
    const services = yield* readServices(reader);
    for (const type of TYPES) if (type.size !== 'cloudServices') yield* readType(reader, type, services);
    // Where no type could be listed, it was not the type that Google minded.
    const listed = TYPES.some(({ size }) => reader.sizes[size] !== undefined);
    for (const gap of reader.unsupported) yield listed ? gap : { ...gap, reason: 'provider_error' };
    yield { type: 'checkpoint', cursor: 'read', sizes: reader.sizes };
    yield { type: 'covered', scope: place };
  },
});

interface Reader extends CollectContext<Config, Client> {
  place: string;
  organization: string;
  sizes: Record<string, number>;
  /** Lists that Google refused for their type, as it seems of each alone. */
  unsupported: Gap[];
}

/** By the project's number; undefined = they could not be read. */
type Services = ReadonlyMap<string, ReadonlySet<string>> | undefined;

interface Type {
  type: string;
  /** Of the size that counts it. */
  size: string;
  /** The segment under which its resources stand. */
  segment: string;
  /** What a resource says; undefined = nothing that matters. */
  state?(item: Asset, services: Services): Said | undefined;
}

/** Everything but the place of an observation; or, where the rest is unknown, what is. */
type Said = { id: readonly string[] } & (Omit<Observation, 'type' | 'scope' | 'thing' | 'nativeId' | 'evidence'> | { unknown: string });

const TYPES: readonly Type[] = [
  { type: SERVICES, size: 'cloudServices', segment: 'service' },
  { type: 'cloudresourcemanager.googleapis.com/Project', size: 'cloudProjects', segment: 'project', state: projectOf },
  { type: 'iam.googleapis.com/ServiceAccount', size: 'serviceAccounts', segment: 'service_account', state: serviceAccountOf },
  { type: 'iam.googleapis.com/ServiceAccountKey', size: 'serviceAccountKeys', segment: 'service_account_key', state: accountKeyOf },
  { type: 'apikeys.googleapis.com/Key', size: 'apiKeys', segment: 'api_key', state: apiKeyOf },
  {
    type: 'iam.googleapis.com/WorkloadIdentityPoolProvider',
    size: 'identityProviders',
    segment: 'identity_provider',
    state: identityProviderOf,
  },
];

function listOf({ client, place, organization }: Reader, type: Type) {
  const scope = within(place, type.segment);
  const loss = { scope, effect: `Resources of the type ${type.type} are unknown`, permission: CLOUD_PERMISSIONS.assets };
  const ask = (pageToken: string | undefined) => client.assets({ organization, type: type.type, pageToken });
  return listPages({ loss, what: 'resource', schema: asset, ask });
}

/** Enabled services come first: what a key without limits may call follows from them. Of services, those of interest are stated. */
async function* readServices(reader: Reader): AsyncGenerator<ScanEvent, Services> {
  const type = TYPES[0]!;
  const scope = within(reader.place, type.segment);
  const enabled = new Map<string, Set<string>>();
  let whole = true;
  let ordinary = 0;
  let counted = 0;
  for await (const page of listOf(reader, type)) {
    if (page.gap) {
      yield* lost(reader, page.gap);
      return undefined;
    }
    yield* page.gaps;
    whole &&= page.gaps.length === 0;
    counted += page.items.length;
    for (const item of page.items) {
      const read = data(resource.service, item);
      const project = projectNumber(item);
      if (!read || !project) {
        whole = false;
        yield malformed(scope, type);
        continue;
      }
      const name = read.name.slice(read.name.lastIndexOf('/') + 1);
      if (read.state !== 'ENABLED') continue;
      if (!['ai', 'suspected'].includes(reader.interest([serviceSignal(name)]))) {
        ordinary++;
        continue;
      }
      enabled.set(project, (enabled.get(project) ?? new Set()).add(name));
      yield observed(scope, type, {
        id: [project, name],
        kind: 'vendor_integration',
        subject: { app: path('cloud_service', name), name },
        signals: [serviceSignal(name)],
        permissions: [],
        attributes: { project, enabled: true },
      });
    }
  }
  reader.sizes[type.size] = counted;
  if (ordinary > 0) {
    const effect = `${ordinary} enabled services were left out: the catalog calls none of them AI`;
    yield { type: 'gap', scope: within(scope, 'others'), reason: 'not_of_interest', effect };
  }
  return whole ? enabled : undefined;
}

async function* readType(reader: Reader, type: Type, services: Services): AsyncGenerator<ScanEvent> {
  const scope = within(reader.place, type.segment);
  let counted = 0;
  for await (const page of listOf(reader, type)) {
    if (page.gap) return yield* lost(reader, page.gap);
    yield* page.gaps;
    counted += page.items.length;
    for (const item of page.items) {
      let said: Said | undefined;
      try {
        said = type.state!(item, services);
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
        yield malformed(scope, type);
        continue;
      }
      if (!said) continue;
      if ('unknown' in said) yield { type: 'gap', scope: within(scope, ...said.id), reason: 'provider_error', effect: said.unknown };
      else yield observed(scope, type, said);
    }
  }
  reader.sizes[type.size] = counted;
}

function* lost({ unsupported }: Reader, gap: Gap): Generator<Gap> {
  if (gap.reason === 'not_observable') unsupported.push(gap);
  else yield gap;
}

function observed(scope: string, type: Type, { id, ...said }: Exclude<Said, { unknown: string }>): Observation {
  const thing = path(type.segment, ...id);
  return {
    type: 'observation',
    thing,
    nativeId: thing,
    scope: within(scope, ...id),
    ...said,
    evidence: { source: 'cloudasset.assets.list' },
  };
}

class Malformed extends Error {}

function data<Read>(schema: z.ZodType<Read>, item: Asset): Read | undefined {
  const parsed = schema.safeParse(item.resource?.data);
  return parsed.success ? parsed.data : undefined;
}

function needed<Read>(schema: z.ZodType<Read>, item: Asset): Read {
  const read = data(schema, item);
  if (!read) throw new Malformed();
  return read;
}

function malformed(scope: string, type: Type): Gap {
  return { type: 'gap', scope, reason: 'provider_error', effect: `A malformed resource of the type ${type.type} was set aside` };
}

function serviceSignal(value: string): Signal {
  return { type: 'google_api', value };
}

/** Projects are context: an OAuth client that begins with the number of one of them is the organisation's own. */
function projectOf(item: Asset): Said {
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

function serviceAccountOf(item: Asset): Said {
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

function accountKeyOf(item: Asset): Said | undefined {
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
function apiKeyOf(item: Asset, services: Services): Said {
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
function identityProviderOf(item: Asset): Said | undefined {
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
