/** What a spreadsheet takes for the start of a formula: leading white space and quotes, wide and small forms included. */
const FORMULA = '[\\s"]*[=+\\-@|＝＋－＠﹦﹢﹣﹫]';
/** At the start of the cell, and after each semicolon: half of the world's spreadsheets split a line there. */
const STARTS_FORMULA = new RegExp(`(^|;)(?=${FORMULA})`, 'gu');
let invisible: RegExp | undefined;

/** One cell of a CSV file (RFC 4180) that no spreadsheet will run: a formula becomes text by a leading apostrophe. */
export function csvCell(value: string | number | null): string {
  if (typeof value === 'number') return String(value);
  // Tabs and line breaks among them: some programs start a new cell at one. Made by the first cell: Unicode's properties take a millisecond.
  invisible ??= /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu;
  const text = (value ?? '').toWellFormed().replace(invisible, ' ');
  const safe = text.replace(STARTS_FORMULA, "$1'");
  return /[",;]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}
