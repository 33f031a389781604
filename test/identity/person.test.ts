import { describe, expect, test } from 'vitest';
import { connector as aws } from '../../connectors/aws/index.ts';
import { connector as google } from '../../connectors/google-workspace/index.ts';
import type { PersonEvidence } from '../../src/connector/index.ts';
import { tiesOf, type Evidenced } from '../../src/identity/person.ts';

function at(connector: string, id: string, ...evidence: PersonEvidence[]): Evidenced {
  return { connector, account: `${connector} account`, id, evidence };
}

const address = (value: string): PersonEvidence => ({ by: 'verified_address', value });
const nameId = (value: string, issuer = 'idp.example'): PersonEvidence => ({ by: 'saml_name_id', value, issuer });
const user = (value: string, issuer = 'd-1'): PersonEvidence => ({ by: 'directory_user', value, issuer });

const told = (...all: Evidenced[]) =>
  [...tiesOf(all)].flatMap(([own, ties]) =>
    ties.map(({ other, by }) => `${own.connector}/${own.id} is ${other.connector}/${other.id}: ${by}`),
  );

describe('one person on several planes', () => {
  test('is told by an address that one verified and the other was asserted', () => {
    expect(told(at('mail', '1', address('Ada@corp.example')), at('code', '7', nameId(' ada@corp.example ')))).toEqual([
      'mail/1 is code/7: verified address = SAML NameID',
      'code/7 is mail/1: SAML NameID = verified address',
    ]);
  });

  test('is told by a user of one directory, and by the same NameID of one identity provider', () => {
    expect(told(at('cloud', 'r', user('u-1')), at('code', '7', user('u-1')))).toEqual([
      'cloud/r is code/7: user of the directory = user of the directory',
      'code/7 is cloud/r: user of the directory = user of the directory',
    ]);
    expect(told(at('cloud', 'r', nameId('S-1-5-21')), at('code', '7', nameId('S-1-5-21')))).toHaveLength(2);
  });

  test.each<[string, Evidenced[]]>([
    ['an id of another directory', [at('cloud', 'r', user('u-1', 'd-1')), at('code', '7', user('u-1', 'd-2'))]],
    ['a NameID of another identity provider', [at('cloud', 'r', nameId('ada', 'one')), at('code', '7', nameId('ada', 'two'))]],
    [
      'a NameID of an unknown one',
      [at('cloud', 'r', { by: 'saml_name_id', value: 'ada' }), at('code', '7', { by: 'saml_name_id', value: 'ada' })],
    ],
    ['another address', [at('mail', '1', address('ada@corp.example')), at('code', '7', nameId('ada@other.example'))]],
    ['nothing', [at('mail', '1', nameId('')), at('code', '7', nameId(' '))]],
    [
      'an id of a directory that looks like an address',
      [at('mail', '1', address('a@corp.example')), at('cloud', 'r', user('a@corp.example'))],
    ],
    ['a text that begins otherwise', [at('mail', '1', address('Ada a@corp.example')), at('code', '7', address('Ada a@corp.example'))]],
    ['a text that ends otherwise', [at('mail', '1', address('a@corp.example (old)')), at('code', '7', address('a@corp.example (old)'))]],
    [
      'letters that are alike in capitals only',
      [at('mail', '1', address('groß@corp.example')), at('code', '7', address('gross@corp.example'))],
    ],
    ['logins that are alike: they are no evidence, and have no place here', [at('mail', 'ada.corp'), at('code', 'ada-corp')]],
  ])('is not told by %s', (_, all) => {
    expect(told(...all)).toEqual([]);
  });

  test('is not guessed where two of one account state the same', () => {
    const twice = [at('code', '7', nameId('ada@corp.example')), at('code', '8', nameId('ADA@corp.example'))];
    expect(told(at('mail', '1', address('ada@corp.example')), ...twice)).toEqual([]);
  });

  test('one who states two things of himself is tied once by each', () => {
    const both = at('code', '7', address('ada@corp.example'), nameId('ada@corp.example'));
    expect(told(both)).toEqual([]);
    expect(told(both, at('mail', '1', address('ada@corp.example')))).toHaveLength(4);
  });

  test('who states the same twice is tied by it once', () => {
    const twice = at('code', '7', address('ada@corp.example'), address(' ADA@corp.example '));
    expect(told(twice, at('mail', '1', address('ada@corp.example')))).toHaveLength(2);
  });

  test('is tied to each of several who bear one id in other accounts and on other planes', () => {
    const ada = address('ada@corp.example');
    const others = [
      { connector: 'code', account: 'A1', id: '7', evidence: [ada] },
      { connector: 'code', account: 'A2', id: '7', evidence: [ada] },
      { connector: 'chat', account: 'A1', id: '7', evidence: [ada] },
    ];
    const own = at('mail', '1', ada);
    expect(tiesOf([own, ...others]).get(own)).toEqual(
      others.map(({ connector, account, id }) => ({ other: { connector, account, id }, by: 'verified address = verified address' })),
    );
  });
});

test('Google vouches for the address of a user who is there, and of nobody whose address may be somebody else’s by now', () => {
  const principal = { id: '1', name: 'Ada@corp.example', traits: [] };
  const listed = { kind: 'identity', attributes: {} } as const;
  expect(google.personBehind!({ ...listed, principal })).toEqual([{ by: 'verified_address', value: 'Ada@corp.example' }]);
  expect(google.personBehind!({ ...listed, principal: { ...principal, standing: 'suspended' } })).toHaveLength(1);
  expect(google.personBehind!({ ...listed, principal: { ...principal, standing: 'deleted' } })).toEqual([]);
  // Who is in a group is named by whatever address the group has of him.
  expect(google.personBehind!({ kind: 'control', attributes: {}, principal })).toEqual([]);
  // A guest has an address of another organisation.
  expect(google.personBehind!({ ...listed, principal: { ...principal, traits: ['external'] } })).toEqual([]);
});

test('of AWS a user and a role are of two sorts, however a fact knows the user', () => {
  expect(['AIDA4VRSGBPMDQFPSBPSB', 'user-name/deploy', 'AROA4VRSGBPMDQFPSBPSB', '210987654321'].map((id) => aws.sortOf!(id))).toEqual([
    'user',
    'user',
    'role',
    undefined,
  ]);
});
