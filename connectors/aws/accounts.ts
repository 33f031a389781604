import { defineCollector, path, reading, within, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import type { Described, ListedAccount } from './organization.ts';

/** The accounts of the organisation, and which of them are not read. What they hold is read in each of them. */
export const accounts = defineCollector<Config, Client>({
  id: 'accounts',
  title: 'Accounts of the organisation',
  version: 1,
  kinds: ['control'],
  mode: 'inventory',
  level: 'group',
  operations: ['organizations.ListAccounts'],
  permissions: [
    { id: 'organizations:DescribeOrganization', purpose: 'Open the organisation', required: true },
    { id: 'organizations:ListAccounts', purpose: 'Know which accounts the organisation has', required: true },
  ],
  limits: ['Accounts that are not active are listed and not read', 'Organisation policies are not read'],
  volatile: [],
  requests: (sizes) => sizes.pages('accounts', 20),

  async *collect({ account, client, cursor }) {
    // What was listed before an interruption was kept with the only checkpoint.
    if (cursor === undefined && !(yield* listing(account.scope, client))) return;
    yield { type: 'covered', scope: account.scope };
  },
});

async function* listing(scope: string, { organization }: Client): AsyncGenerator<ScanEvent, boolean> {
  if (!organization) throw new Error('The source reads one account and no organisation');
  yield organizationObservation(scope, organization.itself);
  const loss = { scope, effect: 'Which accounts the organisation has is unknown', permission: 'organizations:ListAccounts' };
  const listed = await reading(loss, () => organization.accounts());
  if (listed.gap) {
    yield listed.gap;
    return false;
  }
  const { items, gaps } = listed.value;
  yield* gaps;
  for (const item of items) {
    const place = within(scope, 'account', item.Id);
    yield accountObservation(place, item);
    const unread = organization.unread(item);
    if (unread) yield { type: 'gap', scope: within(place, 'content'), ...unread };
  }
  yield { type: 'checkpoint', cursor: {}, sizes: { accounts: items.length } };
  return true;
}

function accountObservation(scope: string, { Id, Name = Id, State = 'unknown', JoinedTimestamp: joined }: ListedAccount): Observation {
  const id = path('aws_account', Id);
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'control',
    scope,
    subject: { app: id, name: Name },
    signals: [],
    permissions: [],
    ...(joined && { grantedAt: { at: joined.toISOString(), from: 'listed' } }),
    attributes: { state: State },
    evidence: { source: 'organizations.ListAccounts', url: `https://console.aws.amazon.com/organizations/v2/home/accounts/${Id}` },
  };
}

function organizationObservation(scope: string, { Id, MasterAccountId: management, FeatureSet: features }: Described): Observation {
  const id = path('organization', Id);
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'control',
    scope,
    subject: { app: id, name: Id },
    signals: [],
    permissions: [],
    attributes: { ...(management !== undefined && { management }), ...(features !== undefined && { features }) },
    evidence: { source: 'organizations.DescribeOrganization', url: 'https://console.aws.amazon.com/organizations/v2/home/accounts' },
  };
}
