import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PROGRAM } from '../../src/cli/verbs.ts';
import type { Verb } from '../../src/cli/verb.ts';
import { formatted } from '../../tools/formatted.ts';
import { REFERENCE } from '../../tools/reference.ts';

test.each(Object.entries(REFERENCE))('%s is what the program goes by', (file, text) => {
  expect(readFileSync(file, 'utf8')).toBe(formatted(file, text()));
});

test('the reference has a part for every command, with all of its options', () => {
  const page = readFileSync('docs/reference.md', 'utf8');
  for (const [path, { options = [] }] of all(PROGRAM, [])) {
    const [, part = ''] = page.split(`\n## ${path}\n`);
    const own = part.split('\n## ')[0]!;
    expect([path, options.filter(({ flags }) => !own.includes(`\`${flags}\``))]).toEqual([path, []]);
    expect(own).toContain('```sh\n');
  }
});

function all(verb: Verb, above: readonly string[]): [string, Verb][] {
  const path = [...above, verb.name];
  return [[path.join(' '), verb], ...(verb.verbs ?? []).flatMap((below) => all(below, path))];
}
