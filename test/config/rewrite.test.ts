import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rewrite } from '../../src/config/rewrite.ts';
import { complaint, place, put } from './place.ts';

const BEFORE = '{ "formatVersion": 1 }\n';
const AFTER = '{ "formatVersion": 1, "approvals": [] }\n';

describe('a file of the organisation', () => {
  test('is replaced whole, with its mode, and nothing is left beside it', () => {
    const folder = place();
    const file = put(folder, 'policy.json', BEFORE, 0o640);
    chmodSync(file, 0o640);
    rewrite(file, BEFORE, AFTER);
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777, readdirSync(folder)]).toEqual([AFTER, 0o640, ['policy.json']]);
  });

  test("stays its owner's, also where the administrator of the machine changes it", { skip: process.getuid?.() !== 0 }, () => {
    const file = put(place(), 'policy.json', BEFORE);
    chownSync(file, 1_234, 5_678);
    rewrite(file, BEFORE, AFTER);
    const { uid, gid, mode } = statSync(file);
    expect([uid, gid, mode & 0o777, readFileSync(file, 'utf8')]).toEqual([1_234, 5_678, 0o600, AFTER]);
  });

  test('that begins with a byte order mark goes on doing so', () => {
    const file = put(place(), 'policy.json', `\uFEFF${BEFORE}`);
    rewrite(file, BEFORE, AFTER);
    expect(readFileSync(file, 'utf8')).toBe(`\uFEFF${AFTER}`);
  });

  test('that is a link stays one, and what it leads to is replaced', () => {
    const folder = place();
    const real = put(folder, 'real.json', BEFORE);
    symlinkSync(real, join(folder, 'policy.json'));
    rewrite(join(folder, 'policy.json'), BEFORE, AFTER);
    expect([lstatSync(join(folder, 'policy.json')).isSymbolicLink(), readFileSync(real, 'utf8')]).toEqual([true, AFTER]);
  });

  test('that is not there is made, for its owner alone', () => {
    const folder = place();
    rewrite(join(folder, 'policy.json'), undefined, AFTER);
    expect([readFileSync(join(folder, 'policy.json'), 'utf8'), statSync(join(folder, 'policy.json')).mode & 0o777]).toEqual([AFTER, 0o600]);
    expect(readdirSync(folder)).toEqual(['policy.json']);
  });

  test.each([
    ['changed', (file: string) => writeFileSync(file, '{}'), BEFORE, 'was changed meanwhile'],
    ['made', (file: string) => writeFileSync(file, '{}'), undefined, 'was changed meanwhile'],
    ['opened to everybody', (file: string) => (writeFileSync(file, BEFORE), chmodSync(file, 0o666)), BEFORE, 'can be written by everybody'],
    ['taken away', () => {}, BEFORE, 'was changed meanwhile'],
    ['saved in another encoding', (file: string) => writeFileSync(file, Buffer.from([0x7b, 0xe9, 0x7d])), '{\uFFFD}', 'is not UTF-8'],
    [
      'being changed',
      (file: string) => (writeFileSync(file, BEFORE), writeFileSync(join(file, '..', '.policy.json.draft'), '')),
      BEFORE,
      'is being changed by another command',
    ],
  ] as const)('that was %s meanwhile is left as it is', async (_what, meanwhile, before, says) => {
    const folder = place();
    const file = join(folder, 'policy.json');
    meanwhile(file);
    const left = () =>
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('hex'), statSync(join(folder, name)).mode]);
    const there = left();
    expect((await complaint(() => rewrite(file, before, AFTER))).message).toBe(`${file} ${says}`);
    expect(left()).toEqual(there);
  });

  test('in a folder that is none is the mistake of the user', async () => {
    const folder = place();
    mkdirSync(join(folder, 'policy.json'));
    expect((await complaint(() => rewrite(join(folder, 'policy.json'), BEFORE, AFTER))).message).toMatch(/cannot be written \(EISDIR\)$/);
    expect((await complaint(() => rewrite(join(folder, 'no/policy.json'), undefined, AFTER))).message).toMatch(
      /cannot be written \(ENOENT\)$/,
    );
  });
});
