import type { FakeAnswer } from '../../../src/testing/server.ts';
import type { World } from '../world.ts';
import { accountOf, idOf } from './estate.ts';
import { inputOf, json, regionOf } from './wire.ts';

/** One call of a model, as CloudTrail keeps it. */
export interface TrailEvent {
  name: string;
  /** Name of the role that called. */
  role: string;
  at: Date;
  error?: string;
  /** It came with a key for the service alone. */
  bearer?: boolean;
}

export function lookedUp(events: readonly unknown[], next?: string): FakeAnswer {
  return json({ Events: events, ...(next !== undefined && { NextToken: next }) });
}

/** Every region's history has so many pages. */
export function plantEvents(world: World, page: (number: number) => readonly TrailEvent[], pages: number): void {
  world.plant('cloudtrail.LookupEvents', (request) => {
    const number = Number(inputOf(request)['NextToken'] ?? 0);
    const rows = page(number).map((event, index) =>
      rowOf(event, { account: accountOf(world), region: regionOf(request), ordinal: number * 50 + index }),
    );
    return lookedUp(rows, number + 1 < pages ? String(number + 1) : undefined);
  });
}

function rowOf(event: TrailEvent, { account, region, ordinal }: { account: string; region: string; ordinal: number }): unknown {
  const roleId = idOf('AROA', event.role);
  const eventID = `00000000-0000-4000-8000-${String(ordinal).padStart(12, '0')}`;
  const eventTime = event.at.toISOString().replace(/\.\d+Z$/, 'Z');
  const detail = {
    eventVersion: '1.11',
    eventID,
    eventTime,
    eventSource: 'bedrock.amazonaws.com',
    eventName: event.name,
    awsRegion: region,
    recipientAccountId: account,
    userIdentity: {
      type: 'AssumedRole',
      principalId: `${roleId}:session`,
      arn: `arn:aws:sts::${account}:assumed-role/${event.role}/session`,
      sessionContext: {
        sessionIssuer: { type: 'Role', principalId: roleId, arn: `arn:aws:iam::${account}:role/${event.role}`, userName: event.role },
      },
    },
    requestParameters: { modelId: 'amazon.nova-lite-v1:0' },
    ...(event.error && { errorCode: event.error }),
    ...(event.bearer && { additionalEventData: { callWithBearerToken: true } }),
  };
  return {
    EventId: eventID,
    EventName: event.name,
    EventTime: event.at.getTime() / 1000,
    EventSource: 'bedrock.amazonaws.com',
    ReadOnly: 'true',
    Username: 'session',
    CloudTrailEvent: JSON.stringify(detail),
  };
}
