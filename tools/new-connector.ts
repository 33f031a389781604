// `npm run new-connector slack` copies connectors/_template to connectors/slack, with its own name in every place.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const id = process.argv[2] ?? '';
if (!/^[a-z][a-z0-9-]*$/.test(id)) {
  console.error('Give the name of the provider, in lower case: npm run new-connector slack');
  process.exit(2);
}
const folder = join('connectors', id);
if (existsSync(folder)) {
  console.error(`${folder} is already there.`);
  process.exit(2);
}
cpSync(join('connectors', '_template'), folder, { recursive: true });
const title = id
  .split('-')
  .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  .join(' ');
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const file = join(entry.parentPath, entry.name);
  const text = readFileSync(file, 'utf8')
    .replaceAll('TEMPLATE', id.toUpperCase().replaceAll('-', '_'))
    .replaceAll('Template', title)
    .replaceAll('template', id);
  writeFileSync(file, text);
}
console.log(`${folder} is written. Next: describe the provider in index.ts and client.ts, simulate it in fake/index.ts, then`);
console.log(`  npm test -- test/connectors/contract.test.ts -t "kept by ${id}"`);
