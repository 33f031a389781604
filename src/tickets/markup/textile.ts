import type { Block, Run } from '../document.ts';
import { fitted } from './fitted.ts';
import { shown, shownLines } from './shown.ts';

/** Redmine's text columns hold 65,535 bytes on MySQL. */
const MOST = 60_000;

/**
 * Textile as Redmine reads it (RedCloth 3 with Redmine's own links, mentions and macros; the default of Redmine 5 and of Debian's
 * package). Its code tags protect from formatting but not from mentions, which are looked for in the source, and they can be closed
 * by what stands in them. So a name is quoted, and every mark in it is written as a numeric character reference, which Redmine
 * passes on as it is; words stay as they are, with the dots, hyphens and underscores within them, so that people find a name when
 * they search.
 */
export function textile(blocks: readonly Block[], footer: string): string {
  const fits = fitted(blocks, MOST - footer.length, (block) => Buffer.byteLength(render(block)) + 2);
  return [...fits.map(render), footer].join('\n\n');
}

function render(block: Block): string {
  switch (block.is) {
    case 'heading':
      return `h3. ${words(block.text)}`;
    case 'paragraph':
      return line(block.runs);
    case 'list':
      return block.items.map((item) => `* ${line(item)}`).join('\n');
    case 'code':
      return `<pre>\n${shownLines(block.text).map(literal).join('\n')}\n</pre>`;
  }
}

function line(runs: readonly Run[]): string {
  const text = runs.map((run) => (typeof run === 'string' ? words(run) : `\u201c${name(run.name)}\u201d`)).join('');
  // `p. `, `h1. ` and their like open a block where a line starts.
  return text.trim().replace(/^([a-z]+\d*)\./, '$1&#46;');
}

function name(text: string): string {
  return referenced(
    shown(text).replace(/[\u201c-\u201f]/g, '"'),
    /(?!(?<=[A-Za-z0-9])(?<!www)[._-](?=[A-Za-z0-9]))[!-/:-@[-`{-~]|[Rr](?=\d)/gi,
  );
}

/** Our own words keep the marks of a plain sentence. */
function words(text: string): string {
  return referenced(text.replace(/\s+/g, ' '), /["!#$%&*+<=>?@[\\\]^_`{|}~]|(?<![A-Za-z0-9])-|-(?![A-Za-z0-9])/g);
}

function referenced(text: string, marks: RegExp): string {
  return text.replace(marks, (mark) => `&#${mark.codePointAt(0)};`);
}

/** In a `pre` all is literal, except what ends it, and macros, which are taken out of the source before. */
function literal(text: string): string {
  return text.replace(/<(?=\/?(?:code|pre|kbd|notextile|redpre)\b)/gi, '<\u200b').replace(/\{(?=\{)/g, '{\u200b');
}
