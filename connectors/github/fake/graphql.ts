/** A small GraphQL: queries with variables, aliases, inline fragments and `@include`. What it does not know, it refuses loudly. */
export interface GraphqlError {
  type?: string;
  message: string;
  path?: (string | number)[];
}

/** A field is a value, or a function of its arguments. `__typename` decides about inline fragments. */
export type Source = Readonly<Record<string, unknown>>;

/** Thrown by a field that the caller may not see: GitHub answers null there, and says so beside the data. */
export class Forbidden extends Error {}

interface Field {
  name: string;
  alias: string;
  args: Record<string, unknown>;
  /** Absent = always. */
  included: boolean;
  selections?: Selection[];
}
export type Selection = Field | { on: string; selections: Selection[] };

export function execute(
  text: string,
  variables: Readonly<Record<string, unknown>>,
  root: Source,
): { data: unknown; errors?: GraphqlError[] } {
  const errors: GraphqlError[] = [];
  const data = select(parse(text, variables), root, [], errors);
  return { data, ...(errors.length > 0 && { errors }) };
}

function select(
  selections: readonly Selection[],
  source: Source,
  path: (string | number)[],
  errors: GraphqlError[],
): Record<string, unknown> {
  const answer: Record<string, unknown> = {};
  for (const selection of selections) {
    if ('on' in selection) {
      if (selection.on === source.__typename) Object.assign(answer, select(selection.selections, source, path, errors));
    } else if (selection.included) answer[selection.alias] = resolve(selection, source, [...path, selection.alias], errors);
  }
  return answer;
}

function resolve(field: Field, source: Source, path: (string | number)[], errors: GraphqlError[]): unknown {
  if (!(field.name in source)) throw new Error(`This GitHub has no field ${path.join('.')}`);
  const found = source[field.name];
  try {
    return shaped(typeof found === 'function' ? (found as (args: object) => unknown)(field.args) : found, field, path, errors);
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
    errors.push({ type: 'FORBIDDEN', message: 'Resource not accessible by integration', path });
    return null;
  }
}

function shaped(value: unknown, field: Field, path: (string | number)[], errors: GraphqlError[]): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item, index) => shaped(item, field, [...path, index], errors));
  if (typeof value !== 'object') return value;
  if (!field.selections) throw new Error(`${path.join('.')} needs a selection of fields`);
  return select(field.selections, value as Source, path, errors);
}

export function parse(text: string, variables: Readonly<Record<string, unknown>>): Selection[] {
  const tokens = text.replace(/#.*$/gm, '').match(/"[^"]*"|\.\.\.|[\w.-]+|[!$():@[\]{}]/g) ?? [];
  let at = 0;
  const next = () => tokens[at++] ?? '';
  const expect = (token: string) => {
    const found = next();
    if (found !== token) throw new Error(`GraphQL: expected ${token} and found ${found}`);
  };
  expect('query');
  while (tokens[at] !== '{') at++;
  return selections();

  function selections(): Selection[] {
    expect('{');
    const found: Selection[] = [];
    while (tokens[at] !== '}') found.push(selection());
    expect('}');
    return found;
  }

  function selection(): Selection {
    const first = next();
    if (first === '...') {
      expect('on');
      return { on: next(), selections: selections() };
    }
    let name = first;
    if (tokens[at] === ':') {
      at++;
      name = next();
    }
    const args = tokens[at] === '(' ? fields('(', ')') : {};
    let included = true;
    if (tokens[at] === '@') {
      at++;
      expect('include');
      included = fields('(', ')').if === true;
    }
    return { name, alias: first, args, included, ...(tokens[at] === '{' && { selections: selections() }) };
  }

  function fields(open: string, close: string): Record<string, unknown> {
    expect(open);
    const found: Record<string, unknown> = {};
    while (tokens[at] !== close) {
      const name = next();
      expect(':');
      found[name] = value();
    }
    expect(close);
    return found;
  }

  function value(): unknown {
    if (tokens[at] === '{') return fields('{', '}');
    const token = next();
    if (token === '$') return variables[next()] ?? null;
    if (token.startsWith('"')) return token.slice(1, -1);
    return /^\d+$/.test(token) ? Number(token) : token;
  }
}
