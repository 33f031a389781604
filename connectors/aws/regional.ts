import { z } from 'zod';
import {
  concurrent,
  defineCollector,
  pageGuard,
  parseItems,
  ProviderFault,
  reading,
  within,
  type CollectContext,
  type Collector,
  type Kind,
  type Observation,
  type ScanEvent,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { operations } from './operations.ts';
import { serviceOf, type RegionalOperation } from './services.ts';

type Context = CollectContext<Config, Client>;

/** Where an item was found. */
export interface Place {
  account: string;
  region: string;
  /** Scope of the item itself. */
  scope: string;
  /** What policies call the service: what the item is of, in a word that the catalog may know. */
  prefix: string;
  source: RegionalOperation;
}

/** One list of a service, as it is found in every region. */
export interface ListOf<Item, Detail> {
  operation: RegionalOperation;
  /** What an item is, in words: `agent runtime`. */
  what: string;
  /** Place of the items below the region. */
  place: string;
  purpose: string;
  /** Names of the members that page, and the largest page that AWS documents. */
  page: { items: string; size: string; largest: number; token: string; next: string };
  input?: object;
  item: z.ZodType<Item>;
  /** What tells items of one region apart. */
  id(item: Item): string;
  /** What the list itself says of an item that is asked for its details; it stands where these are refused. */
  listed?(item: Item, place: Place): Observation[];
  /** Asked of every item, where the list leaves out what matters. */
  detail?: { operation: RegionalOperation; purpose: string; input(item: Item): object; schema: z.ZodType<Detail> };
  observe(item: Item, detail: Detail, place: Place): Observation[];
}

/** A list that reads itself, whatever its items are. */
export interface RegionalReader {
  operation: RegionalOperation;
  purpose: string;
  detail?: { operation: RegionalOperation; purpose: string };
  /** Answers the events of one region, and how many requests it took beyond the first page. */
  read(context: Context, region: string): Promise<{ events: ScanEvent[]; more: number }>;
}

export function regionalList<Item, Detail = undefined>(list: ListOf<Item, Detail>): RegionalReader {
  const { operation, purpose, detail } = list;
  return { operation, purpose, ...(detail && { detail }), read: (context, region) => readList(list, context, region) };
}

/** One answer about a region itself. */
export function regionalFact<Answer>(fact: {
  operation: RegionalOperation;
  /** What is unknown without it, as the beginning of a sentence. */
  what: string;
  place: string;
  purpose: string;
  schema: z.ZodType<Answer>;
  observe(answer: Answer, place: Place): Observation;
}): RegionalReader {
  const { operation, purpose } = fact;
  return {
    operation,
    purpose,
    async read({ account, client }, region) {
      const scope = within(account.scope, 'region', region, fact.place);
      const loss = { scope, effect: `${fact.what} in the region ${region} is unknown`, permission: permissionOf(operation) };
      const answer = await reading(loss, () => client.ask(operation, region, {}, fact.schema));
      const place = { account: account.id, region, scope, prefix: prefixOf(operation), source: operation };
      return { events: [answer.gap ?? fact.observe(answer.value, place)], more: 0 };
    },
  };
}

async function readList<Item, Detail>(list: ListOf<Item, Detail>, context: Context, region: string) {
  const { account, client, pageSize } = context;
  const { page, operation, what } = list;
  const place = within(account.scope, 'region', region, list.place);
  const loss = { scope: place, effect: `Every ${what} of the region ${region} is unknown`, permission: permissionOf(operation) };
  const schema = pageSchema(page);
  const guard = pageGuard();
  const scopeOf = (item: Item) => within(place, list.id(item));
  const events: ScanEvent[] = [];
  let token: string | undefined;
  let more = -1;
  do {
    const input = { ...list.input, [page.size]: pageSize(page.largest), ...(token !== undefined && { [page.token]: token }) };
    const answer = await reading(loss, async () => {
      const { items, next } = await client.ask(operation, region, input, schema);
      if (next !== undefined) guard(next);
      return { ...parseItems(items, list.item, { what, scope: () => place }), next };
    });
    if (answer.gap) return { events: [...events, answer.gap], more: Math.max(0, more) };
    const { items, gaps, next } = answer.value;
    events.push(...gaps);
    const read = (item: Item) =>
      readItem(list, context, item, { account: account.id, region, scope: scopeOf(item), prefix: prefixOf(operation), source: operation });
    for await (const found of concurrent(items, context.inFlight, read)) events.push(...found);
    more += 1 + (list.detail ? items.length : 0);
    token = next;
  } while (token !== undefined);
  return { events, more };
}

async function readItem<Item, Detail>(list: ListOf<Item, Detail>, { client }: Context, item: Item, place: Place): Promise<ScanEvent[]> {
  const { detail } = list;
  // Without a question there is no answer, and `observe` asks for none.
  if (!detail) return list.observe(item, undefined as Detail, place);
  const listed = list.listed?.(item, place) ?? [];
  // What the list said was read all the same: the gap lies beside it.
  const [scope, effect] = list.listed
    ? [within(place.scope, 'details'), `Of this ${list.what} no more is known than the list says`]
    : [place.scope, `This ${list.what} is known by name alone`];
  const loss = { scope, effect, permission: permissionOf(detail.operation) };
  const answer = await reading(loss, () => client.ask(detail.operation, place.region, detail.input(item), detail.schema));
  if (answer.gap) return [...listed, answer.gap];
  return [...listed, ...list.observe(item, answer.value, { ...place, scope, source: detail.operation })];
}

/** An absent list is an empty one, and an empty token is none: both occur. */
function pageSchema({ items, next }: ListOf<unknown, unknown>['page']) {
  return z
    .object({ [items]: z.array(z.unknown()).optional(), [next]: z.string().optional() })
    .transform((page) => ({ items: (page[items] as unknown[] | undefined) ?? [], next: (page[next] as string | undefined) || undefined }));
}

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

type Position = { regions: string[]; done: number; more: number };

const REGIONS = 'account:ListRegions';

/** A collector of some lists, read region by region; a region that was read is not read again by a scan that goes on. */
export function regionalCollector(definition: Definition): Collector<Config, Client> {
  const { id, lists, besides } = definition;
  const used = lists.flatMap(({ operation, purpose, detail }) => [{ operation, purpose }, ...(detail ? [detail] : [])]);
  return defineCollector<Config, Client>({
    id,
    title: definition.title,
    version: definition.version ?? 1,
    kinds: definition.kinds,
    mode: definition.mode ?? 'inventory',
    ...(definition.optional && { optional: true }),
    ...(definition.heldAgainst && { heldAgainst: definition.heldAgainst }),
    operations: ['account.ListRegions', ...used.map(({ operation }) => operation)],
    permissions: [
      { id: REGIONS, purpose: 'Know which regions are enabled, unless the configuration names them', required: true },
      ...used.map(({ operation, purpose }) => ({ id: permissionOf(operation), purpose, required: true })),
    ],
    limits: [...definition.limits, 'Regions that are not enabled, or that the configuration leaves out, are not read'],
    volatile: definition.volatile ?? [],
    requests: (sizes) => sizes.of('regions') * lists.length + sizes.of(`${id}_more`),
    shared: (sizes) => ({ [REGIONS]: sizes.pages('regions', 50) }),

    async *collect(context) {
      const { account, config, cursor } = context;
      const position = (cursor as Position | undefined) ?? (yield* regionsOf(context));
      if (!position) return;
      const covered = claimOf(definition, context.now());
      if (cursor === undefined) yield checkpoint(id, position);
      for (const region of position.regions.slice(position.done)) {
        for await (const { events, more } of concurrent(lists, context.inFlight, (list) => list.read(context, region))) {
          yield* events;
          position.more += more;
        }
        if (config.regions) yield covered(within(account.scope, 'region', region));
        position.done++;
        yield checkpoint(id, position);
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

/** The claim that all was read; of a log, for the days that it reaches back. */
function claimOf({ mode, windowDays = 0 }: Definition, now: Date): (scope: string) => ScanEvent {
  const from = new Date(now.getTime() - windowDays * 86_400_000).toISOString();
  return (scope) => ({ type: 'covered', scope, ...(mode === 'log' && { window: { from, to: now.toISOString() } }) });
}

function checkpoint(id: string, position: Position): ScanEvent {
  return { type: 'checkpoint', cursor: { ...position }, sizes: { regions: position.regions.length, [`${id}_more`]: position.more } };
}

const REGION_PAGE = z.object({
  Regions: z.array(z.object({ RegionName: z.string().min(1) })).optional(),
  NextToken: z.string().optional(),
});

/** Regions that are enabled; undefined = they could not be told. */
async function* regionsOf(context: Context): AsyncGenerator<ScanEvent, Position | undefined> {
  const { account, client, config, pageSize } = context;
  if (config.regions) return { regions: config.regions, done: 0, more: 0 };
  const loss = { scope: account.scope, effect: 'Which regions are enabled is unknown, so none is read', permission: REGIONS };
  const read = await reading(loss, () => client.once(REGIONS, () => listRegions(client, config.region, pageSize(50))));
  if (!read.gap) return { regions: read.value, done: 0, more: 0 };
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

export function permissionOf(operation: RegionalOperation): string {
  return operations.find(({ id }) => id === operation)!.permission;
}

function prefixOf(operation: RegionalOperation): string {
  return permissionOf(operation).split(':')[0]!;
}

/** Where a person finds a service of a region. */
export function consoleOf({ region, source }: Place): string {
  return `https://${region}.console.aws.amazon.com/${CONSOLES[serviceOf(source)] ?? serviceOf(source)}/home?region=${region}`;
}

const CONSOLES: Readonly<Record<string, string>> = {
  'bedrock-agent': 'bedrock',
  cloudtrail: 'cloudtrailv2',
  'bedrock-agentcore-control': 'bedrock-agentcore',
  eventbridge: 'events',
  'secrets-manager': 'secretsmanager',
  ssm: 'systems-manager',
};
