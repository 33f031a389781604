import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPseudonym, pseudonymsIn } from '../../src/connector/index.ts';
import { personKey } from '../../src/persons/key.ts';
import { Secret } from '../../src/secret/secret.ts';

const SECRET = 'a key of thirty-two and more characters';
const key = personKey(new Secret(SECRET), 'default');

describe('a pseudonym', () => {
  // Whoever changes how they are made gives everybody another one: all databases that keep such would have to be begun anew.
  test.each([
    ['ada@corp.example', 'person-qrazghekmiyvhcvo@corp.example'],
    ['1042', 'person-qngpeoln3nrelxpc'],
    ['Ada Moor', 'person-prqngugq7l5anyv3'],
  ])('of %s is always the same', (name, pseudonym) => {
    expect(key.pseudonymOf(name)).toBe(pseudonym);
  });

  test('is one for every spelling in small and capital letters, and around them', () => {
    for (const name of ['Ada@Corp.Example', ' ada@corp.example ', 'ADA@CORP.EXAMPLE'])
      expect(key.pseudonymOf(name)).toBe(key.pseudonymOf('ada@corp.example'));
    expect(key.pseudonymOf('Jose\u0301@corp.example')).toBe(key.pseudonymOf('Jos\u00e9@corp.example'));
  });

  test('differs from name to name, from key to key and from tenant to tenant', () => {
    const others = [personKey(new Secret(`${SECRET}!`), 'default'), personKey(new Secret(SECRET), 'other')];
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        fc.pre(a.trim().normalize('NFC').toLowerCase() !== b.trim().normalize('NFC').toLowerCase());
        expect(key.pseudonymOf(a)).not.toBe(key.pseudonymOf(b));
        for (const other of others) {
          expect(other.pseudonymOf(a)).not.toBe(key.pseudonymOf(a));
          expect(other.check).not.toBe(key.check);
        }
      }),
    );
  });

  test('is known as one whatever it stands for, alone and within a text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), fc.string()), (name) => {
        const pseudonym = key.pseudonymOf(name);
        expect(isPseudonym(pseudonym)).toBe(true);
        expect(pseudonymsIn(`customer/C1/user/${pseudonym}`)).toEqual([pseudonym]);
      }),
    );
  });

  test.each([
    'person-',
    'person-abc',
    'a person-aaaaaaaaaaaaaaaa',
    'Person-aaaaaaaaaaaaaaaa',
    'person-aaaaaaaaaaaaaaa1',
    'person-aaaaaaaaaaaaaaaa/1',
  ])('is not %s', (text) => expect(isPseudonym(text)).toBe(false));
});

describe('what is sealed', () => {
  test('is opened by its key, as what it was sealed for, and by nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, as) => {
        const sealed = key.seal(text, as);
        expect(key.open(sealed, as)).toBe(text.toWellFormed());
        expect(() => key.open(sealed, `${as}!`)).toThrow();
        expect(() => personKey(new Secret(`${SECRET}!`), 'default').open(sealed, as)).toThrow();
        expect(() => personKey(new Secret(SECRET), 'other').open(sealed, as)).toThrow();
      }),
      { numRuns: 30 },
    );
  });

  test('is another text each time, and none when a byte of it is changed or cut off', () => {
    const sealed = key.seal('ada@corp.example', 'one');
    expect(Buffer.compare(key.seal('ada@corp.example', 'one'), sealed)).not.toBe(0);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed);
      changed[at]! ^= 1;
      expect(() => key.open(changed, 'one')).toThrow();
      expect(() => key.open(sealed.subarray(0, at), 'one')).toThrow();
    }
  });
});
