// Puts what the demo prints into the README, between the marks. A test says when it is no longer true.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const printed = execFileSync(process.execPath, ['bin/noctule.cjs', 'demo'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
}).trim();
const readme = readFileSync('README.md', 'utf8');
const region = /(<!-- demo -->\s+```text\n)[\s\S]*?(\n```)/;
if (!region.test(readme)) throw new Error('README.md has lost its marks');
writeFileSync(
  'README.md',
  readme.replace(region, (_all, before: string, after: string) => `${before}${printed}${after}`),
);
