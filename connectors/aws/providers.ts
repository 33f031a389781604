import {
  concurrent,
  defineCollector,
  parseItems,
  path,
  reading,
  within,
  type CollectContext,
  type Observation,
  type ScanEvent,
  type Signal,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { listedProvider, type ListedProvider } from './schema.ts';
import { issuerOf } from './trust-policy.ts';

const LIST_OIDC = 'iam:ListOpenIDConnectProviders';
const GET_OIDC = 'iam:GetOpenIDConnectProvider';
const LIST_SAML = 'iam:ListSAMLProviders';
const OUTBOUND = 'iam:GetOutboundWebIdentityFederationInfo';

/**
 * Outside identity providers that the account believes: whoever they vouch for may knock at a role.
 * And whether the account is one itself, whom outside services believe.
 */
export const providers = defineCollector<Config, Client>({
  id: 'providers',
  title: 'Identity providers',
  version: 2,
  kinds: ['vendor_integration', 'control'],
  mode: 'inventory',
  operations: [
    'iam.ListOpenIDConnectProviders',
    'iam.GetOpenIDConnectProvider',
    'iam.ListSAMLProviders',
    'iam.GetOutboundWebIdentityFederationInfo',
  ],
  permissions: [
    { id: LIST_OIDC, purpose: 'List the OpenID Connect issuers that the account believes', required: true },
    { id: GET_OIDC, purpose: 'Read the address of an issuer and for whom its tokens may be meant', required: true },
    { id: LIST_SAML, purpose: 'List the SAML identity providers', required: true },
    { id: OUTBOUND, purpose: 'Know whether outside services may be reached without a key', required: true },
  ],
  limits: ['A provider opens nothing by itself: which roles it may assume stands in their trusts'],
  volatile: [],
  requests: (sizes) => 1 + sizes.of('oidc_providers') + 2,

  async *collect(context) {
    const { account, cursor } = context;
    if (cursor === undefined) yield* oidcEvents(context);
    yield* samlEvents(context);
    yield await outboundEvent(context);
    yield { type: 'covered', scope: account.scope };
  },
});

async function* oidcEvents({ account, client, inFlight }: CollectContext<Config, Client>): AsyncGenerator<ScanEvent> {
  const place = within(account.scope, 'oidc_provider');
  const loss = { scope: place, effect: 'Which OpenID Connect issuers the account believes is unknown', permission: LIST_OIDC };
  const list = await reading(loss, async () =>
    parseItems(await client.oidcProviders(), listedProvider, { what: 'OpenID Connect provider', scope: () => place }),
  );
  if (list.gap) {
    yield list.gap;
    return;
  }
  yield* list.value.gaps;
  for await (const event of concurrent(list.value.items, inFlight, (listed) => oidcEvent(client, place, listed))) yield event;
  yield { type: 'checkpoint', cursor: { read: 'oidc' }, sizes: { oidc_providers: list.value.items.length } };
}

async function oidcEvent(client: Client, place: string, { Arn }: ListedProvider): Promise<ScanEvent> {
  const scope = within(place, Arn);
  const loss = { scope, effect: 'This issuer, and for whom its tokens may be meant, is unknown', permission: GET_OIDC };
  const result = await reading(loss, () => client.oidcProvider(Arn));
  if (result.gap) return result.gap;
  const { Url, ClientIDList, ThumbprintList, CreateDate } = result.value;
  const issuer = issuerOf(Url);
  return observationOf({
    arn: Arn,
    scope,
    app: issuer,
    name: issuer,
    createdAt: CreateDate,
    signals: [
      { type: 'oidc_issuer', value: issuer },
      { type: 'domain', value: issuer.split('/')[0]! },
    ],
    attributes: { protocol: 'oidc', clientIds: ClientIDList ?? [], thumbprints: (ThumbprintList ?? []).length },
    source: 'iam.GetOpenIDConnectProvider',
  });
}

async function* samlEvents({ account, client }: CollectContext<Config, Client>): AsyncGenerator<ScanEvent> {
  const place = within(account.scope, 'saml_provider');
  const loss = { scope: place, effect: 'Which SAML identity providers the account believes is unknown', permission: LIST_SAML };
  const list = await reading(loss, async () =>
    parseItems(await client.samlProviders(), listedProvider, { what: 'SAML provider', scope: () => place }),
  );
  if (list.gap) {
    yield list.gap;
    return;
  }
  yield* list.value.gaps;
  for (const { Arn, CreateDate } of list.value.items) {
    const name = Arn.slice(Arn.lastIndexOf('/') + 1);
    const attributes = { protocol: 'saml' };
    yield observationOf({
      arn: Arn,
      scope: within(place, Arn),
      app: Arn,
      name,
      createdAt: CreateDate,
      signals: [],
      attributes,
      source: 'iam.ListSAMLProviders',
    });
  }
}

/** Switched on, principals of the account may prove who they are to outside services, which then need no key. */
async function outboundEvent({ account, client }: CollectContext<Config, Client>): Promise<ScanEvent> {
  const scope = within(account.scope, 'outbound_federation');
  const loss = { scope, effect: 'Whether principals may sign in at outside services without a key is unknown', permission: OUTBOUND };
  const result = await reading(loss, () => client.outboundFederation());
  if (result.gap) return result.gap;
  const { JwtVendingEnabled: on, IssuerIdentifier: issuer } = result.value;
  const id = path('outbound_federation', account.id);
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'control',
    scope,
    subject: { app: id, name: 'outbound identity federation' },
    signals: [],
    permissions: [],
    attributes: { on, ...(issuer !== undefined && { issuer }) },
    evidence: { source: 'iam.GetOutboundWebIdentityFederationInfo', url: 'https://console.aws.amazon.com/iam/home#/account_settings' },
  };
}

function observationOf(provider: {
  arn: string;
  scope: string;
  app: string;
  name: string;
  createdAt: Date | undefined;
  signals: readonly Signal[];
  attributes: Observation['attributes'];
  source: string;
}): Observation {
  const id = path('provider', provider.arn);
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'vendor_integration',
    scope: provider.scope,
    subject: { app: provider.app, name: provider.name },
    signals: provider.signals,
    permissions: [],
    ...(provider.createdAt && { grantedAt: { at: provider.createdAt.toISOString(), from: 'listed' } }),
    attributes: { arn: provider.arn, ...provider.attributes },
    evidence: { source: provider.source, url: 'https://console.aws.amazon.com/iam/home#/identity_providers' },
  };
}
