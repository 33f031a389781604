import type { FakeRequest } from '../../../src/testing/server.ts';
import type { Region } from './regions.ts';
import { found, list, PAGE, paged, rest, seconds, type ServiceCall, type ServiceRoute } from './service-route.ts';

/** Assistants with their plugins, indices, data and seats. */
export const ASSISTANT_ROUTES: readonly ServiceRoute[] = [
  list(
    'qbusiness.ListApplications',
    'qbusiness',
    'GET',
    '/applications',
    PAGE('applications', 100),
    ({ assistants }) => assistants,
    (item) => ({
      applicationId: item.id,
      displayName: item.name,
      status: 'ACTIVE',
      identityType: item.identity,
      createdAt: seconds(item.created),
      updatedAt: seconds(item.created),
    }),
  ),
  part('ListPlugins', 'plugins', 'plugins', 50, ({ plugins }) =>
    plugins.map((item) => ({
      pluginId: item.id,
      displayName: item.name,
      type: item.type,
      serverUrl: item.address,
      state: 'ENABLED',
      buildStatus: 'READY',
      createdAt: seconds(item.created),
      updatedAt: seconds(item.created),
    })),
  ),
  part('ListIndices', 'indices', 'indices', 100, ({ indices, created }) =>
    indices.map((item) => ({
      indexId: item.id,
      displayName: item.name,
      status: 'ACTIVE',
      createdAt: seconds(created),
      updatedAt: seconds(created),
    })),
  ),
  part('ListDataSources', 'indices/{indexId}/datasources', 'dataSources', 10, ({ indices, created }, { params }) =>
    found(indices.find(({ id }) => id === params['indexId'])).sources.map((item) => ({
      dataSourceId: item.id,
      displayName: item.name,
      type: item.type,
      status: 'ACTIVE',
      createdAt: seconds(created),
      updatedAt: seconds(created),
    })),
  ),
  part('ListSubscriptions', 'subscriptions', 'subscriptions', 100, ({ seats }, { region, account }) =>
    seats.map(({ id, ...principal }) => ({
      subscriptionId: id,
      subscriptionArn: `arn:aws:qbusiness:${region}:${account}:subscription/${id}`,
      principal,
      currentSubscription: { type: 'Q_BUSINESS' },
    })),
  ),
];

type Assistant = Region['assistants'][number];

/** A list that every assistant has of its own. */
function part(
  action: string,
  path: string,
  items: string,
  largest: number,
  rows: (assistant: Assistant, at: Pick<FakeRequest, 'params'> & { account: string; region: string }) => readonly object[],
): ServiceRoute {
  return {
    ...rest(`qbusiness.${action}`, 'qbusiness', 'GET', `/applications/{applicationId}/${path}`),
    next: 'nextToken',
    answer({ world, region, request: { params }, input }: ServiceCall) {
      const assistant = found(region.assistants.find(({ id }) => id === params['applicationId']));
      return paged(rows(assistant, { params, account: world.account, region: region.name }), input, PAGE(items, largest), (row) => row);
    },
  };
}

/** Requests for the parts of an assistant, two items a page: an empty list costs one. */
export function requestsForParts({ plugins, indices, seats }: Assistant): number {
  const pages = (list: readonly unknown[]) => Math.max(1, Math.ceil(list.length / 2));
  return pages(plugins) + pages(indices) + pages(seats) + indices.reduce((sum, { sources }) => sum + pages(sources), 0);
}
