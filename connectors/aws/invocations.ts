import { z } from 'zod';
import { parseItems, path, reading, within, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { pagesOf } from './pages.ts';
import { consoleOf, permissionOf, type RegionalReader } from './regional-list.ts';
import { regionalCollector } from './regional.ts';

const OPERATION = 'cloudtrail.LookupEvents';
const DAY = 86_400_000;
/** AWS keeps management events for 90 days. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html */
const KEPT = 90 * DAY;
/** Two pages a second are allowed: 20 pages are ten seconds of a region, and a million events would be three hours. */
const MOST_PAGES = 20;
const PREFIX = 'bedrock';

const page = z
  .object({ Events: z.array(z.unknown()).optional(), NextToken: z.string().optional() })
  .transform(({ Events, NextToken }) => ({ items: Events ?? [], next: NextToken || undefined }));

/** Of the whole event, only who it was and how it came; what was asked of a model has no field to live in. */
const detail = z.object({
  userIdentity: z.object({
    type: z.string().optional(),
    principalId: z.string().optional(),
    arn: z.string().optional(),
    sessionContext: z
      .object({ sessionIssuer: z.object({ principalId: z.string().optional(), arn: z.string().optional() }).optional() })
      .optional(),
  }),
  errorCode: z.string().optional(),
  requestParameters: z.object({ modelId: z.string().optional() }).nullish().catch(undefined),
  additionalEventData: z
    .object({ callWithBearerToken: z.union([z.boolean(), z.string()]).optional() })
    .nullish()
    .catch(undefined),
});

const event = z.object({
  EventName: z.string().min(1),
  EventTime: z.date(),
  CloudTrailEvent: z.string().transform((text, context) => {
    try {
      return detail.parse(JSON.parse(text));
    } catch {
      context.addIssue({ code: 'custom', message: 'is not the event that AWS documents' });
      return z.NEVER;
    }
  }),
});
type Event = z.infer<typeof event>;

const lookup: RegionalReader = {
  operation: OPERATION,
  purpose: 'Read who called models, when and with what kind of credential',
  async read(context, region) {
    const { account, client, now, pageSize } = context;
    const place = within(account.scope, 'region', region, 'invocation');
    const loss = { scope: place, effect: `Who called models in the region ${region} is unknown`, permission: permissionOf(OPERATION) };
    const input = {
      LookupAttributes: [{ AttributeKey: 'EventSource', AttributeValue: `${PREFIX}.amazonaws.com` }],
      StartTime: new Date(now().getTime() - KEPT),
      MaxResults: pageSize(50),
    };
    const ask = (NextToken: string | undefined) =>
      client.ask(OPERATION, region, { ...input, ...(NextToken !== undefined && { NextToken }) }, page);
    const events: ScanEvent[] = [];
    const found: Event[] = [];
    let pages = 0;
    const answer = await reading(loss, async () => {
      for await (const { items, next } of pagesOf(ask)) {
        const parsed = parseItems(items, event, { what: 'event', scope: () => place });
        events.push(...parsed.gaps);
        found.push(...parsed.items.filter(({ EventName }) => CALLS.test(EventName)));
        if (++pages === MOST_PAGES) return next === undefined;
      }
      return true;
    });
    if (answer.gap) return { events: [...events, answer.gap], more: pages };
    events.push(...used(found, place, region));
    if (answer.value) return { events, more: pages - 1 };
    const oldest = found.at(-1)?.EventTime.toISOString() ?? 'the first pages';
    const effect = `${MOST_PAGES} pages were read: nothing older than ${oldest} is known in the region ${region}`;
    return { events: [...events, { type: 'gap', scope: place, reason: 'truncated', effect }], more: pages - 1 };
  },
};

/** Calls of a model, among all else that is done to the service. */
const CALLS = /^(?:InvokeModel|Converse)/;

/** Who called, in the account's own words: a session belongs to the role behind it. */
interface Caller {
  id: string;
  name: string;
  /** Who holds the key that a call came with, as the list of keys names users; a role can hold none for long. */
  keyHolder: string;
}

function callerOf({ CloudTrailEvent: { userIdentity } }: Event): Caller {
  const issuer = userIdentity.sessionContext?.sessionIssuer;
  const id = issuer?.principalId ?? userIdentity.principalId ?? userIdentity.arn ?? 'unknown';
  const name = (issuer?.arn ?? userIdentity.arn ?? id).split('/').at(-1)!;
  return { id, name, keyHolder: userIdentity.type === 'IAMUser' ? path('user-name', name) : id };
}

/** It came with a key for the service instead of a signature. */
function withKey({ CloudTrailEvent: { additionalEventData } }: Event): boolean {
  return String(additionalEventData?.callWithBearerToken) === 'true';
}

/** What was refused was attempted; it is no use. */
function wasServed({ CloudTrailEvent }: Event): boolean {
  return CloudTrailEvent.errorCode === undefined;
}

function used(events: readonly Event[], place: string, region: string): Observation[] {
  return [...Map.groupBy(events, (one) => callerOf(one).id).values()].flatMap((own) => {
    const { id, name } = callerOf(own[0]!);
    const keyed = own.filter((one) => withKey(one) && wasServed(one));
    const calls: Observation = {
      ...usage(place, region, own),
      thing: path('invocation', region, id),
      nativeId: path('invocation', region, id),
      subject: { app: path('invocation', id), name },
      principal: { id, name, traits: [] },
      signals: [{ type: 'iam_prefix', value: PREFIX }],
    };
    return keyed.length > 0 ? [calls, keyUse(place, region, keyed)] : [calls];
  });
}

/** A key for the service, of which no more is known than that it was used, as a fact of that service: there it meets the keys that are listed. */
function keyUse(place: string, region: string, own: readonly Event[]): Observation {
  const { id, name, keyHolder } = callerOf(own[0]!);
  const service = `${PREFIX}.amazonaws.com`;
  const calls = usage(place, region, own);
  return {
    ...calls,
    kind: 'api_key',
    thing: path('key_use', region, id),
    nativeId: path('key_use', region, id),
    subject: { app: service, name },
    principal: { id: keyHolder, name, traits: [] },
    signals: [{ type: 'credential_service', value: service }],
    attributes: { ...calls.attributes, seenInUse: true },
  };
}

type Usage = Pick<Observation, 'type' | 'kind' | 'scope' | 'permissions' | 'lastUsedAt' | 'attributes' | 'evidence'>;

/** What some events of one caller, the newest first, say of use. */
function usage(place: string, region: string, own: readonly Event[]): Usage {
  const served = own.filter(wasServed);
  return {
    type: 'observation',
    kind: 'usage',
    scope: place,
    permissions: [],
    ...(served[0] && { lastUsedAt: { at: served[0].EventTime.toISOString(), from: 'log' } }),
    attributes: {
      region,
      calls: served.length,
      refused: own.length - served.length,
      models: [...new Set(own.flatMap(({ CloudTrailEvent }) => CloudTrailEvent.requestParameters?.modelId ?? []))].sort().slice(0, 50),
      bearerToken: own.some(withKey),
    },
    evidence: { source: OPERATION, url: consoleOf({ region, source: OPERATION }) },
  };
}

/** Who called models, as far as the account's own history of events shows. Off by default: it is slow where much is called. */
export const invocations = regionalCollector({
  id: 'invocations',
  version: 2,
  title: 'Calls of models, from the history of events',
  kinds: ['usage', 'api_key'],
  heldAgainst: ['service_credentials'],
  mode: 'log',
  windowDays: KEPT / DAY,
  optional: true,
  lists: [lookup],
  volatile: ['calls', 'refused', 'models'],
  limits: [
    'Calls of agents, flows, knowledge bases and of the compatible endpoints are data events, which this history never holds',
    'No event is no proof that nothing was called',
    'Whether a key for the service was made for years or for hours an event does not say',
    `Of each region the newest ${MOST_PAGES} pages of 50 events are read`,
  ],
  besides: ({ account }) => [
    {
      type: 'gap',
      scope: within(account.scope, 'data_event'),
      reason: 'not_observable',
      effect:
        'Calls of agents, flows, knowledge bases and of the compatible endpoints are data events, which this history never holds: ' +
        'whether they were used is unknown',
      byDesign: true,
    },
  ],
});
