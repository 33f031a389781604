import type { Exchange } from './exchange.ts';

interface Place {
  method: string;
  path: string;
}

/** Finds an operation by method and path template. `{parameter}` stands for one segment, `{+parameter}` for one or more. */
export function createLocator(operations: Readonly<Record<string, Place>>): (method: string, path: string) => string | undefined {
  const places = Object.entries(operations).map(([id, { method, path }]) => ({ id, method, pattern: patternOf(path) }));
  return (method, path) => places.find((place) => place.method === method && place.pattern.test(path))?.id;
}

function patternOf(path: string): RegExp {
  const parts = path.split(/(\{[^}]+\})/).map((part) => {
    if (part.startsWith('{+')) return '.+';
    return part.startsWith('{') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

export function splitUrl({ url }: Exchange): { path: string; query: Record<string, string | string[]> } {
  const { pathname, searchParams } = new URL(url, 'http://provider.invalid');
  return { path: pathname, query: fieldsOf(searchParams) };
}

/** A field that is given twice becomes a list, which only a list may be. */
export function fieldsOf(parameters: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(parameters.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = parameters.getAll(name);
      return [name, values.length === 1 ? values[0]! : values];
    }),
  );
}
