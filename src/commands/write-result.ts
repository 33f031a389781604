import { randomUUID } from 'node:crypto';
import { closeSync, lstatSync, openSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../connector/errors.ts';

/** A file that is being written, piece by piece. */
export interface Result {
  write(piece: string | Uint8Array): void;
  /** From now on it stands there. */
  done(): void;
  /** Nothing of it stays; whatever stood there before does. */
  discard(): void;
}

/** Writes a file that the user named, whole or not at all. */
export function writeResult(file: string, text: string): void {
  const result = openResult(file);
  try {
    result.write(text);
    result.done();
  } catch (error) {
    result.discard();
    throw error;
  }
}

/**
 * Begins a file that the user named: it stands there whole or not at all, for its owner alone. No link to a file is followed, so that a
 * folder where others may write cannot lead the result elsewhere. What holds no content of its own, a device, a pipe or an open
 * descriptor such as /dev/stdout, is written through, also behind a link.
 */
export function openResult(file: string): Result {
  // A name of its own: what a killed process left behind stands in nobody's way, also in containers, where numbers of processes are the same.
  const draft = `${file}.${randomUUID()}.part`;
  const telling = tellingFaults(file);
  const open = telling(() => descriptorOf(file));
  if (open !== undefined) return { write: (piece) => telling(() => writeFileSync(open, piece)), done: () => {}, discard: () => {} };
  const isDraft = telling(() => !isSpecial(file));
  const descriptor = telling(() => (isDraft ? openSync(draft, 'wx', 0o600) : openSync(file, 'w')));
  return {
    write: (piece) => telling(() => writeFileSync(descriptor, piece)),
    done: () =>
      telling(() => {
        closeSync(descriptor);
        if (isDraft) renameSync(draft, file);
      }),
    discard: () => {
      try {
        closeSync(descriptor);
      } catch {
        // It was closed before it could not be moved.
      }
      if (isDraft) discardResult(draft);
    },
  };
}

/** Faults of writing are the user's to mend. */
function tellingFaults(file: string): <Value>(work: () => Value) => Value {
  return (work) => {
    try {
      return work();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
      throw new ConfigError(`${file} cannot be written (${code})`, {
        fix: 'Give a path in a folder that exists and can be written.',
        cause: error,
      });
    }
  };
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
