import type { Database as Connection, Statement } from 'better-sqlite3';

const kept = new WeakMap<Connection, Map<string, Statement>>();

/** A statement that is prepared once a connection, for units of work that are small and many. It is not iterated over: one answer at a time. */
export function prepared(database: Connection, sql: string): Statement {
  const known = kept.get(database) ?? new Map<string, Statement>();
  kept.set(database, known);
  const statement = known.get(sql) ?? database.prepare(sql);
  known.set(sql, statement);
  return statement;
}
