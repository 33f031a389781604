import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { table } from '../../src/report/table.ts';
import { terminalLines, terminalText } from '../../src/text/terminal.ts';
import { HOSTILE } from './hostile.ts';

/** Written apart from the sanitiser: what must never reach a terminal. */
function acts(point: number): boolean {
  return (
    point < 0x20 ||
    (point >= 0x7f && point <= 0x9f) ||
    point === 0xad ||
    point === 0x34f ||
    point === 0x61c ||
    (point >= 0x200b && point <= 0x200f) ||
    (point >= 0x2028 && point <= 0x202e) ||
    (point >= 0x2060 && point <= 0x206f) ||
    point === 0xfeff ||
    (point >= 0xd800 && point <= 0xdfff) ||
    (point >= 0xe0000 && point <= 0xe0fff)
  );
}

function offending(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!).filter(acts);
}

/** Any text, with those that matter drawn far more often than chance would. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...HOSTILE),
  fc.string({
    unit: fc.oneof(fc.integer({ min: 0, max: 0xa0 }), fc.integer({ min: 0x2000, max: 0x2070 })).map((point) => String.fromCodePoint(point)),
  }),
  fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 })).map((units) => String.fromCharCode(...units)),
);

describe('text for a terminal', () => {
  test.each(HOSTILE)('shows %j without anything that a terminal acts on', (text) => {
    expect(offending(terminalText(text))).toEqual([]);
  });

  test('holds nothing that a terminal acts on, whatever comes in', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 300 }), (text, longest) => {
        expect(offending(terminalText(text, longest))).toEqual([]);
      }),
    );
  });

  test('is never longer than was asked for, as it is shown', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 300 }), (text, longest) => {
        expect(Array.from(terminalText(text, longest)).length).toBeLessThanOrEqual(longest);
      }),
    );
  });

  test('cuts a name of ten thousand characters and says so', () => {
    expect(terminalText('Assistant '.repeat(1024))).toBe(`${'Assistant '.repeat(20).slice(0, 199)}…`);
    expect(Array.from(terminalText('\u001b'.repeat(10_240))).length).toBeLessThanOrEqual(200);
  });

  test('does not cut a character of two halves in two', () => {
    expect(terminalText('😀😀😀😀', 3)).toBe('😀😀…');
    expect(terminalText('😀😀😀', 3)).toBe('😀😀😀');
  });

  test('shows what it takes out, by its code point', () => {
    expect(terminalText('a\u001b[0m\u202eb\u{E0001}')).toBe('a‹001B›[0m‹202E›b‹E0001›');
  });

  test('leaves ordinary names of all scripts as they are, and changes nothing when applied again', () => {
    for (const name of ['Otter.ai', 'Überblick', '日本語アシスタント', 'مساعد', 'Помощник', 'a 😀 b', 'tab-less  spaces'])
      expect(terminalText(name)).toBe(name);
    fc.assert(
      fc.property(anyText, (text) => {
        const once = terminalText(text);
        expect(terminalText(once)).toBe(once);
      }),
    );
  });

  test('of several lines keeps the line breaks and nothing else', () => {
    expect(terminalLines('one\u001b\ntwo\r\nthree')).toBe('one‹001B›\ntwo‹000D›\nthree');
  });
});

describe('a table', () => {
  test('has one line for each row, whatever stands in the cells', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText), { maxLength: 8 }), (rows) => {
        const text = table(['a', 'b'], rows);
        expect(text.split('\n')).toHaveLength(rows.length + 3);
        expect(offending(text.replaceAll('\n', ''))).toEqual([]);
      }),
    );
  });

  test('of very many rows is still made', () => {
    const rows = Array.from({ length: 200_000 }, (_, number) => [number]);
    expect(table(['n'], rows).split('\n')).toHaveLength(200_003);
  });
});
