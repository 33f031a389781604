import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatted } from '../../tools/formatted.ts';
import { withTables } from '../../tools/governance-tables.ts';

test('docs/governance.md lists rules, frameworks and older ids as they stand', () => {
  const page = readFileSync('docs/governance.md', 'utf8');
  expect(page).toBe(formatted('docs/governance.md', withTables(page)));
});
