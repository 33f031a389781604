import { applyEdits, createScanner, findNodeAtLocation, parseTree, type Edit, type Node } from 'jsonc-parser';
import { jsonText } from '../text/json.ts';

type Path = readonly (string | number)[];

/** A change of a file: a value that is set where it stands, one that is added at the end of a list, or one that is taken out. */
export type FileEdit = { set: Path; value: unknown } | { append: Path; value: unknown } | { remove: Path };

/**
 * JSON with comments, changed as a person would change it: every comment, line and space stays but where the new value stands.
 * A list or a key that is missing is made. The text must be valid.
 */
export function edited(text: string, edits: readonly FileEdit[]): string {
  return edits.reduce((before, edit) => {
    if ('set' in edit) return withSet(before, edit.set, edit.value);
    return 'append' in edit ? withAppended(before, edit) : without(before, edit.remove);
  }, text);
}

/** Takes a part out of a list, or a key out of an object, with its comma. Comments around it stay. */
function without(text: string, path: Path): string {
  const value = at(text, path);
  if (!value) return text;
  const part = value.parent?.type === 'property' ? value.parent : value;
  const siblings = part.parent!.children!;
  const place = siblings.indexOf(part);
  const end = part.offset + part.length;
  const before = siblings[place - 1];
  const comma =
    commaBetween(text, end, siblings[place + 1]?.offset ?? part.parent!.offset + part.parent!.length - 1) ??
    (before && commaBetween(text, before.offset + before.length, part.offset));
  return [...cutsOf(text, [part.offset, end], comma)].reverse().reduce((left, [from, to]) => left.slice(0, from) + left.slice(to), text);
}

type Span = readonly [from: number, to: number];

/** The part and its comma: as one, where only space stands between them. */
function cutsOf(text: string, part: Span, comma: number | undefined): Span[] {
  if (comma === undefined) return [withSpace(text, part)];
  const [first, second] = comma < part[0] ? [[comma, comma + 1] as const, part] : [part, [comma, comma + 1] as const];
  return text.slice(first[1], second[0]).trim() === ''
    ? [withSpace(text, [first[0], second[1]])]
    : [withSpace(text, first), withSpace(text, second)];
}

/** A line that becomes empty goes, too; else what stands before and behind stays on the lines on which it stands. */
function withSpace(text: string, [from, to]: Span): Span {
  const before = text.slice(0, from);
  const behind = /^[ \t]*(\r?\n)?/.exec(text.slice(to))!;
  if (behind[1] !== undefined) return [before.trimEnd().length, to];
  const start = before.replace(/[ \t]+$/, '').length;
  return /[[{]$/.test(before) ? [start, to + behind[0].length] : [start, to];
}

function commaBetween(text: string, from: number, to: number): number | undefined {
  const scanner = createScanner(text, false);
  scanner.setPosition(from);
  for (scanner.scan(); scanner.getTokenOffset() < to; scanner.scan())
    if (text[scanner.getTokenOffset()] === ',') return scanner.getTokenOffset();
  return undefined;
}

function withAppended(text: string, { append, value }: { append: Path; value: unknown }): string {
  const list = at(text, append);
  return list ? applyEdits(text, added(text, list, value)) : withSet(text, append, [value]);
}

function withSet(text: string, path: Path, value: unknown): string {
  const node = at(text, path);
  if (node)
    return applyEdits(text, [{ offset: node.offset, length: node.length, content: spelled(text, value, indentAt(text, node.offset)) }]);
  const [around, key] = [path.slice(0, -1), path.at(-1)!];
  const parent = at(text, around);
  return parent ? applyEdits(text, added(text, parent, value, String(key))) : withSet(text, around, { [key]: value });
}

function at(text: string, path: Path): Node | undefined {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  if (!tree) throw new Error('There is no JSON to change');
  return findNodeAtLocation(tree, [...path]);
}

/**
 * Adds to the end of a list or an object. A comment behind the last part goes on standing behind it: the comma is put before that
 * comment, and what is new after it.
 */
function added(text: string, container: Node, value: unknown, key?: string): Edit[] {
  const last = container.children?.at(-1);
  const bracket = container.offset + container.length - 1;
  const inside = insideOf(text, last ? last.offset + last.length : container.offset + 1, bracket);
  const comma: Edit[] = last && !inside.comma ? [{ offset: last.offset + last.length, length: 0, content: ',' }] : [];
  const space = { offset: inside.end, length: bracket - inside.end };
  const label = key === undefined ? '' : `${JSON.stringify(key)}: `;
  const isOneLine = !text.slice(container.offset, bracket).includes('\n');
  const short = typeof value === 'object' && value !== null ? undefined : `${label}${jsonText(value)}`;
  if (last && isOneLine && short !== undefined) return [...comma, { ...space, content: ` ${short}${text.slice(inside.end, bracket)}` }];
  const outer = indentAt(text, isOneLine ? container.offset : bracket);
  const inner = last && !isOneLine ? indentAt(text, last.offset) : outer + unitOf(text);
  const eol = eolOf(text);
  return [...comma, { ...space, content: `${eol}${inner}${label}${spelled(text, value, inner)}${eol}${outer}` }];
}

/** From the last part to the bracket: whether a comma stands there, and where the last comma or comment ends. */
function insideOf(text: string, from: number, bracket: number): { comma: boolean; end: number } {
  const scanner = createScanner(text, false);
  scanner.setPosition(from);
  let [comma, end] = [false, from];
  for (scanner.scan(); scanner.getTokenOffset() < bracket; scanner.scan()) {
    const token = text.slice(scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength());
    if (token.trim() === '') continue;
    comma ||= token === ',';
    end = scanner.getTokenOffset() + scanner.getTokenLength();
  }
  return { comma, end };
}

/** A value over several lines, as it stands behind that much space. */
function spelled(text: string, value: unknown, indent: string): string {
  return oneLineLists(jsonText(value, unitOf(text))).replaceAll('\n', `${eolOf(text)}${indent}`);
}

/** Lists of words stand on one line, where they are short: so people write them. */
function oneLineLists(json: string): string {
  return json.replaceAll(/\[\n\s+("(?:[^"\\]|\\.)*"(?:,\n\s+"(?:[^"\\]|\\.)*")*)\n\s*\]/g, (whole, items: string) => {
    const line = `[${items.replaceAll(/,\n\s+/g, ', ')}]`;
    return line.length <= 100 ? line : whole;
  });
}

/** The space before the first character of a line. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1);
  return /^[ \t]*/.exec(line)![0];
}

/** What the file indents by: the first indented line tells. */
function unitOf(text: string): string {
  return /\n([ \t]+)[^ \t\r\n]/.exec(text)?.[1] ?? '  ';
}

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
