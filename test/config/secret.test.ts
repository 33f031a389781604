import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { secretReader } from '../../src/config/config.ts';
import { withoutSecrets } from '../../src/secret/redact.ts';
import { Secret } from '../../src/secret/secret.ts';
import { complaint, place, put } from './place.ts';

const CANARY = 'CANARY-5f2c';
const unixOnly = { skip: process.platform === 'win32' };

describe('a secret', () => {
  test('prints [redacted] whatever prints it', () => {
    const secret = new Secret(CANARY);
    const printed = [
      String(secret),
      ['secret', secret].join(' '),
      JSON.stringify({ secret, list: [secret] }),
      inspect(secret),
      inspect({ deep: { secret } }, { depth: 9, showHidden: true }),
      Object.keys(secret).join(),
      JSON.stringify(Object.entries(secret)),
      JSON.stringify(Object.assign({}, secret)),
      new Error(`wrong: ${String(secret)}`).stack ?? '',
    ];
    for (const text of printed) expect(text).not.toContain('CANARY');
    expect(secret.reveal()).toBe(CANARY);
  });
});

describe('a reference to a secret', () => {
  test('finds a variable', () => {
    expect(secretReader({ KEY: CANARY }, '/')({ env: 'KEY' }).reveal()).toBe(CANARY);
  });

  test.each([undefined, ''])('to a variable that holds %j is refused', async (value) => {
    const error = await complaint(() => secretReader({ KEY: value }, '/')({ env: 'KEY' }));
    expect(error.message).toBe('The variable KEY is not set');
  });

  test('finds a file beside the configuration, wherever the program was started, without its last line break', () => {
    const folder = place();
    put(folder, 'key.pem', `${CANARY}\nsecond line\n`);
    expect(secretReader({}, folder)({ file: 'key.pem' }).reveal()).toBe(`${CANARY}\nsecond line`);
    expect(secretReader({}, '/')({ file: join(folder, 'key.pem') }).reveal()).toBe(`${CANARY}\nsecond line`);
  });

  test.each([0o644, 0o640, 0o604, 0o660])('to a file with mode %o is refused, with the command that mends it', unixOnly, async (mode) => {
    const folder = place();
    const file = put(folder, 'key.pem', CANARY);
    chmodSync(file, mode);
    const error = await complaint(() => secretReader({}, folder)({ file: 'key.pem' }));
    expect(error).toMatchObject({ message: `The secret at ${file} can be read by others`, fix: `Run \`chmod 600 ${file}\`.` });
    expect(inspect(error)).not.toContain(CANARY);
  });

  test('to a file that is missing, empty or a folder is refused, each in its own words', async () => {
    const folder = place();
    put(folder, 'empty', ' \n');
    mkdirSync(join(folder, 'folder'), { mode: 0o700 });
    const read = secretReader({}, folder);
    expect((await complaint(() => read({ file: 'missing' }))).message).toBe(`There is no secret at ${join(folder, 'missing')}`);
    expect((await complaint(() => read({ file: 'empty' }))).message).toBe(`The secret at ${join(folder, 'empty')} is empty`);
    expect((await complaint(() => read({ file: 'folder' }))).fix).toBe('It is a folder: give the path of a file.');
  });
});

describe('a text that nobody wrote for printing', () => {
  test.each([
    ['a token of GitHub', 'failed with ghp_16C7e42F292c6912E7710c838347Ae178B4a now', 'failed with [redacted] now'],
    ['a fine-grained token', 'github_pat_11AAAAAA0abcdefghijklmnop_qrstuv', '[redacted]'],
    ['a token of Google', 'ya29.a0Af_B-yC9 ended', '[redacted] ended'],
    ['an access key of AWS', 'key AKIAIOSFODNN7EXAMPLE', 'key [redacted]'],
    ['a header', 'authorization: Bearer abcdefgh12345678', 'authorization: Bearer [redacted]'],
    ['an address', 'GET /x?access_token=abc&page=2', 'GET /x?access_token=[redacted]&page=2'],
    ['a private key', 'k -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- z', 'k [redacted] z'],
    ['half a private key', '-----BEGIN PRIVATE KEY-----\nMIIE', '[redacted]'],
    ['a signed assertion', 'assertion eyJhbGciOi.eyJpc3Mi.c2ln.', 'assertion [redacted].'],
    ['nothing', 'Error: the token of the user is gone', 'Error: the token of the user is gone'],
  ])('loses %s', (_what, text, clean) => {
    expect(withoutSecrets(text)).toBe(clean);
  });

  test('is cleaned in linear time', () => {
    const started = performance.now();
    withoutSecrets('-----BEGIN PRIVATE KEY-----'.repeat(4_000) + 'Bearer '.repeat(20_000) + 'eyJ.'.repeat(20_000));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
