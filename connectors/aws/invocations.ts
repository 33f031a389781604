import { z } from 'zod';
import { pageGuard, parseItems, path, reading, within, type Observation, type ScanEvent, type Trait } from '../../src/connector/index.ts';
import { consoleOf, permissionOf, regionalCollector, type RegionalReader } from './regional.ts';

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
    const guard = pageGuard();
    const events: ScanEvent[] = [];
    const found: Event[] = [];
    let token: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const input = {
        LookupAttributes: [{ AttributeKey: 'EventSource', AttributeValue: `${PREFIX}.amazonaws.com` }],
        StartTime: new Date(now().getTime() - KEPT),
        MaxResults: pageSize(50),
        ...(token !== undefined && { NextToken: token }),
      };
      const answer = await reading(loss, async () => {
        const { items, next } = await client.ask(OPERATION, region, input, page);
        if (next !== undefined) guard(next);
        return { ...parseItems(items, event, { what: 'event', scope: () => place }), next };
      });
      if (answer.gap) return { events: [...events, answer.gap], more: pages };
      events.push(...answer.value.gaps);
      found.push(...answer.value.items.filter(({ EventName }) => CALLS.test(EventName)));
      token = answer.value.next;
      if (token === undefined) return { events: [...events, ...used(found, place, region)], more: pages };
    }
    const oldest = found.at(-1)?.EventTime.toISOString() ?? 'the first pages';
    const effect = `${MOST_PAGES} pages were read: nothing older than ${oldest} is known in the region ${region}`;
    return {
      events: [...events, ...used(found, place, region), { type: 'gap', scope: place, reason: 'truncated', effect }],
      more: MOST_PAGES - 1,
    };
  },
};

/** Calls of a model, among all else that is done to the service. */
const CALLS = /^(?:InvokeModel|Converse)/;

/** Who may call it is what the account's own principal is: a session belongs to the role behind it. */
function used(events: readonly Event[], place: string, region: string): Observation[] {
  const bearer = ({ CloudTrailEvent: { additionalEventData } }: Event) => String(additionalEventData?.callWithBearerToken) === 'true';
  const holderOf = ({ CloudTrailEvent: { userIdentity } }: Event) => {
    const issuer = userIdentity.sessionContext?.sessionIssuer;
    const id = issuer?.principalId ?? userIdentity.principalId ?? userIdentity.arn ?? 'unknown';
    return { id, name: (issuer?.arn ?? userIdentity.arn ?? id).split('/').at(-1)! };
  };
  return [...Map.groupBy(events, (one) => holderOf(one).id)].map(([id, own]): Observation => {
    const done = own.filter(({ CloudTrailEvent }) => CloudTrailEvent.errorCode === undefined);
    const last = (done[0] ?? own[0]!).EventTime.toISOString();
    const thing = path('invocation', region, id);
    const traits: Trait[] = done.some(bearer) ? ['standing_credential'] : [];
    return {
      type: 'observation',
      thing,
      nativeId: thing,
      kind: 'usage',
      scope: place,
      subject: { app: path('invocation', id), name: holderOf(own[0]!).name },
      principal: { id, name: holderOf(own[0]!).name, traits },
      signals: [{ type: 'iam_prefix', value: PREFIX }],
      permissions: [],
      lastUsedAt: { at: last, from: 'log' },
      attributes: {
        region,
        // What was refused was attempted; it is no use.
        calls: done.length,
        refused: own.length - done.length,
        models: [...new Set(own.flatMap(({ CloudTrailEvent }) => CloudTrailEvent.requestParameters?.modelId ?? []))].sort().slice(0, 50),
        bearerToken: own.some(bearer),
      },
      evidence: { source: OPERATION, url: consoleOf({ account: '', region, scope: place, prefix: PREFIX, source: OPERATION }) },
    };
  });
}

/** Who called models, as far as the account's own history of events shows. Off by default: it is slow where much is called. */
export const invocations = regionalCollector({
  id: 'invocations',
  title: 'Calls of models, from the history of events',
  kinds: ['usage'],
  mode: 'log',
  windowDays: KEPT / DAY,
  optional: true,
  lists: [lookup],
  volatile: ['calls', 'refused', 'models'],
  limits: [
    'Calls of agents, flows, knowledge bases and of the compatible endpoints are data events, which this history never holds',
    'No event is no proof that nothing was called',
    `Of each region the newest ${MOST_PAGES} pages of 50 events are read`,
  ],
});
