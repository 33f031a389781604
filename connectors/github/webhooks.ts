import { defineCollector, path, type Observation, type Scope } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { settingsPage, type Config } from './config.ts';
import { readLists, UNCOUNTED } from './inventory.ts';
import { LISTS } from './operations.ts';
import { hook, type Hook } from './schema.ts';
import { idOf } from './server.ts';

const LIST = 'GET /orgs/{org}/hooks';

/** Where the organisation's webhooks send what happens in it. */
export const webhooks = defineCollector<Config, Client>({
  id: 'webhooks',
  title: 'Webhooks of the organisation',
  version: 2,
  kinds: ['vendor_integration'],
  mode: 'inventory',
  operations: [LIST],
  permissions: [{ id: LISTS[LIST].app, purpose: 'List the webhooks of the organisation', required: false, orElse: [LISTS[LIST].token] }],
  limits: [
    'Webhooks that an OAuth app made are shown to that app alone',
    'Of the address only the host is kept: the rest may hold a key. So the host is what tells one receiver from another',
    UNCOUNTED,
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('webhooks', 100),

  collect: (context) =>
    readLists(context, [
      {
        list: LIST,
        place: ['webhooks'],
        what: 'webhook',
        effect: 'Where webhooks of the organisation send is unknown',
        size: 'webhooks',
        schema: hook,
        key: ['id'],
        observe: (row, scope) =>
          hookObservation(context.config, row, { scope, source: LIST, url: settingsPage(context, `hooks/${row.id}`) }),
      },
    ]),
});

/** Where the address cannot be read the webhook is there all the same: it has no host, and stands for itself. */
export function hookObservation(
  config: Config,
  row: Hook,
  { scope, source, url }: { scope: Scope; source: string; url: string },
): Observation {
  const { url: host } = row.config;
  return {
    type: 'observation',
    thing: path('webhook', row.id),
    nativeId: path('webhook', row.id),
    kind: 'vendor_integration',
    scope,
    subject: {
      app: host === undefined ? path('webhook', 'id', idOf(config, row.id)) : path('webhook', host),
      credential: row.id,
      name: host ?? `Webhook ${row.id}, whose address cannot be read`,
    },
    signals: host === undefined ? [] : [{ type: 'webhook_host', value: host }],
    permissions: [],
    grantedAt: { at: row.created_at, from: 'listed' },
    ...(!row.active && { use: 'inactive' as const }),
    attributes: { events: [...row.events].sort(), ...(host !== undefined && { host }) },
    evidence: { source, url },
  };
}
