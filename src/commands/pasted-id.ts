import { ConfigError } from '../connector/errors.ts';
import { terminalText } from '../text/terminal.ts';

/** What lists print of an integration or a grant: a letter, and its number in the database. */
export type IdLetter = 'i' | 'g';

/** The number that an id of a list means; undefined = it is no such id. */
export function numberIn(id: string, letter: IdLetter): number | undefined {
  const [, number] = /^[ig](\d{1,15})$/.exec(id) ?? [];
  return number !== undefined && id.startsWith(letter) ? Number(number) : undefined;
}

/** The number after which a page begins. */
export function cursorIn(after: string | undefined, letter: IdLetter, isThere: (number: number) => boolean): number | undefined {
  if (after === undefined) return undefined;
  const number = numberIn(after, letter);
  if (number !== undefined && isThere(number)) return number;
  throw notThere(after);
}

export function notThere(after: string): ConfigError {
  return new ConfigError(`There is nothing called ${terminalText(after)} to go on after`, {
    fix: 'Give --after what the page before said, with the same filters and the same order.',
  });
}
