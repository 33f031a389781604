import type { Member, Organization } from './organization.ts';
import { paged, rest, seconds, type ServiceRoute } from './service-route.ts';

/** What the organisation says of itself, in its management account. */
export const ORGANIZATION_ROUTES: readonly ServiceRoute[] = [
  {
    ...rest('organizations.DescribeOrganization', 'organizations', 'POST', '/'),
    protocol: 'json',
    answer: ({ organization: { id, management } }) => ({
      Organization: {
        Id: id,
        Arn: `arn:aws:organizations::${management}:organization/${id}`,
        FeatureSet: 'ALL',
        MasterAccountArn: `arn:aws:organizations::${management}:account/${id}/${management}`,
        MasterAccountId: management,
        MasterAccountEmail: 'cloud@lanternworks.example',
      },
    }),
  },
  {
    ...rest('organizations.ListAccounts', 'organizations', 'POST', '/'),
    protocol: 'json',
    next: 'NextToken',
    answer({ organization, input }) {
      const token = typeof input['NextToken'] === 'string' ? input['NextToken'] : '';
      if (token.startsWith(NOTHING_THEN)) return { Accounts: [], NextToken: token.slice(NOTHING_THEN.length) };
      const page = { size: 'MaxResults', token: 'NextToken', items: 'Accounts', largest: 20 };
      const { NextToken: next, ...rest } = paged(organization.accounts, input, page, (item) => accountOf(organization, item));
      if (typeof next !== 'string') return rest;
      return { ...rest, NextToken: token === '' ? `${NOTHING_THEN}${next}` : next };
    },
  },
];

/** After the first page comes one without accounts, and more after it: AWS reserves the right to. */
const NOTHING_THEN = 'empty-';

/** How many pages are there only because one is empty. */
export function emptyPages({ accounts }: Organization, size: number): number {
  return accounts.length > size ? 1 : 0;
}

function accountOf({ id: organization, management }: Organization, { id, name, state, joined }: Member): object {
  return {
    Id: id,
    Arn: `arn:aws:organizations::${management}:account/${organization}/${id}`,
    Email: `${name.toLowerCase()}@lanternworks.example`,
    Name: name,
    // Announced to be dropped; it may lag behind, and decides nothing.
    Status: 'ACTIVE',
    ...(state !== undefined && { State: state }),
    JoinedMethod: 'CREATED',
    JoinedTimestamp: seconds(joined),
  };
}
