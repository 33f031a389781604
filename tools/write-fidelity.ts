// Puts the numbered statements and how they fare into docs/fidelity.md, between the marks. A test says when it is no longer true.
import { readFileSync, writeFileSync } from 'node:fs';
import { statementsTable } from '../test/worlds/table.ts';
import { formatted } from './formatted.ts';

const FILE = 'docs/fidelity.md';
const REGION = /(<!-- statements -->\n)[\s\S]*?(<!-- \/statements -->)/;

const page = readFileSync(FILE, 'utf8');
if (!REGION.test(page)) throw new Error(`${FILE} has lost its marks`);
const written = page.replace(REGION, (_all, before: string, after: string) => `${before}\n${statementsTable()}\n\n${after}`);
writeFileSync(FILE, formatted(FILE, written));
