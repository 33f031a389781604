import type { People } from '../../src/connector/index.ts';
import { STORE_USER } from './identity-store.ts';
import { isKeyHolder } from './principals.ts';

const USER_ID = /^AIDA[A-Z0-9]+$/;
/** Whom a policy names: a user, or a session, which is named after whoever opened it. */
const NAMED = /^arn:[^:]*:(?:iam|sts)::\d*:(?:user|assumed-role|federated-user)\//;

/**
 * A user may be a person's or a program's, and AWS does not say which: all users count as people, but for those that the console makes for a
 * key. A role is assumed by many, and nobody's own; the root user is the account's. Which form ids have:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export const people: People = {
  isPerson(segment, before) {
    if (before.at(-1) === 'user-name') return !isKeyHolder(segment);
    if (before.at(-1) === STORE_USER) return true;
    // Behind the id of a role stands its session.
    if (USER_ID.test(segment) || /^AROA[A-Z0-9]+:/.test(segment)) return true;
    return segment.startsWith('AROA') || segment === 'root' ? false : undefined;
  },
  inAttribute(name, value) {
    // The tag of that name. What Identity Center calls an owner is the number of an account.
    if (name === 'owner') return !/^\d{12}$/.test(value);
    // As an identity provider knows a user of Identity Center.
    if (name === 'externalId') return true;
    return name === 'principals' && (USER_ID.test(value) || NAMED.test(value));
  },
  isProgram: isKeyHolder,
};
