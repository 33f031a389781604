import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { ConfigError } from '../connector/index.ts';

/**
 * Writes a file that the user named, whole or not at all, for its owner alone. No link is followed, so that a folder
 * where others may write cannot lead the result elsewhere; what is no ordinary file, /dev/stdout for instance, is written as it is.
 */
export function writeResult(file: string, text: string): void {
  const draft = `${file}.${process.pid}.part`;
  try {
    if (isSpecial(file)) writeFileSync(file, text);
    else {
      writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
      renameSync(draft, file);
    }
  } catch (error) {
    rmSync(draft, { force: true });
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
    throw new ConfigError(`${file} cannot be written (${code})`, {
      fix: 'Give a path in a folder that exists and can be written.',
      cause: error,
    });
  }
}

function isSpecial(file: string): boolean {
  const found = lstatSync(file, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile() && !found.isSymbolicLink() && !found.isDirectory();
}
