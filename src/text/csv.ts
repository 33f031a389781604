/** What a spreadsheet takes for the start of a formula, wide forms and leading white space included. */
const FORMULA = /^[\s\u00A0\u3000]*[=+\-@\t\r＝＋－＠|]/u;

/** One cell of a CSV file (RFC 4180) that no spreadsheet will run: a formula becomes text by a leading apostrophe. */
export function csvCell(value: string | number | null): string {
  if (typeof value === 'number') return String(value);
  const text = (value ?? '').toWellFormed().replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",;]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}
