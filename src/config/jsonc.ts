import { findNodeAtLocation, parse, parseTree, printParseErrorCode, visit, type ParseError } from 'jsonc-parser';
import { ConfigError } from '../connector/errors.ts';

export type Path = (string | number)[];

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

/** Does a value stand there? */
export function isThere(text: string, path: Path): boolean {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  return path.length === 0 || (tree !== undefined && findNodeAtLocation(tree, path) !== undefined);
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

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
