import type { Block, Run } from '../document.ts';

/** Our own words where not all of a document fits into a tracker's field. */
const CUT: Block = { is: 'paragraph', runs: ['The rest did not fit into this field; ask Noctule for the finding.'] };
/** In the place of an entry of the policy, which is of no use in part. */
const ELSEWHERE: Block = { is: 'paragraph', runs: ['It did not fit into this field: `noctule show` prints it.'] };

/** The room that a block takes with what parts it from the next. */
type Size = (block: Block) => number;

/**
 * As much of a document as fits into so much room, in its order. First entries of the policy are written on one line, one a section; then
 * names are shortened, but below headings that are kept; then each section gets a share of the room, so that none is lost. Whatever is left
 * out is said.
 */
export function fitted(blocks: readonly Block[], room: number, size: Size): Block[] {
  const whole = sectionsOf(blocks);
  const brief = whole.map(withOneEntry);
  for (const sections of [whole, brief, brief.map((section) => withNames(section, 80))])
    if (sizeOf(sections.flat(), size) <= room) return sections.flat();
  const left = room - size(CUT);
  return [
    ...shared(
      brief.map((section) => withNames(section, 24)),
      left,
      size,
    ),
    CUT,
  ];
}

/** A heading and what stands below it; what comes before the first heading is one too. */
type Section = readonly Block[];

function sectionsOf(blocks: readonly Block[]): Section[] {
  const sections: Block[][] = [];
  for (const block of blocks)
    if (block.is === 'heading' || sections.length === 0) sections.push([block]);
    else sections.at(-1)!.push(block);
  return sections;
}

function isKept([heading]: Section): boolean {
  return heading?.is === 'heading' && heading.keep === true;
}

function sizeOf(blocks: readonly Block[], size: Size): number {
  return blocks.reduce((sum, block) => sum + size(block), 0);
}

function withOneEntry(section: Section): Section {
  const first = section.findIndex(({ is }) => is === 'code');
  return section.flatMap((block, index): Block[] =>
    block.is !== 'code' ? [block] : index === first ? [{ ...block, text: onOneLine(block.text) }] : [],
  );
}

/** Longer ones stay as they are: a line is cut somewhere, and an entry has to arrive whole. */
const LONGEST_ENTRY = 1500;

function onOneLine(text: string): string {
  try {
    const line = JSON.stringify(JSON.parse(text));
    return line.length <= LONGEST_ENTRY ? line : text;
  } catch {
    return text;
  }
}

function withNames(section: Section, longest: number): Section {
  if (isKept(section)) return section;
  const short = (run: Run): Run => (typeof run === 'string' ? run : { name: cut(run.name, longest) });
  return section.map((block): Block => {
    if (block.is === 'paragraph') return { ...block, runs: block.runs.map(short) };
    return block.is === 'list' ? { ...block, items: block.items.map((item) => item.map(short)) } : block;
  });
}

function cut(name: string, longest: number): string {
  const points = Array.from(name);
  return points.length > longest ? `${points.slice(0, longest - 1).join('')}…` : name;
}

/** Shares the room: the least of each section is certain, then come those that are kept, and what is left goes to the others. */
function shared(sections: readonly Section[], room: number, size: Size): Block[] {
  const least = sections.map((section) => sizeOf(within(section, 0, size), size));
  const spare = room - least.reduce((sum, one) => sum + one, 0);
  // Without headings, or in so little room, it ends where the room does.
  if (sections.length === 1 || spare < 0) return taken(sections.flat(), room, size, 0);
  const rooms = [...least];
  let left = spare;
  for (const kept of [true, false]) {
    const asking = sections.flatMap((section, index) => (isKept(section) === kept ? [index] : []));
    const wants = new Map(asking.map((index) => [index, sizeOf(sections[index]!, size) - least[index]!]));
    // Who asks for little gets it, and what it leaves is for those that ask for more.
    const inOrder = asking.toSorted((a, b) => wants.get(a)! - wants.get(b)!);
    for (const [turn, index] of inOrder.entries()) {
      const share = Math.min(Math.max(0, wants.get(index)!), Math.floor(left / (inOrder.length - turn)));
      rooms[index]! += share;
      left -= share;
    }
  }
  return sections.flatMap((section, index) => within(section, rooms[index]!, size));
}

/** Of a section what fits, and at least its heading and the first of what stands below it. */
function within(section: Section, room: number, size: Size): Block[] {
  return taken(section, room, size, section[0]?.is === 'heading' ? 2 : 1);
}

/** As many blocks as fit, in their order; so many of them at least in part. */
function taken(blocks: readonly Block[], room: number, size: Size, certain: number): Block[] {
  const kept: Block[] = [];
  let left = room;
  for (const [index, block] of blocks.entries()) {
    const part = partOf(block, left, size, index < certain);
    if (part) kept.push(part);
    left -= part ? size(part) : 0;
    if (part !== block && index >= certain - 1) break;
  }
  return kept;
}

function partOf(block: Block, left: number, size: Size, isCertain: boolean): Block | undefined {
  if (size(block) <= left) return block;
  if (block.is === 'list') {
    const items = block.items.slice(0, Math.max(isCertain ? 1 : 0, itemsWithin(block, left, size)));
    return items.length > 0 ? { is: 'list', items } : undefined;
  }
  if (block.is !== 'code') return isCertain ? block : undefined;
  return isCertain || size(ELSEWHERE) <= left ? ELSEWHERE : undefined;
}

function itemsWithin(list: Extract<Block, { is: 'list' }>, room: number, size: Size): number {
  let few = 0;
  let many = list.items.length;
  while (few < many) {
    const middle = Math.ceil((few + many) / 2);
    if (size({ is: 'list', items: list.items.slice(0, middle) }) <= room) few = middle;
    else many = middle - 1;
  }
  return few;
}
