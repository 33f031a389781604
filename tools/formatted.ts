import { execFileSync } from 'node:child_process';

/** The text as the formatter lays it out, so that what is generated passes the same check as what is written. */
export function formatted(file: string, text: string): string {
  return execFileSync('oxfmt', ['--stdin-filepath', file], { input: text, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}
