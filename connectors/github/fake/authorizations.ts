import type { Company } from '../../../src/testing/company.ts';
import { accountOf } from './accounts.ts';
import { written } from './dates.ts';

/** Planted where a scanner has no business: the last characters of a token, and the fingerprint of a key. */
export const CREDENTIAL_CANARY = 'canary-last-eight-b61f09e3';

/** A credential that a member let in by single sign-on. */
export interface Authorization {
  id: number;
  owner: number;
  type: 'personal access token' | 'SSH key' | 'OAuth app token' | 'GitHub app token';
  /** A note on a token, a title of a key. */
  label: string | null;
  scopes?: readonly string[];
  age: number;
  /** Days after night 0; null = never. */
  left: number | null;
  since?: number;
}

const AUTHORIZATIONS: readonly Authorization[] = [
  { id: 700_101, owner: 1, type: 'personal access token', label: 'aider', scopes: ['repo', 'read:org'], age: 400, left: null },
  { id: 700_102, owner: 1, type: 'SSH key', label: 'ada@laptop', age: 800, left: null },
  { id: 700_103, owner: 2, type: 'OAuth app token', label: 'Cursor', scopes: ['repo', 'user:email'], age: 30, left: null },
  { id: 700_104, owner: 2, type: 'GitHub app token', label: null, age: 12, left: null },
  { id: 700_105, owner: 0, type: 'personal access token', label: 'release', scopes: ['repo'], age: 90, left: 30 },
  { id: 700_106, owner: 3, type: 'OAuth app token', label: 'Lovable', scopes: ['repo'], age: 0, left: null, since: 1 },
];

export function authorizationsOn(company: Company, night: number): readonly Authorization[] {
  return AUTHORIZATIONS.filter(({ owner, since }) => owner < company.people && night >= (since ?? 0));
}

/** As GitHub writes it. */
export function authorizationRow(fact: Authorization, company: Company, night: number) {
  const isKey = fact.type === 'SSH key';
  return {
    login: accountOf(company, fact.owner).login,
    credential_id: fact.id,
    credential_type: fact.type,
    ...(isKey ? { fingerprint: CREDENTIAL_CANARY } : { token_last_eight: CREDENTIAL_CANARY }),
    credential_authorized_at: written(fact.since === undefined ? company.ago(fact.age, 4) : company.ago(0, 3, fact.since)),
    ...(fact.scopes && { scopes: fact.scopes }),
    credential_accessed_at: written(company.ago(0, 2, night)),
    authorized_credential_id: fact.id + 41,
    ...(isKey ? { authorized_credential_title: fact.label } : { authorized_credential_note: fact.label }),
    authorized_credential_expires_at: fact.left === null ? null : written(company.ago(-fact.left)),
  };
}
