import schema from './graphql.json' with { type: 'json' };
import { parse, type Selection } from '../../../connectors/github/fake/graphql.ts';
import type { Violation } from '../exchange.ts';

interface Type {
  fields: Readonly<Record<string, { type: string; args: Readonly<Record<string, string>> }>>;
  /** Of an interface or a union: what may stand there. */
  possible?: readonly string[];
}
const types = schema.types as unknown as Readonly<Record<string, Type>>;

/** Connections have no default size: without one of these GitHub refuses the query. https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api */
const SIZES = ['first', 'last'];

/** A query, held against what it may ask by GitHub's published schema. */
export function queryViolations(text: string, variables: Readonly<Record<string, unknown>>): Violation[] {
  const wrong = (where: string, message: string): Violation => ({ rule: 'graphql', where, message });

  function check(selections: readonly Selection[], name: string, path: string): Violation[] {
    return selections.flatMap((selection) => {
      if ('on' in selection) {
        const possible = types[name]?.possible ?? [name];
        if (!possible.includes(selection.on)) return [wrong(path, `${name} is never a ${selection.on}`)];
        return check(selection.selections, selection.on, path);
      }
      if (selection.name === '__typename') return [];
      const here = `${path}.${selection.name}`;
      const field = types[name]?.fields[selection.name];
      if (!field) return [wrong(here, `${name} has no field ${selection.name}`)];
      return [...argumentViolations(selection.args, field, here), ...below(selection.selections, field.type, here)];
    });
  }

  function argumentViolations(given: Readonly<Record<string, unknown>>, { type, args }: Type['fields'][string], here: string): Violation[] {
    const unknown = Object.keys(given).filter((argument) => args[argument] === undefined);
    const missing = Object.entries(args).filter(([argument, of]) => of.endsWith('!') && given[argument] === undefined);
    const sizeless = type.replace('!', '').endsWith('Connection') && !SIZES.some((size) => given[size] !== undefined);
    return [
      ...unknown.map((argument) => wrong(here, `takes no ${argument}`)),
      ...missing.map(([argument]) => wrong(here, `needs ${argument}`)),
      ...(sizeless ? [wrong(here, 'is a connection without a size')] : []),
    ];
  }

  function below(selections: readonly Selection[] | undefined, type: string, here: string): Violation[] {
    const named = type.replaceAll(/[[\]!]/g, '');
    if (types[named] && !selections) return [wrong(here, `${named} needs a selection of fields`)];
    if (!types[named] && selections) return [wrong(here, `${named} has no fields`)];
    return selections ? check(selections, named, here) : [];
  }

  return check(parse(text, variables), 'Query', 'query');
}
