import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { AI_EVENTS } from './ai.ts';
import type { Log, Logged } from './audit.ts';
import { CONTROLS } from './controls.ts';
import { masked, type Shape, shapeOf } from './mask.ts';
import { oneOf, pageSize, pageToken, placeOf, query } from './parameters.ts';
import { findPerson } from './people.ts';
import { badParameter } from './refusals.ts';
import { readableDays, type World } from './world.ts';

const EVENT_NAMES = {
  token: ['authorize', 'revoke', 'request', 'deny', 'activity'],
  admin: [...new Set(['AUTHORIZE_API_CLIENT_ACCESS', 'REMOVE_API_CLIENT_ACCESS', ...CONTROLS.map(({ name }) => name)])],
  ...AI_EVENTS,
} as const;
const APPLICATIONS = Object.keys(EVENT_NAMES) as (keyof typeof EVENT_NAMES)[];
/** Mail is told of in pieces. */
const LONGEST_GMAIL = 30 * 86_400_000;

const ACTIVITIES: Shape = {
  kind: true,
  etag: true,
  nextPageToken: true,
  items: {
    ...shapeOf('etag ipAddress isAgenticAction kind networkInfo ownerDomain resourceDetails userDeviceInfo'),
    id: shapeOf('applicationName customerId time uniqueQualifier'),
    actor: shapeOf('agentAttributionInfo applicationInfo callerType email key profileId'),
    events: shapeOf('name parameters resourceIds sensitiveParameters status type'),
  },
};

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)$/;

/** A log begins with no day skipped and no event of it read. */
export const NEWEST_EVENT = [0, 0] as const;

export function listActivities(world: World, night: number, logs: Record<keyof typeof EVENT_NAMES, Log>, request: FakeRequest): FakeAnswer {
  const application = oneOf('applicationName', request.params['applicationName']!, APPLICATIONS);
  const values = query(request, [
    'agentInfoFilter',
    'customerId',
    'endTime',
    'eventName',
    'filters',
    'maxResults',
    'pageToken',
    'startTime',
  ]);
  const wanted = wantedBy(world, application, request.params['userKey']!, values);
  const size = pageSize(values, { usual: 1000, largest: 1000 });
  const place = placeOf(request, NEWEST_EVENT);

  const page = eventsFrom(logs[application], night, wanted, place.at, size);
  const body = {
    kind: 'admin#reports#activities',
    ...(page.events.length > 0 && { items: page.events.map((event) => event.activity()) }),
    ...(page.next && { nextPageToken: pageToken(request, { page: place.page + 1, at: page.next }) }),
  };
  return { status: 200, body: masked(body, values.get('fields'), ACTIVITIES) };
}

interface Wanted {
  names: readonly string[];
  actor: number | undefined;
  /** The app whose calls alone are wanted. */
  client: string | undefined;
  /** The agent whose actions alone are wanted. */
  agent: string | undefined;
  start: number;
  end: number;
}

function wantedBy(world: World, application: keyof typeof EVENT_NAMES, userKey: string, values: ReadonlyMap<string, string>): Wanted {
  oneOf('customerId', values.get('customerId') ?? 'my_customer', ['my_customer', world.customerId]);
  const name = values.get('eventName');
  const names = name === undefined ? EVENT_NAMES[application] : [oneOf<string>('eventName', name, EVENT_NAMES[application])];
  const actor = userKey === 'all' ? undefined : findPerson(world.company, world.people, userKey)?.number;
  if (userKey !== 'all' && actor === undefined) throw badParameter('userKey', 'Invalid Input: userKey');
  const start = timeOf('startTime', values) ?? Number.NEGATIVE_INFINITY;
  const end = timeOf('endTime', values) ?? Number.POSITIVE_INFINITY;
  if (application === 'gmail' && end - start > LONGEST_GMAIL) throw badParameter('startTime', 'Gmail events span 30 days at most');
  if (start >= end) throw badParameter('startTime', 'Start time must be before end time');
  const [, client] = /^client_id==([^,<>=]+)$/.exec(values.get('filters') ?? '') ?? [];
  // A filter belongs to the parameters of one event.
  if (values.has('filters') && (client === undefined || name !== 'activity')) throw badParameter('filters', 'Invalid value for filters');
  const [, agent] = /^agentId="([^"]+)"$/.exec(values.get('agentInfoFilter') ?? '') ?? [];
  if (values.has('agentInfoFilter') && agent === undefined) throw badParameter('agentInfoFilter', 'Invalid value for agentInfoFilter');
  return { names, actor, client, agent, start, end };
}

function timeOf(name: string, values: ReadonlyMap<string, string>): number | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  if (!RFC_3339.test(text) || Number.isNaN(Date.parse(text))) throw badParameter(name, `Invalid value '${text}'. Not an RFC 3339 time`);
  return Date.parse(text);
}

/** Events from a place on, newest first, and the place of the first one that is left over. */
function eventsFrom(log: Log, night: number, wanted: Wanted, at: readonly number[], size: number): { events: Logged[]; next?: number[] } {
  const [fromDay = 0, fromEvent = 0] = at;
  const events: Logged[] = [];
  const days = [...readableDays(night)];
  for (let skipped = fromDay; skipped < days.length; skipped++) {
    const told = eventsOn(days[skipped]!, log, wanted);
    for (let index = skipped === fromDay ? fromEvent : 0; index < told.length; index++) {
      if (events.length === size) return { events, next: [skipped, index] };
      events.push(told[index]!);
    }
  }
  return { events };
}

function eventsOn(day: number, log: Log, { names, actor, client, agent, start, end }: Wanted): Logged[] {
  return names
    .flatMap((name) => log(day, name))
    .filter((event) => event.at.getTime() >= start && event.at.getTime() <= end && (actor ?? event.actor) === event.actor)
    .filter((event) => (client ?? event.client) === event.client && (agent ?? event.agent) === event.agent)
    .sort((one, other) => other.at.getTime() - one.at.getTime());
}
