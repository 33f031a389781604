import type { Block, Run } from '../document.ts';
import { fitted } from './fitted.ts';
import { shown, shownLines } from './shown.ts';

/** A node of Atlassian's document format, as far as we write it. */
export interface AdfNode {
  type: string;
  attrs?: Readonly<Record<string, number>>;
  content?: readonly AdfNode[];
  text?: string;
  marks?: readonly { type: string }[];
}

export interface AdfDocument {
  version: 1;
  type: 'doc';
  content: readonly AdfNode[];
}

/** Jira keeps 32,767 characters of a description; its own count of a document is not published, so the size of the JSON is held below. */
const MOST = 32_000;

/**
 * Atlassian Document Format: a tree, so that a text can never become anything else than a text. Mentions, links and cards are nodes
 * or marks of their own, which are never written (developer.atlassian.com, "Atlassian Document Format"). Names carry the mark `code`.
 */
export function adf(blocks: readonly Block[], footer: string): AdfDocument {
  const fits = fitted(blocks, MOST - footer.length - 200, (block) => JSON.stringify(node(block)).length + 1);
  return { version: 1, type: 'doc', content: [...fits.map(node), ...footer.split('\n').map((line) => paragraph([line]))] };
}

function node(block: Block): AdfNode {
  switch (block.is) {
    case 'heading':
      return { type: 'heading', attrs: { level: 3 }, content: texts([block.text]) };
    case 'paragraph':
      return paragraph(block.runs);
    case 'list':
      return { type: 'bulletList', content: block.items.map((item) => ({ type: 'listItem', content: [paragraph(item)] })) };
    case 'code':
      return { type: 'codeBlock', content: texts([shownLines(block.text).join('\n')]) };
  }
}

function paragraph(runs: readonly Run[]): AdfNode {
  return { type: 'paragraph', content: texts(runs) };
}

/** A text node must not be empty. */
function texts(runs: readonly Run[]): AdfNode[] {
  return runs
    .map((run): AdfNode => {
      return typeof run === 'string' ? { type: 'text', text: run } : { type: 'text', text: shown(run.name), marks: [{ type: 'code' }] };
    })
    .filter(({ text }) => text !== '');
}
