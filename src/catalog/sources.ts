import { lookupForm } from './catalog.ts';
import { vendorFileText } from './files.ts';
import type { VendorFile } from './product.ts';

/**
 * Where the claims about a product can be read, by type and value of the signal. Sources stand in the vendor's file alone: matching needs none,
 * and what the organisation's own file says has none.
 */
export function sourcesOf(id: string): Map<string, string> {
  const text = vendorFileText(id.split('/')[0]!);
  if (text === undefined) return new Map();
  const { products } = JSON.parse(text) as VendorFile;
  const rows = Object.entries(products.find((product) => product.id === id)?.signals ?? {});
  return new Map(
    rows.flatMap(([type, list]) => (list ?? []).map((row) => [`${type} ${lookupForm(type, row.value)}`, row.source] as const)),
  );
}
