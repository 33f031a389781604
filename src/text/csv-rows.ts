/** What kind of separator a file has is told by its first line. */
const SEPARATORS = [',', ';', '\t'] as const;

/**
 * The rows of a CSV file by the names of its columns, in lower case; the order of columns and those that nobody asks for do not matter.
 * Undefined = it is no such file: quotes that do not end, or no header.
 */
export function csvRows(text: string): ReadonlyMap<string, string>[] | undefined {
  const plain = text.replace(/^\uFEFF/, '');
  const first = plain.slice(0, plain.search(/[\r\n]|$/));
  const separator = SEPARATORS.toSorted((a, b) => first.split(b).length - first.split(a).length)[0]!;
  const [header, ...lines] = linesOf(plain, separator) ?? [];
  if (!header) return undefined;
  const names = header.map((name) => name.trim().toLowerCase());
  return lines
    .filter((cells) => cells.some((cell) => cell.trim() !== ''))
    .map((cells) => new Map(names.map((name, index) => [name, (cells[index] ?? '').trim()])));
}

function linesOf(text: string, separator: string): string[][] | undefined {
  const lines: string[][] = [];
  let cells: string[] = [];
  let rest = 0;
  // A cell in quotes, in which a quote stands twice, or one without; then what ends it.
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}\\r\\n]*))(${separator}|\\r\\n|\\n|\\r|$)`, 'y');
  while (rest <= text.length) {
    cell.lastIndex = rest;
    const match = cell.exec(text);
    if (!match) return undefined;
    const [whole, quoted, plain, end] = match;
    cells.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    rest += whole.length;
    if (end === separator) continue;
    lines.push(cells);
    cells = [];
    if (end === '') break;
  }
  return lines;
}
