import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { openReadOnly } from './database.ts';
import { answerOf, type QueryAnswer, type QueryLimits } from './query-answer.ts';

/** A question that ships with the program: src/store/queries/<name>.sql, whose head comment is its documentation. */
export interface NamedQuery {
  name: string;
  title: string;
  question: string;
  /** Whom its answer names. */
  names: string;
  parameters: readonly QueryParameter[];
  columns: readonly { name: string; meaning: string }[];
  sql: string;
}

export interface QueryParameter {
  name: string;
  type: 'text' | 'number';
  /** Taken where none is given; null = no limit by it; undefined = one must be given. */
  default: string | number | null | undefined;
  meaning: string;
}

const FOLDER = new URL('./queries/', import.meta.url);

/** All of them, by name. */
export function namedQueries(): NamedQuery[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => queryIn(file.slice(0, -'.sql'.length)));
}

/** The question of that name; undefined = there is none. */
export function namedQuery(name: string): NamedQuery | undefined {
  const isThere = /^[a-z][a-z0-9-]*$/.test(name) && existsSync(new URL(`${name}.sql`, FOLDER));
  return isThere ? queryIn(name) : undefined;
}

const LINE =
  /^-- (?:(?<key>title|question|names): (?<text>.+)|param (?<param>[a-z_]+) (?<type>text|number)(?: = (?<preset>\S+))?: (?<means>.+)|column (?<column>[a-z_]+): (?<holds>.+))$/;

function queryIn(name: string): NamedQuery {
  const lines = readFileSync(new URL(`${name}.sql`, FOLDER), 'utf8').split('\n');
  const head = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('--')),
  );
  const texts: Record<string, string> = {};
  const parameters: QueryParameter[] = [];
  const columns: { name: string; meaning: string }[] = [];
  for (const line of head) {
    const found = LINE.exec(line)?.groups;
    if (!found) throw new Error(`${name}.sql: a line of the head is not understood: ${line}`);
    const { key, text, param, type, preset, means, column, holds } = found;
    if (key !== undefined) texts[key] = text!;
    else if (param !== undefined) parameters.push({ name: param, meaning: means!, ...presetOf(type as QueryParameter['type'], preset) });
    else columns.push({ name: column!, meaning: holds! });
  }
  const { title, question, names } = texts;
  if (!title || !question || !names) throw new Error(`${name}.sql: the head has to tell title, question and names`);
  return { name, title, question, names, parameters, columns, sql: lines.slice(head.length).join('\n') };
}

function presetOf(type: QueryParameter['type'], preset: string | undefined): Pick<QueryParameter, 'type' | 'default'> {
  if (preset === undefined) return { type, default: undefined };
  if (preset === 'null') return { type, default: null };
  return { type, default: type === 'number' ? Number(preset) : preset };
}

/**
 * Answers a question of ours on a read-only connection of this process: unlike what an analyst writes, it is known and needs no
 * process that can be killed. Values are bound and never become a part of the SQL.
 */
export function runNamedQuery(
  file: string,
  query: NamedQuery,
  values: Readonly<Record<string, string | number | null>>,
  limits: QueryLimits,
): QueryAnswer {
  const database = openReadOnly(file);
  try {
    return answerOf(database.prepare(query.sql), limits, values);
  } finally {
    database.close();
  }
}
