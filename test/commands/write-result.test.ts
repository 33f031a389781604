import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeResult } from '../../src/commands/write-result.ts';

test('a draft that a killed process of the same number left behind stands in nobody’s way', () => {
  const folder = mkdtempSync(join(tmpdir(), 'noctule-result-'));
  const file = join(folder, 'health.json');
  writeFileSync(`${file}.${process.pid}.part`, 'half');
  writeResult(file, 'whole');
  expect(readFileSync(file, 'utf8')).toBe('whole');
  expect(readdirSync(folder)).toHaveLength(2);
});
