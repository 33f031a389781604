import { list, PAGE, seconds, type ServiceRoute } from './service-route.ts';

/** What was bought in the Marketplace and is in force. */
export const AGREEMENT_ROUTES: readonly ServiceRoute[] = [
  list(
    'marketplace-agreement.SearchAgreements',
    'aws-marketplace',
    'POST',
    '/',
    PAGE('agreementViewSummaries', 50),
    ({ agreements }) => agreements,
    (item, { account }) => ({
      agreementId: item.id,
      acceptanceTime: seconds(item.accepted),
      startTime: seconds(item.accepted),
      ...(item.ends && { endTime: seconds(item.ends) }),
      agreementType: 'PurchaseAgreement',
      acceptor: { accountId: account },
      proposer: { accountId: item.seller },
      proposalSummary: { resources: [{ id: item.product, type: item.type }], offerId: `offer-${item.id.slice(4)}` },
      status: 'ACTIVE',
    }),
  ),
];
