import { expect, test } from 'vitest';
import { people } from '../../../connectors/aws/people.ts';

test.each([
  ['a user of another account', 'arn:aws:iam::444455556666:user/sales/ada.moor', true],
  ['a session of a role, which is named after whoever holds it', 'arn:aws:sts::444455556666:assumed-role/analysts/ada@corp', true],
  ['a federated user', 'arn:aws-us-gov:sts::444455556666:federated-user/ada', true],
  ['a user who was deleted', 'AIDAJQABLZS4A3QDU576Q', true],
  ['a role', 'arn:aws:iam::444455556666:role/user/reader', false],
  ['an account', '444455556666', false],
  ['the root of an account', 'arn:aws:iam::444455556666:root', false],
  ['a service', 'lambda.amazonaws.com', false],
  ['a role that was deleted', 'AROAJQABLZS4A3QDU576Q', false],
])('whom a role lets in: %s is a person, or is none', (_who, principal, isPerson) => {
  expect(people.inAttribute!('principals', principal)).toBe(isPerson);
});

test('the session of a role is somebody’s, and the role is nobody’s own', () => {
  expect([people.isPerson('AROAJQABLZS4A3QDU576Q', []), people.isPerson('AROAJQABLZS4A3QDU576Q:ada.moor', [])]).toEqual([false, true]);
});

test('what follows the word for a user of Identity Center is somebody, wherever it stands, and so is the id that an identity provider gave him', () => {
  const user = '1234567890-0a1b2c3d-0000-1111-2222-333344445555';
  expect([people.isPerson(user, ['account', '1', 'identity_store_user']), people.isPerson(user, ['q_application'])]).toEqual([
    true,
    undefined,
  ]);
  expect([people.inAttribute!('externalId', '00u1'), people.inAttribute!('issuer', 'https://idp.example')]).toEqual([true, false]);
});
