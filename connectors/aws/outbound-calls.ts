import { z } from 'zod';
import { path, type Observation } from '../../src/connector/index.ts';
import { consoleOf, regionalList } from './regional-list.ts';
import { regionalCollector } from './regional.ts';

const PAGE = { size: 'Limit', token: 'NextToken', next: 'NextToken', largest: 100 } as const;
const name = z.string().min(1);

const destinations = regionalList({
  operation: 'eventbridge.ListApiDestinations',
  what: 'API destination',
  place: 'api_destination',
  purpose: 'List addresses outside that events are sent to',
  page: { ...PAGE, items: 'ApiDestinations' },
  item: z.object({
    ApiDestinationArn: name,
    Name: name,
    InvocationEndpoint: name,
    ConnectionArn: z.string().optional(),
    ApiDestinationState: z.string().optional(),
    CreationTime: z.date().optional(),
  }),
  id: ({ ApiDestinationArn }) => ApiDestinationArn,
  observe(item, _none, place): Observation[] {
    const host = hostOf(item.InvocationEndpoint);
    const id = path('api_destination', place.region, item.ApiDestinationArn);
    return [
      {
        type: 'observation',
        thing: id,
        nativeId: id,
        kind: 'vendor_integration',
        scope: place.scope,
        subject: { app: path('api_destination', place.region, item.Name), name: item.Name },
        signals: host === undefined ? [] : [{ type: 'domain', value: host }],
        permissions: [],
        ...(item.CreationTime && { grantedAt: { at: item.CreationTime.toISOString(), from: 'listed' } }),
        // The host alone: a path or a query may hold a key.
        attributes: {
          region: place.region,
          arn: item.ApiDestinationArn,
          host: host ?? 'unknown',
          state: item.ApiDestinationState ?? 'unknown',
          ...(item.ConnectionArn !== undefined && { connection: item.ConnectionArn }),
        },
        evidence: { source: place.source, url: consoleOf(place) },
      },
    ];
  },
});

/** Addresses may have `*` in the place of a path segment. */
function hostOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).hostname : undefined;
}

/** Events of the account that are sent to somebody outside. */
export const outboundCalls = regionalCollector({
  id: 'outbound_calls',
  title: 'Events that are sent to outside services',
  kinds: ['vendor_integration'],
  lists: [destinations],
  limits: ['Calls that programs make themselves are not seen', 'Connections that no destination uses are not read'],
});
