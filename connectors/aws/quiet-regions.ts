import { z } from 'zod';
import { concurrent, reading, within, type CollectContext, type Gap, type Scope } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { pagesOf } from './pages.ts';

type Context = CollectContext<Config, Client>;

/** Asks for the metrics of a region: those without data for two weeks are not listed. */
export const PROBE = 'cloudwatch.ListMetrics';
/** Counts calls of services, ours among them: it says nothing of what is there. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Usage-Metrics.html */
const OF_CALLS = 'AWS/Usage';
const DAY = 86_400_000;

const page = z
  .object({ Metrics: z.array(z.object({ Namespace: z.string().optional() })).optional(), NextToken: z.string().optional() })
  .transform(({ Metrics, NextToken }) => ({ namespaces: (Metrics ?? []).map((metric) => metric.Namespace), next: NextToken || undefined }));

interface Probed {
  /** Regions in which no service gave a metric in two weeks. */
  quiet: ReadonlySet<string>;
  requests: number;
}

/** Which regions are read tonight, and which are left for another night. */
export interface Chosen {
  regions: string[];
  left: { region: string; readAt: string }[];
  /** Requests that it took to know. */
  probes: number;
}

/**
 * Leaves out regions in which nothing moves, where this collector read them lately and found nothing but what is `everywhere`. What is
 * known is read every night, quiet or not, and so is a region of which it is not known that it is quiet, or in which something could not be
 * read the last time: its gap would vanish from the ledger.
 */
export async function choose(context: Context, regions: readonly string[], everywhere: readonly string[]): Promise<Chosen> {
  const { account, client, config, known, now, readAt } = context;
  const every = config.quietRegionsEveryDays;
  if (every === undefined) return { regions: [...regions], left: [], probes: 0 };
  const { quiet, requests } = await client.once('quiet regions', () => probe(context, regions));
  const placeOf = (region: string) => within(account.scope, 'region', region);
  const isEmpty = async (place: Scope) => (await known(place)).every((child) => everywhere.some((fact) => child === within(place, fact)));
  const read = await readAt(regions.map(placeOf), { whole: true });
  const chosen: Chosen = { regions: [], left: [], probes: requests };
  for (const region of regions) {
    const at = read.get(placeOf(region));
    // A night begins a little earlier or later than the one before.
    const lately = at !== undefined && now().getTime() - at.getTime() < (every - 0.5) * DAY;
    if (quiet.has(region) && lately && (await isEmpty(placeOf(region)))) chosen.left.push({ region, readAt: at.toISOString() });
    else chosen.regions.push(region);
  }
  return chosen;
}

/** What is said of a region that is left for another night. */
export function gapOfQuiet(scope: string, { region, readAt }: Chosen['left'][number]): Gap {
  const effect = `Not read tonight: no service gave a metric in the region ${region} in two weeks, and nothing was found there on ${readAt.slice(0, 10)}`;
  return { type: 'gap', scope, reason: 'not_of_interest', effect, byDesign: true };
}

async function probe(context: Context, regions: readonly string[]): Promise<Probed> {
  const { account, client, inFlight } = context;
  const quiet = new Set<string>();
  let requests = 0;
  const isQuiet = async (region: string) => {
    const ask = (NextToken: string | undefined) => {
      requests++;
      return client.ask(PROBE, region, { ...(NextToken !== undefined && { NextToken }) }, page);
    };
    const loss = { scope: within(account.scope, 'region', region), effect: 'Whether the region is quiet is unknown' };
    // Nothing is lost with the answer: a region of which it is not known is read.
    const answer = await reading(loss, async () => {
      for await (const { namespaces } of pagesOf(ask)) if (namespaces.some((namespace) => namespace !== OF_CALLS)) return false;
      return true;
    });
    return { region, isQuiet: answer.value === true };
  };
  for await (const found of concurrent(regions, inFlight, isQuiet)) if (found.isQuiet) quiet.add(found.region);
  return { quiet, requests };
}
