import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forgetter, type Nearness } from '../../src/store/person-text.ts';

const known = {
  ids: [
    { connector: 'mail', account: 'C1', id: '1042', label: 'forgotten-1' },
    { connector: 'mail', account: 'C1', id: 'AIDA4VRSGBPMDQFPSBPSB', label: 'forgotten-1-2' },
  ],
  addresses: ['Ada.Moor@corp.example'],
  logins: ['ada', 'ada-moor'],
  label: 'forgotten-1',
};
const forget = forgetter(known);

describe('a person is taken out of a text', () => {
  test.each<[string, Nearness, string]>([
    // An address means nobody else, wherever it stands.
    ['ada.moor@CORP.example', 'elsewhere', 'forgotten-1'],
    ['asked by <ada.moor@corp.example>.', 'elsewhere', 'asked by <forgotten-1>.'],
    ['mailto:ada.moor@corp.example', 'elsewhere', 'mailto:forgotten-1'],
    ['xada.moor@corp.example', 'elsewhere', 'xada.moor@corp.example'],
    ['ada.moor@corp.example.org', 'elsewhere', 'ada.moor@corp.example.org'],
    ['not.ada.moor@corp.example', 'elsewhere', 'not.ada.moor@corp.example'],
    // An id stands in a path: any of the person's own, elsewhere behind a word for people.
    ['customer/C1/user/1042', 'account', 'customer/C1/user/forgotten-1'],
    ['customer/C1/user/1042/token', 'account', 'customer/C1/user/forgotten-1/token'],
    ['customer/C1/device/1042', 'account', 'customer/C1/device/1042'],
    ['customer/C1/user/104', 'account', 'customer/C1/user/104'],
    ['1042/client-7', 'own', 'forgotten-1/client-7'],
    ['1042', 'own', 'forgotten-1'],
    ['1042', 'account', '1042'],
    ['1042 holders, approved for 3', 'related', '1042 holders, approved for 3'],
    ['arn:x:AIDA4VRSGBPMDQFPSBPSB', 'account', 'arn:x:forgotten-1-2'],
    ['arn:x:AIDA4VRSGBPMDQFPSBPSB', 'elsewhere', 'arn:x:AIDA4VRSGBPMDQFPSBPSB'],
    // A login is a word to others.
    ['ada', 'account', 'forgotten-1'],
    ['ADA', 'elsewhere', 'ADA'],
    ['the language ada', 'account', 'the language ada'],
    ['ada is suspended', 'related', 'forgotten-1 is suspended'],
    ['users/details/ada-moor', 'own', 'users/details/forgotten-1'],
    ['ada-moor-2 and adamant', 'own', 'ada-moor-2 and adamant'],
    ['https://x.example/a%zz/1042', 'own', 'https://x.example/a%zz/forgotten-1'],
    // A path within a path.
    ['import/x/grant%2F1042%2Fclient', 'own', 'import/x/grant%2Fforgotten-1%2Fclient'],
    ['import/x/grant%2Fada.moor@corp.example', 'elsewhere', 'import/x/grant%2Fforgotten-1'],
    ['import/x%2520y/grant%2F104%2Fclient', 'own', 'import/x%2520y/grant%2F104%2Fclient'],
    // In the address of a page.
    [
      'https://x.example/#/users/details/Ada.Moor%40corp.example?section=a',
      'elsewhere',
      'https://x.example/#/users/details/forgotten-1?section=a',
    ],
    ['https://x.example/?next=%2Fusers%3Dada.moor%40corp.example%26b', 'elsewhere', 'https://x.example/?next=%2Fusers%3Dforgotten-1%26b'],
    ['x.example/?q=user%3Aada-moor%20or%20bob', 'own', 'x.example/?q=user%3Aforgotten-1%20or%20bob'],
    ['https://x.example/bada.moor%40corp.example', 'elsewhere', 'https://x.example/bada.moor%40corp.example'],
    ['https://x.example/x%2Bada.moor%40corp.example', 'elsewhere', 'https://x.example/x%2Bada.moor%40corp.example'],
    ['https://x.example/ada%40other.example', 'own', 'https://x.example/ada%40other.example'],
    ['', 'own', ''],
  ])('%s (%s)', (text, near, expected) => {
    expect(forget(text, near)).toBe(expected);
  });

  test('whatever the name is made of, it is taken as it is written', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }), (name) => {
        const one = forgetter({ ids: [], addresses: [], logins: [name], label: '✂' });
        expect(one(name, 'account')).toBe('✂');
        expect(one(`<${name}>`, 'elsewhere')).toBe(`<${name}>`);
      }),
    );
  });

  test('twice is as once', () => {
    for (const near of ['own', 'related', 'account', 'elsewhere'] as const) {
      const once = forget('ada 1042 user/1042 ada.moor@corp.example AIDA4VRSGBPMDQFPSBPSB', near);
      expect(forget(once, near)).toBe(once);
    }
  });
});
