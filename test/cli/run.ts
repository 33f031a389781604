import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const SOURCE = fileURLToPath(new URL('../../bin/noctule.cjs', import.meta.url));
/** `npm test` builds the program once, as it is published, since that starts faster; without it, the checkout's runs from source. */
export const PROGRAM = process.env['NOCTULE_BUILT'] ?? SOURCE;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  /** What is written to its standard input, which is then closed. */
  input?: string;
  /** Runs the checkout, whatever was built. */
  fromSource?: true;
  /** Another Node than the one that runs the tests. */
  node?: string;
  /** Done to it when it first prints something; its input then stays open. */
  whenItSpeaks?(child: ChildProcess): void;
}

/** Runs the program as a user does, in a process of its own, without anything of this process's environment but the path. */
export function noctule(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return ended(options.node ?? process.execPath, [options.fromSource ? SOURCE : PROGRAM, ...args], options);
}

/** Runs a line of shell, in which `noctule` is the program. */
export function shell(line: string, options: RunOptions = {}): Promise<Ended> {
  return ended('bash', ['-c', `noctule() { "${process.execPath}" "${PROGRAM}" "$@"; }\n${line}`], options);
}

function ended(file: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const child = spawn(file, args, {
    cwd: options.cwd ?? tmpdir(),
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (texts.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (texts.stderr += text));
  // A program that ends before it has read everything is no fault of the test.
  child.stdin.on('error', () => {});
  child.stdin.write(options.input ?? '');
  if (options.whenItSpeaks) for (const stream of [child.stdout, child.stderr]) stream.once('data', () => options.whenItSpeaks!(child));
  else child.stdin.end();
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...texts }));
  });
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder that is gone after the tests of the file. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'noctule-cli-'));
  folders.push(folder);
  return folder;
}

/** Writes a configuration for its owner alone, and answers its path. */
export function writeConfig(
  folder: string,
  sources: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): string {
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify({ formatVersion: 1, sources, ...more }, null, 2), { mode: 0o600 });
  return file;
}

/** What a terminal would act on; line breaks, and the carriage returns before them, are the program's own. */
export function actsOnTerminal(text: string): string[] {
  return (
    text
      .replaceAll('\r\n', '\n')
      .replaceAll('\n', '')
      .match(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu) ?? []
  );
}

/** The bytes of all files below a folder, as text that keeps every byte. */
export function bytesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString('latin1'))
    .join('\n');
}

/** A value as it may be found: as it is, encoded for an address, and in Base64 at any of the three offsets. */
export function formsOf(value: string): string[] {
  const base64 = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]).toString('base64');
    // The characters at both ends depend on the neighbours.
    const middle = text.slice(offset === 0 ? 0 : offset + 1).replace(/.?=*$/, '');
    return [middle, middle.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [...new Set([value, encodeURIComponent(value), ...base64])].filter((form) => form.length >= 8);
}
