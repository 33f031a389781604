import { expect, test } from 'vitest';
import { csvRows } from '../../src/text/csv-rows.ts';

const rows = (text: string) => csvRows(text)?.map((row) => Object.fromEntries(row));

test('rows are read by the names of their columns, in any order, with any separator and any end of line', () => {
  const ada = { person: 'ada', course: 'AI, basics' };
  expect(rows('Person,Course\r\nada,"AI, basics"\r\n')).toEqual([ada]);
  expect(rows('\uFEFFcourse;person\n"AI, basics"; ada \n;\n')).toEqual([ada]);
  expect(rows('person\tcourse\nada\tAI, basics')).toEqual([ada]);
  expect(rows('a,b\n"x ""y""\nz",')).toEqual([{ a: 'x "y"\nz', b: '' }]);
});

test('a file without lines has no rows, and quotes that do not end are refused', () => {
  expect(rows('person,course\n')).toEqual([]);
  expect(rows('person,course\n"ada,x')).toBeUndefined();
});
