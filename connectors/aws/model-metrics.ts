import { z } from 'zod';
import { parseItems, path, ProviderFault, reading, within, type Observation } from '../../src/connector/index.ts';
import { pagesOf } from './pages.ts';
import { consoleOf, permissionOf, type RegionalReader } from './regional-list.ts';
import { regionalCollector } from './regional.ts';

const OPERATION = 'cloudwatch.ListMetrics';
/** Metrics without data for two weeks are not listed. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html */
const KEPT_DAYS = 14;
const PREFIX = 'bedrock';

const page = z
  .object({ Metrics: z.array(z.unknown()).optional(), NextToken: z.string().optional() })
  .transform(({ Metrics, NextToken }) => ({ items: Metrics ?? [], next: NextToken || undefined }));
const metric = z.object({ Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).optional() });

const calledModels: RegionalReader = {
  operation: OPERATION,
  purpose: 'Know which models were called in the last two weeks',
  async read({ account, client, now }, region) {
    const place = within(account.scope, 'region', region, 'model_metric');
    const loss = {
      scope: place,
      effect: `Which models were called lately in the region ${region} is unknown`,
      permission: permissionOf(OPERATION),
    };
    let requests = 0;
    const ask = (NextToken: string | undefined) =>
      client.ask(
        OPERATION,
        region,
        { Namespace: 'AWS/Bedrock', MetricName: 'Invocations', ...(NextToken !== undefined && { NextToken }) },
        page,
      );
    const answer = await reading(loss, async () => {
      const models = new Set<string>();
      for await (const { items } of pagesOf(ask)) {
        requests++;
        const parsed = parseItems(items, metric, { what: 'metric', scope: () => place });
        if (parsed.gaps[0]) throw new ProviderFault(parsed.gaps[0].effect);
        // The same calls are counted over all models as well, and by more than the model.
        const dimensions = parsed.items.flatMap(({ Dimensions }) => Dimensions ?? []);
        for (const { Name, Value } of dimensions) if (Name === 'ModelId') models.add(Value);
      }
      return [...models].toSorted();
    });
    const more = Math.max(0, requests - 1);
    return { events: answer.gap ? [answer.gap] : answer.value.map((model) => called(place, region, model, now())), more };
  },
};

/** By whom is not said, nor how often. */
function called(place: string, region: string, model: string, now: Date): Observation {
  const id = path('model_metric', region, model);
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'usage',
    scope: place,
    subject: { app: id, name: model },
    signals: [{ type: 'iam_prefix', value: PREFIX }],
    permissions: [],
    // On which of these days is not said.
    attributes: {
      region,
      model,
      trackedFrom: new Date(now.getTime() - KEPT_DAYS * 86_400_000).toISOString().slice(0, 10),
      trackedUntil: now.toISOString().slice(0, 10),
    },
    evidence: { source: OPERATION, url: consoleOf({ region, source: OPERATION }) },
  };
}

/** Models that were called lately: the cheapest proof of use, whoever it was. */
export const modelMetrics = regionalCollector({
  id: 'model_metrics',
  title: 'Models that were called in the last two weeks',
  kinds: ['usage'],
  mode: 'log',
  windowDays: KEPT_DAYS,
  volatile: ['trackedFrom', 'trackedUntil'],
  lists: [calledModels],
  limits: [
    'Who called, when and how often the metrics that are read do not say',
    'Calls of the compatible endpoints, and of the platform of another vendor on AWS, have no metric here',
    'No metric is no proof that nothing was called',
  ],
});
