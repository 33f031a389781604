/** Most texts are of these alone, which no terminal acts on. */
const PLAIN = /^[\n -~]*$/;

/** JSON that is also safe to show on a terminal: the same value, with whatever a terminal would act on written as an escape. */
export function jsonText(value: unknown, indent?: number | string): string {
  const text = JSON.stringify(value, null, indent);
  if (PLAIN.test(text)) return text;
  return text.replace(/[\u007F-\u009F\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu, (character) =>
    // JSON knows no code points beyond U+FFFF: those are written as their two halves.
    Array.from({ length: character.length }, (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`).join(''),
  );
}
