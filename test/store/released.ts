import { readdirSync, readFileSync } from 'node:fs';
import { TENANT } from './facts.ts';
import { connect } from './logical-dump.ts';

export const migrations = new URL('../../src/store/migrations/', import.meta.url);
export const migrationFiles = readdirSync(migrations)
  .filter((name) => name.endsWith('.sql'))
  .sort();

/** The version of the schema that a migration leads to. */
export const versionOf = (name: string) => Number.parseInt(name, 10);
export const newest = versionOf(migrationFiles.at(-1)!);

/** A database of a release with that version of the schema, with one scan. */
export function released(path: string, version: number): void {
  const database = connect(path);
  for (const name of migrationFiles.filter((file) => versionOf(file) <= version))
    database.exec(readFileSync(new URL(name, migrations), 'utf8'));
  database.pragma(`application_id = ${0x4e4f4354}`);
  database.pragma(`user_version = ${version}`);
  database.exec(
    `INSERT INTO scan (tenant, state, started_at, ended_at, config_hash, catalog_hash, program_version, partial, judged)
     VALUES ('${TENANT}', 'concluded', '2026-01-01T02:00:00.000Z', '2026-01-01T02:01:00.000Z', 'c', 'k', '0.1.0', 0, 1)`,
  );
  database.close();
}
