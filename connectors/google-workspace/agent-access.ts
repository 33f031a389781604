import { defineCollector, path, within, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { readRegions, type At } from './agent-locations.ts';
import { accessSummary, LOCATED, type AccessSummary } from './agent-schema.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { CLOUD_PERMISSIONS } from './operations.ts';

/**
 * What agents really used: scopes, in whose name, when last. Google keeps summaries by workload, and takes the workload's word for
 * the user. https://cloud.google.com/agent-identity/docs
 */
export const agentAccess = defineCollector<Config, Client>({
  id: 'agent_access',
  title: 'Google Cloud: access that agents used',
  version: 1,
  kinds: ['usage'],
  mode: 'log',
  optional: true,
  needs: ['cloud'],
  operations: [
    'cloudresourcemanager.organizations.search',
    'cloudasset.assets.list',
    'agentidentity.projects.locations.accessSummaries.list',
  ],
  permissions: [
    { id: CLOUD_PERMISSIONS.organizations, purpose: 'Find the organisation that belongs to the customer (roles/browser)', required: true },
    { id: CLOUD_PERMISSIONS.assets, purpose: 'Find the projects whose agents have identities (roles/cloudasset.viewer)', required: true },
    { id: CLOUD_PERMISSIONS.access, purpose: 'Read what agents used (roles/agentidentity.viewer)', required: true },
  ],
  limits: ['In whose name an agent acted is its own claim: Google does not prove it', 'Of the scopes, a summary names 200 at most'],
  volatile: [],
  requests: (sizes) => sizes.pages('organizations', 500) + sizes.pages('cloudServices', 1000) + sizes.of('accessPages'),

  collect(context) {
    // How long Google keeps them is said of each summary alone.
    const to = context.now().toISOString();
    return readRegions(context, {
      service: 'agentidentity.googleapis.com',
      place: within(context.account.scope, 'agent_access'),
      window: { from: to, to },
      effect: 'What agents used is unknown',
      permission: CLOUD_PERMISSIONS.access,
      size: 'accessPages',
      read: (at) => summariesIn(context.client, at),
    });
  },
});

async function* summariesIn(client: Client, at: At): AsyncGenerator<ScanEvent> {
  const summaries = yield* at.list({
    what: 'access summary',
    schema: accessSummary,
    ask: (pageToken) => client.accessSummaries({ location: at.name, pageToken }),
  });
  for (const summary of summaries ?? []) yield observationOf(at, summary);
}

function observationOf({ project, scope }: At, summary: AccessSummary): Observation {
  const [, location, id] = LOCATED.exec(summary.name) as unknown as [string, string, string];
  const about = path('agent_access', project, location, id);
  const { workloadId, userId, firstAccessTime: first, lastAccessTime: last } = summary;
  return {
    type: 'observation',
    thing: about,
    nativeId: about,
    kind: 'usage',
    scope: within(scope, location, id),
    subject: { app: path('workload', workloadId), name: workloadId },
    principal: { id: workloadId, name: workloadId, traits: ['agent_runtime', 'workload'] },
    signals: [],
    permissions: summary.scopes ?? [],
    ...(last !== undefined && { lastUsedAt: { at: new Date(last).toISOString(), from: 'report' } as const }),
    attributes: {
      project,
      location,
      ...(userId !== undefined && { inTheNameOf: { user: userId, says: 'claimed by the workload, not proven' } }),
      tokensFrom: summary.tokenUrl === undefined ? null : (URL.parse(summary.tokenUrl)?.hostname ?? null),
      firstUsedAt: first === undefined ? null : new Date(first).toISOString(),
    },
    evidence: { source: 'agentidentity.projects.locations.accessSummaries.list' },
  };
}
