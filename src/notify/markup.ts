import { terminalText } from '../text/terminal.ts';
import type { Block, Run, TicketDocument } from '../tickets/document.ts';

/** Longest text of a provider in a notice, in code points. */
const LONGEST = 160;

/** How a form of text shows our own words and, literally, those of others. */
interface Markup {
  own(text: string): string;
  /** What a provider said: it can neither mention, link nor format, whatever is in it. */
  name(text: string): string;
  heading(text: string): string;
  paragraph(text: string): string;
  list(items: readonly string[]): string;
  code(text: string): string;
}

/** The text of a mail without formats. */
export function plainText(document: TicketDocument): string {
  return `${blocksIn(PLAIN, document).join('\n\n')}\n`;
}

/** A whole page that loads nothing and links to nothing. */
export function htmlText(document: TicketDocument): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"></head><body>${blocksIn(HTML, document).join('\n')}</body></html>`;
}

/** The message format of Slack, which others take too. https://docs.slack.dev/messaging/formatting-message-text */
export function slackText(document: TicketDocument): string {
  const title = `*${runsIn(SLACK, document.title)}*`;
  return [title, ...blocksIn(SLACK, document)].join('\n');
}

const PLAIN: Markup = {
  own: (text) => text,
  name: (text) => `“${unlinked(terminalText(text, LONGEST))}”`,
  heading: (text) => `${text}\n${'-'.repeat(text.length)}`,
  paragraph: (text) => text,
  list: (items) => items.map((item) => `- ${item}`).join('\n'),
  code: (text) => terminalText(text, 2_000),
};

const HTML: Markup = {
  own: escapedHtml,
  name: (text) => `<b>${escapedHtml(unlinked(terminalText(text, LONGEST)))}</b>`,
  heading: (text) => `<h3>${escapedHtml(text)}</h3>`,
  paragraph: (text) => `<p>${text}</p>`,
  list: (items) => `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`,
  code: (text) => `<pre>${escapedHtml(terminalText(text, 2_000))}</pre>`,
};

/** In a span of code nothing is a link, a mention or a format; without a backtick, nothing gets out of it. */
const SLACK: Markup = {
  own: escapedSlack,
  name: (text) => `\`${escapedSlack(unmentioned(terminalText(text, LONGEST)).replaceAll('`', 'ˋ'))}\``,
  heading: (text) => `*${escapedSlack(text)}*`,
  paragraph: (text) => text,
  list: (items) => items.map((item) => `• ${item}`).join('\n'),
  code: (text) => `\`\`\`${escapedSlack(unmentioned(terminalText(text, 2_000)).replaceAll('`', 'ˋ'))}\`\`\``,
};

function blocksIn(markup: Markup, { blocks }: TicketDocument): string[] {
  return blocks.map((block) => blockIn(markup, block));
}

function blockIn(markup: Markup, block: Block): string {
  switch (block.is) {
    case 'heading':
      return markup.heading(block.text);
    case 'paragraph':
      return markup.paragraph(runsIn(markup, block.runs));
    case 'list':
      return markup.list(block.items.map((item) => runsIn(markup, item)));
    case 'code':
      return markup.code(block.text);
  }
}

function runsIn(markup: Markup, runs: readonly Run[]): string {
  return runs.map((run) => (typeof run === 'string' ? markup.own(run) : markup.name(run.name))).join('');
}

function escapedHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll('`', '&#96;');
}

/** These three are all that Slack asks for. */
function escapedSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Some that take this format mention by the sign alone. */
function unmentioned(text: string): string {
  return text.replaceAll('@', '@\u200B');
}

/** Programs that show mails make links of what looks like one: a word joiner, which has no width, keeps them from it. */
function unlinked(text: string): string {
  return text.replaceAll(/(?<=\S)([.:@/])(?=\S)/gu, '$1\u2060');
}
