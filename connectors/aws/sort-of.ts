import { isPseudonym } from '../../src/connector/index.ts';

/**
 * A user and a role of one account may bear one name. Ids of users begin with AIDA and those of roles with AROA; a fact that knows a user
 * by name has `user-name/…` (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids).
 * Pseudonyms stand for users alone.
 */
export function sortOf(principalId: string): 'user' | 'role' | undefined {
  if (principalId.startsWith('AIDA') || principalId.startsWith('user-name/') || isPseudonym(principalId)) return 'user';
  return principalId.startsWith('AROA') ? 'role' : undefined;
}
