import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guardedFetch } from '../../src/http/guarded-fetch.ts';
import { isWithin, lookupWithin, OutOfReach } from '../../src/http/reach.ts';
import { json, serve } from './server.ts';

/** A name of this machine beside its usual ones, as its table of hosts has it. */
const alias = (existsSync('/etc/hosts') ? readFileSync('/etc/hosts', 'utf8') : '')
  .split('\n')
  .filter((line) => line.startsWith('127.0.0.1'))
  .flatMap((line) => line.split(/\s+/).slice(1))
  .find((name) => name !== 'localhost' && /^[a-z0-9-]+$/.test(name));

describe('how far an address may lead', () => {
  test('is the open Internet, or a private network where that is allowed, and never a link', () => {
    const where = (address: string) => [isWithin('public', address), isWithin('private', address)];
    for (const open of ['93.184.216.34', '8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8']) expect(where(open), open).toEqual([true, true]);
    for (const own of [
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.0.1',
      '127.0.0.1',
      '::1',
      'fd12::1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      '64:ff9b::808:808',
      '2002:a00:1::1',
      'fec0::1',
      '100.64.0.1',
    ])
      expect(where(own), own).toEqual([false, true]);
    for (const never of [
      '169.254.169.254',
      '0.0.0.0',
      '::',
      'fe80::1',
      '224.0.0.1',
      '255.255.255.255',
      'ff02::1',
      '168.63.129.16',
      '::ffff:169.254.169.254',
      '::ffff:a9fe:a9fe',
      '64:ff9b::a9fe:a9fe',
      '64:ff9b::169.254.169.254',
      '64:FF9B:0:0:0:0:A9FE:A9FE',
      '2002:a9fe:a9fe::1',
      '2002:a83f:8110::',
      '::a9fe:a9fe',
      '::169.254.169.254',
      'fd00:ec2::254',
      'name',
      '',
    ])
      expect(where(never), never).toEqual([false, false]);
    expect(where('::10.0.0.1')).toEqual([false, true]);
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => !isWithin('public', address) || isWithin('private', address)));
  });

  test('is as far as the IPv4 address that an IPv6 address holds, and no farther', () => {
    const holding = fc.ipV4().map((address) => {
      const [a, b, c, d] = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
      return { address, forms: [`64:ff9b::${a}${b}:${c}${d}`, `2002:${a}${b}:${c}${d}::1`, `::${address}`, `::ffff:${address}`] };
    });
    fc.assert(
      fc.property(holding, fc.constantFrom('public' as const, 'private' as const), ({ address, forms }, reach) => {
        const farther = forms.filter((form) => isWithin(reach, form) && !isWithin(reach, address));
        expect(farther).toEqual([]);
      }),
      { examples: [[{ address: '169.254.169.254', forms: ['64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::1'] }, 'private']] },
    );
  });

  test('a name is looked up once, and the address that was checked is the one that is used', { skip: alias === undefined }, async () => {
    const server = await serve((_request, response) => json(response, {}));
    const url = new URL(`http://${alias}:${server.port}/`);
    const request = { url, method: 'GET', headers: new Headers(), signal: new AbortController().signal };
    const limits = { bytes: 100, milliseconds: 5_000 };
    await expect(guardedFetch({ ...request, reach: 'public' }, limits)).rejects.toMatchObject({ kind: 'out_of_reach' });
    expect(server.asked).toEqual([]);
    expect((await guardedFetch({ ...request, reach: 'private' }, limits)).status).toBe(200);
  });

  test('an answer with one address, or with all, holds only those within reach', async () => {
    const asked = (reach: 'public' | 'private', all: boolean) =>
      new Promise((resolve) => lookupWithin(reach)('localhost', { all }, (error, address, family) => resolve(error ?? [address, family])));
    expect(await asked('public', true)).toBeInstanceOf(OutOfReach);
    expect(await asked('private', false)).toEqual([expect.stringMatching(/^(127\.0\.0\.1|::1)$/), expect.any(Number)]);
    expect(await asked('private', true)).toEqual([
      expect.arrayContaining([expect.objectContaining({ address: expect.any(String) })]),
      undefined,
    ]);
  });
});
