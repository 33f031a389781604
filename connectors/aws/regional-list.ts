import { z } from 'zod';
import {
  concurrent,
  pageGuard,
  parseItems,
  reading,
  within,
  type CollectContext,
  type Observation,
  type ScanEvent,
} from '../../src/connector/index.ts';
import { answeredOnce } from './answered-once.ts';
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
  /** Does this source read a region of an account? */
  reads(account: string, region: string): boolean;
  /** The region, or what it is a part of. */
  whole: Whole;
}

/** What has lists of its own. */
interface Whole {
  scope: string;
  /** In words: `the region us-east-1`. */
  what: string;
  /** Its ids, under the names by which operations ask for them. */
  ids: Readonly<Record<string, string>>;
  /** Name of the item; of a region, none. */
  name: string;
  /** Id of the directory whose people sign in to it; absent = it has none. */
  store?: string;
}

/** One list of a service, as it is found in every region. */
export interface ListOf<Item, Detail> {
  operation: RegionalOperation;
  /** What an item is, in words: `agent runtime`. */
  what: string;
  /** Place of the items below the region. */
  place: string;
  purpose: string;
  /** Names of the members that page, and the largest page that AWS documents. Absent `size` = AWS alone decides how long a page is. */
  page: { items: string; size?: string; largest?: number; token: string; next: string };
  input?: object;
  /** Do several collectors of an account ask for it? The first of them that runs sends it. */
  isShared?: boolean;
  item: z.ZodType<Item>;
  /** What tells items of one region apart. */
  id(item: Item): string;
  /** What the list itself says of an item that is asked for its details; it stands where these are refused. */
  listed?(item: Item, place: Place): ScanEvent[];
  /** Asked of every item, where the list leaves out what matters. */
  detail?: { operation: RegionalOperation; purpose: string; input(item: Item): object; schema: z.ZodType<Detail> };
  /**
   * Lists that each item has of its own. What they find lies below it. `ids` answers the ids by which they ask for it; undefined = it is
   * not to be asked here.
   */
  parts?: {
    lists: readonly RegionalReader[];
    ids(item: Item, place: Place): Whole['ids'] | undefined;
    name?(item: Item): string;
    /** The item in words; absent = `one` of what it is. */
    what?(item: Item, place: Place): string;
    /** Absent = that of what the item is a part of. */
    store?(item: Item): string | undefined;
  };
  observe(item: Item, detail: Detail, place: Place): ScanEvent[];
}

/** A list that reads itself, whatever its items are. */
export interface RegionalReader {
  operation: RegionalOperation;
  purpose: string;
  detail?: { operation: RegionalOperation; purpose: string };
  parts?: readonly RegionalReader[];
  /** Its requests are those of the first collector that asks for it. */
  isShared?: boolean;
  /** Place, below the region, of a fact that every region has: it is no sign that there is anything. Absent = a list, which may be empty. */
  everywhere?: string;
  /** Answers the events of one region, or of one item of it, and how many requests it took beyond the first page. */
  read(context: Context, region: string, whole?: Whole): Promise<Found>;
}

interface Found {
  events: ScanEvent[];
  more: number;
}

export function regionalList<Item, Detail = undefined>(list: ListOf<Item, Detail>): RegionalReader {
  const { operation, purpose, detail, parts, isShared } = list;
  return {
    operation,
    purpose,
    ...(detail && { detail }),
    ...(isShared && { isShared }),
    ...(parts && { parts: parts.lists }),
    read: (context, region, whole = wholeRegion(context, region)) => readList(list, context, region, whole),
  };
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
    everywhere: fact.place,
    async read(context, region) {
      const { account, client } = context;
      const whole = wholeRegion(context, region);
      const scope = within(whole.scope, fact.place);
      const loss = { scope, effect: `${fact.what} in ${whole.what} is unknown`, permission: permissionOf(operation) };
      const answer = await reading(loss, () => client.ask(operation, region, {}, fact.schema));
      const place = { account: account.id, region, scope, prefix: prefixOf(operation), source: operation, reads: readsOf(context), whole };
      return { events: [answer.gap ?? fact.observe(answer.value, place)], more: 0 };
    },
  };
}

function wholeRegion({ account }: Context, region: string): Whole {
  return { scope: within(account.scope, 'region', region), what: `the region ${region}`, ids: {}, name: '' };
}

function readsOf({ account, client, config }: Context): Place['reads'] {
  return (id, region) => (id === account.id || client.own.read.includes(id)) && (config.regions?.includes(region) ?? true);
}

async function readList<Item, Detail>(list: ListOf<Item, Detail>, context: Context, region: string, whole: Whole): Promise<Found> {
  const { account, client, pageSize } = context;
  const { page, operation, what } = list;
  const place = within(whole.scope, list.place);
  const loss = { scope: place, effect: `Every ${what} of ${whole.what} is unknown`, permission: permissionOf(operation) };
  const schema = pageSchema(page);
  const guard = pageGuard();
  const scopeOf = (item: Item) => within(place, list.id(item));
  const events: ScanEvent[] = [];
  let token: string | undefined;
  let more = -1;
  do {
    const size = page.size !== undefined && page.largest !== undefined && { [page.size]: pageSize(page.largest) };
    const input = { ...whole.ids, ...list.input, ...size, ...(token !== undefined && { [page.token]: token }) };
    const answer = await reading(loss, async () => {
      const send = () => client.ask(operation, region, input, schema);
      const { items, next } = list.isShared
        ? await answeredOnce(client, `${operation} ${region} ${JSON.stringify(input)}`, send)
        : await send();
      if (next !== undefined) guard(next);
      return { ...parseItems(items, list.item, { what, scope: () => place }), next };
    });
    if (answer.gap) return { events: [...events, answer.gap], more: Math.max(0, more) };
    const { items, gaps, next } = answer.value;
    events.push(...gaps);
    const at = { account: account.id, region, prefix: prefixOf(operation), source: operation, reads: readsOf(context), whole };
    const read = (item: Item) => readItem(list, context, item, { ...at, scope: scopeOf(item) });
    for await (const found of concurrent(items, context.inFlight, read)) {
      events.push(...found.events);
      more += found.more;
    }
    more++;
    token = next;
  } while (token !== undefined);
  return { events, more };
}

async function readItem<Item, Detail>(list: ListOf<Item, Detail>, context: Context, item: Item, place: Place): Promise<Found> {
  const { detail, parts } = list;
  const found: Found = { events: await itself(list, context, item, place), more: detail ? 1 : 0 };
  const ids = parts?.ids(item, place);
  if (!parts || !ids) return found;
  const store = parts.store?.(item) ?? place.whole.store;
  const whole = {
    scope: place.scope,
    what: `${parts.what?.(item, place) ?? `one ${list.what}`} in the region ${place.region}`,
    ids,
    name: parts.name?.(item) ?? place.whole.name,
    ...(store !== undefined && { store }),
  };
  for (const part of parts.lists) {
    const { events, more } = await part.read(context, place.region, whole);
    found.events.push(...events);
    found.more += 1 + more;
  }
  return found;
}

async function itself<Item, Detail>(list: ListOf<Item, Detail>, { client }: Context, item: Item, place: Place): Promise<ScanEvent[]> {
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

export function permissionOf(operation: RegionalOperation): string {
  return operations.find(({ id }) => id === operation)!.permission;
}

function prefixOf(operation: RegionalOperation): string {
  return permissionOf(operation).split(':')[0]!;
}

/** Where a person finds a service of a region. */
export function consoleOf({ region, source }: Pick<Place, 'region' | 'source'>): string {
  return `https://${region}.console.aws.amazon.com/${CONSOLES[serviceOf(source)] ?? serviceOf(source)}/home?region=${region}`;
}

const CONSOLES: Readonly<Record<string, string>> = {
  'bedrock-agent': 'bedrock',
  cloudtrail: 'cloudtrailv2',
  'bedrock-agentcore-control': 'bedrock-agentcore',
  eventbridge: 'events',
  identitystore: 'singlesignon',
  'marketplace-agreement': 'marketplace',
  'secrets-manager': 'secretsmanager',
  ssm: 'systems-manager',
  'sso-admin': 'singlesignon',
};
