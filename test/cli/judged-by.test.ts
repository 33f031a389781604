import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newFolder } from './run.ts';

const CHECKOUT = join(import.meta.dirname, '../..');

test('a program judges anew after every change of what it judges with: rules, matcher, connectors and their tables', () => {
  const copy = newFolder();
  for (const name of ['src', 'connectors', 'package.json']) cpSync(join(CHECKOUT, name), join(copy, name), { recursive: true });
  symlinkSync(join(CHECKOUT, 'node_modules'), join(copy, 'node_modules'));
  const script = `import { judgedBy } from './src/commands/judged-by.ts'; console.log(judgedBy());`;
  const named = () => execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: copy, encoding: 'utf8' }).trim();
  const names = [named()];
  expect(named()).toBe(names[0]);
  const judging = [
    'src/policy/rules.ts',
    'src/catalog/negative.json',
    'connectors/aws/access.json',
    'connectors/google-workspace/scopes.json',
  ];
  for (const file of judging) {
    appendFileSync(join(copy, file), '\n');
    names.push(named());
  }
  expect(new Set(names).size).toBe(1 + judging.length);
  appendFileSync(join(copy, 'connectors/aws/README.md'), '\n');
  appendFileSync(join(copy, 'connectors/aws/fake/index.ts'), '\n');
  expect(named()).toBe(names.at(-1));
});
