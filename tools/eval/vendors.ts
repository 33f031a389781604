import type { Catalog } from '../../src/catalog/catalog.ts';
import type { Row } from './labelled.ts';

/** Whether a labelled vendor is one of the catalog's. */
export interface Vendors {
  knows(row: Row): boolean;
  isSame(row: Row, vendor: string): boolean;
}

/**
 * Some makers stand in the catalog under their brand and in the labelled set under their company, or the other way round.
 * They are the same where one goes by a name of the other: the company's, or the labelled product's.
 */
export function vendorsOf(catalog: Catalog): Vendors {
  const vendorsByName = new Map<string, Set<string>>();
  const add = (name: string, vendor: string) => {
    const form = nameOf(name);
    vendorsByName.set(form, (vendorsByName.get(form) ?? new Set()).add(vendor));
  };
  for (const { name, vendor } of catalog.products()) {
    add(vendor, vendor);
    add(name, vendor);
  }
  const known = (row: Row) =>
    new Set([row.vendor, row.product].filter((name) => name !== null).flatMap((name) => [...(vendorsByName.get(nameOf(name)) ?? [])]));
  return {
    knows: (row) => known(row).size > 0,
    isSame: (row, vendor) => known(row).has(vendor),
  };
}

const COMPANY = new Set(['inc', 'llc', 'ltd', 'gmbh', 'corp', 'co', 'labs', 'ai']);

/** Without case, signs, the form of the company and a last "AI" ("Jina AI" is Jina). Its own rule, and not the matcher's: the ruler must not bend with what it measures. */
function nameOf(name: string): string {
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  while (words.length > 1 && COMPANY.has(words.at(-1)!)) words.pop();
  return words.join('');
}
