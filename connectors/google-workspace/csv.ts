/** The rows of a CSV file as RFC 4180 has it, by the names of its columns in lower case. */
export type Row = ReadonlyMap<string, string>;

/** Why a file cannot be taken: the user's to fix, so in words. */
export class NotThisFile extends Error {
  override name = 'NotThisFile';
}

/**
 * Reads a table with a header. The order of columns, their case and columns that nobody asked for do not matter;
 * a file without one of `needed` is another kind of file, and is refused.
 */
export function parseCsv(text: string, needed: readonly string[]): Row[] {
  const [header, ...lines] = linesOf(text.replace(/^\uFEFF/, ''));
  const names = (header ?? []).map((name) => name.trim().toLowerCase());
  const missing = needed.filter((name) => !names.includes(name.toLowerCase()));
  if (missing.length > 0) throw new NotThisFile(`it has no column ${missing.map((name) => `"${name}"`).join(' and ')}`);
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (twice !== undefined) throw new NotThisFile(`it has two columns "${twice}"`);
  return lines
    .filter((cells) => cells.some((cell) => cell !== ''))
    .map((cells) => new Map(names.map((name, index) => [name, cells[index] ?? ''])));
}

function linesOf(text: string): string[][] {
  const lines: string[][] = [];
  let cells: string[] = [];
  let rest = 0;
  // A cell in quotes, in which a quote stands twice, or one without; then what ends it.
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  while (rest <= text.length) {
    cell.lastIndex = rest;
    const match = cell.exec(text);
    if (!match) throw new NotThisFile(`its line ${lines.length + 1} is no CSV`);
    const [whole, quoted, plain, end] = match;
    cells.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    rest += whole.length;
    if (end === ',') continue;
    lines.push(cells);
    cells = [];
    if (end === '') break;
  }
  return lines;
}
