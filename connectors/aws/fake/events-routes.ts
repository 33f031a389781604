import type { Region } from './regions.ts';
import { BIG_PAGE, list, paged, rest, seconds, type Json, type ServiceRoute } from './service-route.ts';

/** Whoever asks is counted himself, wherever he asks. */
const OF_CALLS = {
  Namespace: 'AWS/Usage',
  MetricName: 'CallCount',
  Dimensions: Object.entries({ Type: 'API', Resource: 'ListMetrics', Service: 'CloudWatch', Class: 'None' }).map(([Name, Value]) => ({
    Name,
    Value,
  })),
};

function metricsOf({ metrics }: Region, { Namespace, MetricName }: Json) {
  const called = metrics.map((dimensions) => ({
    Namespace: 'AWS/Bedrock',
    MetricName: 'Invocations',
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  }));
  return [OF_CALLS, ...called].filter(
    (metric) => (Namespace ?? metric.Namespace) === metric.Namespace && (MetricName ?? metric.MetricName) === metric.MetricName,
  );
}

/** Addresses that events are sent to, the history of calls, and what was measured of them. */
export const EVENT_ROUTES: readonly ServiceRoute[] = [
  list(
    'eventbridge.ListApiDestinations',
    'events',
    'POST',
    '/',
    { size: 'Limit', token: 'NextToken', items: 'ApiDestinations', largest: 100 },
    ({ destinations }) => destinations,
    (item, { account, region }) => ({
      ApiDestinationArn: `arn:aws:events:${region}:${account}:api-destination/${item.name}/0f1e2d3c-0001-4002-8003-000000000001`,
      Name: item.name,
      ApiDestinationState: 'ACTIVE',
      ConnectionArn: `arn:aws:events:${region}:${account}:connection/${item.name}/0f1e2d3c-0001-4002-8003-000000000002`,
      InvocationEndpoint: item.address,
      HttpMethod: 'POST',
      InvocationRateLimitPerSecond: 10,
      CreationTime: seconds(item.created),
      LastModifiedTime: seconds(item.created),
    }),
  ),
  {
    ...rest('cloudwatch.ListMetrics', 'cloudwatch', 'POST', '/'),
    protocol: 'json',
    next: 'NextToken',
    count: ({ metrics }) => metrics.length,
    // How long a page is, nobody may ask for.
    answer: ({ region, input }) =>
      paged(metricsOf(region, input), { NextToken: input['NextToken'], MaxResults: 2 }, BIG_PAGE('Metrics', 500), (metric) => metric),
  },
  list(
    'cloudtrail.LookupEvents',
    'cloudtrail',
    'POST',
    '/',
    BIG_PAGE('Events', 50),
    ({ events }) => events,
    (item, { account, region }) => ({
      EventId: `00000000-0000-4000-8000-${String(item.at.getTime()).padStart(12, '0').slice(-12)}`,
      EventName: item.name,
      EventTime: seconds(item.at),
      EventSource: 'bedrock.amazonaws.com',
      Username: 'session',
      CloudTrailEvent: JSON.stringify({
        eventVersion: '1.11',
        eventName: item.name,
        awsRegion: region,
        recipientAccountId: account,
        userIdentity: {
          type: 'AssumedRole',
          principalId: `${item.roleId}:session`,
          arn: `${item.role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/session`,
          sessionContext: { sessionIssuer: { type: 'Role', principalId: item.roleId, arn: item.role } },
        },
        requestParameters: { modelId: item.model },
        ...(item.error && { errorCode: item.error }),
        ...(item.bearer && { additionalEventData: { callWithBearerToken: true } }),
      }),
    }),
  ),
];
