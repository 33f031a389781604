import { existsSync } from 'node:fs';
import type { Collector, Sizes as CostSizes } from '../connector/index.ts';
import { table } from '../report/table.ts';
import { collectorsOf } from '../scan/account.ts';
import type { Source } from '../scan/engine.ts';
import { openReader, type Reader } from '../store/read.ts';

/** How many requests a scan would send, by the collectors' own formulas and the sizes that were counted last. Sends nothing. */
export function planText(sources: readonly Source[], database: string, tenant: string): string {
  const reader = existsSync(database) ? openReader(database) : undefined;
  try {
    const rows = sources.flatMap((source) => {
      const accounts = [...(reader?.lastSizes(tenant, source.name) ?? new Map<string, Sizes>()).values()];
      const many = (source.connector.readsMany?.(source.config) ?? false) !== false;
      const paid = new Set<string>();
      const collectors = collectorsOf(source).map((collector) => [
        source.name,
        collector.id,
        collector.mode,
        ...planOf(onItsOwn(collector, paid), accounts, many),
      ]);
      return many ? [...openingOf(source, reader, tenant), ...collectors] : collectors;
    });
    const known = rows.every((row) => row[4] !== NOT_COUNTED);
    const note = known ? '' : '\nSizes are counted by the first scan; until then the figures say what an empty account costs.\n';
    return `${table(['source', 'collector', 'mode', 'requests', 'by the sizes of the last scan'], rows)}${note}`;
  } finally {
    reader?.close();
  }
}

/** Where many accounts are read, opening them is no small part: as many requests as the last scan sent for what no collector counts. */
function openingOf(source: Source, reader: Reader | undefined, tenant: string): (string | number)[][] {
  const [last] = reader?.scans(tenant, 1) ?? [];
  if (last === undefined) return [];
  const counted = new Set(source.connector.collectors.flatMap(({ operations }) => operations));
  const sent = reader!
    .requests(last.id)
    .filter((row) => row.source === source.name && row.collector === '' && !counted.has(row.operation))
    .reduce((sum, { first }) => sum + first, 0);
  return sent === 0 ? [] : [[source.name, '(opening)', '', sent, 'as in the last scan']];
}

type Sizes = Readonly<Record<string, number>>;

const NOT_COUNTED = 'not counted yet';

/** The collector with what it shares counted in, unless one before it sends that. */
function onItsOwn(collector: Collector, paid: Set<string>): Collector {
  const names = Object.keys(collector.shared?.({ of: () => 0, pages: () => 0 }) ?? {}).filter((name) => !paid.has(name));
  for (const name of names) paid.add(name);
  const beyond = (sizes: CostSizes) => names.reduce((sum, name) => sum + (collector.shared!(sizes)[name] ?? 0), 0);
  return { ...collector, requests: (sizes) => collector.requests(sizes) + beyond(sizes) };
}

/** Requests and sizes over all accounts in which the collector counted something; of one that was never read, what it costs empty. */
function planOf(collector: Collector, accounts: readonly Sizes[], many: boolean): [number, string] {
  const asked = namesAsked(collector);
  const counted = accounts.filter((sizes) => [...asked].some((name) => sizes[name] !== undefined));
  if (counted.length === 0) return [requestsOf(collector, {}), asked.size > 0 ? NOT_COUNTED : ''];
  const requests = counted.reduce((sum, sizes) => sum + requestsOf(collector, sizes), 0);
  const known = [...asked].filter((name) => counted.some((sizes) => sizes[name] !== undefined));
  const totals = known.map((name) => `${name} ${counted.reduce((sum, sizes) => sum + (sizes[name] ?? 0), 0)}`);
  return [requests, [...(many && collector.level === undefined ? [`${counted.length} accounts`] : []), ...totals].join(', ')];
}

function requestsOf(collector: Collector, sizes: Sizes): number {
  const of = (name: string) => sizes[name] ?? 0;
  return collector.requests({ of, pages: (name, largest) => Math.max(1, Math.ceil(of(name) / largest)) });
}

/** The sizes that the formula of this collector asks for. */
function namesAsked(collector: Collector): Set<string> {
  const asked = new Set<string>();
  const of = (name: string) => (asked.add(name), 0);
  collector.requests({ of, pages: of });
  return asked;
}
