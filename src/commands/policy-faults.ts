import { existsSync } from 'node:fs';
import { createCatalog, type Catalog } from '../catalog/catalog.ts';
import { isKnownByNameOnly } from '../catalog/reasons.ts';
import { readCatalog } from '../config/catalog-file.ts';
import { lineOf } from '../config/jsonc.ts';
import { emptyPolicyText, parsePolicyText } from '../config/policy-file.ts';
import { ENOUGH_SCANS, entryFaults, type EntryFault } from '../policy/entry-rules.ts';
import { withCurrentIds, type Policy } from '../policy/policy.ts';
import { connectorIds } from '../scan/registry.ts';
import { openReader, type Lately } from '../store/read.ts';
import { closestTo } from '../text/closest.ts';
import { noticeOf } from './policy-notice.ts';

/** A fault of an entry, with the line of the file on which the entry begins, counted from 1. */
export interface LocatedFault extends EntryFault {
  line: number;
}

export interface Examined {
  faults: readonly LocatedFault[];
  policy: Policy;
  /** In how many scans apps were looked for, 0 = there was none. */
  scans: number;
}

/**
 * What is wrong with the entries of a policy, by the catalog, the date and what was scanned. A text that is no policy is refused.
 * `database` need not be there: then nothing is said of what matches nothing.
 */
export function examinePolicy(of: { text: string; file: string; database: string; tenant: string; catalog: Catalog }, now: Date): Examined {
  const { text, file, database, tenant, catalog } = of;
  const current = (policy: Policy) => withCurrentIds(policy, (id) => catalog.currentId(id));
  const parsed = (content: string) => current(parsePolicyText(content, file));
  const policy = parsed(text);
  const reader = existsSync(database) ? openReader(database) : undefined;
  try {
    const lately = reader?.lately(tenant, ENOUGH_SCANS);
    let ids: string[] | undefined;
    const known = {
      isProduct: (id: string) => catalog.product(id) !== undefined,
      closestProduct: (id: string) => closestTo(id, (ids ??= Array.from(catalog.products(), (product) => product.id))),
      isKnownByNameOnly: (id: string) => isKnownByNameOnly(catalog, id),
      connectors: connectorIds(),
      seen: lately && {
        scans: lately.scans,
        accounts: lately.accounts,
        policy: parsed(lately.policy ?? emptyPolicyText(tenant)),
        apps: lately.apps.map((app) => recognised(app, (id) => catalog.currentId(id))),
        findings: (prefix: string) => reader!.findingsByPrefix(tenant, prefix).map(({ state }) => state),
      },
    };
    const faults = entryFaults(policy, known, now).map((fault) => ({ ...fault, line: lineOf(text, [fault.list, fault.index]).line ?? 1 }));
    return { faults: faults.sort((a, b) => a.line - b.line), policy, scans: lately?.scans ?? 0 };
  } finally {
    reader?.close();
  }
}

/** The catalog with what a file of the organisation adds. */
export function catalogWith(file: string, tenant: string): Catalog {
  return createCatalog(readCatalog(file, tenant));
}

/** How many faults of each rule a policy has. */
export function faultsByRule(of: Parameters<typeof examinePolicy>[0], now: Date): Record<string, number> {
  const rules = Map.groupBy(examinePolicy(of, now).faults, ({ rule }) => rule);
  return Object.fromEntries([...rules].map(([rule, { length }]) => [rule, length]));
}

/** The notice of a policy that was not looked at since it was changed. */
export function freshNotice(file: string, text: string, place: { database: string; tenant: string; catalog: string }, now: Date): string {
  return noticeOf(faultsByRule({ ...place, text, file, catalog: catalogWith(place.catalog, place.tenant) }, now));
}

type StoredApp = Lately['apps'][number];

function recognised({ product, grade, ...app }: StoredApp, currentId: (id: string) => string) {
  return { ...app, match: { grade: grade as 'exact', ...(product !== null && { product: currentId(product) }) } };
}
