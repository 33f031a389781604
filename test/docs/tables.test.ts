import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatted } from '../../tools/formatted.ts';
import { PAGES, withTables } from '../../tools/page-tables.ts';

test.each(Object.entries(PAGES))('%s tells what is so: its tables are those that the program makes', (file, tables) => {
  const page = readFileSync(file, 'utf8');
  expect(page).toBe(formatted(file, withTables(page, tables)));
});
