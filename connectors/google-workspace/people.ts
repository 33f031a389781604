import type { People } from '../../src/connector/index.ts';

/** Attributes that hold a user's id or address. */
const ATTRIBUTES = new Set(['email', 'inTheNameOf', 'user']);

/** Users and service accounts have ids of one form: which an id is, the word before it tells, and of a principal its traits. */
export const people: People = {
  isPerson: (_segment, before) => before.at(-1) === 'user' || (before.at(-1) === 'member' && before.at(-3) === 'group') || undefined,
  inAttribute: (name) => ATTRIBUTES.has(name),
  // https://docs.cloud.google.com/iam/docs/service-account-types
  isProgram: (name) => /[@.]gserviceaccount\.com$/i.test(name),
};
