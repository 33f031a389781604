import { jsonText } from '../text/json.ts';

/** One array, row by row. */
export function* jsonArray(rows: Iterable<unknown>): Generator<string> {
  let before = '[';
  for (const row of rows) {
    // As it stands in an array of one, between its brackets.
    yield `${before}${jsonText([row], 2).slice(1, -2)}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

/** One object a line. */
export function* jsonLines(rows: Iterable<unknown>): Generator<string> {
  for (const row of rows) yield `${jsonText(row)}\n`;
}
