import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database as Connection } from 'better-sqlite3';
import { checkDatabase, type Checked } from './check.ts';
import { asStorageError, connect, refuseOthers, StorageError } from './database.ts';

/**
 * Writes a copy of a database, for its owner alone, as of one moment: whoever scans meanwhile is not held up. The copy is a single file
 * without free pages, so that it holds no remains of what was replaced; it is checked whole before it gets its name.
 * Nothing is ever overwritten.
 */
export function backupDatabase(file: string, target: string): Checked {
  if (!refuseOthers(file)) throw new StorageError(`There is no database at ${file} yet`, 'Give its path with --db.');
  if (existsSync(target)) throw taken(target);
  const draft = `${target}.${process.pid}.part`;
  let database: Connection | undefined;
  try {
    closeSync(openSync(draft, 'wx', 0o600));
    database = connect(file, { readonly: true });
    database.prepare('VACUUM INTO ?').run(draft);
    const checked = checkDatabase(draft);
    const [fault] = checked.faults;
    if (fault !== undefined)
      throw new StorageError(`The copy of ${file} is not whole: ${fault}`, 'Run `noctule db check`: the database itself is damaged.');
    synced(draft);
    named(draft, target);
    return checked;
  } catch (error) {
    throw asStorageError(error, target);
  } finally {
    database?.close();
    rmSync(draft, { force: true });
  }
}

/** A link takes no name that is taken, whoever took it a moment ago. */
function named(draft: string, target: string): void {
  try {
    linkSync(draft, target);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // Some file systems know no links.
    if (code === 'EEXIST' || existsSync(target)) throw taken(target);
    renameSync(draft, target);
  }
  synced(dirname(target));
}

function synced(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function taken(target: string): StorageError {
  return new StorageError(`${target} is already there`, 'Give another name: a backup overwrites nothing.');
}
