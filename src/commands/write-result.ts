import { lstatSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../connector/index.ts';

/**
 * Writes a file that the user named, whole or not at all, for its owner alone. No link to a file is followed, so that a folder
 * where others may write cannot lead the result elsewhere. What holds no content of its own, a device, a pipe or an open
 * descriptor such as /dev/stdout, is written through, also behind a link.
 */
export function writeResult(file: string, text: string): void {
  const draft = `${file}.${process.pid}.part`;
  try {
    const open = descriptorOf(file);
    if (open !== undefined || isSpecial(file)) writeFileSync(open ?? file, text);
    else {
      writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
      renameSync(draft, file);
    }
  } catch (error) {
    discardResult(draft);
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
    throw new ConfigError(`${file} cannot be written (${code})`, {
      fix: 'Give a path in a folder that exists and can be written.',
      cause: error,
    });
  }
}

/** Takes away what an earlier run wrote there, so that it cannot pass for the result of this one, however this one ends. */
export function discardResult(file: string): void {
  try {
    const found = lstatSync(file);
    if (found.isFile() || (found.isSymbolicLink() && descriptorOf(file) === undefined && !isSpecial(file))) rmSync(file, { force: true });
  } catch {
    // What is not there, or cannot be taken away, is told when the result is written.
  }
}

function isSpecial(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && (found.isCharacterDevice() || found.isFIFO() || found.isSocket());
}

/** The open descriptor that a path means: a socket among them cannot be opened by that path, and a file would be replaced. */
function descriptorOf(file: string): number | undefined {
  const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const paths = isLink ? [file, resolve(dirname(file), readlinkSync(file))] : [file];
  for (const path of paths) {
    const [, number] = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path) ?? [];
    if (number !== undefined) return Number(number);
  }
  return undefined;
}
