import { defineCollector, pageGuard, parseItems, path, reading, within, type Observation, type Trait } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { isKeyHolder } from './principals.ts';
import { serviceCredential, type ServiceCredential } from './schema.ts';

const PERMISSION = 'iam:ListServiceSpecificCredentials';

/** Long-lived keys for one service each. They hang on any user, whatever its name. */
export const serviceCredentials = defineCollector<Config, Client>({
  id: 'service_credentials',
  title: 'Service-specific credentials',
  version: 2,
  kinds: ['api_key'],
  mode: 'inventory',
  operations: ['iam.ListServiceSpecificCredentials'],
  permissions: [{ id: PERMISSION, purpose: 'List the API keys of all users, with service and expiry', required: true }],
  limits: [
    'AWS keeps no last use of these keys',
    'Short-term keys are signatures that no list shows',
    'The list names users, not their ids: a user who was deleted and made again looks the same',
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('service_credentials', 1000),

  async *collect({ account, client, cursor }) {
    const position = (cursor ?? { marker: null, listed: false, count: 0 }) as Position;
    const loss = { scope: account.scope, effect: 'API keys for single services are unknown', permission: PERMISSION };
    const guard = pageGuard();
    if (position.marker !== null) guard(position.marker);
    while (!position.listed) {
      const page = await reading(loss, async () => {
        const { items, next } = await client.serviceCredentials(position.marker);
        if (next !== null) guard(next);
        return { ...parseItems(items, serviceCredential, { what: 'service-specific credential', scope: () => account.scope }), next };
      });
      if (page.gap) {
        yield page.gap;
        return;
      }
      yield* page.value.gaps;
      for (const item of page.value.items) yield observationOf(account.scope, item);
      position.marker = page.value.next;
      position.listed = position.marker === null;
      position.count += page.value.items.length;
      yield { type: 'checkpoint', cursor: { ...position }, sizes: { service_credentials: position.count } };
    }
    yield { type: 'covered', scope: account.scope };
  },
});

type Position = { marker: string | null; listed: boolean; count: number };

function observationOf(account: string, item: ServiceCredential): Observation {
  const id = path('service_credential', item.ServiceSpecificCredentialId);
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'api_key',
    scope: within(account, 'service_credential', item.ServiceSpecificCredentialId),
    subject: { app: item.ServiceName, credential: item.ServiceSpecificCredentialId, name: item.ServiceCredentialAlias ?? item.UserName },
    principal: {
      id: path('user-name', item.UserName),
      name: item.UserName,
      traits: traitsOf(item),
    },
    signals: [
      { type: 'credential_service', value: item.ServiceName },
      { type: 'iam_name', value: item.UserName },
    ],
    permissions: [`service-credential:${item.ServiceName}`],
    ...(item.CreateDate && { grantedAt: { at: item.CreateDate.toISOString(), from: 'listed' } }),
    expiresAt: item.ExpirationDate ? { at: item.ExpirationDate.toISOString(), from: 'listed' } : 'never',
    ...(item.Status !== 'Active' && { use: 'inactive' as const }),
    attributes: { status: item.Status, service: item.ServiceName },
    evidence: {
      source: 'iam.ListServiceSpecificCredentials',
      url: `https://console.aws.amazon.com/iam/home#/users/details/${encodeURIComponent(item.UserName)}?section=security_credentials`,
    },
  };
}

function traitsOf({ Status, UserName }: ServiceCredential): Trait[] {
  return [...(Status === 'Active' ? (['standing_credential'] as const) : []), ...(isKeyHolder(UserName) ? (['key_holder'] as const) : [])];
}
