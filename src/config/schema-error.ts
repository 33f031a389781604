import { z } from 'zod';
import { ConfigError } from '../connector/errors.ts';
import { closestTo } from '../text/closest.ts';
import { isThere, lineOf, type Path } from './jsonc.ts';

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

/** Where zod only says that something inside is wrong, what is wrong inside. */
function said(issue: z.core.$ZodIssue): string {
  const inner = issue.code === 'invalid_key' ? issue.issues : issue.code === 'invalid_union' ? issue.errors.flat() : [];
  const words = [...new Set(inner.map((one) => one.message))];
  return issue.message.startsWith('Invalid') && words.length > 0 ? words.join(', or: ') : issue.message;
}

/** The keys that an object schema allows at a path. */
function keysAt(of: z.ZodType, path: readonly PropertyKey[]): string[] {
  let node = z.toJSONSchema(of, { unrepresentable: 'any', io: 'input' }) as JsonSchema | undefined;
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
