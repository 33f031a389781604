import { defineCollector, within, type CollectContext, type Gap, type ScanEvent } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import {
  accountKeyOf,
  apiKeyOf,
  data,
  identityProviderOf,
  Malformed,
  observed,
  projectOf,
  serviceAccountOf,
  serviceOf,
  serviceSignal,
  type Said,
  type Segment,
  type Services,
} from './cloud-resources.ts';
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

const SOURCE = 'cloudasset.assets.list';

interface Reader extends CollectContext<Config, Client> {
  place: string;
  organization: string;
  sizes: Record<string, number>;
  /** Lists that Google refused for their type, as it seems of each alone. */
  unsupported: Gap[];
}

interface Type {
  type: string;
  /** Of the size that counts it. */
  size: string;
  /** The segment under which its resources stand. */
  segment: Segment;
  /** What a resource says; undefined = nothing that matters. */
  state?(item: Asset, services: Services): Said | undefined;
}

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
      yield observed(scope, type.segment, SOURCE, serviceOf(project, name));
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
      else yield observed(scope, type.segment, SOURCE, said);
    }
  }
  reader.sizes[type.size] = counted;
}

function* lost({ unsupported }: Reader, gap: Gap): Generator<Gap> {
  if (gap.reason === 'not_observable') unsupported.push(gap);
  else yield gap;
}

function malformed(scope: string, type: Type): Gap {
  return { type: 'gap', scope, reason: 'provider_error', effect: `A malformed resource of the type ${type.type} was set aside` };
}
