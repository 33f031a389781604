// Writes src/catalog/compiled.json from src/catalog/products/*.json and negative.json. `--check` only says whether it is current.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { compileCatalog } from '../src/catalog/compile.ts';
import { negativeCatalog, vendorFile } from '../src/catalog/product.ts';

const folder = new URL('../src/catalog/', import.meta.url);
const json = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const files = readdirSync(new URL('products/', folder))
  .sort()
  .map((name) => vendorFile.parse(json(`products/${name}`)));

/** What is generated, by file: the compiled catalog and the schemas that editors use. */
const generated = {
  'compiled.json': `${JSON.stringify(compileCatalog(files, negativeCatalog.parse(json('negative.json'))))}\n`,
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
