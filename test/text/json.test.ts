import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonText } from '../../src/text/json.ts';
import { HOSTILE } from './hostile.ts';

/** Line breaks are the text's own; every other control, every invisible and every direction-turning character must be an escape. */
const RAW = /[^\P{Cc}\n]|[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Cs}\u2028\u2029]/u;

const anyJson = fc.jsonValue({ stringUnit: 'binary', noUnicodeString: false } as fc.JsonSharedConstraints);

describe('JSON that is safe to show', () => {
  test.each(HOSTILE)('%j comes back as it was', (text) => {
    for (const indent of [undefined, 2]) {
      const json = jsonText({ [text]: [text] }, indent);
      expect(json).not.toMatch(RAW);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ [text]: [text] })));
    }
  });

  test('writes a character beyond the first plane as its two halves', () => {
    expect(jsonText('\u{E0001}')).toBe('"\\udb40\\udc01"');
    expect(jsonText('\u{1D173}😀')).toBe('"\\ud834\\udd73😀"');
    expect(JSON.parse(jsonText('a\u{E0041}\u{E007F}b'))).toBe('a\u{E0041}\u{E007F}b');
  });

  test('any value parses back to itself, and shows nothing that acts', () => {
    fc.assert(
      fc.property(anyJson, fc.constantFrom(undefined, 2), (value, indent) => {
        const json = jsonText(value, indent);
        expect(json).not.toMatch(RAW);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('any single character, as a key and as a value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x10ffff }), (point) => {
        const text = String.fromCodePoint(point);
        const json = jsonText([text, { [`k${text}`]: text }]);
        expect(json).not.toMatch(RAW);
        expect(JSON.parse(json)).toEqual([text, { [`k${text}`]: text }]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('without an indent it is one line, as NDJSON needs', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(jsonText(value)).not.toContain('\n');
      }),
    );
  });
});
