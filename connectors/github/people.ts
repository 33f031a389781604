import type { People } from '../../src/connector/index.ts';

/** Words of our paths behind which the id or the login of a user stands. */
const BEFORE = new Set(['user', 'login', 'members']);

/** Attributes that hold a user's login or id, or as whom an identity provider knows the user. */
const ATTRIBUTES = new Set(['actor', 'makerUser', 'makerUserId', 'nameId', 'userName']);

/** Logins of Apps end in `[bot]`, which no user's can: https://docs.github.com/en/graphql/reference/objects#bot */
export const people: People = {
  isPerson(_segment, before) {
    const last = before.at(-1);
    return (last !== undefined && BEFORE.has(last)) || (last === 'copilot' && /^seats?$/.test(before.at(-2) ?? '')) || undefined;
  },
  inAttribute: (name) => ATTRIBUTES.has(name),
  isProgram: (name) => name.endsWith('[bot]'),
};
