import { readdirSync, readFileSync } from 'node:fs';

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
