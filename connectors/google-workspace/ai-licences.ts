import { defineCollector, path, within, type Observation } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { SCOPES } from './operations.ts';
import { listPages } from './pages.ts';
import { licence, user, type Licence, type User } from './schema.ts';
import { standingOf, traitsOf } from './users.ts';

/** The product under which Google sells its own AI to Workspace. https://developers.google.com/workspace/admin/licensing/v1/how-tos/products */
const PRODUCT = '101047';

/** Licences of Google's own AI and who has them. Google names the holder by an address alone, so the directory is walked for the id. */
export const aiLicences = defineCollector<Config, Client>({
  id: 'ai_licences',
  title: 'Licences of Google’s own AI',
  version: 2,
  kinds: ['seat'],
  mode: 'inventory',
  optional: true,
  operations: ['licensing.licenseAssignments.listForProduct', 'directory.users.list'],
  permissions: [
    { id: SCOPES.licences, purpose: 'List who has a licence; Google has no read-only form of it', required: true },
    { id: SCOPES.users, purpose: 'Know the id behind the address that a licence names', required: true },
  ],
  limits: ['A licence that a whole edition includes is assigned to nobody in particular, and not listed'],
  volatile: [],
  requests: (sizes) => sizes.pages('licences', 1000) + sizes.pages('users', 500),

  async *collect({ account, client, cursor }) {
    if (cursor === 'read') return yield { type: 'covered', scope: account.scope };
    const loss = { scope: account.scope, effect: 'Who has a licence of Google’s own AI is unknown' };
    const held = new Map<string, Licence[]>();
    let counted = 0;
    const licences = (pageToken: string | undefined) => client.licences({ product: PRODUCT, pageToken });
    const list = { loss: { ...loss, permission: SCOPES.licences }, what: 'licence', schema: licence, ask: licences };
    for await (const page of listPages(list)) {
      if (page.gap) return yield page.gap;
      yield* page.gaps;
      counted += page.items.length;
      for (const item of page.items) held.set(item.userId.toLowerCase(), [...(held.get(item.userId.toLowerCase()) ?? []), item]);
    }
    const people = (pageToken: string | undefined) => client.users({ deleted: false, pageToken });
    for await (const page of listPages({ loss: { ...loss, permission: SCOPES.users }, what: 'user', schema: user, ask: people })) {
      if (page.gap) return yield page.gap;
      yield* page.gaps;
      for (const holder of page.items) {
        const address = holder.primaryEmail.toLowerCase();
        for (const item of held.get(address) ?? []) yield observationOf(account.scope, holder, item);
        held.delete(address);
      }
    }
    if (held.size > 0) {
      const effect = `${held.size} licences name an address that the directory does not list`;
      yield { type: 'gap', scope: within(account.scope, 'seat'), reason: 'not_observable', effect };
    }
    yield { type: 'checkpoint', cursor: 'read', sizes: { licences: counted } };
    yield { type: 'covered', scope: account.scope };
  },
});

function observationOf(account: string, holder: User, item: Licence): Observation {
  const id = path('seat', item.skuId, holder.id);
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'seat',
    scope: within(account, 'user', holder.id, item.skuId),
    subject: { app: path('licence', item.skuId), name: item.skuName ?? item.skuId },
    principal: {
      id: holder.id,
      name: holder.primaryEmail,
      standing: standingOf(holder, false),
      traits: traitsOf(holder),
    },
    signals: item.skuName === undefined ? [] : [{ type: 'app_name', value: item.skuName }],
    permissions: [],
    attributes: { sku: item.skuId },
    evidence: { source: 'licensing.licenseAssignments.listForProduct', url: 'https://admin.google.com/ac/billing/licensemanagement' },
  };
}
