// `npm run eval:catalog`: how good the matcher is on the labelled set. Prints the figures as a table, or as JSON with --json,
// and writes both: docs/catalog-quality.json, and between the marks of docs/catalog-quality.md. `--check` only says whether they are current.
import { readFileSync, writeFileSync } from 'node:fs';
import { loadCatalog } from '../src/catalog/catalog.ts';
import { evaluate } from './eval/evaluate.ts';
import { readLabelled } from './eval/labelled.ts';
import { reportOf } from './eval/report.ts';
import { formatted } from './formatted.ts';

const quality = evaluate(loadCatalog(), readLabelled());
const report = reportOf(quality);
console.log(process.argv.includes('--json') ? JSON.stringify(quality, null, 2) : report);

const region = /(<!-- figures -->\n)[\s\S]*?(<!-- end of figures -->)/;
const page = readFileSync('docs/catalog-quality.md', 'utf8');
if (!region.test(page)) throw new Error('docs/catalog-quality.md has lost its marks');
const generated = {
  'docs/catalog-quality.json': JSON.stringify(quality),
  'docs/catalog-quality.md': page.replace(region, (_all, before: string, after: string) => `${before}\n${report}\n\n${after}`),
};
for (const [file, text] of Object.entries(generated)) {
  const wanted = formatted(file, text);
  if (wanted === readFileSync(file, 'utf8')) continue;
  if (process.argv.includes('--check')) {
    console.error(`${file} is not current: run \`npm run eval:catalog\`.`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, wanted);
    console.error(`${file} written.`);
  }
}
