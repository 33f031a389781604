import { readFileSync } from 'node:fs';

const ALIKE = /[ 01im]/g;
const FOLDED: Readonly<Record<string, string>> = { ' ': '', '0': 'o', '1': 'l', i: 'l', m: 'rn' };

/**
 * The letters of a name as the eye reads them (UTS #39): look-alikes of other scripts become the ASCII letters that they are drawn like,
 * and what cannot be seen is gone. ASCII itself is kept; `skeletonOf` folds it.
 */
export function visibleLetters(name: string): string {
  const letters = name.normalize('NFKC').normalize('NFD');
  const visible = letters.replaceAll(BEYOND_ASCII, (letter) => lookAlikes().get(letter) ?? (invisible().test(letter) ? '' : letter));
  const lower = visible.toLowerCase();
  // A bar within a word is an l; elsewhere it is a border.
  return lower.includes('|') ? lower.replaceAll(/(?<=\p{L})\|(?=\p{L})/gu, 'l') : lower;
}

const BEYOND_ASCII = /[^ -~]/gu;

/**
 * What two names share that look alike: without spaces, and with one letter for all ASCII characters that are drawn alike
 * (`0` and `o`; `1`, `i` and `l`; `rn` and `m`). Both sides of a comparison have to be skeletons.
 */
export function skeletonOf(form: string): string {
  return form.replaceAll(ALIKE, (character) => FOLDED[character]!);
}

/**
 * What a character adds to the number of a name. Names with the same skeleton have the same number, so that most names are told apart
 * without building a text; `m` adds what `r` and `n` add, and a space nothing.
 */
export function weightOf(code: number): number {
  return code < 128 ? (weights ??= weightsOfAscii())[code]! : scattered(code);
}

/** Neither a sum nor a multiple of other letters' numbers, so that few words share a sum. */
function scattered(code: number): number {
  const spread = Math.imul(code, 0x9e37_79b1);
  return Math.imul(spread ^ (spread >>> 15), 0x85eb_ca77);
}

let weights: Int32Array | undefined;

/** Added up when the first name is compared. */
function weightsOfAscii(): Int32Array {
  return Int32Array.from({ length: 128 }, (_, code) =>
    [...skeletonOf(String.fromCharCode(code))].reduce((sum, letter) => (sum + scattered(letter.charCodeAt(0))) | 0, 0),
  );
}

/** Marks, and characters that are drawn as nothing. */
const invisible = () => /[\p{Cf}\p{M}\u115F\u1160\u2800\u3164\uFFA0]/u;

let table: ReadonlyMap<string, string> | undefined;

/** Read when the first name needs it: most names are ASCII. */
function lookAlikes(): ReadonlyMap<string, string> {
  if (table) return table;
  const { lookAlikes: rows } = JSON.parse(readFileSync(new URL('./confusables.json', import.meta.url), 'utf8')) as {
    lookAlikes: Record<string, string>;
  };
  return (table = new Map(Object.entries(rows).flatMap(([like, letters]) => [...letters].map((letter) => [letter, like] as const))));
}
