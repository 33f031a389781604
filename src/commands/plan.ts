import { existsSync } from 'node:fs';
import type { Collector } from '../connector/index.ts';
import { table } from '../report/table.ts';
import type { Source } from '../scan/engine.ts';
import { collectorsOf } from '../scan/source.ts';
import { openReader } from '../store/read.ts';

/** How many requests a scan would send, by the collectors' own formulas and the sizes that were counted last. Sends nothing. */
export function planText(sources: readonly Source[], database: string, tenant: string): string {
  const reader = existsSync(database) ? openReader(database) : undefined;
  try {
    const rows = sources.flatMap((source) => {
      const sizes = reader?.lastSizes(tenant, source.name) ?? {};
      return collectorsOf(source).map((collector) => [
        source.name,
        collector.id,
        collector.mode,
        requestsOf(collector, sizes),
        sizesText(sizes, collector),
      ]);
    });
    const known = rows.every((row) => row[4] !== 'not counted yet');
    const note = known ? '' : '\nSizes are counted by the first scan; until then the figures say what an empty account costs.\n';
    return `${table(['source', 'collector', 'mode', 'requests', 'by the sizes of the last scan'], rows)}${note}`;
  } finally {
    reader?.close();
  }
}

function requestsOf(collector: Collector, sizes: Readonly<Record<string, number>>): number {
  const of = (name: string) => sizes[name] ?? 0;
  return collector.requests({ of, pages: (name, largest) => Math.max(1, Math.ceil(of(name) / largest)) });
}

/** The sizes that the formula of this collector asks for. */
function sizesText(sizes: Readonly<Record<string, number>>, collector: Collector): string {
  const asked = new Set<string>();
  const of = (name: string) => (asked.add(name), sizes[name] ?? 0);
  collector.requests({ of, pages: (name) => of(name) });
  const known = [...asked].filter((name) => sizes[name] !== undefined);
  if (asked.size > 0 && known.length === 0) return 'not counted yet';
  return known.map((name) => `${name} ${sizes[name]}`).join(', ');
}
