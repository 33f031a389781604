import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block } from '../../src/tickets/document.ts';
import { GITHUB, LINEAR, markdown, REDMINE_MARKDOWN, type MarkdownDialect } from '../../src/tickets/markup/markdown.ts';
import { shown } from '../../src/tickets/markup/shown.ts';
import { HOSTILE_MARKUP } from '../tickets/hostile-markup.ts';
import { hostileText } from '../tickets/hostile-text.ts';
import { installedCommonMark, readByCommonMark, type MarkdownNode } from './commonmark.ts';

// What our Markdown means is for a parser to say that others wrote: this one is GitHub's.

const version = installedCommonMark();
const DIALECTS: Readonly<Record<string, MarkdownDialect>> = { github: GITHUB, linear: LINEAR, redmine: REDMINE_MARKDOWN };

describe.skipIf(version === undefined)(
  `Markdown as CommonMarker ${version ?? '[skipped: ruby-commonmarker is not installed]'} reads it`,
  () => {
    for (const [name, dialect] of Object.entries(DIALECTS)) {
      it(`holds every hostile name as code, in every place, for ${name}`, () => {
        expect(
          faultsOf(
            HOSTILE_MARKUP.map((one) => [one, one]),
            dialect,
          ),
        ).toEqual([]);
      });

      it(`holds whatever anybody may call an app as code, for ${name}`, () => {
        const pairs = fc.sample(fc.tuple(hostileText, hostileText), { numRuns: 2_000, seed: 20261122 });
        expect(faultsOf(pairs, dialect)).toEqual([]);
      });
    }

    it('would say so if a name were more than text', () => {
      const [tree] = readByCommonMark(['See http://attacker.example, <b>x</b>, [y](http://z.example) and *w*.']);
      expect([...kinds(tree!)].sort()).toEqual(['document', 'emph', 'inline_html', 'link', 'paragraph', 'text']);
    });

    it('shows our own words as they are written, whatever marks are in them', () => {
      const words = fc.sample(
        fc.string({ unit: fc.constantFrom(...'*_`#[]()<>!|~\\&;-+=. 1a$^{}"\':'.split('')), minLength: 1, maxLength: 30 }),
        {
          numRuns: 2_000,
          seed: 7,
        },
      );
      const trees = readByCommonMark(words.map((text) => markdown([{ is: 'paragraph', runs: ['x', text, 'x'] }], GITHUB, 'end')));
      const read = trees.map((tree) => textOf(tree[2][0]!));
      expect(read).toEqual(words.map((text) => `x${text}x`.replace(/\s+/g, ' ')));
      for (const tree of trees) expect([...kinds(tree)].sort()).toEqual(['document', 'paragraph', 'text']);
    });
  },
);

/** Texts in which a name is not what it should be: below a heading, in a paragraph, in a list, beside another name, or in a code block. */
function faultsOf(pairs: readonly (readonly [string, string])[], dialect: MarkdownDialect): unknown[] {
  const texts = pairs.map(([one, other]) => markdown(blocksOf(one, other), dialect, 'end'));
  return readByCommonMark(texts).flatMap((tree, index) => {
    const names = pairs[index]!.map((name) => dialect.name?.(shown(name)) ?? shown(name));
    const [, first, , list] = tree[2];
    const found = {
      blocks: tree[2].map(([type]) => type),
      kinds: [...kinds(tree)].sort(),
      codes: codes(first!),
      words: textOf(first!),
      items: list![2].flatMap((item) => codes(item)),
    };
    const wanted = {
      blocks: ['header', 'paragraph', 'paragraph', 'list', 'code_block', 'paragraph'],
      kinds: ['code', 'code_block', 'document', 'header', 'list', 'list_item', 'paragraph', 'text'],
      codes: names,
      words: 'Called  by ',
      items: [...names, names[0]],
    };
    return isDeepStrictEqual(found, wanted) ? [] : [{ text: texts[index], found, wanted }];
  });
}

function blocksOf(one: string, other: string): Block[] {
  return [
    { is: 'heading', text: 'What was found' },
    { is: 'paragraph', runs: ['Called ', { name: one }, ' by ', { name: other }] },
    { is: 'paragraph', runs: [{ name: one }, { name: other }] },
    { is: 'list', items: [[{ name: one }], [{ name: other }, ' and ', { name: one }]] },
    { is: 'code', text: `${one}\n${other}` },
  ];
}

function* kinds([type, , within]: MarkdownNode, seen = new Set<string>()): Generator<string> {
  if (!seen.has(type)) {
    seen.add(type);
    yield type;
  }
  for (const child of within) yield* kinds(child, seen);
}

function codes([type, text, within]: MarkdownNode): string[] {
  return type === 'code' ? [text ?? ''] : within.flatMap(codes);
}

function textOf([type, text, within]: MarkdownNode): string {
  return type === 'text' ? (text ?? '') : within.map(textOf).join('');
}
