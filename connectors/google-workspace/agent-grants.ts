import { defineCollector, path, within, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { readRegions, type At } from './agent-locations.ts';
import { authorization, authProvider, IN_PROVIDER, PROVIDER, workloadId, type Authorization, type AuthProvider } from './agent-schema.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { CLOUD_PERMISSIONS } from './operations.ts';

/**
 * Where agents get tokens for other services, and the grants that they hold there: of people who let them in, and of themselves.
 * https://cloud.google.com/agent-identity/docs
 */
export const agentGrants = defineCollector<Config, Client>({
  id: 'agent_grants',
  title: 'Google Cloud: OAuth grants that agents hold',
  version: 2,
  kinds: ['vendor_integration', 'oauth_grant'],
  mode: 'inventory',
  optional: true,
  needs: ['cloud'],
  operations: [
    'cloudresourcemanager.organizations.search',
    'cloudasset.assets.list',
    'agentidentity.projects.locations.authProviders.list',
    'agentidentity.projects.locations.authProviders.queryWorkloads',
    'agentidentity.projects.locations.authProviders.authorizations.list',
  ],
  permissions: [
    { id: CLOUD_PERMISSIONS.organizations, purpose: 'Find the organisation that belongs to the customer (roles/browser)', required: true },
    { id: CLOUD_PERMISSIONS.assets, purpose: 'Find the projects whose agents have identities (roles/cloudasset.viewer)', required: true },
    { id: CLOUD_PERMISSIONS.providers, purpose: 'List where agents get tokens (roles/agentidentity.viewer)', required: true },
    { id: CLOUD_PERMISSIONS.workloads, purpose: 'List which agents used a provider (roles/agentidentity.viewer)', required: true },
    { id: CLOUD_PERMISSIONS.authorizations, purpose: 'List the grants that agents hold (roles/agentidentity.viewer)', required: true },
  ],
  limits: [
    'Who let an agent in is what its client says: Google does not prove it',
    'Which agent holds a grant, where several have used the provider',
    'Agents that may use a provider and have not',
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('organizations', 500) + sizes.pages('cloudServices', 1000) + sizes.of('providerPages'),

  collect: (context) =>
    readRegions(context, {
      service: 'agentidentity.googleapis.com',
      place: within(context.account.scope, 'agent_grants'),
      effect: 'Which grants agents hold is unknown',
      permission: CLOUD_PERMISSIONS.providers,
      size: 'providerPages',
      read: (at) => providersIn(context.client, at),
    }),
});

async function* providersIn(client: Client, at: At): AsyncGenerator<ScanEvent> {
  const providers = yield* at.list({
    what: 'auth provider',
    schema: authProvider,
    ask: (pageToken) => client.authProviders({ location: at.name, pageToken }),
  });
  for (const provider of providers ?? []) {
    const of = { provider: provider.name };
    const workloads = yield* at.list({
      what: 'workload',
      schema: workloadId,
      ask: (pageToken) => client.workloadsOf({ ...of, pageToken }),
    });
    if (!workloads) return;
    const granted = yield* at.list({
      what: 'authorisation',
      schema: authorization,
      ask: (pageToken) => client.authorizations({ ...of, pageToken }),
    });
    if (!granted) return;
    const agents = [...new Set(workloads)].toSorted();
    const holder = holderOf(agents);
    yield { ...providerOf(at, provider, agents), ...holder };
    for (const one of granted) yield { ...grantOf(at, provider, one), ...holder };
  }
}

/** Who holds a grant is not said: where one agent alone has used the provider, it is taken for the holder, and of several none is. */
function holderOf([id, ...others]: readonly string[]): Pick<Observation, 'principal'> {
  return id === undefined || others.length > 0 ? {} : { principal: { id, name: id, traits: ['agent_runtime', 'workload'] } };
}

/** What an agent can reach without any person: with an id of its own, or with a key. */
function providerOf(at: At, provider: AuthProvider, agents: readonly string[]): Observation {
  const { allowedScopes, authProviderTypeParams: kinds = {}, createTime, state } = provider;
  return {
    ...about(at, provider, []),
    kind: 'vendor_integration',
    permissions: allowedScopes ?? [],
    ...listedAt(createTime),
    ...(provider.deleted && { use: 'inactive' as const }),
    attributes: {
      agents: [...agents],
      worksFor: kinds.threeLeggedOauth ? 'people who let it in' : 'itself',
      ...(allowedScopes === undefined && { scopes: 'any' }),
      state: state ?? null,
    },
    evidence: { source: 'agentidentity.projects.locations.authProviders.list' },
  };
}

/**
 * The state is kept in Google's word, of which `ACTIVE` and `SUSPENDED` are published: nothing is made of it.
 * https://docs.cloud.google.com/iam/docs/reference/agentidentity/rest/v1beta/projects.locations.authProviders.authorizations
 */
function grantOf(at: At, provider: AuthProvider, one: Authorization): Observation {
  const [, id] = IN_PROVIDER.exec(one.name) as unknown as [string, string];
  return {
    ...about(at, provider, [id]),
    kind: 'oauth_grant',
    permissions: one.scopes ?? [],
    ...listedAt(one.createTime),
    ...(provider.deleted && { use: 'inactive' as const }),
    attributes: {
      state: one.state ?? null,
      ...(one.clientUserId !== undefined && { inTheNameOf: { user: one.clientUserId, says: 'said by the client, not proven' } }),
    },
    evidence: { source: 'agentidentity.projects.locations.authProviders.authorizations.list' },
  };
}

/** The provider, or one of its grants; all of them are one app. */
function about({ project, scope }: At, { name, authProviderTypeParams: kinds = {} }: AuthProvider, below: readonly string[]) {
  const [, location, id] = PROVIDER.exec(name) as unknown as [string, string, string];
  const app = path('auth_provider', project, location, id);
  const thing = path('auth_provider', project, location, id, ...below);
  const { threeLeggedOauth: people, twoLeggedOauth: itself } = kinds;
  const hosts = [people?.authorizationUrl, people?.tokenUrl, itself?.tokenUrl].flatMap((url) => URL.parse(url ?? '')?.hostname ?? []);
  return {
    type: 'observation',
    thing,
    nativeId: thing,
    scope: within(scope, location, id, ...below),
    subject: { app, name: id },
    signals: [...new Set(hosts)].map((value) => ({ type: 'domain', value })),
  } satisfies Partial<Observation>;
}

function listedAt(createTime: string | undefined): Pick<Observation, 'grantedAt'> {
  return createTime === undefined ? {} : { grantedAt: { at: new Date(createTime).toISOString(), from: 'listed' } };
}
