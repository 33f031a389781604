import type { Block, Run } from '../document.ts';
import { fitted } from './fitted.ts';
import { defused, quoted, shownLines } from './shown.ts';

/** What a field holds. */
export interface PlainField {
  /** In UTF-16 units. */
  most: number;
}

/** A mail. */
export const MAIL: PlainField = { most: 200_000 };
/**
 * ServiceNow: a description of the table `task` holds 4,000 characters. Journals render HTML between `[code]` and `[/code]`
 * (ServiceNow documentation, `glide.ui.security.allow_codetag`), so that such tags are broken wherever they stand.
 */
export const SERVICENOW: PlainField = { most: 3_900 };

/** Text without mark-up. Names stand in quotation marks that they cannot close, broken where a program would see a mention, an address or a tag. */
export function plain(blocks: readonly Block[], field: PlainField, footer: string): string {
  const fits = fitted(blocks, field.most - footer.length, (block) => render(block).length + 2);
  return [...fits.map(render), footer].filter((text) => text !== '').join('\n\n');
}

function render(block: Block): string {
  switch (block.is) {
    case 'heading':
      return block.text.toUpperCase();
    case 'paragraph':
      return line(block.runs);
    case 'list':
      return block.items.map((item) => `- ${line(item)}`).join('\n');
    case 'code':
      return shownLines(block.text)
        .map((text) => `    ${defusedLiteral(text)}`)
        .join('\n');
  }
}

function line(runs: readonly Run[]): string {
  return runs.map((run) => (typeof run === 'string' ? run : quoted(run.name))).join('');
}

/** An entry of a policy is meant to be copied: it is broken only where it would act. */
function defusedLiteral(text: string): string {
  return /@\[|\[\/?code|:\/\/|\bwww\./i.test(text) ? defused(text) : text;
}
