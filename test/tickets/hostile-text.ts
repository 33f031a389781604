import fc from 'fast-check';
import { HOSTILE_MARKUP } from './hostile-markup.ts';

const MARKS = [
  '`',
  '``',
  '```',
  '~~~',
  '<',
  '>',
  '</',
  '&',
  '&#',
  ';',
  '@',
  '#',
  '[',
  ']',
  '(',
  ')',
  '!',
  '*',
  '_',
  '|',
  '\\',
  '{{',
  '}}',
  ':',
  '//',
  'www.',
  '\n',
  '\r',
  ' ',
  '"',
  "'",
  '=',
  '-',
  '.',
  '\u201d',
  '\u200b',
  '\u202e',
];
const WORDS = ['victim', 'code', 'pre', 'http', 'attacker.example', '1', 'r2', 'include(x)', 'script', 'a href'];

/** Names that nobody thought of: pieces of marks and words in any order, all of Unicode, and what stands in the list. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...MARKS, ...WORDS), { maxLength: 14 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.tuple(fc.constantFrom(...HOSTILE_MARKUP), fc.constantFrom(...HOSTILE_MARKUP)).map(([one, other]) => one + other),
);
