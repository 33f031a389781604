import { ConfigError } from '../connector/errors.ts';
import type { Column } from '../report/column.ts';
import { namesKept } from '../report/names.ts';
import { namedQueries, namedQuery, runNamedQuery, type NamedQuery, type QueryParameter } from '../store/named-queries.ts';
import { QUERY_LIMITS } from '../store/query-answer.ts';
import { openLists } from '../store/read-lists.ts';
import { terminalText } from '../text/terminal.ts';
import { locate, type CommandContext } from './context.ts';
import { deliverList } from './output.ts';
import { tellUnknown, type IdFilters } from './page.ts';
import type { QueryOptions } from './query.ts';
import { tellAnswer } from './tell-answer.ts';

/** What the questions that ship are called. */
export function queryNames(): string[] {
  return namedQueries().map(({ name }) => name);
}

/** Lists the questions that ship. */
export async function listQueries(context: CommandContext, options: QueryOptions): Promise<number> {
  await deliverList(context, options, namedQueries(), COLUMNS, { names: 'nobody', numbers: [] });
  return 0;
}

const COLUMNS: readonly Column<NamedQuery>[] = [
  { title: 'name', of: ({ name }) => name },
  { title: 'question', of: ({ question }) => question },
  { title: 'parameters', of: ({ parameters }) => parameters.map(parameterText).join(' ') },
  { title: 'names', of: ({ names }) => names },
];

function parameterText({ name, default: preset }: QueryParameter): string {
  if (preset === undefined) return `${name}=…`;
  return preset === null ? `[${name}=…]` : `[${name}=${preset}]`;
}

/** Answers a question that ships. Whose facts it is about stands in the configuration; `--param tenant=…` says otherwise. */
export async function answerNamed(context: CommandContext, name: string, options: QueryOptions): Promise<number> {
  const query = namedQuery(name);
  if (!query)
    throw new ConfigError(`There is no question ${terminalText(name)}`, { fix: '`noctule query --list` lists those that there are.' });
  if (options.seconds !== undefined)
    throw new ConfigError('--seconds belongs to SQL', { fix: 'Leave it out: a question that ships is not stopped by time.' });
  const { database, tenant } = await locate(context, { ...options, tenant: undefined });
  const values = valuesFor(query, options.param ?? [], tenant);
  const limits = { ...QUERY_LIMITS, rows: options.maxRows };
  const whose = String(values['tenant']);
  const names = namesKept(query.names, keepsPseudonyms(database, whose));
  const about = { names, question: query.name, database, tenant: whose };
  const answer = runNamedQuery(database, query, values, limits);
  const code = await tellAnswer(context, options, answer, limits, about);
  const ids = Object.entries(values).filter(([name, value]) => name !== 'tenant' && typeof value === 'string');
  await tellUnknown(context, { database, tenant: whose }, Object.fromEntries(ids) as IdFilters, answer.rows.length);
  return code;
}

function keepsPseudonyms(database: string, tenant: string): boolean {
  const reader = openLists(database);
  try {
    return reader.personsCheck(tenant) !== undefined;
  } finally {
    reader.close();
  }
}

/** Every parameter with what was given for it, or with its own default. */
function valuesFor(query: NamedQuery, given: readonly string[], tenant: string): Record<string, string | number | null> {
  const known = new Map(query.parameters.map((parameter) => [parameter.name, parameter]));
  const values: Record<string, string | number | null> = { tenant };
  for (const pair of given) {
    const [, name, value] = /^([a-z_]+)=(.*)$/s.exec(pair) ?? [];
    const parameter = known.get(name ?? '');
    if (value === '') throw new ConfigError(`--param ${name}= has no value`, { fix: `Give one after the sign, or leave ${name} out.` });
    if (name === 'tenant') values['tenant'] = value!;
    else if (!parameter) throw notAsked(query, name ?? pair);
    else values[parameter.name] = valueOf(parameter, value!);
  }
  for (const { name, default: preset, meaning } of query.parameters) {
    if (Object.hasOwn(values, name)) continue;
    if (preset === undefined) throw new ConfigError(`${query.name} asks for ${name}: ${meaning}`, { fix: `Give --param ${name}=….` });
    values[name] = preset;
  }
  return values;
}

function valueOf({ name, type }: QueryParameter, value: string): string | number {
  if (type === 'text') return value;
  if (!/^\d{1,9}$/.test(value))
    throw new ConfigError(`${name} is a whole number of at most nine digits`, { fix: `Give --param ${name}=30.` });
  return Number(value);
}

function notAsked(query: NamedQuery, name: string): ConfigError {
  const own = query.parameters.map((parameter) => parameter.name);
  return new ConfigError(`${query.name} has no parameter ${terminalText(name)}`, {
    fix: own.length === 0 ? 'It takes tenant alone.' : `It takes ${own.join(', ')} and tenant, as in --param ${own[0]}=….`,
  });
}
