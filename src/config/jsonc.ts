import { findNodeAtLocation, parse, parseTree, printParseErrorCode, visit, type ParseError } from 'jsonc-parser';
import type { z } from 'zod';
import { z as schema } from 'zod';
import { ConfigError } from '../connector/errors.ts';

type Path = (string | number)[];

/** Parses JSON with comments; a mistake is told with its line. */
export function parseJsonc(text: string, file: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) {
    const line = lineAt(text, first.offset);
    throw new ConfigError(`${file}:${line}: ${inWords(printParseErrorCode(first.error))}`, {
      line,
      fix: 'Correct the JSON in that line; comments and trailing commas are allowed.',
    });
  }
  refuseLostKeys(text, file);
  return value;
}

/**
 * A key that stands twice would silently lose its first value, an approval or a whole source;
 * `__proto__` would set the value's prototype, past every schema.
 */
function refuseLostKeys(text: string, file: string): void {
  const open: Set<string>[] = [];
  visit(
    text,
    {
      onObjectBegin: () => void open.push(new Set()),
      onObjectEnd: () => void open.pop(),
      onObjectProperty(key, offset) {
        const keys = open.at(-1)!;
        const twice = keys.has(key);
        keys.add(key);
        if (!twice && key !== '__proto__') return;
        const line = lineAt(text, offset);
        throw new ConfigError(`${file}:${line}: the key "${key}" ${twice ? 'stands twice' : 'has no meaning'}`, {
          key,
          line,
          fix: twice ? 'Remove one of them, or write the two values into one.' : 'Remove it.',
        });
      },
    },
    { allowTrailingComma: true },
  );
}

/** "CommaExpected" is the parser's word. */
function inWords(code: string): string {
  return code.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

/** The line on which a key stands, counted from 1. */
export function lineOf(text: string, path: Path): { line?: number } {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  for (let length = path.length; tree && length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node) return { line: lineAt(text, node.parent?.type === 'property' ? node.parent.offset : node.offset) };
  }
  return {};
}

/** Turns the first complaint of a schema into the user's terms: the key, the line, what is wrong, and the closest valid key. */
export function schemaError(
  error: z.ZodError,
  text: string,
  file: string,
  of: z.ZodType,
  below: Path = [],
  alsoKnown: readonly string[] = [],
): ConfigError {
  const [issue] = error.issues;
  if (!issue) return new ConfigError(`${file} is not valid`, { fix: 'Run `noctule config schema`.' });
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [
    ...below,
    ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part)),
    ...(unknown === undefined ? [] : [unknown]),
  ];
  const key = path.join('.');
  const { line } = lineOf(text, path);
  const where = `${file}${line === undefined ? '' : `:${line}`}`;
  if (unknown === undefined)
    return new ConfigError(`${where}: ${key || 'the file'}: ${isThere(text, path) ? said(issue) : 'is missing'}`, {
      key,
      ...(line !== undefined && { line }),
      fix: 'Correct the value; `noctule config schema` describes every key.',
    });
  const known = [...keysAt(of, issue.path), ...(issue.path.length === 0 ? alsoKnown : [])];
  const closest = closestTo(unknown, known);
  const fix = closest ? `Did you mean "${closest}"?` : `Known keys here: ${known.join(', ')}.`;
  return new ConfigError(`${where}: unknown key "${key}"`, { key, ...(line !== undefined && { line }), fix });
}

function isThere(text: string, path: Path): boolean {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  return path.length === 0 || (tree !== undefined && findNodeAtLocation(tree, path) !== undefined);
}

/** Where zod only says that something inside is wrong, what is wrong inside. */
function said(issue: z.core.$ZodIssue): string {
  const inner = issue.code === 'invalid_key' ? issue.issues : issue.code === 'invalid_union' ? issue.errors.flat() : [];
  const words = [...new Set(inner.map((one) => one.message))];
  return issue.message.startsWith('Invalid') && words.length > 0 ? words.join(', or: ') : issue.message;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** The keys that an object schema allows at a path. */
function keysAt(of: z.ZodType, path: readonly PropertyKey[]): string[] {
  let node = schema.toJSONSchema(of, { unrepresentable: 'any', io: 'input' }) as JsonSchema | undefined;
  for (const part of path) {
    if (typeof part === 'number') node = node?.items;
    else
      node = node?.properties?.[String(part)] ?? (typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined);
  }
  const alternatives = [node, ...(node?.anyOf ?? []), ...(node?.allOf ?? [])];
  return [...new Set(alternatives.flatMap((one) => [...Object.keys(one?.properties ?? {}), ...(one?.propertyNames?.enum ?? [])]))];
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: { enum?: string[] };
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
}

/** The word that takes the fewest changes, where it takes few. */
export function closestTo(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, changes: changesBetween(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.changes - b.changes);
  const best = ranked[0];
  return best && best.changes <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
