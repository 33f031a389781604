import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../connector/index.ts';
import { refuseWritableByOthers } from './file.ts';

/**
 * Replaces the text of a file of the organisation, whole or not at all: a draft beside it is written to the disk and takes its place,
 * with its mode and its owner. `before` is what the change was made of, undefined = there was no file; if the file is another by now,
 * nothing is written. The draft also keeps a second command from changing the file at the same time.
 */
export function rewrite(file: string, before: string | undefined, after: string): void {
  // A link stays a link: what it leads to is replaced.
  const target = existsSync(file) ? realpathSync(file) : file;
  const draft = join(dirname(target), `.${basename(target)}.draft`);
  try {
    const handle = openSync(draft, 'wx', 0o600);
    try {
      fill(handle, target, before, after);
      // Unlike a name that is given anew, a link is never put in the place of a file.
      if (before === undefined) linkSync(draft, target);
      else renameSync(draft, target);
    } finally {
      closeSync(handle);
      rmSync(draft, { force: true });
    }
    syncFolder(dirname(target));
  } catch (error) {
    throw toldOf(error, file, draft);
  }
}

function fill(handle: number, target: string, before: string | undefined, after: string): void {
  if (before === undefined) {
    if (existsSync(target)) throw changed(target);
    writeFileSync(handle, after);
  } else {
    if (!existsSync(target)) throw changed(target);
    refuseWritableByOthers(target);
    const bytes = readFileSync(target);
    const text = bytes.toString('utf8');
    if (!Buffer.from(text, 'utf8').equals(bytes))
      throw new ConfigError(`${target} is not UTF-8`, { fix: 'Save it as UTF-8: what it says elsewhere could not be kept as it is.' });
    const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
    if (text.slice(mark.length) !== before) throw changed(target);
    const { mode, uid, gid } = statSync(target);
    writeFileSync(handle, mark + after);
    const own = fstatSync(handle);
    if (own.uid !== uid || own.gid !== gid) fchownSync(handle, uid, gid);
    fchmodSync(handle, mode & 0o7777);
  }
  fsyncSync(handle);
}

function changed(file: string): ConfigError {
  return new ConfigError(`${file} was changed meanwhile`, { fix: 'Nothing was written. Run the command again.' });
}

/** The new name of a file is on the disk only once its folder is; Windows knows no such thing. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function toldOf(error: unknown, file: string, draft: string): unknown {
  if (!(error instanceof Error) || error instanceof ConfigError || !('code' in error)) return error;
  const code = String(error.code);
  const isDraft = code === 'EEXIST' && 'path' in error && error.path === draft && !('dest' in error);
  if (isDraft)
    return new ConfigError(`${file} is being changed by another command`, {
      fix: `Wait until it has ended. If none is running, one was killed: remove ${draft}.`,
      cause: error,
    });
  if (code === 'EEXIST') return changed(file);
  return new ConfigError(`${file} cannot be written (${code})`, {
    fix: 'Run it as the owner of the file, in a folder that can be written. Nothing was changed.',
    cause: error,
  });
}
