// `npm run write-reference`: writes the pages of docs/ that tell of commands, views and questions. A test says when they are no longer true.
import { writeFileSync } from 'node:fs';
import { formatted } from './formatted.ts';
import { REFERENCE } from './reference.ts';

for (const [file, text] of Object.entries(REFERENCE)) writeFileSync(file, formatted(file, text()));
