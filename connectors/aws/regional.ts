import { z } from 'zod';
import {
  concurrent,
  defineCollector,
  pageGuard,
  ProviderFault,
  reading,
  within,
  type CollectContext,
  type Collector,
  type Kind,
  type ScanEvent,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { choose, gapOfQuiet, PROBE, type Chosen } from './quiet-regions.ts';
import { permissionOf, type RegionalReader } from './regional-list.ts';

type Context = CollectContext<Config, Client>;

interface Definition {
  id: string;
  /** Raised when the same answers are read otherwise; absent = 1. */
  version?: number;
  title: string;
  kinds: readonly Kind[];
  lists: readonly RegionalReader[];
  limits: readonly string[];
  volatile?: readonly string[];
  optional?: boolean;
  /** Absent = an inventory. A log reaches back that many days. */
  mode?: 'log';
  windowDays?: number;
  heldAgainst?: readonly string[];
  /** What is left unread for good, beside the regions that are not read. */
  besides?(context: Context): ScanEvent[];
}

type Position = Chosen & { done: number; more: number };

const REGIONS = 'account:ListRegions';

/** A collector of some lists, read region by region; a region that was read is not read again by a scan that goes on. */
export function regionalCollector(definition: Definition): Collector<Config, Client> {
  const { id, lists, besides } = definition;
  const used = lists.flatMap(asked);
  const shared = lists.filter(({ isShared }) => isShared).map(({ operation }) => permissionOf(operation));
  // Of a region that is left for another night, what every region has is read all the same.
  const facts = lists.flatMap((list) => (list.everywhere === undefined ? [] : [{ ...list, everywhere: list.everywhere }]));
  const places = facts.map(({ everywhere }) => everywhere);
  const sizesOf = ({ regions, left, probes, more }: Position) => ({
    regions: regions.length + left.length,
    // Which of them are left for another night, each collector decides for itself.
    [`${id}_regions`]: regions.length,
    region_probes: probes,
    [`${id}_more`]: more + left.length * facts.length,
  });
  const checkpoint = (position: Position): ScanEvent => ({
    type: 'checkpoint',
    cursor: { ...position, left: position.left.map((one) => ({ ...one })) },
    sizes: sizesOf(position),
  });
  return defineCollector<Config, Client>({
    id,
    title: definition.title,
    version: definition.version ?? 1,
    kinds: definition.kinds,
    mode: definition.mode ?? 'inventory',
    ...(definition.optional && { optional: true }),
    ...(definition.heldAgainst && { heldAgainst: definition.heldAgainst }),
    operations: [...new Set(['account.ListRegions', PROBE, ...used.map(({ operation }) => operation)])],
    permissions: [
      { id: REGIONS, purpose: 'Know which regions are enabled, unless the configuration names them', required: true },
      ...used.map(({ operation, purpose }) => ({ id: permissionOf(operation), purpose, required: true })),
    ],
    limits: [...definition.limits, 'Regions that are not enabled, or that the configuration leaves out, are not read'],
    volatile: definition.volatile ?? [],
    requests: (sizes) => sizes.of(`${id}_regions`) * (lists.length - shared.length) + sizes.of(`${id}_more`),
    shared: (sizes) => ({
      [REGIONS]: sizes.pages('regions', 50),
      [PROBE]: sizes.of('region_probes'),
      ...Object.fromEntries(shared.map((permission) => [permission, sizes.of(`${id}_regions`)])),
    }),

    async *collect(context) {
      const { account, config, cursor } = context;
      const position = (cursor as Position | undefined) ?? (yield* regionsOf(context, places));
      if (!position) return;
      const covered = claimOf(definition, context.now());
      if (cursor === undefined) yield checkpoint(position);
      for (const region of position.regions.slice(position.done)) {
        for await (const { events, more } of concurrent(lists, context.inFlight, (list) => list.read(context, region))) {
          yield* events;
          position.more += more;
        }
        if (config.regions) yield covered(within(account.scope, 'region', region));
        position.done++;
        yield checkpoint(position);
      }
      for (const one of position.left) {
        const place = within(account.scope, 'region', one.region);
        yield gapOfQuiet(place, one);
        for (const { read, everywhere } of facts) {
          yield* (await read(context, one.region)).events;
          yield covered(within(place, everywhere));
        }
      }
      yield* besides?.(context) ?? [];
      if (!config.regions) yield covered(account.scope);
      else
        yield {
          type: 'gap',
          scope: within(account.scope, 'region'),
          reason: 'not_of_interest',
          effect: `Only these regions are read, as configured: ${config.regions.join(', ')}`,
          byDesign: true,
        };
    },
  });
}

/** What a list asks for, with its items and their parts. */
function asked({ operation, purpose, detail, parts = [] }: RegionalReader): Pick<RegionalReader, 'operation' | 'purpose'>[] {
  return [{ operation, purpose }, ...(detail ? [detail] : []), ...parts.flatMap(asked)];
}

/** The claim that all was read; of a log, for the days that it reaches back. */
function claimOf({ mode, windowDays = 0 }: Definition, now: Date): (scope: string) => ScanEvent {
  const from = new Date(now.getTime() - windowDays * 86_400_000).toISOString();
  return (scope) => ({ type: 'covered', scope, ...(mode === 'log' && { window: { from, to: now.toISOString() } }) });
}

const REGION_PAGE = z.object({
  Regions: z.array(z.object({ RegionName: z.string().min(1) })).optional(),
  NextToken: z.string().optional(),
});

/** Regions to read; undefined = those that are enabled could not be told. */
async function* regionsOf(context: Context, everywhere: readonly string[]): AsyncGenerator<ScanEvent, Position | undefined> {
  const regions = context.config.regions ?? (yield* enabledRegions(context));
  return regions && { ...(await choose(context, regions, everywhere)), done: 0, more: 0 };
}

async function* enabledRegions(context: Context): AsyncGenerator<ScanEvent, string[] | undefined> {
  const { account, client, config, pageSize } = context;
  const loss = { scope: account.scope, effect: 'Which regions are enabled is unknown, so none is read', permission: REGIONS };
  const read = await reading(loss, () => client.once(REGIONS, () => listRegions(client, config.region, pageSize(50))));
  if (!read.gap) return read.value;
  yield read.gap;
  return undefined;
}

async function listRegions(client: Client, home: string, size: number): Promise<string[]> {
  const guard = pageGuard();
  const regions: string[] = [];
  let NextToken: string | undefined;
  do {
    const input = { MaxResults: size, RegionOptStatusContains: ['ENABLED', 'ENABLED_BY_DEFAULT'], ...(NextToken && { NextToken }) };
    const page: z.infer<typeof REGION_PAGE> = await client.ask('account.ListRegions', home, input, REGION_PAGE);
    regions.push(...(page.Regions ?? []).map(({ RegionName }) => RegionName));
    NextToken = page.NextToken;
    if (NextToken !== undefined) guard(NextToken);
  } while (NextToken !== undefined);
  // Every account has regions that cannot be switched off.
  if (regions.length === 0) throw new ProviderFault('The list of regions is empty');
  return regions.sort();
}
