import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from '../connector/errors.ts';

/** The text of a file of the organisation. What keeps it from being read is the user's to fix. */
export function readText(file: string): string {
  try {
    // Some editors put a byte order mark first, which JSON does not know.
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new ConfigError(`${file} cannot be read`, { fix: reasonOf(error), cause: error });
  }
}

/** A file that others may write could send credentials elsewhere, or approve what nobody approved. */
export function refuseWritableByOthers(file: string): void {
  if (process.platform === 'win32') return;
  if ((statSync(file).mode & 0o002) === 0) return;
  throw new ConfigError(`${file} can be written by everybody`, { fix: `Run \`chmod o-w ${file}\`.` });
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EISDIR') return 'It is a folder: give the path of a file.';
  if (code === 'EACCES' || code === 'EPERM') return 'Make it readable for the user that runs Noctule.';
  return `The system says ${code || 'nothing more'}.`;
}
