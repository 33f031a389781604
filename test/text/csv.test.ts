import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderRows } from '../../src/report/rows.ts';
import { csvCell } from '../../src/text/csv.ts';
import { HOSTILE } from './hostile.ts';

/** RFC 4180 with any separator, written from the RFC alone. A quote in the middle of a bare field is a character like others. */
function parseCsv(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let at = 0;
  while (at < text.length) {
    if (text[at] === '"' && field === '') {
      at++;
      while (at < text.length && !(text[at] === '"' && text[at + 1] !== '"')) {
        field += text[at];
        at += text[at] === '"' ? 2 : 1;
      }
      at++;
    }
    while (at < text.length && text[at] !== separator && !text.startsWith('\r\n', at)) field += text[at++];
    row.push(field);
    field = '';
    if (text[at] === separator) {
      at++;
      if (at === text.length || text.startsWith('\r\n', at)) row.push('');
      else continue;
    }
    rows.push(row);
    row = [];
    at += 2;
  }
  return rows;
}

/** The first character that a spreadsheet looks at. */
function runs(cell: string): boolean {
  return /^[=+\-@\t\r|＝＋－＠﹦﹢﹣﹫]/u.test(cell.replace(/^[\s\u200b-\u200d\u2060\ufeff\u00ad]+/u, '')) || /^[\t\r]/.test(cell);
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...HOSTILE),
  fc.string({
    unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', ' ', '"', ',', ';', "'", '|', '\u3000', '＝', '＠', '\u200b', 'a', '1'),
  }),
);

describe('a CSV cell', () => {
  test.each(HOSTILE)('%j starts no formula', (text) => {
    const [cells] = parseCsv(`x,${csvCell(text)},y`, ',');
    expect(cells).toHaveLength(3);
    expect(runs(cells![1]!)).toBe(false);
  });

  test('starts no formula and moves no other cell, whatever it holds', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const [cells, ...more] = parseCsv(`x,${csvCell(text)},y\r\n`, ',');
        expect(more).toEqual([]);
        expect(cells).toHaveLength(3);
        expect([cells![0], cells![2]]).toEqual(['x', 'y']);
        expect(runs(cells![1]!)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  test('starts no formula where the spreadsheet splits lines at semicolons', () => {
    expect(csvCell("a;=cmd|' /C calc'!A1;b")).toBe(`"a;'=cmd|' /C calc'!A1;b"`);
    fc.assert(
      fc.property(anyText, (text) => parseCsv(`x,${csvCell(text)},y\r\n`, ';').every((row) => row.every((cell) => !runs(cell)))),
      { numRuns: 2_000 },
    );
  });

  test('comes back as it was, apart from the apostrophe and what was replaced by a space', () => {
    const plain = (text: string) => text.replaceAll("'", '');
    fc.assert(
      fc.property(anyText, (text) => {
        const replaced = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu, ' ');
        const [cells] = parseCsv(`x,${csvCell(text)},y\r\n`, ',');
        expect(plain(cells![1]!)).toBe(plain(replaced));
      }),
      { numRuns: 2_000 },
    );
  });

  test('of ordinary text is the text itself', () => {
    for (const text of ['ChatGPT', 'Read AI', "it's", '2026-11-02', 'a=b', 'me@example.com', 'x-y', '日本'])
      expect(csvCell(text)).toBe(text);
    expect(csvCell('a, b')).toBe('"a, b"');
    expect(csvCell('say "hi"')).toBe('"say ""hi"""');
    expect(csvCell(' padded ')).toBe('" padded "');
    expect(csvCell(null)).toBe('');
  });

  test('keeps numbers as numbers, negative ones too: they hold no text of others', () => {
    expect([0, 12, -3, 1.5].map(csvCell)).toEqual(['0', '12', '-3', '1.5']);
  });
});

describe('a list as CSV', () => {
  test('has as many lines and cells as rows and columns, for every spreadsheet', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ name: anyText, holders: fc.nat() }), { maxLength: 6 }), (rows) => {
        const text = renderRows('csv', rows, [
          { title: 'name', of: (row) => row.name },
          { title: 'holders', of: (row) => row.holders },
        ]);
        const parsed = parseCsv(text, ',');
        expect(parsed.map((row) => row.length)).toEqual(Array.from({ length: rows.length + 1 }, () => 2));
        expect(parsed.slice(1).map((row) => Number(row[1]))).toEqual(rows.map((row) => row.holders));
      }),
    );
  });
});
