import { defineCollector, path, within, type Gap, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import * as resource from './cloud-schema.ts';
import type { Config } from './config.ts';
import { CLOUD_PERMISSIONS } from './operations.ts';
import { ownOrganization, projectNumber } from './own-organization.ts';
import { listPages } from './pages.ts';
import { asset, type Asset } from './schema.ts';

/**
 * Types of AI services, each a list of its own: Google refuses an expression (RE2) only where it matches no supported type, so a type
 * that it does not support would look like an empty one beside another. Which it supports changes, and that of agents is documented nowhere.
 * https://cloud.google.com/asset-inventory/docs/supported-asset-types
 */
const TYPES = [
  { type: 'aiplatform.googleapis.com/Dataset', size: 'modelDatasets' },
  { type: 'aiplatform.googleapis.com/Endpoint', size: 'modelEndpoints' },
  { type: 'aiplatform.googleapis.com/IndexEndpoint', size: 'indexEndpoints' },
  { type: 'aiplatform.googleapis.com/Model', size: 'models' },
  { type: 'aiplatform.googleapis.com/ReasoningEngine', size: 'reasoningEngines' },
  { type: 'discoveryengine.googleapis.com/DataStore', size: 'dataStores' },
  { type: 'discoveryengine.googleapis.com/Engine', size: 'searchEngines' },
  { type: 'dialogflow.googleapis.com/Agent', size: 'conversationAgents' },
  { type: 'notebooks.googleapis.com/Instance', size: 'notebooks' },
] as const;

/** Types whose resources act by themselves, in somebody's service. */
const AGENTS: readonly string[] = ['ReasoningEngine', 'Engine', 'Agent'];

/** Models, endpoints, agents, search engines and notebooks in the projects of the organisation. */
export const aiResources = defineCollector<Config, Client>({
  id: 'ai_resources',
  title: 'Google Cloud: models, endpoints, agents and notebooks',
  version: 2,
  kinds: ['vendor_integration', 'agent'],
  mode: 'inventory',
  optional: true,
  needs: ['cloud'],
  operations: ['cloudresourcemanager.organizations.search', 'cloudasset.assets.list'],
  permissions: [
    { id: CLOUD_PERMISSIONS.organizations, purpose: 'Find the organisation that belongs to the customer (roles/browser)', required: true },
    { id: CLOUD_PERMISSIONS.assets, purpose: 'List the AI resources of the organisation (roles/cloudasset.viewer)', required: true },
  ],
  limits: ['Who uses a model or an endpoint', 'Jobs, pipelines and tuned weights', 'The inventory follows changes with a delay of minutes'],
  volatile: [],
  requests: (sizes) => sizes.pages('organizations', 500) + TYPES.reduce((sum, { size }) => sum + sizes.pages(size, 1000), 0),

  async *collect(context) {
    const { account, client, cursor } = context;
    const place = within(account.scope, 'ai_resource');
    if (cursor === 'read') return yield { type: 'covered', scope: place };
    const own = yield* ownOrganization(context, place, 'Which AI resources Google Cloud holds is unknown');
    if (!own) return;
    const sizes: Record<string, number> = { organizations: own.seen };
    const unsupported: Gap[] = [];
    for (const { type, size } of TYPES) {
      const [service, kind] = type.split('/') as [string, string];
      const scope = within(place, service, kind);
      const loss = { scope, effect: `Resources of the type ${type} are unknown`, permission: CLOUD_PERMISSIONS.assets };
      const ask = (pageToken: string | undefined) => client.assets({ organization: own.name, type, pageToken });
      let counted = 0;
      let whole = true;
      for await (const page of listPages({ loss, what: 'resource', schema: asset, ask })) {
        if (page.gap) {
          if (page.gap.reason === 'not_observable') unsupported.push(page.gap);
          else yield page.gap;
          whole = false;
          break;
        }
        yield* page.gaps;
        counted += page.items.length;
        for (const item of page.items) yield stated(scope, service, kind, item);
      }
      if (whole) sizes[size] = counted;
    }
    // Where no list came, it was not the types that Google minded.
    const listed = TYPES.some(({ size }) => sizes[size] !== undefined);
    for (const gap of unsupported) yield listed ? gap : { ...gap, reason: 'provider_error' };
    yield { type: 'checkpoint', cursor: 'read', sizes };
    yield { type: 'covered', scope: place };
  },
});

/** All resources of a service are one app, which is decided about once. */
function stated(scope: string, service: string, type: string, item: Asset): Observation | Gap {
  const read = resource.aiResource.safeParse(item.resource?.data);
  const project = projectNumber(item);
  // Whatever the service, a resource stands in a project and, but for old ones, in a location.
  const [, local] = /^\/\/[^/]+\/projects\/[^/]+\/(.+)$/.exec(item.name) ?? [];
  if (!read.success || !project || item.assetType !== `${service}/${type}` || !local)
    return { type: 'gap', scope, reason: 'provider_error', effect: `A malformed resource of the type ${service}/${type} was set aside` };
  const { displayName, createTime, serviceAccount, spec } = read.data;
  const thing = path('ai_resource', service, project, local);
  const agent = AGENTS.includes(type);
  const runsAs = spec?.serviceAccount ?? serviceAccount;
  return {
    type: 'observation',
    thing,
    nativeId: thing,
    kind: agent ? 'agent' : 'vendor_integration',
    scope: within(scope, project, local),
    subject: { app: path('cloud_service', service), name: service },
    ...(agent && { principal: { id: thing, name: displayName ?? local, traits: ['agent_runtime', 'workload'] as const } }),
    signals: [{ type: 'google_api', value: service }],
    permissions: [],
    ...(createTime !== undefined && { grantedAt: { at: new Date(createTime).toISOString(), from: 'listed' } as const }),
    attributes: {
      project,
      type,
      name: displayName ?? local,
      location: /locations\/([^/]+)/.exec(local)?.[1] ?? null,
      ...(runsAs !== undefined && { runsAs }),
    },
    evidence: { source: 'cloudasset.assets.list' },
  } satisfies ScanEvent;
}
