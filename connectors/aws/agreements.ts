import { z } from 'zod';
import { defineCollector, path, type Signal } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { consoleOf, permissionOf, regionalList } from './regional-list.ts';

const OPERATION = 'marketplace-agreement.SearchAgreements';
/** The Marketplace has one address, whatever the regions of an account are. */
const HOME = 'us-east-1';
const PAGE = 50;
const text = z.string().min(1);

const list = regionalList({
  operation: OPERATION,
  what: 'agreement of the Marketplace',
  place: 'marketplace_agreement',
  purpose: 'List what the account has subscribed to in the Marketplace',
  // As the one who accepted, and only what is in force: one of the combinations that AWS takes.
  input: {
    catalog: 'AWSMarketplace',
    filters: [
      { name: 'PartyType', values: ['Acceptor'] },
      { name: 'AgreementType', values: ['PurchaseAgreement'] },
      { name: 'Status', values: ['ACTIVE'] },
    ],
  },
  page: { items: 'agreementViewSummaries', size: 'maxResults', token: 'nextToken', next: 'nextToken', largest: PAGE },
  item: z.object({
    agreementId: text,
    acceptanceTime: z.date().optional(),
    endTime: z.date().optional(),
    proposer: z.object({ accountId: z.string().optional() }).optional(),
    proposalSummary: z
      .object({
        resources: z.array(z.object({ id: z.string().optional(), type: z.string().optional() })).optional(),
        offerId: z.string().optional(),
      })
      .optional(),
    status: z.string().optional(),
  }),
  id: ({ agreementId }) => agreementId,
  observe(item, _none, place) {
    const resources = item.proposalSummary?.resources ?? [];
    const products = [...new Set(resources.flatMap(({ id }) => id ?? []))].toSorted();
    const types = [...new Set(resources.flatMap(({ type }) => type ?? []))].toSorted();
    const seller = item.proposer?.accountId;
    const signals: Signal[] = [
      ...products.map((value) => ({ type: 'aws_marketplace_product', value })),
      ...(seller === undefined ? [] : [{ type: 'aws_account_id', value: seller }]),
    ];
    const id = path('marketplace_agreement', item.agreementId);
    return [
      {
        type: 'observation',
        thing: id,
        nativeId: id,
        kind: 'vendor_integration',
        scope: place.scope,
        // A renewal is another agreement about the same product.
        subject: {
          app: products.length > 0 ? path('marketplace_product', ...products) : id,
          name: products.join(', ') || item.agreementId,
        },
        signals,
        permissions: [],
        ...(item.acceptanceTime && { grantedAt: { at: item.acceptanceTime.toISOString(), from: 'listed' as const } }),
        ...(item.endTime && { expiresAt: { at: item.endTime.toISOString(), from: 'listed' as const } }),
        attributes: {
          products,
          productTypes: types,
          status: item.status ?? 'unknown',
          ...(seller !== undefined && { seller }),
          ...(item.proposalSummary?.offerId !== undefined && { offer: item.proposalSummary.offerId }),
        },
        evidence: { source: place.source, url: consoleOf(place) },
      },
    ];
  },
});

/** What the account has bought of others: subscriptions of the Marketplace that are in force. */
export const agreements = defineCollector<Config, Client>({
  id: 'agreements',
  title: 'Agreements of the Marketplace',
  version: 1,
  kinds: ['vendor_integration'],
  mode: 'inventory',
  operations: [OPERATION],
  permissions: [{ id: permissionOf(OPERATION), purpose: list.purpose, required: true }],
  limits: [
    'Products and sellers are known by their ids: the list has no names, and a seller may be a reseller',
    'Agreements that have ended, and those of other accounts of the organisation, are not in the list of an account',
    'What was paid is not read',
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('agreements', PAGE),

  async *collect(context) {
    const { account, cursor } = context;
    if (cursor === undefined) {
      const whole = { scope: account.scope, what: 'the account', ids: {}, name: '' };
      const { events } = await list.read(context, HOME, whole);
      yield* events;
      yield { type: 'checkpoint', cursor: {}, sizes: { agreements: events.filter(({ type }) => type === 'observation').length } };
    }
    yield { type: 'covered', scope: account.scope };
  },
});
