/**
 * What a terminal would act on instead of showing: control characters, escape sequences, and the invisible and
 * direction-turning characters that make a text read otherwise than it is. Made where it is needed: Unicode's properties take a millisecond.
 */
const acts = () => /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u;

/** Most texts are of these alone, which no terminal acts on. */
const PLAIN = /^[ -~]*$/;

/** Longest text from a provider on one line of a terminal, in code points. */
const LONGEST = 200;

/**
 * Text from outside, safe to print on one line: whatever a terminal would act on is shown as its code point.
 * The sanitiser of the terminal; every name, message and path passes through it.
 */
export function terminalText(text: string, longest = LONGEST): string {
  if (text.length <= longest && PLAIN.test(text)) return text;
  const acting = acts();
  const shown: string[] = [];
  let length = 0;
  let lengthBeforeCut = 0;
  // Counted as shown: a name of control characters must not take six times its room.
  for (const point of text.toWellFormed()) {
    const form = acting.test(point) ? codePoint(point) : point;
    length += form.length === point.length ? 1 : form.length;
    if (length > longest) return `${shown.slice(0, lengthBeforeCut).join('')}…`;
    shown.push(form);
    if (length < longest) lengthBeforeCut = shown.length;
  }
  return shown.join('');
}

/** Lines of our own making that quote what is not: the line breaks stay, all else is shown. */
export function terminalLines(text: string, longest = LONGEST): string {
  return text
    .split('\n')
    .map((line) => terminalText(line, longest))
    .join('\n');
}

function codePoint(point: string): string {
  return `\u2039${point.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}\u203A`;
}
