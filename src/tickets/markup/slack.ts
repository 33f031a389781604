import type { Block, Run } from '../document.ts';
import { fitted } from './fitted.ts';
import { defused, shown, shownLines } from './shown.ts';

/** Slack cuts the text of a message at 40,000 characters. */
const MOST = 39_000;

/**
 * Slack's mrkdwn: `&`, `<` and `>` are the only characters that it lets one escape, and they open every mention, link and command
 * (docs.slack.dev, "Formatting message text"). Names stand in code, with their backticks exchanged for the letter that looks like one.
 */
export function slack(blocks: readonly Block[], footer = ''): string {
  const fits = fitted(blocks, MOST - footer.length, (block) => render(block).length + 2);
  return [...fits.map(render), words(footer)].filter((text) => text !== '').join('\n\n');
}

function render(block: Block): string {
  switch (block.is) {
    case 'heading':
      return `*${words(block.text)}*`;
    case 'paragraph':
      return line(block.runs);
    case 'list':
      return block.items.map((item) => `• ${line(item)}`).join('\n');
    case 'code':
      return `\`\`\`\n${shownLines(block.text).map(code).join('\n')}\n\`\`\``;
  }
}

function line(runs: readonly Run[]): string {
  return runs.map((run) => (typeof run === 'string' ? words(run) : `\`${code(shown(run.name))}\``)).join('');
}

function code(text: string): string {
  return escaped(defused(text)).replace(/`/g, '\u02cb');
}

/** Our own words: the marks that format are kept from doing so by a break before them. */
function words(text: string): string {
  return escaped(text.replace(/\s+/g, ' ')).replace(/[*_~`]/g, '\u200b$&\u200b');
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
