import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatted } from '../../tools/formatted.ts';
import { statementsTable } from '../worlds/table.ts';

test('docs/fidelity.md lists the numbered statements as they stand', () => {
  const page = readFileSync('docs/fidelity.md', 'utf8');
  const listed = /<!-- statements -->\n([\s\S]*?)<!-- \/statements -->/.exec(page)?.[1];
  expect(listed?.trim()).toBe(formatted('docs/fidelity.md', statementsTable()).trim());
});
