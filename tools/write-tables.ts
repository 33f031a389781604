// Puts generated tables into the pages of docs/ that have marks for them. A test says when they are no longer true.
import { readFileSync, writeFileSync } from 'node:fs';
import { formatted } from './formatted.ts';
import { PAGES, withTables } from './page-tables.ts';

for (const [file, tables] of Object.entries(PAGES)) writeFileSync(file, formatted(file, withTables(readFileSync(file, 'utf8'), tables)));
