// Writes src/catalog/compiled.json from src/catalog/products/*.json and negative.json. `--check` only says whether it is current.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { lookupForm, type CompiledCatalog } from '../src/catalog/catalog.ts';
import { negativeCatalog, vendorFile } from '../src/catalog/product.ts';

const folder = new URL('../src/catalog/', import.meta.url);

/** The compiled text of the catalog as it stands in the folder. */
function compile(): string {
  const products: Record<string, CompiledCatalog['products'][string]> = {};
  const claims: Record<string, Record<string, string[]>> = {};
  const claim = (type: string, value: string, id: string) => {
    const form = lookupForm(type, value);
    if (form === '') return;
    const values = ((claims[type] ??= {})[form] ??= []);
    if (!values.some((other) => other.replace(/^[?=]/, '') === id.replace(/^[?=]/, ''))) values.push(id);
  };
  for (const file of readdirSync(new URL('products/', folder)).sort()) {
    const { vendor, products: list } = vendorFile.parse(JSON.parse(readFileSync(new URL(`products/${file}`, folder), 'utf8')));
    for (const product of list) {
      products[product.id] = [product.name, vendor.name, product.category, product.tier];
      const named = product.signals.app_name?.some(({ value }) => lookupForm('app_name', value) === lookupForm('app_name', product.name));
      if (product.signals.app_name && !named && !product.signals.app_name.some(({ ambiguous }) => ambiguous))
        claim('app_name', product.name, product.id);
      for (const [type, rows] of Object.entries(product.signals))
        for (const row of rows ?? []) claim(type, row.value, `${markOf(row)}${product.id}`);
    }
  }
  const negative = negativeCatalog.parse(JSON.parse(readFileSync(new URL('negative.json', folder), 'utf8')));
  for (const entry of negative.entries)
    for (const [type, values] of Object.entries(entry.signals)) for (const value of values) claim(type, value, `!${entry.id}`);
  const body = { products, claims: compact(claims) };
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16);
  return `${JSON.stringify({ hash, ...body })}\n`;
}

function markOf(row: { ambiguous?: true | undefined; whole?: true | undefined }): string {
  return row.ambiguous ? '?' : row.whole ? '=' : '';
}

/** One claim is written as a text, several as a list. A value that two products claim is ambiguous for both. */
function compact(claims: Record<string, Record<string, string[]>>): CompiledCatalog['claims'] {
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

/** What is generated, by file: the compiled catalog and the schemas that editors use. */
const generated = {
  'compiled.json': compile(),
  'product.schema.json': `${JSON.stringify(z.toJSONSchema(vendorFile), null, 2)}\n`,
  'negative.schema.json': `${JSON.stringify(z.toJSONSchema(negativeCatalog), null, 2)}\n`,
};
for (const [name, text] of Object.entries(generated)) {
  const target = new URL(name, folder);
  const current = existsSync(target) && sameJson(readFileSync(target, 'utf8'), text);
  if (current) continue;
  if (process.argv.includes('--check')) {
    console.log(`src/catalog/${name} is not current: run \`npm run compile-catalog\`.`);
    process.exitCode = 1;
  } else {
    writeFileSync(target, text);
    console.log(`src/catalog/${name} written.`);
  }
}

/** The formatter may lay a file out otherwise. */
function sameJson(a: string, b: string): boolean {
  return JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b));
}
