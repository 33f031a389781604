// Puts the tables of rules and frameworks into docs/governance.md, between the marks. A test says when they are no longer true.
import { readFileSync, writeFileSync } from 'node:fs';
import { formatted } from './formatted.ts';
import { withTables } from './governance-tables.ts';

const FILE = 'docs/governance.md';
writeFileSync(FILE, formatted(FILE, withTables(readFileSync(FILE, 'utf8'))));
