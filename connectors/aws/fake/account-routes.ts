import { paged, rest, type ServiceRoute } from './service-route.ts';

/** What the account itself says. */
export const ACCOUNT_ROUTES: readonly ServiceRoute[] = [
  {
    ...rest('account.ListRegions', 'account', 'POST', '/listRegions'),
    next: 'NextToken',
    answer: ({ world, input }) =>
      paged(world.regions, input, { size: 'MaxResults', token: 'NextToken', items: 'Regions', largest: 50 }, ({ name }) => ({
        RegionName: name,
        RegionOptStatus: 'ENABLED_BY_DEFAULT',
      })),
  },
];
