import { visibleLetters } from './skeleton.ts';

/** Longest name that is looked at, in code points: what a person reads is shorter. */
const LONGEST = 256;

/** A display name, read once. Its spellings are its first words, put together only where they may be a name of the catalog. */
export interface ReadName {
  /** What was given, up to the longest that is looked at. */
  given: string;
  /** Whether that is ASCII alone, and nothing in it can be hidden. */
  ascii: boolean;
  /** In lower case, without punctuation. */
  words: readonly string[];
  /** How many words the spellings have, the longest first: all, then those before the maker, a subtitle, a platform or a version. */
  counts: readonly number[];
}

export function readName(name: string): ReadName {
  const given = firstOf(name);
  return withCounts(given, wordsOf(given.toLowerCase(), 'ascii') ?? wordsOf(given.normalize('NFKC').toLowerCase(), 'all')!);
}

/** The name as the eye reads it; undefined where that is what is written. */
export function readDisguised({ given, ascii }: ReadName): ReadName | undefined {
  if (ascii && !given.includes('|')) return undefined;
  return withCounts(given, wordsOf(visibleLetters(given), 'all')!);
}

/** Spellings of a display name, the most literal first. */
export function nameForms(name: string): string[] {
  const { words, counts } = readName(name);
  return counts.map((count) => formOf(words, count));
}

/** The first words, with one space between them. */
export function formOf(words: readonly string[], count: number): string {
  return count === 1 ? words[0]! : (count === words.length ? words : words.slice(0, count)).join(' ');
}

function firstOf(name: string): string {
  if (name.length <= LONGEST) return name;
  // Enough units for that many code points; only characters outside the basic plane take two.
  const units = name.slice(0, 2 * LONGEST);
  return /[\uD800-\uDBFF]/.test(units) ? Array.from(units).slice(0, LONGEST).join('') : name.slice(0, LONGEST);
}

interface Words {
  ascii: boolean;
  words: readonly string[];
  /** How many words stand before a subtitle or a maker; all of them where there is none. */
  lead: number;
}

const SPACE = 32;
const DASH = 45;

/**
 * The words of a name; of `ascii`, undefined where a letter is none. One pass over the characters, because expressions cost several times
 * as much, and a scan reads every name of an organisation.
 */
function wordsOf(lower: string, letters: 'ascii' | 'all'): Words | undefined {
  const words: string[] = [];
  let border = -1;
  let start = -1;
  const length = lower.length;
  for (let at = 0; at < length; at++) {
    const code = lower.charCodeAt(at);
    if ((code > 96 && code < 123) || (code > 47 && code < 58) || (code > 127 && letters === 'all' && isLetter(lower, at, code))) {
      if (start < 0) start = at;
      continue;
    }
    if (code > 127 && letters === 'ascii') return undefined;
    if (start >= 0) {
      words.push(lower.slice(start, at));
      start = -1;
      if (code === SPACE) continue;
    }
    if (border < 0 && words.length > 0 && isBorder(lower, at, code)) border = words.length;
  }
  if (start >= 0) words.push(start === 0 ? lower : lower.slice(start));
  return { ascii: letters === 'ascii', words, lead: leadOf(words, border) };
}

/** What is known of the characters of the basic plane: 0 nothing yet, 1 a letter, digit or mark, 2 neither. */
const known = new Uint8Array(0x1_00_00);

function isLetter(text: string, at: number, code: number): boolean {
  // The second half of a character beyond the basic plane follows the first.
  if (code >= 0xdc00 && code < 0xe000) return at > 0 && isLetter(text, at - 1, text.charCodeAt(at - 1));
  if (code >= 0xd800 && code < 0xdc00) return letter().test(String.fromCodePoint(text.codePointAt(at)!));
  return (known[code] ||= letter().test(text[at]!) ? 1 : 2) === 1;
}

/** Made where it is needed: Unicode's properties take half a millisecond, and most names are ASCII. */
const letter = () => /[\p{L}\p{N}\p{M}]/u;

/** Where a subtitle begins: "Name: what it does", "Name | what it does", "Name – what it does", "Name (what it does)". */
const BORDERS = new Set([...':|([–—：（'].map((character) => character.charCodeAt(0)));

function isBorder(text: string, at: number, code: number): boolean {
  if (code === DASH) return text.charCodeAt(at - 1) === SPACE && text.charCodeAt(at + 1) === SPACE;
  return BORDERS.has(code);
}

/** What comes first: a subtitle, or the maker after "by". */
function leadOf(words: readonly string[], border: number): number {
  const by = words.indexOf('by', 1);
  const before = border > 0 ? border : words.length;
  return by > 0 && by < before && by < words.length - 1 ? by : before;
}

/** Words that say what kind of thing an app is, and nothing about whose it is. */
const TAIL = new Set(
  (
    'app apps application extension plugin addon add on connector integration bot inc llc ltd gmbh corp co labs official beta pro plus team teams ' +
    'enterprise desktop mobile web ios android mac windows chrome production prod staging dev test notetaker assistant meeting calendar login ' +
    'sso oauth client api cli v1 v2 v3 v4 for google workspace sheets docs slides gmail drive meet slack github outlook excel'
  ).split(' '),
);

function withCounts(given: string, { ascii, words, lead }: Words): ReadName {
  const counts: number[] = [];
  for (let count = words.length; count > 0;) {
    counts.push(count);
    const next = count > 1 && isTail(words[count - 1]!) ? count - 1 : Math.min(count, lead);
    if (next === count) break;
    count = next;
  }
  return { given, ascii, words, counts };
}

function isTail(word: string): boolean {
  return TAIL.has(word) || (word.charCodeAt(0) < 58 && /^\d+$/.test(word));
}
