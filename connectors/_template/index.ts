import { z } from 'zod';
import {
  defineCollector,
  defineConnector,
  isSafeAddress,
  pageGuard,
  parseItems,
  path,
  reading,
  within,
  type Observation,
} from '../../src/connector/index.ts';
import { secretReference } from '../../src/secret/secret.ts';
import type { Client } from './client.ts';

/** How one workspace is reached. */
const config = z.strictObject({
  token: secretReference.describe('A token that may only read'),
  baseUrl: z
    .url()
    .refine(isSafeAddress, 'https, or an address of this machine')
    .default('https://api.template.example')
    .describe('Another address of the API'),
});
export type Config = z.infer<typeof config>;

/** Only the fields that we read. */
const grant = z.object({
  id: z.string(),
  app: z.object({ id: z.string(), name: z.string() }),
  user: z.object({ id: z.string(), name: z.string() }),
  scopes: z.array(z.string()),
});

const grants = defineCollector<Config, Client>({
  id: 'grants',
  title: 'Apps that users have given access to',
  version: 1,
  kinds: ['oauth_grant'],
  mode: 'inventory',
  operations: ['grants.list'],
  permissions: [{ id: 'grants:read', purpose: 'List the apps that users have given access to', required: true }],
  limits: ['Apps that were used without signing in leave no grant'],
  volatile: [],
  requests: (sizes) => sizes.pages('grants', 100),

  async *collect({ account, client, cursor }) {
    const position = (cursor ?? { next: null, count: 0, last: false }) as { next: string | null; count: number; last: boolean };
    const loss = { scope: account.scope, effect: 'Which apps have access is unknown', permission: 'grants:read' };
    const guard = pageGuard();
    while (!position.last) {
      const page = await reading(loss, async () => {
        const answer = await client.grants(position.next);
        if (answer.next !== null) guard(answer.next);
        return { ...parseItems(answer.grants, grant, { what: 'grant', scope: () => account.scope }), next: answer.next };
      });
      if (page.gap) return yield page.gap;
      yield* page.value.gaps;
      for (const item of page.value.items) yield observationOf(account.scope, item);
      position.next = page.value.next;
      position.last = page.value.next === null;
      position.count += page.value.items.length;
      yield { type: 'checkpoint', cursor: { ...position }, sizes: { grants: position.count } };
    }
    yield { type: 'covered', scope: account.scope };
  },
});

function observationOf(account: string, item: z.infer<typeof grant>): Observation {
  return {
    type: 'observation',
    thing: path('grant', item.id),
    nativeId: item.id,
    kind: 'oauth_grant',
    scope: within(account, 'user', item.user.id),
    subject: { app: item.app.id, name: item.app.name },
    principal: { id: item.user.id, name: item.user.name, traits: ['interactive_login'] },
    signals: [{ type: 'app_name', value: item.app.name }],
    permissions: item.scopes,
    attributes: {},
    evidence: { source: 'grants.list' },
  };
}

export const connector = defineConnector<Config, Client>({
  id: 'template',
  title: 'Template',
  config,
  credentials: [{ id: 'token', title: 'Token', keys: ['token'] }],
  operations: [
    { id: 'account.get', method: 'GET', origin: 'api', path: '/account', class: 'read' },
    { id: 'grants.list', method: 'GET', origin: 'api', path: '/grants', class: 'read', permission: 'grants:read' },
  ],
  collectors: [grants],
  connect: async (context) => (await import('./client.ts')).connect(context),
  meaning: (permission) => ({
    dataClass: 'chat',
    access: permission.endsWith(':read') ? 'read' : 'write',
    plain: `Use ${permission}`,
    known: false,
  }),
  // Behind this word of our places the id of a user stands: a tenant may keep pseudonyms instead of people.
  people: { isPerson: (_segment, before) => before.at(-1) === 'user' || undefined },
  remediation: { oauth_grant: 'Remove the app in the settings of the workspace.' },
});
