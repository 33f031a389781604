import { z } from 'zod';
import { path, type Observation } from '../../src/connector/index.ts';
import { agent } from './agents.ts';
import { regionalList, type Place } from './regional-list.ts';
import { regionalCollector } from './regional.ts';

const PAGE = { size: 'maxResults', token: 'nextToken', next: 'nextToken', largest: 100 } as const;
const name = z.string().min(1);
const time = z.date().optional();

const plugins = regionalList({
  operation: 'qbusiness.ListPlugins',
  what: 'plugin',
  place: 'plugin',
  purpose: 'List the outside services in which an assistant acts',
  page: { ...PAGE, items: 'plugins', largest: 50 },
  item: z.object({
    pluginId: name,
    displayName: z.string().optional(),
    type: z.string().optional(),
    serverUrl: z.string().optional(),
    state: z.string().optional(),
    createdAt: time,
  }),
  id: ({ pluginId }) => pluginId,
  observe: (item, _none, place) => [
    ofAssistant(place, 'q_plugin', {
      id: item.pluginId,
      createdAt: item.createdAt,
      attributes: {
        plugin: item.displayName ?? item.pluginId,
        type: item.type ?? 'unknown',
        state: item.state ?? 'unknown',
        // The host alone: a path or a query may hold a key.
        ...(item.serverUrl !== undefined && { host: URL.canParse(item.serverUrl) ? new URL(item.serverUrl).hostname : 'unknown' }),
      },
    }),
  ],
});

const dataSources = regionalList({
  operation: 'qbusiness.ListDataSources',
  what: 'data source',
  place: 'data_source',
  purpose: 'List the data of the company that an assistant answers from',
  page: { ...PAGE, items: 'dataSources', largest: 10 },
  item: z.object({
    dataSourceId: name,
    displayName: z.string().optional(),
    type: z.string().optional(),
    status: z.string().optional(),
    createdAt: time,
  }),
  id: ({ dataSourceId }) => dataSourceId,
  observe: (item, _none, place) => [
    ofAssistant(place, 'q_data_source', {
      id: item.dataSourceId,
      createdAt: item.createdAt,
      attributes: {
        dataSource: item.displayName ?? item.dataSourceId,
        type: item.type ?? 'unknown',
        status: item.status ?? 'unknown',
        index: place.whole.ids['indexId'] ?? 'unknown',
      },
    }),
  ],
});

/** An index is where data sources are found, and says nothing else. */
const indices = regionalList({
  operation: 'qbusiness.ListIndices',
  what: 'index',
  place: 'index',
  purpose: 'Know where the data sources of an assistant are listed',
  page: { ...PAGE, items: 'indices' },
  item: z.object({ indexId: name }),
  id: ({ indexId }) => indexId,
  parts: { lists: [dataSources], ids: ({ indexId }, { whole }) => ({ ...whole.ids, indexId }) },
  observe: () => [],
});

const subscriptions = regionalList({
  operation: 'qbusiness.ListSubscriptions',
  what: 'subscription',
  place: 'subscription',
  purpose: 'List who has a seat of an assistant',
  page: { ...PAGE, items: 'subscriptions' },
  item: z.object({
    subscriptionId: name,
    principal: z.object({ user: z.string().optional(), group: z.string().optional() }).optional(),
    currentSubscription: z.object({ type: z.string().optional() }).optional(),
  }),
  id: ({ subscriptionId }) => subscriptionId,
  observe: ({ subscriptionId, principal: { user, group } = {}, currentSubscription }, _none, place) => {
    const id = path('q_subscription', place.region, subscriptionId);
    const holder = user ?? group;
    return [
      {
        ...ofAssistant(place, 'q_subscription', { id: subscriptionId, attributes: { type: currentSubscription?.type ?? 'unknown' } }),
        thing: id,
        nativeId: id,
        kind: 'seat',
        // Ids of the directory of Identity Center, which is read where it is at home.
        ...(holder !== undefined && { principal: { id: holder, name: holder, traits: user === undefined ? [] : ['directory_person'] } }),
      },
    ];
  },
});

const applications = regionalList({
  operation: 'qbusiness.ListApplications',
  what: 'assistant',
  place: 'q_application',
  purpose: 'List assistants and who is let in to them',
  page: { ...PAGE, items: 'applications' },
  item: z.object({
    applicationId: name,
    displayName: z.string().optional(),
    status: z.string().optional(),
    identityType: z.string().optional(),
    createdAt: time,
  }),
  id: ({ applicationId }) => applicationId,
  parts: {
    lists: [plugins, indices, subscriptions],
    ids: ({ applicationId }) => ({ applicationId }),
    name: ({ applicationId, displayName = applicationId }) => displayName,
  },
  observe: (item, _none, place) => [
    agent(place, 'q_application', {
      id: item.applicationId,
      name: item.displayName ?? item.applicationId,
      createdAt: item.createdAt,
      attributes: {
        status: item.status ?? 'unknown',
        identityType: item.identityType ?? 'unknown',
        // Whoever finds it may ask it.
        open: item.identityType === 'ANONYMOUS',
      },
    }),
  ],
});

/** A fact of the assistant that it is a part of. */
function ofAssistant(place: Place, what: string, found: Pick<Parameters<typeof agent>[2], 'id' | 'createdAt' | 'attributes'>): Observation {
  const { ids, name: assistant } = place.whole;
  const of = path('q_application', place.region, ids['applicationId']!);
  return agent(place, what, { ...found, of, name: assistant, kind: 'vendor_integration' });
}

/** Assistants that people of the company talk to, what they may read, where they act, and who has a seat. */
export const assistants = regionalCollector({
  id: 'assistants',
  title: 'Amazon Q Business: assistants, their data, plugins and seats',
  kinds: ['agent', 'vendor_integration', 'seat'],
  lists: [applications],
  limits: [
    'What was asked and answered is not read',
    'Seats name people and groups by their ids in Identity Center: who the people are, its own list tells',
    'Subscriptions to Amazon Q Developer have no client of the SDK: its application in Identity Center is all that a list shows',
  ],
});
