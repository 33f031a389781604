import type { Block, Run } from '../document.ts';
import { fitted } from './fitted.ts';
import { shown, shownLines } from './shown.ts';

/** What a tracker makes of Markdown beyond CommonMark. */
export interface MarkdownDialect {
  /** In UTF-16 units. */
  most: number;
  /**
   * Changes a name before it goes into its code span. For trackers that look for mentions or macros in the source, where a code span
   * protects nothing.
   */
  name?(text: string): string;
  /** The same for the lines of a code block. */
  code?(text: string): string;
}

/** GitHub: a body holds 65,536 characters. Neither mentions nor references are looked for in code (GitHub's writing guide). */
export const GITHUB: MarkdownDialect = { most: 65_000 };
/** Linear renders Markdown through its editor; it publishes no limit, and GitHub's is known to fit. */
export const LINEAR: MarkdownDialect = { most: 65_000 };
/**
 * Redmine looks for mentions in the source itself and leaves out nothing but fenced code, by the first three backticks or tildes that
 * it finds (`lib/redmine/acts/mentionable.rb` of 5.0); macros are taken out of the source before any mark-up is read. Its older
 * parser, Redcarpet, ends a fence at any other one. So no three of them stand together but our own.
 */
export const REDMINE_MARKDOWN: MarkdownDialect = {
  most: 60_000,
  name: (text) => text.replace(/`(?=`)|~(?=~)|@|\{(?=\{)/g, '$&\u200b'),
  code: (text) => text.replace(/``(?=`)|~~(?=~)|\{(?=\{)/g, '$&\u200b'),
};

/**
 * Markdown as CommonMark 0.31 reads it. Names stand in code spans, fenced longer than any run of backticks in them; our own words are
 * escaped wherever they could format anything. `footer` is a last line of our own.
 */
export function markdown(blocks: readonly Block[], dialect: MarkdownDialect, footer: string): string {
  const render = (block: Block) => block_(block, dialect);
  const fits = fitted(blocks, dialect.most - footer.length, (block) => render(block).length + 2);
  return [...fits.map(render), footer].join('\n\n');
}

function block_(block: Block, dialect: MarkdownDialect): string {
  switch (block.is) {
    case 'heading':
      return `### ${words(block.text)}`;
    case 'paragraph':
      return line(block.runs, dialect);
    case 'list':
      return block.items.map((item) => `- ${line(item, dialect)}`).join('\n');
    case 'code': {
      const text = shownLines(dialect.code?.(block.text) ?? block.text).join('\n');
      const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
      return `${fence}\n${text}\n${fence}`;
    }
  }
}

function line(runs: readonly Run[], dialect: MarkdownDialect): string {
  let text = '';
  for (const run of runs) {
    const next = typeof run === 'string' ? words(run) : codeSpan(dialect.name?.(shown(run.name)) ?? shown(run.name));
    // Two fences that touch would be one.
    text += text.endsWith('`') && next.startsWith('`') ? `\u200b${next}` : next;
  }
  // Where a paragraph or an item starts, some marks open a block.
  return text
    .replace(/^(\s*)([-+=])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])/, '$1\\$2')
    .trimStart();
}

function codeSpan(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  const pad = /^`|`$|^ .*\S.* $/.test(text) ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
}

function words(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#&!|~$^{}]/g, '\\$&');
}
