import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Where the catalog is written: one file a vendor, and what only looks like AI. */
const FOLDER = new URL('./', import.meta.url);

/** The names of the files of vendors, sorted. */
export function vendorFileNames(): string[] {
  return readdirSync(new URL('products/', FOLDER)).sort();
}

/** The text of a file of the catalog: `negative.json`, `products/acme.json`. */
export function catalogFileText(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

/** The text of a vendor's file, without a look at the names of two thousand others; undefined = the catalog has none. */
export function vendorFileText(vendor: string): string | undefined {
  const isThere = /^[a-z0-9-]+$/.test(vendor) && existsSync(new URL(`products/${vendor}.json`, FOLDER));
  return isThere ? catalogFileText(`products/${vendor}.json`) : undefined;
}
