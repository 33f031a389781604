import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJsonc } from '../../src/config/jsonc.ts';
import { plainWords } from '../../src/config/plain-words.ts';

const KEYS = ['tenant', 'database'];

test('words of the example are read as the parser reads them', () => {
  const text = readFileSync('config.example.json', 'utf8');
  expect(plainWords(text, KEYS)).toEqual(parseJsonc(text, 'config.example.json'));
});

test.each([
  ['comments', '{"tenant": "a", // its "name" /*\n/* "twice" , } */ "database": "b"}', { tenant: 'a', database: 'b' }],
  ['what looks like comments', '{"tenant": "//a", "database": "/*b*/"}', { tenant: '//a', database: '/*b*/' }],
  ['trailing commas', '{"tenant": ["a" , ], "database": ",]",\n}', { tenant: ['a'], database: ',]' }],
])('%s', (_title, text, words) => {
  expect(plainWords(text, KEYS)).toEqual(words);
  expect(parseJsonc(text, 'file')).toEqual(words);
});

test.each([
  ['a key that stands twice', '{"tenant": "a", "tenant": "b"}'],
  ['a key that is spelled otherwise', String.raw`{"tenant": "a", "ten\u0061nt": "b"}`],
  ['a key that would set a prototype', '{"__proto__": {"tenant": "a"}}'],
  ['a list', '["tenant"]'],
  ['a comma after nothing', '{"tenant": [,]}'],
  ['two commas', '{"tenant": "a",,}'],
  ['a comment within a word', '{"tenant": tr/**/ue}'],
  ['a comment that a carriage return ends', '{"database": "b", // c\r "tenant": "a"\n}'],
  ['a comment over the end of a line within a word', '{"tenant": "a/*\n*/b"}'],
  ['no JSON', 'tenant = a'],
])('%s is left to the parser', (_title, text) => {
  expect(plainWords(text, KEYS)).toBeUndefined();
});

test('whatever is read so is what the parser reads', () => {
  const mark = fc.constantFrom(
    '// e\r',
    '"/*\n*/"',
    '\r',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"tenant"',
    '"b//c"',
    '1',
    'true',
    '"',
    '// d\n',
    '/* e */',
    ' ',
    '\n',
  );
  fc.assert(
    fc.property(
      fc.array(mark, { maxLength: 12 }).map((marks) => `{"tenant": "a"${marks.join('')}`),
      (text) => {
        const words = plainWords(text, KEYS);
        fc.pre(words !== undefined);
        expect(parseJsonc(text, 'file')).toEqual(words);
      },
    ),
    { numRuns: 300, maxSkipsPerRun: 1_000 },
  );
});
