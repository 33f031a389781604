// Writes src/catalog/confusables.json: the letters of Unicode's confusables.txt (UTS #39) that are drawn like ASCII letters or digits.
// Input is that file, or the same table as the npm package unhomoglyph 1.0.6 carries it (`npm pack unhomoglyph@1.0.6`, package/data.json):
//   node tools/write-confusables.ts confusables.txt 17.0.0
import { readFileSync, writeFileSync } from 'node:fs';

const [input, version] = process.argv.slice(2);
if (!input || !version) throw new Error('Usage: node tools/write-confusables.ts <confusables.txt or data.json> <version of Unicode>');
const text = readFileSync(input, 'utf8');
const prototypes: ReadonlyMap<string, string> = input.endsWith('.json')
  ? new Map(Object.entries(JSON.parse(text) as Record<string, string>))
  : new Map(
      [...text.matchAll(/^([0-9A-F]+) ;\t([0-9A-F ]+) ;/gm)].map(([, from, to]) => [
        String.fromCodePoint(Number.parseInt(from!, 16)),
        to!
          .split(' ')
          .map((code) => String.fromCodePoint(Number.parseInt(code, 16)))
          .join(''),
      ]),
    );

const lookAlikes: Record<string, string[]> = {};
const letters = new Set([...prototypes.keys()].flatMap((letter) => [letter, letter.toLowerCase()]));
for (const letter of [...letters].sort()) {
  // ASCII, marks and what NFKC turns into something else need no row: names are read in that form, and without marks.
  if ([...letter].length !== 1 || letter < '\u0080' || /\p{M}/u.test(letter) || letter !== letter.normalize('NFKC')) continue;
  // Names are compared without case: a small letter is also read as its capital is drawn.
  const like = asciiOf(letter) ?? asciiOf(letter.toUpperCase());
  if (like !== undefined) (lookAlikes[like] ??= []).push(letter);
}
writeFileSync(
  'src/catalog/confusables.json',
  `${JSON.stringify(
    {
      source: 'https://www.unicode.org/Public/security/latest/confusables.txt',
      unicode: version,
      licence: 'Unicode-3.0, https://www.unicode.org/license.txt, © Unicode, Inc.',
      lookAlikes: Object.fromEntries(
        Object.entries(lookAlikes)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([like, of]) => [like, of.join('')]),
      ),
    },
    null,
    2,
  )}\n`,
);

/** The ASCII letters or digits that a letter is drawn like, in lower case and without marks. */
function asciiOf(letter: string): string | undefined {
  const drawn = [...letter].map((one) => prototypes.get(one) ?? one).join('');
  const bare = drawn.normalize('NFD').replaceAll(/\p{M}/gu, '');
  return /^[A-Za-z0-9]{1,3}$/.test(bare) ? bare.toLowerCase() : undefined;
}
