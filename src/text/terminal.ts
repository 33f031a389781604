/**
 * What a terminal would act on instead of showing: control characters, escape sequences, and the invisible and
 * direction-turning characters that make a text read otherwise than it is.
 */
const ACTS = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u115F\u1160\u2028\u2029\u3164\uFFA0\uFE00-\uFE0F]/gu;

/** Longest text from a provider on one line of a terminal, in code points. */
const LONGEST = 200;

/**
 * Text from outside, safe to print on one line: whatever a terminal would act on is shown as its code point.
 * The sanitiser of the terminal; every name, message and path passes through it.
 */
export function terminalText(text: string, longest = LONGEST): string {
  const points = [...text.toWellFormed()];
  const cut = points.length > longest ? `${points.slice(0, longest - 1).join('')}…` : text.toWellFormed();
  return cut.replace(ACTS, (character) => `\u2039${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}\u203A`);
}
