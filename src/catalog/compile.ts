import { createHash } from 'node:crypto';
import { lookupForm, type CompiledCatalog } from './catalog.ts';
import type { NegativeCatalog, VendorFile } from './product.ts';

/** Claims by type and by the spelling under which they are looked up. */
export type ClaimTables = Record<string, Record<string, string[]>>;

/** The catalog in the form that is looked up: files of vendors and the negative catalog, in one order whatever order they came in. */
export function compileCatalog(files: readonly VendorFile[], negative: NegativeCatalog): CompiledCatalog {
  const products: Record<string, CompiledCatalog['products'][string]> = {};
  const claims: ClaimTables = {};
  const former: Record<string, string> = {};
  for (const { vendor, products: list } of files)
    for (const product of list) {
      products[product.id] = [product.name, vendor.name, product.category, product.tier];
      for (const id of product.formerIds ?? []) former[id] = product.id;
      const names = product.signals.app_name;
      const named = names?.some(({ value }) => lookupForm('app_name', value) === lookupForm('app_name', product.name));
      if (names && !named && !names.some(({ ambiguous }) => ambiguous)) addClaim(claims, 'app_name', product.name, product.id);
      for (const [type, rows] of Object.entries(product.signals))
        for (const row of rows ?? []) addClaim(claims, type, row.value, `${markOf(row)}${product.id}`);
    }
  for (const entry of negative.entries)
    for (const [type, values] of Object.entries(entry.signals)) for (const value of values) addClaim(claims, type, value, `!${entry.id}`);
  const body = { products, claims: compact(claims), ...(Object.keys(former).length > 0 && { former }) };
  return { hash: hashOf(body), ...body };
}

/** Names the content of a catalog. */
export function hashOf(body: object): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16);
}

/** Before the id of a product: what the claim is worth. */
export function markOf(row: { ambiguous?: true | undefined; whole?: true | undefined }): string {
  return row.ambiguous ? '?' : row.whole ? '=' : '';
}

function addClaim(claims: ClaimTables, type: string, value: string, id: string): void {
  const form = lookupForm(type, value);
  if (form === '') return;
  const values = ((claims[type] ??= {})[form] ??= []);
  if (!values.some((other) => other.replace(/^[?=]/, '') === id.replace(/^[?=]/, ''))) values.push(id);
}

/** One claim is written as a text, several as a list. */
function compact(claims: ClaimTables): CompiledCatalog['claims'] {
  return Object.fromEntries(
    Object.entries(claims)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([type, values]) => [
        type,
        Object.fromEntries(
          Object.entries(values)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([value, ids]) => [value, ids.length === 1 ? ids[0]! : ids.sort()]),
        ),
      ]),
  );
}
